/* What the files analysis/ablate*.c share. */
#ifndef ANALYSIS_ABLATE_PARTS_H
#define ANALYSIS_ABLATE_PARTS_H

#include "analysis/ablate.h"
#include "analysis/variance.h"

/* The axes that are looked at, as factors; and those that are not. */
struct ablated {
    struct axes axes;
    struct variance_factor *factors; /* [axes.n] */
    const char *left_out;            /* names with commas; "" for none */
};

CHECKED enum status ablate_find_axes(const struct results *results,
                                     const char *list, struct arena *arena,
                                     struct ablated *ablated);

/* One figure of all trials, [n_trials]. */
const double *ablate_values(const struct results *results,
                            const struct figure *figure, struct arena *arena);

#endif
