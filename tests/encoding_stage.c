#include "tests/encoding_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

const float encoding_stage_mean[N_CHANNELS] = {0.25f, 0.5f, 0.75f};
const float encoding_stage_deviation[N_CHANNELS] = {0.5f, 0.25f, 0.125f};

struct sample encoding_stage_make(const char *name, struct arena *arena)
{
    const struct kind *kind = kind_find(&encoding_axis, name);
    assert_non_null(kind);
    return (struct sample){encoding_of(kind), kind_defaults(kind, arena)};
}

void encoding_stage_fill(float *images)
{
    struct rng_stream stream = {3, RNG_SYNTHETIC, 0};
    rng_fill_uniform(stream, 0, N_SHEET, images);
    for (size_t i = 0; i < N_SHEET; i += 10) {
        images[i] = 0;
        images[i + 4 < N_SHEET ? i + 4 : i] = 1;
    }
}

static float scratch[1 << 16];
static const uint32_t ids[N_IMAGES] = {9, 0, 70000, 3, 4, 12, 2};

struct encoding_batch encoding_stage_batch(const float *images)
{
    return (struct encoding_batch){
        .n_steps = N_STEPS,
        .n_images = N_IMAGES,
        .n_pixels = N_PIXELS,
        .n_channels = N_CHANNELS,
        .height = N_PIXELS / N_CHANNELS,
        .width = 1,
        .images = images,
        .ids = ids,
        .mean = encoding_stage_mean,
        .deviation = encoding_stage_deviation,
        .seed = 11,
        .use = RNG_ENCODE_TEST,
        .draw = 2,
        .scratch = scratch,
    };
}

struct encoding_batch encoding_stage_batch_for(struct sample sample,
                                               const float *images)
{
    struct encoding_batch batch = encoding_stage_batch(images);
    if (!strcmp(sample.encoding->kind.name, "events"))
        batch.n_steps = N_CHANNELS;
    return batch;
}

size_t encoding_stage_count_inputs(struct sample sample,
                                   const struct encoding_batch *batch)
{
    struct image_shape pixel = {1, 1, batch->n_channels};
    struct image_shape encoded =
        encoding_shape(sample.encoding, sample.params, pixel,
                       batch->n_steps);
    return batch->n_pixels * encoded.n_channels / batch->n_channels;
}

size_t encoding_stage_count(struct sample sample,
                            const struct encoding_batch *batch)
{
    size_t n_steps = sample.encoding->constant ? 1 : batch->n_steps;
    return n_steps * batch->n_images *
           encoding_stage_count_inputs(sample, batch);
}

void encoding_stage_encode(struct sample sample,
                           const struct encoding_batch *batch, float *encoded)
{
    size_t n = encoding_stage_count(sample, batch);
    for (size_t i = 0; i <= n; i++)
        encoded[i] = NAN;
    sample.encoding->encode(sample.params, batch, encoded);
    for (size_t i = 0; i < n; i++)
        assert_true(isfinite(encoded[i]));
    assert_true(isnan(encoded[n]));
}
