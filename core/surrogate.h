/*
 * The axis "surrogate": what stands in for the derivative of the spike.
 *
 * The spike is the Heaviside step of x = U - V_th (1 where x >= 0); backward,
 * its derivative is replaced by g'(x), in units of 1/potential.
 *
 * Kinds, by family: of bounded support (surrogate_compact.c: triangular,
 * rectangular, poisson_pass); with tails that fall exponentially
 * (surrogate_bell.c: sigmoid, piecewise_exp, erf, gaussian, multi_gaussian,
 * noisy_lif) or as a power (surrogate_tail.c: superspike, fast_sigmoid,
 * softsign, atan, q_pseudospike); without a finite area (surrogate_endless.c:
 * s2nn, nonzero_sign_log_abs, piecewise_leaky_relu, leaky_k_relu,
 * log_tailed_relu, fake_numerical, straight_through; surrogate_squarewave.c:
 * squarewave_fourier); fitted to a layer's neurons (surrogate_fitted.c: pdsg,
 * mpd_agl, ds_atgo; surrogate_learned.c: psg); of attacks only, following each
 * sample (surrogate_adaptive.c: assg).
 */
#ifndef CORE_SURROGATE_H
#define CORE_SURROGATE_H

#include "core/kind.h"

/* What a surrogate is fitted to: a layer's neurons in one pass. */
struct surrogate_layer {
    size_t n_steps, n_channels; /* T, C */
    double threshold, leak;     /* V_th; 1 if the neuron has no leak */
    const float *mean, *deviation; /* [T][C] of x; if it fits moments */
    const float *gain; /* [C] normalization's learned scale; NULL: none */
    double log_width;  /* its own, if it learns its width; 0 at first */
};

/* How sharp it is at a neuron of a sample, by what |x| was in an attack's
 * queries: alpha = omega / (M + relax D + 1e-4), with M <- beta_mean M +
 * (1 - beta_mean) |x| and D <- beta_spread D + (1 - beta_spread) ||x| - M|. */
struct surrogate_adaptation {
    float omega, relax, beta_mean, beta_spread;
};

/* Of a surrogate that follows each sample: M and D of a layer's neurons. */
struct surrogate_sharpness {
    struct surrogate_adaptation law;
    float *mean, *spread; /* [B][T][P][C]; NULL: it does not follow */
    bool settled; /* passes back leave them as they are */
};

struct surrogate {
    struct kind kind;
    /* y[i] = g'(x[i]) for i below n; finite for every finite x. x and y may
     * be the same array. */
    void (*derivative)(const void *params, size_t n, const float *x, float *y);
    /* g(x), an antiderivative of g', for the smooth twin; in double. */
    double (*primitive)(const void *params, double x);
    /* The least w of a support within [-w, w], outside which g' is 0; INFINITY
     * if there is none. Tails that only fall are never 0. */
    double (*half_width)(const void *params);
    /* The integral of g' over the whole line: INFINITY where it diverges, NAN
     * where it has no limit because g' oscillates for ever. */
    double (*area)(const void *params);
    /* What g' may be unlike the others, which are even in x, not negative, and
     * nowhere rise with |x|. */
    bool lopsided; /* g'(-x) may differ from g'(x) */
    bool rises;    /* with |x|, in places, or is negative there */
    /* Optional: the surrogate follows its layer's neurons. All of the above is
     * about h, its shape before that; in a pass it is
     *     g'(x) = h((x - center) inverse) inverse,
     * of the same area, with center and inverse [T][C] written here. */
    void (*fit)(const void *params, const struct surrogate_layer *layer,
                float *inverse, float *center);
    /* Optional, of attacks only: it is alpha h(alpha x), each neuron's alpha
     * by this. */
    struct surrogate_adaptation (*adapt)(const void *params);
    bool fits_moments; /* of the membrane in the pass at hand */
    bool learns_width; /* a parameter of each layer, ln w, is trained */
};

extern const struct axis surrogate_axis;

/* What an attack goes back through: "own", the surrogate of training, perhaps
 * sharper, one that follows each sample, or any kind of the other axis. */
extern const struct axis attack_surrogate_axis;

/* What an experiment's "matrix" stands for: kinds of that axis, each at its
 * defaults. One of them may be the network's own. */
extern const char surrogate_matrix_word[];
extern const struct kind *const surrogate_matrix[];
extern const size_t surrogate_n_matrix;

/* What a pass goes back through, s g'(s x). */
struct surrogate_use {
    const struct surrogate *surrogate;
    const void *params;
    double sharpness; /* s */
    bool foreign; /* not that of training: what was learned is not for it */
};

/* In training; and in the spec's attack, as in training if it has none. */
struct surrogate_use surrogate_in_training(const struct spec *spec);
struct surrogate_use surrogate_in_attack(const struct spec *spec);

/* Whether the spec's attack names as another surrogate, with all its
 * parameters, the one that the network was trained with. */
bool surrogate_is_own_by_name(const struct spec *spec);

/* The surrogate that a spec's choice names. */
const struct surrogate *surrogate_of(const struct kind *kind);

/* The least w such that g' holds `share` (above 0, below 1) of its area within
 * [-w, w]; 0 if its area is not finite. */
double surrogate_holding_width(const struct surrogate *surrogate,
                               const void *params, double share);

#endif
