/*
 * A normalization with rows to work on, and the same in double.
 */
#ifndef TESTS_NORM_STAGE_H
#define TESTS_NORM_STAGE_H

#include "core/batch_norm.h"

enum { N_CHANNELS = 5, N_ROWS = 700, N_ALL = N_ROWS * N_CHANNELS };

struct norm_stage {
    struct arena arena;
    struct batch_norm norm;
    float weight[N_CHANNELS], bias[N_CHANNELS];
    float running_mean[N_CHANNELS], running_variance[N_CHANNELS];
    float y[N_ALL], d_z[N_ALL];
    size_t n_rows, repeats;
};

/* Numbers without a pattern, in (-1, 1). */
float norm_stage_scatter(size_t i);

/* Of a kind's defaults; close the arena. */
void norm_stage_open(struct norm_stage *at, const char *name, size_t n_rows,
                     size_t repeats);

/* The batch's statistics: rows in three parts, as they come from chunks. */
void norm_stage_add(struct norm_stage *at);

struct norm_moments {
    double mean, variance; /* biased */
};

struct norm_moments norm_stage_moments(const struct norm_stage *at, size_t c);
double norm_stage_z(const struct norm_stage *at, struct norm_moments moments,
                    size_t i);

/* L = sum of d_z z of a channel. */
double norm_stage_loss(const struct norm_stage *at, size_t c);

/* value is expected, but for a relative error of the sums. */
void norm_stage_near(double value, double expected, double tolerance);

#endif
