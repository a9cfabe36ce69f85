/* The plain twin against central differences: with a smooth spike its gradient
 * is a derivative. The engine is then held to the twin (test_model.c). */
#include "tests/test.h"

#include "core/surrogate.h"
#include "tests/plain_model.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

static double worst_seen;

/* A network with weights, an input of its first layer, and labels. */
struct subject {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct plain_model *plain;
    size_t n_values, n_encoded;
    double *values, *encoded, *gradient, *d_encoded;
    uint8_t labels[8];
};

static const struct image_shape tiny = {5, 4, 2};
enum { N_IMAGES = 3, N_CLASSES = 3 };

static struct subject open_subject(const char *text)
{
    struct subject subject = {.arena = arena_open()};
    struct arena *arena = &subject.arena;
    subject.spec = small_spec(text, arena);
    subject.data = small_data(tiny, N_CLASSES, 2, 2, 1, arena);
    return subject;
}

/* In place: the model keeps pointers to the spec and the arena. */
static void make_plain(struct subject *subject)
{
    struct arena *arena = &subject->arena;
    struct plain_model *plain =
        plain_lay_out(&subject->spec, &subject->data, N_IMAGES, arena);
    plain_make_analog(plain);
    plain->smooth = true;
    subject->plain = plain;
    subject->n_values = small_count_values(&subject->spec, &subject->data);
    subject->n_encoded = plain->n_steps * N_IMAGES * image_size(tiny);
    subject->values = ARENA_ARRAY(arena, double, subject->n_values);
    subject->gradient = ARENA_ARRAY(arena, double, subject->n_values);
    subject->encoded = ARENA_ARRAY(arena, double, subject->n_encoded);
    subject->d_encoded = ARENA_ARRAY(arena, double, subject->n_encoded);
    small_fill_values(&subject->spec, &subject->data, 1, 1.5, subject->values);
    for (size_t i = 0; i < subject->n_encoded; i++)
        subject->encoded[i] = sin(1.3 * (double)i * (double)i);
    for (size_t i = 0; i < N_IMAGES; i++)
        subject->labels[i] = (uint8_t)(i % N_CLASSES);
}

static double loss_of(struct subject *subject)
{
    return plain_loss(subject->plain, subject->values, subject->encoded,
                      subject->labels);
}

/* The largest error among n entries, relative to the largest gradient. */
static double largest_error(struct subject *subject, size_t n, double *at,
                            const double *gradient)
{
    double largest = 0, error = 0, h = 1e-5;
    for (size_t i = 0; i < n; i++) {
        double held = at[i];
        at[i] = held + h;
        double above = loss_of(subject);
        at[i] = held - h;
        double below = loss_of(subject);
        at[i] = held;
        largest = fmax(largest, fabs(gradient[i]));
        error = fmax(error, fabs(gradient[i] - (above - below) / (2 * h)));
    }
    assert_true(largest > 1e-6);
    return error / largest;
}

static void expect_small(const char *text, const char *what, double error)
{
    worst_seen = fmax(worst_seen, error);
    if (!(error < 1e-5))
        fail_msg("%s: relative error %g in\n%s", what, error, text);
}

/* Every tensor by itself, so that a small one is not overlooked. */
static void check_tensors(struct subject *subject, const char *text)
{
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n_places = trial_places(&subject->spec, &subject->data, places);
    for (size_t i = 0; i < n_places; i++) {
        size_t n = 1, at = places[i].offset;
        for (size_t k = 0; k < places[i].rank; k++)
            n *= places[i].extent[k];
        if (at < subject->plain->n_parameters)
            expect_small(text, places[i].name,
                         largest_error(subject, n, subject->values + at,
                                       subject->gradient + at));
    }
}

static void check_differences(const char *text, bool train)
{
    struct subject subject = open_subject(text);
    make_plain(&subject);
    subject.plain->train = train;
    loss_of(&subject);
    plain_hold_spikes(subject.plain);
    plain_gradient(subject.plain, subject.values, subject.labels,
                   subject.gradient, subject.d_encoded);
    check_tensors(&subject, text);
    expect_small(text, "input",
                 largest_error(&subject, subject.n_encoded, subject.encoded,
                               subject.d_encoded));
    arena_close(&subject.arena);
}

/* networks ------------------------------------------------------------ */

#define MLP                                                                    \
    "network = mlp\nnetwork.n_steps = 3\nnetwork.hidden = [6, 5]\n"            \
    "surrogate = sigmoid\n"
#define CSNN                                                                   \
    "network = csnn\nnetwork.n_steps = 3\nnetwork.channels = [3, 4]\n"         \
    "network.hidden = [5]\nsurrogate = atan\n"

static void linear_layers_agree_with_differences(void **state)
{
    (void)state;
    check_differences(MLP "normalization = none\n", true);
    check_differences(MLP "network.hidden = [6]\nnetwork.n_steps = 1\n"
                          "normalization = none\n",
                      true);
}

