/*
 * The supervisor and children that behave strangely: this program started
 * again, as "test_supervisor_child trial --supervisor PID ... BEHAVIOUR".
 */
#include "core/spec.h"
#include "sweep/clock.h"
#include "sweep/spawn.h"
#include "sweep/stop.h"
#include "tests/supervised.h"
#include "tests/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* behaviours ---------------------------------------------------------- */

static void send_record(void)
{
    struct arena arena = arena_open();
    struct record record = {.stage = STAGE_TRAIN};
    struct bytes packed = {0};
    record_lay_out(&record, &arena);
    record_pack(&record, &packed);
    MUST(frame_write(FRAME_FD, FRAME_RECORD, packed.at, packed.n) ==
         STATUS_OK);
    bytes_free(&packed);
    arena_close(&arena);
}

static int repeat_spec(void)
{
    char buffer[4096];
    ssize_t n;
    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
        MUST(fwrite(buffer, 1, (size_t)n, stderr) == (size_t)n);
    return 1;
}

static int talk_much(void)
{
    for (int i = 1; i <= 30000; i++)
        fprintf(stderr, "line %d\n", i);
    printf("standard output goes there, too\n");
    return 1;
}

static int talk_for_ever(void)
{
    static char zeros[1 << 16];
    while (write(STDERR_FILENO, zeros, sizeof zeros) > 0)
        continue;
    return 1;
}

static int say_zeros(void)
{
    return fwrite("before\0after\n", 1, 13, stderr) == 13;
}

/* Leaves a process behind that holds all pipes open. */
static int leave_child(void)
{
    pid_t child = fork();
    if (child == 0)
        while (true)
            pause();
    fprintf(stderr, "%ld", (long)child);
    return 1;
}

static int make_progress(void)
{
    for (uint64_t i = 1; i <= 3; i++) {
        struct progress progress = {i, 3, 0.5};
        MUST(frame_write_progress(FRAME_FD, progress) == STATUS_OK);
        usleep(100000);
    }
    send_record();
    return 0;
}

static int make_much_progress(void)
{
    for (uint64_t i = 1; i <= 100000; i++)
        MUST(frame_write_progress(FRAME_FD, (struct progress){i, 100000, 1}) ==
             STATUS_OK);
    send_record();
    return 0;
}

static int say_nonsense(void)
{
    MUST(frame_write(FRAME_FD, FRAME_RECORD, "nonsense", 8) == STATUS_OK);
    return 0;
}

static int end_badly_after_all(void)
{
    send_record();
    return 7;
}

static void report_signals(void)
{
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (number == SIGKILL || number == SIGSTOP)
            continue;
        sigaction(number, NULL, &action);
        if (action.sa_handler == SIG_IGN || sigismember(&blocked, number))
            fprintf(stderr, "signal %d\n", number);
    }
}

/* Everything that is inherited and should not be. */
static int report_inheritance(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        int fd = atoi(entry->d_name);
        if (fd > FRAME_FD && fd != dirfd(folder))
            fprintf(stderr, "descriptor %d\n", fd);
    }
    closedir(folder);
    for (char **at = environ; *at; at++)
        if (strncmp(*at, "MPICC=", 6) != 0 && /* make's, no launcher's */
            (strstr(*at, "PMI") || strstr(*at, "MPI") || strstr(*at, "KEPT")))
            fprintf(stderr, "%s\n", *at);
    report_signals();
    fprintf(stderr, "group %s\n", getpgrp() == getpid() ? "own" : "shared");
    return 1;
}

static const struct {
    const char *name;
    int (*run)(void);
} behaviours[] = {
    {"repeat_spec", repeat_spec},
    {"talk_much", talk_much},
    {"talk_for_ever", talk_for_ever},
    {"say_zeros", say_zeros},
    {"leave_child", leave_child},
    {"make_progress", make_progress},
    {"make_much_progress", make_much_progress},
    {"say_nonsense", say_nonsense},
    {"end_badly_after_all", end_badly_after_all},
    {"report_inheritance", report_inheritance},
};

static int behave(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT(behaviours); i++)
        if (strcmp(behaviours[i].name, name) == 0)
            return behaviours[i].run();
    MUST(!"a behaviour");
    return 1;
}

/* tests --------------------------------------------------------------- */

static void open_child(struct supervised *supervised, const char *behaviour)
{
    supervised_open(supervised, spawn_own_program(), behaviour,
                    "training = dummy\n");
}

static void run_child(struct supervised *supervised, const char *behaviour,
                      double limit_s)
{
    open_child(supervised, behaviour);
    supervised_start(supervised, limit_s);
    supervised_wait(supervised);
}

static void the_spec_arrives_whole(void **state)
{
    (void)state;
    struct supervised supervised;
    run_child(&supervised, "repeat_spec", 0);
    assert_string_equal(supervised.outcome.message, supervised.spec);
    supervised_close(&supervised);
}

static void of_many_words_the_last_are_kept(void **state)
{
    (void)state;
    struct supervised supervised;
    run_child(&supervised, "talk_much", 0);
    const char *message = supervised.outcome.message;
    assert_int_equal(strlen(message), 4096);
    assert_non_null(strstr(message, "line 29999\nline 30000\n"
                                    "standard output goes there, too\n"));
    assert_string_equal(supervised.outcome.cause, "exit status 1");
    supervised_close(&supervised);
}

