#include "core/membrane.h"
#include "core/regularizer.h"
#include "core/status.h"

#include <math.h>
#include <string.h>

void membrane_lay_out(struct membrane *membrane, struct arena *arena)
{
    size_t n = membrane->n_layers * membrane->n_steps;
    membrane->counts = ARENA_ARRAY(arena, uint64_t, n * (membrane->n_bins + 2));
    membrane->n_inside = ARENA_ARRAY(arena, uint64_t, n);
    membrane->n_spikes = ARENA_ARRAY(arena, uint64_t, n);
    membrane->n = ARENA_ARRAY(arena, uint64_t, n);
    membrane->sum = ARENA_ARRAY(arena, double, n);
    membrane->sum_squares = ARENA_ARRAY(arena, double, n);
}

/* Bin 0 is the underflow, n_bins + 1 the overflow (and what is not a
 * number). */
static void count_bins(const struct membrane *membrane, size_t n,
                       const float *x, uint64_t *counts)
{
    float range = (float)membrane->range, top = (float)membrane->n_bins + 1;
    float per_unit = (float)membrane->n_bins / (2.0f * range);
    for (size_t i = 0; i < n; i++) {
        float bin = (x[i] + range) * per_unit + 1.0f;
        bin = bin < top ? bin : top;
        bin = bin < 1.0f ? 0.0f : bin;
        counts[(size_t)bin]++;
    }
}

static void add_step(struct membrane *membrane, size_t at, size_t n,
                     const float *x, const float *s)
{
    double sum = 0, squares = 0; /* in float, a deviation of 0 is 0.001 */
    float gamma = (float)membrane->gamma;
    unsigned n_inside = 0, n_spikes = 0;
    for (size_t i = 0; i < n; i++) {
        double value = (double)x[i];
        sum += value;
        squares += value * value;
        n_inside += fabsf(x[i]) < gamma;
        n_spikes += s[i] > 0.0f;
    }
    membrane->sum[at] += sum;
    membrane->sum_squares[at] += squares;
    membrane->n_inside[at] += n_inside;
    membrane->n_spikes[at] += n_spikes;
    membrane->n[at] += n;
}

void membrane_add(struct membrane *membrane, size_t layer, size_t n_steps,
                  size_t n, const float *x, const float *s)
{
    for (size_t t = 0; t < n_steps; t++) {
        size_t at = layer * n_steps + t;
        add_step(membrane, at, n, x + t * n, s + t * n);
        count_bins(membrane, n, x + t * n,
                   membrane->counts + at * (membrane->n_bins + 2));
    }
}

static void move_counts(size_t n, uint64_t *from, uint64_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
    memset(from, 0, n * sizeof *from);
}

static void move_sums(size_t n, double *from, double *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
    memset(from, 0, n * sizeof *from);
}

void membrane_move(struct membrane *part, size_t layer, struct membrane *sum)
{
    size_t n = part->n_steps, at = layer * n, n_bins = part->n_bins + 2;
    MUST(part->n_layers == 1 && n == sum->n_steps &&
         part->n_bins == sum->n_bins && layer < sum->n_layers);
    move_counts(n * n_bins, part->counts, sum->counts + at * n_bins);
    move_counts(n, part->n_inside, sum->n_inside + at);
    move_counts(n, part->n_spikes, sum->n_spikes + at);
    move_counts(n, part->n, sum->n + at);
    move_sums(n, part->sum, sum->sum + at);
    move_sums(n, part->sum_squares, sum->sum_squares + at);
}

double membrane_inside(const struct membrane *membrane, size_t layer)
{
    size_t n_inside = 0, n = 0;
    for (size_t t = 0; t < membrane->n_steps; t++) {
        n_inside += membrane->n_inside[layer * membrane->n_steps + t];
        n += membrane->n[layer * membrane->n_steps + t];
    }
    return (double)n_inside / (double)n;
}

void membrane_clear(struct membrane *membrane)
{
    size_t n = membrane->n_layers * membrane->n_steps;
    size_t n_counts = n * (membrane->n_bins + 2);
    memset(membrane->counts, 0, n_counts * sizeof *membrane->counts);
    memset(membrane->n_inside, 0, n * sizeof *membrane->n_inside);
    memset(membrane->n_spikes, 0, n * sizeof *membrane->n_spikes);
    memset(membrane->n, 0, n * sizeof *membrane->n);
    memset(membrane->sum, 0, n * sizeof *membrane->sum);
    memset(membrane->sum_squares, 0, n * sizeof *membrane->sum_squares);
}

/* Multiplied before divided: -1 and 0, where many neurons sit, are to be edges
 * exactly if they are edges. */
static void write_edges(const struct membrane *membrane, double *edges)
{
    double range = membrane->range, n = (double)membrane->n_bins;
    edges[0] = -INFINITY;
    for (size_t i = 0; i <= membrane->n_bins; i++)
        edges[i + 1] = range * (2.0 * (double)i - n) / n;
}

static void write_step(const struct membrane *membrane, size_t at,
                       struct record *record)
{
    double n = (double)membrane->n[at];
    double mean = membrane->sum[at] / n;
    double deviation =
        sqrt(fmax(membrane->sum_squares[at] / n - mean * mean, 0.0));
    record_f64(record, FIELD_MEMBRANE_MEAN)[at] = mean;
    record_f64(record, FIELD_MEMBRANE_DEVIATION)[at] = deviation;
    record_f64(record, FIELD_MEMBRANE_OMEGA)[at] =
        omega_value(mean, deviation, membrane->gamma);
    record_f64(record, FIELD_MEMBRANE_INSIDE)[at] =
        (double)membrane->n_inside[at] / n;
    record_f64(record, FIELD_FIRING_RATE)[at] =
        (double)membrane->n_spikes[at] / n;
}

void membrane_write(const struct membrane *membrane, struct record *record)
{
    size_t n = membrane->n_layers * membrane->n_steps;
    uint64_t *counts = record_u64(record, FIELD_MEMBRANE_COUNT);
    write_edges(membrane, record_f64(record, FIELD_MEMBRANE_EDGE));
    *record_f64(record, FIELD_MEMBRANE_GAMMA) = membrane->gamma;
    for (size_t i = 0; i < n * (membrane->n_bins + 2); i++)
        counts[i] = membrane->counts[i];
    for (size_t i = 0; i < n; i++)
        write_step(membrane, i, record);
}
