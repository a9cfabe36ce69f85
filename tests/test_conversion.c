/* An analog network and the spiking one that takes its weights over. */
#include "tests/neuron_twin.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"
#include "tests/twins.h"

#include "core/conversion.h"

#include <math.h>
#include <string.h>

/* one neuron ---------------------------------------------------------- */

static const float lambdas[] = {0.5f, 1, 3};
static const size_t levels[] = {1, 4, 8, 63};

/* Calls `check` for currents from -lambda to 2 lambda, none of them at a jump
 * of so many levels. */
static void for_all_currents(void (*check)(float lambda, size_t n_levels,
                                           float z))
{
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 4; k++)
            for (int at = -200; at < 400; at++) {
                double z = ((double)at + 0.37) / 200 * (double)lambdas[i];
                double jump = z / (double)lambdas[i] * (double)levels[k] + 0.5;
                if (fabs(jump - round(jump)) > 1e-4)
                    check(lambdas[i], levels[k], (float)z);
            }
}

/* The paper's h and its derivatives. */
static double h_of(double lambda, double n_levels, double z)
{
    double level = floor(z * n_levels / lambda + 0.5);
    return lambda / n_levels * fmin(fmax(level, 0), n_levels);
}

static double h_by_z(double lambda, double z)
{
    return z > 0 && z < lambda ? 1 : 0;
}

static double h_by_lambda(double lambda, double n_levels, double z)
{
    if (z > 0 && z < lambda)
        return (h_of(lambda, n_levels, z) - z) / lambda;
    return z > 0 ? 1 : 0;
}

static struct neuron_sample make_pif(struct arena *arena)
{
    struct neuron_sample sample = neuron_sample_make(
        kind_find(&neuron_axis, "pif"), 1, false, false, arena);
    const struct row *row = kind_find_row(&sample.neuron->kind, "initial");
    assert_int_equal(row_set(row, "0.5", sample.params, arena), STATUS_OK);
    return sample;
}

/* What a neuron hands on, times lambda, is h. */
static void check_activation(float lambda, size_t n_levels, float z)
{
    struct arena arena = arena_open();
    struct neuron_sample sample = make_pif(&arena);
    const struct neuron_activation *activation = sample.neuron->activation;
    float x = 0, s, g = 0, d_s = 1, d_own = 7;
    struct neuron_tile tile = {1, 1, {&lambda}, &z, &x, &s, NULL};
    struct neuron_gradients gradients = {&g, &d_s, NULL, &d_s, {&d_own}};
    activation->forward(sample.params, n_levels, &tile);
    activation->backward(sample.params, &tile, &gradients);
    double at = (double)lambda, current = (double)z, n = (double)n_levels;
    double value = (double)s / n;
    assert_true(fabs(at * value - h_of(at, n, current)) < 1e-6);
    assert_true(fabs(at * (double)d_s - h_by_z(at, current)) < 1e-6);
    assert_true(fabs(value + at * (double)d_own -
                     h_by_lambda(at, n, current)) < 1e-6);
    arena_close(&arena);
}

static void an_activation_and_its_gradients_are_the_papers(void **state)
{
    (void)state;
    for_all_currents(check_activation);
}

static double count_spikes(float lambda, size_t n_steps, float current)
{
    struct arena arena = arena_open();
    struct neuron_sample sample = make_pif(&arena);
    float z[63], x[63], s[63];
    struct neuron_tile tile = {n_steps, 1, {&lambda}, z, x, s, NULL};
    double n_spikes = 0;
    for (size_t t = 0; t < n_steps; t++)
        z[t] = current;
    sample.neuron->forward(sample.params, &tile);
    for (size_t t = 0; t < n_steps; t++)
        n_spikes += (double)s[t];
    arena_close(&arena);
    return n_spikes;
}

/* Of T = L steps of a constant current; with other steps than levels it is the
 * activation of as many levels as there are steps. */
