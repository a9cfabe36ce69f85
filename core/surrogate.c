/* The axis' table of contents; its kinds are in files by family. */
#include "core/surrogate_parts.h"

double surrogate_unit_area(const void *params)
{
    (void)params;
    return 1.0;
}

double surrogate_infinite_area(const void *params)
{
    (void)params;
    return (double)INFINITY;
}

double surrogate_unbounded(const void *params)
{
    (void)params;
    return (double)INFINITY;
}

/* The first two are only for attacks. */
enum { N_OF_ATTACKS = 2 };

static const struct kind *const kinds[] = {
    &surrogate_own,
    &surrogate_assg.kind,
    &surrogate_triangular.kind,
    &surrogate_rectangular.kind,
    &surrogate_sigmoid.kind,
    &surrogate_superspike.kind,
    &surrogate_atan.kind,
    &surrogate_softsign.kind,
    &surrogate_fast_sigmoid.kind,
    &surrogate_piecewise_exp.kind,
    &surrogate_erf.kind,
    &surrogate_gaussian.kind,
    &surrogate_multi_gaussian.kind,
    &surrogate_noisy_lif.kind,
    &surrogate_q_pseudospike.kind,
    &surrogate_s2nn.kind,
    &surrogate_nonzero_sign_log_abs.kind,
    &surrogate_piecewise_leaky_relu.kind,
    &surrogate_leaky_k_relu.kind,
    &surrogate_log_tailed_relu.kind,
    &surrogate_fake_numerical.kind,
    &surrogate_squarewave_fourier.kind,
    &surrogate_straight_through.kind,
    &surrogate_poisson_pass.kind,
    &surrogate_pdsg.kind,
    &surrogate_mpd_agl.kind,
    &surrogate_ds_atgo.kind,
    &surrogate_psg.kind,
};

const struct axis surrogate_axis = {
    "surrogate", "what stands in for the derivative of the spike",
    kinds + N_OF_ATTACKS, KIND_COUNT(kinds) - N_OF_ATTACKS, "triangular"};

const struct axis attack_surrogate_axis = {
    "attack_surrogate",
    "what stands in for the derivative of the spike where an attack goes back",
    kinds, KIND_COUNT(kinds), "own"};

const struct surrogate *surrogate_of(const struct kind *kind)
{
    return (const struct surrogate *)kind;
}

static double share_within(const struct surrogate *surrogate,
                           const void *params, double width)
{
    return (surrogate->primitive(params, width) -
            surrogate->primitive(params, -width)) /
           surrogate->area(params);
}

/* Up to where it first holds the share it only grows, side lobes or not: what
 * they take away comes after the middle has gone beyond the whole area. */
double surrogate_holding_width(const struct surrogate *surrogate,
                               const void *params, double share)
{
    double below = 0.0, above = 1e-6;
    if (!isfinite(surrogate->area(params)))
        return 0.0;
    while (share_within(surrogate, params, above) < share) {
        below = above;
        above *= 2.0;
        MUST(isfinite(above));
    }
    for (int i = 0; i < 100; i++) {
        double middle = below + 0.5 * (above - below);
        if (share_within(surrogate, params, middle) < share)
            below = middle;
        else
            above = middle;
    }
    return above;
}
