/* Steps that take passes of their own, held to the plain twin: gradients of
 * regularizers that compare two passes. */
#include "tests/test.h"

#include "core/adversary.h"
#include "core/model.h"
#include "core/rng.h"
#include "tests/passes_twin.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

/* differences --------------------------------------------------------- */

/* What is differentiated: all but what the twin holds constant. */
struct term {
    double weight, h; /* h: 0 for a drift */
    struct passes_drift *drift;
};

static double value_of(struct passes_twin *twin, const struct term *term)
{
    double slopes[PASSES_N];
    if (!term->drift)
        return term->weight *
               passes_find_slopes(twin, twin->images, term->h, slopes);
    if (!term->drift->holds) {
        passes_forward(twin, twin->images);
        passes_note_clean(twin, term->drift);
    }
    passes_forward(twin, twin->others);
    return term->weight * passes_measure(twin, term->drift);
}

/* The twin's gradient of the term, smooth, against central differences. */
static void check_differences(struct passes_twin *twin,
                              const struct term *term)
{
    double largest = 0, error = 0, step = 1e-6;
    memset(twin->gradient, 0,
           twin->plain->n_parameters * sizeof *twin->gradient);
    if (term->drift)
        passes_add_drift(twin, twin->images, term->weight, term->drift);
    else
        passes_add_sparsity(twin, twin->images, term->weight, term->h);
    for (size_t i = 0; i < twin->plain->n_parameters; i += 3) {
        double held = twin->values[i];
        twin->values[i] = held + step;
        double above = value_of(twin, term);
        twin->values[i] = held - step;
        double below = value_of(twin, term);
        twin->values[i] = held;
        double expected = (above - below) / (2 * step);
        largest = fmax(largest, fabs(expected));
        error = fmax(error, fabs(twin->gradient[i] - expected));
    }
    if (!(largest > 1e-4 && error < 1e-5 * largest))
        fail_msg("error %g of %g", error, largest);
}

#define SMOOTH_MLP                                                             \
    "network = mlp\nnetwork.hidden = [7, 5]\nnetwork.n_steps = 3\n"            \
    "network.normalize_linear = true\nsurrogate = sigmoid\n"                   \
    "surrogate.slope = 2\n"
#define SMOOTH_CSNN                                                            \
    "network = csnn\nnetwork.channels = [3]\nnetwork.n_steps = 3\n"            \
    "network.hidden = [4]\nsurrogate = atan\n"

static const char *const smooth[] = {
    SMOOTH_MLP "normalization = none\n", SMOOTH_MLP "normalization = tdbn\n",
    SMOOTH_CSNN "normalization = batch\nneuron.reset = soft\n"};

static void open_smooth(struct passes_twin *twin, const char *text)
{
    passes_open(twin, text, 6);
    twin->plain->smooth = true;
    small_fill_values(&twin->spec, &twin->data, 1, 1.5, twin->values);
    for (size_t i = 0; i < twin->n * PASSES_PIXELS; i++)
        twin->others[i] = twin->images[i] + 0.1 * sin((double)(i * i));
}

static void sparsity_agrees_with_differences(void **state)
{
    (void)state;
    static struct passes_twin twin;
    for (size_t i = 0; i < KIND_COUNT(smooth); i++) {
        struct term term = {.weight = 0.5, .h = 0.01};
        open_smooth(&twin, smooth[i]);
        passes_aim(&twin, twin.images, term.h);
        check_differences(&twin, &term);
        arena_close(&twin.arena);
    }
}

static void a_drift_agrees_with_differences(void **state)
{
    (void)state;
    static struct passes_twin twin;
    for (size_t i = 0; i < 4 * KIND_COUNT(smooth); i++) {
        struct passes_drift drift = {
            .leak = 0.7, .absolute = i & 1, .holds = i & 2};
        struct term term = {.weight = 3, .drift = &drift};
        open_smooth(&twin, smooth[i / 4]);
        passes_open_drift(&twin, &drift);
        passes_forward(&twin, twin.images);
        passes_note_clean(&twin, &drift);
        check_differences(&twin, &term);
        arena_close(&twin.arena);
    }
}

/* the engine ---------------------------------------------------------- */

/* One step of plain gradient descent at rate 1 on all samples. */
#define ONE_STEP                                                               \
    "optimizer.learning_rate = 1\noptimizer.momentum = 0\n"                    \
    "optimizer.weight_decay = 0\nschedule = constant\n"                        \
    "training.n_epochs = 1\ntraining.batch_size = 96\n"

/* The plain twin at the weights that the engine begins with. */
static void open_first(struct passes_twin *twin, const char *text)
{
    passes_open(twin, text, PASSES_N);
    struct model *model = model_lay_out(&twin->spec, &twin->data, 1,
                                        MODEL_ATTACK, (struct trial_means){0},
                                        &twin->arena);
    model_initialize(model, 1);
    for (size_t i = 0; i < model->n_values; i++)
        twin->values[i] = (double)model->weights[i];
}

