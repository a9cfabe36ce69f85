/* The axis' table of contents; its kinds are in files by family. */
#include "core/regularizer_parts.h"

/* none ---------------------------------------------------------------- */

static double weight_of_none(const void *params, double progress)
{
    (void)params;
    (void)progress;
    return 0.0;
}

static const struct regularizer none = {
    .kind = {.name = "none", .doc = "nothing is added to the loss",
             .cite = "standard"},
    .weight = weight_of_none,
};

/* the range ----------------------------------------------------------- */

double regularizer_support(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_SURROGATE];
    double half_width = surrogate_of(choice->kind)->half_width(choice->params);
    return isfinite(half_width) ? half_width : 0.0;
}

double regularizer_gamma(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_REGULARIZER];
    const struct regularizer *regularizer = regularizer_of(choice->kind);
    return regularizer->gamma ? regularizer->gamma(choice->params, spec)
                              : regularizer_support(spec);
}

/* what it looks at ---------------------------------------------------- */

bool regularizer_watches(const struct regularizer *regularizer)
{
    return regularizer->moments || regularizer->value || regularizer->rate;
}

bool regularizer_counts(const struct regularizer *regularizer,
                        const void *params)
{
    return regularizer->rate || regularizer_statistics(regularizer, params) !=
                                    STATISTICS_EMPIRICAL;
}

enum regularizer_statistics
regularizer_statistics(const struct regularizer *regularizer,
                       const void *params)
{
    return regularizer->statistics ? regularizer->statistics(params)
                                   : STATISTICS_EMPIRICAL;
}

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &none.kind,
    &regularizer_mpd_sgr.kind,
    &regularizer_tgo.kind,
    &regularizer_pda.kind,
    &regularizer_firing_rate.kind,
    &regularizer_gradient_sparsity.kind,
    &regularizer_perturbation.kind,
};

const struct axis regularizer_axis = {"regularizer",
                                      "what is added to the loss in training",
                                      kinds, KIND_COUNT(kinds), "none"};

const struct regularizer *regularizer_of(const struct kind *kind)
{
    return (const struct regularizer *)kind;
}
