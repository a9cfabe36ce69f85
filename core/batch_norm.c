#include "core/batch_norm.h"

#include <math.h>
#include <string.h>

void batch_norm_lay_out(struct batch_norm *norm, size_t n_workers,
                        struct arena *arena)
{
    size_t n = norm->n_channels;
    norm->scale = ARENA_ARRAY(arena, float, n);
    norm->shift = ARENA_ARRAY(arena, float, n);
    norm->mean = ARENA_ARRAY(arena, float, n);
    norm->inverse = ARENA_ARRAY(arena, float, n);
    norm->sum_a = ARENA_ARRAY(arena, double, n);
    norm->sum_b = ARENA_ARRAY(arena, double, n);
    norm->slope = ARENA_ARRAY(arena, float, n);
    norm->offset = ARENA_ARRAY(arena, float, n);
    norm->parts = ARENA_ARRAY(arena, struct norm_sums, n_workers);
    for (size_t i = 0; i < n_workers; i++) {
        struct norm_sums part = {.pivot = ARENA_ARRAY(arena, float, n),
                                 .a = ARENA_ARRAY(arena, double, n),
                                 .b = ARENA_ARRAY(arena, double, n),
                                 .partial = ARENA_ARRAY(arena, float, 2 * n)};
        if (norm->parts)
            norm->parts[i] = part;
    }
}

static void clear_sums(struct batch_norm *norm)
{
    memset(norm->sum_a, 0, norm->n_channels * sizeof *norm->sum_a);
    memset(norm->sum_b, 0, norm->n_channels * sizeof *norm->sum_b);
}

static struct norm_sums *begin_part(const struct batch_norm *norm,
                                    size_t worker, size_t n_rows)
{
    struct norm_sums *part = &norm->parts[worker];
    part->n_rows = n_rows;
    memset(part->a, 0, norm->n_channels * sizeof *part->a);
    memset(part->b, 0, norm->n_channels * sizeof *part->b);
    memset(part->partial, 0, 2 * norm->n_channels * sizeof *part->partial);
    return part;
}

static void settle_block(const struct norm_sums *part, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        part->a[c] += (double)part->partial[c];
        part->b[c] += (double)part->partial[n + c];
    }
    memset(part->partial, 0, 2 * n * sizeof *part->partial);
}

void batch_norm_begin(struct batch_norm *norm)
{
    clear_sums(norm);
    norm->has_pivot = false;
}

/* Rows are summed in float in blocks short enough to lose nothing, as
 * differences from the part's first row, its pivot: E[y^2] - mean^2 would lose
 * the variance of a channel that hardly varies. */
enum { ROWS_PER_BLOCK = 256 };

static void add_block(const struct norm_sums *part, size_t n, size_t n_rows,
                      const float *restrict y)
{
    float *restrict sum = part->partial;
    float *restrict squares = sum + n;
    const float *restrict pivot = part->pivot;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++) {
            float value = y[i * n + c] - pivot[c];
            sum[c] += value;
            squares[c] += value * value;
        }
}

void batch_norm_sum(const struct batch_norm *norm, size_t worker,
                    size_t n_rows, const float *y)
{
    size_t n = norm->n_channels;
    if (!norm->active)
        return;
    struct norm_sums *part = begin_part(norm, worker, n_rows);
    if (n_rows > 0)
        memcpy(part->pivot, y, n * sizeof *y);
    for (size_t i = 0; i < n_rows; i += ROWS_PER_BLOCK) {
        size_t left = n_rows - i;
        add_block(part, n, left < ROWS_PER_BLOCK ? left : ROWS_PER_BLOCK,
                  y + i * n);
        settle_block(part, n);
    }
}

/* The batch's pivot is that of its first part; the mean's own place holds it
 * until the end. What is left of y - pivot of a part is moved to it, in
 * double. */
