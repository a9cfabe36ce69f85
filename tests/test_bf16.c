/* Products of bfloat16, by each unit that this machine has. */
#include "tests/test.h"

#include "core/linalg.h"
#include "core/pairs.h"
#include "core/rng.h"
#include "tests/small_trial.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

enum { M_MAX = 130, N_MAX = 320, K_MAX = 600 };

static float a[M_MAX * K_MAX], b[K_MAX * N_MAX];
static float c[M_MAX * N_MAX], whole[M_MAX * N_MAX];

static void fill_one(uint64_t lane, size_t n, float *at)
{
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, lane}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
}

static void fill(void)
{
    fill_one(0, M_MAX * K_MAX, a);
    fill_one(1, K_MAX * N_MAX, b);
}

static bool is_missing(void)
{
    if (linalg_bf16_unit())
        return false;
    print_message("skipped: this machine has no unit for bfloat16\n");
    return true;
}

/* To nearest, ties to even. */
static double round_bf16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += 0x7fff + (bits >> 16 & 1);
    bits &= 0xffff0000;
    memcpy(&x, &bits, sizeof x);
    return (double)x;
}

static void check_product(size_t m, size_t n, size_t k)
{
    for (size_t i = 0; i < m * n; i++)
        c[i] = NAN;
    linalg_product_bf16(m, n, k, (struct matrix){a, K_MAX},
                        (struct matrix){b, N_MAX}, c, n);
    for (size_t i = 0; i < m * n; i++) {
        double sum = 0;
        for (size_t l = 0; l < k; l++)
            sum += round_bf16(a[i / n * K_MAX + l]) *
                   round_bf16(b[l * N_MAX + i % n]);
        if (fabs((double)c[i] - sum) > 1e-6 * (1 + sqrt((double)k)))
            fail_msg("%zu x %zu, %zu terms, entry %zu: %g, not %g", m, n, k, i,
                     (double)c[i], sum);
    }
}

static void a_product_is_the_sum_of_rounded_products(void **state)
{
    (void)state;
    static const size_t ms[] = {1, 7, 32, 130}, ns[] = {16, 32, 48, 272};
    static const size_t ks[] = {1, 2, 31, 64, 257, 600};
    if (is_missing())
        skip();
    fill();
    for (size_t i = 0; i < 4 * 4 * 6; i++)
        check_product(ms[i % 4], ns[i / 4 % 4], ks[i / 16]);
}

static void a_row_has_the_same_bits_in_any_company(void **state)
{
    (void)state;
    enum { N = 48, K = 300 };
    if (is_missing())
        skip();
    fill();
    struct matrix right = {b, N_MAX};
    linalg_product_bf16(M_MAX, N, K, (struct matrix){a, K_MAX}, right, whole,
                        N);
    for (size_t m = 1; m <= M_MAX; m += 13) {
        size_t first = M_MAX - m;
        linalg_product_bf16(m, N, K, (struct matrix){a + first * K_MAX, K_MAX},
                            right, c, N);
        assert_memory_equal(c, whole + first * N, m * N * sizeof *c);
    }
}

/* Small whole numbers: every sum is exact, in whatever order. */
static void both_units_give_the_same_exact_sums(void **state)
{
    (void)state;
    enum { M = 45, N = 48, N_PAIRS = 2 * PAIRS_UNIT };
    static uint32_t rows[64 * PAIRS_MAX], panels[2 * PAIRS_MAX * PAIRS_PANEL];
    const uint16_t one = 0x3f80, minus_two = 0xc000;
    if (is_missing())
        skip();
    if (strcmp(linalg_bf16_unit(), "amx") != 0) {
        print_message("skipped: this machine has no tiles\n");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        rows[i] = (uint32_t)one << 16 | (i % 3 == 0 ? minus_two : 0u);
    for (size_t i = 0; i < sizeof panels / sizeof *panels; i++)
        panels[i] = (uint32_t)minus_two << 16 | (i % 5 == 0 ? one : 0u);
    for (size_t i = 0; i < M * N; i++)
        c[i] = whole[i] = (float)(i % 7);
    struct pairs pairs = {M, N, N_PAIRS, rows, panels, true, c, N};
    pairs_multiply_dots(&pairs);
    pairs.c = whole;
    pairs_multiply_tiles(&pairs);
    assert_memory_equal(c, whole, M * N * sizeof *c);
    assert_true(c[0] != 0.0f);
}

/* The way back through the weights is rounded, and nothing else. The gradient
 * has no zeros, so that no layer goes by lists. */
static void gradients_are_rounded_and_the_forward_pass_is_not(void **state)
{
    (void)state;
    static const char *const networks[] = {
        "network = csnn\nnetwork.channels = [32, 64]\nnetwork.hidden = [32]\n",
        "network = mlp\nnetwork.hidden = [64, 48]\n",
        "network = wrn16\nnetwork.width = 16\nnetwork.widening = 2\n"};
    if (is_missing())
        skip();
    for (size_t i = 0; i < 6; i++) {
        struct arena arena = arena_open();
        struct twins twins;
        const char *text = arena_print(
            &arena, "%snetwork.gradient_precision = bf16\nsurrogate = atan\n",
            networks[i / 2]);
        twins_open(&twins, text, (struct image_shape){8, 8, 1}, 3,
                   i % 2 == 0);
        twins_run(&twins);
        struct twins_errors errors = twins_compare(&twins);
        double error = i % 2 == 0 ? errors.parameters : errors.images;
        if (errors.logits > 1e-5 || error < 1e-5 || error > 0.05)
            fail_msg("errors of logits %g, gradients %g of\n%s", errors.logits,
                     error, text);
        twins_close(&twins);
        arena_close(&arena);
    }
}

static void a_machine_without_a_unit_refuses_such_cells(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, "network.gradient_precision = bf16\n");
    enum status status = trial_check(&trial.spec, &trial.data);
    if (linalg_bf16_unit()) {
        assert_int_equal(status, STATUS_OK);
    } else {
        assert_int_equal(status, STATUS_INVALID);
        assert_non_null(strstr(status_reason(), "gradient_precision = bf16"));
    }
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_the_sum_of_rounded_products),
        cmocka_unit_test(a_row_has_the_same_bits_in_any_company),
        cmocka_unit_test(both_units_give_the_same_exact_sums),
        cmocka_unit_test(gradients_are_rounded_and_the_forward_pass_is_not),
        cmocka_unit_test(a_machine_without_a_unit_refuses_such_cells),
    };
    return cmocka_run_group_tests_name("bf16", tests, NULL, NULL);
}