static double length_of(const struct passes_twin *twin, const double *at)
{
    double sum = 0;
    for (size_t i = 0; i < twin->plain->n_parameters; i++)
        sum += at[i] * at[i];
    return sqrt(sum);
}

/* The engine's step is that along the twin's gradient, and its R the twin's. */
static void expect_step(const struct passes_twin *twin, const char *text,
                        double found)
{
    struct small_trial trial;
    double largest = 0, error = 0;
    small_trial_train(&trial, text);
    for (size_t i = 0; i < twin->plain->n_parameters; i++) {
        double change = (double)trial.weights.at[i] - twin->values[i];
        largest = fmax(largest, fabs(twin->gradient[i]));
        error = fmax(error, fabs(change + twin->gradient[i]));
    }
    double recorded = *record_f64(&trial.record, FIELD_REGULARIZER);
    if (!(largest > 1e-3 && error < 1e-4 * largest))
        fail_msg("error %g of %g in\n%s", error, largest, text);
    if (!(fabs(recorded / found - 1) < 1e-4))
        fail_msg("R is %g instead of %g in\n%s", recorded, found, text);
    assert_false(trial.record.diverged);
    assert_true(isfinite(*record_f64(&trial.record, FIELD_CLEAN_LOSS)));
    small_trial_close(&trial);
}

/* Adds weight times R and its gradient, which is no small part of it all, to
 * that of the loss, which is there. */
static void expect_sparsity(struct passes_twin *twin, const char *text,
                            const double *images, double weight, double h)
{
    double before = length_of(twin, twin->gradient);
    passes_aim(twin, images, h);
    double found = passes_add_sparsity(twin, images, weight, h);
    assert_true(fabs(length_of(twin, twin->gradient) / before - 1) > 0.05);
    expect_step(twin, text, found);
}

static const char *const networks[] = {
    SMALL_MLP, SMALL_MLP "normalization = none\nneuron.threshold = 0.3\n",
    SMALL_CSNN "surrogate = atan\n",
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 1\n"
    "surrogate = atan\n"};

static void sparse_gradients_are_learned_as_the_twin_does(void **state)
{
    (void)state;
    static struct passes_twin twin;
    for (size_t i = 0; i < KIND_COUNT(networks); i++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "%s%sregularizer = gradient_sparsity\n"
                    "regularizer.weight = 0.25\nregularizer.step = 0.03125\n",
            networks[i], ONE_STEP);
        open_first(&twin, text);
        passes_forward(&twin, twin.images);
        passes_backward(&twin, 1, NULL, NULL);
        expect_sparsity(&twin, text, twin.images, 0.25, 0.03125);
        arena_close(&twin.arena);
        arena_close(&arena);
    }
}

/* The noise of the first epoch, by the adversary's own numbers. */
static void add_noise(const struct passes_twin *twin, double *noisy)
{
    static float clean[PASSES_N * PASSES_PIXELS];
    static float images[PASSES_N * PASSES_PIXELS];
    uint32_t ids[PASSES_N];
    struct rng_stream stream = {1, RNG_ADVERSARY, 0};
    const struct choice *choice = &twin->spec.at[SPEC_ADVERSARY];
    for (uint32_t i = 0; i < PASSES_N; i++)
        ids[i] = i;
    for (size_t i = 0; i < PASSES_N * PASSES_PIXELS; i++)
        clean[i] = (float)twin->images[i];
    struct adversary_batch batch = {
        .n = PASSES_N,
        .n_pixels = PASSES_PIXELS,
        .clean = clean,
        .labels = twin->labels,
        .ids = ids,
        .seed = (uint64_t)rng_word(stream, 0) << 32 | rng_word(stream, 1),
        .images = images};
    adversary_of(choice->kind)
        ->perturb(adversary_of(choice->kind), choice->params, &batch);
    for (size_t i = 0; i < PASSES_N * PASSES_PIXELS; i++)
        noisy[i] = (double)images[i];
}

/* The term is of the images that are learned: of the clean ones, if both. */
static void a_probe_starts_at_what_is_learned(void **state)
{
    (void)state;
    static struct passes_twin twin;
    static double noisy[PASSES_N * PASSES_PIXELS];
    for (int both = 0; both < 2; both++) {
        struct arena arena = arena_open();
        const char *text = arena_print(
            &arena, "%s%sregularizer = gradient_sparsity\n"
                    "regularizer.weight = 0.25\nregularizer.step = 0.03125\n"
                    "adversary = gaussian\nadversary.deviation = 0.25\n"
                    "adversary.clean_share = %s\n",
            SMALL_MLP, ONE_STEP, both ? "0.75" : "0");
        open_first(&twin, text);
        add_noise(&twin, noisy);
        passes_forward(&twin, noisy);
        passes_backward(&twin, both ? 0.25 : 1, NULL, NULL);
        passes_forward(&twin, twin.images);
        passes_backward(&twin, both ? 0.75 : 0, NULL, NULL);
        expect_sparsity(&twin, text, both ? twin.images : noisy, 0.25,
                        0.03125);
        arena_close(&twin.arena);
        arena_close(&arena);
    }
}

