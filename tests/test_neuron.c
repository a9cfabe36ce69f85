#include "tests/test.h"

#include "core/neuron.h"
#include "core/surrogate.h"

#include <math.h>
#include <string.h>

enum { N_STEPS = 6, N_NEURONS = 9, N_ENTRIES = N_STEPS * N_NEURONS };

/* A kind of neuron with some parameters, and what the plain twin has to know
 * of them. */
struct sample {
    const struct neuron *neuron;
    void *params;
    double leak, threshold;
    bool hard, detached;
};

static void set(struct sample *sample, const char *name, const char *text,
                struct arena *arena)
{
    const struct row *row = kind_find_row(&sample->neuron->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample->params, arena), STATUS_OK);
}

/* `leak` is ignored by a kind without one, whose leak is 1. */
static struct sample make(const struct kind *kind, double leak, bool hard,
                          bool detached, struct arena *arena)
{
    struct sample sample = {neuron_of(kind), kind_defaults(kind, arena), 1, 1,
                            hard, detached};
    if (kind_find_row(kind, "leak")) {
        sample.leak = leak;
        set(&sample, "leak", arena_print(arena, "%.17g", leak), arena);
    }
    set(&sample, "reset", hard ? "hard" : "soft", arena);
    set(&sample, "detach_reset", detached ? "true" : "false", arena);
    return sample;
}

static void set_threshold(struct sample *sample, double threshold,
                          struct arena *arena)
{
    sample->threshold = threshold;
    set(sample, "threshold", arena_print(arena, "%.17g", threshold), arena);
}

/* Calls `check` for every kind with both resets, detached and not. */
static void for_all(void (*check)(struct sample sample))
{
    for (size_t k = 0; k < neuron_axis.n_kinds; k++)
        for (int i = 0; i < 4; i++) {
            struct arena arena = arena_open();
            struct sample sample = make(neuron_axis.kinds[k], 0.75, i & 1,
                                        i & 2, &arena);
            check(sample);
            set_threshold(&sample, 0.625, &arena);
            check(sample);
            arena_close(&arena);
        }
}

/* forward ------------------------------------------------------------- */

static void run(struct sample sample, size_t n_steps, size_t n,
                const double *currents, float *x, float *s)
{
    float z[64] = {0};
    for (size_t i = 0; i < n_steps * n; i++)
        z[i] = (float)currents[i];
    sample.neuron->forward(sample.params, n_steps, n, z, x, s);
}

static void expect(struct sample sample, size_t n_steps,
                   const double *currents, const double *potentials,
                   const double *spikes)
{
    float x[N_STEPS], s[N_STEPS];
    run(sample, n_steps, 1, currents, x, s);
    for (size_t t = 0; t < n_steps; t++) {
        assert_true((double)x[t] == potentials[t] - sample.threshold);
        assert_true((double)s[t] == spikes[t]);
    }
}

static void a_hard_reset_forgets_what_is_above_the_threshold(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *lif = kind_find(&neuron_axis, "lif");
    double z[] = {0.75, 0.75, 0.5, 1.5, -1, 3};
    expect(make(lif, 0.5, true, false, &arena), 6, z,
           (double[]){0.75, 1.125, 0.5, 1.75, -1, 2.5},
           (double[]){0, 1, 0, 1, 0, 1});
    const struct kind *integrate = kind_find(&neuron_axis, "if");
    expect(make(integrate, 1, true, false, &arena), 6, z,
           (double[]){0.75, 1.5, 0.5, 2, -1, 2}, (double[]){0, 1, 0, 1, 0, 1});
    arena_close(&arena);
}

static void a_soft_reset_takes_the_threshold_away(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *lif = kind_find(&neuron_axis, "lif");
    double z[] = {0.75, 0.75, 0.5, 1.5, -1, 3};
    expect(make(lif, 0.5, false, false, &arena), 6, z,
           (double[]){0.75, 1.125, 0.5625, 1.78125, -0.609375, 2.6953125},
           (double[]){0, 1, 0, 1, 0, 1});
    const struct kind *integrate = kind_find(&neuron_axis, "if");
    struct sample sample = make(integrate, 1, false, false, &arena);
    expect(sample, 6, z, (double[]){0.75, 1.5, 1, 1.5, -0.5, 2.5},
           (double[]){0, 1, 1, 1, 0, 1});
    set_threshold(&sample, 2, &arena);
    expect(sample, 6, z, (double[]){0.75, 1.5, 2, 1.5, 0.5, 3.5},
           (double[]){0, 0, 1, 0, 0, 1});
    arena_close(&arena);
}

