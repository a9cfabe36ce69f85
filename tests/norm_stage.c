#include "tests/norm_stage.h"
#include "tests/test.h"

#include "core/normalization.h"

#include <math.h>

/* Numbers without a pattern, in (-1, 1). */
float norm_stage_scatter(size_t i)
{
    double wave = sin(12.9898 * (double)i + 1) * 43758.5453;
    return (float)(2 * (wave - floor(wave)) - 1);
}

void norm_stage_open(struct norm_stage *at, const char *name, size_t n_rows,
                         size_t repeats)
{
    at->arena = arena_open();
    at->n_rows = n_rows;
    at->repeats = repeats;
    const struct kind *kind = kind_find(&normalization_axis, name);
    assert_non_null(kind);
    const struct normalization *normalization = normalization_of(kind);
    void *params = kind_defaults(kind, &at->arena);
    at->norm = (struct batch_norm){
        .active = normalization->uses_statistics,
        .n_channels = N_CHANNELS,
        .gain = normalization->gain(params, 0.5, 1),
        .momentum = 0.25,
        .epsilon = 1e-3,
        .weight = at->weight,
        .bias = at->bias,
        .running_mean = at->running_mean,
        .running_variance = at->running_variance,
    };
    batch_norm_lay_out(&at->norm, 1, &at->arena);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        at->weight[c] = 1.5f + norm_stage_scatter(c);
        at->bias[c] = norm_stage_scatter(c + 50);
        at->running_mean[c] = norm_stage_scatter(c + 100);
        at->running_variance[c] = 1.5f + norm_stage_scatter(c + 150);
    }
    for (size_t i = 0; i < n_rows * N_CHANNELS; i++) {
        float c = (float)(i % N_CHANNELS);
        at->y[i] = 0.5f * c - 1 + (0.25f + c) * norm_stage_scatter(i);
        at->d_z[i] = norm_stage_scatter(i + 7777);
    }
}

static void add_rows(struct norm_stage *at, size_t first, size_t end)
{
    batch_norm_sum(&at->norm, 0, end - first, at->y + first * N_CHANNELS);
    batch_norm_settle(&at->norm, 0);
}

/* Rows in three parts, as they come from chunks. */
void norm_stage_add(struct norm_stage *at)
{
    size_t a = at->n_rows / 7, b = at->n_rows / 2;
    batch_norm_begin(&at->norm);
    add_rows(at, 0, a);
    add_rows(at, a, b);
    add_rows(at, b, at->n_rows);
    batch_norm_end(&at->norm, at->n_rows, at->repeats);
}

struct norm_moments norm_stage_moments(const struct norm_stage *at, size_t c)
{
    struct norm_moments moments = {0, 0};
    double n = (double)at->n_rows;
    for (size_t i = 0; i < at->n_rows; i++)
        moments.mean += (double)at->y[i * N_CHANNELS + c] / n;
    for (size_t i = 0; i < at->n_rows; i++) {
        double off = (double)at->y[i * N_CHANNELS + c] - moments.mean;
        moments.variance += off * off / n;
    }
    return moments;
}

double norm_stage_z(const struct norm_stage *at, struct norm_moments moments,
                      size_t i)
{
    size_t c = i % N_CHANNELS;
    double deviation = sqrt(moments.variance + at->norm.epsilon);
    return (double)at->weight[c] * at->norm.gain *
               ((double)at->y[i] - moments.mean) / deviation +
           (double)at->bias[c];
}

/* L = sum of d_z z: its differences are what backward has to give. A row that
 * stands for several steps adds to the loss once, with d_z their sum. */
double norm_stage_loss(const struct norm_stage *at, size_t c)
{
    struct norm_moments moments = norm_stage_moments(at, c);
    double loss = 0;
    for (size_t i = c; i < at->n_rows * N_CHANNELS; i += N_CHANNELS)
        loss += (double)at->d_z[i] * norm_stage_z(at, moments, i);
    return loss;
}

/* Sums in float leave the variance a relative error of some 1e-6 where the
 * mean is several deviations, as that of channel 0 is. */
void norm_stage_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g instead of %.9g", value, expected);
}
