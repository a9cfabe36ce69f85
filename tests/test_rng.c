#include "tests/test.h"

#include "core/rng.h"

#include <Random123/philox.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct rng_stream plain = {12345, RNG_ENCODE_TEST, 678};

/* Known answers of philox4x32-10, as published with Random123: the counter
 * and the key, and the block that they give. */
struct known {
    uint32_t counter[4], key[2], block[4];
};

static const struct known known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    {{UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
     {UINT32_MAX, UINT32_MAX},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
};

static void the_published_answers_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const uint32_t *counter = known[i].counter, *key = known[i].key;
        struct rng_stream stream = {
            (uint64_t)key[1] << 32 | key[0], (enum rng_use)counter[3],
            (uint64_t)counter[2] << 32 | counter[1]};
        for (uint64_t k = 0; k < 4; k++)
            assert_int_equal(rng_word(stream, 4 * (uint64_t)counter[0] + k),
                             known[i].block[k]);
    }
}

static void words_are_those_of_random123(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 500; i++) {
        struct rng_stream stream = {i * 0x9e3779b97f4a7c15, RNG_NOISE,
                                    i * 0xda942042e4dd58b5};
        uint64_t index = i * i * i * 131;
        philox4x32_ctr_t counter = {{(uint32_t)(index / 4),
                                     (uint32_t)stream.lane,
                                     (uint32_t)(stream.lane >> 32), RNG_NOISE}};
        philox4x32_key_t key = {
            {(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
        assert_int_equal(rng_word(stream, index),
                         philox4x32(counter, key).v[index % 4]);
    }
}

/* Many at once are made in another way than few: hold them together at every
 * alignment of the stream and of the memory. */
static void expect_fill(struct rng_stream stream, uint64_t first, size_t n,
                        float *out)
{
    out[-1] = out[n] = -7;
    rng_fill_uniform(stream, first, n, out);
    assert_true(out[-1] == -7 && out[n] == -7);
    for (size_t i = 0; i < n; i++) {
        float one = (float)(rng_word(stream, first + i) >> 8) / 16777216;
        assert_true(out[i] == one);
    }
}

static void a_run_of_numbers_is_its_single_numbers(void **state)
{
    (void)state;
    float out[340];
    for (uint64_t first = 0; first < 9; first++)
        for (size_t n = 0; n < 330; n += n < 75 ? 1 : 17)
            expect_fill(plain, first, n, out + 1 + first % 5);
    struct rng_stream wide = {UINT64_MAX - 3, RNG_ORDER, UINT64_MAX - 12345};
    for (uint64_t first = 0xfffffff0; first < 0xfffffff9; first++)
        expect_fill(wide, first, 130, out + 1);
}

static void a_stream_can_be_used_up_to_its_end(void **state)
{
    (void)state;
    float out[340];
    uint64_t end = (uint64_t)1 << 34;
    for (uint64_t n = 1; n < 70; n++)
        expect_fill(plain, end - n, (size_t)n, out + 1);
}

static void uniform_numbers_have_their_moments(void **state)
{
    (void)state;
    enum { N = 1 << 17 };
    static float out[N];
    double sum = 0, squares = 0, neighbours = 0;
    rng_fill_uniform(plain, 0, N, out);
    for (size_t i = 0; i < N; i++) {
        double u = (double)out[i] - 0.5;
        assert_true(u >= -0.5 && u < 0.5);
        sum += u;
        squares += u * u;
        neighbours += i > 0 ? u * ((double)out[i - 1] - 0.5) : 0;
    }
    assert_true(fabs(sum / N) < 4 * sqrt(1.0 / 12 / N));
    assert_true(fabs(squares / N - 1.0 / 12) < 4 * sqrt(1.0 / 180 / N));
    assert_true(fabs(neighbours / N) < 4.0 / 12 / sqrt(N));
}

static void normal_numbers_have_their_moments(void **state)
{
    (void)state;
    enum { N = 1 << 17 };
    static float out[N];
    double sum[5] = {0};
    size_t n_beyond_2 = 0;
    rng_fill_normal(plain, 0, N, out);
    for (size_t i = 0; i < N; i++) {
        double z = (double)out[i];
        for (int power = 1; power < 5; power++)
            sum[power] += pow(z, power) / N;
        n_beyond_2 += fabs(z) > 2;
    }
    assert_true(fabs(sum[1]) < 4 / sqrt(N));
    assert_true(fabs(sum[2] - 1) < 4 * sqrt(2.0 / N));
    assert_true(fabs(sum[3]) < 4 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] - 3) < 4 * sqrt(96.0 / N));
    double share = 0.0455002639;
    assert_true(fabs((double)n_beyond_2 / N - share) < 4 * sqrt(share / N));
}

