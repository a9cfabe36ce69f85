#include "core/augmentation.h"
#include "core/rng.h"
#include "core/spec.h"
#include "core/training.h"

#include <string.h>

/* none ---------------------------------------------------------------- */

static const struct augmentation none = {
    .kind = {.name = "none", .doc = "images are learned as they are",
             .cite = "standard", .later = true},
};

/* standard ------------------------------------------------------------ */

struct standard {
    size_t crop, cutout;
    bool flip;
};

/* What is drawn for one image: pixel (y, x) is the original's at (y + down,
 * x + right), of a mirrored image at W - 1 - x; the hole begins at (y, x). */
struct drawn {
    long down, right, hole_y, hole_x;
    bool mirrored;
};

/* Uniform in 0 .. n - 1. */
static long draw_below(struct rng_stream stream, uint64_t index, size_t n)
{
    return (long)(((uint64_t)rng_word(stream, index) * n) >> 32);
}

/* Each use has a word of its own, so that none depends on what else is done. */
static struct drawn draw_one(const struct standard *standard,
                             const struct augmentation_batch *batch, size_t i)
{
    struct image_shape shape = batch->data->shape;
    struct rng_stream stream = {batch->seed, RNG_AUGMENTATION,
                                rng_lane(batch->ids[i], batch->epoch)};
    long crop = (long)standard->crop, half = (long)standard->cutout / 2;
    return (struct drawn){
        .down = draw_below(stream, 0, 2 * standard->crop + 1) - crop,
        .right = draw_below(stream, 1, 2 * standard->crop + 1) - crop,
        .mirrored = standard->flip && draw_below(stream, 2, 2) == 1,
        .hole_y = draw_below(stream, 3, shape.height) - half,
        .hole_x = draw_below(stream, 4, shape.width) - half,
    };
}

static void copy_pixel(size_t n_channels, const uint8_t *restrict from,
                       float *restrict to)
{
    for (size_t c = 0; c < n_channels; c++)
        to[c] = (float)from[c] / 255.0f;
}

/* What comes from beyond the image is black. */
static void shift(struct image_shape shape, struct drawn drawn,
                  const uint8_t *from, float *to)
{
    long height = (long)shape.height, width = (long)shape.width;
    size_t n_channels = shape.n_channels;
    memset(to, 0, image_size(shape) * sizeof *to);
    for (long y = 0; y < height; y++)
        for (long x = 0; x < width; x++) {
            long cropped = drawn.mirrored ? width - 1 - x : x;
            long from_y = y + drawn.down, from_x = cropped + drawn.right;
            if (from_y < 0 || from_y >= height || from_x < 0 ||
                from_x >= width)
                continue;
            copy_pixel(n_channels,
                       from + (size_t)(from_y * width + from_x) * n_channels,
                       to + (size_t)(y * width + x) * n_channels);
        }
}

/* A hole that is 0 once the image is normalized. */
static void cut_out(const struct data_set *data, struct drawn drawn,
                    size_t cutout, float *to)
{
    struct image_shape shape = data->shape;
    size_t n_channels = shape.n_channels;
    for (long y = drawn.hole_y; y < drawn.hole_y + (long)cutout; y++)
        for (long x = drawn.hole_x; x < drawn.hole_x + (long)cutout; x++)
            if (y >= 0 && y < (long)shape.height && x >= 0 &&
                x < (long)shape.width)
                memcpy(to + ((size_t)y * shape.width + (size_t)x) * n_channels,
                       data->mean, n_channels * sizeof *to);
}

static void standard_draw(const void *params,
                          const struct augmentation_batch *batch)
{
    const struct standard *standard = params;
    const struct data_set *data = batch->data;
    size_t n_pixels = image_size(data->shape);
    for (size_t i = 0; i < batch->n; i++) {
        struct drawn drawn = draw_one(standard, batch, i);
        float *to = batch->images + i * n_pixels;
        size_t at = split_place(&data->train, batch->ids[i]);
        shift(data->shape, drawn, data->train.images + at * n_pixels, to);
        cut_out(data, drawn, standard->cutout, to);
    }
}

static const struct row standard_rows[] = {
    {.name = "crop", .unit = "pixel",
     .doc = "width of a black border from which a piece of the image's size is cut at random",
     .type = ROW_COUNT, .fallback = "4", .minimum = 0, .maximum = 256,
     .offset = offsetof(struct standard, crop)},
    {.name = "flip", .unit = "1",
     .doc = "every second image, at random, is mirrored left to right; not for digits",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct standard, flip)},
    {.name = "cutout", .unit = "pixel",
     .doc = "side of a square around a random pixel that becomes the data set's mean; 0: none",
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 256,
     .offset = offsetof(struct standard, cutout)},
};

static const char *standard_applies(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy learns from no images"
               : NULL;
}

static const struct augmentation standard = {
    .kind = {.name = "standard",
             .doc = "crop, then flip, then cutout, of every image anew in every epoch",
             .cite = "He et al., CVPR 2016 (crop, flip); DeVries and Taylor, "
                     "arXiv 1708.04552 (cutout)",
             .rows = standard_rows,
             .n_rows = KIND_COUNT(standard_rows),
             .params_size = sizeof(struct standard),
             .applies = standard_applies},
    .draw = standard_draw,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &standard.kind};

const struct axis augmentation_axis = {
    "augmentation", "what training draws anew of every image in every epoch",
    kinds, KIND_COUNT(kinds), "none"};

const struct augmentation *augmentation_of(const struct kind *kind)
{
    return (const struct augmentation *)kind;
}
