/* Learning from perturbed images: the images, the loss, the step. */
#include "tests/test.h"

#include "core/adversary.h"
#include "core/attack_parts.h"
#include "core/spec.h"
#include "tests/fake_victim.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

enum { N = 12, N_PIXELS = 61, N_ALL = N * N_PIXELS };

/* images -------------------------------------------------------------- */

static const struct adversary *named(const char *name)
{
    const struct kind *kind = kind_find(&adversary_axis, name);
    assert_non_null(kind);
    return adversary_of(kind);
}

static void set(const struct adversary *adversary, const char *row,
                const char *value, void *params, struct arena *arena)
{
    assert_int_equal(row_set(kind_find_row(&adversary->kind, row), value,
                             params, arena),
                     STATUS_OK);
}

static void *params_of(const struct adversary *adversary, const char *row,
                       const char *value, struct arena *arena)
{
    void *params = kind_defaults(&adversary->kind, arena);
    set(adversary, row, value, params, arena);
    return params;
}

static void perturb(struct stage *stage, const struct adversary *adversary,
                    const void *params, uint64_t seed, float *images)
{
    struct adversary_batch batch = {.victim = &stage->victim,
                                    .n = N,
                                    .n_pixels = N_PIXELS,
                                    .clean = stage->clean,
                                    .labels = stage->labels,
                                    .ids = stage->ids,
                                    .seed = seed,
                                    .images = images};
    adversary->perturb(adversary, params, &batch);
}

static void every_attack_stays_in_its_ball_and_moves(void **state)
{
    (void)state;
    for (size_t k = 0; k < adversary_axis.n_kinds; k++) {
        const struct adversary *adversary =
            adversary_of(adversary_axis.kinds[k]);
        struct stage stage;
        float images[N_ALL], moved = 0;
        if (!adversary->attack)
            continue;
        stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
        void *params =
            params_of(adversary, "epsilon", "0.0625", &stage.arena);
        perturb(&stage, adversary, params, 3, images);
        for (size_t i = 0; i < N_ALL; i++) {
            assert_true(fabsf(images[i] - stage.clean[i]) <= 0.0625f);
            assert_true(images[i] >= 0 && images[i] <= 1);
            moved = fmaxf(moved, fabsf(images[i] - stage.clean[i]));
        }
        assert_true(moved > 0.0075f);
        stage_close(&stage);
    }
}

/* What an attack of a test gives last is what training learns, for as many
 * passes as it has steps. */
static void a_climb_costs_its_steps_and_ends_with_its_last(void **state)
{
    (void)state;
    const struct adversary *bim = named("bim");
    struct stage stage;
    float images[N_ALL];
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    void *params = params_of(bim, "epsilon", "0.5", &stage.arena);
    set(bim, "n_steps", "3", params, &stage.arena);
    set(bim, "step", "0.0625", params, &stage.arena);
    perturb(&stage, bim, params, 3, images);
    assert_int_equal(stage.fake.n_calls, 3);
    size_t n_moved = 0;
    for (size_t i = 0; i < N_ALL; i++) { /* some weigh nothing */
        float way = fabsf(images[i] - stage.clean[i]);
        assert_true(way == 0 || stage_near(way, 3 * 0.0625f));
        n_moved += way > 0;
    }
    assert_true(n_moved > N_ALL / 2);
    stage_close(&stage);
}

static void noise_has_its_deviation_and_is_new_in_each_epoch(void **state)
{
    (void)state;
    const struct adversary *gaussian = named("gaussian");
    struct stage stage;
    float images[N_ALL], others[N_ALL];
    double sum = 0, squares = 0;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    void *params = params_of(gaussian, "deviation", "0.05", &stage.arena);
    perturb(&stage, gaussian, params, 3, images);
    perturb(&stage, gaussian, params, 4, others);
    size_t n_same = 0;
    for (size_t i = 0; i < N_ALL; i++) {
        double moved = (double)(images[i] - stage.clean[i]);
        sum += moved / N_ALL;
        squares += moved * moved / N_ALL;
        n_same += images[i] == others[i];
    }
    assert_true(fabs(sum) < 4 * 0.05 / sqrt(N_ALL));
    assert_true(fabs(sqrt(squares) / 0.05 - 1) < 4 / sqrt(2.0 * N_ALL));
    assert_true(n_same < 3);
    params = params_of(gaussian, "deviation", "1", &stage.arena);
    perturb(&stage, gaussian, params, 3, images);
    for (size_t i = 0; i < N_ALL; i++)
        assert_true(images[i] >= 0 && images[i] <= 1);
    stage_close(&stage);
}

