#include "core/batch_norm.h"

#include <math.h>
#include <string.h>

void batch_norm_lay_out(struct batch_norm *norm, struct arena *arena)
{
    size_t n = norm->n_channels;
    norm->scale = ARENA_ARRAY(arena, float, n);
    norm->shift = ARENA_ARRAY(arena, float, n);
    norm->mean = ARENA_ARRAY(arena, float, n);
    norm->inverse = ARENA_ARRAY(arena, float, n);
    norm->sum_a = ARENA_ARRAY(arena, double, n);
    norm->sum_b = ARENA_ARRAY(arena, double, n);
    norm->partial = ARENA_ARRAY(arena, float, 2 * n);
}

static void clear_sums(struct batch_norm *norm)
{
    memset(norm->sum_a, 0, norm->n_channels * sizeof *norm->sum_a);
    memset(norm->sum_b, 0, norm->n_channels * sizeof *norm->sum_b);
}

static void settle_sums(struct batch_norm *norm)
{
    size_t n = norm->n_channels;
    for (size_t c = 0; c < n; c++) {
        norm->sum_a[c] += (double)norm->partial[c];
        norm->sum_b[c] += (double)norm->partial[n + c];
    }
    memset(norm->partial, 0, 2 * n * sizeof *norm->partial);
}

void batch_norm_begin(struct batch_norm *norm)
{
    clear_sums(norm);
    norm->has_pivot = false;
}

/* Rows are summed in float in blocks short enough to lose nothing, as
 * differences from the batch's first row, a pivot that the mean's own place
 * holds until the end: E[y^2] - mean^2 would lose the variance of a channel
 * that hardly varies. */
enum { ROWS_PER_BLOCK = 256 };

static void add_block(struct batch_norm *norm, size_t n_rows,
                      const float *restrict y)
{
    size_t n = norm->n_channels;
    float *restrict sum = norm->partial;
    float *restrict squares = sum + n;
    const float *restrict pivot = norm->mean;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++) {
            float value = y[i * n + c] - pivot[c];
            sum[c] += value;
            squares[c] += value * value;
        }
}

void batch_norm_add(struct batch_norm *norm, size_t n_rows, const float *y)
{
    if (!norm->active)
        return;
    if (!norm->has_pivot && n_rows > 0)
        memcpy(norm->mean, y, norm->n_channels * sizeof *norm->mean);
    norm->has_pivot = true;
    for (size_t i = 0; i < n_rows; i += ROWS_PER_BLOCK) {
        size_t left = n_rows - i;
        add_block(norm, left < ROWS_PER_BLOCK ? left : ROWS_PER_BLOCK,
                  y + i * norm->n_channels);
        settle_sums(norm);
    }
}

static void use_bias_only(struct batch_norm *norm)
{
    for (size_t c = 0; c < norm->n_channels; c++) {
        norm->scale[c] = 1.0f;
        norm->shift[c] = norm->bias[c];
    }
}

static void make_affine(struct batch_norm *norm, size_t c, double mean,
                        double variance)
{
    double inverse = 1.0 / sqrt(variance + norm->epsilon);
    double scale = (double)norm->weight[c] * norm->gain * inverse;
    norm->scale[c] = (float)scale;
    norm->shift[c] = (float)((double)norm->bias[c] - scale * mean);
    norm->mean[c] = (float)mean;
    norm->inverse[c] = (float)inverse;
}

static void follow(float *running, double value, double momentum)
{
    *running = (float)((1.0 - momentum) * (double)*running + momentum * value);
}

void batch_norm_end(struct batch_norm *norm, size_t n, size_t repeats)
{
    if (!norm->active) {
        use_bias_only(norm);
        return;
    }
    double count = (double)n, all = (double)(n * repeats);
    for (size_t c = 0; c < norm->n_channels; c++) {
        double above = norm->sum_a[c] / count;
        double mean = (double)norm->mean[c] + above;
        double variance = fmax(norm->sum_b[c] / count - above * above, 0.0);
        make_affine(norm, c, mean, variance);
        follow(&norm->running_mean[c], mean, norm->momentum);
        follow(&norm->running_variance[c],
               all > 1 ? variance * all / (all - 1) : variance,
               norm->momentum);
    }
}

