#include "core/attack_source.h"
#include "sweep/space_parts.h"

#include <string.h>

/* single cells -------------------------------------------------------- */

/* The first alternative that is not there in a cell otherwise so. */
static const char *find_outside(const struct variant *variants[SPEC_ATTACK],
                                const struct spec *spec, struct arena *arena)
{
    const char *found = NULL;
    for (size_t axis = 0; axis < SPEC_ATTACK && !found; axis++)
        found = space_find_outside(variants[axis], spec, arena);
    return found;
}

/* Cells that differ in the seed alone are neighbours. */
struct cell space_cell(const struct experiment *experiment, size_t i,
                       struct arena *arena)
{
    struct cell cell = {.pruned = NULL};
    size_t counts[SPEC_ATTACK], at[SPEC_ATTACK];
    const struct variant *variants[SPEC_ATTACK];
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        counts[axis] = space_count_alternatives(&experiment->axes[axis]);
    space_find_point(experiment, i, counts, at);
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        struct pick pick = space_pick(&experiment->axes[axis], at[axis]);
        cell.spec.at[axis] = space_pick_choice(&pick, arena);
        variants[axis] = pick.variant;
    }
    cell.digest = spec_digest(&cell.spec);
    cell.pruned = find_outside(variants, &cell.spec, arena);
    cell.outside = cell.pruned != NULL;
    if (!cell.outside)
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

/* The same among those that the cell has. */
static size_t first_there(const struct experiment *experiment, size_t i,
                          const struct spec *spec)
{
    const struct alternatives *attacks = &experiment->attacks;
    struct pick pick = space_pick(attacks, i);
    struct arena scratch = arena_open();
    size_t first = space_first_equal(experiment, i);
    for (; first < i; first++) {
        struct pick other = space_pick(attacks, first);
        if (space_attacks_equal(&pick, &other) &&
            !space_find_outside(other.variant, spec, &scratch))
            break;
    }
    arena_close(&scratch);
    return first;
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
                          : space_prune_attack(experiment, i_attack,
                                               &evaluation.spec, arena);
    if (!evaluation.pruned && attack_source_is_other(&evaluation.spec))
        evaluation.pruned = find_source(&evaluation, arena);
    size_t first = first_there(experiment, i_attack, &evaluation.spec);
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
    const struct variant **variants;
};

static struct shelf fill_shelf(const struct alternatives *alternatives,
                               enum spec_axis axis, struct arena *arena,
                               struct arena *scratch)
{
    size_t n = space_count_alternatives(alternatives);
    struct shelf shelf = {n, ARENA_ARRAY(arena, struct choice, n),
                          ARENA_ARRAY(scratch, const char *, n),
                          ARENA_ARRAY(scratch, const struct variant *, n)};
    for (size_t i = 0; i < n; i++) {
        struct pick pick = space_pick(alternatives, i);
        shelf.choices[i] = space_pick_choice(&pick, arena);
        shelf.texts[i] = spec_print_axis(axis, shelf.choices[i], scratch);
        shelf.variants[i] = pick.variant;
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

/* What is made while cells are enumerated. */
struct making {
    const struct experiment *experiment;
    struct shelf shelves[SPEC_ATTACK];
    bool *met; /* [n_whens] whether it holds somewhere */
    struct cells *cells;
    struct digest_set set;
    struct arena scratch;
};

/* Whether all alternatives of a cell are there when it is otherwise so. */
static bool meets_whens(struct making *making, const struct cell *cell,
                        const size_t at[SPEC_ATTACK])
{
    const struct variant *variants[SPEC_ATTACK];
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        variants[axis] = making->shelves[axis].variants[at[axis]];
    if (find_outside(variants, &cell->spec, &making->scratch))
        return false;
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        if (variants[axis]->when)
            making->met[variants[axis]->when->id] = true;
    return true;
}

/* The i-th combination from the shelves. Its identity is that of spec_digest,
 * of parts that are there already. */
static struct cell assemble(struct making *making, size_t i)
{
    struct cell cell = {.pruned = NULL};
    const struct shelf *shelves = making->shelves;
    const char *texts[SPEC_ATTACK];
    size_t counts[SPEC_ATTACK], at[SPEC_ATTACK];
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        counts[axis] = shelves[axis].n;
    space_find_point(making->experiment, i, counts, at);
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
    cell.outside = !meets_whens(making, &cell, at);
    return cell;
}

static void sort_in(struct making *making, struct cell cell)
{
    struct cells *cells = making->cells;
    if (cell.outside)
        cells->n_outside++;
    else if (space_prune(making->experiment, &cell.spec, &making->scratch))
        cells->n_pruned++;
    else if (!digest_set_add(&making->set, cells, cell.digest))
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

/* Of attacks: whether some cell has them. */
static void meet_attacks(struct making *making)
{
    const struct alternatives *attacks = &making->experiment->attacks;
    for (size_t k = 0; k < attacks->n; k++) {
        const struct variant *attack = &attacks->variants[k];
        bool *met = attack->when ? &making->met[attack->when->id] : NULL;
        for (size_t i = 0; met && !*met && i < making->cells->n; i++)
            *met = !space_find_outside(attack, &making->cells->at[i].spec,
                                       &making->scratch);
    }
}

static const struct rules *find_unmet(const struct making *making)
{
    const struct experiment *experiment = making->experiment;
    for (size_t axis = 0; axis <= SPEC_ATTACK; axis++) {
        const struct alternatives *alternatives =
            experiment_alternatives(experiment, (enum spec_axis)axis);
        for (size_t k = 0; k < alternatives->n; k++) {
            const struct rules *when = alternatives->variants[k].when;
            if (when && !making->met[when->id])
                return when;
        }
    }
    return NULL;
}

/* Cells have moved. */
static void index_again(struct making *making, size_t n_most)
{
    struct cells *cells = making->cells;
    size_t n = cells->n;
    making->set = digest_set_open(n_most, &making->scratch);
    for (cells->n = 0; cells->n < n; cells->n++)
        MUST(digest_set_add(&making->set, cells,
                            cells->at[cells->n].digest));
}

struct cells space_enumerate(const struct experiment *experiment,
                             struct arena *arena)
{
    size_t n = space_count(experiment);
    size_t n_sources = count_sources(experiment), n_most = n * (1 + n_sources);
    struct cells cells = {.at = ARENA_ARRAY(arena, struct cell, n_most)};
    struct making making = {.experiment = experiment,
                            .cells = &cells,
                            .scratch = arena_open()};
    for (enum spec_axis axis = 0; axis < SPEC_ATTACK; axis++)
        making.shelves[axis] = fill_shelf(&experiment->axes[axis], axis, arena,
                                          &making.scratch);
    making.met = ARENA_ARRAY(&making.scratch, bool, experiment->n_whens + 1);
    making.set = digest_set_open(n_most, &making.scratch);
    for (size_t i = 0; i < n; i++)
        sort_in(&making, assemble(&making, i));
    meet_attacks(&making);
    cells.unmet = find_unmet(&making);
    if (space_order(experiment, &cells))
        index_again(&making, n_most);
    size_t n_cells = cells.n;
    for (size_t i = 0; i < n_cells && n_sources > 0; i++)
        add_sources(experiment, &cells, &making.set, i, arena);
    arena_close(&making.scratch);
    return cells;
}
