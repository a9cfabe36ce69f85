/* The layers of the plain twin, forward and backward (tests/plain_model.h). */
#ifndef TESTS_PLAIN_PARTS_H
#define TESTS_PLAIN_PARTS_H

#include "tests/plain_model.h"

/* Sizes of one (b, t), and the number of such rows. */
size_t plain_count_pixels(const struct plain_layer *layer);
size_t plain_count_inputs(const struct plain_layer *layer);
size_t plain_count_outputs(const struct plain_layer *layer);
size_t plain_count_pooled(const struct plain_layer *layer);
size_t plain_count_rows(const struct plain_model *plain);

void plain_forward_operation(struct plain_model *plain,
                             struct plain_layer *layer, const double *values);
void plain_forward_norm(struct plain_model *plain, struct plain_layer *layer,
                        const double *values);
/* Adds the shortcut's current to z, or to y if that is what it is added to. */
void plain_forward_shortcut(struct plain_model *plain,
                            struct plain_layer *layer, const double *values);
/* Room for attention, if there is any; from z to rescaled. */
void plain_take_attention(struct plain_model *plain,
                          struct plain_layer *layer);
void plain_forward_attention(struct plain_model *plain,
                             struct plain_layer *layer, const double *values);
void plain_forward_neurons(struct plain_model *plain,
                           struct plain_layer *layer, const double *values);
/* U = leak V + gain z, of neuron e at step t. */
double plain_leak_at(const struct plain_model *plain,
                     const struct plain_layer *layer, const double *values,
                     size_t t, size_t e);
double plain_gain_at(const struct plain_model *plain,
                     const struct plain_layer *layer, const double *values,
                     size_t t);
void plain_forward_gates(struct plain_model *plain, struct plain_layer *layer,
                         const double *values);
void plain_forward_pool(struct plain_model *plain, struct plain_layer *layer);
/* From pooled to joined, where spikes of another layer join them. */
void plain_forward_join(struct plain_model *plain, struct plain_layer *layer);

/* The width and place of a surrogate, [T][C], after a pass forward; 1 and 0 if
 * it is not fitted. The smooth twin's spike has a learned width only. */
struct plain_fit {
    double width, center;
};

struct plain_fit *plain_take_fits(const struct plain_model *plain,
                                  const struct plain_layer *layer,
                                  const double *values);

/* Rules of an attack's way back (tests/plain_rule.c), none in training: whether
 * it is that of this name; whether it goes by means over time, and that done,
 * from d_s to d_z in place; hart's derivative of a spike, and all steps' mean
 * in place of each. */
bool plain_has_rule(const struct plain_model *plain, const char *name);
bool plain_goes_by_means(const struct plain_model *plain);
void plain_backward_means(const struct plain_model *plain,
                          const struct plain_layer *layer,
                          const double *values, double *d_s);
double plain_hart_slope(const struct plain_model *plain, double x);
void plain_average_steps(const struct plain_model *plain,
                         const struct plain_layer *layer, double *d_z);

/* A number of a spec by its name: read from the row's text, as a user would. */
double plain_number(const struct spec *spec, enum spec_axis axis,
                    const char *name, double otherwise);

/* A layer's part of weight times R at the end of training, after it has fired.
 * Its gradient by x and by spikes is added to d_x and d_s; that by the norm's
 * tensors to `gradient`. */
double plain_regularize(struct plain_model *plain, struct plain_layer *layer,
                        const double *values);
void plain_backward_regularizer(struct plain_model *plain,
                                struct plain_layer *layer,
                                const double *values, double *d_x,
                                double *d_s, double *gradient);
/* After plain_loss: from now on it takes the layer's spikes of that pass where
 * no gradient goes through them. */
void plain_hold_rates(struct plain_model *plain, struct plain_layer *layer);

/* d_s (at first of what comes through the gates), then d_z, then d_y: each step
 * works in place on the one array. d_x is the regularizer's own gradient by
 * x. */
void plain_backward_pool(struct plain_model *plain, struct plain_layer *layer,
                         const double *d_pooled, double *d_s);
void plain_backward_gates(struct plain_model *plain, struct plain_layer *layer,
                          const double *values, double *gradient, double *d_s);
void plain_backward_neurons(struct plain_model *plain,
                            struct plain_layer *layer, const double *values,
                            const double *d_x, double *gradient, double *d_s);
/* In place, too; the others' part is added to d. */
void plain_backward_join(struct plain_model *plain, struct plain_layer *layer,
                         double *d_joined, double *d);
void plain_backward_attention(struct plain_model *plain,
                              struct plain_layer *layer, const double *values,
                              double *gradient, double *d_z);
/* Adds the shortcut's part to d, the gradient by the spikes that it takes, or
 * to d_y or d_z of the layer whose currents it takes. */
void plain_backward_shortcut(struct plain_model *plain,
                             struct plain_layer *layer, const double *values,
                             const double *d_sum, double *gradient, double *d);
void plain_backward_norm(struct plain_model *plain, struct plain_layer *layer,
                         const double *values, double *d_z, double *gradient);
void plain_backward_operation(struct plain_model *plain,
                              struct plain_layer *layer, const double *values,
                              const double *d_y, double *d_weight,
                              double *d_input);

#endif
