/* A kind of neuron whose threshold follows its layer's potentials. */
#include "core/neuron_parts.h"

/* adaptive ------------------------------------------------------------ */

struct adaptive {
    struct neuron_common common;
    double leak, factor, momentum;
};

/* The recurrence of lif at a step, with the threshold of that step. */
static struct recurrence at_step(const struct adaptive *adaptive,
                                 const struct neuron_tile *tile, size_t t)
{
    struct recurrence by =
        neuron_recurrence(&adaptive->common, adaptive->leak);
    by.threshold = tile->own[0][t];
    return by;
}

static void adaptive_forward(const void *params,
                             const struct neuron_tile *tile)
{
    for (size_t i = 0; i < tile->n; i += NEURON_LANES) {
        float v[NEURON_LANES] = {0};
        for (size_t t = 0; t < tile->n_steps; t++) {
            size_t at = t * tile->n + i;
            neuron_step_forward(at_step(params, tile, t),
                                neuron_lanes_left(tile->n, i), tile->z + at, v,
                                tile->x + at, tile->s + at);
        }
    }
}

/* d_z may be d_s. */
static void adaptive_backward(const void *params,
                              const struct neuron_tile *tile,
                              const struct neuron_gradients *gradients)
{
    for (size_t first = 0; first < tile->n; first += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, first);
        float d_v[NEURON_LANES] = {0};
        for (size_t t = tile->n_steps; t-- > 0;) {
            size_t at = t * tile->n + first;
            struct recurrence by = at_step(params, tile, t);
            neuron_step_backward(by, n, tile->x + at, tile->s + at,
                                 gradients->g + at, gradients->d_s + at,
                                 gradients->d_x ? gradients->d_x + at : NULL,
                                 d_v);
            for (size_t i = 0; i < n; i++) {
                gradients->d_z[at + i] = d_v[i];
                d_v[i] *= by.leak;
            }
        }
    }
}

static double adaptive_follow(const void *params, double mean,
                              double deviation)
{
    return ((const struct adaptive *)params)->factor * (mean + deviation);
}

static double adaptive_momentum(const void *params)
{
    return ((const struct adaptive *)params)->momentum;
}

static const struct neuron_tensor adaptive_tensors[] = {
    {.name = "threshold", .by_step = true, .running = true,
     .begin = neuron_threshold},
};

static const struct row adaptive_rows[] = {
    {.name = "leak", .unit = "1", .doc = "what is left of the potential after a step",
     .type = ROW_REAL, .fallback = "0.2", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct adaptive, leak)},
    {.name = "factor", .unit = "1", .doc = "f_c, the threshold in units of mu + sigma",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001, .maximum = 1000,
     .offset = offsetof(struct adaptive, factor)},
    {.name = "momentum", .unit = "1", .doc = "weight of a batch in the average that tests use",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct adaptive, momentum)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_adaptive = {
    .kind = {.name = "adaptive",
             .doc = "lif whose threshold at a step is mu + sigma of its "
                    "layer's potentials at that step: of the batch in "
                    "training, a running average in tests; no gradient goes "
                    "through it, a choice of ours; the row threshold is what "
                    "the average begins with and what tdBN goes by; T + 1 "
                    "passes through the neurons in training",
             .cite = "DS-ATGO (arXiv 2511.13050, AAAI 2026), equations 5 and "
                     "6 with the true deviation, one threshold a layer and "
                     "step as in its code",
             .rows = adaptive_rows,
             .n_rows = KIND_COUNT(adaptive_rows),
             .params_size = sizeof(struct adaptive)},
    .tensors = adaptive_tensors,
    .n_tensors = KIND_COUNT(adaptive_tensors),
    .threshold = neuron_threshold,
    .follow = adaptive_follow,
    .momentum = adaptive_momentum,
    .forward = adaptive_forward,
    .backward = adaptive_backward,
};
