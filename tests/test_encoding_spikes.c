#include "tests/encoding_stage.h"
#include "tests/test.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* poisson ------------------------------------------------------------- */

enum { N_DRAWS = 4000, N_LEVELS = 9 };

/* Spikes of one image with pixels 0, 1/8, .. 1: how often each fired, at each
 * step and at two steps in a row. */
struct tally {
    double once[N_STEPS][N_LEVELS], twice[N_STEPS][N_LEVELS];
};

static void tally_draws(struct sample poisson, struct tally *tally)
{
    float image[N_LEVELS], encoded[N_STEPS * N_LEVELS + 1];
    uint32_t id = 5;
    for (size_t i = 0; i < N_LEVELS; i++)
        image[i] = (float)i / (N_LEVELS - 1);
    struct encoding_batch batch = encoding_stage_batch(image);
    batch.n_images = 1;
    batch.n_pixels = N_LEVELS;
    batch.ids = &id;
    memset(tally, 0, sizeof *tally);
    for (batch.draw = 0; batch.draw < N_DRAWS; batch.draw++) {
        encoding_stage_encode(poisson, &batch, encoded);
        for (size_t i = 0; i < N_STEPS * N_LEVELS; i++) {
            size_t t = i / N_LEVELS, k = i % N_LEVELS;
            assert_true(encoded[i] == 0 || encoded[i] == 1);
            tally->once[t][k] += (double)encoded[i];
            tally->twice[t][k] +=
                (double)encoded[i] *
                (double)encoded[(t + 1) % N_STEPS * N_LEVELS + k];
        }
    }
}

static bool is_rate(double n_seen, double rate)
{
    double error = sqrt(rate * (1 - rate) / N_DRAWS);
    return fabs(n_seen / N_DRAWS - rate) <= 4.5 * error;
}

static void poisson_fires_at_the_rate_of_the_pixel(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct tally tally;
    tally_draws(encoding_stage_make("poisson", &arena), &tally);
    for (size_t t = 0; t < N_STEPS; t++)
        for (size_t k = 0; k < N_LEVELS; k++) {
            double rate = (double)k / (N_LEVELS - 1);
            assert_true(is_rate(tally.once[t][k], rate));
            assert_true(is_rate(tally.twice[t][k], rate * rate));
        }
    arena_close(&arena);
}

static void poisson_fires_independently_in_samples_and_pixels(void **state)
{
    (void)state;
    enum { N = 2000, SIDE = 30 };
    struct arena arena = arena_open();
    struct sample poisson = encoding_stage_make("poisson", &arena);
    static float images[N * SIDE], encoded[N * SIDE + 1];
    static uint32_t all[N];
    for (size_t i = 0; i < N * SIDE; i++)
        images[i] = 0.5f;
    for (uint32_t i = 0; i < N; i++)
        all[i] = i;
    struct encoding_batch batch = encoding_stage_batch(images);
    batch.n_steps = 1;
    batch.n_images = N;
    batch.n_pixels = SIDE;
    batch.ids = all;
    encoding_stage_encode(poisson, &batch, encoded);
    for (size_t lag = 1; lag <= 2 * SIDE; lag++) {
        double sum = 0;
        for (size_t i = lag; i < N * SIDE; i++)
            sum += encoded[i] == encoded[i - lag] ? 0.25 : -0.25;
        assert_true(fabs(sum) < 4.5 * 0.25 * sqrt(N * SIDE));
    }
    arena_close(&arena);
}

/* Number 2722 of this stream is 0 itself. */
static void a_black_pixel_stays_dark_at_the_smallest_number(void **state)
{
    (void)state;
    enum { SIDE = 2723 };
    struct arena arena = arena_open();
    struct sample poisson = encoding_stage_make("poisson", &arena);
    static float images[SIDE], encoded[SIDE + 1];
    uint32_t id = 5;
    struct encoding_batch batch = encoding_stage_batch(images);
    batch.n_steps = batch.n_images = 1;
    batch.n_pixels = SIDE;
    batch.ids = &id;
    batch.draw = 2301;
    struct rng_stream stream = {batch.seed, batch.use, rng_lane(5, 2301)};
    assert_int_equal(rng_word(stream, 2722) >> 8, 0);
    encoding_stage_encode(poisson, &batch, encoded);
    for (size_t i = 0; i < SIDE; i++)
        assert_true(encoded[i] == 0);
    arena_close(&arena);
}

