#include "core/attack_source.h"
#include "sweep/space_parts.h"

#include <string.h>

/* pruning ------------------------------------------------------------- */

static bool condition_holds(const struct condition *condition,
                            const struct spec *spec, struct arena *arena)
{
    const struct choice *choice = &spec->at[condition->axis];
    if (!choice->kind)
        return false;
    const char *text = choice->kind->name;
    if (condition->row) {
        const struct row *row = kind_find_row(choice->kind, condition->row);
        if (!row)
            return false;
        text = row_print(row, choice->params, arena);
    }
    for (size_t i = 0; i < condition->values.n; i++)
        if (!strcmp(condition->values.texts[i], text))
            return true;
    return false;
}

static bool rule_holds(const struct rule *rule, const struct spec *spec,
                       struct arena *arena)
{
    for (size_t i = 0; i < rule->n; i++)
        if (!condition_holds(&rule->conditions[i], spec, arena))
            return false;
    return true;
}

static const struct rule *find_rule(const struct experiment *experiment,
                                    const struct spec *spec)
{
    const struct rule *found = NULL;
    struct arena arena = arena_open();
    for (size_t i = 0; i < experiment->n_rules && !found; i++)
        if (rule_holds(&experiment->rules[i], spec, &arena))
            found = &experiment->rules[i];
    arena_close(&arena);
    return found;
}

const char *space_prune(const struct experiment *experiment,
                        const struct spec *spec, struct arena *arena)
{
    const struct rule *rule = find_rule(experiment, spec);
    return rule ? arena_print(arena, "excluded by %s:%d", rule->file,
                              rule->line)
                : spec_objection(spec, arena);
}

/* single cells -------------------------------------------------------- */

/* Cells that differ in the seed alone are neighbours. */
struct cell space_cell(const struct experiment *experiment, size_t i,
                       struct arena *arena)
{
    struct cell cell = {.pruned = NULL};
    size_t counts[SPEC_ATTACK], at[SPEC_ATTACK];
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        counts[axis] = space_count_alternatives(&experiment->axes[axis]);
    space_find_point(experiment, i, counts, at);
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        struct pick pick = space_pick(&experiment->axes[axis], at[axis]);
        cell.spec.at[axis] = space_pick_choice(&pick, arena);
    }
    cell.digest = spec_digest(&cell.spec);
    cell.pruned = space_prune(experiment, &cell.spec, arena);
    return cell;
}

size_t space_first_equal(const struct experiment *experiment, size_t i)
{
    const struct alternatives *attacks = &experiment->attacks;
    struct pick pick = space_pick(attacks, i);
    for (size_t k = 0; k < i; k++) {
        struct pick other = space_pick(attacks, k);
        if (space_attacks_equal(&pick, &other))
            return k;
    }
    return i;
}

/* Finds the cell that the attack is made on; returns what is wrong with it. */
static const char *find_source(struct evaluation *evaluation,
                               struct arena *arena)
{
    struct spec asked;
    if (attack_source_find(&evaluation->spec, &asked, arena) != STATUS_OK) {
        const char *reason = arena_copy_text(arena, status_reason());
        status_forget();
        return reason;
    }
    evaluation->has_source = true;
    evaluation->source = spec_without_attack(asked);
    evaluation->source_digest = spec_digest(&evaluation->source);
    const char *objection = spec_objection(&asked, arena);
    return objection ? arena_print(arena, "attack_source: its %s", objection)
                     : NULL;
}

struct evaluation space_evaluation(const struct experiment *experiment,
                                   const struct cell *cell, size_t i_attack,
                                   struct arena *arena)
{
    MUST(i_attack < space_count_attacks(experiment));
    struct pick pick = space_pick(&experiment->attacks, i_attack);
    struct evaluation evaluation = {.spec = cell->spec};
    evaluation.spec.at[SPEC_ATTACK] = space_pick_choice(&pick, arena);
    for (size_t way = 0; way < EXPERIMENT_WAYS; way++) {
        struct pick by = space_pick_way(&pick, way);
        evaluation.spec.at[SPEC_ATTACK + 1 + way] =
            space_pick_choice(&by, arena);
    }
    evaluation.digest = spec_digest(&evaluation.spec);
    evaluation.pruned =
        cell->only_source ? "the cell is only a source of attacks on others"
        : cell->pruned    ? cell->pruned
                          : space_prune(experiment, &evaluation.spec, arena);
    if (!evaluation.pruned && attack_source_is_other(&evaluation.spec))
        evaluation.pruned = find_source(&evaluation, arena);
    size_t first = space_first_equal(experiment, i_attack);
    if (!evaluation.pruned && first < i_attack)
        evaluation.pruned = arena_print(arena, "the same as attack %zu", first);
    return evaluation;
}

/* all cells ----------------------------------------------------------- */

/* An axis' choices, made once and shared by all cells, with their part of the
 * the text that makes the identity. */
struct shelf {
    size_t n;
    struct choice *choices;
    const char **texts;
};

