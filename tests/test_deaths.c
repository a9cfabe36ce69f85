/* Runs that died, and what they are said to have died with. */
#include "sweep/deaths.h"
#include "io/durable.h"
#include "sweep/aside.h"
#include "sweep/clock.h"
#include "sweep/folder.h"
#include "sweep/marks.h"
#include "sweep/presence.h"
#include "tests/read_experiment.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_CELLS = 4 };

struct scene {
    struct scratch scratch;
    struct experiment experiment;
    struct cells cells;
    struct ledger ledger;
    struct segment_writer writer;
    const char *folder, *segments;
    size_t n_lines;
};

static void tell(void *self, const char *line)
{
    struct scene *scene = self;
    assert_non_null(strstr(line, "its run died"));
    scene->n_lines++;
}

/* A new run on the folder: what earlier ones left is all that it knows. */
static enum status recall(void *self, const struct outcome *outcome,
                          struct arena *arena)
{
    (void)arena;
    ledger_recall(self, outcome);
    return STATUS_OK;
}

static void damage(void *self, const char *path, const char *reason)
{
    (void)self;
    fail_msg("%s: %s", path, reason);
}

static void begin_run(struct scene *scene)
{
    struct arena *arena = &scene->scratch.arena;
    struct segment_visitor visitor = {&scene->ledger, recall, damage, NULL,
                                      NULL};
    scene->cells = space_enumerate(&scene->experiment, arena);
    ledger_open(&scene->experiment, &scene->cells, 3, arena, &scene->ledger);
    scene->ledger.retry.max_deaths = 3;
    segment_close(&scene->writer);
    assert_int_equal(segment_open(scene->segments, &scene->writer), STATUS_OK);
    assert_int_equal(segment_read_all(scene->segments, &visitor), STATUS_OK);
}

static struct scene open_scene(void)
{
    struct scene scene = {.scratch = scratch_make()};
    struct arena *arena = &scene.scratch.arena;
    scene.folder = scratch_path(&scene.scratch, "sweep");
    scene.segments = folder_segments(scene.folder, arena);
    assert_int_equal(durable_make_folder(scene.folder), STATUS_OK);
    scene.experiment = read_experiment_text(
        arena, "dataset = \"synthetic\";\n"
               "training = { kind = \"dummy\"; seed = [1, 2, 3, 4]; };\n");
    begin_run(&scene);
    return scene;
}

static void close_scene(struct scene *scene)
{
    segment_close(&scene->writer);
    scratch_remove(&scene->scratch);
}

static long dead_process(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    return child;
}

static struct digest digest_of_task(const struct scene *scene, size_t i)
{
    const struct task *task = &scene->ledger.tasks[i];
    return span_digest(task->span, task->digest);
}

/* The run of this generation, which was at these two tasks. */
static struct presence dead_run(const struct scene *scene, size_t one,
                                size_t other)
{
    struct presence run = presence_begin(scene->writer.generation, 2);
    struct marks marks;
    run.process = dead_process();
    run.began_s -= 100;
    marks_begin(&marks, scene->segments, run.generation);
    struct digest tasks[] = {digest_of_task(scene, one),
                             digest_of_task(scene, other)};
    marks_set(&marks, 0, &tasks[0]);
    marks_set(&marks, 1, &tasks[1]);
    close(marks.file);
    return run;
}

static size_t count(struct scene *scene)
{
    struct deaths deaths = {scene->folder,  scene->segments, &scene->ledger,
                            &scene->writer, tell,            scene};
    size_t n = SIZE_MAX;
    assert_int_equal(deaths_count(&deaths, &n), STATUS_OK);
    return n;
}

/* Deaths of all tasks, as a new run sees them. */
static void assert_deaths(struct scene *scene, const unsigned wanted[N_CELLS])
{
    begin_run(scene);
    for (size_t i = 0; i < N_CELLS; i++)
        assert_int_equal(scene->ledger.tasks[i].deaths, wanted[i]);
}

static void what_a_run_died_with_is_counted_once(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct presence run = dead_run(&scene, 1, 3);
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 1);
    assert_int_equal(scene.n_lines, 2);
    assert_int_equal(scratch_count(scene.segments, ".marks"), 0);
    assert_deaths(&scene, (unsigned[]){0, 1, 0, 1});
    assert_int_equal(count(&scene), 0);
    assert_deaths(&scene, (unsigned[]){0, 1, 0, 1});
    assert_int_equal(scene.ledger.tasks[1].state, TASK_READY);
    close_scene(&scene);
}

static void who_is_there_at_every_death_is_set_aside(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    for (size_t i = 0; i < 3; i++) {
        struct presence run = dead_run(&scene, 2, i < 2 ? i : 3);
        presence_write(scene.segments, &run);
        begin_run(&scene);
        assert_int_equal(count(&scene), 1);
    }
    assert_int_equal(scene.ledger.tasks[2].state, TASK_ASIDE);
    assert_deaths(&scene, (unsigned[]){1, 1, 0, 1});
    assert_int_equal(scene.ledger.tasks[2].state, TASK_ASIDE);
    const char *log = aside_path(scene.folder, scene.ledger.tasks[2].digest,
                                 (struct span){0}, &scene.scratch.arena);
    struct bytes bytes = scratch_read(log);
    bytes_append(&bytes, "", 1);
    assert_non_null(strstr((const char *)bytes.at,
                           "died while it was at this task, with 2 ranks"));
    bytes_free(&bytes);
    close_scene(&scene);
}

