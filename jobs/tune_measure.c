#include "jobs/tune_measure.h"
#include "core/operation.h"
#include "core/rng.h"
#include "sweep/clock.h"

#include <math.h>

enum {
    N_STEPS = 4,
    N_ROUNDS = 15,
    LINEAR_IMAGES = 64, /* 256 rows */
    LINEAR_INPUTS = 512,
    SIDE_WIDE = 8, /* of images with many channels */
    SIDE = 14,
    CHANNELS_WIDE = 128
};

/* Increasing; in between, times are taken to lie on a line. */
static const double densities[] = {0.01, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8};
enum { N_DENSITIES = sizeof densities / sizeof *densities };

/* One operation laid out twice: all images go the one way, or the other. */
struct subject {
    struct arena arena;
    enum tuning_use use;
    struct operation dense, listed;
    size_t n_images, n_inputs; /* inputs of one image and step */
    struct source source;
    uint8_t *counts;
    float *numbers, *weights, *out;
};

/* the operation ------------------------------------------------------- */

static struct operation linear_of(size_t n_out)
{
    return (struct operation){.kind = BLOCK_LINEAR,
                              .size = 1,
                              .stride = 1,
                              .height = 1,
                              .width = 1,
                              .out_height = 1,
                              .out_width = 1,
                              .n_in = LINEAR_INPUTS,
                              .n_out = n_out,
                              .n_steps = N_STEPS};
}

static struct operation convolution_of(size_t n_out)
{
    size_t side = n_out < CHANNELS_WIDE ? SIDE : SIDE_WIDE;
    return (struct operation){.kind = BLOCK_CONVOLUTION,
                              .size = 3,
                              .stride = 1,
                              .height = side,
                              .width = side,
                              .out_height = side,
                              .out_width = side,
                              .n_in = n_out,
                              .n_out = n_out,
                              .n_steps = N_STEPS};
}

/* The forward operation, or the reversed one of such, which has n_out. */
static struct operation operation_of(enum block_operation kind,
                                     enum tuning_use use, size_t n_out)
{
    struct operation operation =
        kind == BLOCK_LINEAR ? linear_of(n_out) : convolution_of(n_out);
    if (use != TUNING_INPUT)
        return operation;
    size_t n_in = operation.n_in;
    operation.n_in = n_out;
    operation.n_out = n_in;
    return operation_reversed(&operation);
}

/* Next to nothing: an image is looked at, and then goes the dense way. */
static const double hardly = 1e-9;

static const struct team alone = {1};

static void take_way(struct operation *operation, enum tuning_use use,
                     double densest, struct arena *arena)
{
    struct tuning tuning;
    double *at = &tuning.densest[0][0][0];
    for (size_t i = 0; i < sizeof tuning / sizeof *at; i++)
        at[i] = densest;
    operation_choose(operation, &tuning, use);
    operation_lay_out(operation, alone.n_workers, arena);
    if (operation->transformed)
        operation->winograd.scratch = ARENA_ARRAY(
            arena, float, winograd_count_scratch(&operation->winograd));
}

static void fill_uniform(size_t n, float *at)
{
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, 0}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
}

/* Weights as the reversed operation wants them, or d_out of the gradient. */
static void take_arrays(struct subject *subject)
{
    const struct operation *operation = &subject->listed;
    struct arena *arena = &subject->arena;
    size_t n_all = subject->n_images * N_STEPS;
    size_t n_weights = operation_fan_in(operation) * operation->n_out;
    size_t n_out = n_all * operation->out_height * operation->out_width *
                   operation->n_out;
    size_t n_both = n_weights + n_out;
    subject->counts = ARENA_ARRAY(arena, uint8_t, n_all * subject->n_inputs);
    subject->numbers = ARENA_ARRAY(arena, float, n_all * subject->n_inputs);
    subject->out = ARENA_ARRAY(arena, float, n_both);
    subject->weights = ARENA_ARRAY(arena, float, n_both);
    fill_uniform(n_both, subject->weights);
    if (subject->use != TUNING_INPUT)
        return;
    float *reversed =
        ARENA_ARRAY(arena, float, operation_count_reversed(operation));
    operation_reverse_weights(operation, &alone, subject->weights, reversed);
    subject->weights = reversed;
}

