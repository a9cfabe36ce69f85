/*
 * Objectives: what an attack makes large. With z the logits, y the label, t a
 * target, K classes, m the largest logit's class but y, and z_(1) >= z_(2) >=
 * ... the sorted logits:
 *
 *     ce           -log softmax(z)_y
 *     margin       z_m - z_y                       (positive: misclassified)
 *     dlr          (z_m - z_y) / (z_(1) - z_(3))   (with K = 2: of z_(2))
 *     ce_target    log softmax(z)_t
 *     margin_target z_t - z_y
 *     dlr_target   (z_t - z_y) / (z_(1) - (z_(3) + z_(4)) / 2)
 *
 * Sources: margin: Carlini and Wagner, S&P 2017, f_6 without its bound; dlr:
 * Croce and Hein, ICML 2020 (arXiv 2003.01690), eq. 3 and, targeted, eq. 6.
 * Scales: dlr does not change if z is scaled or shifted.
 */
#ifndef CORE_OBJECTIVE_H
#define CORE_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct objective {
    const char *name, *doc;
    bool targeted;
    /* For B samples: loss [B], d_logits [B][K] of each sample's own loss, not
     * the same array as logits; d_logits may be NULL, so may targets of an
     * objective without one. Finite for logits within +-1e18; a NaN among the
     * logits makes the loss NaN. */
    void (*find)(size_t n_samples, size_t n_classes, const float *logits,
                 const uint8_t *labels, const uint8_t *targets, float *loss,
                 float *d_logits);
};

enum objective_name {
    OBJECTIVE_CE,
    OBJECTIVE_MARGIN,
    OBJECTIVE_DLR,
    OBJECTIVE_CE_TARGET,
    OBJECTIVE_MARGIN_TARGET,
    OBJECTIVE_DLR_TARGET,
    OBJECTIVE_N
};

extern const struct objective objectives[OBJECTIVE_N];

/* Of the untargeted ones, as choices of a row; ends in NULL. Their numbers are
 * those above. */
extern const char *const objective_choices[];

/* The same objective with a target. */
enum objective_name objective_targeted(enum objective_name name);

#endif
