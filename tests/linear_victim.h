/*
 * A victim of several classes whose logits are linear in the pixels, so that
 * the smallest perturbation is known: a plane's distance within the box.
 */
#ifndef TESTS_LINEAR_VICTIM_H
#define TESTS_LINEAR_VICTIM_H

#include "core/attack.h"

enum { LINEAR_N = 8, LINEAR_PIXELS = 24, LINEAR_CLASSES = 4 };

struct linear_victim {
    float weight[LINEAR_CLASSES * LINEAR_PIXELS];
    float clean[LINEAR_N * LINEAR_PIXELS], found[LINEAR_N * LINEAR_PIXELS];
    float epsilon[LINEAR_N];
    uint8_t labels[LINEAR_N];
    uint32_t ids[LINEAR_N], n_zero[LINEAR_N];
    uint32_t n_forward[LINEAR_N], n_backward[LINEAR_N];
    float noise; /* added to the logits of even draws, subtracted in odd ones;
                    of odd classes the other way round */
    struct victim victim;
};

/* Pixels from low to high; labels are what is predicted, every epsilon is
 * large. */
void linear_open(struct linear_victim *linear, float low, float high);

/* The attack with its defaults but for the settings, name and value in turn up
 * to a NULL. */
void linear_run(struct linear_victim *linear, const char *attack,
                const char *const *settings);

uint8_t linear_predict(const struct linear_victim *linear, const float *image);

/* The largest other logit minus the label's. */
double linear_margin(const struct linear_victim *linear, size_t i,
                     const float *image);

/* How far the i-th image is from being another class, within [0, 1], by
 * halvings; and how far what was found is from it. */
double linear_distance(const struct linear_victim *linear, enum norm norm,
                       size_t i);
double linear_found(const struct linear_victim *linear, enum norm norm,
                    size_t i);

#endif
