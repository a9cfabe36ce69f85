/* Both ways to convolve: core/direct.h and core/sparse.h. */
#include "tests/test.h"

#include "core/direct.h"
#include "core/rng.h"
#include "core/sparse.h"

#include <math.h>
#include <string.h>

enum { SIDE_MAX = 19, IN_MAX = 33, OUT_MAX = 80 };
enum { IMAGE_MAX = SIDE_MAX * SIDE_MAX * IN_MAX };

static uint8_t counts[IMAGE_MAX];
static float image[IMAGE_MAX], weights[9 * IN_MAX * OUT_MAX];
static float padded[(SIDE_MAX + 2) * (SIDE_MAX + 2) * IN_MAX];
static float d_out[SIDE_MAX * SIDE_MAX * OUT_MAX];
static float out[SIDE_MAX * SIDE_MAX * OUT_MAX];
static float d_weights[9 * IN_MAX * OUT_MAX];

static const struct direct shapes[] = {
    {1, 1, 1, 16},  {2, 3, 3, 32},   {7, 7, 5, 48},   {14, 14, 32, 64},
    {9, 8, 33, 16}, {5, 19, 1, 80},  {19, 17, 2, 32}, {3, 1, 4, 16},
    {4, 9, 16, 64}, {16, 16, 8, 32},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static void fill_one(uint64_t lane, size_t n, float *at)
{
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, lane}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
}

/* A share of counts is 1 to 4, the others are 0. */
static void fill_counts(size_t n, double share)
{
    struct rng_stream stream = {2, RNG_NOISE, 0};
    for (size_t i = 0; i < n; i++) {
        uint32_t word = rng_word(stream, i);
        counts[i] = (uint8_t)(word * 0x1p-32 < share ? 1 + word % 4 : 0);
        image[i] = 0.25f * (float)counts[i];
    }
}

static struct source source_of_counts(void)
{
    return (struct source){.counts = counts, .scale = 0.25f};
}

static void fill_padded(const struct direct *shape)
{
    size_t n = shape->n_in, n_line = shape->width * n;
    memset(padded, 0, sizeof padded);
    for (size_t h = 0; h < shape->height; h++)
        memcpy(padded + (h + 1) * (n_line + 2 * n) + n, image + h * n_line,
               n_line * sizeof *image);
}

static size_t stride = 1;

static size_t count_strided(size_t n)
{
    return (n + stride - 1) / stride;
}

static size_t count_outputs(const struct direct *shape)
{
    return count_strided(shape->height) * count_strided(shape->width);
}

/* The pixel that a tap of an output sees, or SIZE_MAX: the padding. */
static size_t seen(const struct direct *shape, size_t pixel, size_t tap)
{
    size_t width = count_strided(shape->width);
    size_t h = pixel / width * stride + tap / 3 - 1;
    size_t w = pixel % width * stride + tap % 3 - 1;
    return h < shape->height && w < shape->width ? h * shape->width + w
                                                 : SIZE_MAX;
}

static void check_forward(const struct direct *shape)
{
    size_t n_in = shape->n_in, n_out = shape->n_out;
    for (size_t i = 0; i < count_outputs(shape) * n_out; i++) {
        double sum = 0;
        for (size_t tap = 0; tap < 9; tap++) {
            size_t from = seen(shape, i / n_out, tap);
            for (size_t c = 0; from != SIZE_MAX && c < n_in; c++)
                sum += (double)image[from * n_in + c] *
                       (double)weights[(tap * n_in + c) * n_out + i % n_out];
        }
        assert_true(fabs(sum - (double)out[i]) < 2e-6 * (1 + fabs(sum)));
    }
}

/* Where the image has been gone through so many times. */
static void check_weights(const struct direct *shape, size_t times,
                          float before)
{
    size_t n_in = shape->n_in, n_out = shape->n_out;
    for (size_t i = 0; i < 9 * n_in * n_out; i++) {
        size_t tap = i / n_out / n_in, c = i / n_out % n_in;
        double sum = (double)before;
        for (size_t p = 0; p < count_outputs(shape); p++) {
            size_t from = seen(shape, p, tap);
            if (from != SIZE_MAX)
                sum += (double)times * (double)image[from * n_in + c] *
                       (double)d_out[p * n_out + i % n_out];
        }
        assert_true(fabs(sum - (double)d_weights[i]) <
                    4e-6 * (1 + fabs(sum)));
    }
}

static void a_dense_convolution_is_its_sum(void **state)
{
    (void)state;
    fill_one(0, sizeof weights / sizeof *weights, weights);
    fill_one(1, IMAGE_MAX, image);
    for (size_t i = 0; i < N_SHAPES; i++) {
        fill_padded(&shapes[i]);
        for (size_t k = 0; k < sizeof out / sizeof *out; k++)
            out[k] = NAN;
        direct_forward(&shapes[i], padded, weights, out);
        check_forward(&shapes[i]);
    }
}

