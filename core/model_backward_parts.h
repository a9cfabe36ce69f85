/* What core/model_backward*.c share; private to them. */
#ifndef CORE_MODEL_BACKWARD_PARTS_H
#define CORE_MODEL_BACKWARD_PARTS_H

#include "core/model_parts.h"

/* What a backward pass is for, and how far it has come. */
struct backward {
    struct model *model;
    size_t n;              /* images */
    bool train;            /* after a training pass: batch statistics */
    bool images;           /* on to them; else for gradients of weights */
    struct source d_output; /* with respect to the layer's pooled spikes */
    /* 0, or `waiting` is a part of the gradient by the spikes that layer
     * `pending` - 1 hands on, or by its currents. */
    size_t pending;
    const float *waiting;
    bool of_currents;
    /* 0, or `d_carried` is a part of the gradient by what the neurons of layer
     * `carried` - 1 take. */
    size_t carried;
    const float *d_carried;
};

/* The pass at one layer, as the workers see it. */
struct stage {
    struct backward *backward;
    size_t i;        /* layer */
    size_t n_shares; /* of the images, where it is free */
    size_t first;    /* the chunk that unit 0 takes */
    struct membrane_gradient membrane;
};

struct stage backward_stage(struct backward *backward, size_t i);

/* Images of a share; rows of d_z of so many images; where those of an image
 * begin. */
struct image_range backward_share(const struct stage *stage, size_t unit);
size_t backward_count_rows(const struct backward *backward, size_t i,
                           size_t n_images);
size_t backward_place(const struct stage *stage, size_t image);

/* Through the read-out, of the mean over time (which has 1/T of the gradient at
 * every step) or of each step. */
void backward_readout(struct backward *backward, size_t n_readings,
                      const float *d_logits);
void backward_readout_weights(const struct backward *backward);

/* From the gradient by the layer's spikes to d_z, or, if nothing depends on the
 * batch and nothing else takes d_z, to d_y. */
void backward_neurons(struct backward *backward, size_t i);

/* Adds a later shortcut's part of the gradient by the currents, if it waits for
 * those of layer i, to d_z of a range of images. */
void backward_add_currents(const struct backward *backward, size_t i,
                           struct image_range range);

/* Adds a later shortcut's part of the gradient by what the neurons take, if it
 * waits for those of layer i, to d_z of a range of images. */
void backward_add_carried(const struct backward *backward, size_t i,
                          struct image_range range);

/* Whether d_y of layer i, of every step, is to be summed over them; and that
 * done, in its place. */
bool backward_folds(const struct backward *backward, size_t i);
void backward_fold(const struct backward *backward, size_t i);

/* The gradients of a norm's tensors, after its sums. */
void backward_end_norm(const struct backward *backward, size_t i,
                       struct branch *branch);

/* From d_z to d_y, and the gradient of the weights. */
void backward_weights(struct backward *backward, size_t i);

/* From d_y of a branch to the gradient of its input. */
struct source backward_data(const struct backward *backward,
                            const struct branch *branch, size_t n_steps,
                            const float *d_y, float *d_input);

/* d_y of layer i becomes the gradient of its input, in layer->d_input; a
 * shortcut's part, which waits for it, is added. */
void backward_input(struct backward *backward, size_t i);

#endif
