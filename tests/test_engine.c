/* The engines of core/engine.h against each other: this program starts itself
 * on each that the machine can run, which trains and attacks small networks,
 * and holds what they found together. */
#include "tests/test.h"

#include "core/engine.h"
#include "core/rng.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Channels that the fastest kernels of every engine serve, and some that they
 * do not. */
static const char *const networks[] = {
    SMALL_MLP "encoding = poisson\n",
    SMALL_CSNN "network.channels = [16, 32]\nregularizer = mpd_sgr\n",
    SMALL_CSNN "network.channels = [6]\n", SMALL_WRN};
enum { N_NETWORKS = 4, N_STEPS = 24, N_EPSILONS = 3 };

#define ATTACK                                                                 \
    "attack = pgd\nattack.epsilons = [0, 0.05, 0.2]\nattack.n_draws = 2\n"

struct numbers {
    char name[16];
    float uniform[64], normal[64];
    double loss[N_NETWORKS][N_STEPS]; /* of the first steps of training */
    double clean_accuracy[N_NETWORKS], clean_loss[N_NETWORKS];
    double robust_accuracy[N_NETWORKS][N_EPSILONS];
};

static void train_and_attack(size_t i, struct numbers *numbers)
{
    struct small_trial trial;
    struct record record;
    small_trial_train(&trial, networks[i]);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    memcpy(numbers->loss[i], trial.watch.loss, sizeof *numbers->loss);
    numbers->clean_accuracy[i] =
        *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    numbers->clean_loss[i] = *record_f64(&trial.record, FIELD_CLEAN_LOSS);
    struct spec spec = small_spec(
        arena_print(&trial.arena, "%s" ATTACK, networks[i]), &trial.arena);
    if (trial_evaluate(&spec, &trial.data, &trial.weights, &hooks, &trial.run,
                       &record) != STATUS_OK)
        status_abort(status_reason(), __FILE__, __LINE__);
    memcpy(numbers->robust_accuracy[i],
           record_f64(&record, FIELD_ROBUST_ACCURACY),
           sizeof *numbers->robust_accuracy);
    small_trial_close(&trial);
}

/* What the program does that is started for an engine. */
static int tell_numbers(void)
{
    struct numbers numbers = {.name = ""};
    struct rng_stream stream = {7, RNG_WEIGHTS, 1};
    snprintf(numbers.name, sizeof numbers.name, "%s", engine_name());
    rng_fill_uniform(stream, 0, 64, numbers.uniform);
    rng_fill_normal(stream, 0, 64, numbers.normal);
    for (size_t i = 0; i < N_NETWORKS; i++)
        train_and_attack(i, &numbers);
    return fwrite(&numbers, sizeof numbers, 1, stdout) == 1 ? 0 : 1;
}

/* False where this program or this machine has no such engine. */
static bool ask(const char *engine, struct numbers *numbers)
{
    char command[128];
    snprintf(command, sizeof command,
             "SPIKESWEEP_ENGINE=%s exec /proc/%ld/exe numbers 2>&1", engine,
             (long)getpid());
    FILE *pipe = popen(command, "r");
    if (!pipe)
        fail_msg("cannot start %s", command);
    size_t n = fread(numbers, sizeof *numbers, 1, pipe);
    int status = pclose(pipe);
    if (n == 1)
        assert_string_equal(numbers->name, engine);
    else
        assert_int_equal(WEXITSTATUS(status), 2);
    return n == 1;
}

static struct numbers found[4];
static size_t n_found;

static int ask_all(void **state)
{
    (void)state;
    static const char *const engines[] = {"avx512", "avx2", "plain", "neon"};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        if (ask(engines[i], &found[n_found]))
            n_found++;
    return n_found == 0;
}

static void skip_if_alone(void)
{
    if (n_found > 1)
        return;
    print_message("%s is the only engine here\n", found[0].name);
    skip();
}

static void random_numbers_are_the_same(void **state)
{
    (void)state;
    skip_if_alone();
    for (size_t e = 1; e < n_found; e++) {
        assert_memory_equal(found[e].uniform, found[0].uniform,
                            sizeof found->uniform);
        assert_memory_equal(found[e].normal, found[0].normal,
                            sizeof found->normal);
    }
}

static void check_close(size_t e, size_t i, const char *what, double a,
                        double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.9g on %s, %.9g on %s, with\n%s", what, a,
                 found[0].name, b, found[e].name, networks[i]);
}

/* As long as no spike has flipped, losses differ by rounding; after that as
 * those of trials whose weights differ a little. */
static void losses_are_the_same_but_for_rounding(void **state)
{
    (void)state;
    skip_if_alone();
    for (size_t e = 1; e < n_found; e++)
        for (size_t i = 0; i < N_NETWORKS; i++)
            for (size_t k = 0; k < N_STEPS; k++) {
                double a = found[0].loss[i][k], b = found[e].loss[i][k];
                check_close(e, i, "loss of a step", a, b,
                            (k < 4 ? 1e-5 : 2e-2) * a);
            }
}

static void networks_learn_and_hold_out_alike(void **state)
{
    (void)state;
    skip_if_alone();
    for (size_t e = 1; e < n_found; e++)
        for (size_t i = 0; i < N_NETWORKS; i++) {
            const struct numbers *a = &found[0], *b = &found[e];
            check_close(e, i, "clean accuracy", a->clean_accuracy[i],
                        b->clean_accuracy[i], 0.06);
            check_close(e, i, "clean loss", a->clean_loss[i],
                        b->clean_loss[i], 0.05);
            for (size_t k = 0; k < N_EPSILONS; k++)
                check_close(e, i, "robust accuracy", a->robust_accuracy[i][k],
                            b->robust_accuracy[i][k], 0.2);
        }
}

static void an_engine_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct numbers numbers;
    assert_false(ask("avx1024", &numbers));
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return tell_numbers();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_are_the_same),
        cmocka_unit_test(losses_are_the_same_but_for_rounding),
        cmocka_unit_test(networks_learn_and_hold_out_alike),
        cmocka_unit_test(an_engine_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, ask_all, NULL);
}
