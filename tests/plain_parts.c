#include "tests/plain_parts.h"
#include "core/network.h"

#include <math.h>
#include <string.h>

/* operations ---------------------------------------------------------- */

/* An operation's arrays of one (b, t); backward if d_y is given. */
struct product {
    const double *weight, *input;
    double *y;
    const double *d_y;
    double *d_weight, *d_input;
};

static void visit(const struct product *p, size_t weight, size_t in,
                  size_t out)
{
    if (!p->d_y) {
        p->y[out] += p->weight[weight] * p->input[in];
        return;
    }
    p->d_weight[weight] += p->d_y[out] * p->input[in];
    p->d_input[in] += p->d_y[out] * p->weight[weight];
}

/* All products of tap (kh, kw) at pixel (h, w). */
static void visit_tap(const struct plain_layer *layer,
                      const struct product *product, size_t h, size_t w,
                      size_t kh, size_t kw)
{
    size_t border = layer->size / 2; /* wraps below 0 */
    size_t from_h = h * layer->stride + kh - border;
    size_t from_w = w * layer->stride + kw - border;
    if (from_h >= layer->height || from_w >= layer->width)
        return;
    for (size_t i = 0; i < layer->n_in; i++)
        for (size_t o = 0; o < layer->n_out; o++)
            visit(product,
                  ((kh * layer->size + kw) * layer->n_in + i) * layer->n_out +
                      o,
                  (from_h * layer->width + from_w) * layer->n_in + i,
                  (h * layer->out_width + w) * layer->n_out + o);
}

static void run_operation(const struct plain_layer *layer,
                          const struct product *product)
{
    for (size_t i = 0; layer->linear && i < layer->n_in; i++)
        for (size_t o = 0; o < layer->n_out; o++)
            visit(product, i * layer->n_out + o, i, o);
    for (size_t h = 0; !layer->linear && h < layer->out_height; h++)
        for (size_t w = 0; w < layer->out_width; w++)
            for (size_t tap = 0; tap < layer->size * layer->size; tap++)
                visit_tap(layer, product, h, w, tap / layer->size,
                          tap % layer->size);
}

size_t plain_count_pixels(const struct plain_layer *layer)
{
    return layer->out_height * layer->out_width;
}

size_t plain_count_inputs(const struct plain_layer *layer)
{
    return layer->height * layer->width * layer->n_in;
}

size_t plain_count_outputs(const struct plain_layer *layer)
{
    return plain_count_pixels(layer) * layer->n_out;
}

size_t plain_count_pooled(const struct plain_layer *layer)
{
    return layer->pooled_height * layer->pooled_width * layer->n_out;
}

size_t plain_count_rows(const struct plain_model *plain)
{
    return plain->n_images * plain->n_steps;
}

void plain_forward_operation(struct plain_model *plain,
                              struct plain_layer *layer, const double *values)
{
    size_t n_in = plain_count_inputs(layer), n_out = plain_count_outputs(layer);
    memset(layer->y, 0, plain_count_rows(plain) * n_out * sizeof(double));
    for (size_t r = 0; r < plain_count_rows(plain); r++) {
        struct product product = {.weight = values + layer->weight,
                                  .input = layer->input + r * n_in,
                                  .y = layer->y + r * n_out};
        run_operation(layer, &product);
    }
}

void plain_backward_operation(struct plain_model *plain,
                               struct plain_layer *layer, const double *values,
                               const double *d_y, double *d_weight,
                               double *d_input)
{
    size_t n_in = plain_count_inputs(layer), n_out = plain_count_outputs(layer);
    memset(d_input, 0, plain_count_rows(plain) * n_in * sizeof(double));
    for (size_t r = 0; r < plain_count_rows(plain); r++) {
        struct product product = {values + layer->weight,
                                  layer->input + r * n_in,
                                  NULL,
                                  d_y + r * n_out,
                                  d_weight,
                                  d_input + r * n_in};
        run_operation(layer, &product);
    }
}

/* normalization ------------------------------------------------------- */

/* The entry of a norm's tensors that row r of a channel goes by. */
static size_t entry_at(const struct plain_model *plain,
                       const struct plain_layer *layer, size_t r, size_t c)
{
    size_t t = r / plain_count_pixels(layer) % plain->n_steps;
    return (layer->n_own > 1 ? t : 0) * layer->n_out + c;
}

