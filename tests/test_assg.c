/* Attacks through a surrogate that follows each sample: what they tell the
 * victim, and that not a bit of a sample's result depends on others. */
#include "core/model.h"
#include "core/siege.h"
#include "core/surrogate.h"
#include "tests/fake_victim.h"
#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <string.h>

enum { N = 12, N_PIXELS = 61 };

/* what a victim is told ----------------------------------------------- */

/* Which sample each place belongs to, as a victim that remembers would have
 * it. */
struct memory {
    struct fake_victim *fake;
    void (*ask)(void *self, const struct query *query);
    uint32_t ids[N];
    bool known[N];
    size_t n_left; /* that were let go */
};

static void memory_ask(void *self, const struct query *query)
{
    struct memory *memory = self;
    for (size_t i = 0; i < query->n; i++) {
        if (memory->known[i])
            assert_int_equal(memory->ids[i], query->ids[i]);
        memory->known[i] = true;
        memory->ids[i] = query->ids[i];
    }
    for (size_t i = query->n; i < N; i++)
        assert_false(memory->known[i]);
    memory->ask(memory->fake, query);
}

static void memory_keep(void *self, size_t n, const uint32_t *kept)
{
    struct memory *memory = self;
    for (size_t i = 0; i < n; i++) {
        assert_true(kept[i] >= i && kept[i] < N);
        assert_true(i == 0 || kept[i] > kept[i - 1]);
        memory->ids[i] = memory->ids[kept[i]];
        memory->known[i] = memory->known[kept[i]];
    }
    for (size_t i = n; i < N; i++)
        memory->n_left += memory->known[i];
    memset(memory->known + n, 0, (N - n) * sizeof *memory->known);
}

/* Of more samples than there are none was remembered either way. */
static void memory_forget(void *self, size_t first, size_t n)
{
    struct memory *memory = self;
    assert_true(first + n <= N);
    memory->fake->n_new += n;
    memset(memory->known + first, 0, n * sizeof *memory->known);
}

static void remember(struct stage *stage, struct memory *memory)
{
    *memory = (struct memory){.fake = &stage->fake, .ask = stage->victim.ask};
    stage->victim.self = memory;
    stage->victim.ask = memory_ask;
    stage->victim.keep = memory_keep;
    stage->victim.forget = memory_forget;
}

static void set_if(struct stage *stage, const struct attack *attack,
                   void *params, const char *name, const char *value)
{
    if (kind_find_row(&attack->kind, name))
        stage_set(stage, attack, params, name, value);
}

static void shorten(struct stage *stage, const struct attack *attack,
                    void *params)
{
    set_if(stage, attack, params, "n_steps", "8");
    set_if(stage, attack, params, "n_iterations", "20");
    set_if(stage, attack, params, "n_searches", "3");
    set_if(stage, attack, params, "n_restarts", "2");
    set_if(stage, attack, params, "n_queries", "40");
}

/* Of every attack that takes a gradient, some samples leaving before
 * others. */
static void the_victim_is_told_who_stays(void **state)
{
    (void)state;
    size_t n_left = 0;
    for (size_t k = 0; k < attack_axis.n_kinds; k++) {
        const struct attack *attack = attack_of(attack_axis.kinds[k]);
        struct stage stage;
        struct memory memory;
        if (!attack->gradient)
            continue;
        stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
        remember(&stage, &memory);
        void *params = stage_params(&stage, attack, NULL, NULL);
        shorten(&stage, attack, params);
        stage_run(&stage, attack, params,
                  attack->norm == NORM_LINF ? 0.2f : 3);
        assert_true(stage.fake.n_calls > 0);
        n_left += memory.n_left;
        stage_close(&stage);
    }
    assert_true(n_left > 10);
}

/* One query about clean images, one about FGSM's step, then three starts of
 * three queries. */
