/*
 * Dense 3x3 convolutions, stride 1, zero padding 1, with 16 multiplications
 * for each 2x2 outputs instead of 36, or with 36 for 4x4 instead of 144:
 * Winograd's F(2x2, 3x3) and F(4x4, 3x3), Lavin & Gray, CVPR 2016 (arXiv
 * 1509.09308), section 4,
 *
 *     Y = AT [ (G g GT) * (BT d B) ] A
 *
 * for each tile d of the padded image, each kernel g [3][3]; * is elementwise
 * over the points of a tile and a matrix product over channels. The matrices of
 * the smaller tiles have entries 0, 1, -1 and 1/2 only, so little precision is
 * lost; those of the larger ones go from 1/24 to 8, which costs another
 * decimal. What an image gives does not depend on the others.
 */
#ifndef CORE_WINOGRAD_H
#define CORE_WINOGRAD_H

#include "core/source.h"
#include "core/team.h"

struct winograd {
    size_t height, width, n_in, n_out;
    size_t side;    /* of a tile's outputs, 2 or 4 */
    bool bf16;      /* products of bfloat16: linalg_product_bf16 */
    float *scratch; /* [winograd_count_scratch] */
};

/* True where this is the fastest way: channels in whole vectors, and enough of
 * them for products of matrices. */
bool winograd_serves(size_t n_in, size_t n_out);

/* Without scratch, and with the tiles that suit the image. */
struct winograd winograd_shape(size_t height, size_t width, size_t n_in,
                               size_t n_out);

/* Products of bfloat16, in tiles of 2x2: the factors of larger ones would
 * magnify what is rounded off. */
void winograd_use_bf16(struct winograd *winograd);

/* Entries of the transformed weights [points][C_in][C_out]; of the scratch. */
size_t winograd_count_weights(const struct winograd *winograd);
size_t winograd_count_scratch(const struct winograd *winograd);

/* Transforms in place: weights [3][3][C_in][C_out] have been put where
 * winograd_place_weights says, in an array of winograd_count_weights. */
float *winograd_place_weights(const struct winograd *winograd, float *weights);
void winograd_transform_weights(const struct winograd *winograd,
                                const struct team *team, float *weights);

/* out [B][S][H][W][C_out] for a range of images, S = n_steps. */
void winograd_forward(const struct winograd *winograd,
                      const struct source *source, const float *weights,
                      struct image_range range, size_t n_steps, float *out);

#endif
