/*
 * Weights in this program's order, [k][k][C_in][C_out] and [H W C][n], and in
 * that of PyTorch and NIR, [C_out][C_in][k][k] and [n][C H W]. Exact: numbers
 * only change their places.
 */
#ifndef IO_TENSOR_ORDER_H
#define IO_TENSOR_ORDER_H

#include "core/data.h"

void tensor_order_kernel(size_t size, size_t n_in, size_t n_out,
                         const float *ours, float *theirs);
void tensor_order_linear(struct image_shape in, size_t n_out,
                         const float *ours, float *theirs);

/* The ways back. */
void tensor_reorder_kernel(size_t size, size_t n_in, size_t n_out,
                           const float *theirs, float *ours);
void tensor_reorder_linear(struct image_shape in, size_t n_out,
                           const float *theirs, float *ours);

#endif
