/* Encodings by populations and by noise. */
#include "tests/encoding_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static void set(struct sample sample, const char *name, const char *text)
{
    struct arena arena = arena_open();
    const struct row *row = kind_find_row(&sample.encoding->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample.params, &arena), STATUS_OK);
    arena_close(&arena);
}

static double activity(double x, size_t k, size_t n_fields, double width)
{
    double centre = (double)k / ((double)n_fields - 1);
    return exp(-0.5 * pow((x - centre) / width, 2));
}

/* population ---------------------------------------------------------- */

/* After t steps of a constant current a an integrator that is reset by
 * subtraction has fired floor(t a / threshold) times. */
static void a_population_fires_by_its_fields(void **state)
{
    (void)state;
    enum { STEPS = 32, N = 33, K = 6 };
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make("population", &arena);
    static float images[N], encoded[STEPS * N * K + 1];
    struct encoding_batch batch = encoding_stage_batch(images);
    set(sample, "n_fields", "6");
    set(sample, "width", "0.15");
    for (size_t i = 0; i < N; i++)
        images[i] = (float)i / (N - 1);
    batch.n_steps = STEPS;
    batch.n_images = 1;
    encoding_stage_encode(sample, &batch, encoded);
    for (size_t i = 0; i < N * K; i++) {
        double rate = activity((double)images[i / K], i % K, K, 0.15);
        double sum = 0;
        for (size_t t = 0; t < STEPS; t++) {
            double exact = (double)(t + 1) * rate / 0.999;
            sum += (double)encoded[t * N * K + i];
            assert_true(sum <= exact + 1e-4 && sum >= exact - 1 - 1e-4);
        }
    }
    arena_close(&arena);
}

static void a_population_takes_the_place_of_each_channel(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make("population", &arena);
    struct image_shape image = {5, 7, 3};
    struct image_shape found =
        encoding_shape(sample.encoding, sample.params, image, 5);
    assert_true(found.height == 5 && found.width == 7);
    assert_int_equal(found.n_channels, 12);
    struct sample direct = encoding_stage_make("direct", &arena);
    found = encoding_shape(direct.encoding, direct.params, image, 5);
    assert_memory_equal(&found, &image, sizeof image);
    arena_close(&arena);
}

/* Of sum over k of g_k a_k(x), by differences in double precision. */
static void check_field_gradient(const char *kind)
{
    enum { K = 4 };
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make(kind, &arena);
    float images[N_SHEET], above[N_SHEET * K], d_images[N_SHEET];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch(images);
    for (size_t i = 0; i < N_SHEET * K; i++)
        above[i] = (float)cos((double)i);
    assert_true(sample.encoding->sums && !sample.encoding->masked);
    sample.encoding->backward(sample.params, &batch, NULL, above, d_images);
    for (size_t i = 0; i < N_SHEET; i++) {
        double sum = 0, h = 1e-5, x = (double)images[i];
        for (size_t k = 0; k < K; k++)
            sum += (double)above[i * K + k] *
                   (activity(x + h, k, K, 0.2) - activity(x - h, k, K, 0.2)) /
                   (2 * h);
        assert_true(fabs(sum - (double)d_images[i]) < 1e-5);
    }
    arena_close(&arena);
}

static void a_populations_gradient_is_that_of_its_fields(void **state)
{
    (void)state;
    check_field_gradient("population");
    check_field_gradient("population_bernoulli");
}

enum { N_DRAWS = 4000 };

/* Is a mean of N_DRAWS numbers within 4.5 standard errors? Rare spikes are not
 * normal: 4 of them more do not tell. */
static bool is_mean(double sum, double mean, double deviation)
{
    return fabs(sum / N_DRAWS - mean) <=
           4.5 * deviation / sqrt(N_DRAWS) + 4.0 / N_DRAWS;
}

static void a_random_population_fires_at_its_fields_rates(void **state)
{
    (void)state;
    enum { N = 9, K = 4, N_CODES = N_STEPS * N * K };
    struct arena arena = arena_open();
    struct sample sample =
        encoding_stage_make("population_bernoulli", &arena);
    float images[N], encoded[N_CODES + 1];
    static double once[N_CODES], twice[N_CODES];
    struct encoding_batch batch = encoding_stage_batch(images);
    for (size_t i = 0; i < N; i++)
        images[i] = (float)i / (N - 1);
    batch.n_images = 1;
    batch.n_pixels = N;
    for (batch.draw = 0; batch.draw < N_DRAWS; batch.draw++) {
        encoding_stage_encode(sample, &batch, encoded);
        for (size_t i = 0; i < N_CODES; i++) {
            size_t next = (i + N * K + 1) % N_CODES;
            assert_true(encoded[i] == 0 || encoded[i] == 1);
            once[i] += (double)encoded[i];
            twice[i] += (double)(encoded[i] * encoded[next]);
        }
    }
    for (size_t i = 0; i < N_CODES; i++) {
        size_t next = (i + N * K + 1) % N_CODES;
        double rate = activity((double)images[i / K % N], i % K, K, 0.2);
        double other =
            activity((double)images[next / K % N], next % K, K, 0.2);
        double both = rate * other;
        assert_true(is_mean(once[i], rate, sqrt(rate * (1 - rate))));
        assert_true(is_mean(twice[i], both, sqrt(both * (1 - both))));
    }
    arena_close(&arena);
}

