#include "core/rng.h"
#include "tests/audience.h"
#include "tests/merge_stage.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A kill finds the new file there or not, and of the old ones some gone. */
static void a_kill_between_two_steps_loses_and_doubles_nothing(
    void **state)
{
    (void)state;
    enum { N = 6 };
    for (size_t gone = 0; gone <= N; gone++) {
        struct scratch scratch = scratch_make();
        struct segment_list old = {0};
        struct bytes files[N];
        merge_stage_write(scratch.folder, 0, N);
        assert_int_equal(segment_list_files(scratch.folder, &scratch.arena,
                                            &old), STATUS_OK);
        assert_int_equal(old.n, N);
        for (size_t i = 0; i < N; i++)
            files[i] = scratch_read(scratch_path(&scratch, old.at[i].name));
        merge_stage_merge(scratch.folder, FAN);
        assert_int_equal(scratch_count(scratch.folder, ".seg"), 1);
        for (size_t i = gone; i < N; i++)
            scratch_write(scratch_path(&scratch, old.at[i].name), files[i].at,
                          files[i].n);
        scratch_write(scratch_path(&scratch, "00000077-00000002.seg.a.1.0.tmp"),
                      files[0].at, files[0].n / 2);
        audience_assert_holds(scratch.folder, N);
        merge_stage_write(scratch.folder, N, N + 2);
        audience_assert_holds(scratch.folder, N + 2);
        merge_stage_merge(scratch.folder, 2);
        audience_assert_holds(scratch.folder, N + 2);
        /* What was left is gone; of both tiers there is one at most. */
        assert_in_range(scratch_count(scratch.folder, ".seg"), 1, 2);
        for (size_t i = 0; i < N; i++)
            bytes_free(&files[i]);
        scratch_remove(&scratch);
    }
}

/* Goes on with what is there, one outcome a segment, and merges all that there
 * is, again and again; tells after each flush how many outcomes are safe. */
static void write_until_killed(const char *folder, uint64_t first, int tell)
{
    struct segment_writer writer;
    if (segment_open(folder, &writer) != STATUS_OK)
        _exit(1);
    writer.fan = 3;
    segment_merge_all(&writer, 0, NULL);
    for (uint64_t n = first + 1;; n++) {
        struct outcome outcome = audience_make_outcome(n - 1);
        segment_append(&writer, &outcome);
        if (segment_flush(&writer) != STATUS_OK)
            _exit(2);
        if (write(tell, &n, sizeof n) != sizeof n)
            _exit(3);
    }
}

static pid_t start_writer(const char *folder, uint64_t first, int ends[2])
{
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60); /* nobody kills it once the test has failed */
        write_until_killed(folder, first, ends[1]);
    }
    close(ends[1]);
    return child;
}

static uint64_t end_writer(pid_t child, int tell, uint64_t n_safe)
{
    int how;
    uint64_t n;
    kill(child, SIGKILL);
    waitpid(child, &how, 0);
    assert_true(WIFSIGNALED(how));
    while (read(tell, &n, sizeof n) == sizeof n)
        n_safe = n;
    close(tell);
    return n_safe;
}

static void kills_at_any_instant_lose_and_double_nothing(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    uint64_t n = 0;
    for (uint64_t round = 0; round < 60 && n < 3000; round++) {
        int ends[2];
        uint32_t word = rng_word((struct rng_stream){9, RNG_NOISE, 1}, round);
        pid_t child = start_writer(scratch.folder, n, ends);
        nanosleep(&(struct timespec){.tv_nsec = word % 15000000}, NULL);
        uint64_t n_safe = end_writer(child, ends[0], n);
        struct audience audience = audience_read(scratch.folder);
        assert_int_equal(audience.n_damaged, 0);
        assert_in_range(audience.n_seen, n_safe, n_safe + 1);
        audience_assert_holds(scratch.folder, audience.n_seen);
        n = audience.n_seen;
    }
    assert_true(n > 0);
    merge_stage_merge(scratch.folder, 3);
    audience_assert_holds(scratch.folder, n);
    assert_in_range(scratch_count(scratch.folder, ".seg"), 1, 2 * 9);
    scratch_remove(&scratch);
}

static void a_reader_sees_each_outcome_once_all_the_while(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    int ends[2];
    merge_stage_write(scratch.folder, 0, 20);
    pid_t child = start_writer(scratch.folder, 20, ends);
    size_t n_last = 20;
    for (int i = 0; i < 100 && n_last < 3000; i++) {
        struct audience audience = audience_read(scratch.folder);
        assert_int_equal(audience.n_damaged, 0);
        assert_true(audience.n_seen >= n_last);
        for (size_t k = 0; k < audience.n_seen; k++)
            assert_int_equal(audience.seen[k], k);
        n_last = audience.n_seen;
    }
    uint64_t n_safe = end_writer(child, ends[0], 20);
    audience_assert_holds(scratch.folder, audience_read(scratch.folder).n_seen);
    assert_true(n_safe >= 20 && n_last >= 20);
    scratch_remove(&scratch);
}

/* Several runs that know nothing of each other put the same files together. */
static int merge_in_child(void *self)
{
    merge_stage_merge(self, 2);
    return 0;
}

static void runs_that_merge_at_once_take_nothing_from_each_other(void **state)
{
    (void)state;
    enum { N = 30, RUNS = 5 };
    for (int round = 0; round < 4; round++) {
        struct scratch scratch = scratch_make();
        merge_stage_write(scratch.folder, 0, N);
        for (int i = 0; i < RUNS; i++)
            if (fork() == 0)
                _exit(merge_in_child(scratch.folder));
        for (int i = 0, how; i < RUNS; i++) {
            assert_true(wait(&how) > 0);
            assert_int_equal(how, 0);
            audience_assert_holds(scratch.folder, N);
        }
        merge_stage_merge(scratch.folder, 2);
        audience_assert_holds(scratch.folder, N);
        scratch_remove(&scratch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_between_two_steps_loses_and_doubles_nothing),
        cmocka_unit_test(kills_at_any_instant_lose_and_double_nothing),
        cmocka_unit_test(a_reader_sees_each_outcome_once_all_the_while),
        cmocka_unit_test(runs_that_merge_at_once_take_nothing_from_each_other),
    };
    return cmocka_run_group_tests_name("segment merge, kills", tests, NULL,
                                       NULL);
}
