#include "core/rng.h"
#include "io/dataset_parts.h"

#include <math.h>

/* Bytes of all images together: it is for tests, and is made in memory. */
static const size_t SIZE_MOST = (size_t)1 << 32;

enum { N_TRAIN_USUAL = 512, N_TEST_USUAL = 256 };

/* Sample i is a function of i and of the parameters, not of how many there
 * are; its class is i modulo K. Draws: 0 the classes' prototypes, uniform in
 * [0, 1]; 1 and 2 the noise of training and test samples. */
struct synthesis {
    const struct dataset_synthetic *params;
    struct arena *arena;
    size_t n_pixels;   /* of an image, with its channels */
    float *prototypes; /* [K][n_pixels] */
    float *noise;      /* [n_pixels] */
};

static struct rng_stream stream_of(size_t sample, uint64_t draw)
{
    return (struct rng_stream){0, RNG_SYNTHETIC, rng_lane(sample, draw)};
}

static void append_sample(const struct synthesis *synthesis, size_t i,
                          uint64_t draw, struct dataset_part *part)
{
    const struct dataset_synthetic *params = synthesis->params;
    unsigned char label = (unsigned char)(i % params->n_classes);
    const float *prototype =
        synthesis->prototypes + label * synthesis->n_pixels;
    rng_fill_normal(stream_of(i, draw), 0, synthesis->n_pixels,
                    synthesis->noise);
    for (size_t k = 0; k < synthesis->n_pixels; k++) {
        float value =
            prototype[k] + (float)params->noise * synthesis->noise[k];
        float inside = fminf(fmaxf(value, 0.0f), 1.0f);
        unsigned char pixel = (unsigned char)lrintf(255.0f * inside);
        bytes_append(&part->images, &pixel, 1);
    }
    bytes_append(&part->labels, &label, 1);
}

static enum status check_size(const struct dataset_synthetic *params,
                              size_t n_pixels, size_t n)
{
    if (n <= SIZE_MOST / n_pixels)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "dataset synthetic: %zu images of %zu x %zu x %zu "
                         "bytes are too many, at most %zu can be made",
                         n, params->height, params->width, params->n_channels,
                         SIZE_MOST / n_pixels);
}

static void make_samples(struct synthesis *synthesis,
                         struct dataset_whole *whole, size_t n_train,
                         size_t n_test)
{
    size_t n_pixels = synthesis->n_pixels;
    synthesis->noise = ARENA_ARRAY(synthesis->arena, float, n_pixels);
    synthesis->prototypes = ARENA_ARRAY(synthesis->arena, float,
                                        whole->n_classes * n_pixels);
    for (size_t k = 0; k < whole->n_classes; k++)
        rng_fill_uniform(stream_of(k, 0), 0, n_pixels,
                         synthesis->prototypes + k * n_pixels);
    for (size_t i = 0; i < n_train; i++)
        append_sample(synthesis, i, 1, &whole->train);
    for (size_t i = 0; i < n_test; i++)
        append_sample(synthesis, i, 2, &whole->test);
}

static enum status make(const struct choice *dataset,
                        const struct dataset_sources *sources,
                        struct dataset_whole *whole)
{
    (void)sources;
    const struct dataset_synthetic *params = dataset->params;
    const struct dataset_common *common = &params->common;
    whole->shape = (struct image_shape){params->height, params->width,
                                        params->n_channels};
    whole->n_classes = params->n_classes;
    size_t n_train = common->n_train ? common->n_train : N_TRAIN_USUAL;
    n_train += common->n_validation;
    size_t n_test = common->n_test ? common->n_test : N_TEST_USUAL;
    struct arena arena = arena_open();
    struct synthesis synthesis = {.params = params, .arena = &arena,
                                  .n_pixels = image_size(whole->shape)};
    TRY(check_size(params, synthesis.n_pixels, n_train + n_test));
    make_samples(&synthesis, whole, n_train, n_test);
    arena_close(&arena);
    return STATUS_OK;
}

const struct dataset_reader dataset_reader_synthetic = {.kind = "synthetic",
                                                        .read = make};