/* One after the other, each a run of its own. */
static void an_end_that_is_explained_does_not_count(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct presence run = dead_run(&scene, 0, 1);
    run.told_s = clock_date_s() - 2;
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 0);
    run = dead_run(&scene, 0, 1);
    run.ended_s = clock_date_s();
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 0);
    run = dead_run(&scene, 0, 1);
    run.due_s = clock_date_s() + 3;
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 0);
    run = dead_run(&scene, 0, 1);
    run.process = getpid(); /* it goes on */
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 0);
    assert_deaths(&scene, (unsigned[]){0, 0, 0, 0});
    run = dead_run(&scene, 0, 1);
    run.due_s = clock_date_s() + 3000;
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 1);
    assert_deaths(&scene, (unsigned[]){1, 1, 0, 0});
    close_scene(&scene);
}

static void keep_checkpoint(struct scene *scene, size_t i)
{
    struct arena *arena = &scene->scratch.arena;
    const struct task *task = &scene->ledger.tasks[i];
    assert_int_equal(durable_make_folder(folder_checkpoints(scene->folder,
                                                            arena)),
                     STATUS_OK);
    scratch_write(folder_checkpoint(scene->folder, task->digest, task->span,
                                    arena),
                  "x", 1);
}

static void who_got_on_in_that_run_is_let_off(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    keep_checkpoint(&scene, 0);
    struct presence run = dead_run(&scene, 0, 1);
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 1);
    assert_deaths(&scene, (unsigned[]){0, 1, 0, 0});
    run = dead_run(&scene, 0, 1); /* which has not got on any more */
    run.began_s = clock_date_s() + 5;
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 1);
    assert_deaths(&scene, (unsigned[]){1, 2, 0, 0});
    close_scene(&scene);
}

/* A machine that dies takes the marks with it. */
static void without_marks_the_presence_tells(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct presence run = dead_run(&scene, 0, 1);
    struct digest running[] = {digest_of_task(&scene, 3)};
    marks_drop(scene.segments, run.generation);
    run.running = running;
    run.n_running = 1;
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 1);
    assert_deaths(&scene, (unsigned[]){0, 0, 0, 1});
    close_scene(&scene);
}

static void a_death_elsewhere_is_left_to_who_knows_it(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct presence run = dead_run(&scene, 0, 0);
    struct digest running[] = {{1, 2}};
    marks_drop(scene.segments, run.generation);
    run.running = running;
    run.n_running = 1;
    presence_write(scene.segments, &run);
    begin_run(&scene);
    assert_int_equal(count(&scene), 0);
    assert_deaths(&scene, (unsigned[]){0, 0, 0, 0});
    close_scene(&scene);
}

static void who_sets_nothing_aside_counts_nothing(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct presence run = dead_run(&scene, 0, 1);
    presence_write(scene.segments, &run);
    begin_run(&scene);
    scene.ledger.retry.max_deaths = 0;
    assert_int_equal(count(&scene), 0);
    scene.ledger.retry.max_deaths = 3;
    assert_int_equal(count(&scene), 1);
    close_scene(&scene);
}

/* Runs of programs that did not yet say so. */
static void of_runs_of_before_nobody_knows(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct presence run = dead_run(&scene, 0, 1);
    presence_write(scene.segments, &run);
    char name[32];
    snprintf(name, sizeof name, "%08x.run", (unsigned)run.generation);
    const char *path = arena_print(&scene.scratch.arena, "%s/%s",
                                   scene.segments, name);
    struct bytes bytes = scratch_read(path);
    bytes_append(&bytes, "", 1);
    const char *told = strstr((const char *)bytes.at, "told ");
    assert_non_null(told);
    scratch_write(path, bytes.at,
                  (size_t)(told - (const char *)bytes.at));
    bytes_free(&bytes);
    begin_run(&scene);
    assert_int_equal(count(&scene), 0);
    close_scene(&scene);
}

static void marks_are_of_ranks(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct marks marks;
    const struct digest tasks[] = {{1, 2}, {3, 4}}, *read;
    marks_begin(&marks, scratch.folder, 7);
    assert_int_equal(marks_read(scratch.folder, 7, &scratch.arena, &read), 0);
    marks_set(&marks, 4, &tasks[0]);
    marks_set(&marks, 1, &tasks[1]);
    assert_int_equal(marks_read(scratch.folder, 7, &scratch.arena, &read), 2);
    assert_true(digest_equal(read[0], tasks[1]) &&
                digest_equal(read[1], tasks[0]));
    marks_set(&marks, 1, NULL);
    assert_int_equal(marks_read(scratch.folder, 7, &scratch.arena, &read), 1);
    marks_end(&marks);
    assert_int_equal(scratch_count(scratch.folder, ""), 0);
    marks_set(&marks, 1, &tasks[1]); /* as on a disk that refused */
    assert_int_equal(marks_read(scratch.folder, 7, &scratch.arena, &read), 0);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_run_died_with_is_counted_once),
        cmocka_unit_test(who_is_there_at_every_death_is_set_aside),
        cmocka_unit_test(an_end_that_is_explained_does_not_count),
        cmocka_unit_test(who_got_on_in_that_run_is_let_off),
        cmocka_unit_test(without_marks_the_presence_tells),
        cmocka_unit_test(a_death_elsewhere_is_left_to_who_knows_it),
        cmocka_unit_test(who_sets_nothing_aside_counts_nothing),
        cmocka_unit_test(of_runs_of_before_nobody_knows),
        cmocka_unit_test(marks_are_of_ranks),
    };
    return cmocka_run_group_tests_name("deaths", tests, NULL, NULL);
}
