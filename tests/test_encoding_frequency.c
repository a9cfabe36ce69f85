#include "tests/encoding_stage.h"
#include "tests/test.h"

#include <complex.h>
#include <math.h>
#include <string.h>

/* An image and its places, not square and with an odd side. */
enum { T = 8, SIDE_MOST = 32, N_MOST = SIDE_MOST * SIDE_MOST * 3 };

static const double pi = 3.14159265358979323846;

struct scene {
    struct arena arena;
    struct sample frequency;
    struct encoding_batch batch;
    float *image, *encoded, *above, *d_image;
};

static struct scene open_scene(size_t height, size_t width, size_t n_channels)
{
    struct scene scene = {.arena = arena_open()};
    struct arena *arena = &scene.arena;
    size_t n = height * width * n_channels;
    MUST(n <= N_MOST);
    scene.frequency = encoding_stage_make("frequency", arena);
    scene.image = ARENA_ARRAY(arena, float, n);
    scene.encoded = ARENA_ARRAY(arena, float, T * n + 1);
    scene.above = ARENA_ARRAY(arena, float, T * n);
    scene.d_image = ARENA_ARRAY(arena, float, n);
    struct rng_stream stream = {5, RNG_SYNTHETIC, 0};
    rng_fill_uniform(stream, 0, n, scene.image);
    stream.lane = 1;
    rng_fill_normal(stream, 0, T * n, scene.above);
    scene.batch = encoding_stage_batch(scene.image);
    scene.batch.n_steps = T;
    scene.batch.n_images = 1;
    scene.batch.n_pixels = n;
    scene.batch.n_channels = n_channels;
    scene.batch.height = height;
    scene.batch.width = width;
    scene.batch.scratch = ARENA_ARRAY(
        arena, float, scene.frequency.encoding->n_scratch * n);
    return scene;
}

static void run(struct scene *scene)
{
    encoding_stage_encode(scene->frequency, &scene->batch, scene->encoded);
    scene->frequency.encoding->backward(scene->frequency.params, &scene->batch,
                                        scene->encoded, scene->above,
                                        scene->d_image);
}

/* the definition ------------------------------------------------------- */

/* Frequency k of N, counted from -N/2: kept if -r <= f < r. */
static bool is_kept(size_t k, size_t side, size_t radius)
{
    long middle = (long)(side / 2), half = (long)radius;
    long f = (long)((k + side / 2) % side) - middle;
    return 2 * radius >= side || (f >= -half && f < half);
}

static double complex unit(size_t k, size_t i, size_t side, double sign)
{
    double angle = sign * 2 * pi * (double)(k * i % side) / (double)side;
    return cos(angle) + I * sin(angle);
}

/* One channel, [H][W], transformed along both sides: by sums of H W products,
 * as the formula has them. */
static void transform(size_t height, size_t width, double sign,
                      const double complex *in, double complex *out)
{
    static double complex half[SIDE_MOST * SIDE_MOST];
    for (size_t k = 0; k < height; k++)
        for (size_t j = 0; j < width; j++) {
            half[k * width + j] = 0;
            for (size_t i = 0; i < height; i++)
                half[k * width + j] +=
                    unit(k, i, height, sign) * in[i * width + j];
        }
    for (size_t k = 0; k < height; k++)
        for (size_t l = 0; l < width; l++) {
            out[k * width + l] = 0;
            for (size_t j = 0; j < width; j++)
                out[k * width + l] +=
                    unit(l, j, width, sign) * half[k * width + j];
        }
}

static void expect_channel(const struct scene *scene, size_t t, size_t channel,
                           size_t radius_high, size_t radius_wide)
{
    static double complex a[SIDE_MOST * SIDE_MOST], b[SIDE_MOST * SIDE_MOST];
    size_t height = scene->batch.height, width = scene->batch.width;
    size_t n_channels = scene->batch.n_channels, n = height * width;
    for (size_t i = 0; i < n; i++)
        a[i] = (double)scene->image[i * n_channels + channel];
    transform(height, width, -1, a, b);
    for (size_t i = 0; i < n; i++)
        if (!is_kept(i / width, height, radius_high) ||
            !is_kept(i % width, width, radius_wide))
            b[i] = 0;
    transform(height, width, 1, b, a);
    const float *found = scene->encoded + t * scene->batch.n_pixels + channel;
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(cabs(a[i]) / (double)n -
                         (double)found[i * n_channels]) < 2e-6);
}

static void masks_of_32_pixels_are_those_of_the_paper(void **state)
{
    (void)state;
    static const size_t radii[T] = {16, 14, 12, 10, 8, 6, 4, 2};
    struct scene scene = open_scene(32, 32, 3);
    run(&scene);
    for (size_t t = 0; t < T; t++)
        expect_channel(&scene, t, t % 3, radii[t], radii[t]);
    assert_memory_equal(scene.encoded, scene.image,
                        scene.batch.n_pixels * sizeof(float));
    arena_close(&scene.arena);
}