static void samples_begin_anew_with_each_start(void **state)
{
    (void)state;
    static const size_t expected[] = {N, 0, N, 0, 0, N, 0, 0, N, 0, 0};
    const struct attack *pgd = stage_attack("pgd");
    struct stage stage;
    struct memory memory;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    remember(&stage, &memory);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, pgd, "n_steps", "2");
    stage_set(&stage, pgd, params, "n_restarts", "3");
    stage_run(&stage, pgd, params, 0.1f);
    assert_int_equal(stage.fake.n_calls, KIND_COUNT(expected));
    for (size_t i = 0; i < KIND_COUNT(expected); i++)
        assert_int_equal(stage.fake.n_forgotten[i], expected[i]);
    stage_close(&stage);
}

static void draws_of_a_query_but_the_first_repeat_it(void **state)
{
    (void)state;
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    stage.fake.jitter = 0.5f;
    stage.victim.random = true;
    void *params = stage_params(&stage, bim, "n_steps", "3");
    stage_set(&stage, bim, params, "n_draws", "4");
    stage_run(&stage, bim, params, 0.1f);
    assert_true(stage.fake.n_calls >= 16 && stage.fake.n_calls % 4 == 0);
    for (size_t i = 0; i < stage.fake.n_calls; i++)
        assert_int_equal(stage.fake.repeats[i], i % 4 != 0);
    stage_close(&stage);
}

/* networks ------------------------------------------------------------ */

#define TRAINED SMALL_CSNN "network.n_steps = 3\n"
#define DRAWN SMALL_MLP "encoding = poisson\n"
#define ASSG "attack_surrogate = assg\nattack.n_samples = 14\n"
#define FEW "attack.epsilons = [0, 0.05, 0.2]\n" ASSG

static struct small_trial trials[2];
static const char *const networks[] = {TRAINED, DRAWN};

static int train_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        small_trial_train(&trials[i], networks[i]);
    return 0;
}

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        small_trial_close(&trials[i]);
    return 0;
}

static struct digest digest_under(size_t i, const char *attack)
{
    struct evaluation evaluation;
    evaluate_well(&trials[i], networks[i], attack, &evaluation);
    struct digest digest = record_digest(&evaluation.record);
    arena_close(&evaluation.arena);
    return digest;
}

static const struct {
    size_t network;
    const char *attack;
} attacks[] = {
    {0, "fgsm\n" FEW},
    {0, "bim\nattack.n_bisections = 2\n" FEW},
    {0, "pgd\nattack.n_restarts = 2\n" FEW},
    {0, "mim\nattack.warm_start = true\n" FEW},
    {0, "pgd_l2\nattack.n_restarts = 2\n" FEW},
    {0, "apgd\nattack.n_steps = 8\nattack.n_restarts = 2\n" FEW},
    {0, "apgd\nattack.n_steps = 8\nattack.objective = dlr\n"
        "attack.n_targets = 2\n" FEW},
    {0, "sa_pgd\nattack.n_steps = 10\n" FEW},
    {0, "deepfool\nattack.n_iterations = 6\n" ASSG},
    {0, "cw_l2\nattack.n_searches = 3\nattack.n_iterations = 12\n" ASSG},
    {0, "fab\nattack.n_iterations = 6\nattack.n_restarts = 2\n" FEW},
    {0, "autoattack\nattack.n_steps = 5\nattack.n_queries = 20\n" FEW},
    {1, "pgd\nattack.n_draws = 3\n" FEW},
};

static void not_a_bit_of_a_sample_depends_on_the_others(void **state)
{
    (void)state;
    static const char *const sizes[] = {"1", "5"};
    struct arena arena = arena_open();
    for (size_t k = 0; k < KIND_COUNT(attacks); k++) {
        size_t network = attacks[k].network;
        struct digest whole = digest_under(network, attacks[k].attack);
        for (size_t i = 0; i < KIND_COUNT(sizes); i++) {
            const char *text =
                arena_print(&arena, "%sattack.batch_size = %s\n",
                            attacks[k].attack, sizes[i]);
            if (!digest_equal(whole, digest_under(network, text)))
                fail_msg("%s differs", text);
        }
    }
    arena_close(&arena);
}

