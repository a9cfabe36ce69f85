/* Lists, and linear maps by lists: core/listing.h and core/sparse_linear.h. */
#include "tests/test.h"

#include "core/lanes.h"
#include "core/rng.h"
#include "core/sparse_linear.h"

#include <math.h>
#include <string.h>

enum { NUMBERS_MAX = 700 * 300, WEIGHTS_MAX = 300 * 400 };

static uint8_t counts[NUMBERS_MAX];
static float numbers[NUMBERS_MAX], weights[WEIGHTS_MAX], gradients[WEIGHTS_MAX];
static float out[NUMBERS_MAX], again[NUMBERS_MAX];

static const double shares[] = {0, 0.05, 0.3, 0.9, 1};
enum { N_SHARES = 5 };

static void fill(size_t n, double share)
{
    struct rng_stream stream = {2, RNG_NOISE, 0};
    for (size_t i = 0; i < n; i++) {
        uint32_t word = rng_word(stream, i);
        bool some = word * 0x1p-32 < share || share == 1;
        counts[i] = (uint8_t)(some ? 1 + word % 255 : 0);
        numbers[i] = 0.25f * (float)counts[i];
    }
}

static void fill_uniform(uint64_t lane, size_t n, float *at)
{
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, lane}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
}

/* lists --------------------------------------------------------------- */

/* The plain twin: one after the other. */
static size_t list_plainly(size_t at, size_t n, uint32_t first,
                           struct listing to)
{
    size_t n_entries = 0;
    for (size_t i = 0; i < n; i++)
        if (numbers[at + i] != 0.0f) {
            to.place[n_entries] = first + (uint32_t)i;
            to.value[n_entries++] = numbers[at + i];
        }
    return n_entries;
}

enum { LENGTH_MAX = 300 };

static void check_list(const struct source *source, size_t at, size_t n)
{
    static uint32_t place[2][LENGTH_MAX + LISTING_SLACK];
    static float value[2][LENGTH_MAX + LISTING_SLACK];
    size_t expected =
        list_plainly(at, n, 7, (struct listing){place[0], value[0]});
    size_t found = listing_load(source, at, n, 7,
                                (struct listing){place[1], value[1]});
    assert_int_equal(found, expected);
    assert_int_equal(listing_count(source, at, n), expected);
    assert_memory_equal(place[1], place[0], found * sizeof **place);
    assert_memory_equal(value[1], value[0], found * sizeof **value);
}

static void a_list_has_what_is_not_zero_in_its_order(void **state)
{
    (void)state;
    struct source sources[] = {{.counts = counts, .scale = 0.25f},
                               {.floats = numbers}};
    for (size_t i = 0; i < 2 * N_SHARES; i++) {
        fill(2 * LENGTH_MAX, shares[i / 2]);
        for (size_t n = 0; n <= LENGTH_MAX; n += n < 70 ? 1 : 23)
            check_list(&sources[i % 2], n % 5, n);
    }
}

static void a_negative_zero_is_a_zero_and_nan_is_not(void **state)
{
    (void)state;
    uint32_t place[LENGTH_MAX];
    float value[LENGTH_MAX];
    struct source source = {.floats = numbers};
    for (size_t i = 0; i < 40; i++)
        numbers[i] = i % 3 == 0 ? NAN : -0.0f;
    size_t n =
        listing_load(&source, 0, 40, 0, (struct listing){place, value});
    assert_int_equal(n, 14);
    assert_int_equal(listing_count(&source, 0, 40), 14);
    for (size_t i = 0; i < n; i++)
        assert_true(place[i] == 3 * i && isnan(value[i]));
}

/* linear maps --------------------------------------------------------- */

static const struct map {
    size_t n_in, n_out, n_rows;
} maps[] = {
    {1, LANES, 1},       {5, 2 * LANES, 3},  {64, 8 * LANES, 7},
    {65, 15 * LANES, 9}, {200, 9 * LANES, 5}, {300, 4 * LANES, 600},
};
enum { N_MAPS = sizeof maps / sizeof *maps };

static struct sparse_linear open_map(const struct map *map,
                                     struct arena *arena)
{
    struct sparse_linear linear = {.n_in = map->n_in, .n_out = map->n_out};
    sparse_linear_lay_out(&linear, arena);
    return linear;
}

static struct source source_of(const struct map *map, bool of_counts)
{
    struct source source = {.scale = 0.25f, .stride_image = map->n_in};
    if (of_counts)
        source.counts = counts;
    else
        source.floats = numbers;
    return source;
}

static void check_products(const struct map *map)
{
    for (size_t r = 0; r < map->n_rows; r++)
        for (size_t o = 0; o < map->n_out; o++) {
            double sum = 0, size = 0;
            for (size_t i = 0; i < map->n_in; i++) {
                double term = (double)numbers[r * map->n_in + i] *
                              (double)weights[i * map->n_out + o];
                sum += term;
                size += fabs(term);
            }
            double found = (double)out[r * map->n_out + o];
            assert_true(fabs(found - sum) <= 1e-6 * size);
        }
}

