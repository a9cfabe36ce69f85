/* The process that makes a rank's trials: it may die, trials live on. */
#include "sweep/clock.h"
#include "sweep/stop.h"
#include "tests/supervised.h"
#include "tests/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANGS "training = dummy\ntraining.end = hang\n"
#define SLEEPS "training = dummy\ntraining.sleep_s = 0.2\n"

static void open_dummy(struct supervised *supervised, const char *settings)
{
    supervised_open(supervised, supervised_program(), "no-folder", settings);
}

static void run(struct supervised *supervised)
{
    supervised_start(supervised, 60);
    supervised_wait(supervised);
    assert_int_equal(supervised->outcome.state, OUTCOME_DONE);
}

static long parent_of(long pid)
{
    char path[64];
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d (%*[^)]) %*c %ld", &parent), 1);
    fclose(file);
    return parent;
}

static void one_nursery_makes_all_trials(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, SLEEPS);
    run(&supervised);
    pid_t nursery = supervised.supervisor.nursery.process;
    assert_true(nursery > 0);
    for (int i = 0; i < 3; i++) {
        supervised_start(&supervised, 60);
        assert_true(supervised.supervisor.pid != nursery);
        assert_int_equal(parent_of(supervised.supervisor.pid), getpid());
        supervised_wait(&supervised);
        assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    }
    assert_int_equal(supervised.supervisor.nursery.process, nursery);
    supervised_close(&supervised);
    assert_false(supervised_is_running(nursery));
}

static void read_command(long pid, char command[512])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(command, 1, 511, file);
    fclose(file);
    for (size_t i = 0; i < n; i++)
        if (command[i] == '\0')
            command[i] = ' ';
    command[n] = '\0';
}

static void processes_tell_what_they_are(void **state)
{
    (void)state;
    char command[512];
    struct supervised supervised;
    open_dummy(&supervised, HANGS);
    supervised_start(&supervised, 0);
    read_command(supervised.supervisor.nursery.process, command);
    assert_non_null(strstr(command, " nurse --supervisor "));
    /* The trial names itself a moment after it was made. */
    double end_s = clock_now_s() + 10;
    do
        read_command(supervised.supervisor.pid, command);
    while (!strstr(command, " trial --supervisor ") && clock_now_s() < end_s);
    assert_non_null(strstr(command, " trial --supervisor "));
    assert_non_null(strstr(command, " no-folder"));
    supervised_close(&supervised);
}

static void a_trial_survives_its_nursery_and_another_one_is_started(
    void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, SLEEPS);
    supervised_start(&supervised, 60);
    pid_t nursery = supervised.supervisor.nursery.process;
    kill(nursery, SIGKILL);
    supervised_wait(&supervised);
    assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    run(&supervised);
    assert_true(supervised.supervisor.nursery.process > 0 &&
                supervised.supervisor.nursery.process != nursery);
    supervised_close(&supervised);
}

/* As when a batch system sends it to all processes of a job. */
static void signals_to_leave_end_no_nursery(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    struct supervised supervised;
    open_dummy(&supervised, SLEEPS);
    run(&supervised);
    pid_t nursery = supervised.supervisor.nursery.process;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        kill(nursery, signals[i]);
    usleep(50000);
    run(&supervised);
    assert_int_equal(supervised.supervisor.nursery.process, nursery);
    supervised_close(&supervised);
}

/* Who was made before its first instruction still leaves when it is told. */
static void a_trial_that_was_just_made_hears_its_signals(void **state)
{
    (void)state;
    struct supervised supervised;
    open_dummy(&supervised, HANGS);
    for (int i = 0; i < 20; i++) {
        supervised_start(&supervised, 60);
        supervisor_send_away(&supervised.supervisor, 30);
        double began_s = clock_now_s();
        supervised_wait(&supervised);
        assert_int_equal(supervised.outcome.state, OUTCOME_INTERRUPTED);
        assert_true(clock_now_s() - began_s < 20);
    }
    supervised_close(&supervised);
}

/* Their memory is their own: what one takes or breaks is not the next one's. */
static void after_every_death_the_next_trial_is_whole(void **state)
{
    (void)state;
    static const char *const ends[] = {"segv", "abort", "kill", "exhaust",
                                       "hoard", "partial"};
    struct supervised dying, whole;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char settings[64];
        snprintf(settings, sizeof settings,
                 "training = dummy\ntraining.end = %s\n", ends[i]);
        open_dummy(&dying, settings);
        open_dummy(&whole, SLEEPS);
        dying.supervisor.room_bytes = whole.supervisor.room_bytes = 1 << 20;
        supervised_start(&dying, 60);
        supervised_wait(&dying);
        assert_int_equal(dying.outcome.state, OUTCOME_FAILED);
        whole.supervisor.nursery = dying.supervisor.nursery;
        dying.supervisor.nursery = (struct nursery){.process = 0};
        run(&whole);
        supervised_close(&whole);
        supervised_close(&dying);
    }
}

static void supervise_for_ever(int tell)
{
    struct supervised supervised;
    open_dummy(&supervised, HANGS);
    supervised_start(&supervised, 0);
    long pid = supervised.supervisor.nursery.process;
    MUST(write(tell, &pid, sizeof pid) == sizeof pid);
    while (true)
        pause();
}

static void a_nursery_dies_with_its_rank(void **state)
{
    (void)state;
    int ends[2];
    long nursery = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t rank = fork();
    assert_true(rank >= 0);
    if (rank == 0)
        supervise_for_ever(ends[1]);
    assert_int_equal(read(ends[0], &nursery, sizeof nursery), sizeof nursery);
    assert_true(supervised_is_running(nursery));
    kill(rank, SIGKILL);
    waitpid(rank, NULL, 0);
    assert_false(supervised_goes_on_running(nursery));
    close(ends[0]);
    close(ends[1]);
}

static void who_answers_nothing_is_refused(void **state)
{
    (void)state;
    struct supervised supervised;
    supervised_open(&supervised, "/bin/true", ".", SLEEPS);
    struct assignment assignment = {.attempt = 1, .spec = supervised.spec};
    assert_int_equal(supervisor_start(&supervised.supervisor, &assignment),
                     STATUS_SYSTEM);
    assert_non_null(strstr(status_reason(), "/bin/true: the process that is to "
                                            "start trials has died"));
    assert_true(supervisor_is_idle(&supervised.supervisor));
    status_forget();
    supervised_close(&supervised);
}

int main(void)
{
    stop_watch(); /* as a rank does: a broken pipe is no signal */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_nursery_makes_all_trials),
        cmocka_unit_test(processes_tell_what_they_are),
        cmocka_unit_test(
            a_trial_survives_its_nursery_and_another_one_is_started),
        cmocka_unit_test(signals_to_leave_end_no_nursery),
        cmocka_unit_test(a_trial_that_was_just_made_hears_its_signals),
        cmocka_unit_test(after_every_death_the_next_trial_is_whole),
        cmocka_unit_test(a_nursery_dies_with_its_rank),
        cmocka_unit_test(who_answers_nothing_is_refused),
    };
    return cmocka_run_group_tests_name("nursery", tests, NULL, NULL);
}
