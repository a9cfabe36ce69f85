#include "core/rng.h"
#include "io/segment.h"
#include "tests/audience.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void outcomes_come_back_in_order(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *folder = scratch_path(&scratch, "segments");
    struct segment_writer writer;
    audience_assert_holds(folder, 0); /* is not there yet */
    assert_int_equal(segment_open(folder, &writer), STATUS_OK);
    audience_assert_holds(folder, 0);
    for (uint64_t i = 0; i < 40; i += 4) {
        audience_append(&writer, i, 4);
        assert_int_equal(writer.n_waiting, 4);
        assert_int_equal(segment_flush(&writer), STATUS_OK);
        assert_int_equal(writer.n_waiting, 0);
    }
    assert_int_equal(segment_flush(&writer), STATUS_OK); /* nothing to do */
    assert_int_equal(scratch_count(folder, ".seg"), 10);
    segment_close(&writer);
    audience_assert_holds(folder, 40);
    scratch_remove(&scratch);
}

static void nothing_is_there_before_the_flush(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer;
    assert_int_equal(segment_open(scratch.folder, &writer), STATUS_OK);
    audience_append(&writer, 0, 3);
    audience_assert_holds(scratch.folder, 0);
    segment_close(&writer);
    audience_assert_holds(scratch.folder, 0);
    scratch_remove(&scratch);
}

static void numbers_and_generations_go_on(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    for (uint64_t run = 0; run < 5; run++) {
        struct segment_writer writer;
        assert_int_equal(segment_open(scratch.folder, &writer), STATUS_OK);
        assert_int_equal(writer.generation, run + 1);
        assert_int_equal(writer.next_number, run * 2);
        audience_append(&writer, run * 2, 1);
        assert_int_equal(segment_flush(&writer), STATUS_OK);
        audience_append(&writer, run * 2 + 1, 1);
        assert_int_equal(segment_flush(&writer), STATUS_OK);
        segment_close(&writer);
    }
    audience_assert_holds(scratch.folder, 10);
    scratch_remove(&scratch);
}

static void two_writers_do_not_meet(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer one, two;
    audience_write(scratch.folder, 0, 1);
    assert_int_equal(segment_open(scratch.folder, &one), STATUS_OK);
    assert_int_equal(segment_open(scratch.folder, &two), STATUS_OK);
    assert_int_not_equal(one.generation, two.generation);
    audience_append(&one, 1, 2);
    audience_append(&two, 3, 2);
    assert_int_equal(segment_flush(&one), STATUS_OK);
    assert_int_equal(segment_flush(&two), STATUS_OK);
    segment_close(&one);
    segment_close(&two);
    audience_assert_holds(scratch.folder, 5);
    scratch_remove(&scratch);
}

/* Children that open at the same time; each writes one segment. */
static int write_own(void *self)
{
    struct segment_writer writer;
    struct outcome outcome = audience_make_outcome((uint64_t)getpid());
    if (segment_open(self, &writer) != STATUS_OK)
        return 1;
    segment_append(&writer, &outcome);
    return segment_flush(&writer) != STATUS_OK;
}

static void many_writers_at_once_lose_nothing(void **state)
{
    (void)state;
    enum { N_WRITERS = 24 };
    struct scratch scratch = scratch_make();
    for (int i = 0; i < N_WRITERS; i++)
        if (fork() == 0)
            _exit(write_own(scratch.folder));
    for (int i = 0, how; i < N_WRITERS; i++) {
        assert_true(wait(&how) > 0);
        assert_int_equal(how, 0);
    }
    struct audience audience = audience_read(scratch.folder);
    assert_int_equal(audience.n_damaged, 0);
    assert_int_equal(audience.n_seen, N_WRITERS);
    assert_int_equal(scratch_count(scratch.folder, ".run"), N_WRITERS);
    scratch_remove(&scratch);
}

static void a_full_disk_keeps_what_waits(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer;
    assert_int_equal(segment_open(scratch.folder, &writer), STATUS_OK);
    audience_append(&writer, 0, 2);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    audience_append(&writer, 2, 30);
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 5000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    enum status status = segment_flush(&writer);
    audience_append(&writer, 32, 1);
    enum status again = segment_flush(&writer);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, STATUS_FULL);
    assert_int_equal(again, STATUS_FULL);
    assert_int_equal(writer.n_waiting, 31);
    assert_int_equal(scratch_count(scratch.folder, ".tmp"), 0);
    audience_assert_holds(scratch.folder, 2);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
    audience_assert_holds(scratch.folder, 33);
    scratch_remove(&scratch);
}