/* Which goes into sharpness: with beta at 1 nothing is followed. */
static void what_was_asked_before_matters(void **state)
{
    (void)state;
    static const char *const rigid =
        "pgd\n" FEW
        "attack_surrogate.beta_mean = 1\nattack_surrogate.beta_spread = 1\n";
    struct digest as_asked = digest_under(0, "pgd\n" FEW);
    assert_false(digest_equal(digest_under(0, rigid), as_asked));
}

/* The gradient of a network with drawn answers, by a draw of three images. */
static void ask(struct siege *siege, bool repeats, float *gradient)
{
    uint8_t predicted[3];
    float loss[3];
    struct query query = {.n = 3,
                          .images = siege->batch.images,
                          .labels = siege->batch.labels,
                          .ids = siege->batch.ids,
                          .draw = 5,
                          .repeats = repeats,
                          .objective = &objectives[OBJECTIVE_CE],
                          .loss = loss,
                          .predicted = predicted,
                          .d_images = gradient};
    siege->victim.ask(siege->victim.self, &query);
}

static void a_repeated_query_leaves_the_network_as_it_is(void **state)
{
    (void)state;
    enum { N_MAX = 3 * 1024 };
    struct arena arena = arena_open();
    struct siege siege;
    const struct small_trial *trial = &trials[1];
    struct spec spec = small_spec(DRAWN "attack = pgd\n" ASSG, &arena);
    float first[N_MAX] = {0}, repeated[N_MAX] = {0}, second[N_MAX] = {0};
    siege_lay_out(&siege, &spec, NULL, &trial->data, 3, (struct trial_means){0},
                  &arena);
    MUST(3 * siege.victim.n_pixels <= N_MAX);
    memcpy(siege.model->weights, trial->weights.at,
           trial->weights.n * sizeof(float));
    siege_begin(&siege, 0, 3);
    siege.victim.forget(siege.victim.self, 0, 3);
    ask(&siege, false, first);
    ask(&siege, true, repeated);
    ask(&siege, false, second);
    assert_memory_equal(first, repeated, sizeof first);
    assert_memory_not_equal(first, second, sizeof first);
    arena_close(&arena);
}

static void the_memory_of_samples_is_foretold(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec adaptive = small_spec(TRAINED "attack = pgd\n" ASSG, &arena);
    struct spec own =
        small_spec(TRAINED "attack = pgd\nattack.n_samples = 14\n", &arena);
    struct evaluation evaluation;
    evaluate_well(&trials[0], TRAINED, "pgd\n" ASSG, &evaluation);
    size_t n_bytes =
        trial_memory(&adaptive, &trials[0].data, (struct trial_means){0});
    assert_true(n_bytes >= evaluation.n_bytes);
    assert_true(n_bytes > trial_memory(&own, &trials[0].data,
                                       (struct trial_means){0}));
    arena_close(&evaluation.arena);
    arena_close(&arena);
}

static void only_attacks_may_choose_it(void **state)
{
    (void)state;
    assert_non_null(kind_find(&attack_surrogate_axis, "assg"));
    assert_null(kind_find(&surrogate_axis, "assg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_victim_is_told_who_stays),
        cmocka_unit_test(samples_begin_anew_with_each_start),
        cmocka_unit_test(draws_of_a_query_but_the_first_repeat_it),
        cmocka_unit_test(not_a_bit_of_a_sample_depends_on_the_others),
        cmocka_unit_test(what_was_asked_before_matters),
        cmocka_unit_test(a_repeated_query_leaves_the_network_as_it_is),
        cmocka_unit_test(the_memory_of_samples_is_foretold),
        cmocka_unit_test(only_attacks_may_choose_it),
    };
    return cmocka_run_group_tests_name("assg", tests, train_all, forget_all);
}
