#include "tests/encoding_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

/* Spikes of single pixels over T steps, [T][n]. */
enum { STEPS_MAX = 32, N_GREYS = 256 };

static float encoded[STEPS_MAX * N_GREYS + 1];

static void encode(struct sample sample, size_t n_steps, size_t n,
                   const float *pixels)
{
    struct encoding_batch batch = encoding_stage_batch(pixels);
    MUST(n_steps <= STEPS_MAX && n <= N_GREYS);
    batch.n_steps = n_steps;
    batch.n_images = batch.n_channels = 1;
    batch.n_pixels = n;
    encoding_stage_encode(sample, &batch, encoded);
}

static void set(struct sample sample, const char *name, const char *text)
{
    struct arena arena = arena_open();
    const struct row *row = kind_find_row(&sample.encoding->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample.params, &arena), STATUS_OK);
    arena_close(&arena);
}

/* "00100": what one pixel does at the steps, as text. */
static void expect_code(size_t n_steps, size_t n, size_t pixel,
                        const char *code)
{
    assert_int_equal(strlen(code), n_steps);
    for (size_t t = 0; t < n_steps; t++)
        assert_true(encoded[t * n + pixel] == (float)(code[t] - '0'));
}

static void expect_codes(struct sample sample, size_t n, const float *pixels,
                         const char *const *codes)
{
    size_t n_steps = strlen(codes[0]);
    encode(sample, n_steps, n, pixels);
    for (size_t i = 0; i < n; i++)
        expect_code(n_steps, n, i, codes[i]);
}

static const float tens[5] = {0.1f, 0.5f, 0.9f, 1, 0};

/* golden values of T = 8 ---------------------------------------------- */

static void latency_log_has_the_golden_values(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *const codes[] = {"00100000", "01000000", "10000000",
                                 "10000000", "00000001"};
    expect_codes(encoding_stage_make("latency_log", &arena), 5, tens, codes);
    arena_close(&arena);
}

static void ttfs_has_the_golden_values(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *const codes[] = {"00000001", "00001000", "10000000",
                                 "10000000", "00000000"};
    expect_codes(encoding_stage_make("ttfs", &arena), 5, tens, codes);
    arena_close(&arena);
}

static void bursts_come_first_or_last(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample burst = encoding_stage_make("burst", &arena);
    const char *const pre[] = {"10000000", "11110000", "11111111",
                               "11111111", "00000000"};
    const char *const post[] = {"00000000", "00000111", "01111111",
                                "01111111", "00000000"};
    expect_codes(burst, 5, tens, pre);
    set(burst, "order", "post");
    expect_codes(burst, 5, tens, post);
    arena_close(&arena);
}

static void phase_has_the_golden_values(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const float pixels[6] = {192.0f / 256, 1.0f / 256, 128.0f / 256,
                             255.0f / 256, 1,          0};
    const char *const codes[] = {"11000000", "00000001", "10000000",
                                 "11111111", "11111111", "00000000"};
    expect_codes(encoding_stage_make("phase", &arena), 6, pixels, codes);
    arena_close(&arena);
}

static void phase_begins_anew_after_its_digits(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample phase = encoding_stage_make("phase", &arena);
    const float pixels[3] = {0.625f, 0.9f, 0.1f};
    const char *const codes[] = {"10110110", "11111111", "00000000"};
    set(phase, "n_phases", "3");
    expect_codes(phase, 3, pixels, codes);
    arena_close(&arena);
}

static void delta_fires_when_the_image_appears(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample delta = encoding_stage_make("delta", &arena);
    const float pixels[5] = {0.1f, 0.09f, 0.5f, 0.49f, 0};
    const char *const usual[] = {"1000", "0000", "1000", "1000", "0000"};
    const char *const half[] = {"0000", "0000", "1000", "0000", "0000"};
    expect_codes(delta, 5, pixels, usual);
    set(delta, "threshold", "0.5");
    expect_codes(delta, 5, pixels, half);
    arena_close(&arena);
}

/* over all greys and numbers of steps --------------------------------- */

static void fill_greys(float *greys)
{
    for (size_t i = 0; i < N_GREYS; i++)
        greys[i] = (float)i / 255.0f;
}

static size_t count_spikes(size_t n_steps, size_t pixel, size_t *first)
{
    size_t n = 0;
    *first = n_steps;
    for (size_t t = n_steps; t-- > 0;) {
        float spike = encoded[t * N_GREYS + pixel];
        assert_true(spike == 0 || spike == 1);
        n += spike > 0;
        *first = spike > 0 ? t : *first;
    }
    return n;
}

/* The formula in double precision; a step that lies at the edge between two
 * may be either. */
static void expect_step(double exact, double edge, size_t found)
{
    assert_true(fabs(exact - (double)found) <= edge + 1e-5);
}