static void check_drift(const char *network, const char *text,
                        struct passes_drift drift, double share)
{
    static struct passes_twin twin;
    struct arena arena = arena_open();
    text = arena_print(&arena,
                       "%s%sadversary = gaussian\nadversary.deviation = 0.25\n"
                       "adversary.clean_share = %g\n"
                       "regularizer = perturbation\nregularizer.weight = 2\n%s",
                       network, ONE_STEP, share, text);
    open_first(&twin, text);
    passes_open_drift(&twin, &drift);
    add_noise(&twin, twin.others);
    passes_forward(&twin, twin.images);
    passes_backward(&twin, share, NULL, NULL);
    passes_forward(&twin, twin.others);
    passes_backward(&twin, 1 - share, NULL, NULL);
    double before = length_of(&twin, twin.gradient);
    double found = passes_add_drift(&twin, twin.images, 2, &drift);
    assert_true(fabs(length_of(&twin, twin.gradient) / before - 1) > 0.05);
    expect_step(&twin, text, found);
    arena_close(&twin.arena);
    arena_close(&arena);
}

static void perturbations_are_learned_as_the_twin_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct passes_drift drift;
    } cases[] = {
        {"", {.leak = 0.99, .holds = true}},
        {"regularizer.leak = 0.5\nregularizer.measure = absolute\n",
         {.leak = 0.5, .absolute = true, .holds = true}},
        {"regularizer.hold_clean = false\n", {.leak = 0.99}},
        {"regularizer.leak = 0.25\nregularizer.measure = absolute\n"
         "regularizer.hold_clean = false\n",
         {.leak = 0.25, .absolute = true}}};
    for (size_t i = 0; i < KIND_COUNT(cases); i++)
        for (size_t k = 0; k < (i < 3 ? 3 : KIND_COUNT(networks)); k++)
            check_drift(networks[k], cases[i].text, cases[i].drift,
                        k == 1 ? 0 : 0.5);
}

/* Both kinds with every adversary and more, and as their memory was told. */
static void check_learning(const char *text)
{
    struct small_trial trial;
    small_trial_train(&trial, text);
    double accuracy = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    const double *terms = record_f64(&trial.record, FIELD_REGULARIZER);
    assert_false(trial.record.diverged);
    if (!(accuracy >= 0.85 && terms[29] > 0))
        fail_msg("accuracy %g, R %g in\n%s", accuracy, terms[29], text);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    assert_true(trial.run.n_bytes <=
                trial_memory(&trial.spec, &trial.data, hooks.means));
    small_trial_close(&trial);
}

static void a_network_learns_with_every_adversary(void **state)
{
    (void)state;
    static const char *const others[] = {"", "encoding = poisson\n",
                                         "loss = tet\n"};
    for (size_t k = 0; k < adversary_axis.n_kinds; k++)
        for (size_t i = 0; i < 2 * KIND_COUNT(others); i++) {
            struct arena arena = arena_open();
            const struct kind *kind = adversary_axis.kinds[k];
            const char *name =
                i % 2 ? "perturbation" : "gradient_sparsity";
            if (i % 2 == 0 || adversary_of(kind)->mix)
                check_learning(arena_print(
                    &arena, "%straining.n_epochs = 30\n%sadversary = %s\n"
                            "regularizer = %s\nregularizer.weight = 0.01\n",
                    SMALL_MLP, others[i / 2], kind->name, name));
            arena_close(&arena);
        }
}

static void a_perturbation_needs_an_adversary(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("regularizer = perturbation\n", &arena);
    assert_non_null(strstr(spec_objection(&spec, &arena), "adversary"));
    spec = small_spec("regularizer = perturbation\nadversary = pgd\n",
                      &arena);
    assert_null(spec_objection(&spec, &arena));
    spec = small_spec("regularizer = gradient_sparsity\n", &arena);
    assert_null(spec_objection(&spec, &arena));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparsity_agrees_with_differences),
        cmocka_unit_test(a_drift_agrees_with_differences),
        cmocka_unit_test(sparse_gradients_are_learned_as_the_twin_does),
        cmocka_unit_test(a_probe_starts_at_what_is_learned),
        cmocka_unit_test(perturbations_are_learned_as_the_twin_does),
        cmocka_unit_test(a_network_learns_with_every_adversary),
        cmocka_unit_test(a_perturbation_needs_an_adversary),
    };
    return cmocka_run_group_tests_name("trial passes", tests, NULL, NULL);
}
