#include "tests/many_trials.h"
#include "analysis/figure.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N = 400 };

/* The generator is no use if its files are not like those of a sweep. */
static void made_up_trials_are_read_as_they_were_made(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    struct results results;
    struct figure pgd;
    const char *path = scratch_path(&scratch, "many.h5");
    assert_int_equal(many_trials_write(path, N), STATUS_OK);
    assert_int_equal(results_open(path, &arena, &results), STATUS_OK);
    assert_int_equal(results.n_trials, N);
    assert_int_equal(results.n_attacks, MANY_ATTACKS);
    assert_int_equal(figure_find(&results, "pgd@8/255", &arena, &pgd),
                     STATUS_OK);
    size_t n_done = 0;
    for (size_t i = 0; i < N; i++) {
        const struct result_trial *trial = &results.trials[i];
        double robust = figure_value(&results, &pgd, i);
        if (strcmp(trial->state, "done") != 0) {
            assert_true(isnan(robust));
            continue;
        }
        n_done++;
        assert_true(trial->clean_accuracy == many_clean(&trial->settings));
        assert_true(robust == many_robust(&trial->settings, pgd.attack,
                                          results.epsilons[pgd.epsilon]));
        assert_true(robust < trial->clean_accuracy && robust > 0);
    }
    assert_int_equal(n_done, N - N / 97 - N / 89);
    results_close(&results);
    arena_close(&arena);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_trials_are_read_as_they_were_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
