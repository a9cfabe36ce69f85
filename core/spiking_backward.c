#include "core/status.h"
#include "core/tile.h"

#include <string.h>

struct backward {
    struct tile_visitor visitor;
    const float *y;
    const struct source *d_counts;
    const struct membrane_gradient *membrane;
    const struct current_gradient *to;
    double *d_own, *d_width, *d_keep; /* may be NULL */
    struct potentials at;
    _Alignas(64) float g[TILE_MAX], d_s[TILE_MAX], d_x[TILE_MAX];
    _Alignas(64) float d_values[NEURON_TENSORS_MAX][TILE_MAX];
    struct gates gates;
    _Alignas(64) float through[TILE_MAX]; /* spikes that come through them */
};

/* A maximum hands its gradient to the first pixel that attains it. */
static void hand_to_winner(const struct tile *tile, const float *restrict s,
                           const float *restrict d_out, float *restrict d_s)
{
    size_t n = tile->n;
    for (size_t c = 0; c < n; c++) {
        size_t winner = 0;
        while (winner < tile->window.n_pixels && s[winner * n + c] == 0.0f)
            winner++;
        winner = winner == tile->window.n_pixels ? 0 : winner;
        for (size_t p = 0; p < tile->window.n_pixels; p++)
            d_s[p * n + c] = p == winner ? d_out[c] : 0.0f;
    }
}

static void hand_to_all(const struct tile *tile, const float *restrict d_out,
                        float *restrict d_s)
{
    float share = 1.0f / (float)tile->window.n_pixels;
    for (size_t p = 0; p < tile->window.n_pixels; p++)
        for (size_t c = 0; c < tile->n; c++)
            d_s[p * tile->n + c] = share * d_out[c];
}

/* The spikes' part of the gradient by what they have been joined to, in place;
 * the others' goes where it is wanted. */
static void unjoin(const struct spiking *spiking, const struct tile *tile,
                   size_t t, const float *restrict s, float *restrict d_s)
{
    const uint8_t *restrict joined = tile_find_joined(spiking, tile, t);
    float *restrict d_joined =
        spiking->d_joined + tile_place(spiking, tile, spiking->n_steps, t,
                                       spiking->height * spiking->width,
                                       tile->window.pixel[0]);
    for (size_t c = 0; c < tile->n; c++) {
        float d_out = d_s[c], count = (float)joined[c];
        if (spiking->join == JOIN_ADD) {
            d_joined[c] = d_out;
        } else if (spiking->join == JOIN_AND) {
            d_joined[c] = d_out * s[c];
            d_s[c] = d_out * count;
        } else {
            d_joined[c] = d_out * (1.0f - s[c]);
            d_s[c] = -d_out * count;
        }
    }
}

/* s: the spikes that were pooled. */
static void unpool(struct backward *backward, const struct tile *tile,
                   const float *s)
{
    const struct spiking *spiking = backward->visitor.spiking;
    const struct source *d_counts = backward->d_counts;
    size_t n = tile_count_lanes(tile);
    for (size_t t = 0; t < spiking->n_steps; t++) {
        float *d_s = backward->d_s + t * n;
        if (tile->window.out == TILE_NOWHERE) {
            memset(d_s, 0, n * sizeof *d_s);
            continue;
        }
        const float *d_out =
            d_counts->floats + tile->b * d_counts->stride_image +
            t * d_counts->stride_step +
            tile->window.out * spiking->n_channels + tile->channel;
        if (spiking->pool == POOL_MAX)
            hand_to_winner(tile, s + t * n, d_out, d_s);
        else
            hand_to_all(tile, d_out, d_s);
        if (network_joins_spikes(spiking->join))
            unjoin(spiking, tile, t, s + t * n, d_s);
    }
}

/* factor r'(x) of every potential. */
static void put_slopes(struct backward *backward, size_t n)
{
    const struct membrane_gradient *membrane = backward->membrane;
    float *restrict d_x = backward->d_x;
    membrane->term.slope(membrane->term.params, n, backward->at.x, d_x);
    for (size_t i = 0; i < n; i++)
        d_x[i] *= membrane->factor;
}

/* A regularizer's part of dL/ds, the same for all spikes. */
static void add_by_spike(struct backward *backward, size_t n)
{
    float by_spike = backward->membrane->by_spike;
    for (size_t i = 0; by_spike != 0.0f && i < n; i++)
        backward->d_s[i] += by_spike;
}

/* From the next layers to the gradient by the neurons' spikes. */
static void take_spikes_back(struct backward *backward,
                             const struct tile *tile, double *d_keep)
{
    const struct spiking *spiking = backward->visitor.spiking;
    const float *s = backward->at.s;
    if (!spiking->gate.law) {
        unpool(backward, tile, s);
        return;
    }
    tile_draw_gates(spiking, tile, &backward->gates);
    tile_pass_gates(spiking, tile, &backward->gates, s, backward->through);
    unpool(backward, tile, backward->through);
    tile_open_back(spiking, tile, &backward->gates, s, backward->d_s, d_keep);
}

