/* The engine against its plain twin, over a matrix of networks. */
#include "tests/test.h"

#include "tests/plain_parts.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

static struct twins_errors worst;

static void note(struct twins_errors errors)
{
    worst.logits = fmax(worst.logits, errors.logits);
    worst.loss = fmax(worst.loss, errors.loss);
    worst.parameters = fmax(worst.parameters, errors.parameters);
    worst.images = fmax(worst.images, errors.images);
    worst.statistics = fmax(worst.statistics, errors.statistics);
}

static void expect_twins(const char *text, struct image_shape shape,
                         size_t n_images, bool train)
{
    note(twins_expect(text, shape, n_images, train));
}

/* the matrix ---------------------------------------------------------- */

static const char *const encodings[] = {
    "encoding = direct\n", "encoding = poisson\n", "encoding = latency\n"};
static const char *const normalizations[] = {
    "normalization = none\n", "normalization = batch\n",
    "normalization = tdbn\nnormalization.alpha = 1.2\n"};
static const char *const neurons[] = {
    "neuron = lif\n", "neuron = lif\nneuron.reset = soft\n",
    "neuron = if\nneuron.detach_reset = true\n",
    "neuron = if\nneuron.reset = soft\nneuron.detach_reset = true\n"
    "neuron.threshold = 0.7\n"};
/* Kinds with values of their own, by layer, step, neuron; and with noise. */
static const char *const learned[] = {
    "neuron = plif\n", "neuron = plif\nneuron.scale_input = true\n"
    "neuron.reset = soft\nneuron.threshold = 0.3\n",
    "neuron = dlif\nneuron.leak = 0.5\n",
    "neuron = dlif\nneuron.reset = soft\nneuron.detach_reset = true\n",
    "neuron = feel\n", "neuron = feel\nneuron.reset = soft\n"
    "neuron.threshold = 0.8\n",
    "neuron = slif\n", "neuron = slif\nneuron.reset = soft\n"
    "neuron.spike_weight = -0.5\nneuron.detach_reset = true\n",
    "neuron = nlif\n", "neuron = nlif\nneuron.deviation = 1.5\n"
    "neuron.reset = soft\n",
    "neuron = adaptive\n", "neuron = adaptive\nneuron.leak = 0.7\n"
    "neuron.reset = soft\nsurrogate = psg\n",
    "neuron = talif\n", "neuron = talif\nneuron.delayed = true\n"
    "neuron.reset = soft\nneuron.leak = 0.5\n",
    "neuron = pif\nneuron.reset = soft\nneuron.initial = 0.3\n",
    "neuron = pif\n",
    "neuron = cuba\n", "neuron = cuba\nneuron.synaptic_leak = 0.9\n"
    "neuron.reset = soft\nneuron.leak = 0.8\n"};
static const char *const surrogates[] = {
    "surrogate = triangular\n", "surrogate = rectangular\n",
    "surrogate = sigmoid\n", "surrogate = superspike\nsurrogate.slope = 10\n",
    "surrogate = atan\n"};
static const char *const regularizers[] = {
    "regularizer = none\n",
    "regularizer = mpd_sgr\nregularizer.weight = 0.5\n"
    "regularizer.range = 0.6\n"};
static const struct {
    size_t n_steps, n_images;
} sizes[] = {{1, 3}, {4, 1}, {5, 3}, {4, 3}};

/* All pairs of encoding, normalization, neuron and size; surrogates and
 * regularizers take turns. Where all rows of a batch are one and the same row
 * (a linear layer of one image; the latency code of a single step, which is
 * 1 everywhere) normalization divides rounding errors by nothing: left out. */
static void run_matrix(const char *network, bool linear,
                       struct image_shape shape)
{
    for (size_t i = 0; i < 3 * 3 * 4 * 4; i++) {
        struct arena arena = arena_open();
        size_t n_steps = sizes[i / 36].n_steps;
        size_t n_images = sizes[i / 36].n_images;
        bool same = i % 3 == 2 && n_steps == 1;
        const char *text = arena_print(
            &arena,
            "%s%s%s%s%s%snetwork.n_steps = %zu\n%s",
            network, encodings[i % 3],
            normalizations[same ? 0 : i / 3 % 3], neurons[i / 9 % 4],
            surrogates[i % 5], regularizers[i / 2 % 2], n_steps,
            linear && n_images > 1 ? "network.normalize_linear = true\n"
                                   : "");
        expect_twins(text, shape, n_images, true);
        expect_twins(text, shape, n_images, false);
        arena_close(&arena);
    }
}