static void take_statistics(struct plain_model *plain,
                            struct plain_layer *layer, const double *values)
{
    size_t n = layer->n_out, n_entries = n * layer->n_own;
    size_t rows = plain_count_rows(plain) * plain_count_pixels(layer);
    double count = (double)(rows / layer->n_own);
    for (size_t e = 0; e < n_entries; e++) {
        double mean = 0, variance = 0;
        for (size_t r = 0; r < rows; r++)
            if (entry_at(plain, layer, r, e % n) == e)
                mean += layer->y[r * n + e % n] / count;
        for (size_t r = 0; r < rows; r++)
            if (entry_at(plain, layer, r, e % n) == e)
                variance += pow(layer->y[r * n + e % n] - mean, 2) / count;
        layer->mean[e] = plain->train ? mean : values[layer->running_mean + e];
        layer->variance[e] =
            plain->train ? variance : values[layer->running_variance + e];
    }
}

static double unit_at(const struct plain_model *plain,
                      const struct plain_layer *layer, size_t r, size_t c)
{
    size_t e = entry_at(plain, layer, r, c);
    return (layer->y[r * layer->n_out + c] - layer->mean[e]) /
           sqrt(layer->variance[e] + plain->epsilon);
}

void plain_forward_norm(struct plain_model *plain, struct plain_layer *layer,
                         const double *values)
{
    size_t n = layer->n_out;
    size_t rows = plain_count_rows(plain) * plain_count_pixels(layer);
    if (layer->normalized)
        take_statistics(plain, layer, values);
    for (size_t i = 0; i < rows * n; i++) {
        size_t e = entry_at(plain, layer, i / n, i % n);
        layer->z[i] = layer->normalized
                          ? values[layer->scale + e] * layer->gain *
                                unit_at(plain, layer, i / n, i % n)
                          : layer->y[i];
        if (layer->shift != SIZE_MAX)
            layer->z[i] += values[layer->shift + i % n];
    }
}

/* The sums over d_z of an entry, and over d_z times the unit. */
static void sum_entry(const struct plain_model *plain,
                      const struct plain_layer *layer, const double *d_z,
                      size_t e, double *sum, double *products, double *terms)
{
    size_t n = layer->n_out, c = e % n;
    size_t rows = plain_count_rows(plain) * plain_count_pixels(layer);
    *sum = *products = *terms = 0;
    for (size_t r = 0; r < rows; r++)
        if (entry_at(plain, layer, r, c) == e) {
            *sum += d_z[r * n + c];
            if (!layer->normalized)
                continue;
            double product = d_z[r * n + c] * unit_at(plain, layer, r, c);
            *products += product;
            *terms += fabs(product);
        }
}

/* d_z becomes d_y in place. */
void plain_backward_norm(struct plain_model *plain, struct plain_layer *layer,
                          const double *values, double *d_z, double *gradient)
{
    size_t n = layer->n_out;
    size_t rows = plain_count_rows(plain) * plain_count_pixels(layer);
    double count = (double)(rows / layer->n_own);
    for (size_t e = 0; e < n * layer->n_own; e++) {
        double sum, products, terms;
        size_t c = e % n;
        sum_entry(plain, layer, d_z, e, &sum, &products, &terms);
        if (layer->shift != SIZE_MAX)
            gradient[layer->shift + c] = sum;
        if (!layer->normalized)
            continue;
        gradient[layer->scale + e] = layer->gain * products;
        plain->terms[layer->scale + e] = layer->gain * terms;
        double factor = values[layer->scale + e] * layer->gain /
                        sqrt(layer->variance[e] + plain->epsilon);
        for (size_t r = 0; r < rows; r++) {
            double unit = unit_at(plain, layer, r, c);
            double back = plain->train ? (sum + unit * products) / count : 0;
            if (entry_at(plain, layer, r, c) == e)
                d_z[r * n + c] = factor * (d_z[r * n + c] - back);
        }
    }
}

/* shortcuts ----------------------------------------------------------- */

void plain_forward_shortcut(struct plain_model *plain,
                            struct plain_layer *layer, const double *values)
{
    struct plain_layer *way = layer->way;
    bool before = layer->join == JOIN_CURRENTS;
    const double *taken = layer->join == JOIN_MEMBRANE ? layer->from->z
                                                       : layer->from->joined;
    const double *added = before ? layer->from->y : taken;
    if (way) {
        memcpy(way->input, taken,
               plain_count_rows(plain) * plain_count_inputs(way) *
                   sizeof *added);
        plain_forward_operation(plain, way, values);
        if (!before)
            plain_forward_norm(plain, way, values);
        added = before ? way->y : way->z;
    }
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    double *sum = before ? layer->y : layer->z;
    for (size_t i = 0; i < n; i++)
        sum[i] += added[i];
}