static const float *membrane_term(struct backward *backward,
                                  const struct tile *tile)
{
    const struct membrane_gradient *membrane = backward->membrane;
    const struct spiking *spiking = backward->visitor.spiking;
    if (membrane->term.slope) {
        put_slopes(backward, spiking->n_steps * tile_count_lanes(tile));
        return backward->d_x;
    }
    if (!membrane->slope)
        return NULL;
    for (size_t t = 0; t < spiking->n_steps; t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            size_t at = t * spiking->n_channels + tile->channel;
            size_t lane = t * tile_count_lanes(tile) + p * tile->n;
            const float *restrict offset = membrane->offset + at;
            const float *restrict slope = membrane->slope + at;
            const float *restrict pivot = membrane->pivot + at;
            const float *restrict x = backward->at.x + lane;
            float *restrict d_x = backward->d_x + lane;
            for (size_t c = 0; c < tile->n; c++)
                d_x[c] = offset[c] + slope[c] * (x[c] - pivot[c]);
        }
    return backward->d_x;
}

static void scale(size_t n, const float *restrict factors,
                  const float *restrict from, float *restrict to)
{
    for (size_t c = 0; c < n; c++)
        to[c] = from[c] * factors[c];
}

static void put_step(const struct backward *backward, const struct tile *tile,
                     size_t n_steps, size_t t, const float *d_z)
{
    const struct spiking *spiking = backward->visitor.spiking;
    const float *factors =
        spiking->scale + t * spiking->stride_norm + tile->channel;
    size_t n_pixels = spiking->height * spiking->width;
    for (size_t p = 0; p < tile->window.n_pixels; p++) {
        const float *from = d_z + p * tile->n;
        float *to = backward->to->d +
                    tile_place(spiking, tile, n_steps, t, n_pixels,
                               tile->window.pixel[p]);
        if (backward->to->by_y)
            scale(tile->n, factors, from, to);
        else
            memcpy(to, from, tile->n * sizeof *to);
    }
}

/* Sums the steps of a tile into its first, from t = 0 on. */
static void sum_steps(size_t n_steps, size_t n, float *restrict d_z)
{
    for (size_t t = 1; t < n_steps; t++)
        for (size_t i = 0; i < n; i++)
            d_z[i] += d_z[t * n + i];
}

static void put_gradient(struct backward *backward, const struct tile *tile)
{
    size_t n_steps = backward->visitor.spiking->n_steps;
    size_t n = tile_count_lanes(tile);
    if (backward->to->summed) {
        sum_steps(n_steps, n, backward->d_s);
        put_step(backward, tile, 1, 0, backward->d_s);
        return;
    }
    for (size_t t = 0; t < n_steps; t++)
        put_step(backward, tile, n_steps, t, backward->d_s + t * n);
}

/* A fitted surrogate at its lanes' places and widths: x before, g' after. */
static void move_lanes(const struct backward *backward,
                       const struct tile *tile, const float *x, float *moved)
{
    const struct spiking *spiking = backward->visitor.spiking;
    for (size_t t = 0; t < spiking->n_steps; t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            size_t at = t * spiking->n_channels + tile->channel;
            size_t lane = t * tile_count_lanes(tile) + p * tile->n;
            const float *restrict inverse = spiking->inverse + at;
            const float *restrict center = spiking->center + at;
            for (size_t c = 0; c < tile->n; c++)
                moved[lane + c] = (x[lane + c] - center[c]) * inverse[c];
        }
}

static void scale_lanes(const struct backward *backward,
                        const struct tile *tile, float *g)
{
    const struct spiking *spiking = backward->visitor.spiking;
    for (size_t t = 0; t < spiking->n_steps; t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            size_t at = t * spiking->n_channels + tile->channel;
            size_t lane = t * tile_count_lanes(tile) + p * tile->n;
            const float *restrict inverse = spiking->inverse + at;
            for (size_t c = 0; c < tile->n; c++)
                g[lane + c] *= inverse[c];
        }
}

static void take_derivative(struct backward *backward, const struct tile *tile,
                            const struct neuron_tile *neurons)
{
    const struct spiking *spiking = backward->visitor.spiking;
    size_t n = neurons->n_steps * neurons->n;
    float *g = backward->g;
    const float *x = neurons->x;
    if (spiking->adaptive.mean) {
        tile_take_sharp(spiking, tile, x, g);
        return;
    }
    if (!spiking->inverse) {
        spiking->surrogate->derivative(spiking->surrogate_params, n, x, g);
        return;
    }
    move_lanes(backward, tile, x, g);
    spiking->surrogate->derivative(spiking->surrogate_params, n, g, g);
    scale_lanes(backward, tile, g);
}

