/*
 * The axis "normalization": what stands between a layer's weights and its
 * neurons.
 *
 *     z = scale_c * gain * (y - mean_c) / sqrt(variance_c + epsilon) + shift_c
 *
 * Statistics are per channel over (T, B, H, W); scale_c = 1 and shift_c = 0 at
 * first, both learned. gain is 1 for batch norm and alpha V_th for tdBN (Zheng
 * et al., AAAI 2021), divided there by sqrt(2) where a shortcut's current is
 * added. BNTT (Kim and Panda, 2021) has statistics, also running ones, and
 * scale_c for every step, and no shift. At test time running statistics are
 * used.
 *
 * Kinds: none (a learned bias per channel), batch, tdbn, bntt.
 */
#ifndef CORE_NORMALIZATION_H
#define CORE_NORMALIZATION_H

#include "core/kind.h"

struct normalization_params {
    double alpha;    /* tdbn only */
    double momentum; /* running = (1 - momentum) running + momentum batch */
    double epsilon;  /* added to the variance */
};

struct normalization {
    struct kind kind;
    bool uses_statistics; /* false: z = y + shift_c */
    bool by_step;         /* every step has its own, and there is no shift */
    /* n_currents: of the currents that are added before the neurons. */
    double (*gain)(const void *params, double threshold, size_t n_currents);
};

extern const struct axis normalization_axis;
const struct normalization *normalization_of(const struct kind *kind);

#endif