static void add_to(size_t n, const double *from, double *sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += from[i];
}

void plain_backward_shortcut(struct plain_model *plain,
                             struct plain_layer *layer, const double *values,
                             const double *d_sum, double *gradient, double *d)
{
    struct plain_layer *way = layer->way;
    size_t n_sum = plain_count_rows(plain) * plain_count_outputs(layer);
    size_t n = plain_count_rows(plain) * plain_count_pooled(layer->from);
    double *d_taken = layer->join == JOIN_MEMBRANE ? layer->from->d_z : d;
    if (!way) {
        add_to(n_sum, d_sum,
               layer->join == JOIN_CURRENTS ? layer->from->d_y : d_taken);
        return;
    }
    double *d_y = ARENA_ARRAY(plain->arena, double, n_sum);
    double *d_from = ARENA_ARRAY(plain->arena, double, n);
    memcpy(d_y, d_sum, n_sum * sizeof *d_y);
    if (layer->join != JOIN_CURRENTS)
        plain_backward_norm(plain, way, values, d_y, gradient);
    plain_backward_operation(plain, way, values, d_y, gradient + way->weight,
                             d_from);
    add_to(n, d_from, d_taken);
}

void plain_forward_join(struct plain_model *plain, struct plain_layer *layer)
{
    size_t n = plain_count_rows(plain) * plain_count_pooled(layer);
    for (size_t i = 0; i < n; i++) {
        double a = layer->pooled[i], s = layer->from->joined[i];
        layer->joined[i] = layer->join == JOIN_ADD   ? a + s
                           : layer->join == JOIN_AND ? a * s
                                                     : (1 - a) * s;
    }
}

void plain_backward_join(struct plain_model *plain, struct plain_layer *layer,
                         double *d_joined, double *d)
{
    size_t n = plain_count_rows(plain) * plain_count_pooled(layer);
    for (size_t i = 0; i < n; i++) {
        double a = layer->pooled[i], s = layer->from->joined[i];
        double by_a = layer->join == JOIN_ADD   ? 1
                      : layer->join == JOIN_AND ? s
                                                : -s;
        double by_s = layer->join == JOIN_ADD   ? 1
                      : layer->join == JOIN_AND ? a
                                                : 1 - a;
        d[i] += by_s * d_joined[i];
        d_joined[i] *= by_a;
    }
}

/* pooling ------------------------------------------------------------- */

/* The four neurons of a window (one without pooling), and the winner among
 * their spikes. */
static size_t window_of(const struct plain_layer *layer, size_t row,
                        size_t out, size_t at[4])
{
    size_t by = layer->pool == POOL_NONE ? 1 : 2, n = 0;
    size_t c = out % layer->n_out, pixel = out / layer->n_out;
    size_t h = pixel / layer->pooled_width, w = pixel % layer->pooled_width;
    for (size_t i = 0; i < by * by; i++)
        at[n++] = row * plain_count_outputs(layer) +
                  ((h * by + i / by) * layer->out_width + w * by + i % by) *
                      layer->n_out +
                  c;
    return n;
}

static double share_of(const struct plain_layer *layer, const size_t at[4],
                       size_t n, size_t i)
{
    const double *s = layer->through;
    size_t winner = 0;
    for (size_t k = 1; k < n; k++)
        winner = s[at[k]] > s[at[winner]] ? k : winner;
    if (layer->pool == POOL_MAX)
        return i == winner ? 1 : 0;
    return 1 / (double)n;
}

void plain_forward_pool(struct plain_model *plain, struct plain_layer *layer)
{
    size_t n_out = plain_count_pooled(layer), at[4];
    for (size_t i = 0; i < plain_count_rows(plain) * n_out; i++) {
        size_t n = window_of(layer, i / n_out, i % n_out, at);
        layer->pooled[i] = 0;
        for (size_t k = 0; k < n; k++)
            layer->pooled[i] +=
                share_of(layer, at, n, k) * layer->through[at[k]];
    }
}

void plain_backward_pool(struct plain_model *plain, struct plain_layer *layer,
                          const double *d_pooled, double *d_s)
{
    size_t n_out = plain_count_pooled(layer), at[4];
    memset(d_s, 0,
           plain_count_rows(plain) * plain_count_outputs(layer) * sizeof *d_s);
    for (size_t i = 0; i < plain_count_rows(plain) * n_out; i++) {
        size_t n = window_of(layer, i / n_out, i % n_out, at);
        for (size_t k = 0; k < n; k++)
            d_s[at[k]] += share_of(layer, at, n, k) * d_pooled[i];
    }
}
