/* Theorem 1 of MPD-SGR on layers of the engine: what mean and deviation tdBN
 * gives the potentials, U - V_th, of independent and of constant currents. */
#include "tests/test.h"

#include "core/model.h"
#include "core/rng.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

enum { N_IMAGES = 256, N_CHANNELS = 64, N_STEPS = 4, N_PIXELS = 24 * 24 };

static const struct image_shape shape = {24, 24, 1};
static const double BETA = 0.2, LAMBDA = 0.8;

/* A layer behind tdBN with shift beta and scale lambda, after a pass. */
struct subject {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
};

static void set_all(float *at, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (float)value;
}

/* Pixels all alike, or each by chance. */
static float *draw_images(bool alike, struct arena *arena)
{
    float *images = ARENA_ARRAY(arena, float, N_IMAGES * N_PIXELS);
    struct rng_stream stream = {5, RNG_SYNTHETIC, 0};
    for (size_t i = 0; i < N_IMAGES * N_PIXELS; i++)
        images[i] =
            alike ? 0.5f : (float)(rng_word(stream, i) >> 8) * 0x1p-24f;
    return images;
}

static void run(struct subject *subject, bool alike)
{
    struct arena *arena = &subject->arena;
    struct model *model = subject->model;
    uint32_t *ids = ARENA_ARRAY(arena, uint32_t, N_IMAGES);
    for (size_t i = 0; i < N_IMAGES; i++)
        ids[i] = (uint32_t)i;
    struct model_batch batch = {
        N_IMAGES, draw_images(alike, arena), ids, 3, RNG_ENCODE_TRAIN, 0};
    const struct branch *branch = &model->layers[0].main;
    model_initialize(model, 1);
    set_all(model->weights + branch->at.scale, N_CHANNELS, LAMBDA);
    set_all(model->weights + branch->at.shift, N_CHANNELS, BETA);
    model_forward_train(model, &batch);
}

/* In place: the model keeps pointers to the spec. `text` has the regularizer's
 * options and what else differs. */
static void open_subject(struct subject *subject, const char *text, bool alike)
{
    *subject = (struct subject){.arena = arena_open()};
    struct arena *arena = &subject->arena;
    subject->spec = small_spec(
        arena_print(arena,
                    "network = mlp\nnetwork.hidden = [64]\n"
                    "network.n_steps = 4\nnetwork.normalize_linear = true\n"
                    "normalization = tdbn\nregularizer = mpd_sgr\n%s",
                    text),
        arena);
    subject->data = small_data(shape, 2, 4, 2, 1, arena);
    subject->model =
        model_lay_out(&subject->spec, &subject->data, N_IMAGES, MODEL_TRAIN,
                      (struct trial_means){0}, arena);
    run(subject, alike);
}

/* The layer's moments at step t, over its channels. */
static double mean_of(const float *at, size_t t)
{
    double sum = 0;
    for (size_t c = 0; c < N_CHANNELS; c++)
        sum += (double)at[t * N_CHANNELS + c] / N_CHANNELS;
    return sum;
}

static void expect_near(const char *what, double value, double expected,
                        double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %g, not %g", what, value, expected);
}

/* 1 + tau + tau^2 + ..., t terms. */
static double decayed(double leak, size_t t)
{
    return t == 0 ? 0 : 1 + leak * decayed(leak, t - 1);
}

#define FAR                                                                    \
    "neuron.leak = 0.5\nneuron.threshold = 100\nnormalization.alpha = 0.01\n"
#define ANALYTIC "regularizer.statistics = analytic\n"
#define INDEPENDENT "encoding = poisson\n"
#define CONSTANT "encoding = direct\n"

/* The threshold is so far that nothing spikes, and alpha V_th = 1. */
static void check_moments(const char *text, bool alike, const double *sigma,
                          double tolerance)
{
    struct subject subject;
    open_subject(&subject, text, alike);
    struct layer *layer = &subject.model->layers[0];
    model_regularize(subject.model, 1, N_IMAGES);
    for (size_t t = 0; t < N_STEPS; t++) {
        expect_near("mean of U", mean_of(layer->mu, t) + 100,
                    BETA * decayed(0.5, t + 1), tolerance);
        expect_near("deviation of U", mean_of(layer->sigma, t), sigma[t],
                    tolerance);
    }
    arena_close(&subject.arena);
}

/* At t = 4: .375 and .922, or .375 and 1.5. */
static const double apart[] = {0.8, 0.8944271909999159, 0.916515138991168,
                               0.9219544457292888};
static const double same[] = {0.8, 1.2, 1.4, 1.5};

static void independent_currents_have_the_theorems_deviation(void **state)
{
    (void)state;
    check_moments(FAR INDEPENDENT, true, apart, 0.02);
    check_moments(FAR INDEPENDENT ANALYTIC, true, apart, 1e-5);
}

static void constant_currents_have_a_deviation_of_their_own(void **state)
{
    (void)state;
    check_moments(FAR CONSTANT, false, same, 1e-3);
    check_moments(FAR CONSTANT ANALYTIC, false, same, 1e-5);
}

static void the_theorem_as_it_stands_is_an_option(void **state)
{
    (void)state;
    check_moments(FAR CONSTANT ANALYTIC
                  "regularizer.first_layer = independent\n",
                  false, apart, 1e-5);
}

/* Means of a soft reset are linear in the spikes: S(t) is exact. Deviations are
 * not, since spikes make the potential narrower. */
static void a_soft_reset_is_in_the_means(void **state)
{
    (void)state;
    static const char *const encodings[] = {INDEPENDENT, CONSTANT};
    for (int i = 0; i < 2; i++) {
        struct subject subject;
        struct arena arena = arena_open();
        open_subject(&subject,
                     arena_print(&arena,
                                 "%sneuron.reset = soft\nneuron.leak = 0.8\n"
                                 "neuron.threshold = 0.9\n" ANALYTIC,
                                 encodings[i]),
                     i == 0);
        struct layer *layer = &subject.model->layers[0];
        double n_spikes = 0;
        model_regularize(subject.model, 1, N_IMAGES);
        for (size_t t = 0; t < N_STEPS; t++) {
            const struct moments *moments = &layer->moments;
            double mean = 0, predicted = mean_of(layer->mu, t);
            for (size_t k = t * N_CHANNELS; k < (t + 1) * N_CHANNELS; k++) {
                mean += ((double)moments->pivot[k] +
                         moments->sum[k] / N_IMAGES) / N_CHANNELS;
                n_spikes += moments->n_spikes[k];
            }
            /* tdBN's mean is that of all steps, not of each. */
            expect_near("mean", predicted, mean, i == 0 ? 0.02 : 1e-4);
        }
        assert_true(n_spikes > 0.05 * N_IMAGES * N_STEPS * N_CHANNELS);
        arena_close(&subject.arena);
        arena_close(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_currents_have_the_theorems_deviation),
        cmocka_unit_test(constant_currents_have_a_deviation_of_their_own),
        cmocka_unit_test(the_theorem_as_it_stands_is_an_option),
        cmocka_unit_test(a_soft_reset_is_in_the_means),
    };
    return cmocka_run_group_tests_name("tdbn_moments", tests, NULL, NULL);
}
