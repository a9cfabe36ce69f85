/* The code of event recordings: their frames, one a step. */
#include "core/dataset.h"
#include "core/encoding_parts.h"
#include "core/network.h"
#include "core/spec.h"

static const char *events_applies(const struct spec *spec)
{
    const struct network_common *network = spec->at[SPEC_NETWORK].params;
    size_t n_frames = dataset_count_frames(&spec->at[SPEC_DATASET]);
    if (n_frames == 0)
        return "needs a data set of event recordings (nmnist)";
    if (n_frames != network->n_steps)
        return "needs the data set's n_frames to be the network's n_steps";
    return NULL;
}

static struct image_shape events_shape(const void *params,
                                       struct image_shape image,
                                       size_t n_steps)
{
    (void)params;
    MUST(image.n_channels % n_steps == 0);
    image.n_channels /= n_steps;
    return image;
}

/* A pixel holds its channels of all frames: [T][C/T]. */
static void events_encode(const void *params,
                          const struct encoding_batch *batch, float *encoded)
{
    (void)params;
    size_t n_steps = batch->n_steps, n_own = batch->n_channels / n_steps;
    size_t n = encoding_count_pixels(batch) / batch->n_channels;
    for (size_t t = 0; t < n_steps; t++)
        for (size_t i = 0; i < n; i++)
            for (size_t c = 0; c < n_own; c++)
                encoded[(t * n + i) * n_own + c] =
                    batch->images[(i * n_steps + t) * n_own + c];
}

static void events_backward(const void *params,
                            const struct encoding_batch *batch,
                            const float *encoded, const float *d_encoded,
                            float *d_images)
{
    (void)params;
    (void)encoded;
    size_t n_steps = batch->n_steps, n_own = batch->n_channels / n_steps;
    size_t n = encoding_count_pixels(batch) / batch->n_channels;
    for (size_t t = 0; t < n_steps; t++)
        for (size_t i = 0; i < n; i++)
            for (size_t c = 0; c < n_own; c++)
                d_images[(i * n_steps + t) * n_own + c] =
                    d_encoded[(t * n + i) * n_own + c];
}

const struct encoding encoding_events = {
    .kind = {.name = "events",
             .doc = "the binned frames of an event recording, one a step, as input current; "
                    "backward the identity",
             .cite = "usual for N-MNIST and other event data; as SpikingJelly's frames",
             .applies = events_applies},
    .shape = events_shape,
    .encode = events_encode,
    .backward = events_backward,
};