/* Neurons' own values in all kinds of layers: pooled and at odd edges, beside
 * shortcuts, of currents that are the same at all steps, in tiles of which
 * there are several. */
static void neurons_learn_what_their_plain_twins_do(void **state)
{
    (void)state;
    static const char *const networks[] = {
        "network = mlp\nnetwork.hidden = [33, 5]\n",
        "network = csnn\nnetwork.channels = [5, 70]\nnetwork.hidden = [6]\n",
        "network = csnn\nnetwork.channels = [3]\nnetwork.pool = max\n"
        "network.hidden = [5]\n",
        "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
        "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
        "network.order = pre\n"};
    for (size_t i = 0; i < 5 * 16; i++) {
        struct arena arena = arena_open();
        bool same = i % 3 == 2 && sizes[i % 4].n_steps == 1;
        const char *text = arena_print(
            &arena, "%s%s%s%s%snetwork.n_steps = %zu\n", networks[i % 5],
            learned[i / 5], encodings[i % 3],
            normalizations[same ? 0 : i / 2 % 3],
            regularizers[i / 3 % 2], sizes[i % 4].n_steps);
        struct image_shape shape = {7, 9, 3};
        size_t n = i % 3 == 2 ? 3 : sizes[i % 4].n_images;
        expect_twins(text, shape, n, true);
        expect_twins(text, shape, n, false);
        arena_close(&arena);
    }
}

static const struct image_shape odd = {7, 9, 3};

static void an_mlp_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = mlp\nnetwork.hidden = [33, 5]\n", true, odd);
}

static void a_csnn_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = csnn\nnetwork.channels = [5, 33]\n"
               "network.hidden = [6]\n",
               true, odd);
}

static void a_csnn_of_maxima_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = csnn\nnetwork.channels = [3]\nnetwork.pool = max\n"
               "network.hidden = [5]\n",
               true, odd);
}

/* Whatever shape it gives to what the first layer takes. */
static void every_encoding_enters_the_first_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < encoding_axis.n_kinds; i++) {
        struct arena arena = arena_open();
        const char *name = encoding_axis.kinds[i]->name;
        const char *mlp = arena_print(
            &arena, "network = mlp\nnetwork.hidden = [33]\n"
                    "network.n_steps = 3\nencoding = %s\n", name);
        const char *csnn = arena_print(
            &arena, "network = csnn\nnetwork.channels = [5]\n"
                    "network.hidden = [6]\nnetwork.n_steps = 3\n"
                    "encoding = %s\n", name);
        expect_twins(mlp, odd, 3, true);
        expect_twins(mlp, odd, 3, false);
        expect_twins(csnn, odd, 2, true);
        expect_twins(csnn, odd, 2, false);
        arena_close(&arena);
    }
}

/* Fitted to the batch's neurons, in training and in attacks. */
static void a_fitted_surrogate_follows_as_its_plain_twin_does(void **state)
{
    (void)state;
    static const char *const surrogates_fitted[] = {
        "surrogate = pdsg\n", "surrogate = mpd_agl\n",
        "surrogate = ds_atgo\n",
        "surrogate = psg\nsurrogate.width = 2\n"};
    static const char *const others[] = {
        "encoding = poisson\nnormalization = tdbn\nneuron.leak = 0.5\n",
        "normalization = batch\nneuron = if\nneuron.threshold = 0.7\n",
        "normalization = tdbn\nneuron.reset = soft\nregularizer = mpd_sgr\n"
        "regularizer.range = 0.6\n"};
    for (size_t i = 0; i < 12; i++) {
        struct arena arena = arena_open();
        const char *rest = arena_print(&arena, "network.n_steps = 4\n%s%s",
                                       surrogates_fitted[i % 4],
                                       others[i / 4]);
        const char *mlp = arena_print(
            &arena, "network = mlp\nnetwork.hidden = [33, 5]\n%s", rest);
        const char *csnn = arena_print(
            &arena, "network = csnn\nnetwork.channels = [5, 33]\n"
                    "network.hidden = [6]\n%s", rest);
        const char *wrn = arena_print(
            &arena, "network = wrn16\nnetwork.width = 4\n"
                    "network.widening = 1\n%s", rest);
        for (int train = 0; train < 2; train++) {
            expect_twins(mlp, odd, 3, train);
            expect_twins(csnn, odd, 3, train);
            expect_twins(wrn, odd, 3, train);
        }
        arena_close(&arena);
    }
}

