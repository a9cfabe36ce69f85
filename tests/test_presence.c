#include "sweep/presence.h"
#include "sweep/clock.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct presences list(const char *folder, uint32_t own,
                             struct arena *arena)
{
    struct presences presences;
    assert_int_equal(presence_list(folder, own, arena, &presences), STATUS_OK);
    return presences;
}

static void assert_listed(struct scratch *scratch, size_t n)
{
    assert_int_equal(list(scratch->folder, 0, &scratch->arena).n, n);
}

static void a_run_tells_what_it_does(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct digest running[] = {{1, 2}, {3, UINT64_MAX}};
    struct presence presence = presence_begin(10, 7);
    presence.running = running;
    presence.n_running = 2;
    presence.share = 1;
    presence.n_shares = 3;
    presence_write(scratch.folder, &presence);
    assert_int_equal(scratch_count(scratch.folder, "0000000a.run"), 1);
    struct presences presences = list(scratch.folder, 0, &scratch.arena);
    assert_int_equal(presences.n, 1);
    const struct presence *read = &presences.at[0];
    assert_int_equal(read->generation, 10);
    assert_string_equal(read->host, presence.host);
    assert_int_equal(read->process, getpid());
    assert_int_equal(read->n_ranks, 7);
    assert_int_equal(read->n_running, 2);
    assert_int_equal(read->share, 1);
    assert_int_equal(read->n_shares, 3);
    assert_true(digest_equal(read->running[1], running[1]));
    assert_true(read->began_s > 0 && clock_date_s() - read->began_s < 60);
    assert_int_equal(list(scratch.folder, 10, &scratch.arena).n, 0);
    presence_end(&presence);
    presence_write(scratch.folder, &presence);
    assert_listed(&scratch, 0);
    scratch_remove(&scratch);
}

static void only_other_shares_of_as_many_do_not_overlap(void **state)
{
    (void)state;
    static const struct presence of_three[] = {{.share = 0, .n_shares = 3},
                                               {.share = 2, .n_shares = 3}};
    static const struct presence of_two = {.share = 0, .n_shares = 2};
    static const struct presence all = {.n_shares = 0},
                                 single = {.n_shares = 1};
    assert_false(presence_overlaps(&of_three[0], &of_three[1]));
    assert_true(presence_overlaps(&of_three[1], &of_three[1]));
    assert_true(presence_overlaps(&of_three[1], &of_two));
    assert_true(presence_overlaps(&all, &of_two));
    assert_true(presence_overlaps(&all, &all));
    assert_true(presence_overlaps(&single, &all));
}

static void what_is_no_presence_tells_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "host", "host a process -3 ticks 0 began 1 ended 0 ranks 1",
        "host a process 99999999999 ticks 0 began 1 ended 0 ranks 1"};
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        scratch_write(scratch_path(&scratch, "00000001.run"), texts[i],
                      strlen(texts[i]));
        assert_listed(&scratch, 0);
    }
    struct presences none;
    assert_int_equal(presence_list(scratch_path(&scratch, "nowhere"), 0,
                                   &scratch.arena, &none),
                     STATUS_NOT_FOUND);
    scratch_remove(&scratch);
}

static void a_process_that_has_died_serves_no_more(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct presence presence = presence_begin(1, 1);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    presence.process = child;
    presence_write(scratch.folder, &presence);
    assert_listed(&scratch, 0);
    scratch_remove(&scratch);
}

/* Another process has its number now. */
static void a_number_that_was_given_again_is_another_process(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct presence presence = presence_begin(1, 1);
    if (presence.ticks == 0) {
        puts("[  SKIP  ] /proc does not tell when a process began");
        skip();
    }
    presence.ticks++;
    presence_write(scratch.folder, &presence);
    assert_listed(&scratch, 0);
    scratch_remove(&scratch);
}

static void runs_elsewhere_serve_as_long_as_they_write(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct presence presence = presence_begin(1, 1);
    snprintf(presence.host, sizeof presence.host, "another-machine");
    presence_write(scratch.folder, &presence);
    assert_listed(&scratch, 1);
    struct timespec times[2] = {{(time_t)clock_date_s() - 300, 0}};
    times[1] = times[0];
    const char *path = scratch_path(&scratch, "00000001.run");
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_listed(&scratch, 0);
    /* Times are compared on the folder's own clock, by one's own file. */
    struct presence own = presence_begin(2, 1);
    presence_write(scratch.folder, &own);
    path = scratch_path(&scratch, "00000002.run");
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(list(scratch.folder, 2, &scratch.arena).n, 1);
    scratch_remove(&scratch);
}

static void a_presence_is_described_in_words(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct presence presence = {
        .host = "node1", .process = 12, .began_s = 1.7e9};
    assert_string_equal(presence_describe(&presence, &arena),
                        "node1, process 12, since 2023-11-14 22:13:20 UTC");
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_tells_what_it_does),
        cmocka_unit_test(only_other_shares_of_as_many_do_not_overlap),
        cmocka_unit_test(what_is_no_presence_tells_nothing),
        cmocka_unit_test(a_process_that_has_died_serves_no_more),
        cmocka_unit_test(a_number_that_was_given_again_is_another_process),
        cmocka_unit_test(runs_elsewhere_serve_as_long_as_they_write),
        cmocka_unit_test(a_presence_is_described_in_words),
    };
    return cmocka_run_group_tests_name("presence", tests, NULL, NULL);
}