static void endless_words_do_not_hold_up_the_limit(void **state)
{
    (void)state;
    struct supervised supervised;
    double began_s = clock_now_s();
    run_child(&supervised, "talk_for_ever", 0.3);
    assert_int_equal(supervised.outcome.state, OUTCOME_TIMED_OUT);
    assert_true(clock_now_s() - began_s < 5);
    assert_true(supervised.supervisor.words.capacity < 1 << 22);
    supervised_close(&supervised);
}

static void zeros_do_not_cut_the_words(void **state)
{
    (void)state;
    struct supervised supervised;
    run_child(&supervised, "say_zeros", 0);
    assert_string_equal(supervised.outcome.message, "before?after\n");
    supervised_close(&supervised);
}

static void what_a_trial_leaves_behind_is_killed(void **state)
{
    (void)state;
    struct supervised supervised;
    run_child(&supervised, "leave_child", 20);
    assert_string_equal(supervised.outcome.cause, "exit status 1");
    long left = strtol(supervised.outcome.message, NULL, 10);
    assert_true(left > 0);
    assert_false(supervised_goes_on_running(left));
    supervised_close(&supervised);
}

static void progress_is_seen_as_it_is_made(void **state)
{
    (void)state;
    struct supervised supervised;
    open_child(&supervised, "make_progress");
    supervised_start(&supervised, 0);
    bool seen[4] = {false};
    while (!supervisor_poll(&supervised.supervisor, &supervised.packed)) {
        assert_true(supervised.supervisor.progress.done <= 3);
        seen[supervised.supervisor.progress.done] = true;
        supervisor_sleep(&supervised.supervisor, 0.01);
    }
    assert_true(seen[1] && seen[2] && seen[3]);
    assert_true(supervised.supervisor.progress.total == 3 &&
                supervised.supervisor.progress.loss == 0.5);
    assert_int_equal(outcome_unpack(supervised.packed.at, supervised.packed.n,
                                    &supervised.arena, &supervised.outcome),
                     STATUS_OK);
    assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    supervised_close(&supervised);
}

static void much_progress_needs_no_memory(void **state)
{
    (void)state;
    struct supervised supervised;
    run_child(&supervised, "make_much_progress", 0);
    assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    assert_int_equal(supervised.supervisor.progress.done, 100000);
    assert_true(supervised.supervisor.frames.capacity < 1 << 21);
    supervised_close(&supervised);
}

static void a_word_wakes_the_sleeper(void **state)
{
    (void)state;
    struct supervised supervised;
    open_child(&supervised, "make_progress");
    supervised_start(&supervised, 0);
    double began_s = clock_now_s();
    supervisor_sleep(&supervised.supervisor, 20);
    assert_true(clock_now_s() - began_s < 10);
    supervised_wait(&supervised);
    supervised_close(&supervised);
}

static void nonsense_is_no_record(void **state)
{
    (void)state;
    struct supervised supervised;
    run_child(&supervised, "say_nonsense", 0);
    assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
    assert_string_equal(supervised.outcome.cause,
                        "exit status 0 without a whole record");
    supervised_close(&supervised);
    run_child(&supervised, "end_badly_after_all", 0);
    assert_int_equal(supervised.outcome.state, OUTCOME_FAILED);
    assert_string_equal(supervised.outcome.cause, "exit status 7");
    assert_null(supervised.outcome.record);
    supervised_close(&supervised);
}

static void nothing_is_inherited_but_what_is_said(void **state)
{
    (void)state;
    static const char *const launchers[] = {
        "OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE",
        "MPI_LOCALNRANKS"};
    struct supervised supervised;
    sigset_t blocked;
    for (size_t i = 0; i < KIND_COUNT(launchers); i++)
        setenv(launchers[i], "1", 1);
    setenv("KEPT", "yes", 1);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    int fd = open("/dev/null", O_RDONLY), other = dup2(fd, 200);
    assert_true(fd > 0 && other == 200);
    run_child(&supervised, "report_inheritance", 0);
    assert_string_equal(supervised.outcome.message, "KEPT=yes\ngroup own\n");
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    close(fd);
    close(other);
    supervised_close(&supervised);
}

/* A thousand trials leave no descriptor behind; a dozen will show it. */
static void nothing_is_left_open(void **state)
{
    (void)state;
    int before = dup(0);
    close(before);
    for (int i = 0; i < 12; i++) {
        struct supervised supervised;
        run_child(&supervised, "end_badly_after_all", 0);
        supervised_close(&supervised);
    }
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

static int be_trial(int argc, char **argv)
{
    MUST(argc > 3 && strcmp(argv[1], "trial") == 0);
    return behave(argv[argc - 1]);
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "nurse") == 0)
        return nursery_serve(strtol(argv[3], NULL, 10), be_trial);
    stop_watch(); /* as a rank does: a broken pipe is no signal */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_spec_arrives_whole),
        cmocka_unit_test(of_many_words_the_last_are_kept),
        cmocka_unit_test(endless_words_do_not_hold_up_the_limit),
        cmocka_unit_test(zeros_do_not_cut_the_words),
        cmocka_unit_test(what_a_trial_leaves_behind_is_killed),
        cmocka_unit_test(progress_is_seen_as_it_is_made),
        cmocka_unit_test(much_progress_needs_no_memory),
        cmocka_unit_test(a_word_wakes_the_sleeper),
        cmocka_unit_test(nonsense_is_no_record),
        cmocka_unit_test(nothing_is_inherited_but_what_is_said),
        cmocka_unit_test(nothing_is_left_open),
    };
    return cmocka_run_group_tests_name("supervisor_child", tests, NULL, NULL);
}
