/* No bit of a result tells how many threads there were, and whether currents
 * were kept or made again. */
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include "core/attack.h"
#include "core/digest.h"
#include "core/encoding.h"

#include <string.h>

static const size_t n_threads[] = {1, 2, 3, 5};
enum { N_TEAMS = 4, N_STAGES_MAX = 16, N_CLASSES = 3 };

struct subject {
    const char *text;
    struct image_shape shape;
};

/* Lists and products, directly and by Winograd's way, strides, both sorts of
 * pooling, shortcuts, every encoding, moments, neurons' own values, a surrogate
 * that is fitted to a layer, more weights than an optimizer's block. */
static const struct subject subjects[] = {
    {SMALL_MLP, {6, 6, 1}},
    {"network = mlp\nnetwork.hidden = [48, 300]\nencoding = poisson\n"
     "normalization = none\n",
     {9, 7, 3}},
    {"network = csnn\nnetwork.channels = [32, 64]\nnetwork.hidden = [40]\n"
     "network.normalize_linear = true\nregularizer = mpd_sgr\n",
     {10, 10, 1}},
    {"network = csnn\nnetwork.channels = [16, 48]\nnetwork.pool = max\n"
     "encoding = latency\n",
     {13, 9, 3}},
    {"network = vgg11\nnetwork.width = 8\nnetwork.n_steps = 2\n", {32, 32, 3}},
    {"network = wrn16\nnetwork.width = 16\nnetwork.widening = 2\n"
     "network.n_steps = 3\nregularizer = mpd_sgr\n",
     {9, 9, 3}},
    {"network = wrn16\nnetwork.width = 16\nnetwork.widening = 2\n"
     "network.n_steps = 3\nnetwork.order = pre\nencoding = poisson\n",
     {8, 8, 1}},
    {"network = wrn16\nnetwork.width = 16\nnetwork.widening = 2\n"
     "network.n_steps = 2\nnetwork.shortcut = sew_add\n",
     {9, 9, 3}},
    {"network = wrn16\nnetwork.width = 16\nnetwork.widening = 1\n"
     "network.n_steps = 2\nnetwork.shortcut = membrane\n"
     "normalization = bntt\n",
     {9, 9, 3}},
    {"network = csnn\nnetwork.channels = [16, 20]\n"
     "attention = temporal_channel\nnormalization = bntt\n",
     {9, 8, 1}},
    {"network = csnn\nnetwork.channels = [16, 48]\nneuron = feel\n",
     {13, 9, 3}},
    {"network = csnn\nnetwork.channels = [5, 16]\nneuron = nlif\n",
     {13, 9, 1}},
    {"network = csnn\nnetwork.channels = [5, 16]\nneuron = adaptive\n",
     {13, 9, 1}},
    {"network = csnn\nnetwork.channels = [5, 16]\nneuron = talif\n",
     {13, 9, 1}},
    {"network = wrn16\nnetwork.width = 16\nnetwork.widening = 1\n"
     "network.n_steps = 3\nneuron = plif\nregularizer = mpd_sgr\n",
     {9, 9, 3}},
    {"network = csnn\nnetwork.channels = [5, 16]\nencoding = poisson\n"
     "regularizer = gradient_sparsity\nloss = tet\n",
     {13, 9, 1}},
    {"network = wrn16\nnetwork.width = 16\nnetwork.widening = 1\n"
     "network.n_steps = 3\nadversary = gaussian\n"
     "adversary.clean_share = 0.5\nregularizer = perturbation\n"
     "regularizer.hold_clean = false\n",
     {9, 9, 3}},
    {"network = csnn\nnetwork.channels = [16, 20]\nsurrogate = pdsg\n",
     {9, 8, 1}},
    {"network = csnn\nnetwork.channels = [16, 20]\ngate = stog\n",
     {9, 8, 1}},
    {"network = mlp\nnetwork.hidden = [300, 300]\noptimizer = adamw\n"
     "loss = tet\ntraining.clip_norm = 0.1\ntraining.l1_penalty = 1e-05\n"
     "training.test_each_epoch = true\ntraining.hessian_iterations = 1\n",
     {9, 7, 3}},
    {"network = csnn\nnetwork.channels = [16, 20]\nsurrogate = psg\n"
     "neuron = plif\n",
     {9, 8, 1}},
    {"network = csnn\nnetwork.channels = [5, 16]\nneuron = nlif\n"
     "regularizer = tgo\n",
     {13, 9, 1}},
    {"network = csnn\nnetwork.channels = [5, 16]\n"
     "regularizer = firing_rate\n",
     {13, 9, 1}},
    {"network = csnn\nnetwork.channels = [5, 16]\nregularizer = mpd_sgr\n"
     "regularizer.statistics = analytic\n",
     {13, 9, 1}},
    {"network = csnn\nnetwork.channels = [16, 20]\nneuron = pif\n"
     "neuron.reset = soft\nconversion = qcfs\n",
     {13, 9, 1}},
};

