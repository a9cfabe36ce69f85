#include "jobs/tune_measure.h"
#include "core/operation.h"
#include "core/rng.h"
#include "sweep/clock.h"

#include <math.h>

enum {
    N_STEPS = 4,
    ROUNDS_MIN = 3,
    ROUNDS_MAX = 15,
    LINEAR_IMAGES = 64, /* 256 rows */
    LINEAR_INPUTS = 512,
    PIXELS = 256 /* of all images of a convolution */
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
    float *numbers, *out;
    float *random; /* weights, and d_out of their gradient */
    struct operation_weights weights;
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
    /* As networks have them: the more channels, the smaller. */
    size_t side = n_out < 128 ? 14 : n_out < 512 ? 8 : 4;
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
    if (operation->transforms)
        operation->winograd.scratch = ARENA_ARRAY(
            arena, float, winograd_count_scratch(&operation->winograd));
}

static void fill_uniform(size_t n, float *at)
{
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, 0}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
}

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

/* Weights as the operation wants them. */
static void take_weights(struct subject *subject)
{
    const struct operation *operation = &subject->dense;
    struct arena *arena = &subject->arena;
    if (subject->use == TUNING_INPUT) {
        subject->weights = operation_reverse_weights(
            operation, &alone, subject->random,
            ARENA_ARRAY(arena, float, operation_count_reversed(operation)));
        return;
    }
    subject->weights = operation_prepare(
        operation, &alone, &subject->source, subject->n_images,
        subject->random,
        ARENA_ARRAY(arena, float, operation_count_transformed(operation)));
}

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
    subject->random = ARENA_ARRAY(arena, float, n_both);
    fill_uniform(n_both, subject->random);
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
        .n_images = kind == BLOCK_LINEAR
                        ? LINEAR_IMAGES
                        : PIXELS / (operation.height * operation.width),
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
    fill_inputs(subject, 1);
    take_weights(subject);
}

/* time ---------------------------------------------------------------- */

static double time_once(const struct subject *subject,
                        const struct operation *operation)
{
    struct image_range all = {0, subject->n_images};
    double began_s = clock_cpu_s();
    if (subject->use == TUNING_WEIGHTS)
        operation_backward_weights(operation, &alone, &subject->source,
                                   subject->random, all, subject->out);
    else
        operation_forward(operation, &subject->source, subject->weights, all,
                          subject->out);
    return clock_cpu_s() - began_s;
}

struct times {
    double dense_s, listed_s;
};

/* Both in turn, so that what disturbs one disturbs the other; the shortest are
 * the least disturbed. What takes long is disturbed less, and done less often.
 */
static struct times time_both(struct subject *subject, double density)
{
    const double enough_s = 0.05;
    struct times best = {INFINITY, INFINITY};
    double began_s = clock_cpu_s();
    fill_inputs(subject, density);
    for (size_t i = 0; i < ROUNDS_MAX; i++) {
        if (i >= ROUNDS_MIN && clock_cpu_s() - began_s > enough_s)
            break;
        best.dense_s =
            fmin(best.dense_s, time_once(subject, &subject->dense));
        best.listed_s =
            fmin(best.listed_s, time_once(subject, &subject->listed));
    }
    return best;
}

/* Where the line through the last two of i + 1 ratios is 1: below the first
 * density, between, or nowhere below the last. */
static double find_crossing(const double *ratios, size_t i)
{
    if (ratios[i] < 1)
        return densities[i];
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
    size_t last = 0;
    open_subject(&subject, kind, use, tuning_outputs(width));
    for (size_t i = 0; i < N_DENSITIES; i++) {
        struct times times = time_both(&subject, densities[i]);
        last = i;
        ratios[i] = times.listed_s / times.dense_s;
        dense_s = fmin(dense_s, times.dense_s);
        if (ratios[i] >= 1)
            break;
    }
    arena_close(&subject.arena);
    return (struct break_even){find_crossing(ratios, last), dense_s};
}