/* rsc ----------------------------------------------------------------- */

/* Of one image in many draws: noise is what is beyond the image. */
static void rscs_noise_is_normal_and_fresh_at_every_step(void **state)
{
    (void)state;
    enum { N = 9, N_CODES = N_STEPS * N };
    struct arena arena = arena_open();
    struct sample rsc = encoding_stage_make("rsc", &arena);
    float images[N], encoded[N_CODES + 1];
    double sum[N_CODES] = {0}, squares[N_CODES] = {0}, pairs[N_CODES] = {0};
    double fourth = 0;
    set(rsc, "sigma", "0.5");
    set(rsc, "normalize", "false");
    struct encoding_batch batch = encoding_stage_batch(images);
    for (size_t i = 0; i < N; i++)
        images[i] = (float)i / (N - 1);
    batch.n_images = 1;
    batch.n_pixels = N;
    for (batch.draw = 0; batch.draw < N_DRAWS; batch.draw++) {
        double noise[N_CODES];
        encoding_stage_encode(rsc, &batch, encoded);
        for (size_t i = 0; i < N_CODES; i++)
            noise[i] = ((double)encoded[i] - (double)images[i % N]) / 0.5;
        for (size_t i = 0; i < N_CODES; i++) {
            sum[i] += noise[i];
            squares[i] += noise[i] * noise[i];
            pairs[i] += noise[i] * noise[(i + N) % N_CODES];
            fourth += pow(noise[i], 4) / N_CODES;
        }
    }
    for (size_t i = 0; i < N_CODES; i++) {
        assert_true(is_mean(sum[i], 0, 1));
        assert_true(is_mean(squares[i], 1, sqrt(2)));
        assert_true(is_mean(pairs[i], 0, 1));
    }
    assert_true(is_mean(fourth, 3, sqrt(96) / sqrt(N_CODES)));
    arena_close(&arena);
}

static void rsc_without_noise_is_direct(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample rsc = encoding_stage_make("rsc", &arena);
    struct sample direct = encoding_stage_make("direct", &arena);
    float images[N_SHEET], one[N_SHEET + 1], all[N_ALL + 1];
    float above[N_SHEET], d_one[N_SHEET], d_all[N_SHEET];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch(images);
    for (size_t i = 0; i < N_SHEET; i++)
        above[i] = (float)i - 40;
    set(rsc, "sigma", "0");
    for (size_t k = 0; k < 2; k++) {
        encoding_stage_encode(rsc, &batch, all);
        encoding_stage_encode(direct, &batch, one);
        for (size_t t = 0; t < N_STEPS; t++)
            assert_memory_equal(all + t * N_SHEET, one, sizeof images);
        rsc.encoding->backward(rsc.params, &batch, all, above, d_all);
        direct.encoding->backward(direct.params, &batch, one, above, d_one);
        assert_memory_equal(d_all, d_one, sizeof d_one);
        set(rsc, "normalize", "false");
        set(direct, "normalize", "false");
    }
    arena_close(&arena);
}

/* Paired seeds: the noise of a sample is that of another sigma, scaled. */
static void rscs_noise_depends_on_the_seed_and_not_on_sigma(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample rsc = encoding_stage_make("rsc", &arena);
    float images[N_SHEET] = {0}, small[N_ALL + 1], large[N_ALL + 1];
    struct encoding_batch batch = encoding_stage_batch(images);
    set(rsc, "normalize", "false");
    set(rsc, "sigma", "0.25");
    encoding_stage_encode(rsc, &batch, small);
    set(rsc, "sigma", "1");
    encoding_stage_encode(rsc, &batch, large);
    for (size_t i = 0; i < N_ALL; i++)
        assert_true(large[i] == 4 * small[i]);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_population_fires_by_its_fields),
        cmocka_unit_test(a_population_takes_the_place_of_each_channel),
        cmocka_unit_test(a_populations_gradient_is_that_of_its_fields),
        cmocka_unit_test(a_random_population_fires_at_its_fields_rates),
        cmocka_unit_test(rscs_noise_is_normal_and_fresh_at_every_step),
        cmocka_unit_test(rsc_without_noise_is_direct),
        cmocka_unit_test(rscs_noise_depends_on_the_seed_and_not_on_sigma),
    };
    return cmocka_run_group_tests_name("encoding_noise", tests, NULL, NULL);
}
