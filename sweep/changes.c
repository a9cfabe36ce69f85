#include "sweep/changes.h"
#include "core/settings.h"
#include "io/durable.h"
#include "sweep/attacks.h"

#include <stdlib.h>
#include <string.h>

/* tallies ------------------------------------------------------------- */

/* A setting of a kind, and how many cells (or attacks) have it. */
struct entry {
    const char *kind, *key, *value;
    size_t n;
};

struct tally {
    size_t n, capacity;
    struct entry *at;
    struct arena *arena;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    if (order == 0)
        order = strcmp(x->kind, y->kind);
    if (order == 0)
        order = settings_compare_values(x->key, x->value, y->value);
    return order ? order : strcmp(x->value, y->value);
}

static void add_entry(struct tally *tally, struct entry entry)
{
    if (tally->n == tally->capacity) {
        const struct entry *old = tally->at;
        tally->capacity = 2 * tally->capacity + 64;
        tally->at = ARENA_ARRAY(tally->arena, struct entry, tally->capacity);
        if (tally->n)
            memcpy(tally->at, old, tally->n * sizeof *old);
    }
    tally->at[tally->n++] = entry;
}

/* What one choice sets, of n cells. */
static void add_choice(struct tally *tally, size_t axis,
                       const struct choice *choice, size_t n)
{
    struct spec alone = {.at = {{NULL, NULL}}};
    alone.at[axis] = *choice;
    struct settings settings =
        settings_parse(spec_print(&alone, false, tally->arena), tally->arena);
    for (size_t i = 0; i < settings.n; i++) {
        const char *key = settings.at[i].key;
        const char *kind = strchr(key, '.') ? choice->kind->name : "";
        add_entry(tally, (struct entry){kind, key, settings.at[i].value, n});
    }
}

/* Entries that are the same become one. */
static void settle(struct tally *tally)
{
    size_t n = 0;
    if (tally->n)
        qsort(tally->at, tally->n, sizeof *tally->at, compare_entries);
    for (size_t i = 0; i < tally->n; i++)
        if (n && compare_entries(&tally->at[n - 1], &tally->at[i]) == 0)
            tally->at[n - 1].n += tally->at[i].n;
        else
            tally->at[n++] = tally->at[i];
    tally->n = n;
}

static int by_params(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->params > y->params) - (x->params < y->params);
}

/* Cells share their choices: each is printed once. */
static void tally_axis(struct tally *tally, const struct cells *cells,
                       size_t axis)
{
    struct arena scratch = arena_open();
    struct choice *choices = ARENA_ARRAY(&scratch, struct choice, cells->n);
    for (size_t i = 0; i < cells->n; i++)
        choices[i] = cells->at[i].spec.at[axis];
    if (cells->n)
        qsort(choices, cells->n, sizeof *choices, by_params);
    for (size_t i = 0, next; i < cells->n; i = next) {
        for (next = i + 1;
             next < cells->n && by_params(&choices[i], &choices[next]) == 0;)
            next++;
        add_choice(tally, axis, &choices[i], next - i);
    }
    arena_close(&scratch);
}

static struct tally tally_cells(const struct cells *cells, struct arena *arena)
{
    struct tally tally = {.arena = arena};
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        tally_axis(&tally, cells, axis);
    settle(&tally);
    return tally;
}

static struct tally tally_attacks(const struct attacks *attacks,
                                  struct arena *arena)
{
    struct tally tally = {.arena = arena};
    for (size_t k = 0; k < attacks->n; k++)
        for (size_t i = 0; i < ATTACKS_N_AXES; i++)
            if (attacks->at[k].first == k)
                add_choice(&tally, SPEC_ATTACK + i, &attacks->at[k].at[i], 1);
    settle(&tally);
    return tally;
}

/* comparing ----------------------------------------------------------- */

static bool has_entry(const struct tally *tally, const struct entry *entry)
{
    return tally->n && bsearch(entry, tally->at, tally->n, sizeof *tally->at,
                               compare_entries);
}

/* Parameters of a kind are compared if both have the kind. */
static bool has_key(const struct tally *tally, const struct entry *entry)
{
    for (size_t i = 0; i < tally->n; i++)
        if (strcmp(tally->at[i].key, entry->key) == 0 &&
            strcmp(tally->at[i].kind, entry->kind) == 0)
            return true;
    return false;
}

