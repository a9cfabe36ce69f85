/*
 * A training under way: what the files of the stage "train" share. Private to
 * core/trial_train.c (the stage), core/trial_step.c (a step of gradient
 * descent), core/trial_clean.c (what came of it).
 */
#ifndef CORE_TRIAL_COURSE_H
#define CORE_TRIAL_COURSE_H

#include "core/membrane.h"
#include "core/model.h"
#include "core/optimizer.h"
#include "core/training.h"
#include "core/trial_parts.h"

struct course {
    const struct spec *spec;
    const struct data_set *data;
    const struct trial_hooks *hooks;
    const struct training_bptt *training;
    const struct optimizer *optimizer;
    const void *optimizer_params;
    struct model *model;
    struct trial_batch batch;
    struct membrane membrane;
    struct membrane *parts; /* [n_workers] of one layer each */
    uint32_t *order; /* [n_train] */
    float *state;    /* the optimizer's */
    size_t n_batches, i_step;
};

/* An epoch's sums, over samples and batches. */
struct epoch_sums {
    double loss, regularizer;
    size_t n_correct;
};

/* One step of gradient descent on the samples of course->batch; their sums are
 * added to `sums`. */
void course_take_step(struct course *course, size_t epoch, double rate,
                      struct epoch_sums *sums);

/* The test split under the trained network: predictions, loss, membranes. */
void course_measure_clean(struct course *course, struct record *record);

#endif
