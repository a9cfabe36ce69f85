#include "tests/test.h"

#include "core/arena.h"
#include "core/lanes.h"
#include "core/rng.h"
#include "core/winograd.h"

#include <math.h>
#include <string.h>

static const struct shape {
    size_t height, width, n_in, n_out, n_images, n_steps;
} shapes[] = {
    {1, 1, 32, 32, 2, 1},  {2, 2, 64, 32, 3, 4},   {3, 5, 32, 64, 2, 3},
    {7, 7, 64, 48, 5, 2},  {28, 28, 32, 32, 1, 2}, {9, 40, 48, 32, 3, 1},
    {4, 4, 128, 96, 2, 2}, {8, 8, 256, 64, 2, 1},  {16, 11, 32, 32, 2, 2},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

/* A convolution with all that it needs. */
struct scene {
    struct arena arena;
    struct shape shape;
    struct winograd winograd;
    float *images, *weights, *transformed, *out;
    size_t n_image, n_out; /* entries of an image and of its output */
};

static float *take_random(struct arena *arena, uint64_t lane, size_t n)
{
    float *at = ARENA_ARRAY(arena, float, n);
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, lane}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
    return at;
}

static struct scene scene_open(struct shape shape)
{
    struct scene scene = {.arena = arena_open(), .shape = shape};
    struct arena *arena = &scene.arena;
    size_t n_kernels = shape.n_in * shape.n_out;
    size_t n = shape.n_images * shape.n_steps;
    assert_true(winograd_serves(shape.n_in, shape.n_out));
    scene.n_image = shape.height * shape.width * shape.n_in;
    scene.n_out = shape.height * shape.width * shape.n_out;
    scene.images = take_random(arena, 0, n * scene.n_image);
    scene.weights = take_random(arena, 1, 9 * n_kernels);
    scene.winograd = winograd_shape(shape.height, shape.width, shape.n_in,
                                    shape.n_out);
    scene.transformed = ARENA_ARRAY(arena, float,
                                    winograd_count_weights(&scene.winograd));
    memcpy(winograd_place_weights(&scene.winograd, scene.transformed),
           scene.weights, 9 * n_kernels * sizeof *scene.weights);
    winograd_transform_weights(&scene.winograd, &(struct team){2},
                               scene.transformed);
    scene.winograd.scratch = take_random(
        arena, 2, winograd_count_scratch(&scene.winograd));
    scene.out = ARENA_ARRAY(arena, float, n * scene.n_out);
    return scene;
}

static void convolve(struct scene *scene, struct image_range range, float *out)
{
    size_t n_steps = scene->shape.n_steps;
    struct source source = {.floats = scene->images,
                            .stride_image = n_steps * scene->n_image,
                            .stride_step = scene->n_image};
    winograd_forward(&scene->winograd, &source, scene->transformed, range,
                     n_steps, out);
}

/* One output as a plain sum in double. */
static double plain_output(const struct scene *scene, size_t image, size_t h,
                           size_t w, size_t o)
{
    const struct shape *shape = &scene->shape;
    double sum = 0;
    for (size_t tap = 0; tap < 9; tap++) {
        size_t y = h + tap / 3 - 1, x = w + tap % 3 - 1;
        if (y >= shape->height || x >= shape->width)
            continue;
        const float *at = scene->images + image * scene->n_image +
                          (y * shape->width + x) * shape->n_in;
        for (size_t i = 0; i < shape->n_in; i++)
            sum += (double)at[i] *
                   (double)scene->weights[(tap * shape->n_in + i) *
                                              shape->n_out + o];
    }
    return sum;
}

static double largest_error(const struct scene *scene)
{
    const struct shape *shape = &scene->shape;
    double error = 0, largest = 0;
    for (size_t i = 0; i < shape->n_images * shape->n_steps; i++)
        for (size_t k = 0; k < scene->n_out; k++) {
            size_t pixel = k / shape->n_out;
            double wanted =
                plain_output(scene, i, pixel / shape->width,
                             pixel % shape->width, k % shape->n_out);
            double got = (double)scene->out[i * scene->n_out + k];
            error = fmax(error, fabs(got - wanted));
            largest = fmax(largest, fabs(wanted));
        }
    return error / largest;
}

static void an_output_is_the_sum_over_its_taps(void **state)
{
    (void)state;
    for (size_t s = 0; s < N_SHAPES; s++) {
        struct scene scene = scene_open(shapes[s]);
        struct image_range all = {0, shapes[s].n_images};
        convolve(&scene, all, scene.out);
        assert_true(largest_error(&scene) <
                    (scene.winograd.side == 2 ? 4e-6 : 2e-5));
        arena_close(&scene.arena);
    }
}

static void an_image_has_the_same_bits_in_any_company(void **state)
{
    (void)state;
    for (size_t s = 0; s < N_SHAPES; s++) {
        struct scene scene = scene_open(shapes[s]);
        size_t n = shapes[s].n_images * shapes[s].n_steps * scene.n_out;
        float *alone = ARENA_ARRAY(&scene.arena, float, n);
        convolve(&scene, (struct image_range){0, shapes[s].n_images},
                 scene.out);
        for (size_t b = shapes[s].n_images; b-- > 0;)
            convolve(&scene, (struct image_range){b, 1}, alone);
        assert_memory_equal(alone, scene.out, n * sizeof *alone);
        arena_close(&scene.arena);
    }
}

static void it_serves_whole_vectors_of_many_channels(void **state)
{
    (void)state;
    assert_true(winograd_serves(64, 32));
    assert_false(winograd_serves(64, 32 + LANES / 2));
    assert_false(winograd_serves(33, 64));
    assert_false(winograd_serves(LANES, 64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_is_the_sum_over_its_taps),
        cmocka_unit_test(an_image_has_the_same_bits_in_any_company),
        cmocka_unit_test(it_serves_whole_vectors_of_many_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
