#include "core/spec_memo.h"
#include "core/attack_source.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 1024 };

/* What is not said of an attack is at its default once there is one. */
static void find_fallbacks(struct spec_memo *memo)
{
    struct spec spec = spec_defaults(&memo->arena);
    for (enum spec_axis i = 0; i < SPEC_N_AXES; i++) {
        const struct axis *axis = spec_axes[i];
        if (i > SPEC_ATTACK) {
            const struct kind *kind = kind_find(axis, axis->fallback);
            MUST(kind);
            spec.at[i] =
                (struct choice){kind, kind_defaults(kind, &memo->arena)};
        }
        memo->fallback[i] =
            i == SPEC_ATTACK
                ? ""
                : spec_print_axis(i, spec.at[i], &memo->arena);
    }
}

struct spec_memo spec_memo_open(void)
{
    struct spec_memo memo = {.arena = arena_open(), .n_slots = SLOTS_FIRST};
    memo.slots = calloc(memo.n_slots, sizeof *memo.slots);
    MUST(memo.slots);
    find_fallbacks(&memo);
    return memo;
}

void spec_memo_close(struct spec_memo *memo)
{
    free(memo->slots);
    free(memo->text);
    arena_close(&memo->arena);
}

/* parts --------------------------------------------------------------- */

static struct spec_memo_part *find_slot(const struct spec_memo *memo,
                                        const char *lines, size_t n)
{
    size_t i = digest_of(lines, n).low & (memo->n_slots - 1);
    while (memo->slots[i].lines &&
           (memo->slots[i].n != n || memcmp(memo->slots[i].lines, lines, n)))
        i = (i + 1) & (memo->n_slots - 1);
    return &memo->slots[i];
}

static void grow(struct spec_memo *memo)
{
    struct spec_memo old = *memo;
    memo->n_slots *= 2;
    memo->slots = calloc(memo->n_slots, sizeof *memo->slots);
    MUST(memo->slots);
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].lines)
            *find_slot(memo, old.slots[i].lines, old.slots[i].n) =
                old.slots[i];
    free(old.slots);
}

/* Lines that are refused by themselves may be good behind others. */
static struct spec_memo_part read_part(struct spec_memo *memo,
                                       const char *lines, size_t n)
{
    struct arena scratch = arena_open();
    struct spec spec;
    struct spec_memo_part part = {
        .n = n, .axis = spec_find_axis(lines, strcspn(lines, " "))};
    char *copy = arena_take(&memo->arena, n + 1);
    memcpy(copy, lines, n);
    copy[n] = '\0';
    part.lines = copy;
    if (part.axis == SPEC_N_AXES ||
        spec_parse(copy, &spec, &scratch) != STATUS_OK)
        status_forget();
    else if (part.axis != SPEC_ATTACK_SOURCE || !attack_source_is_other(&spec))
        part.identity =
            spec_print_axis(part.axis, spec.at[part.axis], &memo->arena);
    arena_close(&scratch);
    return part;
}

static const struct spec_memo_part *get_part(struct spec_memo *memo,
                                             const char *lines, size_t n)
{
    if (2 * memo->n >= memo->n_slots)
        grow(memo);
    struct spec_memo_part *slot = find_slot(memo, lines, n);
    if (!slot->lines) {
        *slot = read_part(memo, lines, n);
        memo->n++;
    }
    return slot;
}

/* specs --------------------------------------------------------------- */

/* The length of the first axis' lines: up to the next line without a dot. */
static size_t measure(const char *text)
{
    const char *at = text;
    do {
        at += strcspn(at, "\n");
        at += *at == '\n';
    } while (*at && at[strcspn(at, ". \n")] == '.');
    return (size_t)(at - text);
}

/* False: the whole has to be parsed. */
static bool take(struct spec_memo *memo, const char *text,
                 const char *identity[SPEC_N_AXES])
{
    for (size_t n; *text; text += n) {
        n = measure(text);
        const struct spec_memo_part *part = get_part(memo, text, n);
        if (!part->identity || identity[part->axis])
            return false;
        identity[part->axis] = part->identity;
    }
    return true;
}

static struct digest digest_parts(struct spec_memo *memo,
                                  const char *const identity[SPEC_N_AXES])
{
    const char *texts[SPEC_N_AXES];
    size_t lengths[SPEC_N_AXES], n = 0;
    for (size_t i = 0; i < SPEC_N_AXES; i++) {
        bool there = i < SPEC_ATTACK || identity[SPEC_ATTACK];
        texts[i] = identity[i] ? identity[i] : there ? memo->fallback[i] : "";
        n += lengths[i] = strlen(texts[i]);
    }
    if (n > memo->size) {
        memo->size = 2 * n;
        memo->text = realloc(memo->text, memo->size);
        MUST(memo->text);
    }
    char *end = memo->text;
    for (size_t i = 0; i < SPEC_N_AXES; i++)
        end = mempcpy(end, texts[i], lengths[i]);
    return digest_of(memo->text, n);
}

static enum status digest_whole(const char *cell, const char *attack,
                                struct digest *digest)
{
    struct arena arena = arena_open();
    struct spec spec;
    enum status status = spec_parse(arena_print(&arena, "%s\n%s", cell, attack),
                                    &spec, &arena);
    if (status == STATUS_OK)
        *digest = spec_digest(&spec);
    arena_close(&arena);
    return status;
}

enum status spec_memo_digest(struct spec_memo *memo, const char *cell,
                             const char *attack, struct digest *digest)
{
    const char *identity[SPEC_N_AXES] = {NULL};
    if (!take(memo, cell, identity) || !take(memo, attack, identity))
        return digest_whole(cell, attack, digest);
    *digest = digest_parts(memo, identity);
    return STATUS_OK;
}
