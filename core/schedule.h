/*
 * The axis "schedule": the learning rate over the epochs.
 *
 * Kinds: constant, cosine (to `floor` times the rate at the end).
 */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include "core/kind.h"

struct schedule {
    struct kind kind;
    /* The factor of the learning rate in an epoch, 0 <= epoch < n_epochs. */
    double (*factor)(const void *params, size_t epoch, size_t n_epochs);
};

extern const struct axis schedule_axis;
const struct schedule *schedule_of(const struct kind *kind);

#endif
