#include "sweep/display.h"
#include "core/kind.h"
#include "tests/fake_disk.h"
#include "tests/fake_play.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

/* Three cells with one attack each, two ranks that have said hello. */
struct scene {
    struct play play;
    struct chance chance;
    struct fake_wire wire;
    struct fake_disk disk;
    struct arena arena;
    struct ledger ledger;
    struct coordinator coordinator;
    FILE *out;
    char text[4096];
};

static void open_scene(struct scene *scene)
{
    *scene = (struct scene){.arena = arena_open(), .out = tmpfile()};
    assert_non_null(scene->out);
    play_open(&scene->play, 3, 1);
    fake_wire_open(&scene->wire, 2, &scene->chance);
    scene->disk = fake_disk_open(&scene->play);
    ledger_open(&scene->play.experiment, &scene->play.cells, 1, &scene->arena,
                &scene->ledger);
    fake_disk_begin(&scene->disk, &scene->ledger);
    coordinator_open(&scene->wire.at[0], &scene->ledger,
                     fake_disk_keeper(&scene->disk), &scene->arena,
                     &scene->coordinator);
    for (size_t r = 0; r < 2; r++)
        coordinator_take(&scene->coordinator, r,
                         &(struct message){.kind = MESSAGE_HELLO,
                                           .text = "host"}, 0);
    coordinator_step(&scene->coordinator, 0);
}

static void close_scene(struct scene *scene)
{
    coordinator_close(&scene->coordinator);
    fake_wire_close(&scene->wire);
    fake_disk_close(&scene->disk);
    play_close(&scene->play);
    arena_close(&scene->arena);
    fclose(scene->out);
}

/* A rank ends a task that took so long; half a second later that is
 * permanent. */
static void end_task(struct scene *scene, size_t rank, size_t task,
                     double wall_s, double now_s)
{
    struct bytes packed = {0};
    struct outcome outcome = play_outcome(&scene->play, task, OUTCOME_DONE, 1);
    outcome.wall_s = wall_s;
    outcome_pack(&outcome, &packed);
    coordinator_take(&scene->coordinator, rank,
                     &(struct message){.kind = MESSAGE_OUTCOME,
                                       .task = task,
                                       .at = packed.at,
                                       .n = packed.n}, now_s);
    coordinator_step(&scene->coordinator, now_s);
    coordinator_step(&scene->coordinator, now_s + 0.5);
    bytes_free(&packed);
}

static void assert_estimate(const struct scene *scene, double now_s,
                            double expected_s)
{
    double estimate_s = display_estimate(&scene->coordinator, now_s);
    if (!(fabs(estimate_s - expected_s) < 1e-9))
        fail_msg("%g s, expected %g s", estimate_s, expected_s);
}

static const char *read_out(struct scene *scene)
{
    rewind(scene->out);
    size_t n = fread(scene->text, 1, sizeof scene->text - 1, scene->out);
    scene->text[n] = 0;
    return scene->text;
}

/* times --------------------------------------------------------------- */

static void times_are_hours_minutes_seconds(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } times[] = {{0, "0:00:00"},         {0.4, "0:00:00"},
                 {59.6, "0:01:00"},      {3723, "1:02:03"},
                 {360000, "100:00:00"},  {-1, "?"},
                 {(double)NAN, "?"},     {(double)INFINITY, "?"},
                 {1e12, "?"}};
    for (size_t i = 0; i < KIND_COUNT(times); i++) {
        char text[24];
        display_print_time(times[i].seconds, text);
        assert_string_equal(text, times[i].text);
    }
}

static void nobody_knows_before_a_task_of_each_sort_has_ended(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    assert_true(isnan(display_estimate(&scene.coordinator, 1)));
    end_task(&scene, 0, 0, 10, 10); /* next is the third training */
    assert_true(isnan(display_estimate(&scene.coordinator, 10)));
    end_task(&scene, 0, 1, 4, 14);
    /* A training that should have ended, one of 10 s that has had 4 s, and two
     * attacks of 4 s are left for two ranks. */
    assert_estimate(&scene, 14, (10 - 4 + 2 * 4) / 2.0);
    close_scene(&scene);
}