/* The digests of training and of every attack. */
struct results {
    size_t n;
    struct digest at[N_STAGES_MAX];
};

static void add_result(struct results *results, const struct record *record)
{
    assert_true(results->n < N_STAGES_MAX);
    results->at[results->n++] = record_digest(record);
}

/* Two steps are as good as many: it is a batch that threads share. So are some
 * kinds as good as all: threads share passes, which attacks only ask for. */
static const char *const attacks[] = {"fgsm", "bim", "pgd", "gaussian"};
enum { N_ATTACKS = 4 };

static void attack(const struct small_trial *trial, const char *text,
                   const struct kind *kind, struct trial_hooks hooks,
                   struct results *results)
{
    struct arena arena = arena_open(), own = arena_open();
    struct record record;
    const char *steps =
        kind_find_row(kind, "n_steps") ? "attack.n_steps = 2\n" : "";
    struct spec spec = small_spec(
        arena_print(&arena, "%sattack = %s\nattack.epsilons = [0.1]\n"
                            "attack.n_draws = 2\nattack.batch_size = 3\n%s",
                    text, kind->name, steps),
        &arena);
    assert_int_equal(trial_evaluate(&spec, &trial->data, &trial->weights,
                                    &hooks, &own, &record),
                     STATUS_OK);
    add_result(results, &record);
    arena_close(&own);
    arena_close(&arena);
}

static struct results compute(const struct subject *subject,
                              struct trial_means means)
{
    struct results results = {.n = 0};
    struct small_trial trial = {.arena = arena_open(), .run = arena_open()};
    const char *text =
        arena_print(&trial.arena, "%straining.n_epochs = 1\n"
                                  "training.batch_size = 9\n",
                    subject->text);
    trial.spec = small_spec(text, &trial.arena);
    trial.data =
        small_data(subject->shape, N_CLASSES, 19, 5, 0.4, &trial.arena);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    hooks.means = means;
    trial_train(&trial.spec, &trial.data, &hooks, &trial.run, &trial.weights,
                &trial.record);
    assert_int_equal(trial.run.n_bytes,
                     trial_memory(&trial.spec, &trial.data, means));
    assert_false(trial.record.diverged);
    add_result(&results, &trial.record);
    for (size_t i = 0; i < N_ATTACKS; i++)
        attack(&trial, text, kind_find(&attack_axis, attacks[i]), hooks,
               &results);
    small_trial_close(&trial);
    return results;
}

static void compare(const struct subject *subject, const struct results *alone,
                    struct trial_means means)
{
    struct results other = compute(subject, means);
    for (size_t k = 0; k < alone->n; k++)
        if (memcmp(&alone->at[k], &other.at[k], sizeof alone->at[k]) != 0)
            fail_msg("stage %zu differs on %zu threads, recomputing %d, in\n%s",
                     k, means.n_threads, means.recompute, subject->text);
}

static void check(const struct subject *subject)
{
    struct results alone = compute(subject, (struct trial_means){0});
    assert_int_equal(alone.n, 1 + N_ATTACKS);
    for (size_t i = 0; i < N_TEAMS; i++)
        compare(subject, &alone,
                (struct trial_means){NULL, n_threads[i], i % 2 == 1});
    compare(subject, &alone, (struct trial_means){NULL, 1, true});
}

static void results_do_not_depend_on_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        check(&subjects[i]);
}

/* Those that need scratch or change the shape. Three steps and three channels:
 * events has a frame of one channel a step. */
static void nor_on_them_under_special_encodings(void **state)
{
    (void)state;
    for (size_t i = 0; i < encoding_axis.n_kinds; i++) {
        const struct encoding *encoding = encoding_of(encoding_axis.kinds[i]);
        if (encoding->n_scratch == 0 && !encoding->shape)
            continue;
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "network = csnn\nnetwork.channels = [5]\n"
                    "network.hidden = [7]\nnetwork.n_steps = 3\n"
                    "augmentation = standard\nencoding = %s\n",
            encoding->kind.name);
        struct subject subject = {text, {4, 4, 3}};
        struct results alone = compute(&subject, (struct trial_means){0});
        compare(&subject, &alone, (struct trial_means){NULL, 3, true});
        arena_close(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_depend_on_means),
        cmocka_unit_test(nor_on_them_under_special_encodings),
    };
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