static void rows_by_lists_are_their_sums(void **state)
{
    (void)state;
    fill_uniform(0, WEIGHTS_MAX, weights);
    for (size_t i = 0; i < N_MAPS * N_SHARES * 2; i++) {
        const struct map *map = &maps[i / 2 / N_SHARES];
        struct arena arena = arena_open();
        struct sparse_linear linear = open_map(map, &arena);
        struct source source = source_of(map, i % 2);
        struct sparse_rows rows = {&source, 1, 0, map->n_rows};
        fill(map->n_in * map->n_rows, shares[i / 2 % N_SHARES]);
        sparse_linear_forward(&linear, &rows, weights, out);
        check_products(map);
        arena_close(&arena);
    }
}

static void a_row_does_not_notice_the_others(void **state)
{
    (void)state;
    fill_uniform(0, WEIGHTS_MAX, weights);
    for (size_t i = 0; i < N_MAPS; i++) {
        const struct map *map = &maps[i];
        struct arena arena = arena_open();
        struct sparse_linear linear = open_map(map, &arena);
        struct source source = source_of(map, true);
        struct sparse_rows rows = {&source, 1, 0, map->n_rows};
        fill(map->n_in * map->n_rows, 0.3);
        sparse_linear_forward(&linear, &rows, weights, out);
        for (rows.first = 0; rows.first < map->n_rows; rows.first += rows.n) {
            rows.n = rows.first % 2 ? 1 : map->n_rows - rows.first;
            rows.n = rows.n < 3 ? rows.n : 3;
            sparse_linear_forward(&linear, &rows, weights,
                                  again + rows.first * map->n_out);
        }
        assert_memory_equal(out, again,
                            map->n_rows * map->n_out * sizeof *out);
        arena_close(&arena);
    }
}

static void check_gradients(const struct map *map, float before)
{
    for (size_t i = 0; i < map->n_in; i++)
        for (size_t o = 0; o < map->n_out; o++) {
            double sum = (double)before, size = fabs(sum);
            for (size_t r = 0; r < map->n_rows; r++) {
                double term = (double)numbers[r * map->n_in + i] *
                              (double)out[r * map->n_out + o];
                sum += term;
                size += fabs(term);
            }
            double found = (double)gradients[i * map->n_out + o];
            assert_true(fabs(found - sum) <= 4e-6 * size);
        }
}

static void gradients_of_weights_add_up_over_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_MAPS * N_SHARES; i++) {
        const struct map *map = &maps[i / N_SHARES];
        struct arena arena = arena_open();
        struct sparse_linear linear = open_map(map, &arena);
        struct source source = source_of(map, true);
        struct sparse_rows rows = {&source, 1, 0, map->n_rows};
        fill_uniform(3, map->n_rows * map->n_out, out);
        fill(map->n_in * map->n_rows, shares[i % N_SHARES]);
        for (size_t k = 0; k < map->n_in * map->n_out; k++)
            gradients[k] = 0.75f;
        /* Some inputs after the others, as workers share them. */
        struct team_share first = {0, map->n_in / 3};
        struct team_share others = {first.n, map->n_in - first.n};
        sparse_linear_backward_weights(&linear, &rows, others, out, gradients);
        sparse_linear_backward_weights(&linear, &rows, first, out, gradients);
        check_gradients(map, 0.75f);
        arena_close(&arena);
    }
}

/* Row r is step r % T of image r / T, by the source's strides. */
static void rows_are_steps_of_images(void **state)
{
    (void)state;
    const struct map map = {20, LANES, 6};
    struct arena arena = arena_open();
    struct sparse_linear linear = open_map(&map, &arena);
    struct source source = source_of(&map, true);
    source.stride_image = 5 * map.n_in;
    source.stride_step = 2 * map.n_in;
    struct sparse_rows rows = {&source, 2, 1, 3};
    fill_uniform(0, WEIGHTS_MAX, weights);
    fill(20 * map.n_in, 0.3);
    sparse_linear_forward(&linear, &rows, weights, out);
    source.stride_image = map.n_in;
    size_t at[] = {2, 5, 7}; /* (0, 1), (1, 0), (1, 1) */
    for (size_t r = 0; r < 3; r++) {
        rows = (struct sparse_rows){&source, 1, at[r], 1};
        sparse_linear_forward(&linear, &rows, weights, again);
        assert_memory_equal(again, out + r * map.n_out,
                            map.n_out * sizeof *out);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_what_is_not_zero_in_its_order),
        cmocka_unit_test(a_negative_zero_is_a_zero_and_nan_is_not),
        cmocka_unit_test(rows_by_lists_are_their_sums),
        cmocka_unit_test(a_row_does_not_notice_the_others),
        cmocka_unit_test(gradients_of_weights_add_up_over_rows),
        cmocka_unit_test(rows_are_steps_of_images),
    };
    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
