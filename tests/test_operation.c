/* An image's way through an operation depends on its own density alone, and the
 * ways agree. */
#include "tests/test.h"

#include "core/lanes.h"
#include "core/operation.h"
#include "core/rng.h"

#include <math.h>
#include <string.h>

enum { N_IMAGES = 4, N_STEPS = 2, N_ALL = N_IMAGES * N_STEPS };
enum { INPUTS_MAX = 16384, OUTPUTS_MAX = 16384, WEIGHTS_MAX = 1 << 17 };

static float numbers[N_ALL * INPUTS_MAX], weights[WEIGHTS_MAX];
static uint8_t counts[N_ALL * INPUTS_MAX];
static float turned[2 * WEIGHTS_MAX];

/* What an operation gave: outputs, or gradients of its weights. */
struct outputs {
    float at[N_ALL * OUTPUTS_MAX];
};
static struct outputs dense, listed, mixed;

/* A density up to which all goes by lists. */
static struct tuning tuning_of(double densest)
{
    struct tuning tuning;
    double *at = &tuning.densest[0][0][0];
    for (size_t i = 0; i < sizeof tuning / sizeof *at; i++)
        at[i] = densest;
    return tuning;
}

static const struct operation operations[] = {
    {.kind = BLOCK_LINEAR, .size = 1, .stride = 1, .height = 1, .width = 1, .out_height = 1,
     .out_width = 1, .n_in = 150, .n_out = 3 * LANES, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 3, .stride = 1, .height = 6, .width = 5, .out_height = 6,
     .out_width = 5, .n_in = 32, .n_out = 32, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 3, .stride = 1, .height = 8, .width = 9, .out_height = 8,
     .out_width = 9, .n_in = 32, .n_out = 48, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 3, .stride = 1, .height = 7, .width = 9, .out_height = 7,
     .out_width = 9, .n_in = 3, .n_out = LANES, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 3, .stride = 1, .height = 5, .width = 1, .out_height = 5,
     .out_width = 1, .n_in = 1, .n_out = 2 * LANES, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 3, .stride = 2, .height = 7, .width = 6, .out_height = 4,
     .out_width = 3, .n_in = 8, .n_out = 2 * LANES, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 1, .stride = 2, .height = 7, .width = 6, .out_height = 4,
     .out_width = 3, .n_in = 8, .n_out = 2 * LANES, .n_steps = N_STEPS},
    {.kind = BLOCK_CONVOLUTION, .size = 3, .stride = 1, .height = 4, .width = 4, .out_height = 4,
     .out_width = 4, .n_in = 5, .n_out = 7, .n_steps = N_STEPS},
};
enum { N_OPERATIONS = sizeof operations / sizeof *operations };

static size_t count_inputs(const struct operation *operation)
{
    return operation->height * operation->width * operation->n_in;
}

static size_t count_outputs(const struct operation *operation)
{
    return operation->out_height * operation->out_width * operation->n_out;
}

/* Every third (image, step) is nearly full, the others are nearly empty. */
static void fill(const struct operation *operation)
{
    struct rng_stream stream = {3, RNG_NOISE, 0};
    size_t n = count_inputs(operation);
    for (size_t i = 0; i < N_ALL * n; i++) {
        uint32_t word = rng_word(stream, i);
        bool some = word * 0x1p-32 < (i / n % 3 == 0 ? 0.9 : 0.1);
        counts[i] = (uint8_t)(some ? 1 + word % 4 : 0);
        numbers[i] = 0.25f * (float)counts[i];
    }
    rng_fill_uniform((struct rng_stream){4, RNG_NOISE, 0}, 0, WEIGHTS_MAX,
                     weights);
    for (size_t i = 0; i < WEIGHTS_MAX; i++)
        weights[i] -= 0.5f;
}

static struct source source_of(const struct operation *operation,
                               bool of_counts)
{
    size_t n = count_inputs(operation);
    struct source source = {.scale = 0.25f,
                            .stride_image = N_STEPS * n,
                            .stride_step = n};
    if (of_counts)
        source.counts = counts;
    else
        source.floats = numbers;
    return source;
}

static const struct team team = {2};

/* Scratch that a reversed operation gets from the model. */
static void open_operation(struct operation *operation, enum tuning_use use,
                           double densest, struct arena *arena)
{
    struct tuning tuning = tuning_of(densest);
    operation_choose(operation, &tuning, use);
    operation_lay_out(operation, team.n_workers, arena);
    if (operation->transforms)
        operation->winograd.scratch = ARENA_ARRAY(
            arena, float, winograd_count_scratch(&operation->winograd));
}

/* forward ------------------------------------------------------------- */

