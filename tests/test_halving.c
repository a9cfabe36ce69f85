/* Asynchronous successive halving against a plain statement of its rule. */
#include "core/rng.h"
#include "sweep/halving.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

enum { N_LINEAGES = 60, N_RUNGS = 4, N_CELLS = N_LINEAGES * N_RUNGS };

struct plain {
    double figure[N_CELLS];
    bool known[N_CELLS], begun[N_CELLS];
};

static struct halving_place places[N_CELLS];

static void make_places(void)
{
    for (uint32_t i = 0; i < N_CELLS; i++)
        places[i] = (struct halving_place){i / N_RUNGS, i % N_RUNGS};
}

static bool is_better(const struct plain *plain, bool falls, size_t a,
                      size_t b)
{
    double x = plain->figure[a], y = plain->figure[b];
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y) ? a < b : isnan(y);
    if (x == y)
        return a < b;
    return falls ? x < y : x > y;
}

/* How many of the same rung are better. */
static size_t find_rank(const struct plain *plain, bool falls, size_t cell)
{
    size_t rank = 0;
    for (size_t i = cell % N_RUNGS; i < N_CELLS; i += N_RUNGS)
        rank += plain->known[i] && i != cell &&
                is_better(plain, falls, i, cell);
    return rank;
}

static size_t count_known(const struct plain *plain, size_t rung)
{
    size_t n = 0;
    for (size_t i = rung; i < N_CELLS; i += N_RUNGS)
        n += plain->known[i];
    return n;
}

/* Algorithm 2 as it is written. */
static uint32_t plain_next(struct plain *plain, double factor, bool falls)
{
    for (size_t rung = N_RUNGS - 1; rung-- > 0;) {
        size_t n = (size_t)((double)count_known(plain, rung) / factor);
        size_t best = N_CELLS;
        for (size_t i = rung; i < N_CELLS; i += N_RUNGS)
            if (plain->known[i] && !isnan(plain->figure[i]) &&
                !plain->begun[i + 1] && find_rank(plain, falls, i) < n &&
                (best == N_CELLS || is_better(plain, falls, i, best)))
                best = i;
        if (best == N_CELLS)
            continue;
        plain->begun[best + 1] = true;
        return (uint32_t)best + 1;
    }
    return HALVING_NONE;
}

/* Some figures are equal, some missing. */
static double make_figure(uint64_t seed, uint64_t i)
{
    struct rng_stream stream = {seed, RNG_NOISE, 0};
    uint32_t word = rng_word(stream, i);
    return word % 11 == 0 ? (double)NAN : (double)(word % 40);
}

/* Figures arrive in a random order, and whoever is free asks now and then. */
static void run(uint64_t seed, double factor, bool falls)
{
    static struct plain plain;
    plain = (struct plain){.known = {false}};
    struct arena arena = arena_open();
    struct halving halving;
    halving_open(N_CELLS, places, factor, falls, &arena, &halving);
    uint32_t order[N_LINEAGES], waiting[N_CELLS];
    size_t n_waiting = 0, n_begun = 0, n_promoted = 0;
    struct rng_stream stream = {seed, RNG_NOISE, 1};
    rng_permute((struct rng_stream){seed, RNG_NOISE, 2}, N_LINEAGES, order);
    for (uint64_t turn = 0; turn < 4000; turn++) {
        if (rng_word(stream, turn) % 2 && n_waiting > 0) {
            size_t k = rng_word(stream, 10000 + turn) % n_waiting;
            uint32_t cell = waiting[k];
            waiting[k] = waiting[--n_waiting];
            plain.known[cell] = true;
            plain.figure[cell] = make_figure(seed, cell);
            halving_note(&halving, cell, plain.figure[cell]);
            continue;
        }
        uint32_t next = plain_next(&plain, factor, falls);
        assert_int_equal(halving_next(&halving), next);
        n_promoted += next != HALVING_NONE;
        if (next == HALVING_NONE && n_begun < N_LINEAGES) {
            next = order[n_begun++] * N_RUNGS;
            plain.begun[next] = true;
            halving_begin(&halving, next);
        }
        if (next != HALVING_NONE)
            waiting[n_waiting++] = next;
    }
    assert_int_equal(n_begun, N_LINEAGES);
    assert_int_equal(n_waiting, 0);
    assert_true(n_promoted >= (size_t)(N_LINEAGES / factor) - 8);
    arena_close(&arena);
}

static void the_best_go_on_as_the_algorithm_says(void **state)
{
    (void)state;
    make_places();
    for (uint64_t seed = 0; seed < 30; seed++) {
        run(seed, 3, false);
        run(seed, 2, true);
        run(seed, 4.5, seed % 2);
    }
}

static void what_has_begun_already_does_not_begin_again(void **state)
{
    (void)state;
    make_places();
    struct arena arena = arena_open();
    struct halving halving;
    halving_open(N_CELLS, places, 2, false, &arena, &halving);
    halving_begin(&halving, 1);
    halving_note(&halving, 0, 9);
    halving_note(&halving, 4, 5);
    assert_int_equal(halving_next(&halving), HALVING_NONE);
    halving_note(&halving, 8, 7);
    halving_note(&halving, 12, 1);
    assert_int_equal(halving_next(&halving), 9);
    assert_int_equal(halving_next(&halving), HALVING_NONE);
    arena_close(&arena);
}

/* A rung of a lineage may be missing: that one ends there. */
static void a_lineage_that_ends_ends(void **state)
{
    (void)state;
    static const struct halving_place few[] = {
        {0, 0}, {0, 1}, {1, 0}, {2, 0}, {2, 1}};
    struct arena arena = arena_open();
    struct halving halving;
    halving_open(5, few, 1.5, false, &arena, &halving);
    halving_note(&halving, 2, 9);
    halving_note(&halving, 0, 5);
    halving_note(&halving, 3, 7);
    assert_int_equal(halving_next(&halving), 4);
    assert_int_equal(halving_next(&halving), HALVING_NONE);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_go_on_as_the_algorithm_says),
        cmocka_unit_test(what_has_begun_already_does_not_begin_again),
        cmocka_unit_test(a_lineage_that_ends_ends),
    };
    return cmocka_run_group_tests_name("halving", tests, NULL, NULL);
}
