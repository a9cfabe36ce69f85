#include "sweep/attacks.h"
#include "core/attack_source.h"

#include <string.h>

/* Cells differ in what they are, not in what their attacks choose: any will do
 * to ask for it. */
static struct attack_choice make_attack(const struct experiment *experiment,
                                 const struct cell *cell, size_t i,
                                 struct arena *arena)
{
    struct attack_choice attack = {.first = space_first_equal(experiment, i)};
    struct spec alone = {.at = {{NULL, NULL}}};
    struct spec spec = space_evaluation(experiment, cell, i, arena).spec;
    for (size_t k = 0; k < ATTACKS_N_AXES; k++)
        attack.at[k] = alone.at[SPEC_ATTACK + k] = spec.at[SPEC_ATTACK + k];
    if (!attack_source_is_other(&alone)) /* that says which, by the cell */
        attack.identity = spec_print_identity(&alone, arena);
    attack.full = spec_print(&alone, true, arena);
    return attack;
}

struct attacks attacks_open(const struct experiment *experiment,
                            const struct cells *cells, struct arena *arena)
{
    size_t n = cells->n ? space_count_attacks(experiment) : 0;
    struct attack_choice *at = ARENA_ARRAY(arena, struct attack_choice, n);
    for (size_t i = 0; i < n; i++)
        at[i] = make_attack(experiment, &cells->at[0], i, arena);
    struct attacks attacks = {
        .experiment = experiment, .arena = arena, .n = n, .at = at};
    attacks.texts =
        arena_take(arena, SPEC_ATTACK * sizeof *attacks.texts);
    return attacks;
}

struct spec attacks_spec(const struct attacks *attacks,
                         const struct cell *cell, size_t i_attack)
{
    struct spec spec = cell->spec;
    MUST(i_attack < attacks->n);
    memcpy(&spec.at[SPEC_ATTACK], attacks->at[i_attack].at,
           sizeof attacks->at[i_attack].at);
    return spec;
}

static struct digest digest_together(const char *cell, const char *attack)
{
    struct arena arena = arena_open();
    size_t n_cell = strlen(cell), n_attack = strlen(attack);
    char *text = arena_take(&arena, n_cell + n_attack + 1);
    memcpy(text, cell, n_cell);
    memcpy(text + n_cell, attack, n_attack);
    struct digest digest = digest_of(text, n_cell + n_attack);
    arena_close(&arena);
    return digest;
}

struct evaluation attacks_evaluate(const struct attacks *attacks,
                                   const struct cell *cell,
                                   const char *identity, size_t i_attack,
                                   struct arena *arena)
{
    const struct attack_choice *attack = &attacks->at[i_attack];
    struct evaluation evaluation = {
        .spec = attacks_spec(attacks, cell, i_attack)};
    /* Which of equal attacks is the first may depend on the cell. */
    bool may_differ = attacks->experiment->n_whens && attack->first < i_attack;
    if (cell->pruned || cell->only_source || may_differ ||
        attack_source_is_other(&evaluation.spec))
        return space_evaluation(attacks->experiment, cell, i_attack, arena);
    evaluation.digest = digest_together(identity, attack->identity);
    evaluation.pruned = space_prune_attack(attacks->experiment, i_attack,
                                           &evaluation.spec, arena);
    if (!evaluation.pruned && attack->first < i_attack)
        evaluation.pruned =
            arena_print(arena, "the same as attack %zu", attack->first);
    return evaluation;
}

/* texts --------------------------------------------------------------- */

static void renew(struct attacks_text *text, const struct choice *choice,
                  size_t axis, struct arena *arena)
{
    struct arena scratch = arena_open();
    struct spec alone = {.at = {{NULL, NULL}}};
    alone.at[axis] = *choice;
    const char *printed = spec_print(&alone, true, &scratch);
    text->n = strlen(printed);
    if (text->n >= text->capacity) {
        text->capacity = 2 * text->n + 256;
        text->at = arena_take(arena, text->capacity);
    }
    memcpy(text->at, printed, text->n);
    text->params = choice->params;
    arena_close(&scratch);
}

static const struct attacks_text *find(struct attacks *attacks, size_t axis,
                                       const struct choice *choice)
{
    /* Parameters begin at multiples of the arena's alignment; the mixing is
     * that of Fibonacci. */
    uint64_t place = (uint64_t)(uintptr_t)choice->params / ARENA_ALIGNMENT;
    size_t slot = (place * UINT64_C(0x9e3779b97f4a7c15)) >> 58;
    struct attacks_text *text = &attacks->texts[axis][slot];
    if (text->params != choice->params || !text->params)
        renew(text, choice, axis, attacks->arena);
    return text;
}

const char *attacks_print(struct attacks *attacks, const struct cell *cell,
                          size_t i_attack, struct arena *arena)
{
    const struct attacks_text *texts[SPEC_ATTACK];
    const char *attack =
        i_attack < attacks->n ? attacks->at[i_attack].full : "";
    size_t n = strlen(attack) + 1;
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        texts[axis] = find(attacks, axis, &cell->spec.at[axis]);
        n += texts[axis]->n;
    }
    char *text = arena_take(arena, n), *end = text;
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        memcpy(end, texts[axis]->at, texts[axis]->n);
        end += texts[axis]->n;
    }
    strcpy(end, attack);
    return text;
}
