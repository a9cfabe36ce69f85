/* Codes that tell the pixel by when it spikes, or in which steps. */
#include "core/encoding_parts.h"

#include <math.h>

/* latency ------------------------------------------------------------- */

/* The step of the spike, rounded half to even; x outside [0, 1] never fires. */
static void latency_encode(const void *params,
                           const struct encoding_batch *batch, float *encoded)
{
    (void)params;
    size_t n = encoding_count_pixels(batch);
    const float *restrict images = batch->images;
    float last = (float)(batch->n_steps - 1);
    for (size_t t = 0; t < batch->n_steps; t++) {
        float *restrict spikes = encoded + t * n;
        float now = (float)t;
        for (size_t i = 0; i < n; i++)
            spikes[i] =
                rintf(last * (1.0f - images[i])) == now ? 1.0f : 0.0f;
    }
}

const struct encoding encoding_latency = {
    .kind = {.name = "latency",
             .doc = "one spike a pixel, at step rint((T - 1) (1 - x)): bright ones first; "
                    "backward the identity at that step",
             .cite = "linear time to first spike, as SpikingJelly's "
                     "LatencyEncoder; Park et al., DAC 2020 (T2FSNN)"},
    .masked = true,
    .encode = latency_encode,
    .backward = encoding_pass_spikes,
};

/* One spike a pixel, at the step that stands in the first step's room for it;
 * a number that is none of the T steps never fires. Backwards, so that the room
 * is used up last. */
static void fire_once(const struct encoding_batch *batch, float *encoded)
{
    size_t n = encoding_count_pixels(batch);
    const float *steps = encoded;
    for (size_t t = batch->n_steps; t-- > 0;) {
        float *spikes = encoded + t * n;
        float now = (float)t;
        for (size_t i = 0; i < n; i++)
            spikes[i] = steps[i] == now ? 1.0f : 0.0f;
    }
}

/* latency_log --------------------------------------------------------- */

static void latency_log_encode(const void *params,
                               const struct encoding_batch *batch,
                               float *encoded)
{
    (void)params;
    size_t n = encoding_count_pixels(batch);
    float last = (float)(batch->n_steps - 1), alpha = expm1f(last);
    for (size_t i = 0; i < n; i++)
        encoded[i] = rintf(last - log1pf(alpha * batch->images[i]));
    fire_once(batch, encoded);
}

const struct encoding encoding_latency_log = {
    .kind = {.name = "latency_log",
             .doc = "one spike a pixel, at step rint(T - 1 - ln(alpha x + 1)) with alpha = "
                    "exp(T - 1) - 1: bright ones first, dark ones told apart best; backward the "
                    "identity at that step",
             .cite = "logarithmic latency, as SpikingJelly's LatencyEncoder"},
    .masked = true,
    .encode = latency_log_encode,
    .backward = encoding_pass_spikes,
};

/* ttfs ---------------------------------------------------------------- */

static void ttfs_encode(const void *params, const struct encoding_batch *batch,
                        float *encoded)
{
    (void)params;
    size_t n = encoding_count_pixels(batch);
    float n_steps = (float)batch->n_steps;
    for (size_t i = 0; i < n; i++)
        encoded[i] = floorf((1.0f - batch->images[i]) * n_steps);
    fire_once(batch, encoded);
}

const struct encoding encoding_ttfs = {
    .kind = {.name = "ttfs",
             .doc = "one spike a pixel, at step floor((1 - x) T): bright ones first, black ones "
                    "never; backward the identity at that step",
             .cite = "time to first spike; Ding et al., Nat. Commun. 16:10175, 2025, their code"},
    .masked = true,
    .encode = ttfs_encode,
    .backward = encoding_pass_spikes,
};

/* burst --------------------------------------------------------------- */

enum { BURST_PRE, BURST_POST };

static const char *const burst_orders[] = {
    [BURST_PRE] = "pre", [BURST_POST] = "post", NULL};

struct burst {
    int order;
};

static void burst_encode(const void *params,
                         const struct encoding_batch *batch, float *encoded)
{
    const struct burst *burst = params;
    size_t n = encoding_count_pixels(batch);
    const float *restrict images = batch->images;
    for (size_t t = 0; t < batch->n_steps; t++) {
        float *restrict spikes = encoded + t * n;
        float now = (float)t / (float)batch->n_steps;
        if (burst->order == BURST_PRE)
            for (size_t i = 0; i < n; i++)
                spikes[i] = now < images[i] ? 1.0f : 0.0f;
        else
            for (size_t i = 0; i < n; i++)
                spikes[i] = now <= 1.0f - images[i] ? 0.0f : 1.0f;
    }
}

