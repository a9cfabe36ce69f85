/* A surrogate that follows each neuron of each sample: core/model_adapt.c and
 * core/spiking_sharpness.c. */
#include "tests/test.h"

#include "core/model_fit.h"
#include "tests/plain_parts.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

enum { N_IMAGES = 5, N_QUERIES = 4, SIDE = 6 };

/* shapes -------------------------------------------------------------- */

static double atan_shape(double x)
{
    return 1 / (2 * (1 + pow(PI / 2 * x, 2)));
}

static double rectangular_shape(double x)
{
    return fabs(x) < 1 ? 0.5 : 0;
}

static double sigmoid_shape(double x)
{
    double s = 1 / (1 + exp(-x));
    return s * (1 - s);
}

static double gaussian_shape(double x)
{
    return exp(-x * x / 2) / sqrt(2 * PI);
}

static double triangular_shape(double x)
{
    return fmax(1 - fabs(x), 0);
}

/* With G^-1(0.8), the half width that holds 0.8 of the shape's area. */
static const struct {
    const char *name;
    double (*shape)(double x);
    double omega;
} shapes[] = {{"atan", atan_shape, 1.9593136}, /* 2 tan(0.4 pi)/pi */
              {"rectangular", rectangular_shape, 0.8},
              {"sigmoid", sigmoid_shape, 2.1972246},   /* ln 9 */
              {"gaussian", gaussian_shape, 1.2815516}, /* of the 90 % quantile */
              {"triangular", triangular_shape, 0.5527864}}; /* 1 - sqrt 0.2 */

/* the twin ------------------------------------------------------------ */

/* M and D of every neuron of a layer. */
struct means {
    double *mean, *spread;
};

struct law {
    double omega, relax, beta_mean, beta_spread;
};

static size_t count_neurons(const struct twins *twins, size_t i)
{
    return plain_count_rows(twins->plain) *
           plain_count_outputs(&twins->plain->layers[i]);
}

static void begin_means(const struct twins *twins, struct means *means)
{
    struct arena *arena = twins->plain->arena;
    for (size_t i = 0; i < twins->plain->n_layers; i++) {
        size_t n = count_neurons(twins, i);
        means[i].mean = ARENA_ARRAY(arena, double, n);
        means[i].spread = ARENA_ARRAY(arena, double, n);
        twins->plain->layers[i].sharpness = ARENA_ARRAY(arena, double, n);
        for (size_t k = 0; k < n; k++) {
            means[i].mean[k] = 1;
            means[i].spread[k] = 0;
        }
    }
}

static void follow(const struct twins *twins, struct law law,
                   struct means *means)
{
    for (size_t i = 0; i < twins->plain->n_layers; i++) {
        struct plain_layer *layer = &twins->plain->layers[i];
        for (size_t k = 0; k < count_neurons(twins, i); k++) {
            double *m = &means[i].mean[k], *d = &means[i].spread[k];
            double size = fabs(layer->x[k]);
            *m = law.beta_mean * *m + (1 - law.beta_mean) * size;
            *d = law.beta_spread * *d +
                 (1 - law.beta_spread) * fabs(size - *m);
            layer->sharpness[k] = law.omega / (*m + law.relax * *d + 1e-4);
        }
    }
}

static void take_gradient(struct twins *twins)
{
    plain_loss(twins->plain, twins->values, twins->encoded, twins->labels);
    plain_gradient(twins->plain, twins->values, twins->labels,
                   twins->gradient, twins->d_encoded);
}

/* The images move as under attack. */
static void move_images(struct twins *twins, size_t query)
{
    float *images = (float *)twins->batch.images;
    size_t n = twins->batch.n * image_size(twins->model->shape);
    for (size_t i = 0; i < n; i++)
        images[i] = fminf(fmaxf(images[i] +
                                    0.05f * (float)sin((double)(7 * i + query)),
                                0),
                          1);
}

/* Largest error over the queries; that of the second, had the statistics
 * stayed as they were, is far larger. */
static void check_queries(const char *text, double (*shape)(double x),
                          struct law law)
{
    struct twins twins;
    struct means means[NETWORK_BLOCKS_MAX];
    twins_open(&twins, text, (struct image_shape){SIDE, SIDE, 1}, N_IMAGES,
               false);
    twins.plain->shape = shape;
    begin_means(&twins, means);
    for (size_t q = 0; q < N_QUERIES; q++) {
        twins_run(&twins);
        assert_int_equal(twins_count_other_spikes(&twins), 0);
        if (q > 0) {
            take_gradient(&twins);
            assert_true(twins_compare(&twins).images > 1e-3);
        }
        follow(&twins, law, means);
        take_gradient(&twins);
        assert_true(twins_compare(&twins).images < 1e-4);
        move_images(&twins, q);
    }
    twins_close(&twins);
}

#define MLP "network = mlp\nnetwork.hidden = [14, 9]\nnetwork.n_steps = 4\n"
#define CSNN                                                                   \
    "network = csnn\nnetwork.channels = [5, 4]\nnetwork.hidden = [7]\n"        \
    "network.n_steps = 3\n"
#define TRAINED "surrogate = atan\nattack = pgd\nattack_surrogate = assg\n"

static void each_neuron_is_as_sharp_as_its_own_potentials_say(void **state)
{
    (void)state;
    struct law law = {.relax = 1.5, .beta_mean = 0.9, .beta_spread = 0.9};
    struct arena arena = arena_open();
    for (size_t i = 0; i < KIND_COUNT(shapes); i++) {
        law.omega = shapes[i].omega;
        check_queries(arena_print(&arena, "%sattack_surrogate.shape = %s\n",
                                  i % 2 ? CSNN TRAINED : MLP TRAINED,
                                  shapes[i].name),
                      shapes[i].shape, law);
    }
    arena_close(&arena);
}

