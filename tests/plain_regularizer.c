/* The regularizers of the plain twin, by their papers' words. */
#include "core/encoding.h"
#include "tests/plain_parts.h"

#include <math.h>
#include <string.h>

static bool is_kind(const struct plain_model *plain, const char *name)
{
    return !strcmp(plain->spec->at[SPEC_REGULARIZER].kind->name, name);
}

static double option(const struct plain_model *plain, const char *name)
{
    return plain_number(plain->spec, SPEC_REGULARIZER, name, 0);
}

/* Whether a choice is at this one. */
static bool chooses(const struct plain_model *plain, const char *name,
                    const char *text)
{
    const struct choice *choice = &plain->spec->at[SPEC_REGULARIZER];
    const struct row *row = kind_find_row(choice->kind, name);
    return row && !strcmp(row_print(row, choice->params, plain->arena), text);
}

static bool regularizes(const struct plain_model *plain)
{
    return plain->train && plain->regularizer_weight > 0;
}

/* moments ------------------------------------------------------------- */

static double normal_share(double mu, double sigma, double gamma)
{
    return 0.5 * (erf((mu + gamma) / (sigma * sqrt(2))) -
                  erf((mu - gamma) / (sigma * sqrt(2))));
}

static bool takes_distance(const struct plain_model *plain)
{
    return chooses(plain, "form", "distance");
}

/* A deviation that counts as none, core/regularizer_moments.c. */
static bool is_still(const struct plain_model *plain, double sigma)
{
    return !takes_distance(plain) && sigma < 1e-3 * plain->gamma;
}

static double pair_term(const struct plain_model *plain, double mu,
                        double sigma)
{
    double gamma = plain->gamma;
    double share = normal_share(mu, sigma, gamma);
    if (is_kind(plain, "mpd_sgr"))
        return share;
    if (!takes_distance(plain))
        return 1 - share;
    double outside = (fabs(mu) + option(plain, "reach") * sigma) / gamma - 1;
    return outside > 0 ? outside * outside : 0;
}

/* By finite differences of the closed form. */
static void differentiate(const struct plain_model *plain, double mu,
                          double sigma, double *d_mu, double *d_sigma)
{
    double h = 1e-4 * sigma, share = 0.5 / h;
    *d_mu = *d_sigma = 0;
    if (is_still(plain, sigma))
        return;
    *d_mu = share * (pair_term(plain, mu + h, sigma) -
                     pair_term(plain, mu - h, sigma));
    *d_sigma = share * (pair_term(plain, mu, sigma + h) -
                        pair_term(plain, mu, sigma - h));
}

/* Of n values that are `stride` apart. */
struct pair {
    double mu, sigma;
};

static size_t place(const struct plain_model *plain,
                    const struct plain_layer *layer, size_t i, size_t t,
                    size_t c)
{
    size_t n_pixels = plain_count_pixels(layer);
    size_t row = i / n_pixels * plain->n_steps + t;
    return (row * n_pixels + i % n_pixels) * layer->n_out + c;
}

static size_t count_neurons(const struct plain_model *plain,
                            const struct plain_layer *layer)
{
    return plain->n_images * plain_count_pixels(layer);
}

static struct pair measure(const struct plain_model *plain,
                           const struct plain_layer *layer, size_t t, size_t c)
{
    size_t n = count_neurons(plain, layer);
    double mu = 0, variance = 0;
    for (size_t i = 0; i < n; i++)
        mu += layer->x[place(plain, layer, i, t, c)] / (double)n;
    for (size_t i = 0; i < n; i++)
        variance += pow(layer->x[place(plain, layer, i, t, c)] - mu, 2) /
                    (double)n;
    return (struct pair){mu, sqrt(variance + 1e-12)};
}

/* Theorem 1 ----------------------------------------------------------- */