static void convolutions_and_pooling_agree_with_differences(void **state)
{
    (void)state;
    check_differences(CSNN "normalization = none\n", true);
    check_differences(CSNN "normalization = none\nnetwork.pool = max\n", true);
}

static void normalization_agrees_with_differences(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "normalization = batch\n", "normalization = bntt\n",
        "normalization = tdbn\nnormalization.alpha = 0.7\n"
        "neuron.threshold = 0.6\n"};
    for (size_t i = 0; i < 3; i++)
        for (int train = 0; train < 2; train++) {
            struct arena arena = arena_open();
            check_differences(arena_print(&arena, CSNN "neuron = lif\n%s",
                                          kinds[i]),
                              train);
            check_differences(
                arena_print(&arena,
                            MLP "network.normalize_linear = true\n"
                                "neuron = lif\n%s",
                            kinds[i]),
                train);
            arena_close(&arena);
        }
}

/* Strides, shortcuts of both kinds, and the mean over the image. */
static void residual_blocks_agree_with_differences(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "network.widening = 2\nnormalization = none\n"
        "neuron.threshold = 0.2\nneuron.reset = soft\n",
        "network.widening = 2\nnetwork.order = pre\nnormalization = none\n"
        "neuron.threshold = 0.2\nneuron.reset = soft\n",
        "network.widening = 1\nnetwork.order = pre\nnormalization = batch\n"
        "regularizer = mpd_sgr\nregularizer.range = 0.7\n",
        "network.width = 2\nnetwork.widening = 1\n"
        "network.shortcut = membrane\nnormalization = tdbn\n"
        "regularizer = mpd_sgr\nregularizer.range = 0.7\n",
        "network.widening = 2\nnetwork.shortcut = membrane\n"
        "normalization = none\nneuron.reset = soft\n",
        "network.width = 2\nnetwork.widening = 1\n"
        "network.shortcut = sew_add\nnormalization = tdbn\n",
        "network.widening = 2\nnetwork.shortcut = sew_and\n"
        "normalization = none\nneuron.threshold = 0.2\n",
        "network.width = 2\nnetwork.widening = 1\n"
        "network.shortcut = sew_iand\nnormalization = batch\n"
        "regularizer = mpd_sgr\nregularizer.range = 0.7\n",
        "network.widening = 1\nnormalization = tdbn\n"
        "normalization.alpha = 1.7\nneuron.threshold = 0.6\n"
        "regularizer = mpd_sgr\nregularizer.weight = 2\n"
        "regularizer.range = 0.7\n"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        /* Normalization and regularizers alone know of training. */
        for (int train = strstr(kinds[i], "= none") != NULL; train < 2;
             train++) {
            struct arena arena = arena_open();
            check_differences(
                arena_print(&arena,
                            "network = wrn16\nnetwork.width = 1\n"
                            "network.n_steps = 2\nsurrogate = sigmoid\n"
                            "surrogate.slope = 2\n%s",
                            kinds[i]),
                train);
            arena_close(&arena);
        }
}

static void attention_agrees_with_differences(void **state)
{
    (void)state;
    static const char attention[] = "attention = temporal_channel\n"
                                    "attention.reduction = 2\n";
    struct arena arena = arena_open();
    check_differences(arena_print(&arena, CSNN "normalization = tdbn\n%s",
                                  attention),
                      true);
    check_differences(arena_print(&arena, MLP "normalization = none\n%s",
                                  attention),
                      false);
    arena_close(&arena);
}

static void neurons_agree_with_differences(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct arena arena = arena_open();
        const char *neuron = arena_print(
            &arena,
            MLP "normalization = none\nneuron = %s\nneuron.reset = %s\n"
                "neuron.detach_reset = %s\nneuron.threshold = 0.8\n",
            i & 1 ? "if" : "lif", i & 2 ? "soft" : "hard",
            i & 4 ? "true" : "false");
        check_differences(neuron, true);
        arena_close(&arena);
    }
}

static void neurons_values_agree_with_differences(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "plif\n", "plif\nneuron.scale_input = true\n", "dlif\n", "feel\n",
        "slif\n", "slif\nneuron.spike_weight = -0.5\n", "nlif\n",
        "talif\n", "talif\nneuron.delayed = true\n", "cuba\n", "pif\n"};
    for (size_t i = 0; i < 11 * 4; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena,
            "%snormalization = none\nneuron = %s%s"
            "neuron.reset = %s\nneuron.detach_reset = %s\n",
            i % 2 ? MLP : CSNN, kinds[i / 4],
            i / 4 < 10 ? "neuron.threshold = 0.3\n" : "",
            i & 1 ? "soft" : "hard", i & 2 ? "true" : "false");
        check_differences(text, true);
        arena_close(&arena);
    }
    /* Clips, whose slope is that of levels. */
    check_differences(MLP "normalization = none\nneuron = pif\n"
                          "conversion = qcfs\n", true);
    check_differences(CSNN "neuron = pif\nconversion = qcfs\n", true);
}