static void latency_log_fires_once_at_its_formulas_step(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make("latency_log", &arena);
    float greys[N_GREYS];
    fill_greys(greys);
    for (size_t n_steps = 1; n_steps <= STEPS_MAX; n_steps++) {
        double last = (double)n_steps - 1, alpha = exp(last) - 1;
        encode(sample, n_steps, N_GREYS, greys);
        for (size_t i = 0; i < N_GREYS; i++) {
            size_t first;
            double exact = last - log(alpha * (double)greys[i] + 1);
            assert_int_equal(count_spikes(n_steps, i, &first), 1);
            expect_step(exact, 0.5, first);
        }
    }
    arena_close(&arena);
}

static void ttfs_fires_once_at_its_formulas_step(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make("ttfs", &arena);
    float greys[N_GREYS];
    fill_greys(greys);
    for (size_t n_steps = 1; n_steps <= STEPS_MAX; n_steps++) {
        encode(sample, n_steps, N_GREYS, greys);
        for (size_t i = 0; i < N_GREYS; i++) {
            size_t first;
            double exact = (1 - (double)greys[i]) * (double)n_steps;
            assert_int_equal(count_spikes(n_steps, i, &first), i > 0);
            expect_step(exact - 0.5, 0.5, first);
        }
    }
    arena_close(&arena);
}

/* Sum over t of 2^-(t+1) s_t is the pixel, rounded down to T digits. */
static void phase_tells_the_pixel_to_the_last_digit(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make("phase", &arena);
    float greys[N_GREYS];
    fill_greys(greys);
    for (size_t n_steps = 1; n_steps <= STEPS_MAX; n_steps++) {
        double unit = ldexp(1, -(int)n_steps);
        encode(sample, n_steps, N_GREYS, greys);
        for (size_t i = 0; i < N_GREYS; i++) {
            double told = 0, exact = floor((double)greys[i] / unit) * unit;
            for (size_t t = 0; t < n_steps; t++)
                told += ldexp((double)encoded[t * N_GREYS + i], -(int)t - 1);
            assert_true(told == fmin(exact, 1 - unit));
        }
    }
    arena_close(&arena);
}

static void bursts_count_the_brightness(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make("burst", &arena);
    float greys[N_GREYS];
    fill_greys(greys);
    for (size_t n_steps = 1; n_steps <= STEPS_MAX; n_steps++) {
        encode(sample, n_steps, N_GREYS, greys);
        for (size_t i = 0; i < N_GREYS; i++) {
            size_t first;
            double exact = (double)greys[i] * (double)n_steps;
            size_t n = count_spikes(n_steps, i, &first);
            expect_step(exact + 0.5, 0.5, n);
            assert_int_equal(first, n > 0 ? 0 : n_steps);
        }
    }
    arena_close(&arena);
}

/* backward ------------------------------------------------------------- */

/* What comes from above times the spikes, summed over the steps; or without
 * the spikes. */
static void check_rule(const char *kind, bool masked)
{
    struct arena arena = arena_open();
    struct sample sample = encoding_stage_make(kind, &arena);
    float images[N_SHEET], spikes[N_ALL + 1], above[N_ALL];
    float d_images[N_SHEET];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch(images);
    encoding_stage_encode(sample, &batch, spikes);
    for (size_t i = 0; i < N_ALL; i++)
        above[i] = (float)(i * i % 1009) - 500;
    assert_int_equal(sample.encoding->masked, masked);
    assert_int_equal(sample.encoding->sums, !masked);
    sample.encoding->backward(sample.params, &batch, spikes, above, d_images);
    for (size_t i = 0; i < N_SHEET; i++) {
        float sum = masked ? 0 : above[i];
        for (size_t t = 0; masked && t < N_STEPS; t++)
            sum += spikes[t * N_SHEET + i] > 0 ? above[t * N_SHEET + i] : 0;
        assert_true(d_images[i] == sum);
    }
    arena_close(&arena);
}

static void the_gradient_passes_where_there_is_a_spike(void **state)
{
    (void)state;
    check_rule("latency_log", true);
    check_rule("ttfs", true);
    check_rule("burst", true);
    check_rule("delta", true);
}

static void phase_passes_the_gradient_straight_through(void **state)
{
    (void)state;
    check_rule("phase", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_log_has_the_golden_values),
        cmocka_unit_test(ttfs_has_the_golden_values),
        cmocka_unit_test(bursts_come_first_or_last),
        cmocka_unit_test(phase_has_the_golden_values),
        cmocka_unit_test(phase_begins_anew_after_its_digits),
        cmocka_unit_test(delta_fires_when_the_image_appears),
        cmocka_unit_test(latency_log_fires_once_at_its_formulas_step),
        cmocka_unit_test(ttfs_fires_once_at_its_formulas_step),
        cmocka_unit_test(phase_tells_the_pixel_to_the_last_digit),
        cmocka_unit_test(bursts_count_the_brightness),
        cmocka_unit_test(the_gradient_passes_where_there_is_a_spike),
        cmocka_unit_test(phase_passes_the_gradient_straight_through),
    };
    return cmocka_run_group_tests_name("encoding_timing", tests, NULL, NULL);
}
