#include "core/sampler.h"
#include "core/rng.h"
#include "core/sobol.h"

/* Sub-streams of a dimension: its numbers, then the hypercube's orders, one for
 * each doubling. */
enum { DRAW_POINTS = 0, DRAW_FIRST_ORDER = 1 };

#define COMMON_ROWS                                                            \
    {.name = "n_points", .unit = "1",                                         \
     .doc = "points, each a cell of each seed",                               \
     .type = ROW_COUNT, .fallback = "64", .minimum = 1,                        \
     .maximum = SAMPLER_POINTS_MAX,                                            \
     .offset = offsetof(struct sampler_common, n_points)},                     \
    {.name = "seed", .unit = "1",                                             \
     .doc = "seed of the points, not of the cells",                           \
     .type = ROW_COUNT, .fallback = "1", .minimum = 0, .maximum = 0x1p53,      \
     .offset = offsetof(struct sampler_common, seed)}

static struct rng_stream stream_of(const struct sampler_common *common,
                                   size_t dimension, size_t draw)
{
    return (struct rng_stream){common->seed, RNG_SAMPLER,
                               rng_lane(dimension, draw)};
}

/* grid ---------------------------------------------------------------- */

static const struct sampler grid = {
    .kind = {.name = "grid", .doc = "all combinations",
             .cite = "standard"},
};

/* random -------------------------------------------------------------- */

static void random_fill(const void *params, size_t dimension, uint32_t *out)
{
    const struct sampler_common *common = params;
    struct rng_stream stream = stream_of(common, dimension, DRAW_POINTS);
    for (size_t i = 0; i < common->n_points; i++)
        out[i] = rng_word(stream, i);
}

static const struct row common_rows[] = {COMMON_ROWS};

static const struct sampler random_sampler = {
    .kind = {.name = "random",
             .doc = "independent points; more of them go on from fewer",
             .cite = "Bergstra and Bengio, JMLR 13 (2012)",
             .rows = common_rows,
             .n_rows = KIND_COUNT(common_rows),
             .params_size = sizeof(struct sampler_common)},
    .fill = random_fill,
};

/* latin_hypercube ----------------------------------------------------- */

/* The i-th of n strata begins there. */
static uint64_t stratum_start(size_t i, size_t n)
{
    return (((uint64_t)i << 32) + n - 1) / n;
}

static size_t stratum_of(uint32_t number, size_t n)
{
    return (size_t)((uint64_t)number * n >> 32);
}

/* A number in the i-th of n strata. */
static uint32_t draw_in(size_t i, size_t n, uint32_t jitter)
{
    uint64_t start = stratum_start(i, n), end = stratum_start(i + 1, n);
    return (uint32_t)(start + (jitter * (end - start) >> 32));
}

/* The strata of n, an even number, in which the first half of the points is
 * not, go to the other half. */
static void double_points(const struct sampler_common *common,
                          size_t dimension, size_t n, size_t draw,
                          uint32_t *out)
{
    struct arena arena = arena_open();
    size_t half = n / 2, n_free = 0;
    bool *taken = ARENA_ARRAY(&arena, bool, n);
    size_t *free_at = ARENA_ARRAY(&arena, size_t, half);
    uint32_t *order = ARENA_ARRAY(&arena, uint32_t, half);
    struct rng_stream jitters = stream_of(common, dimension, DRAW_POINTS);
    for (size_t i = 0; i < half; i++)
        taken[stratum_of(out[i], n)] = true;
    for (size_t i = 0; i < n; i++)
        if (!taken[i])
            free_at[n_free++] = i;
    MUST(n_free == half);
    rng_permute(stream_of(common, dimension, draw), half, order);
    for (size_t i = 0; i < half; i++)
        out[half + i] =
            draw_in(free_at[order[i]], n, rng_word(jitters, half + i));
    arena_close(&arena);
}

