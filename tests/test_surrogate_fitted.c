/* What surrogates make of a layer's neurons, by golden values. */
#include "tests/test.h"

#include "core/regularizer.h"
#include "core/spec.h"
#include "core/surrogate.h"

#include <math.h>

enum { N_STEPS = 3, N_CHANNELS = 2, N = N_STEPS * N_CHANNELS };

struct scene {
    struct arena arena;
    const struct surrogate *surrogate;
    void *params;
    struct surrogate_layer layer;
    float mean[N], deviation[N], gain[N_CHANNELS];
    float inverse[N], center[N];
};

static void open_scene(struct scene *scene, const char *name)
{
    const struct kind *kind = kind_find(&surrogate_axis, name);
    assert_non_null(kind);
    *scene = (struct scene){.arena = arena_open(),
                            .surrogate = surrogate_of(kind)};
    scene->params = kind_defaults(kind, &scene->arena);
    scene->layer = (struct surrogate_layer){.n_steps = N_STEPS,
                                            .n_channels = N_CHANNELS,
                                            .threshold = 1,
                                            .leak = 0.5,
                                            .mean = scene->mean,
                                            .deviation = scene->deviation,
                                            .gain = scene->gain};
    for (size_t i = 0; i < N; i++)
        scene->deviation[i] = 1;
    for (size_t c = 0; c < N_CHANNELS; c++)
        scene->gain[c] = 1;
}

static void set(struct scene *scene, const char *name, const char *text)
{
    const struct row *row = kind_find_row(&scene->surrogate->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, scene->params, &scene->arena),
                     STATUS_OK);
}

static void fit(struct scene *scene)
{
    scene->surrogate->fit(scene->params, &scene->layer, scene->inverse,
                          scene->center);
}

/* g' of step t in channel c. */
static double slope(const struct scene *scene, size_t t, size_t c, double x)
{
    size_t at = t * N_CHANNELS + c;
    float moved = ((float)x - scene->center[at]) * scene->inverse[at];
    float g = NAN;
    scene->surrogate->derivative(scene->params, 1, &moved, &g);
    return (double)(g * scene->inverse[at]);
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

/* pdsg ---------------------------------------------------------------- */

static void pdsg_has_the_golden_values(void **state)
{
    (void)state;
    static const double places[] = {-1, -0.5, -0.25, 0, 0.25, 0.5, 1};
    static const double golden[] = {0.129518, 0.241971, 0.301137, 0.352065,
                                    0.386668, 0.398942, 0.352065};
    struct scene scene;
    open_scene(&scene, "pdsg");
    fit(&scene);
    for (size_t i = 0; i < 7; i++)
        for (size_t t = 0; t < N_STEPS; t++)
            assert_true(near(slope(&scene, t, 1, places[i]), golden[i]));
    arena_close(&scene.arena);
}

/* Channel 0: -1 and 1 at step 0, 3 and 5 at step 1, 4 at step 2. */
static void pdsg_takes_the_deviation_of_all_steps_so_far(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "pdsg");
    scene.mean[N_CHANNELS] = 4;
    scene.mean[2 * N_CHANNELS] = 4;
    scene.deviation[2 * N_CHANNELS] = 0;
    fit(&scene);
    double sigma[] = {1, sqrt((1 + 1 + 9 + 25) / 4.0 - 4),
                      sqrt((1 + 1 + 9 + 25 + 16 + 16) / 6.0 - 64 / 9.0)};
    for (size_t t = 0; t < N_STEPS; t++) {
        double exact = exp(-0.125) / (sqrt(2 * M_PI) * sigma[t]);
        assert_true(near(scene.center[t * N_CHANNELS], 0.5 * sigma[t]));
        assert_true(near(slope(&scene, t, 0, 0), exact));
    }
    arena_close(&scene.arena);
}

static void pdsg_takes_1_where_nothing_varies(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "pdsg");
    for (size_t i = 0; i < N; i++) {
        scene.mean[i] = -1;
        scene.deviation[i] = 1e-6f;
    }
    fit(&scene);
    assert_true(near(slope(&scene, 2, 0, 0.5), 0.398942));
    arena_close(&scene.arena);
}

static void pdsgs_shape_is_in_units_of_the_deviation(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "pdsg");
    set(&scene, "stretch", "0.5");
    set(&scene, "shift", "-1");
    for (size_t i = 0; i < N; i++)
        scene.deviation[i] = 2;
    fit(&scene);
    assert_true(near(slope(&scene, 0, 0, -2), 0.398942));
    assert_true(near(slope(&scene, 0, 0, -1), 0.241971));
    arena_close(&scene.arena);
}

/* mpd_agl ------------------------------------------------------------- */

