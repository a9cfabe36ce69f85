/* The supervisor and the program itself: every way in which a trial ends. */
#include "core/spec.h"
#include "sweep/clock.h"
#include "sweep/stop.h"
#include "tests/scratch.h"
#include "tests/supervised.h"
#include "tests/test.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DUMMY "training = dummy\n"

static void open_dummy(struct supervised *supervised, const char *settings)
{
    supervised_open(supervised, supervised_program(), "no-folder", settings);
}

static void run_dummy(struct supervised *supervised, const char *settings,
                      double limit_s)
{
    open_dummy(supervised, settings);
    supervised_start(supervised, limit_s);
    supervised_wait(supervised);
}

/* results ------------------------------------------------------------- */

static void assert_names_the_task(const struct supervised *supervised)
{
    const struct outcome *outcome = &supervised->outcome;
    struct arena arena = arena_open();
    struct spec spec;
    assert_int_equal(spec_parse(supervised->spec, &spec, &arena), STATUS_OK);
    struct spec cell = spec_without_attack(spec);
    assert_true(digest_equal(outcome->task, spec_digest(&spec)));
    assert_true(digest_equal(outcome->cell, spec_digest(&cell)));
    assert_string_equal(outcome->spec, supervised->spec);
    assert_string_equal(outcome->host, "node-17");
    assert_string_equal(outcome->build.revision,
                        provenance_of_build().revision);
    assert_string_equal(outcome->build.engine, provenance_of_build().engine);
    assert_int_equal(outcome->attempt, 2);
    arena_close(&arena);
}

static void a_record_arrives_whole(void **state)
{
    (void)state;
    struct supervised supervised;
    double before_s = clock_date_s();
    run_dummy(&supervised,
              DUMMY "training.sleep_s = 0.1\ntraining.seed = 4711\n", 0);
    const struct outcome *outcome = &supervised.outcome;
    struct record record;
    assert_int_equal(outcome->state, OUTCOME_DONE);
    assert_string_equal(outcome->cause, "");
    assert_string_equal(outcome->message, "");
    assert_names_the_task(&supervised);
    assert_int_equal(record_unpack(outcome->record, outcome->n_record_bytes,
                                   &supervised.arena, &record),
                     STATUS_OK);
    assert_int_equal(*record_u64(&record, FIELD_MODEL_DIGEST_LOW), 4711);
    assert_true(outcome->wall_s >= 0.1 && outcome->wall_s < 30);
    assert_true(outcome->cpu_s > 0 && outcome->cpu_s < 30);
    assert_true(outcome->started_s >= before_s - 1 &&
                outcome->started_s <= clock_date_s() + 1);
    assert_true(outcome->peak_bytes > 1 << 20);
    supervised_close(&supervised);
}

static void a_diverged_training_is_a_result(void **state)
{
    (void)state;
    struct supervised supervised;
    run_dummy(&supervised, DUMMY "training.end = diverge\n", 0);
    assert_int_equal(supervised.outcome.state, OUTCOME_DIVERGED);
    assert_true(supervised.outcome.n_record_bytes > 0);
    assert_string_equal(supervised.outcome.cause, "");
    supervised_close(&supervised);
}

/* A task of stage evaluate is its own, and its cell's. */
static void an_attack_is_named_beside_its_cell(void **state)
{
    (void)state;
    struct supervised supervised;
    run_dummy(&supervised, DUMMY "attack = fgsm\n", 0);
    assert_names_the_task(&supervised);
    assert_false(digest_equal(supervised.outcome.task,
                              supervised.outcome.cell));
    supervised_close(&supervised);
}

static void one_supervisor_serves_many_tasks(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, DUMMY "training.end = exit\n");
    for (int i = 0; i < 5; i++) {
        supervised_start(&supervised, 0);
        supervised_wait(&supervised);
        assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
        assert_string_equal(supervised.outcome.message,
                            "the dummy exits, as told\n");
        assert_false(supervisor_poll(&supervised.supervisor,
                                     &supervised.packed));
    }
    supervised_close(&supervised);
}

/* failures ------------------------------------------------------------ */

static void every_death_has_its_cause(void **state)
{
    (void)state;
    static const struct {
        const char *end, *cause, *message;
    } deaths[] = {
        {"exit", "exit status 3", "the dummy exits, as told"},
        {"segv", "signal 11 (Segmentation fault)", ""},
        {"abort", "signal 6 (Aborted)", "broken promise"},
        {"kill", "signal 9 (Killed), perhaps out of memory", ""},
        {"exhaust", "out of memory", "out of memory: 9223372036854"},
        {"partial", "exit status 0 without a whole record", ""},
    };
    for (size_t i = 0; i < KIND_COUNT(deaths); i++) {
        struct supervised supervised;
        char settings[64];
        snprintf(settings, sizeof settings, DUMMY "training.end = %s\n",
                 deaths[i].end);
        run_dummy(&supervised, settings, 60);
        assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
        assert_string_equal(supervised.outcome.cause, deaths[i].cause);
        assert_non_null(strstr(supervised.outcome.message,
                               deaths[i].message));
        assert_null(supervised.outcome.record);
        assert_names_the_task(&supervised);
        supervised_close(&supervised);
    }
}