static void open_subject(struct subject *subject, enum block_operation kind,
                         enum tuning_use use, size_t n_out)
{
    struct operation operation = operation_of(kind, use, n_out);
    *subject = (struct subject){
        .arena = arena_open(),
        .use = use,
        .dense = operation,
        .listed = operation,
        .n_images = kind == BLOCK_LINEAR ? LINEAR_IMAGES : 1,
        .n_inputs = operation.height * operation.width * operation.n_in};
    take_way(&subject->dense, use, hardly, &subject->arena);
    take_way(&subject->listed, use, 1, &subject->arena);
    take_arrays(subject);
    subject->source = (struct source){
        .floats = use == TUNING_INPUT ? subject->numbers : NULL,
        .counts = use == TUNING_INPUT ? NULL : subject->counts,
        .scale = 0.25f,
        .stride_image = N_STEPS * subject->n_inputs,
        .stride_step = subject->n_inputs};
}

/* time ---------------------------------------------------------------- */

static void fill_inputs(struct subject *subject, double density)
{
    struct rng_stream stream = {2, RNG_NOISE, 0};
    size_t n = subject->n_images * N_STEPS * subject->n_inputs;
    for (size_t i = 0; i < n; i++) {
        uint32_t word = rng_word(stream, i);
        bool some = word * 0x1p-32 < density || i % subject->n_inputs == 0;
        subject->counts[i] = (uint8_t)(some ? 1 + word % 4 : 0);
        subject->numbers[i] = 0.25f * (float)subject->counts[i];
    }
}

static double time_once(const struct subject *subject,
                        const struct operation *operation)
{
    struct image_range all = {0, subject->n_images};
    double began_s = clock_cpu_s();
    if (subject->use == TUNING_WEIGHTS)
        operation_backward_weights(operation, &alone, &subject->source,
                                   subject->weights, all, subject->out);
    else
        operation_forward(operation, &subject->source, subject->weights, all,
                          subject->out);
    return clock_cpu_s() - began_s;
}

struct times {
    double dense_s, listed_s;
};

/* Both in turn, so that what disturbs one disturbs the other; the shortest are
 * the least disturbed. */
static struct times time_both(struct subject *subject, double density)
{
    struct times best = {INFINITY, INFINITY};
    fill_inputs(subject, density);
    for (size_t i = 0; i < N_ROUNDS; i++) {
        best.dense_s =
            fmin(best.dense_s, time_once(subject, &subject->dense));
        best.listed_s =
            fmin(best.listed_s, time_once(subject, &subject->listed));
    }
    return best;
}

/* Where the line through two ratios is 1: below the first density, between, or
 * nowhere below the last. */
static double find_crossing(const double ratios[N_DENSITIES])
{
    size_t i = 0;
    while (i < N_DENSITIES && ratios[i] < 1)
        i++;
    if (i == N_DENSITIES)
        return densities[i - 1];
    if (i == 0)
        return TUNING_LEAST;
    double rise = ratios[i] - ratios[i - 1];
    return densities[i - 1] + (1 - ratios[i - 1]) / rise *
                                  (densities[i] - densities[i - 1]);
}

struct break_even tune_measure(enum block_operation kind, enum tuning_use use,
                               size_t width)
{
    struct subject subject;
    double ratios[N_DENSITIES], dense_s = INFINITY;
    open_subject(&subject, kind, use, tuning_outputs(width));
    for (size_t i = 0; i < N_DENSITIES; i++) {
        struct times times = time_both(&subject, densities[i]);
        ratios[i] = times.listed_s / times.dense_s;
        dense_s = fmin(dense_s, times.dense_s);
    }
    arena_close(&subject.arena);
    return (struct break_even){find_crossing(ratios), dense_s};
}