/* kappa = 2 gamma V_th, and sqrt(1.25) of it from the second step on. */
static void mpd_agls_width_is_the_normalizations_scale(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "mpd_agl");
    scene.layer.threshold = 0.5;
    scene.gain[0] = 0.9f;
    scene.gain[1] = 1.5f;
    fit(&scene);
    double first = 2 * 1.2 * 0.5, later = first * sqrt(1.25);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        assert_true(near(slope(&scene, 0, c, 0.49 * first), 1 / first));
        assert_true(slope(&scene, 0, c, -0.51 * first) == 0);
        assert_true(near(slope(&scene, 1, c, -0.49 * later), 1 / later));
        assert_true(near(slope(&scene, 2, c, 0.49 * later), 1 / later));
        assert_true(slope(&scene, 1, c, 0.51 * later) == 0);
    }
    scene.layer.gain = NULL;
    fit(&scene);
    assert_true(near(slope(&scene, 0, 0, 0), 1));
    arena_close(&scene.arena);
}

static void mpd_agl_needs_a_normalization(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    static const char *const kinds[] = {"tdbn", "batch", "none"};
    for (size_t i = 0; i < 3; i++) {
        struct spec spec;
        assert_int_equal(spec_parse(arena_print(&arena,
                                                "surrogate = mpd_agl\n"
                                                "normalization = %s\n",
                                                kinds[i]),
                                    &spec, &arena),
                         STATUS_OK);
        const struct kind *kind = spec.at[SPEC_SURROGATE].kind;
        assert_int_equal(kind->applies(&spec) != NULL, i == 2);
    }
    arena_close(&arena);
}

/* ds_atgo ------------------------------------------------------------- */

/* The paper's figure 5: shares of N(0, sigma^2) within the width, centred at
 * the threshold mean + sigma, before and after; the old threshold is 1. */
static void ds_atgo_has_the_papers_shares(void **state)
{
    (void)state;
    static const double sigma[] = {0.5, 1, 2};
    static const double before[] = {0.4772, 0.2417, 0.1210};
    static const double after[] = {0.2600, 0.2417, 0.2130};
    for (size_t i = 0; i < 3; i++) {
        struct scene scene;
        open_scene(&scene, "ds_atgo");
        for (size_t k = 0; k < N; k++) {
            scene.mean[k] = -1;
            scene.deviation[k] = (float)sigma[i];
        }
        fit(&scene);
        double width = 1 / (double)scene.inverse[0];
        assert_true(fabs(omega_value(-sigma[i], sigma[i], 0.5) - before[i]) <
                    5e-5);
        assert_true(
            fabs(omega_value(-sigma[i], sigma[i], 0.5 * width) - after[i]) <
            5e-5);
        assert_true(near(slope(&scene, 1, 1, 0.49 * width), 1 / width));
        assert_true(slope(&scene, 1, 1, 0.51 * width) == 0);
        arena_close(&scene.arena);
    }
}

/* A layer's neurons are one sample: U is 0 +- 0.5 in one channel, 3 +- 0.5 in
 * the other, so 1.5 +- sqrt(2.5). */
static void ds_atgo_looks_at_the_whole_layer(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "ds_atgo");
    for (size_t i = 0; i < N; i++) {
        scene.mean[i] = i % 2 == 0 ? -1 : 2;
        scene.deviation[i] = 0.5;
    }
    fit(&scene);
    double exact = 1 + tanh(1.5 + sqrt(2.5) - 1);
    for (size_t i = 0; i < N; i++)
        assert_true(near(1 / (double)scene.inverse[i], exact));
    set(&scene, "by", "deviation");
    set(&scene, "width", "0.5");
    fit(&scene);
    exact = 1 + tanh(sqrt(2.5) - 1);
    assert_true(near(1 / (double)scene.inverse[3], exact));
    assert_true(near(slope(&scene, 0, 0, 0.24 * exact), 2 / exact));
    assert_true(slope(&scene, 0, 0, 0.26 * exact) == 0);
    arena_close(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pdsg_has_the_golden_values),
        cmocka_unit_test(pdsg_takes_the_deviation_of_all_steps_so_far),
        cmocka_unit_test(pdsg_takes_1_where_nothing_varies),
        cmocka_unit_test(pdsgs_shape_is_in_units_of_the_deviation),
        cmocka_unit_test(mpd_agls_width_is_the_normalizations_scale),
        cmocka_unit_test(mpd_agl_needs_a_normalization),
        cmocka_unit_test(ds_atgo_has_the_papers_shares),
        cmocka_unit_test(ds_atgo_looks_at_the_whole_layer),
    };
    return cmocka_run_group_tests_name("surrogate_fitted", tests, NULL, NULL);
}
