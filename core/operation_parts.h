/*
 * What core/operation*.c share; private to them: the way by products of
 * matrices, which serves every operation, in tiles that fit the second-level
 * cache.
 */
#ifndef CORE_OPERATION_PARTS_H
#define CORE_OPERATION_PARTS_H

#include "core/linalg.h"
#include "core/operation.h"

/* A range of images as lines of outputs: line l is line l % H' of image l / H',
 * where the images of the range are counted over all their steps. */
struct lines {
    size_t first, n;
};

struct lines operation_lines(const struct operation *operation,
                             struct image_range range);

/* Where the outputs of a line begin in [B][S][H'][W'][C_out]. */
size_t operation_output_at(const struct operation *operation,
                           struct image_range range, size_t line);

/* Images that follow each other and go the same way; those of the range are
 * counted over all their steps. */
struct run {
    size_t first, n;
    bool by_lists;
};

size_t operation_count_images(const struct operation *operation,
                              struct image_range range);

/* The run that begins with image `first`. An image goes its own way, whatever
 * the others of the batch are like. */
struct run operation_run_at(const struct operation *operation,
                            const struct source *source, double densest,
                            struct image_range range, size_t first);

/* Where the outputs of an image begin; a run's lines, and its rows. */
size_t operation_image_at(const struct operation *operation,
                          struct image_range range, size_t image);
struct lines operation_lines_of(const struct operation *operation,
                                const struct run *run);
struct sparse_rows operation_rows_of(const struct operation *operation,
                                     const struct source *source,
                                     struct image_range range,
                                     const struct run *run);

/* Fills operation->sparse. */
void operation_load_lists(const struct operation *operation,
                          const struct source *source,
                          struct image_range range, size_t image);

/* Takes the columns of a tile: rows of products with fan_in entries each, width
 * of them a line. */
void operation_take_columns(struct operation *operation, size_t width,
                            size_t fan_in, struct arena *arena);

/* Fills operation->padded. */
void operation_load_padded(const struct operation *operation,
                           const struct source *source, size_t b, size_t t);

/* Convolutions whose dense images are transformed. */
bool operation_may_transform(const struct operation *operation);

/* linalg_product with beta 0, in the operation's precision. */
void operation_multiply(const struct operation *operation, size_t m, size_t n,
                        size_t k, struct matrix a, struct matrix b, float *c);

/* operation_forward and operation_backward_weights for some lines; the latter
 * for some rows of the weights, each of which has one input of an output. */
void operation_forward_dense(const struct operation *operation,
                             const struct source *source, const float *weights,
                             struct image_range range, struct lines lines,
                             float *out);
void operation_backward_dense(const struct operation *operation,
                              const struct source *source, const float *d_out,
                              struct image_range range, struct lines lines,
                              struct team_share rows, float *d_weights);

#endif