/* Of learned ones by the relaxed gate. */
static void gates_agree_with_differences(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "dropout\n", "stog\n", "stog\ngate.each_step = false\n",
        "stog\ngate.temperature = 1.5\n"};
    for (size_t i = 0; i < 4; i++)
        for (int train = 0; train < 2; train++) {
            struct arena arena = arena_open();
            check_differences(
                arena_print(&arena, "%sgate = %s", i % 2 ? MLP : CSNN,
                            kinds[i]),
                train);
            arena_close(&arena);
        }
}

/* Of each kind and form. Targets and ranges are such that something is on
 * either side of them. */
static const char *const regularizers[] = {
    "mpd_sgr\nregularizer.range = 0.7\n",
    "mpd_sgr\nregularizer.range = 0.7\nregularizer.statistics = analytic\n",
    "tgo\nregularizer.delta = 0.4\n",
    "pda\nregularizer.range = 0.7\n",
    "pda\nregularizer.range = 0.7\nregularizer.form = share\n",
    "firing_rate\nregularizer.target = 0.4\n",
    "firing_rate\nregularizer.target = 0.1\nregularizer.bound = upper\n",
    "firing_rate\nregularizer.target = 0.9\nregularizer.bound = lower\n"};

static const char *const regularized[] = {
    MLP "normalization = none\n", CSNN,
    CSNN "normalization = tdbn\nneuron = if\nneuron.reset = soft\n"
         "neuron.detach_reset = true\n",
    CSNN "normalization = tdbn\nneuron = plif\nneuron.scale_input = true\n"};

static void regularizers_agree_with_differences(void **state)
{
    (void)state;
    size_t n = sizeof regularizers / sizeof *regularizers;
    for (size_t i = 0; i < 4 * n; i++) {
        struct arena arena = arena_open();
        check_differences(
            arena_print(&arena, "%sregularizer = %sregularizer.weight = 2\n",
                        regularized[i / n], regularizers[i % n]),
            true);
        arena_close(&arena);
    }
}

static void every_surrogate_agrees_with_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < surrogate_axis.n_kinds; i++) {
        const struct kind *kind = surrogate_axis.kinds[i];
        struct arena arena = arena_open();
        check_differences(
            arena_print(&arena,
                        MLP "normalization = none\nsurrogate = %s\n%s%s",
                        kind->name,
                        surrogate_of(kind)->learns_width
                            ? "neuron.detach_reset = true\n"
                            : "",
                        /* superspike's 100 leaves next to no spike */
                        kind_find_row(kind, "slope") ? "surrogate.slope = 2\n"
                                                     : ""),
            true);
        arena_close(&arena);
    }
}

/* The gradient by the width leaves the path through the reset out. */
static void a_learned_width_agrees_with_differences(void **state)
{
    (void)state;
    static const char *const shapes[] = {"triangular", "sigmoid", "atan",
                                         "gaussian"};
    for (size_t i = 0; i < 4; i++) {
        struct arena arena = arena_open();
        check_differences(
            arena_print(&arena,
                        "%snormalization = none\nneuron.detach_reset = true\n"
                        "surrogate = psg\nsurrogate.width = 1.5\n"
                        "surrogate.shape = %s\n",
                        i % 2 ? MLP : CSNN, shapes[i]),
            true);
        arena_close(&arena);
    }
}

/* The difference that detaching makes would not be missed above. */
static void a_detached_gradient_is_not_that_of_the_loss(void **state)
{
    (void)state;
    struct subject subject =
        open_subject(MLP "normalization = none\nneuron = lif\n"
                         "neuron.detach_reset = true\n");
    make_plain(&subject);
    loss_of(&subject);
    plain_gradient(subject.plain, subject.values, subject.labels,
                   subject.gradient, subject.d_encoded);
    assert_true(largest_error(&subject, subject.n_encoded, subject.encoded,
                              subject.d_encoded) > 0.01);
    arena_close(&subject.arena);
}

static int print_worst(void **state)
{
    (void)state;
    print_message("largest relative error: %.1e\n", worst_seen);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_layers_agree_with_differences),
        cmocka_unit_test(convolutions_and_pooling_agree_with_differences),
        cmocka_unit_test(normalization_agrees_with_differences),
        cmocka_unit_test(residual_blocks_agree_with_differences),
        cmocka_unit_test(attention_agrees_with_differences),
        cmocka_unit_test(neurons_agree_with_differences),
        cmocka_unit_test(neurons_values_agree_with_differences),
        cmocka_unit_test(gates_agree_with_differences),
        cmocka_unit_test(regularizers_agree_with_differences),
        cmocka_unit_test(every_surrogate_agrees_with_differences),
        cmocka_unit_test(a_learned_width_agrees_with_differences),
        cmocka_unit_test(a_detached_gradient_is_not_that_of_the_loss),
    };
    return cmocka_run_group_tests_name("plain", tests, NULL, print_worst);
}
