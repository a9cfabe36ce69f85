/* The engine's gates against their plain twins'. */
#include "tests/test.h"

#include "tests/small_net.h"
#include "tests/twins.h"

static const struct image_shape odd = {7, 9, 3};

static const char *const encodings[] = {
    "encoding = direct\n", "encoding = poisson\n", "encoding = latency\n"};
static const char *const normalizations[] = {
    "normalization = none\n", "normalization = batch\n",
    "normalization = tdbn\nnormalization.alpha = 1.2\n"};
static const char *const regularizers[] = {
    "regularizer = none\n",
    "regularizer = mpd_sgr\nregularizer.weight = 0.5\n"
    "regularizer.range = 0.6\n"};

/* Before pooling of both sorts, beside shortcuts, beside what else a layer
 * learns and draws; dropout in training, learned gates everywhere. */
static void gates_open_as_their_plain_twins_do(void **state)
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
    static const char *const gates[] = {
        "gate = dropout\ngate.rate = 0.3\n",
        "gate = dropout\ngate.rate = 0.2\ngate.each_step = true\n",
        "gate = dropout\ngate.only_linear = true\n", "gate = stog\n",
        "gate = stog\ngate.each_step = false\ngate.temperature = 1.5\n",
        "gate = stog\ngate.gradient = published\n"};
    static const char *const others[] = {
        "neuron = lif\n", "neuron = feel\nsurrogate = psg\n",
        "neuron = nlif\nneuron.reset = soft\n"};
    for (size_t i = 0; i < 5 * 6 * 3; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "%s%s%s%s%s%snetwork.n_steps = %zu\n", networks[i % 5],
            gates[i / 5 % 6], others[i / 30], encodings[i % 3],
            normalizations[i / 2 % 3], regularizers[i / 3 % 2],
            i % 4 + 1);
        twins_expect(text, odd, 3, true);
        twins_expect(text, odd, 3, false);
        arena_close(&arena);
    }
}

/* Gates close before spikes are joined. */
static void gates_close_as_their_plain_twins_do(void **state)
{
    (void)state;
    static const char *const networks[] = {
        "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
        "network = resnet19\nnetwork.width = 3\n"};
    static const char *const shortcuts[] = {"sew_add", "sew_and", "sew_iand",
                                            "membrane"};
    for (size_t i = 0; i < 2 * 4; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "%snetwork.shortcut = %s\nnetwork.n_steps = 3\n"
                    "gate = stog\n",
            networks[i / 4], shortcuts[i % 4]);
        twins_expect(text, odd, 3, true);
        twins_expect(text, odd, 3, false);
        arena_close(&arena);
    }
}

static void scaled_spikes_are_not_joined(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("network = resnet19\n"
                                  "network.shortcut = sew_add\n"
                                  "gate = dropout\n",
                                  &arena);
    assert_non_null(spec_objection(&spec, &arena));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates_open_as_their_plain_twins_do),
        cmocka_unit_test(gates_close_as_their_plain_twins_do),
        cmocka_unit_test(scaled_spikes_are_not_joined),
    };
    return cmocka_run_group_tests_name("model_gates", tests, NULL, NULL);
}