static void check_rate(float lambda, size_t n_steps, float z)
{
    double rate = count_spikes(lambda, n_steps, z) / (double)n_steps;
    double h = h_of((double)lambda, (double)n_steps, (double)z);
    assert_true(fabs((double)lambda * rate - h) < 1e-6);
}

static void a_neuron_fires_at_the_rate_of_its_activation(void **state)
{
    (void)state;
    for_all_currents(check_rate);
}

/* networks ------------------------------------------------------------ */

static const char *const networks[] = {
    "network = mlp\nnetwork.hidden = [33, 5]\n",
    "network = csnn\nnetwork.channels = [5, 70]\nnetwork.hidden = [6]\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
    "network.order = pre\n",
    "network = resnet19\nnetwork.width = 2\nnetwork.shortcut = membrane\n"};
static const char *const normalizations[] = {
    "normalization = batch\n", "normalization = tdbn\n",
    "normalization = none\n"};

/* In training; or as adversaries of training see the network. */
static void check_network(const char *text, bool train)
{
    struct twins twins;
    twins_open(&twins, text, (struct image_shape){7, 9, 3}, 3, true);
    twins.train = twins.plain->train = train;
    twins_run_alike(&twins);
    assert_int_equal(twins.model->n_steps, 1);
    twins_close(&twins);
}

/* Of many levels in a large network some activation is always near a jump. */
static void an_analog_network_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    static const size_t few[] = {1, 2, 4, 8};
    for (size_t i = 0; i < 5 * 4; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena,
            "%s%snetwork.n_steps = 5\nneuron = pif\nneuron.reset = soft\n"
            "conversion = qcfs\nconversion.n_levels = %zu\n",
            networks[i / 4], normalizations[i % 3],
            i < 4 ? levels[i % 4] : few[i % 4]);
        check_network(text, true);
        check_network(text, false);
        arena_close(&arena);
    }
}

/* trials -------------------------------------------------------------- */

#define CONVERTED                                                              \
    SMALL_CSNN "neuron = pif\nneuron.reset = soft\nconversion = qcfs\n"

static void what_is_measured_and_attacked_is_the_spiking_network(void **state)
{
    (void)state;
    struct small_trial trial;
    struct record record;
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    small_trial_train(&trial, CONVERTED "network.n_steps = 3\n");
    assert_int_equal(trial.run.n_bytes,
                     trial_memory(&trial.spec, &trial.data,
                                  (struct trial_means){0}));
    double analog = *record_f64(&trial.record, FIELD_ANALOG_ACCURACY);
    double clean = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    assert_true(analog > 0.8 && analog <= 1);
    assert_int_equal(trial.record.extent[DIM_STEP], 3);
    struct spec spec = small_spec(
        CONVERTED "network.n_steps = 3\nattack = fgsm\n"
                  "attack.epsilons = [0, 0.1]\n", &trial.arena);
    assert_int_equal(trial_evaluate(&spec, &trial.data, &trial.weights, &hooks,
                                    &trial.run, &record), STATUS_OK);
    assert_true(record_f64(&record, FIELD_ROBUST_ACCURACY)[0] == clean);
    assert_memory_equal(record_u8(&record, FIELD_ROBUST_PREDICTION),
                        record_u8(&trial.record, FIELD_CLEAN_PREDICTION), 50);
    small_trial_close(&trial);
}

static void without_conversion_there_is_no_analog_accuracy(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, SMALL_CSNN "neuron = pif\n");
    assert_true(isnan(*record_f64(&trial.record, FIELD_ANALOG_ACCURACY)));
    small_trial_close(&trial);
}