static void normal_numbers_are_those_of_their_words(void **state)
{
    (void)state;
    float out[51], part[51];
    double two_pi = 2 * acos(-1);
    rng_fill_normal(plain, 2, 51, out);
    for (size_t i = 0; i < 51; i++) {
        uint64_t pair = 2 + i - i % 2;
        double u = (rng_word(plain, pair) >> 8) * 0x1p-24;
        double v = (rng_word(plain, pair + 1) >> 8) * 0x1p-24;
        double radius = sqrt(-2 * log(1 - u));
        double z = radius * (i % 2 ? sin(two_pi * v) : cos(two_pi * v));
        assert_true(fabs((double)out[i] - z) < 1e-5);
    }
    rng_fill_normal(plain, 12, 41, part);
    assert_memory_equal(part, out + 10, 41 * sizeof *part);
}

static void streams_of_another_seed_use_or_lane_are_others(void **state)
{
    (void)state;
    struct rng_stream others[] = {
        {12346, RNG_ENCODE_TEST, 678},
        {12345 + ((uint64_t)1 << 32), RNG_ENCODE_TEST, 678},
        {12345, RNG_ENCODE_TRAIN, 678},
        {12345, RNG_ENCODE_TEST, 679},
        {12345, RNG_ENCODE_TEST, 678 + ((uint64_t)1 << 32)},
    };
    for (size_t i = 0; i < 5; i++) {
        size_t n_equal = 0;
        for (uint64_t k = 0; k < 64; k++)
            n_equal += rng_word(others[i], k) == rng_word(plain, k);
        assert_int_equal(n_equal, 0);
    }
}

static void a_lane_tells_samples_and_draws_apart(void **state)
{
    (void)state;
    uint64_t lanes[] = {rng_lane(0, 0), rng_lane(1, 0), rng_lane(0, 1),
                        rng_lane(UINT32_MAX, 0), rng_lane(0, UINT32_MAX),
                        rng_lane(UINT32_MAX, UINT32_MAX)};
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(lanes[i] != lanes[k]);
}

static void a_permutation_holds_every_number_once(void **state)
{
    (void)state;
    uint32_t order[300];
    for (size_t n = 0; n <= 300; n += n < 9 ? 1 : 97) {
        bool seen[300] = {false};
        struct rng_stream stream = {n, RNG_ORDER, 3};
        rng_permute(stream, n, order);
        for (size_t i = 0; i < n; i++) {
            assert_true(order[i] < n && !seen[order[i]]);
            seen[order[i]] = true;
        }
    }
}

/* Each number on each place, over many streams: 5 standard errors. */
static void all_permutations_are_as_likely(void **state)
{
    (void)state;
    enum { N_STREAMS = 24000 };
    size_t n_seen[24] = {0};
    for (uint64_t i = 0; i < N_STREAMS; i++) {
        uint32_t order[4];
        rng_permute((struct rng_stream){77, RNG_ORDER, i}, 4, order);
        size_t first = order[0], second = order[1] - (order[1] > order[0]);
        n_seen[6 * first + 2 * second + (order[2] > order[3])]++;
    }
    for (size_t i = 0; i < 24; i++)
        assert_true(fabs((double)n_seen[i] - 1000) < 5 * sqrt(1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_answers_come_out),
        cmocka_unit_test(words_are_those_of_random123),
        cmocka_unit_test(a_run_of_numbers_is_its_single_numbers),
        cmocka_unit_test(a_stream_can_be_used_up_to_its_end),
        cmocka_unit_test(uniform_numbers_have_their_moments),
        cmocka_unit_test(normal_numbers_have_their_moments),
        cmocka_unit_test(normal_numbers_are_those_of_their_words),
        cmocka_unit_test(streams_of_another_seed_use_or_lane_are_others),
        cmocka_unit_test(a_lane_tells_samples_and_draws_apart),
        cmocka_unit_test(a_permutation_holds_every_number_once),
        cmocka_unit_test(all_permutations_are_as_likely),
    };
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