/* What the program refuses is in the message, as a person would read it. */
static void a_refusal_is_told(void **state)
{
    (void)state;
    struct supervised supervised;
    run_dummy(&supervised,
              "dataset = synthetic\ndataset.n_train = 8\n"
              "dataset.n_test = 8\nattack = fgsm\n", 0);
    assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
    assert_string_equal(supervised.outcome.cause, "exit status 2");
    assert_non_null(strstr(supervised.outcome.message, "no-folder/models/"));
    assert_null(strstr(supervised.outcome.message, "broken promise"));
    supervised_close(&supervised);
}

static void a_hanging_trial_is_killed_at_its_limit(void **state)
{
    (void)state;
    struct supervised supervised;
    run_dummy(&supervised, DUMMY "training.end = hang\n", 0.3);
    assert_int_equal(supervised.outcome.state, OUTCOME_TIMED_OUT);
    assert_string_equal(supervised.outcome.cause,
                        "killed after 0.3 s, its limit");
    assert_true(supervised.outcome.wall_s >= 0.3 &&
                supervised.outcome.wall_s < 20);
    supervised_close(&supervised);
}

static void what_ended_in_time_counts_however_late_it_is_seen(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, DUMMY);
    supervised_start(&supervised, 0.1);
    assert_false(supervised_goes_on_running(supervised.supervisor.pid));
    usleep(200000);
    supervised_wait(&supervised);
    assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    supervised_start(&supervised, 0);
    assert_false(supervised_goes_on_running(supervised.supervisor.pid));
    supervisor_kill(&supervised.supervisor, OUTCOME_INTERRUPTED);
    supervised_wait(&supervised);
    assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    supervised_close(&supervised);
}

static void an_interrupted_trial_is_not_a_failed_one(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, DUMMY "training.end = hang\n");
    supervised_start(&supervised, 0);
    assert_false(supervisor_poll(&supervised.supervisor, &supervised.packed));
    supervisor_kill(&supervised.supervisor, OUTCOME_INTERRUPTED);
    supervised_wait(&supervised);
    assert_int_equal(supervised.outcome.state, OUTCOME_INTERRUPTED);
    assert_string_equal(supervised.outcome.cause, "the job ended first");
    supervisor_kill(&supervised.supervisor, OUTCOME_INTERRUPTED);
    assert_true(supervisor_is_idle(&supervised.supervisor));
    supervised_close(&supervised);
}

/* starting ------------------------------------------------------------ */

static void a_program_that_cannot_start_is_refused(void **state)
{
    (void)state;
    struct supervised supervised;
    supervised_open(&supervised, "/no/such/program", ".", DUMMY);
    struct assignment assignment = {.attempt = 1, .spec = supervised.spec};
    assert_int_equal(supervisor_start(&supervised.supervisor, &assignment),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "/no/such/program"));
    assert_true(supervisor_is_idle(&supervised.supervisor));
    supervisor_refuse(&supervised.supervisor, &assignment, "the reason",
                      &supervised.packed);
    assert_int_equal(outcome_unpack(supervised.packed.at, supervised.packed.n,
                                    &supervised.arena, &supervised.outcome),
                     STATUS_OK);
    assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
    assert_string_equal(supervised.outcome.cause, "not started");
    assert_string_equal(supervised.outcome.message, "the reason");
    supervised_close(&supervised);
}

/* A record counts only for the samples that it was to be of; this one is of no
 * part. */
static void a_record_of_other_samples_does_not_count(void **state)
{
    (void)state;
    struct supervised supervised;
    supervised_open(&supervised, supervised_program(), "no-folder", DUMMY);
    struct assignment assignment = {
        .attempt = 1, .spec = supervised.spec, .span = {5, 10, 20}};
    assert_int_equal(supervisor_start(&supervised.supervisor, &assignment),
                     STATUS_OK);
    supervised_wait(&supervised);
    assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
    assert_string_equal(supervised.outcome.cause,
                        "exit status 0 without a whole record");
    assert_true(span_equal(supervised.outcome.span, assignment.span));
    supervised_close(&supervised);
}

/* memory -------------------------------------------------------------- */

/* What does not fit is not started, and that is no attempt. */
static void what_does_not_fit_is_not_started(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, DUMMY);
    struct supervisor *supervisor = &supervised.supervisor;
    struct assignment assignment = {.attempt = 3,
                                    .n_bytes = 44964160641,
                                    .n_least = 34964160641,
                                    .spec = supervised.spec};
    supervisor->room_bytes = 34964160640;
    assert_int_equal(supervisor_start(supervisor, &assignment), STATUS_FULL);
    assert_string_equal(status_reason(),
                        "needs 35.0 GB of memory, and this rank's share of "
                        "what was available on node-17 is 35.0 GB");
    assert_true(supervisor_is_idle(supervisor));
    supervisor_refuse(supervisor, &assignment, "it is large",
                      &supervised.packed);
    assert_int_equal(outcome_unpack(supervised.packed.at, supervised.packed.n,
                                    &supervised.arena, &supervised.outcome),
                     STATUS_OK);
    assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
    assert_int_equal(supervised.outcome.attempt, 0);
    assert_string_equal(supervised.outcome.cause, "does not fit in memory");
    assert_string_equal(supervised.outcome.message, "it is large");
    supervised_close(&supervised);
}

