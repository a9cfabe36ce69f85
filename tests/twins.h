/*
 * The engine and its plain twin side by side: the same network, weights and
 * images. The spike jumps at x = U - V_th = 0, and a surrogate's derivative
 * may jump at the ends of its support; there float and double may differ by
 * any amount. So weights are drawn anew, seed after seed, until no potential
 * of the twin is within TWINS_MARGIN of a jump.
 */
#ifndef TESTS_TWINS_H
#define TESTS_TWINS_H

#include "core/model.h"
#include "tests/plain_model.h"

#define TWINS_MARGIN 1e-5

struct twins {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    struct model_batch batch;
    struct plain_model *plain;
    size_t n_values;
    double *values, *encoded, *gradient, *d_encoded; /* of the plain one */
    float *d_images; /* of the engine */
    uint8_t *labels;
    double loss; /* the engine's, with its regularizer */
    bool train;
    double spread; /* of the weights: 1.5; see small_net.h */
};

/* Largest differences, relative to the largest entry of the tensor (or of the
 * values compared). */
struct twins_errors {
    double logits, loss, parameters, images, statistics;
    char worst[32]; /* tensor of the largest error of parameters */
};

/* In place: the parts point at each other. */
void twins_open(struct twins *twins, const char *text,
                struct image_shape shape, size_t n_images, bool train);
void twins_close(struct twins *twins);

/* One pass of each: forward, and backward to the images, and (train) to the
 * parameters. */
void twins_run(struct twins *twins);
void twins_run_engine(struct twins *twins);

/* The batch as it is encoded. */
struct encoding_batch twins_encoding_batch(const struct twins *twins);

/* Spikes that differ in any layer, which must be none. */
size_t twins_count_other_spikes(const struct twins *twins);

struct twins_errors twins_compare(const struct twins *twins);

/* twins_run and twins_compare, which must find no other spikes and only small
 * errors; and all of it, from open to close. */
struct twins_errors twins_run_alike(struct twins *twins);
struct twins_errors twins_expect(const char *text, struct image_shape shape,
                                 size_t n_images, bool train);

#endif
