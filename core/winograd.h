/*
 * Dense 3x3 convolutions, stride 1, zero padding 1, with 16 multiplications
 * for each 2x2 outputs instead of 36: Winograd's F(2x2, 3x3), Lavin & Gray,
 * CVPR 2016 (arXiv 1509.09308), section 4.1,
 *
 *     Y = AT [ (G g GT) * (BT d B) ] A
 *
 * for each tile d [4][4] of the padded image, each kernel g [3][3]; * is
 * elementwise over [4][4] and a matrix product over channels. The matrices have
 * entries 0, 1, -1 and 1/2 only, so little precision is lost. What an image
 * gives does not depend on the others.
 */
#ifndef CORE_WINOGRAD_H
#define CORE_WINOGRAD_H

#include "core/source.h"

struct winograd {
    size_t height, width, n_in, n_out;
    bool bf16;      /* products of bfloat16: linalg_product_bf16 */
    float *scratch; /* [winograd_count_scratch] */
};

/* True where this is the fastest way: channels in whole vectors, and enough of
 * them for products of matrices. */
bool winograd_serves(size_t n_in, size_t n_out);

/* Entries of the transformed weights [4][4][C_in][C_out]; of the scratch. */
size_t winograd_count_weights(size_t n_in, size_t n_out);
size_t winograd_count_scratch(const struct winograd *winograd);

/* Transforms in place: weights [3][3][C_in][C_out] have been put where
 * winograd_place_weights says, in an array of winograd_count_weights. */
float *winograd_place_weights(size_t n_in, size_t n_out, float *weights);
void winograd_transform_weights(size_t n_in, size_t n_out, float *weights);

/* out [B][S][H][W][C_out] for a range of images, S = n_steps. */
void winograd_forward(const struct winograd *winograd,
                      const struct source *source, const float *weights,
                      struct image_range range, size_t n_steps, float *out);

#endif