static struct shelf fill_shelf(const struct alternatives *alternatives,
                               size_t axis, struct arena *arena,
                               struct arena *scratch)
{
    size_t n = space_count_alternatives(alternatives);
    struct shelf shelf = {n, ARENA_ARRAY(arena, struct choice, n),
                          ARENA_ARRAY(scratch, const char *, n)};
    for (size_t i = 0; i < n; i++) {
        struct pick pick = space_pick(alternatives, i);
        struct spec alone = {.at = {{NULL, NULL}}};
        alone.at[axis] = space_pick_choice(&pick, arena);
        shelf.choices[i] = alone.at[axis];
        shelf.texts[i] = spec_print_identity(&alone, scratch);
    }
    return shelf;
}

/* A set of cells by digest: indices from 1 on in an open hash table. */
struct digest_set {
    size_t n_slots; /* a power of two */
    size_t *slots;
};

static struct digest_set digest_set_open(size_t n, struct arena *scratch)
{
    size_t n_slots = 16;
    while (n_slots < 2 * n)
        n_slots *= 2;
    return (struct digest_set){n_slots, ARENA_ARRAY(scratch, size_t, n_slots)};
}

/* Adds the last of the cells; false if one of the same digest is there. */
static bool digest_set_add(struct digest_set *set, const struct cells *cells,
                           struct digest digest)
{
    size_t slot = (size_t)digest.low & (set->n_slots - 1);
    for (; set->slots[slot]; slot = (slot + 1) & (set->n_slots - 1))
        if (digest_equal(cells->at[set->slots[slot] - 1].digest, digest))
            return false;
    set->slots[slot] = cells->n + 1;
    return true;
}

/* The i-th combination from the shelves. Its identity is that of spec_digest,
 * of parts that are there already. */
static struct cell assemble(const struct experiment *experiment,
                            const struct shelf *shelves, size_t i)
{
    struct cell cell = {.pruned = NULL};
    const char *texts[SPEC_ATTACK];
    size_t counts[SPEC_ATTACK], at[SPEC_ATTACK];
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        counts[axis] = shelves[axis].n;
    space_find_point(experiment, i, counts, at);
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        cell.spec.at[axis] = shelves[axis].choices[at[axis]];
        texts[axis] = shelves[axis].texts[at[axis]];
    }
    struct arena arena = arena_open();
    size_t n = 0;
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        n += strlen(texts[axis]);
    char *text = arena_take(&arena, n + 1), *end = text;
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        end = stpcpy(end, texts[axis]);
    cell.digest = digest_of(text, n);
    arena_close(&arena);
    return cell;
}

static void sort_in(const struct experiment *experiment, struct cells *cells,
                    struct digest_set *set, struct cell cell,
                    struct arena *scratch)
{
    if (space_prune(experiment, &cell.spec, scratch))
        cells->n_pruned++;
    else if (!digest_set_add(set, cells, cell.digest))
        cells->n_doubled++;
    else
        cells->at[cells->n++] = cell;
}

static size_t count_sources(const struct experiment *experiment)
{
    size_t n = 0;
    const struct alternatives *sources =
        experiment_alternatives(experiment, SPEC_ATTACK_SOURCE);
    for (size_t i = 0; i < sources->n; i++)
        n += strcmp(sources->variants[i].kind->name,
                    attack_source_axis.fallback) != 0;
    return n;
}

/* Of a cell: those that its attacks are made on, as far as they are new. */
static void add_sources(const struct experiment *experiment,
                        struct cells *cells, struct digest_set *set,
                        size_t i_cell, struct arena *arena)
{
    size_t n_attacks = space_count_attacks(experiment);
    for (size_t k = 0; k < n_attacks; k++) {
        struct arena scratch = arena_open();
        struct cell cell = cells->at[i_cell];
        struct evaluation evaluation =
            space_evaluation(experiment, &cell, k, &scratch);
        bool is_new =
            !evaluation.pruned && evaluation.has_source &&
            digest_set_add(set, cells, evaluation.source_digest);
        /* Again, with parameters that stay. */
        if (is_new)
            cells->at[cells->n++] = (struct cell){
                .spec = space_evaluation(experiment, &cell, k, arena).source,
                .digest = evaluation.source_digest,
                .only_source = true};
        arena_close(&scratch);
    }
}

struct cells space_enumerate(const struct experiment *experiment,
                             struct arena *arena)
{
    size_t n = space_count(experiment);
    size_t n_sources = count_sources(experiment);
    struct arena scratch = arena_open();
    struct shelf shelves[SPEC_ATTACK];
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        shelves[axis] =
            fill_shelf(&experiment->axes[axis], axis, arena, &scratch);
    size_t n_most = n * (1 + n_sources);
    struct cells cells = {.at = ARENA_ARRAY(arena, struct cell, n_most)};
    struct digest_set set = digest_set_open(n_most, &scratch);
    for (size_t i = 0; i < n; i++)
        sort_in(experiment, &cells, &set, assemble(experiment, shelves, i),
                &scratch);
    size_t n_cells = cells.n;
    for (size_t i = 0; i < n_cells && n_sources > 0; i++)
        add_sources(experiment, &cells, &set, i, arena);
    arena_close(&scratch);
    return cells;
}
