/* How many combinations an experiment has, and which, where axes are linked. */
#include "io/experiment_parts.h"

#include <stdlib.h>
#include <string.h>

/* counting ------------------------------------------------------------ */

/* As a double, which grows beyond all bounds without wrapping. */
static double count_rows(const struct variant *variant)
{
    double product = 1;
    for (size_t r = 0; variant && r < variant->kind->n_rows; r++)
        product *= (double)variant->rows[r].n;
    return product;
}

static double count_variant(const struct variant *variant)
{
    double product = count_rows(variant);
    for (size_t k = 0; k < EXPERIMENT_WAYS; k++)
        product *= count_rows(variant->ways[k]);
    return product;
}

static double count_alternatives(const struct alternatives *alternatives)
{
    double sum = 0;
    for (size_t i = 0; i < alternatives->n; i++)
        sum += count_variant(&alternatives->variants[i]);
    return sum;
}

/* Combinations before each alternative. Of those that are too many to have
 * such a number the file is refused below. */
static void set_firsts(const struct alternatives *alternatives)
{
    double sum = 0;
    for (size_t i = 0; i < alternatives->n; i++) {
        /* The variants are still under construction. */
        struct variant *variant = (struct variant *)&alternatives->variants[i];
        variant->first = sum < 1e15 ? (size_t)sum : SIZE_MAX;
        sum += count_variant(variant);
    }
}

/* linked axes --------------------------------------------------------- */

/* The way through all axes, one combination after the other; at first they are
 * only counted. */
struct walk {
    const struct experiment *experiment;
    size_t links[SPEC_ATTACK]; /* that an axis lies in the order of */
    uint32_t steps[EXPERIMENT_LINKS]; /* taken so far */
    uint32_t at[SPEC_ATTACK];
    size_t n;
    uint32_t (*points)[SPEC_ATTACK];
};

/* Alternatives of linked axes lie in the order of the first link that the axis
 * has. */
static size_t find_link(const struct alternatives *alternatives)
{
    for (size_t l = 0; l < EXPERIMENT_LINKS; l++)
        for (size_t i = 0; i < alternatives->n; i++)
            if (alternatives->variants[i].steps[l])
                return l;
    return EXPERIMENT_LINKS;
}

static int compare_steps(const void *a, const void *b, void *self)
{
    const struct variant *x = a, *y = b;
    size_t link = *(const size_t *)self;
    if (x->steps[link] != y->steps[link])
        return x->steps[link] < y->steps[link] ? -1 : 1;
    /* Here still the order of the file. */
    return (x->first > y->first) - (x->first < y->first);
}

static bool sort_axis(const struct alternatives *alternatives)
{
    size_t link = find_link(alternatives);
    if (link == EXPERIMENT_LINKS)
        return false;
    for (size_t i = 0; i < alternatives->n; i++)
        ((struct variant *)&alternatives->variants[i])->first = i;
    qsort_r((struct variant *)alternatives->variants, alternatives->n,
            sizeof *alternatives->variants, compare_steps, &link);
    return true;
}