/* dL/dln w of a surrogate that is scaled by w: -sum dL/ds x g'(x). */
static double sum_width(const struct backward *backward,
                        const struct neuron_tile *neurons)
{
    double sum = 0.0;
    for (size_t i = 0; i < neurons->n_steps * neurons->n; i++)
        sum -= (double)backward->d_s[i] * (double)neurons->x[i] *
               (double)backward->g[i];
    return sum;
}

/* The gradients by what is trained of a layer's neurons. */
static void add_own(const struct backward *backward, const struct tile *tile)
{
    const struct spiking *spiking = backward->visitor.spiking;
    double *d_own = backward->d_own;
    for (size_t k = 0; k < spiking->neuron->n_tensors; k++) {
        if (spiking->neuron->tensors[k].running)
            continue;
        tile_add_own(spiking, tile, k, backward->d_values[k], d_own);
        d_own += spiking_count_own(spiking, k);
    }
}

static void backward_tile(struct tile_visitor *visitor, const struct tile *tile)
{
    struct backward *backward = (struct backward *)visitor;
    const struct spiking *spiking = visitor->spiking;
    struct neuron_tile neurons =
        tile_run_neurons(spiking, tile, backward->y, &backward->at);
    if (spiking->n_levels == 0)
        take_derivative(backward, tile, &neurons);
    take_spikes_back(backward, tile, backward->d_keep);
    add_by_spike(backward, neurons.n_steps * neurons.n);
    struct neuron_gradients gradients = {.g = backward->g,
                                         .d_s = backward->d_s,
                                         .d_x = membrane_term(backward, tile),
                                         .d_z = backward->d_s};
    size_t n_tensors = backward->d_own ? spiking->neuron->n_tensors : 0;
    if (backward->d_width)
        *backward->d_width += sum_width(backward, &neurons);
    for (size_t k = 0; k < n_tensors; k++)
        if (!spiking->neuron->tensors[k].running)
            gradients.d_own[k] = backward->d_values[k];
    if (spiking->n_levels > 0)
        spiking->neuron->activation->backward(spiking->neuron_params, &neurons,
                                              &gradients);
    else
        spiking->neuron->backward(spiking->neuron_params, &neurons,
                                  &gradients);
    put_gradient(backward, tile);
    if (backward->d_own)
        add_own(backward, tile);
}

/* An attack's rule in place of surrogate and recurrence. */
static void backward_tile_by_rule(struct tile_visitor *visitor,
                                  const struct tile *tile)
{
    struct backward *backward = (struct backward *)visitor;
    const struct spiking *spiking = visitor->spiking;
    struct neuron_tile neurons =
        tile_run_neurons(spiking, tile, backward->y, &backward->at);
    take_spikes_back(backward, tile, NULL);
    struct rule_tile to = {.neuron = spiking->neuron,
                           .neuron_params = spiking->neuron_params,
                           .neurons = &neurons,
                           .room = backward->g,
                           .d = backward->d_s};
    spiking->rule.rule->backward(spiking->rule.params, &to);
    put_gradient(backward, tile);
}

/* Where the parts of d_own begin, which may be NULL. */
static void place_gradients(struct backward *backward, double *d_own)
{
    const struct spiking *spiking = backward->visitor.spiking;
    backward->d_own = d_own;
    backward->d_width = backward->d_keep = NULL;
    for (size_t k = 0; d_own && k < spiking->neuron->n_tensors; k++)
        if (!spiking->neuron->tensors[k].running)
            d_own += spiking_count_own(spiking, k);
    if (d_own && spiking->learns_width)
        backward->d_width = d_own++;
    if (d_own && spiking->gate.keep)
        backward->d_keep = d_own;
}

void spiking_backward(const struct spiking *spiking, struct image_range range,
                      const float *y, const struct source *d_counts,
                      const struct membrane_gradient *membrane,
                      const struct current_gradient *to, double *d_own)
{
    MUST(spiking->n_steps <= TILE_STEPS_MAX);
    MUST(!spiking->rule.rule->backward || !d_own);
    bool by_rule = spiking->rule.rule->backward;
    struct backward backward;
    backward.visitor = (struct tile_visitor){
        spiking, by_rule ? backward_tile_by_rule : backward_tile};
    backward.y = y;
    backward.d_counts = d_counts;
    backward.membrane = membrane;
    backward.to = to;
    place_gradients(&backward, d_own);
    for (size_t b = range.first; b < range.first + range.n; b++)
        tile_visit_image(&backward.visitor, b);
}
