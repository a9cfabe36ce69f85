/* Images, a batch of them and an encoding under test. */
#ifndef TESTS_ENCODING_STAGE_H
#define TESTS_ENCODING_STAGE_H

#include "core/encoding.h"

enum { N_STEPS = 5, N_IMAGES = 7, N_PIXELS = 3 * 11, N_CHANNELS = 3 };
enum { N_SHEET = N_IMAGES * N_PIXELS, N_ALL = N_STEPS * N_SHEET };
enum { N_ROOM = 4 * N_ALL + 1 }; /* for what any kind makes of them */

/* Of the batch's data set, by channel. */
extern const float encoding_stage_mean[N_CHANNELS];
extern const float encoding_stage_deviation[N_CHANNELS];

/* An encoding with its parameters. */
struct sample {
    const struct encoding *encoding;
    void *params;
};

/* One with its defaults; asserts that there is such a kind. */
struct sample encoding_stage_make(const char *name, struct arena *arena);

/* N_SHEET pixels, black and white ones among the grey. */
void encoding_stage_fill(float *images);

struct encoding_batch encoding_stage_batch(const float *images);

/* The same for any kind: where frames lie in groups of channels, there are as
 * many steps as channels. */
struct encoding_batch encoding_stage_batch_for(struct sample sample,
                                               const float *images);

/* Entries that the encoding writes for an image a step, and in all. */
size_t encoding_stage_count_inputs(struct sample sample,
                                   const struct encoding_batch *batch);
size_t encoding_stage_count(struct sample sample,
                            const struct encoding_batch *batch);

/* Encodes and asserts that all that belongs to it was written, no more;
 * `encoded` has room for one entry more. */
void encoding_stage_encode(struct sample sample,
                           const struct encoding_batch *batch,
                           float *encoded);

#endif
