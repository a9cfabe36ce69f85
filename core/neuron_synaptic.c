/* A kind of neuron whose input is a current with a memory of its own. */
#include "core/neuron_parts.h"

/* cuba ---------------------------------------------------------------- */

struct cuba {
    struct neuron_common common;
    double leak, synaptic_leak;
};

/* I_t = synaptic_leak I_{t-1} + z_t */
static void filter(float synaptic_leak, size_t n, const float *restrict z,
                   float *restrict current)
{
    for (size_t i = 0; i < n; i++)
        current[i] = synaptic_leak * current[i] + z[i];
}

static void cuba_forward(const void *params, const struct neuron_tile *tile)
{
    const struct cuba *cuba = params;
    struct recurrence by = neuron_recurrence(&cuba->common, cuba->leak);
    for (size_t i = 0; i < tile->n; i += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, i);
        float v[NEURON_LANES] = {0}, current[NEURON_LANES] = {0};
        for (size_t t = 0; t < tile->n_steps; t++) {
            size_t at = t * tile->n + i;
            filter((float)cuba->synaptic_leak, n, tile->z + at, current);
            neuron_step_forward(by, n, current, v, tile->x + at, tile->s + at);
        }
    }
}

/* dL/dI_t = dL/dU_t + synaptic_leak dL/dI_{t+1} is dL/dz_t as well. d_z may be
 * d_s. */
static void cuba_backward(const void *params, const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    const struct cuba *cuba = params;
    struct recurrence by = neuron_recurrence(&cuba->common, cuba->leak);
    float synaptic_leak = (float)cuba->synaptic_leak;
    for (size_t first = 0; first < tile->n; first += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, first);
        float d_v[NEURON_LANES] = {0}, d_current[NEURON_LANES] = {0};
        for (size_t t = tile->n_steps; t-- > 0;) {
            size_t at = t * tile->n + first;
            neuron_step_backward(by, n, tile->x + at, tile->s + at,
                                 gradients->g + at, gradients->d_s + at,
                                 gradients->d_x ? gradients->d_x + at : NULL,
                                 d_v);
            for (size_t i = 0; i < n; i++) {
                d_current[i] = synaptic_leak * d_current[i] + d_v[i];
                gradients->d_z[at + i] = d_current[i];
                d_v[i] *= by.leak;
            }
        }
    }
}

static const struct row cuba_rows[] = {
    {.name = "leak", .unit = "1",
     .doc = "what is left of the potential after a step; of a time constant tau (in steps): "
            "1 - 1/tau",
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct cuba, leak)},
    {.name = "synaptic_leak", .unit = "1",
     .doc = "alpha, what is left of the synaptic current after a step; of a time constant "
            "likewise; 0: lif",
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct cuba, synaptic_leak)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_cuba = {
    .kind = {.name = "cuba",
             .doc = "lif with a synaptic current: I_t = synaptic_leak I_{t-1} "
                    "+ z_t and U = leak V + I, so that the current of a step "
                    "counts at once; a reset leaves the current as it is; the "
                    "defaults are a choice of ours",
             .cite = "Neftci et al., IEEE Signal Process. Mag. 2019, the "
                     "current-based LIF, in the order of snnTorch's Synaptic "
                     "(Eshraghian et al., Proc. IEEE 2023)",
             .rows = cuba_rows,
             .n_rows = KIND_COUNT(cuba_rows),
             .params_size = sizeof(struct cuba)},
    .threshold = neuron_threshold,
    .forward = cuba_forward,
    .backward = cuba_backward,
};
