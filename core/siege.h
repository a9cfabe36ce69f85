/*
 * A trained network under one attack: batch after batch, at every epsilon, with
 * what comes of each sample. Private to core/trial_evaluate.c.
 */
#ifndef CORE_SIEGE_H
#define CORE_SIEGE_H

#include "core/attack.h"
#include "core/trial_parts.h"

/* What the samples at one epsilon add up to. */
struct siege_sums {
    double distance;
    size_t n_correct, n_zero_samples, n_zero_pixels;
    size_t n_between; /* entries moved off 0 and 1 */
    float low, high;
};

struct siege {
    const struct spec *spec;
    const struct data_set *data;
    const struct attack *attack;
    const void *attack_params;
    struct reals sizes; /* all epsilons of the attack */
    struct model *model;    /* which the verdict is of */
    struct model *attacked; /* which the attack asks: the same, or another */
    bool is_drawn;          /* answers of either */
    struct trial_batch batch;
    size_t n; /* samples in it */
    float *adversarial;       /* [n][n_pixels] */
    float *found;             /* [n][n_pixels] by minimal attacks */
    double *size;             /* [n] epsilon of this run */
    float *epsilon;           /* [n] the same, as the attack takes it */
    bool *skip;               /* [n] */
    uint32_t *n_zero_pixels;  /* [n] */
    uint32_t *n_forward, *n_backward; /* [n] of one run */
    /* [n] the largest epsilon that a sample withstood, the smallest that it did
     * not: infinite if none; how far `found` is. */
    double *withstood, *beaten, *found_at;
    float *shake, *still; /* noise [n_pixels]; losses without it [n] */
    struct victim victim;
    struct arena scratch; /* the attack's own, emptied after each batch */
    uint64_t seed;
    /* What is offered between an attack's queries: how it stood before. */
    const struct checkpoint_keeper *keeper; /* NULL: none */
    const struct checkpoint *before;
};

/* Runs the layout for an attack on so many samples; over a counting arena only
 * the shapes are good. `source` is the spec of attack_source_find, borrowed
 * for good, or NULL if the attack is made on the network itself. */
void siege_lay_out(struct siege *siege, const struct spec *spec,
                   const struct spec *source, const struct data_set *data,
                   size_t n_samples, struct trial_means means,
                   struct arena *arena);

/* What a query of n samples asks the model about. */
struct model_batch siege_batch(const struct siege *siege, size_t n,
                               const float *images, const uint32_t *ids,
                               uint32_t draw);

/* Once the model has its weights: a surrogate that follows moments is fitted to
 * those of the first of all clean test images, the same whatever samples are
 * attacked. Nothing for others. */
bool siege_is_calibrated(const struct siege *siege);
void siege_calibrate(struct siege *siege);

/* Samples `first` to `first + n` of the test split: none has withstood or been
 * beaten yet. Those alone, before what they have is restored. */
void siege_begin(struct siege *siege, size_t first, size_t n);
void siege_gather(struct siege *siege, size_t first, size_t n);

/* What is to be kept of samples between two epsilons. */
void siege_add_checkpoint(const struct siege *siege,
                          struct checkpoint *checkpoint);

/* Attacks them at one epsilon, the epsilons rising, and judges what comes out:
 * adds to `sums`, and to the samples' passes; prediction [n]. The losses are in
 * siege->batch. */
void siege_attack(struct siege *siege, double epsilon, uint8_t *prediction,
                  struct siege_sums *sums, uint32_t *n_forward,
                  uint32_t *n_backward);

/* By how much the losses of those samples, as attacked last, change under a
 * little noise, relative to what they are; [n]. */
void siege_shake(struct siege *siege, double *change);

/* Halves the gap between `withstood` and `beaten` n_times; adds the passes. */
void siege_bisect(struct siege *siege, size_t n_times, uint32_t *n_forward,
                  uint32_t *n_backward);

/* One run of the attack on the first n samples that none of them leaves,
 * unjudged: for its time. Returns the share of the whole run that it was. */
double siege_rehearse(struct siege *siege, size_t n, double epsilon);

#endif