static double rate_at(const struct plain_model *plain,
                      const struct plain_layer *layer, size_t t, size_t c)
{
    size_t n = count_neurons(plain, layer);
    double rate = 0;
    if (layer->rates)
        return layer->rates[t * layer->n_out + c];
    for (size_t i = 0; i < n; i++)
        rate += layer->s[place(plain, layer, i, t, c)] / (double)n;
    return rate;
}

void plain_hold_rates(struct plain_model *plain, struct plain_layer *layer)
{
    size_t n = plain->n_steps * layer->n_out;
    double *rates = ARENA_ARRAY(plain->arena, double, n);
    for (size_t i = 0; i < n; i++)
        rates[i] = rate_at(plain, layer, i / layer->n_out, i % layer->n_out);
    layer->rates = rates;
}

/* The sum of leak^(t - i) over the steps up to t (from 0 on). */
static double decayed(double leak, size_t t)
{
    double sum = 0;
    for (size_t i = 0; i <= t; i++)
        sum += pow(leak, (double)(t - i));
    return sum;
}

/* Deviations of U by deviations of the current. */
static double spread_at(const struct plain_model *plain,
                        const struct plain_layer *layer, double leak, size_t t)
{
    const struct choice *encoding = &plain->spec->at[SPEC_ENCODING];
    bool constant = layer == plain->layers &&
                    encoding_of(encoding->kind)->constant &&
                    chooses(plain, "first_layer", "constant");
    return constant ? decayed(leak, t) : sqrt(decayed(leak * leak, t));
}

static struct pair predict(const struct plain_model *plain,
                           const struct plain_layer *layer,
                           const double *values, size_t t, size_t c)
{
    double leak = plain_leak_at(plain, layer, values, t, 0);
    double gain = plain_gain_at(plain, layer, values, t);
    double taken = plain->threshold;
    for (size_t i = 0; i < t; i++)
        taken += plain->threshold * pow(leak, (double)(t - i)) *
                 rate_at(plain, layer, i, c);
    return (struct pair){
        gain * values[layer->shift + c] * decayed(leak, t) - taken,
        gain * fabs(values[layer->scale + c]) * layer->gain *
            spread_at(plain, layer, leak, t)};
}

/* all pairs ----------------------------------------------------------- */

static bool predicts(const struct plain_model *plain)
{
    return chooses(plain, "statistics", "analytic");
}

/* 1 / the number of pairs that R is the mean over; 0: not this layer. */
static double share_of_pair(const struct plain_model *plain,
                            const struct plain_layer *layer)
{
    size_t n_layers = 0;
    for (size_t i = 0; i < plain->n_layers; i++)
        n_layers += !predicts(plain) || plain->layers[i].normalized;
    if (predicts(plain) && !layer->normalized)
        return 0;
    return 1 / (double)(plain->n_steps * layer->n_out * n_layers);
}

static struct pair pair_at(const struct plain_model *plain,
                           const struct plain_layer *layer,
                           const double *values, size_t t, size_t c)
{
    return predicts(plain) ? predict(plain, layer, values, t, c)
                           : measure(plain, layer, t, c);
}

static double sum_pairs(const struct plain_model *plain,
                        const struct plain_layer *layer, const double *values)
{
    double sum = 0, share = share_of_pair(plain, layer);
    for (size_t i = 0; share > 0 && i < plain->n_steps * layer->n_out; i++) {
        struct pair pair = pair_at(plain, layer, values, i / layer->n_out,
                                   i % layer->n_out);
        if (is_still(plain, pair.sigma))
            pair.sigma = 1e-300;
        sum += share * pair_term(plain, pair.mu, pair.sigma);
    }
    return sum;
}

/* Of a pair's term, by the number that the leak is learned as: differences. */
static double by_logit(const struct plain_model *plain,
                       const struct plain_layer *layer, const double *values,
                       size_t t, size_t c)
{
    double h = 1e-5, sum = 0;
    size_t n = plain->n_parameters;
    struct arena arena = arena_open();
    double *moved = ARENA_ARRAY(&arena, double, n);
    memcpy(moved, values, n * sizeof *moved);
    for (int sign = -1; sign <= 1; sign += 2) {
        moved[layer->logit] = values[layer->logit] + sign * h;
        struct pair pair = predict(plain, layer, moved, t, c);
        sum += sign * pair_term(plain, pair.mu, pair.sigma);
    }
    arena_close(&arena);
    return sum / (2 * h);
}