static void a_wrn16_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
               false, odd);
    run_matrix("network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
               "network.order = pre\n",
               false, odd);
}

static void a_vgg11_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "network.n_steps = 1\n", "network.n_steps = 4\nnetwork.pool = max\n",
        "network.n_steps = 4\nregularizer = mpd_sgr\nnormalization = none\n",
        "network.n_steps = 3\nencoding = poisson\nneuron.reset = soft\n"};
    for (size_t i = 0; i < 4; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "network = vgg11\nnetwork.width = %d\n%s",
            i % 2 == 0 ? 1 : 4, cases[i]);
        expect_twins(text, (struct image_shape){32, 33, 1}, 3, true);
        expect_twins(text, (struct image_shape){35, 32, 1}, 2, false);
        arena_close(&arena);
    }
}

/* Where rates are away from their targets and moments from the edges, and where
 * the last pixels of a line are pooled with nothing. */
static void every_regularizer_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "mpd_sgr\nregularizer.range = 0.6\n",
        "mpd_sgr\nregularizer.statistics = analytic\n",
        "mpd_sgr\nregularizer.statistics = analytic\n"
        "regularizer.first_layer = independent\n",
        "tgo\nregularizer.delta = 0.4\n",
        "pda\n",
        "pda\nregularizer.form = share\n",
        "firing_rate\nregularizer.target = 0.3\n",
        "firing_rate\nregularizer.bound = upper\n",
        "firing_rate\nregularizer.target = 0.8\nregularizer.bound = lower\n"};
    static const char *const others[] = {
        "network = mlp\nnetwork.hidden = [33, 5]\nneuron.reset = soft\n"
        "network.normalize_linear = true\n",
        "network = csnn\nnetwork.channels = [5, 33]\nnetwork.hidden = [6]\n"
        "encoding = poisson\n",
        "network = csnn\nnetwork.channels = [5]\nnetwork.hidden = [6]\n"
        "network.pool = max\nneuron = if\n",
        "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
        "network.order = pre\nneuron.leak = 0.8\n",
        "network = csnn\nnetwork.channels = [5]\nnetwork.hidden = [6]\n"
        "neuron = plif\nneuron.leak = 0.7\n",
        "network = csnn\nnetwork.channels = [5]\nnetwork.hidden = [6]\n"
        "neuron = plif\nneuron.scale_input = true\n"};
    for (size_t i = 0; i < 9 * 6; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena,
            "%snetwork.n_steps = 4\nnormalization = tdbn\n"
            "normalization.alpha = 0.8\nsurrogate.width = 0.9\n"
            "regularizer = %sregularizer.weight = 2\n",
            others[i / 9], kinds[i % 9]);
        expect_twins(text, odd, 3, true);
        arena_close(&arena);
    }
}

/* sizes --------------------------------------------------------------- */

/* Sizes at which tiles, chunks and products come in several pieces, the last
 * of them incomplete. */