static void check_threshold(struct sample sample)
{
    double th = sample.threshold, below = th * (1 - 1e-6), z[] = {below, th};
    float x[2], s[2];
    assert_true(sample.neuron->threshold(sample.params) == th);
    run(sample, 1, 2, z, x, s);
    assert_true(x[0] < 0 && s[0] == 0.0f);
    assert_true(x[1] == 0.0f && s[1] == 1.0f);
}

static void a_potential_at_the_threshold_is_a_spike(void **state)
{
    (void)state;
    for_all(check_threshold);
}

/* the twin ------------------------------------------------------------ */

/* The recurrence as the header has it, in double, the spike replaced by the
 * primitive of a surrogate. A detached reset takes its spikes from `frozen`,
 * which no difference moves. */
struct twin {
    struct sample sample;
    const struct surrogate *surrogate;
    void *params;
    double x[N_ENTRIES], s[N_ENTRIES], frozen[N_ENTRIES];
    bool freeze;
};

static void twin_forward(struct twin *twin, const double *z)
{
    const struct sample *sample = &twin->sample;
    for (size_t i = 0; i < N_NEURONS; i++) {
        double v = 0;
        for (size_t at = i; at < N_ENTRIES; at += N_NEURONS) {
            double u = sample->leak * v + z[at];
            double x = u - sample->threshold;
            double s = twin->surrogate->primitive(twin->params, x);
            bool detached = sample->detached && twin->freeze;
            double by = detached ? twin->frozen[at] : s;
            v = sample->hard ? u * (1 - by) : u - sample->threshold * by;
            twin->x[at] = x;
            twin->s[at] = s;
        }
    }
}

/* Any loss of spikes and potentials, and its gradients. */
static double weigh_spike(size_t at)
{
    return sin(1.7 * (double)at + 0.3);
}

static double weigh_potential(size_t at)
{
    return 0.5 * cos(2.3 * (double)at);
}

static double twin_loss(struct twin *twin, const double *z, bool direct)
{
    double loss = 0;
    twin_forward(twin, z);
    for (size_t at = 0; at < N_ENTRIES; at++) {
        loss += weigh_spike(at) * twin->s[at];
        if (direct)
            loss += 0.5 * weigh_potential(at) * twin->x[at] * twin->x[at];
    }
    return loss;
}

static void run_backward(const struct twin *twin, bool direct, float *d_z)
{
    float x[N_ENTRIES], s[N_ENTRIES], g[N_ENTRIES], d_x[N_ENTRIES];
    for (size_t at = 0; at < N_ENTRIES; at++) {
        x[at] = (float)twin->x[at];
        s[at] = (float)twin->s[at];
        d_x[at] = (float)(weigh_potential(at) * twin->x[at]);
        d_z[at] = (float)weigh_spike(at);
    }
    twin->surrogate->derivative(twin->params, N_ENTRIES, x, g);
    twin->sample.neuron->backward(twin->sample.params, N_STEPS, N_NEURONS, x,
                                  s, g, d_z, direct ? d_x : NULL, d_z);
}

static void compare_gradients(struct twin *twin, bool direct)
{
    double z[N_ENTRIES];
    float d_z[N_ENTRIES];
    for (size_t at = 0; at < N_ENTRIES; at++)
        z[at] = 0.4 + sin(5.1 * (double)at);
    twin->freeze = false;
    twin_forward(twin, z);
    memcpy(twin->frozen, twin->s, sizeof twin->frozen);
    run_backward(twin, direct, d_z);
    twin->freeze = true;
    for (size_t at = 0; at < N_ENTRIES; at++) {
        double held = z[at], h = 1e-5;
        z[at] = held + h;
        double above = twin_loss(twin, z, direct);
        z[at] = held - h;
        double below = twin_loss(twin, z, direct);
        z[at] = held;
        double difference = (above - below) / (2 * h);
        assert_true(fabs((double)d_z[at] - difference) <
                    1e-4 * (1 + fabs(difference)));
    }
}

