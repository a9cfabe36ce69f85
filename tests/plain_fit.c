/* Fitted surrogates of the plain twin, by their papers' words. */
#include "core/surrogate.h"
#include "tests/plain_parts.h"

#include <math.h>
#include <string.h>

/* Mean and deviation of x of the steps from..to of a channel, or of all
 * channels if c is n_out. */
static void describe(const struct plain_model *plain,
                     const struct plain_layer *layer, size_t from, size_t to,
                     size_t c, double *mean, double *deviation)
{
    size_t n = plain_count_outputs(layer);
    size_t n_all = plain_count_rows(plain) * n;
    double sum = 0, squares = 0, count = 0;
    for (int again = 0; again < 2; again++)
        for (size_t at = 0; at < n_all; at++) {
            size_t t = at / n % plain->n_steps;
            bool chosen = c == layer->n_out || at % layer->n_out == c;
            if (t < from || t > to || !chosen)
                continue;
            if (again)
                squares += pow(layer->x[at] - sum / count, 2);
            else
                sum += layer->x[at], count++;
        }
    *mean = sum / count;
    *deviation = sqrt(squares / count);
}

static double mean_scale(const struct plain_layer *layer, const double *values)
{
    double sum = 0;
    if (!layer->normalized)
        return 1;
    for (size_t c = 0; c < layer->n_out; c++)
        sum += values[layer->scale + c];
    return sum / (double)layer->n_out;
}

static struct plain_fit fit_at(const struct plain_model *plain,
                               const struct plain_layer *layer,
                               const double *values, size_t t, size_t c)
{
    const char *kind = plain->spec->at[SPEC_SURROGATE].kind->name;
    if (layer->log_width != SIZE_MAX)
        return (struct plain_fit){exp(values[layer->log_width]), 0};
    if (plain->smooth)
        return (struct plain_fit){1, 0};
    double mean, deviation, threshold = plain->threshold;
    if (!strcmp(kind, "pdsg")) {
        describe(plain, layer, 0, t, c, &mean, &deviation);
        deviation = deviation < 1e-3 * threshold ? 1 : deviation;
        return (struct plain_fit){deviation, 0.5 * deviation};
    }
    if (!strcmp(kind, "mpd_agl")) {
        double first = fabs(mean_scale(layer, values)) * threshold;
        double later = sqrt(1 + plain->leak * plain->leak) * first;
        return (struct plain_fit){t == 0 ? first : later, 0};
    }
    if (!strcmp(kind, "ds_atgo")) {
        describe(plain, layer, t, t, layer->n_out, &mean, &deviation);
        double above = mean + threshold + deviation;
        double factor = above < threshold ? 1 - tanh(threshold - above)
                                          : 1 + tanh(above - threshold);
        return (struct plain_fit){factor, 0};
    }
    return (struct plain_fit){1, 0};
}

struct plain_fit *plain_take_fits(const struct plain_model *plain,
                                  const struct plain_layer *layer,
                                  const double *values)
{
    size_t n = plain->n_steps * layer->n_out;
    struct plain_fit *fits = ARENA_ARRAY(plain->arena, struct plain_fit, n);
    for (size_t i = 0; i < n; i++)
        fits[i] = fit_at(plain, layer, values, i / layer->n_out,
                         i % layer->n_out);
    return fits;
}