void batch_norm_use_running(struct batch_norm *norm)
{
    if (!norm->active) {
        use_bias_only(norm);
        return;
    }
    for (size_t c = 0; c < norm->n_channels; c++)
        make_affine(norm, c, (double)norm->running_mean[c],
                    (double)norm->running_variance[c]);
}

void batch_norm_backward_begin(struct batch_norm *norm)
{
    clear_sums(norm);
}

static void add_backward_block(struct batch_norm *norm, size_t n_rows,
                               const float *restrict y,
                               const float *restrict d_z)
{
    size_t n = norm->n_channels;
    float *restrict sum = norm->partial;
    float *restrict products = sum + n;
    const float *restrict mean = norm->mean;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++) {
            sum[c] += d_z[i * n + c];
            products[c] += d_z[i * n + c] * (y[i * n + c] - mean[c]);
        }
}

void batch_norm_backward_add(struct batch_norm *norm, size_t n_rows,
                             const float *y, const float *d_z)
{
    for (size_t i = 0; i < n_rows; i += ROWS_PER_BLOCK) {
        size_t left = n_rows - i, at = i * norm->n_channels;
        add_backward_block(norm, left < ROWS_PER_BLOCK ? left : ROWS_PER_BLOCK,
                           y + at, d_z + at);
        settle_sums(norm);
    }
}

void batch_norm_backward_end(const struct batch_norm *norm, float *d_weight,
                             float *d_bias)
{
    for (size_t c = 0; c < norm->n_channels; c++) {
        d_bias[c] = (float)norm->sum_a[c];
        if (norm->active)
            d_weight[c] = (float)(norm->gain * norm->sum_b[c] *
                                  (double)norm->inverse[c]);
    }
}

/* d_y = k (d_z - m - (y - mean) inverse^2 p / n), where m is the mean of d_z
 * and p the sum of d_z (y - mean); a row that is a sum over r steps subtracts
 * r times as much, which n = rows (not rows * r) does by itself. */
static void apply_rows(const struct batch_norm *norm, size_t n_rows,
                       const float *restrict slope,
                       const float *restrict offset, const float *restrict y,
                       float *restrict d_z)
{
    size_t n = norm->n_channels;
    const float *restrict factor = norm->scale;
    const float *restrict mean = norm->mean;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++)
            d_z[i * n + c] = factor[c] * d_z[i * n + c] +
                             slope[c] * (y[i * n + c] - mean[c]) + offset[c];
}

void batch_norm_backward_apply(const struct batch_norm *norm, size_t n,
                               size_t n_rows, const float *y, float *d_z)
{
    if (!norm->active)
        return;
    float *slope = norm->partial, *offset = slope + norm->n_channels;
    for (size_t c = 0; c < norm->n_channels; c++) {
        double k = (double)norm->scale[c], count = (double)n;
        double inverse = (double)norm->inverse[c];
        slope[c] =
            (float)(-k * inverse * inverse * norm->sum_b[c] / count);
        offset[c] = (float)(-k * norm->sum_a[c] / count);
    }
    apply_rows(norm, n_rows, slope, offset, y, d_z);
    memset(norm->partial, 0, 2 * norm->n_channels * sizeof *norm->partial);
}

void batch_norm_backward_fixed(const struct batch_norm *norm, size_t n_rows,
                               float *d_z)
{
    size_t n = norm->n_channels;
    const float *restrict scale = norm->scale;
    if (!norm->active)
        return;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++)
            d_z[i * n + c] *= scale[c];
}

void batch_norm_backward_apply_to(const struct batch_norm *norm, size_t n,
                                  size_t n_rows, const float *y,
                                  const float *d_z, float *d_y)
{
    memcpy(d_y, d_z, n_rows * norm->n_channels * sizeof *d_y);
    batch_norm_backward_apply(norm, n, n_rows, y, d_y);
}

void batch_norm_backward_fixed_to(const struct batch_norm *norm, size_t n_rows,
                                  const float *d_z, float *d_y)
{
    memcpy(d_y, d_z, n_rows * norm->n_channels * sizeof *d_y);
    batch_norm_backward_fixed(norm, n_rows, d_y);
}