static const struct row burst_rows[] = {
    {.name = "order", .unit = "1",
     .doc = "pre: the burst begins with the first step, at steps t/T < x; post: it ends with the "
            "last, at steps t/T > 1 - x",
     .type = ROW_CHOICE, .fallback = "pre", .choices = burst_orders,
     .offset = offsetof(struct burst, order)},
};

const struct encoding encoding_burst = {
    .kind = {.name = "burst",
             .doc = "spikes in a row, as many as the pixel is bright; backward the identity at "
                    "their steps",
             .cite = "Ding et al., Nat. Commun. 16:10175, 2025, their code",
             .rows = burst_rows,
             .n_rows = KIND_COUNT(burst_rows),
             .params_size = sizeof(struct burst)},
    .masked = true,
    .encode = burst_encode,
    .backward = encoding_pass_spikes,
};

/* phase --------------------------------------------------------------- */

struct phase {
    size_t n_phases;
};

/* The first K binary digits of x; what is 1 - 2^-K or more has all of them.
 * A float times a power of 2 is exact. */
static void phase_encode(const void *params,
                         const struct encoding_batch *batch, float *encoded)
{
    const struct phase *phase = params;
    size_t n = encoding_count_pixels(batch);
    size_t n_phases = phase->n_phases ? phase->n_phases : batch->n_steps;
    float scale = ldexpf(1.0f, (int)n_phases);
    uint64_t most = ((uint64_t)1 << n_phases) - 1;
    for (size_t t = 0; t < batch->n_steps; t++) {
        float *restrict spikes = encoded + t * n;
        size_t digit = n_phases - 1 - t % n_phases;
        for (size_t i = 0; i < n; i++) {
            float inside = fminf(fmaxf(batch->images[i], 0.0f), 1.0f);
            uint64_t digits = (uint64_t)(inside * scale);
            digits = digits < most ? digits : most;
            spikes[i] = (float)(digits >> digit & 1);
        }
    }
}

static const struct row phase_rows[] = {
    {.name = "n_phases", .unit = "step",
     .doc = "digits K, after which they begin anew; 0: as many as there are steps",
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 32,
     .offset = offsetof(struct phase, n_phases)},
};

const struct encoding encoding_phase = {
    .kind = {.name = "phase",
             .doc = "weighted phase: spikes where x has the binary digit 1, that of weight 1/2 "
                    "first; backward the identity at every step",
             .cite = "Kim et al., Neurocomputing 311, 2018, as SpikingJelly's "
                     "WeightedPhaseEncoder",
             .rows = phase_rows,
             .n_rows = KIND_COUNT(phase_rows),
             .params_size = sizeof(struct phase)},
    .encode = phase_encode,
    .sums = true,
    .backward = encoding_pass_sum,
};

/* delta --------------------------------------------------------------- */

struct delta {
    double threshold;
};

/* An image stands still, so that it only ever rises when it appears. */
static void delta_encode(const void *params,
                         const struct encoding_batch *batch, float *encoded)
{
    const struct delta *delta = params;
    size_t n = encoding_count_pixels(batch);
    float threshold = (float)delta->threshold;
    for (size_t i = 0; i < n; i++)
        encoded[i] = batch->images[i] >= threshold ? 1.0f : 0.0f;
    for (size_t i = n; i < batch->n_steps * n; i++)
        encoded[i] = 0.0f;
}

static const struct row delta_rows[] = {
    {.name = "threshold", .unit = "1", .doc = "rise of a pixel that makes a spike",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0.001, .maximum = 1,
     .offset = offsetof(struct delta, threshold)},
};

const struct encoding encoding_delta = {
    .kind = {.name = "delta",
             .doc = "a spike where x rises by the threshold from one step to the next; an image "
                    "appears at step 0 out of the dark and stands still from then on; backward "
                    "the identity at the spikes (that rule is this program's)",
             .cite = "delta modulation, as snnTorch's spikegen.delta without off-spikes",
             .rows = delta_rows,
             .n_rows = KIND_COUNT(delta_rows),
             .params_size = sizeof(struct delta)},
    .masked = true,
    .encode = delta_encode,
    .backward = encoding_pass_spikes,
};
