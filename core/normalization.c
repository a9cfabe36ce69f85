#include "core/normalization.h"

#include <math.h>

static double gain_of_one(const void *params, double threshold,
                          size_t n_currents)
{
    (void)params;
    (void)threshold;
    (void)n_currents;
    return 1.0;
}

#define MOMENTUM_ROW                                                           \
    {.name = "momentum", .unit = "1",                                          \
     .doc = "weight of a batch in the running statistics",                     \
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,          \
     .offset = offsetof(struct normalization_params, momentum)}

#define EPSILON_ROW(value)                                                     \
    {.name = "epsilon", .unit = "1", .doc = "added to the variance",           \
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = value,                  \
     .minimum = 1e-12, .maximum = 1,                                           \
     .offset = offsetof(struct normalization_params, epsilon)}

#define STATISTICS_ROWS MOMENTUM_ROW, EPSILON_ROW("1e-05")

/* none ---------------------------------------------------------------- */

static const struct normalization none = {
    .kind = {.name = "none",
             .doc = "no normalization; a learned bias per channel",
             .cite = "standard",
             .params_size = sizeof(struct normalization_params)},
    .gain = gain_of_one,
};

/* batch --------------------------------------------------------------- */

static const struct row batch_rows[] = {STATISTICS_ROWS};

static const struct normalization batch = {
    .kind = {.name = "batch",
             .doc = "batch norm per channel over samples, time and pixels",
             .cite = "Ioffe and Szegedy, ICML 2015, algorithm 1",
             .rows = batch_rows,
             .n_rows = KIND_COUNT(batch_rows),
             .params_size = sizeof(struct normalization_params)},
    .uses_statistics = true,
    .gain = gain_of_one,
};

/* bntt ---------------------------------------------------------------- */

static const struct row bntt_rows[] = {
    MOMENTUM_ROW,
    EPSILON_ROW("0.0001"),
};

static const struct normalization bntt = {
    .kind = {.name = "bntt",
             .doc = "batch norm through time: every step has its own statistics, over samples and "
                    "pixels, and its own learned scale per channel; there is no shift",
             .cite = "Kim and Panda, Front. Neurosci. 2021 (arXiv 2010.01729), eq. 6 to 9; epsilon "
                     "and momentum as in the authors' program",
             .rows = bntt_rows,
             .n_rows = KIND_COUNT(bntt_rows),
             .params_size = sizeof(struct normalization_params)},
    .uses_statistics = true,
    .by_step = true,
    .gain = gain_of_one,
};

/* tdbn ---------------------------------------------------------------- */

/* The sum of n independent currents has the deviation of a single one. */
static double tdbn_gain(const void *params, double threshold,
                        size_t n_currents)
{
    double alpha = ((const struct normalization_params *)params)->alpha;
    return alpha * threshold / sqrt((double)n_currents);
}

static const struct row tdbn_rows[] = {
    {.name = "alpha", .unit = "1",
     .doc = "the normalized current has deviation alpha V_th at first",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001,
     .maximum = 1000,
     .offset = offsetof(struct normalization_params, alpha)},
    STATISTICS_ROWS,
};

static const struct normalization tdbn = {
    .kind = {.name = "tdbn",
             .doc = "threshold-dependent batch norm: batch norm times alpha V_th, divided "
                    "by sqrt(2) where a shortcut's current is added",
             .cite = "Zheng et al., AAAI 2021 (arXiv 2011.05280), tdBN",
             .rows = tdbn_rows,
             .n_rows = KIND_COUNT(tdbn_rows),
             .params_size = sizeof(struct normalization_params)},
    .uses_statistics = true,
    .gain = tdbn_gain,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &batch.kind,
                                           &tdbn.kind, &bntt.kind};

const struct axis normalization_axis = {
    "normalization", "what stands between weights and neurons", kinds,
    KIND_COUNT(kinds), "tdbn"};

const struct normalization *normalization_of(const struct kind *kind)
{
    return (const struct normalization *)kind;
}