/* The first alternative of that step. */
static size_t find_step(const struct alternatives *alternatives, size_t link,
                        uint32_t step)
{
    size_t low = 0, high = alternatives->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (alternatives->variants[middle].steps[link] < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Goes along with an alternative as far as its steps are those taken; returns
 * whether they are. `before` is what they were. */
static bool take_steps(struct walk *walk, const struct variant *variant,
                       uint32_t before[EXPERIMENT_LINKS])
{
    memcpy(before, walk->steps, sizeof walk->steps);
    for (size_t l = 0; l < EXPERIMENT_LINKS; l++) {
        uint32_t step = variant->steps[l];
        if (step && walk->steps[l] && step != walk->steps[l]) {
            memcpy(walk->steps, before, sizeof walk->steps);
            return false;
        }
        if (step)
            walk->steps[l] = step;
    }
    return true;
}

static void walk_axis(struct walk *walk, size_t axis);

static void walk_variant(struct walk *walk, size_t axis,
                         const struct variant *variant)
{
    uint32_t before[EXPERIMENT_LINKS];
    if (!take_steps(walk, variant, before))
        return;
    size_t n = (size_t)count_variant(variant);
    for (size_t i = 0; i < n && walk->n <= EXPERIMENT_COMBINATIONS_MAX; i++) {
        walk->at[axis] = (uint32_t)(variant->first + i);
        walk_axis(walk, axis + 1);
    }
    memcpy(walk->steps, before, sizeof walk->steps);
}

static void walk_axis(struct walk *walk, size_t axis)
{
    if (axis == SPEC_ATTACK) {
        if (walk->points)
            memcpy(walk->points[walk->n], walk->at, sizeof walk->at);
        walk->n++;
        return;
    }
    const struct alternatives *alternatives = &walk->experiment->axes[axis];
    size_t link = walk->links[axis], from = 0, end = alternatives->n;
    if (link < EXPERIMENT_LINKS && walk->steps[link]) {
        uint32_t step = walk->steps[link];
        end = find_step(alternatives, link, 1);
        for (size_t i = 0; i < end; i++)
            walk_variant(walk, axis, &alternatives->variants[i]);
        from = find_step(alternatives, link, step);
        end = find_step(alternatives, link, step + 1);
    }
    for (size_t i = from; i < end; i++)
        walk_variant(walk, axis, &alternatives->variants[i]);
}

static void find_points(struct experiment_reader *reader)
{
    struct experiment *experiment = &reader->experiment;
    struct walk walk = {.experiment = experiment};
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        walk.links[i] = find_link(&experiment->axes[i]);
    walk_axis(&walk, 0);
    experiment->n_points = walk.n;
    if (walk.n > EXPERIMENT_COMBINATIONS_MAX)
        return;
    walk.points = arena_take(reader->arena, walk.n * sizeof *walk.points);
    walk.n = 0;
    walk_axis(&walk, 0);
    experiment->points = (const uint32_t(*)[SPEC_ATTACK])walk.points;
}

/* size ---------------------------------------------------------------- */

/* "4000000", "over 1000000" or "1.6e+19". */
static const char *show_size(double n, bool at_least, struct arena *arena)
{
    return arena_print(arena, at_least ? "over %.0f" : n < 1e15 ? "%.0f"
                                                                : "%.1e",
                       at_least ? (double)EXPERIMENT_COMBINATIONS_MAX : n);
}

/* Attacks are counted with the ways that they go back. */
static enum status check_size(const struct experiment_reader *reader)
{
    const struct experiment *experiment = &reader->experiment;
    struct arena *arena = reader->arena;
    const char *list = "";
    double product = 1, attacks = count_alternatives(&experiment->attacks);
    for (size_t i = 0; i <= SPEC_ATTACK; i++) {
        double n = count_alternatives(
            experiment_alternatives(experiment, (enum spec_axis)i));
        if (n > 1)
            list = arena_print(arena, "%s%s%s %.0f", list, *list ? ", " : "",
                               spec_axes[i]->name, n);
        product *= n > 1 ? n : 1;
    }
    bool linked = experiment->n_points > 0;
    if (linked)
        product = (double)experiment->n_points * (attacks > 1 ? attacks : 1);
    if (product <= EXPERIMENT_COMBINATIONS_MAX)
        return STATUS_OK;
    return status_refuse(
        STATUS_INVALID,
        "%s: %s combinations of cells and attacks (%s); allowed are at most "
        "%d",
        experiment->path,
        show_size(product,
                  linked && experiment->n_points > EXPERIMENT_COMBINATIONS_MAX,
                  arena),
        list, EXPERIMENT_COMBINATIONS_MAX);
}

enum status experiment_points_find(struct experiment_reader *reader)
{
    struct experiment *experiment = &reader->experiment;
    bool linked = false;
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        linked |= sort_axis(&experiment->axes[i]);
    for (size_t i = 0; i <= SPEC_ATTACK; i++)
        set_firsts(experiment_alternatives(experiment, (enum spec_axis)i));
    if (linked)
        find_points(reader);
    return check_size(reader);
}