static void run(struct operation operation, enum tuning_use use, bool of_counts,
                double densest, struct outputs *out)
{
    struct arena arena = arena_open();
    struct source source = source_of(&operation, of_counts);
    struct operation_weights by;
    open_operation(&operation, use, densest, &arena);
    MUST(count_outputs(&operation) <= OUTPUTS_MAX);
    MUST(operation_count_reversed(&operation) <= 2 * WEIGHTS_MAX);
    by = use == TUNING_INPUT
             ? operation_reverse_weights(&operation, &team, weights, turned)
             : operation_prepare(&operation, &team, &source, N_IMAGES, weights,
                                 turned);
    for (size_t i = 0; i < N_ALL * OUTPUTS_MAX; i++)
        out->at[i] = NAN;
    operation_forward(&operation, &source, by,
                      (struct image_range){0, N_IMAGES}, out->at);
    arena_close(&arena);
}

static void check_close(size_t n)
{
    float largest = 1e-3f;
    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(dense.at[i]));
    for (size_t i = 0; i < n; i++)
        assert_true(fabsf(dense.at[i] - listed.at[i]) < 2e-6f * largest);
}

/* Dense ones go the one way, the others the other. */
static void check_ways(const struct operation *operation)
{
    size_t n = count_outputs(operation);
    for (size_t i = 0; i < N_ALL; i++) {
        const float *expected = i % 3 == 0 ? dense.at : listed.at;
        assert_memory_equal(mixed.at + i * n, expected + i * n,
                            n * sizeof *expected);
    }
}

static void check_forward(const struct operation *operation,
                          enum tuning_use use, bool of_counts)
{
    fill(operation);
    run(*operation, use, of_counts, 0, &dense);
    run(*operation, use, of_counts, 1, &listed);
    run(*operation, use, of_counts, 0.5, &mixed);
    check_close(N_ALL * count_outputs(operation));
    check_ways(operation);
}

static void an_image_goes_by_its_own_density(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OPERATIONS; i++)
        for (int of_counts = 0; of_counts < 2; of_counts++)
            check_forward(&operations[i], TUNING_FORWARD, of_counts);
}

static void so_does_a_gradient_by_the_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        struct operation reversed = operation_reversed(&operations[i]);
        check_forward(&reversed, TUNING_INPUT, false);
    }
}

/* <A x, y> = <x, AT y>, whatever the way. */
static void a_reversed_operation_is_the_transposed_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_OPERATIONS * 2; k++) {
        const struct operation *operation = &operations[k / 2];
        struct operation reversed = operation_reversed(operation);
        size_t n_in = count_inputs(operation), n_out = count_outputs(operation);
        double left = 0, right = 0, size = 0;
        fill(operation);
        run(*operation, TUNING_FORWARD, false, 0, &dense);
        for (size_t i = 0; i < N_ALL * n_in; i++)
            mixed.at[i] = numbers[i];
        fill(&reversed);
        run(reversed, TUNING_INPUT, false, k % 2 ? 1 : 0, &listed);
        for (size_t i = 0; i < N_ALL * n_out; i++) {
            left += (double)dense.at[i] * (double)numbers[i];
            size += fabs((double)dense.at[i] * (double)numbers[i]);
        }
        for (size_t i = 0; i < N_ALL * n_in; i++)
            right += (double)mixed.at[i] * (double)listed.at[i];
        assert_true(fabs(left - right) < 1e-6 * size);
    }
}

/* gradients of weights ------------------------------------------------ */

static void run_weights(struct operation operation, double densest,
                        struct outputs *out)
{
    struct arena arena = arena_open();
    struct source source = source_of(&operation, true);
    size_t n = operation_fan_in(&operation) * operation.n_out;
    open_operation(&operation, TUNING_WEIGHTS, densest, &arena);
    for (size_t i = 0; i < n; i++)
        out->at[i] = 0.5f;
    operation_backward_weights(&operation, &team, &source, weights,
                               (struct image_range){0, N_IMAGES}, out->at);
    arena_close(&arena);
}

static void gradients_of_weights_are_the_same_by_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        const struct operation *operation = &operations[i];
        size_t n = operation_fan_in(operation) * operation->n_out;
        static const double densest[] = {4, 0.5}; /* 4: with a stride, too */
        MUST(n <= N_ALL * OUTPUTS_MAX &&
             N_ALL * count_outputs(operation) <= WEIGHTS_MAX);
        fill(operation);
        run_weights(*operation, 0, &dense);
        for (size_t k = 0; k < 2; k++) {
            run_weights(*operation, densest[k], &listed);
            check_close(n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_goes_by_its_own_density),
        cmocka_unit_test(so_does_a_gradient_by_the_input),
        cmocka_unit_test(a_reversed_operation_is_the_transposed_one),
        cmocka_unit_test(gradients_of_weights_are_the_same_by_both_ways),
    };
    return cmocka_run_group_tests_name("operation", tests, NULL, NULL);
}