static void its_parameters_are_those_that_are_given(void **state)
{
    (void)state;
    struct law law = {1.25, 0.5, 0.6, 0.75};
    check_queries(CSNN TRAINED "attack_surrogate.omega = 1.25\n"
                               "attack_surrogate.relax = 0.5\n"
                               "attack_surrogate.beta_mean = 0.6\n"
                               "attack_surrogate.beta_spread = 0.75\n",
                  atan_shape, law);
    law = (struct law){tan(PI / 4) * 2 / PI, 0, 0.9, 0.9};
    check_queries(MLP TRAINED "attack_surrogate.vanishing = 0.5\n"
                              "attack_surrogate.relax = 0\n",
                  atan_shape, law);
}

/* samples ------------------------------------------------------------- */

enum { N_PIXELS = SIDE * SIDE, N_ALL = N_IMAGES * N_PIXELS };

static void open_engine(struct twins *twins)
{
    twins_open(twins, CSNN TRAINED, (struct image_shape){SIDE, SIDE, 1},
               N_IMAGES, false);
    twins_run(twins);
    model_forget(twins->model, 0, N_IMAGES);
}

/* The gradient by those of the images, of the sum of a logit of each. */
static void ask(const struct twins *twins, size_t n, const uint32_t *chosen,
                float *gradient)
{
    float images[N_ALL];
    uint32_t ids[N_IMAGES];
    struct model *model = twins->model;
    for (size_t i = 0; i < n; i++) {
        memcpy(images + i * N_PIXELS,
               twins->batch.images + chosen[i] * N_PIXELS,
               N_PIXELS * sizeof *images);
        ids[i] = chosen[i];
    }
    struct model_batch batch = {.n = n, .images = images, .ids = ids};
    model_forward_test(model, &batch, NULL);
    memset(model->d_logits, 0, n * model->n_classes * sizeof(float));
    for (size_t i = 0; i < n; i++)
        model->d_logits[i * model->n_classes + chosen[i] % 2] = 1;
    model_backward_images(model, &batch, gradient);
}

static const uint32_t all[] = {0, 1, 2, 3, 4};

static bool is_alike(const float *a, const float *b, size_t n_images)
{
    return !memcmp(a, b, n_images * N_PIXELS * sizeof *a);
}

static void those_that_stay_go_on_as_if_all_had_stayed(void **state)
{
    (void)state;
    static const uint32_t kept[] = {1, 3, 4}, later[] = {0, 2};
    static const uint32_t left[] = {1, 4};
    struct twins twins;
    float whole[N_ALL], part[N_ALL], wrong[N_ALL];
    open_engine(&twins);
    for (size_t i = 0; i < 3; i++)
        ask(&twins, N_IMAGES, all, whole);
    model_forget(twins.model, 0, N_IMAGES);
    ask(&twins, N_IMAGES, all, part);
    model_keep(twins.model, 3, kept);
    ask(&twins, 3, kept, part);
    model_keep(twins.model, 2, later);
    ask(&twins, 2, left, part);
    assert_true(is_alike(part, whole + N_PIXELS, 1));
    assert_true(is_alike(part + N_PIXELS, whole + 4 * N_PIXELS, 1));
    model_forget(twins.model, 0, N_IMAGES);
    for (size_t i = 0; i < 2; i++)
        ask(&twins, N_IMAGES, all, wrong);
    ask(&twins, 2, left, wrong);
    assert_false(is_alike(wrong, part, 2));
    twins_close(&twins);
}

static void those_that_begin_anew_forget_and_no_others(void **state)
{
    (void)state;
    struct twins twins;
    float first[N_ALL], second[N_ALL], mixed[N_ALL];
    open_engine(&twins);
    ask(&twins, N_IMAGES, all, first);
    ask(&twins, N_IMAGES, all, second);
    assert_false(is_alike(first, second, N_IMAGES));
    model_forget(twins.model, 0, N_IMAGES);
    ask(&twins, N_IMAGES, all, mixed);
    assert_true(is_alike(first, mixed, N_IMAGES));
    model_forget(twins.model, 2, 1);
    ask(&twins, N_IMAGES, all, mixed);
    assert_true(is_alike(mixed, second, 2));
    assert_true(is_alike(mixed + 2 * N_PIXELS, first + 2 * N_PIXELS, 1));
    assert_true(is_alike(mixed + 3 * N_PIXELS, second + 3 * N_PIXELS, 2));
    twins_close(&twins);
}

static void what_has_settled_stays_as_it_is(void **state)
{
    (void)state;
    struct twins twins;
    float first[N_ALL], second[N_ALL], again[N_ALL];
    open_engine(&twins);
    ask(&twins, N_IMAGES, all, first);
    model_settle(twins.model, true);
    ask(&twins, N_IMAGES, all, again);
    assert_true(is_alike(again, first, N_IMAGES));
    model_settle(twins.model, false);
    ask(&twins, N_IMAGES, all, second);
    assert_false(is_alike(second, first, N_IMAGES));
    twins_close(&twins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_neuron_is_as_sharp_as_its_own_potentials_say),
        cmocka_unit_test(its_parameters_are_those_that_are_given),
        cmocka_unit_test(those_that_stay_go_on_as_if_all_had_stayed),
        cmocka_unit_test(those_that_begin_anew_forget_and_no_others),
        cmocka_unit_test(what_has_settled_stays_as_it_is),
    };
    return cmocka_run_group_tests_name("model_adapt", tests, NULL, NULL);
}