/* trials -------------------------------------------------------------- */

/* One step of plain gradient descent at rate 1 on all 96 images: its weights
 * are the first ones minus the gradient. */
#define ONE_STEP                                                               \
    SMALL_MLP "training.n_epochs = 1\ntraining.batch_size = 96\n"              \
              "optimizer.momentum = 0\noptimizer.weight_decay = 0\n"           \
              "optimizer.learning_rate = 1\n"

struct step {
    size_t n;
    float weights[20000];
    double loss;
};

static void take_step(const char *text, struct step *step)
{
    struct small_trial trial;
    small_trial_train(&trial, text);
    assert_false(trial.record.diverged);
    MUST(trial.weights.n <= 20000);
    step->n = *record_u64(&trial.record, FIELD_N_PARAMETERS);
    step->loss = record_f64(&trial.record, FIELD_TRAIN_LOSS)[0];
    memcpy(step->weights, trial.weights.at,
           trial.weights.n * sizeof *trial.weights.at);
    small_trial_close(&trial);
}

/* a + factor (b - a) is c, and b is not a. */
static void expect_on_line(const struct step *a, const struct step *b,
                           double factor, const struct step *c)
{
    double far = 0, off = 0;
    for (size_t i = 0; i < a->n; i++) {
        double way = (double)b->weights[i] - (double)a->weights[i];
        double at = (double)a->weights[i] + factor * way;
        double away = fabs(at - (double)c->weights[i]);
        far = fabs(way) > far ? fabs(way) : far;
        off = away > off ? away : off;
    }
    if (!(far > 1e-4) || !(off < 2e-3 * far))
        fail_msg("%g off, of %g", off, far);
    assert_true(fabs(a->loss + factor * (b->loss - a->loss) - c->loss) <
                1e-5);
}

static void a_step_on_both_is_the_mean_of_the_two(void **state)
{
    (void)state;
    static struct step clean, perturbed, both;
    take_step(ONE_STEP, &clean);
    take_step(ONE_STEP "adversary = pgd\nadversary.epsilon = 0.25\n",
              &perturbed);
    take_step(ONE_STEP "adversary = pgd\nadversary.epsilon = 0.25\n"
                       "adversary.clean_share = 0.75\n",
              &both);
    expect_on_line(&clean, &perturbed, 0.25, &both);
}

static void the_divergence_is_added_to_the_clean_loss(void **state)
{
    (void)state;
    static struct step clean, two, six;
    static const char trades[] =
        ONE_STEP "adversary = trades\nadversary.epsilon = 0.25\n";
    struct arena arena = arena_open();
    take_step(ONE_STEP, &clean);
    take_step(arena_print(&arena, "%sadversary.divergence = 2\n", trades),
              &two);
    take_step(arena_print(&arena, "%sadversary.divergence = 6\n", trades),
              &six);
    assert_true(two.loss > clean.loss);
    expect_on_line(&clean, &two, 3, &six);
    arena_close(&arena);
}

/* What is learned of the perturbed images is the axis' own loss. */
static void other_losses_of_perturbed_images_are_mixed_likewise(void **state)
{
    (void)state;
    static const char *const losses[] = {
        "loss = tet\n", "loss = cross_entropy\nloss.label_smoothing = 0.3\n"};
    static struct step clean, perturbed, both, plain;
    take_step(ONE_STEP "adversary = pgd\nadversary.epsilon = 0.25\n", &plain);
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(&arena, "%s%s", ONE_STEP, losses[i]);
        const char *pgd = arena_print(
            &arena, "%sadversary = pgd\nadversary.epsilon = 0.25\n", text);
        take_step(text, &clean);
        take_step(pgd, &perturbed);
        take_step(arena_print(&arena, "%sadversary.clean_share = 0.75\n", pgd),
                  &both);
        expect_on_line(&clean, &perturbed, 0.25, &both);
        assert_true(fabs(perturbed.loss - plain.loss) > 1e-3);
        arena_close(&arena);
    }
}

