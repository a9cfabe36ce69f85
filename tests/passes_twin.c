#include "tests/passes_twin.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

void passes_open(struct passes_twin *twin, const char *text, size_t n)
{
    static float images[PASSES_N * PASSES_PIXELS];
    uint32_t ids[PASSES_N];
    *twin = (struct passes_twin){.arena = arena_open(), .n = n};
    struct arena *arena = &twin->arena;
    twin->spec = small_spec(text, arena);
    twin->data = small_trial_data(arena);
    twin->plain = plain_lay_out(&twin->spec, &twin->data, n, arena);
    twin->plain->train = true;
    twin->plain->regularizer_weight = 0;
    size_t n_values = small_count_values(&twin->spec, &twin->data);
    size_t n_encoded = twin->plain->n_steps * n * PASSES_PIXELS;
    twin->values = ARENA_ARRAY(arena, double, n_values);
    twin->gradient = ARENA_ARRAY(arena, double, n_values);
    twin->part = ARENA_ARRAY(arena, double, n_values);
    twin->encoded = ARENA_ARRAY(arena, double, n_encoded);
    twin->d_encoded = ARENA_ARRAY(arena, double, n_encoded);
    for (uint32_t i = 0; i < n; i++)
        ids[i] = i;
    data_gather(&twin->data, &twin->data.train, n, ids, images,
                twin->labels);
    for (size_t i = 0; i < n * PASSES_PIXELS; i++)
        twin->images[i] = (double)images[i];
}

double passes_forward(struct passes_twin *twin, const double *images)
{
    size_t n = twin->n * PASSES_PIXELS;
    for (size_t i = 0; i < twin->plain->n_steps * n; i++)
        twin->encoded[i] = (images[i % n] - (double)twin->data.mean[0]) /
                           (double)twin->data.deviation[0];
    return plain_loss(twin->plain, twin->values, twin->encoded, twin->labels);
}

void passes_backward(struct passes_twin *twin, double factor,
                     const double *d_logits, const double *d_currents)
{
    twin->plain->d_logits = d_logits;
    twin->plain->d_currents = d_currents;
    plain_gradient(twin->plain, twin->values, twin->labels, twin->part,
                   twin->d_encoded);
    for (size_t i = 0; i < twin->plain->n_parameters; i++)
        twin->gradient[i] += factor * twin->part[i];
}

/* the label's share --------------------------------------------------- */

static void find_rivals(struct passes_twin *twin)
{
    for (size_t b = 0; b < twin->n; b++) {
        const double *logits = twin->plain->logits + b * PASSES_CLASSES;
        size_t y = twin->labels[b], a = (y + 1) % PASSES_CLASSES;
        size_t c = (y + 2) % PASSES_CLASSES;
        twin->rivals[b] = logits[a] > logits[c] ? a : c;
    }
}

static double share_of(const struct passes_twin *twin, size_t b)
{
    const double *logits = twin->plain->logits + b * PASSES_CLASSES;
    double own = exp(logits[twin->labels[b]]);
    return own / (own + exp(logits[twin->rivals[b]]));
}

/* d_logits of the sum of factors[b] times the shares; NULL: 1. */
static void push_shares(struct passes_twin *twin, const double *factors)
{
    memset(twin->d_logits, 0, sizeof twin->d_logits);
    for (size_t b = 0; b < twin->n; b++) {
        double f = share_of(twin, b), d = f * (1 - f);
        d *= factors ? factors[b] : 1;
        twin->d_logits[b * PASSES_CLASSES + twin->labels[b]] = d;
        twin->d_logits[b * PASSES_CLASSES + twin->rivals[b]] = -d;
    }
}

void passes_aim(struct passes_twin *twin, const double *images, double h)
{
    size_t n = twin->n * PASSES_PIXELS;
    passes_forward(twin, images);
    find_rivals(twin);
    push_shares(twin, NULL);
    passes_backward(twin, 0, twin->d_logits, NULL);
    for (size_t i = 0; i < n; i++) {
        double d = 0;
        for (size_t t = 0; t < twin->plain->n_steps; t++)
            d += twin->d_encoded[t * n + i];
        twin->others[i] = images[i] + h * ((d > 0) - (d < 0));
    }
}

