/* Experiments whose points are drawn: what the sampler's numbers mean. */
#include "core/rng.h"
#include "core/sampler.h"
#include "core/settings.h"
#include "sweep/space.h"
#include "tests/read_experiment.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* helpers ------------------------------------------------------------- */

static struct cells read_cells(const char *text, struct arena *arena)
{
    struct experiment *experiment = ARENA_ARRAY(arena, struct experiment, 1);
    *experiment = read_experiment_text(arena, text);
    struct cells cells = space_enumerate(experiment, arena);
    assert_int_equal(cells.n + cells.n_pruned + cells.n_doubled +
                         cells.n_outside,
                     space_count(experiment));
    for (size_t i = 0; i < cells.n; i++)
        assert_true(digest_equal(cells.at[i].digest,
                                 spec_digest(&cells.at[i].spec)));
    return cells;
}

static const char *text_of(const struct cell *cell, const char *key,
                           struct arena *arena)
{
    struct settings settings =
        settings_parse(spec_print(&cell->spec, true, arena), arena);
    for (size_t i = 0; i < settings.n; i++)
        if (!strcmp(settings.at[i].key, key))
            return settings.at[i].value;
    return NULL;
}

static double number_of(const struct cell *cell, const char *key,
                        struct arena *arena)
{
    return strtod(text_of(cell, key, arena), NULL);
}

/* The random sampler's number, as a share. */
static double share_of(size_t dimension, size_t point)
{
    struct rng_stream stream = {1, RNG_SAMPLER, rng_lane(dimension, 0)};
    return rng_word(stream, point) * 0x1p-32;
}

static bool has_digest(const struct cells *cells, struct digest digest)
{
    for (size_t i = 0; i < cells->n; i++)
        if (digest_equal(cells->at[i].digest, digest))
            return true;
    return false;
}

static void assert_contains(const struct cells *more, const struct cells *less)
{
    for (size_t i = 0; i < less->n; i++)
        assert_true(has_digest(more, less->at[i].digest));
}

/* what numbers mean --------------------------------------------------- */

/* Dimensions are numbered as the axes and their parameters are. */
static void numbers_are_taken_to_the_scale_of_their_range(void **state)
{
    (void)state;
    enum { N = 500 };
    struct arena arena = arena_open();
    struct cells cells = read_cells(
        "sampler = { kind = \"random\"; n_points = 500; };"
        "network = { n_steps = { from = 2; to = 9; }; };"
        "neuron = { leak = { from = 0.2; to = 0.8; };"
        " threshold = [0.5, 1, 2]; };"
        "optimizer = { learning_rate = { from = 0.001; to = 1;"
        " scale = \"log\"; }; };"
        "training = { batch_size = { from = 4; to = 256; scale = \"log\"; };"
        " };",
        &arena);
    static const double thresholds[] = {0.5, 1, 2};
    assert_int_equal(cells.n, N);
    for (size_t i = 0; i < N; i++) {
        const struct cell *cell = &cells.at[i];
        assert_true(number_of(cell, "network.n_steps", &arena) ==
                    2 + floor(8 * share_of(0, i)));
        double leak = 0.2 + 0.6 * share_of(1, i);
        assert_true(fabs(number_of(cell, "neuron.leak", &arena) - leak) <=
                    0.6e-6);
        assert_true(number_of(cell, "neuron.threshold", &arena) ==
                    thresholds[(size_t)(3 * share_of(2, i))]);
        double rate = 0.001 * pow(1000, share_of(3, i));
        assert_true(fabs(number_of(cell, "optimizer.learning_rate", &arena) -
                         rate) <= 1e-6 * rate);
        double batch = floor(4 * pow(257 / 4.0, share_of(4, i)) + 1e-9);
        assert_true(number_of(cell, "training.batch_size", &arena) == batch);
    }
    arena_close(&arena);
}

/* Each is chosen by its own number, and then only its parameters count. */
static void alternatives_are_drawn_with_their_parameters(void **state)
{
    (void)state;
    enum { N = 300 };
    struct arena arena = arena_open();
    struct cells cells = read_cells(
        "sampler = { kind = \"random\"; n_points = 300; };"
        "regularizer = ( \"none\", { kind = \"mpd_sgr\"; weight = { from = 0.01;"
        " to = 1; scale = \"log\"; }; } ); neuron = { leak = { from = 0;"
        " to = 1; }; };",
        &arena);
    size_t n_none = 0;
    assert_int_equal(cells.n, N);
    for (size_t i = 0; i < N; i++) {
        const struct cell *cell = &cells.at[i];
        bool none = share_of(1, i) < 0.5; /* the neuron's axis comes first */
        assert_string_equal(text_of(cell, "regularizer", &arena),
                            none ? "none" : "mpd_sgr");
        n_none += none;
        if (none)
            continue;
        double weight = 0.01 * pow(100, share_of(2, i));
        assert_true(fabs(number_of(cell, "regularizer.weight", &arena) -
                         weight) <= 1e-6 * weight);
    }
    assert_in_range(n_none, 110, 190);
    arena_close(&arena);
}