/* The weights that come of it do not know of the spiking network's steps. */
static void the_steps_are_no_part_of_the_training(void **state)
{
    (void)state;
    struct small_trial few, many;
    small_trial_train(&few, CONVERTED "network.n_steps = 2\n");
    small_trial_train(&many, CONVERTED "network.n_steps = 7\n");
    assert_int_equal(few.weights.n, many.weights.n);
    assert_memory_equal(few.weights.at, many.weights.at,
                        few.weights.n * sizeof(float));
    assert_true(*record_f64(&few.record, FIELD_ANALOG_ACCURACY) ==
                *record_f64(&many.record, FIELD_ANALOG_ACCURACY));
    small_trial_close(&few);
    small_trial_close(&many);
}

/* Lambda is learned, in every layer. */
static void training_moves_lambda(void **state)
{
    (void)state;
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    struct small_trial trial;
    small_trial_train(&trial, CONVERTED);
    size_t n_lambdas = 0, n = trial_places(&trial.spec, &trial.data, places);
    for (size_t i = 0; i < n; i++)
        if (strstr(places[i].name, "lambda")) {
            assert_true(trial.weights.at[places[i].offset] != 1.0f);
            n_lambdas++;
        }
    assert_int_equal(n_lambdas, 2);
    small_trial_close(&trial);
}

/* refusals ------------------------------------------------------------ */

static void what_cannot_be_converted_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", NULL},
        {"neuron = if\nneuron.reset = soft\n", "needs a neuron"},
        {"neuron.reset = hard\n", "needs neuron.reset = soft"},
        {"encoding = poisson\n", "encoding direct"},
        {"network = csnn\nnetwork.pool = max\n", "average pooling"},
        {"network = resnet18\nnetwork.shortcut = sew_add\n", "join spikes"},
        {"normalization = bntt\n", "each step is normalized"},
        {"gate = stog\n", "the gates are learned"},
        {"regularizer = gradient_sparsity\n", "regularizers are of spiking"},
        {"attention = temporal_channel\n", "the attention is over steps"},
        {"gate = dropout\n", NULL},
        {"loss = tet\n", "the loss is of each time step"},
        {"regularizer = mpd_sgr\n", "regularizers are of spiking"},
        {"regularizer = firing_rate\n", "regularizers are of spiking"},
        {"surrogate = psg\n", "the surrogate learns its width"},
        {"training = dummy\n", "training dummy has no network"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = arena_open();
        struct spec spec = small_spec(
            arena_print(&arena, "network = csnn\nneuron = pif\n"
                                "neuron.reset = soft\nconversion = qcfs\n%s",
                        cases[i][0]),
            &arena);
        const char *objection = spec_objection(&spec, &arena);
        if (!cases[i][1])
            assert_null(objection);
        else if (!objection || !strstr(objection, cases[i][1]))
            fail_msg("%s is refused with %s", cases[i][0], objection);
        arena_close(&arena);
    }
}

static void the_default_changes_no_identity(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("network = csnn\n", &arena);
    assert_int_equal(conversion_count_levels(&spec), 0);
    assert_null(strstr(spec_print_identity(&spec, &arena), "conversion"));
    spec = small_spec("conversion = qcfs\n", &arena);
    assert_int_equal(conversion_count_levels(&spec), 4);
    assert_non_null(strstr(spec_print_identity(&spec, &arena),
                           "conversion = qcfs\nconversion.n_levels = 4\n"));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_activation_and_its_gradients_are_the_papers),
        cmocka_unit_test(a_neuron_fires_at_the_rate_of_its_activation),
        cmocka_unit_test(an_analog_network_does_what_its_plain_twin_does),
        cmocka_unit_test(what_is_measured_and_attacked_is_the_spiking_network),
        cmocka_unit_test(without_conversion_there_is_no_analog_accuracy),
        cmocka_unit_test(the_steps_are_no_part_of_the_training),
        cmocka_unit_test(training_moves_lambda),
        cmocka_unit_test(what_cannot_be_converted_is_refused),
        cmocka_unit_test(the_default_changes_no_identity),
    };
    return cmocka_run_group_tests_name("conversion", tests, NULL, NULL);
}
