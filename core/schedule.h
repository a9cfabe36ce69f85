/*
 * The axis "schedule": the learning rate over the epochs.
 *
 * Kinds: constant; cosine (to `floor` times the rate at the end); step (times
 * `factor` every so many epochs) and milestones (times `factor` at given ones);
 * one_cycle. All but one_cycle, which has a rise of its own, may warm up first.
 *
 * Warm-up (Goyal et al. 2017, arXiv 1706.02677, section 2.2): over the first W
 * epochs, at step i of the N that they have,
 *
 *     factor = from + (1 - from) i / N,
 *
 * then the schedule as if training were the other epochs only.
 *
 * one_cycle (Smith and Topin 2019, arXiv 1708.07120; PyTorch's OneCycleLR with
 * two phases, its momentum not cycled), at step i of all N, with p = peak_at
 * N - 1, lowest = 1 / start_divisor:
 *
 *     i <= p:  from lowest to 1 by the share i / p,
 *     i > p:   from 1 to lowest / end_divisor by the share (i - p)/(N - 1 - p),
 *
 * where by the share s from a to b means b + (a - b)(1 + cos(pi s))/2, or
 * a + (b - a) s where anneal is linear.
 */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include "core/kind.h"

/* A step in the course of training: i_step of the n_steps of an epoch, epoch of
 * n_epochs, both counted from 0. */
struct schedule_time {
    size_t epoch, n_epochs, i_step, n_steps;
};

struct schedule {
    struct kind kind;
    bool warms_up; /* its parameters begin with those of the warm-up */
    /* The factor of the learning rate, without the warm-up. */
    double (*factor)(const void *params, struct schedule_time time);
};

extern const struct axis schedule_axis;
const struct schedule *schedule_of(const struct kind *kind);

/* The factor of the learning rate at a step, warm-up included. */
double schedule_factor(const struct schedule *schedule, const void *params,
                       struct schedule_time time);

#endif
