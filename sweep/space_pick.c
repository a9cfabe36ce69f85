/* Which value each parameter takes in a combination. */
#include "sweep/space_parts.h"

#include <string.h>

/* counting ------------------------------------------------------------ */

static size_t count_rows(const struct variant *variant)
{
    size_t n = 1;
    for (size_t i = 0; i < variant->kind->n_rows; i++)
        n *= variant->rows[i].n;
    return n;
}

/* An attack is combined with its ways back, which run faster, the last one
 * fastest: combinations of those from `way` on. */
static size_t count_ways(const struct variant *variant, size_t way)
{
    size_t n = 1;
    for (; way < EXPERIMENT_WAYS; way++)
        n *= variant->ways[way] ? count_rows(variant->ways[way]) : 1;
    return n;
}

static size_t count_variant(const struct variant *variant)
{
    return count_rows(variant) * count_ways(variant, 0);
}

size_t space_count_alternatives(const struct alternatives *alternatives)
{
    if (alternatives->n == 0)
        return 0;
    const struct variant *last = &alternatives->variants[alternatives->n - 1];
    return last->first + count_variant(last);
}

size_t space_count(const struct experiment *experiment)
{
    size_t n = 1;
    if (experiment->points)
        return experiment->n_points;
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        n *= space_count_alternatives(&experiment->axes[i]);
    return n;
}

size_t space_count_attacks(const struct experiment *experiment)
{
    return space_count_alternatives(&experiment->attacks);
}

/* choosing ------------------------------------------------------------ */

struct pick space_pick(const struct alternatives *alternatives, size_t i)
{
    size_t low = 0, high = alternatives->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(alternatives->variants[middle].first <= i ? &low : &high) = middle;
    }
    const struct variant *variant = &alternatives->variants[low];
    return (struct pick){variant, i - variant->first};
}

void space_find_point(const struct experiment *experiment, size_t i,
                      const size_t counts[SPEC_ATTACK], size_t at[SPEC_ATTACK])
{
    size_t rest = i;
    for (size_t axis = SPEC_ATTACK; axis-- > 0; rest /= counts[axis])
        at[axis] = experiment->points ? experiment->points[i][axis]
                                      : rest % counts[axis];
}

static const char *pick_text(const struct pick *pick, size_t row)
{
    size_t i = pick->i / count_ways(pick->variant, 0);
    for (size_t r = pick->variant->kind->n_rows - 1; r > row; r--)
        i /= pick->variant->rows[r].n;
    const struct values *values = &pick->variant->rows[row];
    return values->texts[i % values->n];
}

struct choice space_pick_choice(const struct pick *pick, struct arena *arena)
{
    const struct kind *kind = pick->variant->kind;
    void *params = kind_defaults(kind, arena);
    for (size_t r = 0; r < kind->n_rows; r++)
        MUST(row_set(&kind->rows[r], pick_text(pick, r), params, arena) ==
             STATUS_OK);
    return (struct choice){kind, params};
}

struct pick space_pick_way(const struct pick *pick, size_t way)
{
    const struct variant *variant = pick->variant;
    return (struct pick){variant->ways[way],
                         pick->i % count_ways(variant, way) /
                             count_ways(variant, way + 1)};
}

/* Whether two picks are the same choice: asides do not count. */
static bool pick_equal(const struct pick *a, const struct pick *b)
{
    const struct kind *kind = a->variant->kind;
    if (kind != b->variant->kind)
        return false;
    for (size_t r = 0; r < kind->n_rows; r++)
        if (!kind->rows[r].aside && strcmp(pick_text(a, r), pick_text(b, r)))
            return false;
    return true;
}

bool space_attacks_equal(const struct pick *a, const struct pick *b)
{
    bool equal = pick_equal(a, b);
    for (size_t way = 0; equal && way < EXPERIMENT_WAYS; way++) {
        struct pick by = space_pick_way(a, way), other = space_pick_way(b, way);
        equal = pick_equal(&by, &other);
    }
    return equal;
}