static void what_just_fits_or_is_not_known_is_started(void **state)
{
    (void)state;
    static const struct {
        uint64_t n_bytes, n_least, room_bytes;
        const char *means;
    } cases[] = {{64, 60, 64, "1 thread"},
                 {0, 0, 64, "1 thread"},
                 {64, 60, 0, "1 thread"},
                 {64, 60, 63, "1 thread, recomputing"},
                 {64, 60, 60, "1 thread, recomputing"}};
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        struct supervised supervised;
        open_dummy(&supervised, DUMMY);
        struct assignment assignment = {.attempt = 2,
                                        .n_bytes = cases[i].n_bytes,
                                        .n_least = cases[i].n_least,
                                        .spec = supervised.spec};
        supervised.supervisor.room_bytes = cases[i].room_bytes;
        assert_int_equal(
            supervisor_start(&supervised.supervisor, &assignment), STATUS_OK);
        supervised_wait(&supervised);
        assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
        assert_string_equal(supervised.outcome.means, cases[i].means);
        supervised_close(&supervised);
    }
}

/* A kill by the kernel's out-of-memory killer, as /proc/vmstat counts them. */
static void a_kill_for_lack_of_memory_is_told(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct supervised supervised;
    open_dummy(&supervised, DUMMY "training.sleep_s = 0.3\n"
                                  "training.end = kill\n");
    supervised.supervisor.root = scratch.folder;
    const char *proc = scratch_path(&scratch, "proc");
    const char *path = scratch_path(&scratch, "proc/vmstat");
    assert_int_equal(mkdir(proc, 0700), 0);
    scratch_write(path, "oom_kill 7\n", 11);
    supervised_start(&supervised, 0);
    scratch_write(path, "oom_kill 8\n", 11);
    supervised_wait(&supervised);
    assert_string_equal(supervised.outcome.cause,
                        "signal 9 (Killed), out of memory as the system says");
    supervised_close(&supervised);
    scratch_remove(&scratch);
}

/* dying together ------------------------------------------------------ */

static void supervise_for_ever(int tell)
{
    struct supervised supervised;
    open_dummy(&supervised, DUMMY "training.end = hang\n");
    supervised_start(&supervised, 0);
    long pid = supervised.supervisor.pid;
    MUST(write(tell, &pid, sizeof pid) == sizeof pid);
    while (true)
        pause();
}

static void a_trial_dies_with_its_supervisor(void **state)
{
    (void)state;
    int ends[2];
    long trial = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t supervisor = fork();
    assert_true(supervisor >= 0);
    if (supervisor == 0)
        supervise_for_ever(ends[1]);
    assert_int_equal(read(ends[0], &trial, sizeof trial), sizeof trial);
    usleep(100000);
    assert_true(supervised_is_running(trial));
    kill(supervisor, SIGKILL);
    waitpid(supervisor, NULL, 0);
    assert_false(supervised_goes_on_running(trial));
    close(ends[0]);
    close(ends[1]);
}

static void closing_kills_the_trial(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, DUMMY "training.end = hang\n");
    supervised_start(&supervised, 0);
    long pid = supervised.supervisor.pid;
    assert_true(supervised_is_running(pid));
    supervised_close(&supervised);
    assert_false(supervised_is_running(pid));
}

int main(void)
{
    stop_watch(); /* as a rank does: a broken pipe is no signal */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_arrives_whole),
        cmocka_unit_test(a_diverged_training_is_a_result),
        cmocka_unit_test(an_attack_is_named_beside_its_cell),
        cmocka_unit_test(one_supervisor_serves_many_tasks),
        cmocka_unit_test(every_death_has_its_cause),
        cmocka_unit_test(a_refusal_is_told),
        cmocka_unit_test(a_hanging_trial_is_killed_at_its_limit),
        cmocka_unit_test(what_ended_in_time_counts_however_late_it_is_seen),
        cmocka_unit_test(an_interrupted_trial_is_not_a_failed_one),
        cmocka_unit_test(a_program_that_cannot_start_is_refused),
        cmocka_unit_test(a_record_of_other_samples_does_not_count),
        cmocka_unit_test(what_does_not_fit_is_not_started),
        cmocka_unit_test(what_just_fits_or_is_not_known_is_started),
        cmocka_unit_test(a_kill_for_lack_of_memory_is_told),
        cmocka_unit_test(a_trial_dies_with_its_supervisor),
        cmocka_unit_test(closing_kills_the_trial),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