static void spread_pair(const struct plain_model *plain,
                        const struct plain_layer *layer, const double *values,
                        size_t t, size_t c, double *d_x, double *gradient)
{
    double factor = plain->regularizer_weight * share_of_pair(plain, layer);
    struct pair pair = pair_at(plain, layer, values, t, c);
    size_t n = count_neurons(plain, layer);
    double d_mu, d_sigma;
    differentiate(plain, pair.mu, pair.sigma, &d_mu, &d_sigma);
    if (predicts(plain)) {
        double leak = plain_leak_at(plain, layer, values, t, 0);
        double gain = plain_gain_at(plain, layer, values, t);
        double sign = values[layer->scale + c] < 0 ? -gain : gain;
        gradient[layer->shift + c] += factor * d_mu * gain * decayed(leak, t);
        gradient[layer->scale + c] += factor * d_sigma * sign * layer->gain *
                                      spread_at(plain, layer, leak, t);
        if (layer->logit != SIZE_MAX)
            gradient[layer->logit] +=
                factor * by_logit(plain, layer, values, t, c);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = place(plain, layer, i, t, c);
        d_x[at] += factor / (double)n *
                   (d_mu + d_sigma * (layer->x[at] - pair.mu) / pair.sigma);
    }
}

/* single potentials, rates -------------------------------------------- */

static double mean_near(const struct plain_model *plain,
                        const struct plain_layer *layer, double *d_x)
{
    double delta = option(plain, "delta"), sum = 0;
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    for (size_t i = 0; i < n; i++) {
        double near = delta - fabs(layer->x[i]);
        if (near <= 0)
            continue;
        sum += near / (double)n;
        if (d_x)
            d_x[i] -= plain->regularizer_weight / (double)n *
                      copysign(1, layer->x[i]);
    }
    return sum;
}

static double rate_term(const struct plain_model *plain,
                        const struct plain_layer *layer, double *d_s)
{
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    double above = -option(plain, "target");
    for (size_t i = 0; i < n; i++)
        above += layer->s[i] / (double)n;
    if (above < 0 ? chooses(plain, "bound", "upper")
                  : chooses(plain, "bound", "lower"))
        above = 0;
    for (size_t i = 0; d_s && i < n; i++)
        d_s[i] += plain->regularizer_weight * 2 * above /
                  (double)(n * plain->n_layers);
    return above * above / (double)plain->n_layers;
}

/* any of them --------------------------------------------------------- */

double plain_regularize(struct plain_model *plain, struct plain_layer *layer,
                        const double *values)
{
    double weight = plain->regularizer_weight;
    if (!regularizes(plain))
        return 0;
    if (is_kind(plain, "tgo"))
        return weight * mean_near(plain, layer, NULL);
    if (is_kind(plain, "firing_rate"))
        return weight * rate_term(plain, layer, NULL);
    return weight * sum_pairs(plain, layer, values);
}

void plain_backward_regularizer(struct plain_model *plain,
                                struct plain_layer *layer,
                                const double *values, double *d_x,
                                double *d_s, double *gradient)
{
    if (!regularizes(plain))
        return;
    if (is_kind(plain, "tgo"))
        mean_near(plain, layer, d_x);
    else if (is_kind(plain, "firing_rate"))
        rate_term(plain, layer, d_s);
    else if (share_of_pair(plain, layer) > 0)
        for (size_t i = 0; i < plain->n_steps * layer->n_out; i++)
            spread_pair(plain, layer, values, i / layer->n_out,
                        i % layer->n_out, d_x, gradient);
}
