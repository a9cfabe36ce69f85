/* What core/model*.c share; private to them. */
#ifndef CORE_MODEL_PARTS_H
#define CORE_MODEL_PARTS_H

#include "core/model.h"

/* The model's head with all shapes and places, but without memory; its layers
 * are in `layers`. */
struct model model_shape(const struct spec *spec, const struct data_set *data,
                         struct layer layers[NETWORK_BLOCKS_MAX]);

/* Entries of y of one image, over all steps that are distinct. */
size_t model_count_currents(const struct branch *branch);

/* True if the shortcut's currents are added to normalized ones. */
bool model_adds_after(const struct layer *layer);

/* The currents of the layer's shortcut, if it is a convolution, for a range of
 * the batch's n images, in model->shortcut. They are not kept: a backward pass
 * makes them anew. */
void model_run_shortcut(struct model *model, const struct layer *layer,
                        struct image_range range, size_t n);

#endif