static void sizes_beyond_a_tile_are_no_exception(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct image_shape shape;
        size_t n_images;
    } cases[] = {
        {"network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [70, 35]\n"
         "network.hidden = [4]\n", {8, 6, 1}, 2},
        {"network = csnn\nnetwork.n_steps = 32\nnetwork.channels = [33]\n"
         "network.hidden = [3]\nencoding = poisson\n", {5, 4, 1}, 2},
        {"network = csnn\nnetwork.n_steps = 2\nnetwork.channels = [6, 9]\n"
         "network.hidden = [8]\nregularizer = mpd_sgr\n", {28, 28, 1}, 3},
        {"network = csnn\nnetwork.n_steps = 2\nnetwork.channels = [300, 3]\n"
         "network.hidden = [4]\n", {4, 5, 1}, 2},
        {"network = mlp\nnetwork.n_steps = 3\nnetwork.hidden = [1100]\n",
         {6, 6, 1}, 2},
        {"network = mlp\nnetwork.n_steps = 32\nnetwork.hidden = [40, 35]\n"
         "encoding = latency\n", {6, 5, 1}, 20},
        {"network = mlp\nnetwork.n_steps = 1\nnetwork.hidden = [17]\n"
         "network.normalize_linear = true\n", {3, 3, 1}, 300},
        {"network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [1, 1]\n"
         "network.hidden = [1]\n", {4, 4, 1}, 9},
        {"network = mlp\nnetwork.hidden = [60]\n", {1, 3, 1}, 5},
        {"network = wrn16\nnetwork.n_steps = 4\nnetwork.width = 8\n"
         "network.widening = 2\n", {8, 9, 3}, 2},
        {"network = wrn16\nnetwork.n_steps = 4\nnetwork.width = 8\n"
         "network.widening = 2\nnetwork.order = pre\n", {8, 9, 3}, 2},
        {"network = wrn16\nnetwork.n_steps = 1\nnetwork.width = 16\n"
         "network.widening = 1\n", {13, 12, 1}, 2},
        {"network = wrn16\nnetwork.n_steps = 2\nnetwork.width = 3\n"
         "network.widening = 1\n", {1, 1, 3}, 4},
        {"network = wrn16\nnetwork.n_steps = 3\nnetwork.width = 5\n"
         "network.widening = 3\nregularizer = mpd_sgr\n", {9, 10, 3}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_twins(cases[i].text, cases[i].shape, cases[i].n_images, true);
        expect_twins(cases[i].text, cases[i].shape, cases[i].n_images, false);
    }
}

/* A channel that never spikes sits at x = -V_th, where the regularizer is
 * steepest if its range is V_th, and hardly varies. */
static void a_nearly_silent_network_is_regularized_like_any_other(void **state)
{
    (void)state;
    static const double spreads[] = {0.3, 0.03, 0.01, 0.001};
    for (size_t i = 0; i < 4; i++) {
        struct twins twins;
        twins_open(&twins,
                   "network = csnn\nnetwork.channels = [5, 6]\n"
                   "network.hidden = [4]\nnormalization = none\n"
                   "regularizer = mpd_sgr\nregularizer.weight = 1\n",
                   (struct image_shape){16, 14, 1}, 4, true);
        twins.spread = spreads[i];
        note(twins_run_alike(&twins));
        twins_close(&twins);
    }
}

static int print_worst(void **state)
{
    (void)state;
    print_message("largest relative errors: logits %.1e, loss %.1e, "
                  "parameters' gradients %.1e, images' gradients %.1e, "
                  "running statistics %.1e\n",
                  worst.logits, worst.loss, worst.parameters, worst.images,
                  worst.statistics);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_mlp_does_what_its_plain_twin_does),
        cmocka_unit_test(a_csnn_does_what_its_plain_twin_does),
        cmocka_unit_test(every_encoding_enters_the_first_layer),
        cmocka_unit_test(a_fitted_surrogate_follows_as_its_plain_twin_does),
        cmocka_unit_test(a_csnn_of_maxima_does_what_its_plain_twin_does),
        cmocka_unit_test(a_wrn16_does_what_its_plain_twin_does),
        cmocka_unit_test(a_vgg11_does_what_its_plain_twin_does),
        cmocka_unit_test(neurons_learn_what_their_plain_twins_do),
        cmocka_unit_test(every_regularizer_does_what_its_plain_twin_does),
        cmocka_unit_test(sizes_beyond_a_tile_are_no_exception),
        cmocka_unit_test(a_nearly_silent_network_is_regularized_like_any_other),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, print_worst);
}
