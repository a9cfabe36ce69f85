#include "tests/chaos/watch.h"
#include "core/status.h"
#include "io/results.h"
#include "io/segment.h"
#include "sweep/folder.h"
#include "tests/chaos/prey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct watch watch_begin(const char *folder)
{
    struct watch watch = {.folder = folder, .of_folder = -1};
    watch.checkpoints = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    MUST(watch.checkpoints >= 0);
    return watch;
}

void watch_forget(struct watch *watch)
{
    free(watch->known);
    watch->known = NULL;
    watch->n_known = watch->n_cut = watch->n_retrained = 0;
    watch->cut_file = 0;
    watch->of_folder = -1;
}

void watch_end(struct watch *watch)
{
    watch_forget(watch);
    close(watch->checkpoints);
}

/* results ------------------------------------------------------------- */

struct reading {
    struct watch *watch;
    struct watch_result *at;
    size_t n, capacity;
};

static enum status visit(void *self, const struct outcome *outcome,
                         struct arena *arena)
{
    (void)arena;
    struct reading *reading = self;
    if (outcome->state != OUTCOME_DONE && outcome->state != OUTCOME_DIVERGED)
        return STATUS_OK;
    if (reading->n == reading->capacity) {
        reading->capacity = 2 * reading->capacity + 64;
        reading->at = realloc(reading->at,
                              reading->capacity * sizeof *reading->at);
        MUST(reading->at);
    }
    reading->at[reading->n++] = (struct watch_result){
        outcome->task, outcome->span.first, outcome->span.n};
    return STATUS_OK;
}

static void damage(void *self, const char *path, const char *reason)
{
    struct reading *reading = self;
    struct watch *watch = reading->watch;
    for (size_t i = 0; i < watch->n_cut; i++)
        if (strcmp(watch->cut[i], path) == 0)
            return;
    watch->n_unreadable++;
    fprintf(stderr, "chaos: %s: %s\n", path, reason);
}

static int compare(const void *one, const void *other)
{
    const struct watch_result *a = one, *b = other;
    int order = digest_compare(a->task, b->task);
    if (order != 0)
        return order;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->n > b->n) - (a->n < b->n);
}

static bool may_be_there_twice(const struct watch *watch, struct digest task)
{
    for (size_t i = 0; i < watch->n_retrained; i++)
        if (digest_equal(watch->retrained[i], task))
            return true;
    return false;
}

static void hold_against_known(struct watch *watch,
                               const struct reading *reading)
{
    for (size_t i = 0; i < watch->n_known; i++)
        if (!reading->n || !bsearch(&watch->known[i], reading->at, reading->n,
                                    sizeof *reading->at, compare)) {
            char text[DIGEST_TEXT_SIZE];
            watch->n_lost++;
            fprintf(stderr, "chaos: the result of %s is gone\n",
                    digest_print(watch->known[i].task, text));
        }
    for (size_t i = 1; i < reading->n; i++)
        if (compare(&reading->at[i - 1], &reading->at[i]) == 0 &&
            !may_be_there_twice(watch, reading->at[i].task)) {
            char text[DIGEST_TEXT_SIZE];
            watch->n_twice++;
            fprintf(stderr, "chaos: the result of %s is there twice\n",
                    digest_print(reading->at[i].task, text));
        }
}

static void look_at_segments(struct watch *watch, struct arena *arena)
{
    struct reading reading = {.watch = watch};
    struct segment_visitor visitor = {
        .self = &reading, .visit = visit, .damage = damage};
    if (segment_read_all(folder_segments(watch->folder, arena), &visitor) !=
        STATUS_OK) {
        watch->n_unreadable++;
        fprintf(stderr, "chaos: %s\n", status_reason());
        status_forget();
    }
    if (reading.n)
        qsort(reading.at, reading.n, sizeof *reading.at, compare);
    hold_against_known(watch, &reading);
    free(watch->known);
    watch->known = reading.at;
    watch->n_known = reading.n;
}

static void look_at_file(struct watch *watch, struct arena *arena)
{
    struct results results;
    struct stat stat_of;
    const char *path = arena_print(arena, "%s/sweep.h5", watch->folder);
    if (stat(path, &stat_of) != 0 || stat_of.st_ino == watch->cut_file)
        return;
    if (results_open(path, arena, &results) == STATUS_OK) {
        results_close(&results);
        return;
    }
    watch->n_unreadable++;
    fprintf(stderr, "chaos: %s\n", status_reason());
    status_forget();
}

void watch_look(struct watch *watch)
{
    struct arena arena = arena_open();
    watch->n_looks++;
    look_at_file(watch, &arena);
    look_at_segments(watch, &arena);
    arena_close(&arena);
}

void watch_forgive(struct watch *watch, const char *path)
{
    struct stat stat_of;
    if (strstr(path, "/sweep.h5")) {
        MUST(stat(path, &stat_of) == 0);
        watch->cut_file = stat_of.st_ino;
        return;
    }
    const char *name = strstr(path, "/models/");
    if (name) {
        char text[DIGEST_TEXT_SIZE];
        snprintf(text, sizeof text, "%s", name + strlen("/models/"));
        MUST(watch->n_retrained < WATCH_CUTS_MAX);
        if (digest_parse(text, &watch->retrained[watch->n_retrained]))
            watch->n_retrained++;
    }
    if (!strstr(path, "/segments/"))
        return;
    MUST(watch->n_cut < WATCH_CUTS_MAX && strlen(path) < WATCH_PATH_SIZE);
    strcpy(watch->cut[watch->n_cut++], path);
    free(watch->known);
    watch->known = NULL;
    watch->n_known = 0;
}

/* checkpoints --------------------------------------------------------- */

/* The process that made a temporary file PATH.HOST.PID.RANDOM.tmp, or 0. */
static pid_t writer_of(const char *name)
{
    const char *at = name + strlen(name);
    for (int n_dots = 0; at > name && n_dots < 3; at--)
        n_dots += at[-1] == '.';
    return (pid_t)strtol(at + 1, NULL, 10);
}

static void note(struct watch *watch, pid_t process)
{
    size_t i = 0;
    while (i < WATCH_WRITERS_MAX && watch->writers[i].process != process)
        i++;
    if (i == WATCH_WRITERS_MAX)
        i = watch->next_writer++ % WATCH_WRITERS_MAX;
    watch->writers[i] =
        (struct watch_writer){process, prey_cpu_s(process)};
}

void watch_listen(struct watch *watch)
{
    struct arena arena = arena_open();
    _Alignas(struct inotify_event) char events[4096];
    ssize_t n;
    if (watch->of_folder < 0)
        watch->of_folder = inotify_add_watch(
            watch->checkpoints, folder_checkpoints(watch->folder, &arena),
            IN_MOVED_FROM);
    while ((n = read(watch->checkpoints, events, sizeof events)) > 0)
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *event = (const void *)(events + at);
            if (event->mask & IN_MOVED_FROM)
                note(watch, writer_of(event->name));
            at += (ssize_t)(sizeof *event + event->len);
        }
    arena_close(&arena);
}

double watch_unsaved_s(const struct watch *watch, pid_t process)
{
    double now_s = prey_cpu_s(process);
    for (size_t i = 0; now_s >= 0 && i < WATCH_WRITERS_MAX; i++)
        if (watch->writers[i].process == process &&
            watch->writers[i].cpu_s <= now_s) /* else a number used again */
            return now_s - watch->writers[i].cpu_s;
    return now_s;
}
