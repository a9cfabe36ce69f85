#include "core/batch_norm.h"

#include <math.h>
#include <string.h>

static size_t count_steps(const struct batch_norm *norm)
{
    return norm->n_steps > 1 ? norm->n_steps : 1;
}

/* Pairs of a step and a channel. */
static size_t count_entries(const struct batch_norm *norm)
{
    return count_steps(norm) * norm->n_channels;
}

/* Steps whose rows of y are told apart. */
static size_t count_sums(const struct batch_norm *norm)
{
    return norm->spread > 1 ? 1 : count_steps(norm);
}

/* Rows that have statistics in common: where they begin in d_z and in y, and
 * their step's entries. */
struct run {
    size_t n, first, first_y, entry;
};

static size_t count_runs(const struct batch_norm *norm, size_t n_rows)
{
    bool apart = norm->n_steps > 1 || norm->spread > 1;
    return apart ? n_rows / norm->n_pixels : 1;
}

static struct run run_at(const struct batch_norm *norm, size_t n_rows,
                         size_t i)
{
    size_t n = n_rows / count_runs(norm, n_rows);
    size_t spread = norm->spread > 1 ? norm->spread : 1;
    return (struct run){n, i * n, i / spread * n,
                        i % count_steps(norm) * norm->n_channels};
}

void batch_norm_lay_out(struct batch_norm *norm, size_t n_workers,
                        struct arena *arena)
{
    size_t n = count_entries(norm);
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
        struct norm_sums part = {
            .pivot = ARENA_ARRAY(arena, float, n),
            .a = ARENA_ARRAY(arena, double, n),
            .b = ARENA_ARRAY(arena, double, n),
            .partial = ARENA_ARRAY(arena, float, 2 * norm->n_channels)};
        if (norm->parts)
            norm->parts[i] = part;
    }
}

static void clear_sums(struct batch_norm *norm)
{
    size_t n = count_entries(norm);
    memset(norm->sum_a, 0, n * sizeof *norm->sum_a);
    memset(norm->sum_b, 0, n * sizeof *norm->sum_b);
}

static struct norm_sums *begin_part(const struct batch_norm *norm,
                                    size_t worker, size_t n_rows)
{
    struct norm_sums *part = &norm->parts[worker];
    size_t n = count_entries(norm);
    part->n_rows = n_rows;
    memset(part->a, 0, n * sizeof *part->a);
    memset(part->b, 0, n * sizeof *part->b);
    memset(part->partial, 0, 2 * norm->n_channels * sizeof *part->partial);
    return part;
}

