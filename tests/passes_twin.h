/*
 * Losses that compare two passes through the network, by the plain twin: what
 * they are, and their gradients.
 */
#ifndef TESTS_PASSES_TWIN_H
#define TESTS_PASSES_TWIN_H

#include "tests/plain_model.h"

enum { PASSES_N = 96, PASSES_PIXELS = 36, PASSES_CLASSES = 3 };

/* The plain twin with the images of a small trial. */
struct passes_twin {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct plain_model *plain;
    size_t n; /* images */
    double *values, *gradient, *part, *encoded, *d_encoded;
    double images[PASSES_N * PASSES_PIXELS], others[PASSES_N * PASSES_PIXELS];
    uint8_t labels[PASSES_N];
    size_t rivals[PASSES_N];
    double shares[PASSES_N], d_logits[PASSES_N * PASSES_CLASSES];
};

void passes_open(struct passes_twin *twin, const char *text, size_t n);

/* A pass: cross-entropy of images, which are encoded directly; then back, which
 * adds factor times the gradient of that, or of what is told, to the twin's. */
double passes_forward(struct passes_twin *twin, const double *images);
void passes_backward(struct passes_twin *twin, double factor,
                     const double *d_logits, const double *d_currents);

/* Rivals, and in `others` images + h sign of the gradient of the labels' shares
 * against them; slopes[b] = (f(others) - f(images)) / h, whose mean square it
 * returns. */
void passes_aim(struct passes_twin *twin, const double *images, double h);
double passes_find_slopes(struct passes_twin *twin, const double *images,
                          double h, double slopes[PASSES_N]);

/* Adds the gradient of weight times that mean square; returns it. */
double passes_add_sparsity(struct passes_twin *twin, const double *images,
                           double weight, double h);
/* What a perturbation's R is made of. */
struct passes_drift {
    double leak;
    bool absolute, holds;
    size_t n_steps, n_step; /* entries of a step */
    double *clean, *d;      /* [n][T][..] */
};

void passes_open_drift(struct passes_twin *twin, struct passes_drift *drift);

/* After a pass of the clean images; after one of the others: R, and in d its
 * gradient by the latter's currents. */
void passes_note_clean(struct passes_twin *twin, struct passes_drift *drift);
double passes_measure(const struct passes_twin *twin,
                      struct passes_drift *drift);

/* Adds the gradient of weight times R between images and others. */
double passes_add_drift(struct passes_twin *twin, const double *images,
                        double weight, struct passes_drift *drift);

#endif