static const char *name_key(const struct entry *entry, struct arena *arena)
{
    const char *dot = strchr(entry->key, '.');
    bool is_attack = strncmp(entry->key, "attack", 6) == 0;
    return is_attack && dot
               ? arena_print(arena, "attack %s%s", entry->kind, dot)
               : entry->key;
}

/* "2, 3 (8 cells)": values of this key that only `mine` has; "" if none. */
static const char *list_own(const struct tally *mine, const struct tally *other,
                            const struct entry *key, const char *unit,
                            struct arena *arena)
{
    enum { SHOWN = 6 };
    const char *text = "";
    size_t n = 0, n_values = 0;
    for (size_t i = 0; i < mine->n; i++) {
        const struct entry *entry = &mine->at[i];
        if (strcmp(entry->key, key->key) || strcmp(entry->kind, key->kind) ||
            has_entry(other, entry))
            continue;
        n += entry->n;
        if (n_values++ < SHOWN)
            text = arena_print(arena, "%s%s%s", text, *text ? ", " : "",
                               entry->value);
    }
    if (n_values > SHOWN)
        text = arena_print(arena, "%s and %zu more", text, n_values - SHOWN);
    return n ? arena_print(arena, "%s (%zu %s%s)", text, n, unit,
                           n == 1 ? "" : "s")
             : "";
}

static const char *compare_key(const struct tally *old, const struct tally *new,
                               const struct entry *key, const char *unit,
                               struct arena *arena)
{
    const char *gone = list_own(old, new, key, unit, arena);
    const char *come = list_own(new, old, key, unit, arena);
    const char *name = name_key(key, arena);
    if (*gone && *come)
        return arena_print(arena, "%s: %s became %s\n", name, gone, come);
    if (*gone)
        return arena_print(arena, "%s: %s is no longer there\n", name, gone);
    return *come ? arena_print(arena, "%s: %s is new\n", name, come) : "";
}

/* Every key once: kinds' names in any case. */
static const char *compare_keys(const struct tally *old,
                                const struct tally *new,
                                const struct tally *keys, const char *unit,
                                struct arena *arena)
{
    const char *lines = "";
    for (size_t i = 0; i < keys->n; i++) {
        const struct entry *key = &keys->at[i];
        bool in_old = has_key(old, key), in_new = has_key(new, key);
        bool is_next = i == 0 || strcmp(key[-1].key, key->key) ||
                       strcmp(key[-1].kind, key->kind);
        bool told_already = keys == new &&in_old;
        if (is_next && !told_already && ((in_old && in_new) || !*key->kind))
            lines = arena_print(arena, "%s%s", lines,
                                compare_key(old, new, key, unit, arena));
    }
    return lines;
}

static const char *compare_tallies(const struct tally *old,
                                   const struct tally *new, const char *unit,
                                   struct arena *arena)
{
    return arena_print(arena, "%s%s", compare_keys(old, new, old, unit, arena),
                       compare_keys(old, new, new, unit, arena));
}

/* counting ------------------------------------------------------------ */

static int by_digest(const void *a, const void *b)
{
    return digest_compare(*(const struct digest *)a, *(const struct digest *)b);
}

static struct digest *sort_cells(const struct cells *cells, struct arena *arena)
{
    struct digest *digests = ARENA_ARRAY(arena, struct digest, cells->n + 1);
    for (size_t i = 0; i < cells->n; i++)
        digests[i] = cells->at[i].digest;
    if (cells->n)
        qsort(digests, cells->n, sizeof *digests, by_digest);
    return digests;
}

static size_t count_common(const struct cells *a, const struct cells *b,
                           struct arena *arena)
{
    const struct digest *x = sort_cells(a, arena), *y = sort_cells(b, arena);
    size_t n = 0;
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        int order = by_digest(&x[i], &y[k]);
        n += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    return n;
}

static bool has_attack(const struct attacks *attacks, const char *identity)
{
    for (size_t k = 0; k < attacks->n; k++)
        if (strcmp(attacks->at[k].identity, identity) == 0)
            return true;
    return false;
}