double passes_find_slopes(struct passes_twin *twin, const double *images,
                          double h, double slopes[PASSES_N])
{
    double sum = 0;
    passes_forward(twin, images);
    for (size_t b = 0; b < twin->n; b++)
        twin->shares[b] = share_of(twin, b);
    passes_forward(twin, twin->others);
    for (size_t b = 0; b < twin->n; b++) {
        slopes[b] = (share_of(twin, b) - twin->shares[b]) / h;
        sum += slopes[b] * slopes[b] / (double)twin->n;
    }
    return sum;
}

double passes_add_sparsity(struct passes_twin *twin, const double *images,
                           double weight, double h)
{
    double slopes[PASSES_N];
    double found = passes_find_slopes(twin, images, h, slopes);
    for (size_t b = 0; b < twin->n; b++)
        slopes[b] *= 2 * weight / (h * (double)twin->n);
    push_shares(twin, slopes);
    passes_backward(twin, 1, twin->d_logits, NULL);
    passes_forward(twin, images);
    push_shares(twin, slopes);
    passes_backward(twin, -1, twin->d_logits, NULL);
    return found;
}

/* currents ------------------------------------------------------------ */

void passes_open_drift(struct passes_twin *twin, struct passes_drift *drift)
{
    const struct plain_model *plain = twin->plain;
    const struct plain_layer *last = &plain->layers[plain->n_layers - 1];
    drift->n_steps = plain->n_steps;
    drift->n_step = last->out_height * last->out_width * last->n_out;
    size_t n = twin->n * drift->n_steps * drift->n_step;
    drift->clean = ARENA_ARRAY(&twin->arena, double, n);
    drift->d = ARENA_ARRAY(&twin->arena, double, n);
}

static const double *currents_of(const struct passes_twin *twin)
{
    return twin->plain->layers[twin->plain->n_layers - 1].z;
}

void passes_note_clean(struct passes_twin *twin, struct passes_drift *drift)
{
    memcpy(drift->clean, currents_of(twin),
           twin->n * drift->n_steps * drift->n_step * sizeof(double));
}

/* The gradient is that by each e[t] times -leak^(t - s) at all s <= t. */
double passes_measure(const struct passes_twin *twin,
                      struct passes_drift *drift)
{
    size_t n_steps = drift->n_steps, n = drift->n_step;
    size_t n_all = twin->n * n_steps * n;
    double sum = 0;
    memset(drift->d, 0, n_all * sizeof *drift->d);
    for (size_t i = 0; i < twin->n * n; i++)
        for (size_t t = 0; t < n_steps; t++) {
            size_t at = i / n * n_steps * n + i % n;
            double e = 0;
            for (size_t s = 0; s <= t; s++)
                e += pow(drift->leak, (double)(t - s)) *
                     (drift->clean[at + s * n] -
                      currents_of(twin)[at + s * n]);
            double by = drift->absolute ? (e > 0) - (e < 0) : 2 * e;
            sum += (drift->absolute ? fabs(e) : e * e) / (double)n_all;
            for (size_t s = 0; s <= t; s++)
                drift->d[at + s * n] -=
                    pow(drift->leak, (double)(t - s)) * by / (double)n_all;
        }
    return sum;
}

double passes_add_drift(struct passes_twin *twin, const double *images,
                        double weight, struct passes_drift *drift)
{
    static const double none[PASSES_N * PASSES_CLASSES];
    passes_forward(twin, images);
    passes_note_clean(twin, drift);
    passes_forward(twin, twin->others);
    double found = passes_measure(twin, drift);
    passes_backward(twin, weight, none, drift->d);
    if (drift->holds)
        return found;
    passes_forward(twin, images);
    passes_backward(twin, -weight, none, drift->d);
    return found;
}
