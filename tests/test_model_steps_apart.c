/* Layers that tell equal currents at two steps apart, because normalization
 * does or attention: the engine against its plain twin. */
#include "tests/test.h"

#include "core/encoding.h"
#include "tests/plain_parts.h"
#include "tests/twins.h"

static const struct image_shape odd = {7, 9, 3};

static const char *const networks[] = {
    "network = mlp\nnetwork.hidden = [33, 5]\n"
    "network.normalize_linear = true\n",
    "network = csnn\nnetwork.channels = [5, 33]\nnetwork.hidden = [6]\n",
    "network = csnn\nnetwork.channels = [3]\nnetwork.pool = max\n"
    "network.hidden = [5]\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
    "network.order = pre\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 2\n"
    "network.shortcut = sew_add\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
    "network.shortcut = membrane\n"};
static const char *const encodings[] = {"encoding = direct\n",
                                        "encoding = poisson\n",
                                        "encoding = latency\n"};
static const char *const others[] = {
    "neuron = lif\nregularizer = mpd_sgr\nregularizer.range = 0.6\n",
    "neuron = dlif\nneuron.reset = soft\n",
    "neuron = adaptive\nsurrogate = psg\n", "neuron = nlif\n"};

static void check_all(const char *apart, size_t n_steps)
{
    for (size_t i = 0; i < 7 * 3; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "%s%s%s%snetwork.n_steps = %zu\n", networks[i % 7],
            encodings[i / 7], others[i % 4], apart, n_steps);
        twins_expect(text, odd, 4, true);
        twins_expect(text, odd, 3, false);
        arena_close(&arena);
    }
}

static void each_step_has_its_own_norm(void **state)
{
    (void)state;
    check_all("normalization = bntt\n", 3);
}

static void every_encoding_may_differ_by_step_afterwards(void **state)
{
    (void)state;
    for (size_t i = 0; i < encoding_axis.n_kinds; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "network = csnn\nnetwork.channels = [5]\n"
                    "network.hidden = [6]\nnetwork.n_steps = 3\n"
                    "normalization = bntt\nsurrogate = sigmoid\n"
                    "attention = temporal_channel\nencoding = %s\n",
            encoding_axis.kinds[i]->name);
        twins_expect(text, odd, 4, true);
        twins_expect(text, odd, 3, false);
        arena_close(&arena);
    }
}

static void attention_tells_steps_apart(void **state)
{
    (void)state;
    check_all("attention = temporal_channel\nattention.reduction = 4\n"
              "normalization = tdbn\n",
              3);
    check_all("attention = temporal_channel\nattention.reduction = 1\n"
              "normalization = bntt\n",
              2);
    check_all("attention = temporal_channel\nnormalization = none\n", 2);
}

/* One step has nothing to be told apart from. */
static void one_step_is_as_any_layer(void **state)
{
    (void)state;
    twins_expect("network = csnn\nnetwork.channels = [5, 4]\n"
                 "network.hidden = [6]\nnetwork.n_steps = 1\n"
                 "attention = temporal_channel\n",
                 odd, 4, false);
    twins_expect("network = csnn\nnetwork.channels = [5, 4]\n"
                 "network.hidden = [6]\nnetwork.n_steps = 1\n"
                 "normalization = bntt\n",
                 odd, 4, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_has_its_own_norm),
        cmocka_unit_test(attention_tells_steps_apart),
        cmocka_unit_test(every_encoding_may_differ_by_step_afterwards),
        cmocka_unit_test(one_step_is_as_any_layer),
    };
    return cmocka_run_group_tests_name("model steps apart", tests, NULL, NULL);
}