/* Begins with as many points as the odd part of n_points, then doubles them. */
static void latin_fill(const void *params, size_t dimension, uint32_t *out)
{
    const struct sampler_common *common = params;
    struct arena arena = arena_open();
    size_t n = common->n_points, draw = DRAW_FIRST_ORDER;
    while (n % 2 == 0)
        n /= 2;
    uint32_t *order = ARENA_ARRAY(&arena, uint32_t, n);
    struct rng_stream jitters = stream_of(common, dimension, DRAW_POINTS);
    rng_permute(stream_of(common, dimension, draw), n, order);
    for (size_t i = 0; i < n; i++)
        out[i] = draw_in(order[i], n, rng_word(jitters, i));
    while (n < common->n_points)
        double_points(common, dimension, n *= 2, ++draw, out);
    arena_close(&arena);
}

static const struct sampler latin_hypercube = {
    .kind = {.name = "latin_hypercube",
             .doc = "in each dimension a point in each of n_points intervals; "
                    "twice as many points go on from the first half, other "
                    "numbers begin anew",
             .cite = "McKay, Beckman and Conover, Technometrics 21 (1979); its "
                     "doubling: Sallaberry, Helton and Hora, Reliab. Eng. "
                     "Syst. Saf. 93 (2008)",
             .rows = common_rows,
             .n_rows = KIND_COUNT(common_rows),
             .params_size = sizeof(struct sampler_common)},
    .fill = latin_fill,
};

/* sobol --------------------------------------------------------------- */

struct sobol {
    struct sampler_common common;
    bool scramble;
};

/* An interval of length 2^-20 has one of the first 2^20 points, and there are
 * fewer: the digits behind the 20th are flipped together. */
enum { NESTED_DIGITS = 20, N_DIGITS = 32 };

/* Owen's nested uniform scrambling in base 2: each binary digit is flipped or
 * not, by chance, for each value of the digits before it. */
static uint32_t scramble(struct rng_stream stream, uint32_t number)
{
    uint32_t flips = 0;
    for (unsigned digit = 0; digit < NESTED_DIGITS; digit++) {
        /* The digits before it, behind a leading one: a number each. */
        uint32_t node = digit ? 1u << digit | number >> (N_DIGITS - digit) : 1;
        flips |= (rng_word(stream, node) >> 31) << (N_DIGITS - 1 - digit);
    }
    uint32_t last = 1u << NESTED_DIGITS | number >> (N_DIGITS - NESTED_DIGITS);
    return number ^ (flips | rng_word(stream, last) >> NESTED_DIGITS);
}

static void sobol_fill(const void *params, size_t dimension, uint32_t *out)
{
    const struct sobol *sobol = params;
    struct rng_stream stream =
        stream_of(&sobol->common, dimension, DRAW_POINTS);
    for (size_t i = 0; i < sobol->common.n_points; i++) {
        out[i] = sobol_number(dimension, (uint32_t)i);
        if (sobol->scramble)
            out[i] = scramble(stream, out[i]);
    }
}

static const struct row sobol_rows[] = {
    COMMON_ROWS,
    {.name = "scramble", .unit = "1",
     .doc = "by Owen's nested uniform scrambling; else the first point has all "
            "parameters at their ranges' beginnings, whatever the seed",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct sobol, scramble)},
};

static const struct sampler sobol = {
    .kind = {.name = "sobol",
             .doc = "Sobol' points, which fill all dimensions evenly: best in "
                    "powers of 2; more of them go on from fewer",
             .cite = "Joe and Kuo, SIAM J. Sci. Comput. 30 (2008), "
                     "new-joe-kuo-6.21201; scrambling: Owen, in Monte Carlo "
                     "and Quasi-Monte Carlo Methods (1995)",
             .rows = sobol_rows,
             .n_rows = KIND_COUNT(sobol_rows),
             .params_size = sizeof(struct sobol)},
    .n_dimensions = SOBOL_DIMENSIONS,
    .fill = sobol_fill,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &grid.kind, &random_sampler.kind, &latin_hypercube.kind, &sobol.kind,
};

const struct axis sampler_axis = {
    "sampler", "how an experiment's points are chosen; part of no cell's "
               "identity", kinds, KIND_COUNT(kinds), "grid"};

const struct sampler *sampler_of(const struct kind *kind)
{
    return (const struct sampler *)kind;
}