/* Attacks of the one that the other does not have; all in `n`. */
static size_t count_own(const struct attacks *mine, const struct attacks *other,
                        size_t *n)
{
    size_t n_own = 0;
    *n = 0;
    for (size_t k = 0; k < mine->n; k++)
        if (mine->at[k].first == k) {
            ++*n;
            n_own += !has_attack(other, mine->at[k].identity);
        }
    return n_own;
}

struct changes changes_find(const struct experiment *old,
                            const struct cells *old_cells,
                            const struct experiment *new,
                            const struct cells *new_cells, struct arena *arena)
{
    struct arena scratch = arena_open();
    struct attacks before = attacks_open(old, old_cells, &scratch);
    struct attacks now = attacks_open(new, new_cells, &scratch);
    size_t n, n_kept = count_common(old_cells, new_cells, &scratch);
    struct changes changes = {.n_kept = n_kept,
                              .n_added = new_cells->n - n_kept,
                              .n_removed = old_cells->n - n_kept};
    changes.attacks_added = count_own(&now, &before, &n);
    changes.attacks_removed = count_own(&before, &now, &n);
    changes.attacks_kept = n - changes.attacks_removed;
    struct tally cells[] = {tally_cells(old_cells, &scratch),
                            tally_cells(new_cells, &scratch)};
    struct tally attacks[] = {tally_attacks(&before, &scratch),
                              tally_attacks(&now, &scratch)};
    changes.lines = arena_print(
        arena, "%s%s", compare_tallies(&cells[0], &cells[1], "cell", &scratch),
        compare_tallies(&attacks[0], &attacks[1], "attack", &scratch));
    arena_close(&scratch);
    return changes;
}

/* telling ------------------------------------------------------------- */

static const char *count_text(const char *what, size_t kept, size_t added,
                              size_t removed, struct arena *arena)
{
    return arena_print(arena, "%s: %zu as before, %zu new, %zu no longer there",
                       what, kept, added, removed);
}

const char *changes_print(const struct changes *changes, struct arena *arena)
{
    size_t cells = changes->n_added + changes->n_removed;
    size_t attacks = changes->attacks_added + changes->attacks_removed;
    if (cells + attacks == 0)
        return NULL;
    const char *text = arena_print(
        arena, "the experiment has changed since the last run here; %s; %s",
        count_text("cells", changes->n_kept, changes->n_added,
                   changes->n_removed, arena),
        count_text("attacks", changes->attacks_kept, changes->attacks_added,
                   changes->attacks_removed, arena));
    for (const char *line = changes->lines; *line;) {
        int n = (int)strcspn(line, "\n");
        text = arena_print(arena, "%s\n  %.*s", text, n, line);
        line += n + (line[n] == '\n');
    }
    if (changes->n_removed + changes->attacks_removed > 0)
        text = arena_print(arena,
                           "%s\n  what is no longer there keeps its "
                           "results, and none of them counts for what "
                           "is new",
                           text);
    return text;
}

static bool is_same_text(const char *path, const char *text)
{
    struct bytes bytes = {0};
    bool same = durable_read(path, &bytes) == STATUS_OK &&
                bytes.n == strlen(text) && memcmp(bytes.at, text, bytes.n) == 0;
    status_forget();
    bytes_free(&bytes);
    return same;
}

const char *changes_since(const char *folder, const struct experiment *now,
                          struct arena *arena)
{
    struct arena scratch = arena_open();
    struct experiment old;
    const char *path = arena_print(&scratch, "%s/experiment.cfg", folder);
    const char *text = NULL;
    enum status status = STATUS_OK;
    if (!is_same_text(path, now->text))
        status = experiment_read(path, &scratch, &old);
    else
        old = *now;
    if (status == STATUS_OK && old.text != now->text) {
        struct cells before = space_enumerate(&old, &scratch);
        struct cells after = space_enumerate(now, &scratch);
        struct changes changes =
            changes_find(&old, &before, now, &after, arena);
        text = changes_print(&changes, arena);
    } else if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        text = arena_print(arena,
                           "%s; so what has changed since the last run here "
                           "cannot be told",
                           status_reason());
    }
    status_forget();
    arena_close(&scratch);
    return text;
}
