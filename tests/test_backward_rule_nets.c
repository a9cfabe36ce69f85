/* The engine and its plain twin under the rules by which attacks go back, and
 * attacks by them. */
#include "tests/test.h"

#include "core/backward_rule.h"
#include "core/network.h"
#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

#define RGA "attack_rule = rga\n"
#define RELU "attack_rule = conversion\nattack_rule.activation = relu\n"

/* networks ------------------------------------------------------------ */

static const struct image_shape odd = {7, 9, 3};

static const char *const rules[] = {
    "attack_rule = bptr\n",
    RGA,
    RGA "attack_rule.gamma = 0.5\nattack_rule.extent = 0.3\n",
    "attack_rule = conversion\n",
    RELU,
    "attack_rule = hart\n",
    "attack_rule = hart\nattack_rule.gamma = 0.4\n"};
enum { N_RULES = sizeof rules / sizeof *rules };

static const char *const networks[] = {
    "network = mlp\nnetwork.hidden = [30, 17]\n",
    "network = csnn\nnetwork.channels = [5, 18]\nnetwork.hidden = [11]\n",
    "network = csnn\nnetwork.channels = [5, 6]\nnetwork.pool = max\n"
    "attention = temporal_channel\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
    "network.shortcut = sew_iand\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
    "network.shortcut = sew_add\n",
    "network = resnet19\nnetwork.width = 3\nnetwork.shortcut = membrane\n"};

static const char *const others[] = {
    "neuron = lif\n",
    "neuron = if\nnormalization = batch\n",
    "neuron = plif\nneuron.scale_input = true\nneuron.threshold = 0.3\n"
    "encoding = poisson\n",
    "neuron = nlif\nneuron.reset = soft\nnormalization = none\n",
    "neuron = pif\nneuron.reset = soft\nsurrogate = psg\n",
    "neuron = lif\nneuron.threshold = 0.2\ngate = stog\ngate.keep = 0.95\n"
    "surrogate = pdsg\n"};

enum { N_PIXELS = 2 * 7 * 9 * 3 };

static double find_largest(const float gradient[N_PIXELS])
{
    double largest = 0;
    for (size_t i = 0; i < N_PIXELS; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    return largest;
}

/* Weights so large that neurons of all layers spike, but not always. */
static void run_alike(const char *network, const char *other, const char *rule,
                      int n_steps, float gradient[N_PIXELS])
{
    struct arena arena = arena_open();
    const char *text =
        arena_print(&arena, "%snetwork.n_steps = %d\n%sattack = fgsm\n%s",
                    network, n_steps, other, rule);
    struct twins twins;
    twins_open(&twins, text, odd, 2, false);
    twins.spread = 3;
    twins_run_alike(&twins);
    memcpy(gradient, twins.d_images, N_PIXELS * sizeof *gradient);
    if (!(find_largest(gradient) > 1e-6))
        fail_msg("no gradient in\n%s", text);
    twins_close(&twins);
    arena_close(&arena);
}

static void expect_alike(const char *network, const char *other,
                         const char *rule, int n_steps)
{
    float gradient[N_PIXELS];
    run_alike(network, other, rule, n_steps, gradient);
}

static void rules_do_what_their_plain_twins_do(void **state)
{
    (void)state;
    size_t n_networks = sizeof networks / sizeof *networks;
    size_t n_others = sizeof others / sizeof *others;
    for (size_t i = 0; i < n_networks; i++)
        for (size_t k = 0; k < N_RULES; k++)
            expect_alike(networks[i], others[(i + k) % n_others], rules[k],
                         k % 3 == 0 ? 5 : 3);
    for (size_t i = 0; i < n_others * N_RULES; i++)
        expect_alike(networks[1], others[i % n_others], rules[i / n_others],
                     3 + (int)(i % 3));
    for (size_t k = 0; k < N_RULES; k++)
        expect_alike(networks[1], "neuron = lif\nneuron.threshold = 0.4\n",
                     rules[k], 1);
}

/* Others have states of more than a potential, or constants by step. */
static void hart_and_bptr_know_every_neuron(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    for (size_t i = 0; i < neuron_axis.n_kinds; i++) {
        const char *neuron =
            arena_print(&arena, "neuron = %s\n", neuron_axis.kinds[i]->name);
        expect_alike(networks[1], neuron, rules[0], 4);
        expect_alike(networks[1], neuron, "attack_rule = hart\n", 4);
    }
    arena_close(&arena);
}

static double difference_of(const char *rule, const char *other)
{
    float a[N_PIXELS], b[N_PIXELS];
    run_alike(networks[1], "neuron = lif\n", rule, 4, a);
    run_alike(networks[1], "neuron = lif\n", other, 4, b);
    for (size_t i = 0; i < N_PIXELS; i++)
        b[i] -= a[i];
    return find_largest(b) / find_largest(a);
}

static void no_two_rules_have_one_gradient(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_RULES; i++) {
        assert_true(difference_of("", rules[i]) > 0.01);
        for (size_t k = 0; k < i; k++)
            assert_true(difference_of(rules[k], rules[i]) > 0.01);
    }
    assert_true(difference_of("", "attack_rule = bptt\n") == 0);
}

/* attacks ------------------------------------------------------------- */

#define PGD "pgd\nattack.n_steps = 5\nattack.epsilons = [0, 0.05, 0.15]\n"

static struct digest digest_under(const struct small_trial *trial,
                                  const char *attack)
{
    struct evaluation evaluation;
    evaluate_well(trial, SMALL_MLP, attack, &evaluation);
    struct digest digest = record_digest(&evaluation.record);
    arena_close(&evaluation.arena);
    return digest;
}

static void results_are_the_same_in_any_batches(void **state)
{
    (void)state;
    struct small_trial trial;
    struct arena arena = arena_open();
    small_trial_train(&trial, SMALL_MLP);
    for (size_t i = 0; i < N_RULES; i++) {
        const char *attack = arena_print(&arena, PGD "%s", rules[i]);
        assert_true(digest_equal(
            digest_under(&trial, attack),
            digest_under(&trial, arena_print(&arena,
                                             "%sattack.batch_size = 7\n",
                                             attack))));
    }
    small_trial_close(&trial);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_do_what_their_plain_twins_do),
        cmocka_unit_test(hart_and_bptr_know_every_neuron),
        cmocka_unit_test(no_two_rules_have_one_gradient),
        cmocka_unit_test(results_are_the_same_in_any_batches),
    };
    return cmocka_run_group_tests_name("backward_rule_nets", tests, NULL, NULL);
}
