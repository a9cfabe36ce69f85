/* Residual networks whose shortcuts join spikes or carry what membranes take:
 * the engine against its plain twin, and what is handed on. */
#include "tests/test.h"

#include "core/model_parts.h"
#include "tests/plain_parts.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

static const struct image_shape odd = {7, 9, 3};
static const char *const shortcuts[] = {"sew_add", "sew_and", "sew_iand",
                                        "membrane"};
enum { N_SHORTCUTS = 4 };

/* The first shortcut is a convolution in networks that widen at once, and an
 * identity, of what is constant in time under direct encoding, in others. */
static const char *const networks[] = {
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 2\n",
    "network = resnet19\nnetwork.width = 3\n"};
static const char *const encodings[] = {"encoding = direct\n",
                                        "encoding = poisson\n"};
static const char *const others[] = {
    "normalization = none\nneuron = lif\n",
    "normalization = batch\nneuron = if\nneuron.detach_reset = true\n",
    "normalization = tdbn\nnormalization.alpha = 1.2\nneuron.reset = soft\n",
    "normalization = tdbn\nneuron = plif\nregularizer = mpd_sgr\n"
    "regularizer.weight = 0.5\nregularizer.range = 0.6\n",
    "normalization = batch\nneuron = nlif\nsurrogate = sigmoid\n"
    "regularizer = tgo\nregularizer.delta = 0.4\n",
    "normalization = tdbn\nneuron = adaptive\nsurrogate = psg\n"
    "regularizer = firing_rate\nregularizer.weight = 0.5\n",
    "normalization = tdbn\nneuron = dlif\nsurrogate = pdsg\n"};

static void shortcuts_do_what_their_plain_twins_do(void **state)
{
    (void)state;
    size_t n_others = sizeof others / sizeof *others;
    for (size_t i = 0; i < N_SHORTCUTS * 3 * n_others; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "%snetwork.shortcut = %s\nnetwork.n_steps = %d\n%s%s",
            networks[i / N_SHORTCUTS % 3], shortcuts[i % N_SHORTCUTS],
            i % 5 == 0 ? 1 : 3, encodings[i / 3 % 2],
            others[i / N_SHORTCUTS / 3]);
        twins_expect(text, odd, 3, true);
        twins_expect(text, odd, 2, false);
        arena_close(&arena);
    }
}

/* counts -------------------------------------------------------------- */

static uint8_t largest_count(const struct twins *twins, size_t i)
{
    const struct layer *layer = &twins->model->layers[i];
    size_t n = twins->batch.n * twins->model->n_steps * layer->n_out;
    uint8_t most = 0;
    for (size_t k = 0; k < n; k++)
        most = layer->counts[k] > most ? layer->counts[k] : most;
    return most;
}

/* Neurons that always spike show what is joined to what. */
static void check_counts(const char *shortcut, const uint8_t *expected,
                         size_t n_expected)
{
    struct twins twins;
    struct arena arena = arena_open();
    twins_open(&twins,
               arena_print(&arena,
                           "network = resnet19\nnetwork.width = 2\n"
                           "network.n_steps = 2\nnormalization = none\n"
                           "network.shortcut = %s\n",
                           shortcut),
               odd, 2, false);
    struct model *model = twins.model;
    assert_int_equal(model->n_layers, n_expected);
    for (size_t i = 0; i < model->n_layers; i++)
        for (size_t c = 0; c < model->layers[i].spiking.n_channels; c++)
            model->weights[model->layers[i].main.at.shift + c] = 2;
    model_forward_test(model, &twins.batch, NULL);
    for (size_t i = 0; i < n_expected; i++)
        assert_int_equal(largest_count(&twins, i), expected[i]);
    twins_close(&twins);
    arena_close(&arena);
}

/* ResNet-19: a convolution; blocks of two; and where the shape changes those of
 * the shortcut before the block. Sums grow with the blocks of a group, and
 * begin anew with the next. */
static void joined_spikes_are_counted(void **state)
{
    (void)state;
    static const uint8_t add[] = {1, 1, 2, 1, 3, 1, 4,
                                  1, 1, 2, 1, 3, 1, 4, 1, 1, 2, 1, 3};
    static const uint8_t and[] = {1, 1, 1, 1, 1, 1, 1,
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const uint8_t iand[] = {1, 1, 0, 1, 0, 1, 0,
                                   1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0};
    check_counts("sew_add", add, sizeof add);
    check_counts("sew_and", and, sizeof and);
    check_counts("sew_iand", iand, sizeof iand);
}

/* Silent residual branches hand a block's spikes on as they are: the identity
 * that SEW blocks are made for. */
static void a_silent_branch_leaves_the_spikes_as_they_are(void **state)
{
    (void)state;
    static const char *const identities[] = {"sew_add", "sew_iand"};
    for (size_t i = 0; i < 2; i++) {
        struct twins twins;
        struct arena arena = arena_open();
        twins_open(&twins,
                   arena_print(&arena,
                               "network = resnet19\nnetwork.width = 4\n"
                               "normalization = none\n"
                               "network.shortcut = %s\n",
                               identities[i]),
                   odd, 2, false);
        struct model *model = twins.model;
        const struct layer *first = &model->layers[0];
        model_initialize(model, 3);
        for (size_t k = 0; k < 3; k++) {
            const struct layer *layer = &model->layers[2 + 2 * k];
            for (size_t c = 0; c < 4; c++)
                model->weights[layer->main.at.shift + c] = -100;
        }
        for (size_t c = 0; c < 4; c++)
            model->weights[first->main.at.shift + c] = 0.8f;
        model_forward_test(model, &twins.batch, NULL);
        assert_int_equal(largest_count(&twins, 0), 1);
        assert_memory_equal(first->counts, model->layers[6].counts,
                            2 * model->n_steps * first->n_out);
        twins_close(&twins);
        arena_close(&arena);
    }
}

/* With weights of nothing in every block, what the last neurons of a group take
 * is what the first take. */
static void a_membrane_shortcut_carries_the_currents(void **state)
{
    (void)state;
    struct twins twins;
    twins_open(&twins,
               "network = resnet19\nnetwork.width = 4\n"
               "normalization = none\nnetwork.shortcut = membrane\n"
               "encoding = poisson\n",
               odd, 2, false);
    struct model *model = twins.model;
    model_initialize(model, 3);
    for (size_t i = 1; i <= 6; i++) {
        const struct branch *main = &model->layers[i].main;
        memset(model->weights + main->at.weight, 0,
               main->n_weights * sizeof(float));
        memset(model->weights + main->at.shift, 0, 4 * sizeof(float));
    }
    model_forward_test(model, &twins.batch, NULL);
    const struct layer *first = &model->layers[0];
    size_t n = 2 * model_count_currents(&first->main);
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += fabs((double)first->carried[i]);
    assert_true(square > 1);
    for (size_t i = 2; i <= 6; i += 2)
        assert_memory_equal(first->carried, model->layers[i].carried,
                            n * sizeof(float));
    assert_memory_equal(first->counts, model->layers[6].counts,
                        2 * model->n_steps * first->n_out);
    twins_close(&twins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortcuts_do_what_their_plain_twins_do),
        cmocka_unit_test(joined_spikes_are_counted),
        cmocka_unit_test(a_silent_branch_leaves_the_spikes_as_they_are),
        cmocka_unit_test(a_membrane_shortcut_carries_the_currents),
    };
    return cmocka_run_group_tests_name("model shortcuts", tests, NULL, NULL);
}