static void check_gradient(struct sample sample)
{
    static const char *const smooth[] = {"sigmoid", "atan"};
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = arena_open();
        const struct kind *kind = kind_find(&surrogate_axis, smooth[i]);
        assert_non_null(kind);
        struct twin twin = {.sample = sample,
                            .surrogate = surrogate_of(kind),
                            .params = kind_defaults(kind, &arena)};
        compare_gradients(&twin, false);
        compare_gradients(&twin, true);
        arena_close(&arena);
    }
}

static void the_gradient_is_that_of_a_smooth_twin(void **state)
{
    (void)state;
    for_all(check_gradient);
}

/* The four rules differ, or the test above would not tell them apart. */
static void the_ways_of_reset_have_different_gradients(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&surrogate_axis, "sigmoid");
    float d_z[4][N_ENTRIES];
    for (int i = 0; i < 4; i++) {
        struct twin twin = {
            .sample = make(neuron_axis.kinds[0], 0.75, i & 1, i & 2, &arena),
            .surrogate = surrogate_of(kind),
            .params = kind_defaults(kind, &arena)};
        for (size_t at = 0; at < N_ENTRIES; at++) {
            twin.x[at] = sin(5.1 * (double)at);
            twin.s[at] = twin.x[at] >= 0;
        }
        run_backward(&twin, false, d_z[i]);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(d_z[i], d_z[k], sizeof d_z[i]);
    }
    arena_close(&arena);
}

/* tiles --------------------------------------------------------------- */

enum { WIDE = 300, TILE = 3 * WIDE };

struct tile {
    float z[TILE], x[TILE], s[TILE], g[TILE], d_x[TILE], d_z[TILE];
};

static void run_tile(struct sample sample, size_t n, struct tile *tile)
{
    sample.neuron->forward(sample.params, 3, n, tile->z, tile->x, tile->s);
    for (size_t i = 0; i < 3 * n; i++) {
        tile->g[i] = fabsf(tile->x[i]) < 0.7f ? 1.0f : 0.0f;
        tile->d_x[i] = 0.25f * tile->x[i];
        tile->d_z[i] = tile->z[i] - 0.5f;
    }
    sample.neuron->backward(sample.params, 3, n, tile->x, tile->s, tile->g,
                            tile->d_z, tile->d_x, tile->d_z);
}

static void check_tiles(struct sample sample)
{
    static struct tile wide, narrow;
    static const size_t sizes[] = {1, 15, 16, 127, 128, 129, WIDE};
    for (size_t k = 0; k < 7; k++) {
        size_t n = sizes[k];
        for (size_t i = 0; i < 3 * n; i++)
            wide.z[i] = (float)fabs(sin(2.9 * (double)i)) * 1.5f;
        run_tile(sample, n, &wide);
        for (size_t i = 0; i < n; i++) {
            for (size_t t = 0; t < 3; t++)
                narrow.z[t] = wide.z[t * n + i];
            run_tile(sample, 1, &narrow);
            for (size_t t = 0; t < 3; t++) {
                size_t at = t * n + i;
                assert_true(narrow.x[t] == wide.x[at]);
                assert_true(narrow.s[t] == wide.s[at]);
                assert_true(narrow.d_z[t] == wide.d_z[at]);
            }
        }
    }
}

static void a_neuron_does_not_notice_its_neighbours(void **state)
{
    (void)state;
    for_all(check_tiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hard_reset_forgets_what_is_above_the_threshold),
        cmocka_unit_test(a_soft_reset_takes_the_threshold_away),
        cmocka_unit_test(a_potential_at_the_threshold_is_a_spike),
        cmocka_unit_test(the_gradient_is_that_of_a_smooth_twin),
        cmocka_unit_test(the_ways_of_reset_have_different_gradients),
        cmocka_unit_test(a_neuron_does_not_notice_its_neighbours),
    };
    return cmocka_run_group_tests_name("neuron", tests, NULL, NULL);
}
