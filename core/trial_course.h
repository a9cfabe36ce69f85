/*
 * A training under way: what the files of the stage "train" share. Private to
 * core/trial_train.c (the stage), trial_step.c (a step of gradient descent),
 * trial_passes.c (its passes through the network), trial_adversary.c (what
 * perturbs images), trial_matrices.c, trial_gate.c (learned gates),
 * trial_clean.c (what came of it), trial_curvature.c.
 */
#ifndef CORE_TRIAL_COURSE_H
#define CORE_TRIAL_COURSE_H

#include "core/adversary.h"
#include "core/deflation.h"
#include "core/matrices.h"
#include "core/membrane.h"
#include "core/model.h"
#include "core/optimizer.h"
#include "core/retraction.h"
#include "core/training.h"
#include "core/trial_parts.h"

/* What perturbs the images, and room for it. */
struct opponent {
    const struct adversary *adversary;
    const void *params;
    struct adversary_mix mix;
    float *images; /* [n][H*W*C] perturbed; NULL: images are learned as they
                      are */
    float *logits; /* [n][K] of the clean images, that a divergence is from */
};

/* What the passes of a step hand on to the last of them. */
struct passes {
    bool both;   /* perturbed images have a pass before the clean ones' */
    bool compares; /* their loss is of what the clean ones' pass gives, too */
    float *kept;    /* [n_parameters] gradients of the passes before */
    float *running; /* [n_values - n_parameters] statistics */
    /* Of both: */
    float *loss;                 /* [n] of the perturbed images */
    float *logits, *d_logits;    /* [n][K] of the clean images */
    float *d_others;             /* [n][K] of the perturbed images */
    float *clean, *d_currents;   /* [n][T][P][C] of the last layer's neurons */
    /* Of a probe: */
    float *images;      /* [n][H*W*C] x + h v */
    float *shares, *factors; /* [n] f(x); what its gradient is times */
    float *d_shares;    /* [n][K] */
    uint8_t *rivals;    /* [n] */
};

/* What is done to weight matrices, and scratch for it. */
struct weaver {
    const struct deflation *deflation;
    const struct retraction *retraction;
    const void *deflation_params, *retraction_params;
    float *square, *some, *image;
    double *vectors;
    uint32_t *order;
};

/* An epoch's sums, over samples and batches. */
struct epoch_sums {
    double loss, regularizer, penalty, gradient_norm;
    double deflation_residual; /* the largest */
    size_t n_correct;
};

/* How far a training is. */
struct course_place {
    size_t epoch, i_batch; /* the next */
    struct epoch_sums sums; /* of this epoch */
    double spent_s;         /* on it, measuring aside */
};

struct course {
    const struct spec *spec;
    const struct data_set *data;
    const struct trial_hooks *hooks;
    const struct training_bptt *training;
    const struct optimizer *optimizer;
    const void *optimizer_params, *undecayed; /* for weights; for gates */
    struct model *model;  /* that is trained */
    struct model *tested; /* that is measured: the same, or what takes its
                             weights over (core/conversion.h) */
    struct trial_batch batch;
    struct opponent opponent;
    struct passes passes;
    struct weaver weaver;
    struct membrane membrane;
    struct membrane *parts; /* [n_workers] of one layer each */
    uint32_t *order; /* [n_train] */
    float *state;    /* the optimizer's */
    struct tensor_place *places; /* of what is penalized */
    size_t n_places;
    size_t n_batches, i_step;
    struct course_place at;
    struct checkpoint checkpoint; /* all that the next step depends on */
    float *bend; /* scratch of course_measure_curvature, or NULL */
    float *best; /* [n_values] of the best epoch so far, or NULL */
};

/* One step of gradient descent on the samples of course->batch; their sums are
 * added to `sums`. */
void course_take_step(struct course *course, size_t epoch, double rate,
                      struct epoch_sums *sums);

/* Takes what the adversary needs, and after it what the step's passes do; bytes
 * that the adversary takes later, for itself. */
void course_meet_opponent(struct course *course, struct arena *arena);
void course_take_passes(struct course *course, struct arena *arena);
size_t course_count_scratch(const struct course *course);

/* Leaves perturbed images in course->opponent.images. */
void course_perturb(struct course *course, size_t epoch);

/* Leaves the gradients of the step's loss in the model, losses and predictions
 * in the batch: those of the clean images where these are learned. */
void course_learn(struct course *course, size_t epoch,
                  struct epoch_sums *sums);

/* Learned gates: what the optimizer gets for them; their prior, whose gradient
 * is added; their step, before that of the weights. */
const void *course_take_undecayed(const struct spec *spec,
                                  struct arena *arena);
double course_penalize_gates(struct course *course, size_t epoch);
void course_update_gates(struct course *course, size_t epoch, double rate);

struct weaver course_weave(const struct spec *spec,
                           const struct data_set *data, struct arena *arena);

/* What the axes "deflation" and "retraction" say; the latter after the
 * optimizer's step. */
void course_deflate(struct course *course, struct epoch_sums *sums);
void course_retract(struct course *course);

/* Forward, and losses, predictions and gradients by the logits as the axis
 * "loss" has them, the losses and the gradients times `weight`. */
void course_find_loss(struct course *course, const struct model_batch *input,
                      double weight);

/* The test split under the trained network: predictions, loss, membranes; the
 * same after an epoch: its figures of generalization. */
void course_measure_clean(struct course *course, struct record *record);
void course_measure_epoch(struct course *course, size_t epoch,
                          struct record *record);

/* The largest eigenvalue of the loss' second derivative; what it takes from the
 * arena, if it is asked for. Nothing of the training changes. */
void course_take_curvature(struct course *course, struct arena *arena);
double course_measure_curvature(struct course *course);

#endif