static void sides_may_be_odd_and_unequal(void **state)
{
    (void)state;
    static const size_t high[T] = {5, 3, 2, 2, 2, 2, 2, 2};
    static const size_t wide[T] = {7, 5, 3, 2, 2, 2, 2, 2};
    struct scene scene = open_scene(9, 14, 2);
    run(&scene);
    for (size_t t = 0; t < T; t++)
        for (size_t c = 0; c < 2; c++)
            expect_channel(&scene, t, c, high[t], wide[t]);
    arena_close(&scene.arena);
}

/* At -r alone a mask keeps what it has not at r: a wave of that frequency
 * becomes a complex one, of which half the size is left everywhere. */
static void a_wave_at_the_edge_is_halved(void **state)
{
    (void)state;
    struct scene scene = open_scene(16, 16, 1);
    for (size_t i = 0; i < 256; i++)
        scene.image[i] =
            (float)(0.5 + 0.5 * cos(2 * pi * 6 * (double)(i % 16) / 16));
    run(&scene);
    const float *second = scene.encoded + 256, *third = second + 256;
    for (size_t i = 0; i < 256; i++) {
        double angle = 2 * pi * 6 * (double)(i % 16) / 16;
        double exact = cabs(0.5 + 0.25 * (cos(angle) - I * sin(angle)));
        assert_true(fabs((double)second[i] - exact) < 1e-6);
        assert_true(fabs((double)third[i] - 0.5) < 1e-6);
    }
    arena_close(&scene.arena);
}

/* backward ------------------------------------------------------------- */

static double loss_of(struct scene *scene)
{
    double loss = 0;
    encoding_stage_encode(scene->frequency, &scene->batch, scene->encoded);
    for (size_t i = 0; i < T * scene->batch.n_pixels; i++)
        loss += (double)scene->above[i] * (double)scene->encoded[i];
    return loss;
}

/* Along a direction; the image is kept off the place where |z| has a corner. */
static void expect_differences(size_t height, size_t width)
{
    struct scene scene = open_scene(height, width, 2);
    size_t n = scene.batch.n_pixels;
    for (size_t i = 0; i < n; i++)
        scene.image[i] = 0.5f + 0.4f * (scene.image[i] - 0.5f);
    run(&scene);
    float largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(scene.d_image[i]));
    double scale = (double)largest;
    for (size_t i = 0; i < n; i += 11) {
        float pixel = scene.image[i], step = 1.0f / 128;
        scene.image[i] = pixel + step;
        double above = loss_of(&scene);
        scene.image[i] = pixel - step;
        double below = loss_of(&scene);
        scene.image[i] = pixel;
        double found = (double)scene.d_image[i];
        assert_true(fabs((above - below) * 64 - found) < 4e-3 * scale);
    }
    arena_close(&scene.arena);
}

static void the_gradient_is_its_difference(void **state)
{
    (void)state;
    expect_differences(12, 12);
    expect_differences(9, 14);
}

/* y = |A x| is homogeneous in x, so <y, g> = <x, dy/dx' g>; a test to float's
 * precision, which differences are not. */
static void the_gradient_is_the_adjoint(void **state)
{
    (void)state;
    struct scene scene = open_scene(13, 10, 3);
    run(&scene);
    double forward = 0, backward = 0, size = 0;
    for (size_t i = 0; i < T * scene.batch.n_pixels; i++) {
        double term = (double)scene.above[i] * (double)scene.encoded[i];
        forward += term;
        size += fabs(term);
    }
    for (size_t i = 0; i < scene.batch.n_pixels; i++)
        backward += (double)scene.image[i] * (double)scene.d_image[i];
    assert_true(fabs(forward - backward) < 1e-6 * size);
    arena_close(&scene.arena);
}

static void black_stays_black_and_gets_no_gradient(void **state)
{
    (void)state;
    struct scene scene = open_scene(6, 6, 1);
    memset(scene.image, 0, 36 * sizeof(float));
    run(&scene);
    for (size_t i = 0; i < T * 36; i++)
        assert_true(scene.encoded[i] == 0);
    for (size_t i = 0; i < 36; i++)
        assert_true(scene.d_image[i] == 0);
    arena_close(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_of_32_pixels_are_those_of_the_paper),
        cmocka_unit_test(sides_may_be_odd_and_unequal),
        cmocka_unit_test(a_wave_at_the_edge_is_halved),
        cmocka_unit_test(the_gradient_is_its_difference),
        cmocka_unit_test(the_gradient_is_the_adjoint),
        cmocka_unit_test(black_stays_black_and_gets_no_gradient),
    };
    return cmocka_run_group_tests_name("encoding_frequency", tests, NULL,
                                       NULL);
}
