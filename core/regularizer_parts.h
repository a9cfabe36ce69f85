/* What core/regularizer*.c share; private to them. */
#ifndef CORE_REGULARIZER_PARTS_H
#define CORE_REGULARIZER_PARTS_H

#include "core/regularizer.h"
#include "core/spec.h"
#include "core/surrogate.h"

#include <math.h>

/* The half width of the support of the spec's surrogate, 0 if it is unbounded.
 */
double regularizer_support(const struct spec *spec);

/* By family: of the membrane's moments; of single potentials and spikes. */
extern const struct regularizer regularizer_mpd_sgr, regularizer_pda;
extern const struct regularizer regularizer_tgo, regularizer_firing_rate;

/* Of passes of their own. */
extern const struct regularizer regularizer_gradient_sparsity,
    regularizer_perturbation;

#endif