/* spaces -------------------------------------------------------------- */

#define AXES                                                                   \
    "neuron = { leak = { from = 0.1; to = 0.9; }; };"                          \
    "optimizer = { learning_rate = { from = 0.01; to = 1; scale = \"log\"; };" \
    " }; encoding = [\"direct\", \"poisson\"];"

static void every_seed_has_the_same_points(void **state)
{
    (void)state;
    enum { N = 16, N_SEEDS = 3 };
    static const char *const keys[] = {"neuron.leak", "encoding",
                                       "optimizer.learning_rate"};
    struct arena arena = arena_open();
    struct cells cells = read_cells("sampler = { kind = \"sobol\";"
                                    " n_points = 16; }; seeds = 3;" AXES,
                                    &arena);
    assert_int_equal(cells.n, N * N_SEEDS);
    for (size_t i = 0; i < cells.n; i++) {
        assert_true(number_of(&cells.at[i], "training.seed", &arena) ==
                    (double)(i % N_SEEDS + 1));
        for (size_t k = 0; k < KIND_COUNT(keys); k++)
            assert_string_equal(text_of(&cells.at[i], keys[k], &arena),
                                text_of(&cells.at[i - i % N_SEEDS], keys[k],
                                        &arena));
    }
    arena_close(&arena);
}

static void a_longer_run_goes_on_from_a_shorter_one(void **state)
{
    (void)state;
    static const struct {
        const char *fewer, *more;
        size_t n_more;
    } cases[] = {
        {"sampler = { kind = \"random\"; n_points = 7; };",
         "sampler = { kind = \"random\"; n_points = 50; };", 50},
        {"sampler = { kind = \"sobol\"; n_points = 7; };",
         "sampler = { kind = \"sobol\"; n_points = 50; };", 50},
        {"sampler = { kind = \"latin_hypercube\"; n_points = 25; };",
         "sampler = { kind = \"latin_hypercube\"; n_points = 50; };", 50},
    };
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        struct arena arena = arena_open();
        struct cells fewer = read_cells(
            arena_print(&arena, "%s %s", cases[i].fewer, AXES), &arena);
        struct cells more = read_cells(
            arena_print(&arena, "%s %s seeds = 2;", cases[i].more, AXES),
            &arena);
        assert_int_equal(more.n, 2 * cases[i].n_more);
        assert_contains(&more, &fewer);
        arena_close(&arena);
    }
}

/* Ranges keep what the sampler promises of its numbers. */
static void intervals_of_a_range_have_one_point_each(void **state)
{
    (void)state;
    enum { N = 64 };
    static const char *const kinds[] = {"sobol", "latin_hypercube"};
    for (size_t k = 0; k < 2; k++) {
        struct arena arena = arena_open();
        struct cells cells = read_cells(
            arena_print(&arena, "sampler = { kind = \"%s\"; seed = 4; }; %s",
                        kinds[k], AXES),
            &arena);
        bool leaks[N] = {false}, rates[N] = {false};
        size_t n_direct = 0;
        assert_int_equal(cells.n, N);
        for (size_t i = 0; i < N; i++) {
            double leak = number_of(&cells.at[i], "neuron.leak", &arena);
            double rate =
                number_of(&cells.at[i], "optimizer.learning_rate", &arena);
            leaks[(size_t)((leak - 0.1) / 0.8 * N)] = true;
            rates[(size_t)(log(rate / 0.01) / log(100) * N)] = true;
            n_direct +=
                !strcmp(text_of(&cells.at[i], "encoding", &arena), "direct");
        }
        for (size_t i = 0; i < N; i++)
            assert_true(leaks[i] && rates[i]);
        assert_int_equal(n_direct, N / 2);
        arena_close(&arena);
    }
}

/* What `over` does not name is combined with every point. */
static void some_axes_are_drawn_and_others_combined(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    static const char text[] =
        "sampler = { kind = \"sobol\"; n_points = 8; over = "
        "[\"neuron.leak\", \"optimizer.learning_rate\"]; };"
        "network = { n_steps = [2, 4, 8]; }; seeds = 2;" AXES;
    struct cells cells = read_cells(text, &arena);
    assert_int_equal(cells.n, 8 * 2 * 3 * 2);
    /* Those of the same two alone. */
    struct cells alone = read_cells(
        "sampler = { kind = \"sobol\"; n_points = 8; };"
        "network = { n_steps = 4; }; encoding = \"direct\";"
        "neuron = { leak = { from = 0.1; to = 0.9; }; };"
        "optimizer = { learning_rate = { from = 0.01; to = 1;"
        " scale = \"log\"; }; };",
        &arena);
    assert_int_equal(alone.n, 8);
    assert_contains(&cells, &alone);
    arena_close(&arena);
}