static void poisson_passes_the_gradient_straight_through(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample poisson = encoding_stage_make("poisson", &arena);
    float images[N_SHEET], sums[N_SHEET], d_images[N_SHEET];
    encoding_stage_fill(images);
    for (size_t i = 0; i < N_SHEET; i++)
        sums[i] = (float)i - 3;
    struct encoding_batch batch = encoding_stage_batch(images);
    assert_true(poisson.encoding->sums && !poisson.encoding->constant);
    poisson.encoding->backward(poisson.params, &batch, NULL, sums, d_images);
    assert_memory_equal(d_images, sums, sizeof sums);
    arena_close(&arena);
}

/* latency ------------------------------------------------------------- */

/* The step of the pixel's only spike. */
static size_t find_spike(size_t n_steps, size_t n, size_t pixel,
                         const float *encoded)
{
    size_t at = SIZE_MAX;
    for (size_t t = 0; t < n_steps; t++) {
        float spike = encoded[t * n + pixel];
        assert_true(spike == 0 || (spike == 1 && at == SIZE_MAX));
        at = spike > 0 ? t : at;
    }
    assert_true(at != SIZE_MAX);
    return at;
}

static void latency_has_the_golden_values(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample latency = encoding_stage_make("latency", &arena);
    float images[5] = {0.1f, 0.5f, 0.9f, 1, 0}, encoded[8 * 5 + 1];
    size_t golden[5] = {6, 4, 1, 0, 7};
    struct encoding_batch batch = encoding_stage_batch(images);
    batch.n_steps = 8;
    batch.n_images = 1;
    batch.n_pixels = 5;
    encoding_stage_encode(latency, &batch, encoded);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(find_spike(8, 5, i, encoded), golden[i]);
    arena_close(&arena);
}

static void latency_fires_once_and_the_brighter_the_earlier(void **state)
{
    (void)state;
    enum { N = 256 };
    struct arena arena = arena_open();
    struct sample latency = encoding_stage_make("latency", &arena);
    float images[N], encoded[32 * N + 1];
    for (size_t i = 0; i < N; i++)
        images[i] = (float)i / 255.0f;
    for (size_t n_steps = 1; n_steps <= 32; n_steps++) {
        struct encoding_batch batch = encoding_stage_batch(images);
        batch.n_steps = n_steps;
        batch.n_images = 1;
        batch.n_pixels = N;
        encoding_stage_encode(latency, &batch, encoded);
        size_t before = n_steps - 1;
        for (size_t i = 0; i < N; i++) {
            size_t at = find_spike(n_steps, N, i, encoded);
            assert_true(i > 0 ? at <= before : at == n_steps - 1);
            before = at;
        }
        assert_int_equal(before, 0);
    }
    arena_close(&arena);
}

static void latency_passes_the_gradient_of_the_spikes_step(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample latency = encoding_stage_make("latency", &arena);
    float images[N_SHEET], encoded[N_ALL + 1], above[N_ALL];
    float d_images[N_SHEET];
    encoding_stage_fill(images);
    for (size_t i = 0; i < N_ALL; i++)
        above[i] = (float)i + 1;
    struct encoding_batch batch = encoding_stage_batch(images);
    encoding_stage_encode(latency, &batch, encoded);
    assert_false(latency.encoding->sums);
    latency.encoding->backward(latency.params, &batch, encoded, above,
                               d_images);
    for (size_t i = 0; i < N_SHEET; i++) {
        size_t t = find_spike(N_STEPS, N_SHEET, i, encoded);
        assert_true(d_images[i] == above[t * N_SHEET + i]);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poisson_fires_at_the_rate_of_the_pixel),
        cmocka_unit_test(poisson_fires_independently_in_samples_and_pixels),
        cmocka_unit_test(a_black_pixel_stays_dark_at_the_smallest_number),
        cmocka_unit_test(poisson_passes_the_gradient_straight_through),
        cmocka_unit_test(latency_has_the_golden_values),
        cmocka_unit_test(latency_fires_once_and_the_brighter_the_earlier),
        cmocka_unit_test(latency_passes_the_gradient_of_the_spikes_step),
    };
    return cmocka_run_group_tests_name("encoding_spikes", tests, NULL, NULL);
}
