/* The worst case over attacks, sample by sample. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N = 12, N_PIXELS = 61, N_ALL = N * N_PIXELS };

static void *few(struct stage *stage, const struct attack *attack)
{
    void *params = stage_params(stage, attack, "n_steps", "5");
    stage_set(stage, attack, params, "n_queries", "300");
    return params;
}

/* A sample that any of its members beats is beaten. The bowl is wide enough
 * for some. */
static void a_sample_falls_if_it_falls_to_any_member(void **state)
{
    (void)state;
    static const float epsilons[] = {0.02f, 0.1f, 0.2f, 0.3f, 0.5f};
    const struct attack *all = stage_attack("autoattack");
    const struct attack *square = stage_attack("square");
    size_t n_square = 0, n_all = 0;
    for (size_t e = 0; e < 5; e++) {
        struct stage stage;
        uint8_t by_square[N];
        stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
        void *params = stage_params(&stage, square, "n_queries", "300");
        stage_run(&stage, square, params, epsilons[e]);
        for (size_t i = 0; i < N; i++)
            fake_loss(&stage.fake, stage.batch.adversarial + i * N_PIXELS,
                      stage.labels[i], stage.ids[i], &by_square[i]);
        stage_run(&stage, all, few(&stage, all), epsilons[e]);
        for (size_t i = 0; i < N; i++) {
            uint8_t by_all, label = stage.labels[i];
            fake_loss(&stage.fake, stage.batch.adversarial + i * N_PIXELS,
                      label, stage.ids[i], &by_all);
            assert_true(by_square[i] == label || by_all != label);
            n_square += by_square[i] != label;
            n_all += by_all != label;
        }
        stage_close(&stage);
    }
    assert_true(n_square > 0 && n_all < 5 * N);
}

/* Wrong is what has its first pixel in a narrow gap to which no gradient leads:
 * where the last member alone wins, it is found. */
static void what_only_random_search_finds_is_found(void **state)
{
    (void)state;
    const struct attack *all = stage_attack("autoattack");
    struct stage stage;
    stage_open_grey(&stage, FAKE_TRAP, N, N_PIXELS);
    stage.fake.trap_from = 0.2f;
    stage.fake.trap_to = 0.3f;
    stage_run(&stage, all, few(&stage, all), 0.125f);
    size_t n_found = 0;
    for (size_t i = 0; i < N; i++) {
        float first = stage.batch.adversarial[i * N_PIXELS];
        n_found += first > 0.2f && first < 0.3f;
    }
    assert_true(n_found > 0);
    stage_close(&stage);
}

/* A sample that is wrong as it is costs one query; one that holds out costs
 * what all of them take. */
static void who_is_beaten_is_not_attacked_again(void **state)
{
    (void)state;
    const struct attack *all = stage_attack("autoattack");
    struct stage stage;
    stage_open_grey(&stage, FAKE_TRAP, N, N_PIXELS);
    stage.fake.trap_from = -1;
    stage.fake.trap_to = 2;
    stage_run(&stage, all, few(&stage, all), 0.125f);
    assert_int_equal(stage.n_forward, N);
    assert_int_equal(stage.n_backward, N);
    stage.fake.trap_to = -1;
    stage_run(&stage, all, few(&stage, all), 0.125f);
    assert_true(stage.n_forward > 300 * N && stage.n_backward > 10 * N);
    assert_int_equal(stage.n_forward, stage.fake.n_forward);
    stage_close(&stage);
}

/* A rehearsal leaves out most of what is alike in two of its members. Nothing
 * here falls, so that the whole run can be counted as well. */
static void a_rehearsal_says_which_share_of_the_whole_it_was(void **state)
{
    (void)state;
    const struct attack *all = stage_attack("autoattack");
    struct stage stage;
    stage_open_grey(&stage, FAKE_TRAP, N, N_PIXELS);
    stage.fake.trap_to = stage.fake.trap_from = -1;
    void *params = stage_params(&stage, all, "n_steps", "100");
    stage_set(&stage, all, params, "n_queries", "1000");
    stage_run(&stage, all, params, 0.125f);
    double n_whole = (double)(stage.n_forward + stage.n_backward);
    struct arena scratch = arena_open();
    struct attack_batch batch = stage.batch;
    batch.all_stay = true;
    batch.share = 1;
    batch.scratch = &scratch;
    stage.fake.n_forward = stage.fake.n_backward = 0;
    all->run(params, &stage.victim, &batch);
    double n_made = (double)(stage.fake.n_forward + stage.fake.n_backward);
    assert_true(n_made < 0.6 * n_whole);
    assert_true(fabs(n_made / batch.share / n_whole - 1) < 0.01);
    arena_close(&scratch);
    stage_close(&stage);
}

static void it_says_how_much_memory_its_members_take(void **state)
{
    (void)state;
    static const char *const names[] = {"pgd", "pgd", "square"};
    const struct attack *all = stage_attack("autoattack");
    struct stage stage;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    size_t n_bytes = attack_memory(all, few(&stage, all), &stage.victim);
    for (size_t k = 0; k < 3; k++) {
        const struct attack *member = stage_attack(names[k]);
        void *params = stage_params(&stage, member, NULL, NULL);
        assert_true(n_bytes > N_ALL * 3 * sizeof(float) +
                                  attack_memory(member, params,
                                                &stage.victim));
    }
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_falls_if_it_falls_to_any_member),
        cmocka_unit_test(what_only_random_search_finds_is_found),
        cmocka_unit_test(who_is_beaten_is_not_attacked_again),
        cmocka_unit_test(a_rehearsal_says_which_share_of_the_whole_it_was),
        cmocka_unit_test(it_says_how_much_memory_its_members_take),
    };
    return cmocka_run_group_tests_name("attack_ensemble", tests, NULL, NULL);
}