static void settle_block(const struct norm_sums *part, size_t n, size_t entry)
{
    for (size_t c = 0; c < n; c++) {
        part->a[entry + c] += (double)part->partial[c];
        part->b[entry + c] += (double)part->partial[n + c];
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

static void add_block(const struct norm_sums *part, size_t n, size_t entry,
                      size_t n_rows, const float *restrict y)
{
    float *restrict sum = part->partial;
    float *restrict squares = sum + n;
    const float *restrict pivot = part->pivot + entry;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++) {
            float value = y[i * n + c] - pivot[c];
            sum[c] += value;
            squares[c] += value * value;
        }
}

static void sum_run(const struct norm_sums *part, size_t n, size_t entry,
                    size_t n_rows, const float *y)
{
    for (size_t i = 0; i < n_rows; i += ROWS_PER_BLOCK) {
        size_t left = n_rows - i;
        add_block(part, n, entry,
                  left < ROWS_PER_BLOCK ? left : ROWS_PER_BLOCK, y + i * n);
        settle_block(part, n, entry);
    }
}

void batch_norm_sum(const struct batch_norm *norm, size_t worker,
                    size_t n_rows, const float *y)
{
    size_t n = norm->n_channels, n_sums = count_sums(norm);
    if (!norm->active)
        return;
    struct norm_sums *part = begin_part(norm, worker, n_rows);
    if (n_rows == 0)
        return;
    size_t n_runs = n_sums > 1 ? count_runs(norm, n_rows) : 1;
    size_t n_run = n_rows / n_runs;
    for (size_t i = 0; i < n_runs; i++) {
        const float *run = y + i * n_run * n;
        size_t entry = i % n_sums * n;
        if (i < n_sums)
            memcpy(part->pivot + entry, run, n * sizeof *y);
        sum_run(part, n, entry, n_run, run);
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
    size_t n_sums = count_sums(norm), n = n_sums * norm->n_channels;
    if (!norm->has_pivot)
        memcpy(norm->mean, part->pivot, n * sizeof *norm->mean);
    norm->has_pivot = true;
    double n_rows = (double)(part->n_rows / n_sums);
    for (size_t c = 0; c < n; c++) {
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
    double bias = norm->no_bias ? 0.0 : (double)norm->bias[c];
    norm->shift[c] = (float)(bias - scale * mean);
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
    size_t n_sums = count_sums(norm);
    bool apart = norm->n_steps > 1;
    double count = (double)(n / n_sums);
    double all = apart ? count : count * (double)repeats;
    for (size_t i = count_entries(norm); i-- > 0;) { /* pivots last */
        size_t from = n_sums > 1 ? i : i % norm->n_channels;
        double above = norm->sum_a[from] / count;
        double mean = (double)norm->mean[from] + above;
        double variance =
            fmax(norm->sum_b[from] / count - above * above, 0.0);
        make_affine(norm, i, mean, variance);
        follow(&norm->running_mean[i], mean, norm->momentum);
        follow(&norm->running_variance[i],
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
    for (size_t c = 0; c < count_entries(norm); c++)
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

static void sum_backward_run(const struct batch_norm *norm,
                             const struct norm_sums *part, size_t entry,
                             size_t n_rows, const float *y, const float *d_z)
{
    size_t n = norm->n_channels;
    for (size_t i = 0; i < n_rows; i += ROWS_PER_BLOCK) {
        size_t left = n_rows - i;
        add_backward_block(part, n, norm->mean + entry,
                           left < ROWS_PER_BLOCK ? left : ROWS_PER_BLOCK,
                           y + i * n, d_z + i * n);
        settle_block(part, n, entry);
    }
}

void batch_norm_backward_sum(const struct batch_norm *norm, size_t worker,
                             size_t n_rows, const float *y, const float *d_z)
{
    size_t n = norm->n_channels;
    struct norm_sums *part = begin_part(norm, worker, n_rows);
    for (size_t i = 0; i < count_runs(norm, n_rows); i++) {
        struct run run = run_at(norm, n_rows, i);
        sum_backward_run(norm, part, run.entry, run.n, y + run.first_y * n,
                         d_z + run.first * n);
    }
}

void batch_norm_backward_settle(struct batch_norm *norm, size_t worker)
{
    const struct norm_sums *part = &norm->parts[worker];
    for (size_t c = 0; c < count_entries(norm); c++) {
        norm->sum_a[c] += part->a[c];
        norm->sum_b[c] += part->b[c];
    }
}

/* d_y = k (d_z - m - (y - mean) inverse^2 p / n), where m is the mean of d_z
 * and p the sum of d_z (y - mean); a row that is a sum over r steps subtracts
 * r times as much, which n = rows (not rows * r) does by itself. */
static void find_slopes(struct batch_norm *norm, size_t n)
{
    double count = (double)(n / count_steps(norm));
    for (size_t c = 0; c < count_entries(norm); c++) {
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
    for (size_t c = 0; c < count_entries(norm); c++) {
        if (!norm->no_bias)
            d_bias[c] = (float)norm->sum_a[c];
        if (norm->active)
            d_weight[c] = (float)(norm->gain * norm->sum_b[c] *
                                  (double)norm->inverse[c]);
    }
    if (norm->active)
        find_slopes(norm, n);
}

static void apply_run(const struct batch_norm *norm, size_t entry,
                      size_t n_rows, const float *restrict y,
                      float *restrict d_z)
{
    size_t n = norm->n_channels;
    const float *restrict factor = norm->scale + entry;
    const float *restrict mean = norm->mean + entry;
    const float *restrict slope = norm->slope + entry;
    const float *restrict offset = norm->offset + entry;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++)
            d_z[i * n + c] = factor[c] * d_z[i * n + c] +
                             slope[c] * (y[i * n + c] - mean[c]) + offset[c];
}

void batch_norm_backward_apply(const struct batch_norm *norm, size_t n_rows,
                               const float *y, float *d_z)
{
    size_t n = norm->n_channels;
    if (!norm->active)
        return;
    for (size_t i = 0; i < count_runs(norm, n_rows); i++) {
        struct run run = run_at(norm, n_rows, i);
        apply_run(norm, run.entry, run.n, y + run.first_y * n,
                  d_z + run.first * n);
    }
}

static void scale_run(const struct batch_norm *norm, size_t entry,
                      size_t n_rows, float *restrict d_z)
{
    size_t n = norm->n_channels;
    const float *restrict scale = norm->scale + entry;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n; c++)
            d_z[i * n + c] *= scale[c];
}

void batch_norm_backward_fixed(const struct batch_norm *norm, size_t n_rows,
                               float *d_z)
{
    if (!norm->active)
        return;
    for (size_t i = 0; i < count_runs(norm, n_rows); i++) {
        struct run run = run_at(norm, n_rows, i);
        scale_run(norm, run.entry, run.n, d_z + run.first * norm->n_channels);
    }
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