void batch_norm_settle(struct batch_norm *norm, size_t worker)
{
    const struct norm_sums *part = &norm->parts[worker];
    if (!norm->active || part->n_rows == 0)
        return;
    if (!norm->has_pivot)
        memcpy(norm->mean, part->pivot, norm->n_channels * sizeof *norm->mean);
    norm->has_pivot = true;
    double n_rows = (double)part->n_rows;
    for (size_t c = 0; c < norm->n_channels; c++) {
        double step = (double)part->pivot[c] - (double)norm->mean[c];
        norm->sum_a[c] += part->a[c] + n_rows * step;
        norm->sum_b[c] +=
            part->b[c] + step * (2 * part->a[c] + n_rows * step);
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

static void add_backward_block(const struct norm_sums *part, size_t n,
                               const float *restrict mean, size_t n_rows,
                               const float *restrict y,
                               const float *restrict d_z)
{
    float *restrict sum = part->partial;
    float *restrict products = sum + n;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++) {
            sum[c] += d_z[i * n + c];
            products[c] += d_z[i * n + c] * (y[i * n + c] - mean[c]);
        }
}

void batch_norm_backward_sum(const struct batch_norm *norm, size_t worker,
                             size_t n_rows, const float *y, const float *d_z)
{
    size_t n = norm->n_channels;
    struct norm_sums *part = begin_part(norm, worker, n_rows);
    for (size_t i = 0; i < n_rows; i += ROWS_PER_BLOCK) {
        size_t left = n_rows - i;
        add_backward_block(part, n, norm->mean,
                           left < ROWS_PER_BLOCK ? left : ROWS_PER_BLOCK,
                           y + i * n, d_z + i * n);
        settle_block(part, n);
    }
}

void batch_norm_backward_settle(struct batch_norm *norm, size_t worker)
{
    const struct norm_sums *part = &norm->parts[worker];
    for (size_t c = 0; c < norm->n_channels; c++) {
        norm->sum_a[c] += part->a[c];
        norm->sum_b[c] += part->b[c];
    }
}

/* d_y = k (d_z - m - (y - mean) inverse^2 p / n), where m is the mean of d_z
 * and p the sum of d_z (y - mean); a row that is a sum over r steps subtracts
 * r times as much, which n = rows (not rows * r) does by itself. */
static void find_slopes(struct batch_norm *norm, size_t n)
{
    double count = (double)n;
    for (size_t c = 0; c < norm->n_channels; c++) {
        double k = (double)norm->scale[c];
        double inverse = (double)norm->inverse[c];
        norm->slope[c] =
            (float)(-k * inverse * inverse * norm->sum_b[c] / count);
        norm->offset[c] = (float)(-k * norm->sum_a[c] / count);
    }
}

void batch_norm_backward_end(struct batch_norm *norm, size_t n,
                             float *d_weight, float *d_bias)
{
    for (size_t c = 0; c < norm->n_channels; c++) {
        d_bias[c] = (float)norm->sum_a[c];
        if (norm->active)
            d_weight[c] = (float)(norm->gain * norm->sum_b[c] *
                                  (double)norm->inverse[c]);
    }
    if (norm->active)
        find_slopes(norm, n);
}

void batch_norm_backward_apply(const struct batch_norm *norm, size_t n_rows,
                               const float *restrict y, float *restrict d_z)
{
    size_t n = norm->n_channels;
    const float *restrict factor = norm->scale;
    const float *restrict mean = norm->mean;
    const float *restrict slope = norm->slope;
    const float *restrict offset = norm->offset;
    if (!norm->active)
        return;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++)
            d_z[i * n + c] = factor[c] * d_z[i * n + c] +
                             slope[c] * (y[i * n + c] - mean[c]) + offset[c];
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

void batch_norm_backward_apply_to(const struct batch_norm *norm,
                                  size_t n_rows, const float *y,
                                  const float *d_z, float *d_y)
{
    memcpy(d_y, d_z, n_rows * norm->n_channels * sizeof *d_y);
    batch_norm_backward_apply(norm, n_rows, y, d_y);
}

void batch_norm_backward_fixed_to(const struct batch_norm *norm, size_t n_rows,
                                  const float *d_z, float *d_y)
{
    memcpy(d_y, d_z, n_rows * norm->n_channels * sizeof *d_y);
    batch_norm_backward_fixed(norm, n_rows, d_y);
}
