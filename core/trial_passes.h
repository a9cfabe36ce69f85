/* What core/trial_passes.c, trial_compare.c and trial_probe.c share; private to
 * them. */
#ifndef CORE_TRIAL_PASSES_H
#define CORE_TRIAL_PASSES_H

#include "core/trial_course.h"

/* A step on its way. */
struct lesson {
    struct course *course;
    size_t epoch;
    struct epoch_sums *sums;
    double weight;         /* of the regularizer */
    const float *last;     /* images of the last pass */
    double last_weight;    /* of their loss */
    bool seen;             /* running averages have seen them */
};

/* Images of the step's samples, as the model takes them. */
struct model_batch lesson_input(const struct lesson *lesson,
                                const float *images);

const struct regularizer *lesson_regularizer(const struct course *course);
const void *lesson_params(const struct course *course);

/* A pass forward, with the losses of the axis "loss" times `weight` and their
 * gradients; the same, but the running averages stay as they are. */
void lesson_forward(const struct lesson *lesson, const float *images,
                    double weight);
void lesson_forward_again(const struct lesson *lesson, const float *images,
                          double weight);

/* Backward without a regularizer of the pass; the gradients are kept. */
void lesson_backward_aside(const struct lesson *lesson, const float *images);

/* Adds a gradient by the logits, the mean of the readings, to theirs. */
void lesson_add_by_logits(struct model *model, const float *d_logits);

/* The pass of the perturbed images, before the last one of the clean ones, and
 * what it sends back to that: to be added after its pass forward. */
void lesson_take_both(const struct course *course, size_t n,
                      struct passes *passes, struct arena *arena);
void lesson_learn_perturbed(struct lesson *lesson);
void lesson_return_to_clean(const struct lesson *lesson);

/* Likewise the pass of a probe. */
void lesson_take_probe(const struct course *course, size_t n,
                       struct passes *passes, struct arena *arena);
void lesson_learn_probe(struct lesson *lesson);
void lesson_add_shares(const struct lesson *lesson);

#endif