/* Rungs of halving are of one point. */
static void every_point_ends_at_all_epochs(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct cells cells = read_cells(
        "sampler = { kind = \"sobol\"; n_points = 8; };"
        "training = { n_epochs = 9; until_epoch = [1, 3, 0];"
        " batch_size = [16, 32]; }; halving = { factor = 3; };"
        "neuron = { leak = { from = 0; to = 1; }; };",
        &arena);
    assert_int_equal(cells.n, 8 * 3);
    for (size_t i = 0; i < cells.n; i++)
        assert_string_equal(
            text_of(&cells.at[i], "neuron.leak", &arena),
            text_of(&cells.at[i - i % 3], "neuron.leak", &arena));
    arena_close(&arena);
}

static void zipped_lists_are_drawn_as_one(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct cells cells = read_cells(
        "sampler = { kind = \"sobol\"; n_points = 32; };"
        "network = { n_steps = [2, 4, 8, 16]; };"
        "encoding = [\"direct\", \"poisson\", \"latency\", \"direct\"];"
        "training = { batch_size = [32, 16, 8, 4]; };"
        "neuron = { leak = { from = 0; to = 1; }; };"
        "zip = [\"network.n_steps\", \"training.batch_size\", \"encoding\"];",
        &arena);
    size_t counts[17] = {0};
    assert_int_equal(cells.n, 32);
    for (size_t i = 0; i < cells.n; i++) {
        size_t n_steps =
            (size_t)number_of(&cells.at[i], "network.n_steps", &arena);
        assert_true(number_of(&cells.at[i], "training.batch_size", &arena) *
                        (double)n_steps == 64);
        assert_string_equal(text_of(&cells.at[i], "encoding", &arena),
                            n_steps == 4   ? "poisson"
                            : n_steps == 8 ? "latency"
                                           : "direct");
        counts[n_steps]++;
    }
    for (size_t n = 2; n <= 16; n *= 2)
        assert_int_equal(counts[n], 8);
    arena_close(&arena);
}

/* Points that kinds or rules refuse are counted as a grid's combinations are,
 * and points that are the same cell. */
static void points_that_are_refused_are_counted(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct cells cells = read_cells(
        "sampler = { kind = \"sobol\"; n_points = 64; };"
        "surrogate = [\"triangular\", \"atan\"];" /* needs a bounded one: */
        "regularizer = [\"none\", \"mpd_sgr\"];"
        "neuron = { leak = { from = 0; to = 1; }; };",
        &arena);
    assert_int_equal(cells.n_pruned, 16);
    assert_int_equal(cells.n, 48);
    cells = read_cells("sampler = { kind = \"random\"; n_points = 100; };"
                       "neuron = { leak = [0.1, 0.2, 0.3]; };",
                       &arena);
    assert_int_equal(cells.n, 3);
    assert_int_equal(cells.n_doubled, 97);
    arena_close(&arena);
}

static void many_points_are_read_at_once(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "sampler = { kind = \"random\"; n_points = 100000; };"
                "seeds = 2;" AXES);
    assert_int_equal(space_count(&experiment), 200000);
    struct cell cell = space_cell(&experiment, 199999, &arena);
    assert_true(fabs(number_of(&cell, "neuron.leak", &arena) -
                     (0.1 + 0.8 * share_of(1, 99999))) <= 0.8e-6);
    arena_close(&arena);
}

static void drawn_values_are_what_they_always_were(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct cells cells = read_cells("sampler = { kind = \"sobol\";"
                                    " n_points = 4; };" AXES,
                                    &arena);
    static const char *const expected[][2] = {{"0.7569239", "0.4889023"},
                                              {"0.4576571", "0.01702754"},
                                              {"0.6367067", "0.1032275"},
                                              {"0.1602191", "0.07605719"}};
    assert_int_equal(cells.n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(text_of(&cells.at[i], "neuron.leak", &arena),
                            expected[i][0]);
        assert_string_equal(
            text_of(&cells.at[i], "optimizer.learning_rate", &arena),
            expected[i][1]);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_taken_to_the_scale_of_their_range),
        cmocka_unit_test(alternatives_are_drawn_with_their_parameters),
        cmocka_unit_test(every_seed_has_the_same_points),
        cmocka_unit_test(a_longer_run_goes_on_from_a_shorter_one),
        cmocka_unit_test(intervals_of_a_range_have_one_point_each),
        cmocka_unit_test(some_axes_are_drawn_and_others_combined),
        cmocka_unit_test(every_point_ends_at_all_epochs),
        cmocka_unit_test(zipped_lists_are_drawn_as_one),
        cmocka_unit_test(points_that_are_refused_are_counted),
        cmocka_unit_test(many_points_are_read_at_once),
        cmocka_unit_test(drawn_values_are_what_they_always_were),
    };
    return cmocka_run_group_tests_name("sampling", tests, NULL, NULL);
}