/* A divergence is that of the mean logits, whatever the loss. */
static void a_divergence_is_the_same_beside_every_loss(void **state)
{
    (void)state;
    static const char *const losses[] = {
        "", "loss = tet\n",
        "loss = cross_entropy\nloss.label_smoothing = 0.3\n"};
    static struct step clean[3], trades[3];
    for (size_t i = 0; i < 3; i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(&arena, "%s%s", ONE_STEP, losses[i]);
        take_step(text, &clean[i]);
        take_step(arena_print(&arena, "%sadversary = trades\n"
                                      "adversary.epsilon = 0.25\n", text),
                  &trades[i]);
        arena_close(&arena);
    }
    for (size_t i = 1; i < 3; i++) {
        double far = 0, off = 0, other = 0;
        for (size_t k = 0; k < clean[0].n; k++) {
            double way = (double)(trades[0].weights[k] - clean[0].weights[k]);
            double own = (double)(trades[i].weights[k] - clean[i].weights[k]);
            double apart =
                (double)(clean[i].weights[k] - clean[0].weights[k]);
            far = fabs(way) > far ? fabs(way) : far;
            off = fabs(way - own) > off ? fabs(way - own) : off;
            other = fabs(apart) > other ? fabs(apart) : other;
        }
        assert_true(far > 1e-4 && other > 1e-4 && off < 2e-3 * far);
        assert_true(fabs(trades[i].loss - clean[i].loss -
                         (trades[0].loss - clean[0].loss)) < 1e-5);
    }
}

/* Bit for bit, running statistics included: an attack leaves no trace. */
static void what_perturbs_nothing_changes_nothing(void **state)
{
    (void)state;
    static struct step clean, none;
    static const char *const nothings[] = {
        "adversary = gaussian\nadversary.deviation = 0\n",
        "adversary = fgsm\nadversary.epsilon = 0\n",
        "adversary = pgd\nadversary.epsilon = 0\n",
        "adversary = bim\nadversary.epsilon = 0\n"};
    struct arena arena = arena_open();
    take_step(SMALL_CSNN, &clean);
    for (size_t i = 0; i < KIND_COUNT(nothings); i++) {
        take_step(arena_print(&arena, "%s%s", SMALL_CSNN, nothings[i]), &none);
        assert_memory_equal(clean.weights, none.weights,
                            sizeof clean.weights);
    }
    arena_close(&arena);
}

/* With random encodings and regularizers, too, and as its memory was told. */
static void check_learning(const char *name, const char *others)
{
    struct arena arena = arena_open();
    struct small_trial trial;
    const char *text = arena_print(
        &arena, "%straining.n_epochs = 30\n%sadversary = %s\n", SMALL_MLP,
        others, name);
    small_trial_train(&trial, text);
    double accuracy = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    assert_false(trial.record.diverged);
    if (!(accuracy >= 0.85))
        fail_msg("accuracy %g in\n%s", accuracy, text);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    assert_true(trial.run.n_bytes <=
                trial_memory(&trial.spec, &trial.data, hooks.means));
    small_trial_close(&trial);
    arena_close(&arena);
}

static void a_network_learns_with_every_adversary(void **state)
{
    (void)state;
    static const char *const others[] = {
        "", "encoding = poisson\n",
        "regularizer = mpd_sgr\nregularizer.range = 1\n"};
    for (size_t k = 0; k < adversary_axis.n_kinds; k++)
        for (size_t i = 0; i < KIND_COUNT(others); i++)
            check_learning(adversary_axis.kinds[k]->name, others[i]);
}

static void a_dummy_has_no_adversary(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = spec_defaults(&arena);
    assert_int_equal(
        spec_parse("training = dummy\nadversary = pgd\n", &spec, &arena),
        STATUS_OK);
    assert_non_null(strstr(spec_objection(&spec, &arena), "dummy"));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_stays_in_its_ball_and_moves),
        cmocka_unit_test(a_climb_costs_its_steps_and_ends_with_its_last),
        cmocka_unit_test(noise_has_its_deviation_and_is_new_in_each_epoch),
        cmocka_unit_test(a_step_on_both_is_the_mean_of_the_two),
        cmocka_unit_test(the_divergence_is_added_to_the_clean_loss),
        cmocka_unit_test(
            other_losses_of_perturbed_images_are_mixed_likewise),
        cmocka_unit_test(a_divergence_is_the_same_beside_every_loss),
        cmocka_unit_test(what_perturbs_nothing_changes_nothing),
        cmocka_unit_test(a_network_learns_with_every_adversary),
        cmocka_unit_test(a_dummy_has_no_adversary),
    };
    return cmocka_run_group_tests_name("adversary", tests, NULL, NULL);
}
