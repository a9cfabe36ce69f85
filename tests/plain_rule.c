/* Rules of the way back, of the plain twin: a neuron as a function of the means
 * over time. */
#include "tests/plain_parts.h"

#include <math.h>
#include <string.h>

static double number(const struct plain_model *plain, const char *name)
{
    return plain_number(plain->spec, SPEC_ATTACK_RULE, name, NAN);
}

bool plain_has_rule(const struct plain_model *plain, const char *name)
{
    const struct kind *kind = plain->spec->at[SPEC_ATTACK_RULE].kind;
    return !plain->train && kind && !strcmp(kind->name, name);
}

double plain_hart_slope(const struct plain_model *plain, double x)
{
    double gamma = number(plain, "gamma");
    return fmax(0, 1 / gamma - fabs(x) / (gamma * gamma));
}

/* The slope of a line from one point to another, on both of its ends, too. */
static double slope_between(double u, double u_0, double s_0, double u_1,
                            double s_1)
{
    return u < u_0 || u > u_1 || u_0 == u_1 ? 0 : (s_1 - s_0) / (u_1 - u_0);
}

/* d mean(s) / du at u = gain mean(z) / V_th. */
static double slope_of(const struct plain_model *plain, double u, double leak)
{
    const struct choice *choice = &plain->spec->at[SPEC_ATTACK_RULE];
    if (plain_has_rule(plain, "rga")) {
        double gamma = number(plain, "gamma"), rheobase = 1 - leak;
        double end = 1 + number(plain, "extent"), s = gamma * rheobase;
        return slope_between(u, 0, 0, rheobase, s) +
               slope_between(u, rheobase, s, end, 1);
    }
    const struct row *row = kind_find_row(choice->kind, "activation");
    const char *activation = row->choices[*(const int *)(
        (const char *)choice->params + row->offset)];
    return strcmp(activation, "relu") != 0 ? slope_between(u, 0, 0, 1, 1)
           : u > 0                         ? 1
                                           : 0;
}

bool plain_goes_by_means(const struct plain_model *plain)
{
    return plain_has_rule(plain, "bptr") || plain_has_rule(plain, "rga") ||
           plain_has_rule(plain, "conversion");
}

void plain_backward_means(const struct plain_model *plain,
                          const struct plain_layer *layer,
                          const double *values, double *d_s)
{
    size_t n = plain_count_outputs(layer), n_steps = plain->n_steps;
    for (size_t i = 0; i < plain->n_images * n; i++) {
        size_t at = i / n * n_steps * n + i % n;
        double z = 0, rate = 0;
        for (size_t t = 0; t < n_steps; t++) {
            z += layer->rescaled[at + t * n] / (double)n_steps;
            rate += layer->s[at + t * n] / (double)n_steps;
        }
        double leak = plain_leak_at(plain, layer, values, 0, i % n);
        double unit = plain_gain_at(plain, layer, values, 0) /
                      layer->threshold[0];
        double slope = plain_has_rule(plain, "bptr")
                           ? (rate > 0 ? 1 : 0)
                           : slope_of(plain, z * unit, leak) * unit;
        for (size_t t = 0; t < n_steps; t++)
            d_s[at + t * n] *= slope;
    }
}

void plain_average_steps(const struct plain_model *plain,
                         const struct plain_layer *layer, double *d_z)
{
    size_t n = plain_count_outputs(layer), n_steps = plain->n_steps;
    for (size_t i = 0; i < plain->n_images * n; i++) {
        size_t at = i / n * n_steps * n + i % n;
        double sum = 0;
        for (size_t t = 0; t < n_steps; t++)
            sum += d_z[at + t * n];
        for (size_t t = 0; t < n_steps; t++)
            d_z[at + t * n] = sum / (double)n_steps;
    }
}
