/* What core/model*.c share; private to them. */
#ifndef CORE_MODEL_PARTS_H
#define CORE_MODEL_PARTS_H

#include "core/model.h"

/* The model's head with all shapes and places, but without memory; its layers
 * are in `layers`. Places do not depend on the purpose. */
struct model model_shape(const struct spec *spec, const struct data_set *data,
                         enum model_purpose purpose,
                         struct layer layers[NETWORK_BLOCKS_MAX]);

/* Where the tensors of shaped layers begin, and how many values there are. */
void model_place_tensors(struct model *model);

/* Entries of y of one image, over all steps that are distinct. */
size_t model_count_currents(const struct branch *branch);

/* Pairs of a step and a channel, T C. */
size_t model_count_pairs(const struct layer *layer);

/* Values of all trained tensors of the layer's neurons, the surrogate's width
 * and gates among them. */
size_t model_count_own(const struct layer *layer);

/* The random numbers of this pass, and of the way back: neurons' noise, gates.
 */
void model_draw(struct model *model, const struct model_batch *batch,
                bool train);

/* Tensor 0 of neurons that follow their potentials: as it begins; at step t,
 * from the moments of all neurons as they are with it; its running average. */
void model_begin_follow(struct layer *layer);
void model_follow_step(struct layer *layer, size_t t, size_t n_images);
void model_end_follow(struct model *model, struct layer *layer);

/* Neurons that gather their potentials: from now on tensor 0 is what it was
 * before the batch; if that is clean, the running mean takes its neurons in,
 * which fire anew. */
void model_gather(struct model *model, struct layer *layer, size_t n_images);

/* Floats of model->large; the layers' arrays in it. */
size_t model_count_large(const struct model *model);
void model_bind_large(const struct model *model);

/* True if the shortcut's currents are added before normalization; after it; if
 * its spikes join those of the neurons. */
bool model_adds_before(const struct layer *layer);
bool model_adds_after(const struct layer *layer);
bool model_joins_spikes(const struct layer *layer);

/* True if equal currents at two steps are not equal to its neurons. */
bool model_tells_steps(const struct layer *layer);

/* What the layer's shortcut takes of an earlier layer, of all but JOIN_CURRENTS
 * or by a convolution. */
struct source model_taken(const struct model *model, const struct layer *layer);

/* layer->carried of a range of images, from its currents and its shortcut's;
 * and how many it has of an image. */
size_t model_count_carried(const struct layer *layer);
void model_carry_currents(const struct layer *layer, struct image_range range);

/* Images are worked on in chunks, the last of which may be smaller. */
size_t model_count_chunks(const struct layer *layer, size_t n_images);
struct image_range model_chunk_at(const struct layer *layer, size_t i,
                                  size_t n_images);

/* One image of a batch, as a batch. */
struct encoding_batch model_encoding_image(const struct model *model,
                                           const struct model_batch *batch,
                                           size_t worker, size_t b);

/* The currents of the layer's shortcut, if it is a convolution, for a range of
 * images, in layer->taken. They are not kept: a backward pass makes them
 * anew. */
void model_run_shortcut(const struct model *model, const struct layer *layer,
                        size_t worker, struct image_range range);

/* Attention: memory, if there is any; the factors of a range of images, once
 * all that its currents are made of is there; d_z [T][P][C] of an image from
 * the gradient by what the neurons take to that by the currents; the gradients
 * of the maps, of all images. */
void model_take_attention(struct layer *layer, size_t n_images,
                          struct arena *arena);
void model_attend(const struct model *model, const struct layer *layer,
                  size_t worker, struct image_range range);
void model_attend_backward(const struct model *model,
                           const struct layer *layer, size_t worker, size_t b,
                           float *d_z);
void model_end_attention(const struct model *model, const struct layer *layer,
                         size_t n_images);

/* y of layer i, for a range of images, once its weights have been prepared for
 * n_images. Where it shares its place, it is noted whose it is now. */
void model_prepare(struct model *model, size_t i, size_t n_images);
void model_run_operation(const struct model *model, size_t i, size_t worker,
                         struct image_range range);

/* From the last layer's spikes to model->logits, by the mean over time; to
 * model->read_logits, step by step. */
void model_read_out(struct model *model, size_t n_images);
void model_read_steps_out(struct model *model, size_t n_images);

/* Moments of a layer's neurons: none yet; those of n_images more. */
void model_clear_moments(const struct layer *layer, struct moments *moments);
void model_add_moments(struct layer *layer, size_t n_images,
                       const struct moments *part);

/* mu and sigma of the moments of n_images. */
void model_take_deviations(struct layer *layer, size_t n_images);

/* What is left of a potential after a step; 1 where neurons have no such
 * parameter, what it is at first where it is trained. */
double model_leak(const struct spec *spec);

/* Whether the regularizer takes a layer's moments as tdBN predicts them; those,
 * after a pass with n_images, in mu and sigma; and what the gradient by them,
 * in offset and slope, adds to that of the norm's tensors, and to that of a
 * leak that is learned. */
bool model_predicts_moments(const struct model *model,
                            const struct layer *layer);
void model_predict_moments(const struct model *model, struct layer *layer,
                           size_t n_images);
void model_add_norm_gradient(const struct model *model,
                             const struct layer *layer);
void model_add_leak_gradient(const struct model *model,
                             const struct layer *layer, size_t n_images);

/* T P C; memory of a surrogate that follows each sample, if it does. */
size_t model_count_neurons(const struct layer *layer);
void model_take_sharpness(struct layer *layer, size_t n_images,
                          struct arena *arena);

/* Whether the surrogate has places and widths of its own, by lanes. */
bool model_fits(const struct spiking *spiking);

/* Whether the surrogate is fitted to the moments; whether a test pass takes
 * them; and that done, after a pass forward, for the pass back. Nothing if it
 * is not fitted, or not now. */
bool model_fits_moments(const struct model *model);
bool model_takes_moments(const struct model *model);
void model_fit_surrogate(const struct model *model, struct layer *layer,
                         size_t n_images);

#endif
