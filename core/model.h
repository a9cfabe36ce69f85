/*
 * A network with weights, ready to compute: encoding, layers over all T time
 * steps at once, read-out, and backpropagation through all of it.
 *
 * All weights are one flat vector: first the trainable parameters, those of
 * neurons among them and those of gates last, then running statistics.
 */
#ifndef CORE_MODEL_H
#define CORE_MODEL_H

#include "core/data.h"
#include "core/encoding.h"
#include "core/model_layer.h"
#include "core/regularizer.h"
#include "core/spec.h"
#include "core/team.h"
#include "core/trial.h"

/* What a worker needs for itself, as large as the largest layer's. */
struct model_scratch {
    float *winograd, *encoding; /* of core/winograd.h; of an encoding */
    struct moments moments; /* of some images */
    double *d_own;          /* by some images; training of neurons' values */
    float *currents, *d_a;  /* [C], [2][T C]; attention only */
};

struct model {
    const struct spec *spec;
    struct team team;
    const struct encoding *encoding;
    const struct regularizer *regularizer;
    size_t n_steps, n_images, n_classes, n_readings; /* T, B at most, K, R */
    size_t n_levels; /* of an analog network (core/conversion.h), T = 1; or 0 */
    struct image_shape shape, input; /* of an image; as it is encoded */
    const float *pixel_mean, *pixel_deviation; /* of the data set */
    size_t n_layers, i_shared;
    struct layer *layers;
    size_t readout_weight, readout_bias;
    size_t n_features, n_averaged; /* of the read-out; pixels in each */
    size_t n_parameters, n_values; /* trainable; with running statistics */
    size_t first_gate; /* of the trainable; n_parameters: none is of a gate */
    struct gate_law gate; /* of layers that are gated */
    bool clean; /* the caller's: passes forward are of clean images of training,
                   whose potentials are gathered by neurons that want them */
    enum model_fit fit; /* of surrogates that follow moments */
    float *weights;   /* [n_values] */
    float *gradients; /* [n_parameters]; training only */
    double *d_own;    /* by neurons' values of the layer that runs backward */
    struct model_scratch *scratch; /* [n_workers] */
    float *turned; /* scratch: a layer's weights, transformed or reversed */
    struct operation_weights prepared; /* of the layer that runs forward */
    float *shared;    /* currents of layer i_shared, where they are not kept */
    float *encoded;   /* [B][T or 1][H*W*C] of the input */
    float *large;      /* the layers' large arrays: core/model_large.c */
    bool has_currents; /* of a pass forward, of which none went back yet */
    float *features;   /* [B][n_features], mean over time and pixels */
    float *d_features, *d_averaged; /* [B][R][n_features]; by each pixel */
    float *logits, *d_logits;     /* [B][K] */
    /* NULL, or [B][T][P][C]: what training adds to the gradient by the currents
     * into the last layer's neurons */
    const float *d_currents;
    /* of each of R = T steps, if a loss wants them; else, R = 1, those above */
    float *readings, *read_logits, *d_read_logits; /* [B][R][...] */
};

/* One batch of images and all that its encoding depends on. */
struct model_batch {
    size_t n;
    const float *images; /* [n][H*W*C] in [0, 1] */
    const uint32_t *ids; /* [n] sample indices in their split */
    uint64_t seed;
    enum rng_use use;
    uint32_t draw;
};

/* What is trained is the analog network, if the axis "conversion" has one; what
 * is attacked, and measured, is not, unless an attack is made on just that. */
enum model_purpose { MODEL_ATTACK, MODEL_TRAIN, MODEL_ATTACK_ANALOG };
/* Lays a model for at most n_images a batch out in the arena (which may be
 * counting). Weights are zero: initialize or copy them. The tuning is read
 * here only. */
struct model *model_lay_out(const struct spec *spec,
                            const struct data_set *data, size_t n_images,
                            enum model_purpose purpose,
                            struct trial_means means, struct arena *arena);

/* Trainable parameters of the spec's network on such data, those without the
 * gates', and all values. */
size_t model_count_parameters(const struct spec *spec,
                              const struct data_set *data);
size_t model_count_weights(const struct spec *spec,
                           const struct data_set *data);
size_t model_count_values(const struct spec *spec,
                          const struct data_set *data);

/* Weights and biases uniform in +-1/sqrt(fan-in) (PyTorch's default), scales
 * 1, running mean 0 and variance 1; each layer from a stream of its own. What
 * neurons have of their own begins as their kind says. */
void model_initialize(struct model *model, uint64_t seed);

/* What layer i takes as its input; what the first n layers hand on (n = 0: the
 * encoding); and what the encoding gets to see. */
struct source model_input(const struct model *model, size_t i);
struct source model_output(const struct model *model, size_t n);
struct encoding_batch model_encoding_batch(const struct model *model,
                                           const struct model_batch *batch);

/* Observes the neurons of every layer in a test pass. Workers call `tile`, with
 * tiles of some images, and then `settle`, one by one in the images' order. */
struct model_watch {
    void *self;
    void (*tile)(void *self, size_t worker, size_t layer, size_t n_steps,
                 size_t n, const float *x, const float *s);
    void (*settle)(void *self, size_t worker, size_t layer);
};

/* Logits (model->logits, [n][K]). In training, normalization uses the batch's
 * statistics and running averages follow; otherwise those are used. Moments are
 * taken as the regularizer (in training) and the surrogate want. `watch` may be
 * NULL. */
void model_forward_train(struct model *model, const struct model_batch *batch);
void model_forward_test(struct model *model, const struct model_batch *batch,
                        const struct model_watch *watch);

/* The regularizer's R of the last training pass, and from then on its
 * gradient, times `weight`, in the next backward pass. 0 if there is none. */
double model_regularize(struct model *model, double weight, size_t n_images);

/* model->gradients of the loss whose gradient by the logits is in
 * model->d_read_logits, after a training pass of the same batch. A pass forward
 * serves one pass back, which puts gradients where its currents were. */
void model_backward_train(struct model *model, const struct model_batch *batch);

/* d_images [n][H*W*C] of the loss whose gradient by the logits is in
 * model->d_logits, after a test pass of the same batch; after a training pass,
 * through the batch's statistics. The latter uses up model->gradients. */
void model_backward_images(struct model *model,
                           const struct model_batch *batch, float *d_images);
void model_backward_train_images(struct model *model,
                                 const struct model_batch *batch,
                                 float *d_images);

/* What the last pass forward, of n_images, drove the last layer's neurons with:
 * z [n_images][T][P][C], normalized and with a shortcut's current, without
 * noise; T times the entries of a step. */
void model_read_currents(const struct model *model, size_t n_images, float *z);
size_t model_count_last_neurons(const struct spec *spec,
                                const struct data_set *data);

#endif