static void a_folder_that_cannot_be_is_refused(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer = {.generation = 77};
    const char *file = scratch_path(&scratch, "file");
    scratch_write(file, "x", 1);
    assert_int_equal(segment_open(file, &writer), STATUS_INVALID);
    assert_int_equal(segment_open(scratch_path(&scratch, "a/b"), &writer),
                     STATUS_NOT_FOUND);
    assert_int_equal(writer.generation, 77);
    struct audience audience = {.n_seen = 0};
    assert_int_equal(audience_try(file, &audience), STATUS_NOT_FOUND);
    scratch_remove(&scratch);
}

static void other_files_are_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {
        "00000009-00000009.seg.tmp", "0000000g-00000001.seg", "0-1.seg",
        "00000009-00000009.SEG",     "A0000009-00000009.seg", "notes.txt"};
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        scratch_write(scratch_path(&scratch, names[i]), "not ours", 8);
    audience_write(scratch.folder, 0, 3);
    audience_assert_holds(scratch.folder, 3);
    assert_int_equal(scratch_count(scratch.folder, "00000000-00000001.seg"),
                     1);
    scratch_remove(&scratch);
}

static void a_visits_refusal_ends_the_reading(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    audience_write(scratch.folder, 0, 3);
    audience_write(scratch.folder, 3, 3);
    struct audience audience = {.refuse_at = 2};
    assert_int_equal(audience_try(scratch.folder, &audience), STATUS_INVALID);
    assert_string_equal(status_reason(), "enough");
    assert_int_equal(audience.n_seen, 2);
    assert_int_equal(audience.n_damaged, 0);
    scratch_remove(&scratch);
}

/* kills --------------------------------------------------------------- */

/* Writes until it is killed, from 0 on, telling after each flush how many
 * outcomes are safe. */
static void write_until_killed(const char *folder, int tell)
{
    struct segment_writer writer;
    if (segment_open(folder, &writer) != STATUS_OK)
        _exit(1);
    for (uint64_t n = 1;; n++) {
        struct outcome outcome = audience_make_outcome(n - 1);
        segment_append(&writer, &outcome);
        if (n % 3 == 0 && segment_flush(&writer) != STATUS_OK)
            _exit(2);
        if (n % 3 == 0 && write(tell, &n, sizeof n) != sizeof n)
            _exit(3);
    }
}

/* After up to so long. */
static uint64_t kill_a_writer(const char *folder, uint64_t round,
                              uint32_t longest_ns)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_until_killed(folder, ends[1]);
    close(ends[1]);
    uint32_t word = rng_word((struct rng_stream){9, RNG_NOISE, 0}, round);
    nanosleep(&(struct timespec){.tv_nsec = word % longest_ns}, NULL);
    kill(child, SIGKILL);
    int how;
    waitpid(child, &how, 0);
    assert_true(WIFSIGNALED(how));
    uint64_t n, n_safe = 0;
    while (read(ends[0], &n, sizeof n) == sizeof n)
        n_safe = n;
    close(ends[0]);
    return n_safe;
}

static void a_killed_writer_leaves_whole_segments_only(void **state)
{
    (void)state;
    size_t n_written = 0;
    /* More, and longer ones, on a machine so slow that none has written. */
    for (uint64_t round = 0; round < 100 || (round < 200 && n_written == 0);
         round++) {
        struct scratch scratch = scratch_make();
        uint64_t n_safe = kill_a_writer(scratch.folder, round,
                                        round < 100 ? 5000000 : 200000000);
        struct audience audience = audience_read(scratch.folder);
        assert_int_equal(audience.n_damaged, 0);
        assert_in_range(audience.n_seen, n_safe, n_safe + 3);
        audience_assert_holds(scratch.folder, audience.n_seen);
        n_written += audience.n_seen;
        scratch_remove(&scratch);
    }
    assert_true(n_written > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_come_back_in_order),
        cmocka_unit_test(nothing_is_there_before_the_flush),
        cmocka_unit_test(numbers_and_generations_go_on),
        cmocka_unit_test(two_writers_do_not_meet),
        cmocka_unit_test(many_writers_at_once_lose_nothing),
        cmocka_unit_test(a_full_disk_keeps_what_waits),
        cmocka_unit_test(a_folder_that_cannot_be_is_refused),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(a_visits_refusal_ends_the_reading),
        cmocka_unit_test(a_killed_writer_leaves_whole_segments_only),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