/* What it was given goes to others; if it comes back, too, and counts once. */
static void a_lost_rank_is_not_counted_on(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    end_task(&scene, 0, 0, 10, 10);
    end_task(&scene, 0, 1, 4, 14);
    coordinator_step(&scene.coordinator, 125);
    assert_true(scene.coordinator.members[1].lost);
    assert_estimate(&scene, 125, 10 + 2 * 4);
    end_task(&scene, 0, 4, 10, 130);
    coordinator_take(&scene.coordinator, 1,
                     &(struct message){.kind = MESSAGE_PROGRESS, .task = 2},
                     130);
    assert_false(scene.coordinator.members[1].lost);
    assert_estimate(&scene, 130, 10); /* the last training; 2 * 4 beside it */
    close_scene(&scene);
}

static void running_tasks_tell_how_far_they_are(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    end_task(&scene, 0, 0, 10, 10); /* next is the third training */
    end_task(&scene, 1, 2, 20, 20); /* next is the first attack */
    assert_true(isnan(display_estimate(&scene.coordinator, 20)));
    coordinator_take(&scene.coordinator, 1,
                     &(struct message){.kind = MESSAGE_PROGRESS,
                                       .task = 1,
                                       .progress = {1, 4, 0.5}}, 22);
    /* A quarter of the attack in 2 s: 8 s each, three of them; and a training
     * of 15 s that has had 12 s. */
    assert_estimate(&scene, 22, (15 + 3 * 8 - 12 - 2) / 2.0);
    close_scene(&scene);
}

static void at_the_end_nothing_is_left(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    for (size_t i = 0; i < scene.play.n_tasks; i++)
        end_task(&scene, 0, i, 1, (double)i);
    assert_true(ledger_is_complete(&scene.ledger));
    assert_true(display_estimate(&scene.coordinator, 9) == 0);
    close_scene(&scene);
}

/* lines --------------------------------------------------------------- */

static void a_plain_line_comes_now_and_then(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    struct display display = display_open(scene.out, DISPLAY_PLAIN, 100);
    display_show(&display, &scene.coordinator, 100);
    display_show(&display, &scene.coordinator, 105);
    display_note(&display, "a note");
    display_show(&display, &scene.coordinator, 111);
    assert_string_equal(
        read_out(&scene),
        "[....................] 0/3 cells, 0/6 tasks, 2 running, 0 failed; "
        "0:00:00 gone, ETA ?\n"
        "a note\n"
        "[....................] 0/3 cells, 0/6 tasks, 2 running, 0 failed; "
        "0:00:11 gone, ETA ?\n");
    close_scene(&scene);
}

static void a_note_wipes_the_live_line_away(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    end_task(&scene, 0, 0, 10, 10);
    end_task(&scene, 0, 1, 4, 14);
    struct display display = display_open(scene.out, DISPLAY_LIVE, 0);
    display_show(&display, &scene.coordinator, 14);
    display_note(&display, "a note");
    display_close(&display, &scene.coordinator, 15);
    const char *text = read_out(&scene), *note = strstr(text, "\ra note\n");
    assert_non_null(note);
    assert_ptr_equal(strstr(text, "\r[######..............] 1/3 cells, 2/6"),
                     text);
    const char *wiped = strchr(text + 1, '\r');
    assert_int_equal(strspn(wiped + 1, " "), (size_t)(wiped - text - 1));
    assert_ptr_equal(wiped + 1 + strspn(wiped + 1, " "), note);
    assert_int_equal(text[strlen(text) - 1], '\n');
    close_scene(&scene);
}

static void without_progress_only_notes_are_shown(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    struct display display = display_open(scene.out, DISPLAY_NONE, 0);
    display_show(&display, &scene.coordinator, 100);
    display_note(&display, "a note");
    display_close(&display, &scene.coordinator, 200);
    assert_string_equal(read_out(&scene), "a note\n");
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_hours_minutes_seconds),
        cmocka_unit_test(nobody_knows_before_a_task_of_each_sort_has_ended),
        cmocka_unit_test(a_lost_rank_is_not_counted_on),
        cmocka_unit_test(running_tasks_tell_how_far_they_are),
        cmocka_unit_test(at_the_end_nothing_is_left),
        cmocka_unit_test(a_plain_line_comes_now_and_then),
        cmocka_unit_test(a_note_wipes_the_live_line_away),
        cmocka_unit_test(without_progress_only_notes_are_shown),
    };
    return cmocka_run_group_tests_name("display", tests, NULL, NULL);
}