static struct sparse open_lists(const struct direct *shape,
                                struct arena *arena)
{
    struct sparse sparse = {.height = shape->height,
                            .width = shape->width,
                            .n_in = shape->n_in,
                            .n_out = shape->n_out,
                            .stride = stride};
    sparse_lay_out(&sparse, true, arena);
    return sparse;
}

static const double shares[] = {0, 0.02, 0.12, 0.3};
enum { N_SHARES = 4 };

/* Counts, and the same as numbers. */
static void check_lists(const struct direct *shape, double share)
{
    struct source sources[] = {source_of_counts(), {.floats = image}};
    struct arena arena = arena_open();
    struct sparse sparse = open_lists(shape, &arena);
    fill_counts(IMAGE_MAX, share);
    for (size_t i = 0; i < 2; i++) {
        sparse_load(&sparse, &sources[i], 0, 0);
        for (size_t k = 0; k < sizeof out / sizeof *out; k++)
            out[k] = NAN;
        sparse_forward(&sparse, weights, out);
        check_forward(shape);
    }
    arena_close(&arena);
}

static void check_spikes(void)
{
    fill_one(0, sizeof weights / sizeof *weights, weights);
    for (size_t i = 0; i < N_SHAPES * N_SHARES; i++)
        check_lists(&shapes[i / N_SHARES], shares[i % N_SHARES]);
}

static void a_convolution_of_spikes_is_its_sum(void **state)
{
    (void)state;
    for (stride = 2; stride > 0; stride--)
        check_spikes();
    stride = 1;
}

/* Gathers the image into every other slot, from the first on; in between there
 * are images without entries. */
static void gather(const struct sparse *sparse, size_t n_gathered)
{
    static const uint8_t nothing[IMAGE_MAX];
    for (size_t slot = 0; slot < n_gathered; slot++) {
        struct source source = source_of_counts();
        if (slot % 2 == 1)
            source.counts = nothing;
        sparse_load(sparse, &source, 0, 0);
        sparse_gather(sparse, slot, d_out);
    }
}

/* Lists of earlier images leave nothing behind. */
static void check_gradients(void)
{
    fill_one(2, sizeof d_out / sizeof *d_out, d_out);
    for (size_t i = 0; i < N_SHAPES; i++) {
        struct arena arena = arena_open();
        struct sparse sparse = open_lists(&shapes[i], &arena);
        for (size_t k = N_SHARES; k-- > 0;) {
            size_t n = k % 2 == 0 || sparse.n_slots < 5 ? 1 : 5;
            fill_counts(IMAGE_MAX, shares[k]);
            gather(&sparse, n);
            for (size_t j = 0; j < sizeof d_weights / sizeof *d_weights; j++)
                d_weights[j] = 0.75f;
            /* Some of the channels after the others, as workers share them. */
            size_t n_in = shapes[i].n_in;
            struct team_share first = {0, n_in / 3}, others = {n_in / 3, n_in};
            others.n -= first.n;
            sparse_backward_weights(&sparse, n, others, d_weights);
            sparse_backward_weights(&sparse, n, first, d_weights);
            check_weights(&shapes[i], (n + 1) / 2, 0.75f);
        }
        arena_close(&arena);
    }
}

static void gradients_of_weights_add_up_over_spikes(void **state)
{
    (void)state;
    for (stride = 2; stride > 0; stride--)
        check_gradients();
    stride = 1;
}

/* b and t choose the image by the source's strides. */
static void a_list_is_of_the_image_that_was_asked_for(void **state)
{
    (void)state;
    const struct direct shape = {4, 4, 2, 16};
    enum { SIZE = 4 * 4 * 2 };
    struct arena arena = arena_open();
    struct sparse sparse = open_lists(&shape, &arena);
    struct source source = source_of_counts();
    source.stride_image = 3 * SIZE;
    source.stride_step = SIZE;
    fill_one(0, sizeof weights / sizeof *weights, weights);
    fill_counts(IMAGE_MAX, 0.05);
    sparse_load(&sparse, &source, 2, 1);
    sparse_forward(&sparse, weights, out);
    memmove(image, image + 7 * SIZE, SIZE * sizeof *image);
    check_forward(&shape);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dense_convolution_is_its_sum),
        cmocka_unit_test(a_convolution_of_spikes_is_its_sum),
        cmocka_unit_test(gradients_of_weights_add_up_over_spikes),
        cmocka_unit_test(a_list_is_of_the_image_that_was_asked_for),
    };
    return cmocka_run_group_tests_name("convolutions", tests, NULL, NULL);
}
