#include "sweep/head_parts.h"
#include "io/cell_list.h"
#include "io/segment_merge.h"
#include "sweep/aside.h"
#include "sweep/changes.h"
#include "sweep/cost.h"
#include "sweep/clock.h"
#include "sweep/folder.h"
#include "sweep/reuse.h"
#include "sweep/spawn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void head_tell(void *self, const char *line)
{
    struct head *head = self;
    display_note(&head->display, line);
}

/* opening ------------------------------------------------------------- */

/* The outcome says the same: the sweep goes on without. */
static void keep_log(struct head *head, const struct outcome *outcome)
{
    if (aside_write(head->folder, outcome) == STATUS_OK)
        return;
    head_tell(head, status_reason());
    status_forget();
}

static void append(void *self, const struct outcome *outcome)
{
    struct head *head = self;
    segment_append(&head->writer, outcome);
    checkpoints_note(&head->checkpoints, outcome);
    if (outcome->state == OUTCOME_SET_ASIDE)
        keep_log(head, outcome);
}

enum status head_flush(void *self)
{
    struct head *head = self;
    TRY(segment_flush(&head->writer));
    checkpoints_drop(&head->checkpoints);
    return STATUS_OK;
}

bool head_has_network(void *self, size_t cell)
{
    struct head *head = self;
    struct stat about;
    struct arena arena = arena_open();
    struct digest digest = head->study.cells.at[cell].digest;
    bool there = stat(folder_model(head->folder, digest, &arena), &about) == 0;
    arena_close(&arena);
    return there;
}

static void mark(void *self, size_t rank, const struct task *task)
{
    const struct head *head = self;
    struct digest digest =
        task ? span_digest(task->span, task->digest) : (struct digest){0, 0};
    marks_set(&head->marks, rank, task ? &digest : NULL);
}

static uint64_t need(void *self, const struct spec *spec, struct span span,
                     bool least)
{
    const struct head *head = self;
    return least ? study_least_memory(&head->study, spec, span)
                 : study_memory(&head->study, spec, span);
}

static double cost(void *self, const struct spec *spec, struct span span)
{
    const struct head *head = self;
    const struct data_set *data = study_find_data(&head->study, spec);
    return data ? cost_guess(spec, span, study_memory(&head->study, spec, span),
                             data->train.n, data->test.n)
                : 0;
}

/* Every real training and attack writes checkpoints. */
static bool keeps(void *self, const struct spec *spec)
{
    const struct head *head = self;
    return study_find_data(&head->study, spec) != NULL;
}

static void tell_changes(struct head *head)
{
    for (const char *line = head->changed; line && *line;) {
        int n = (int)strcspn(line, "\n");
        head_tell(head, arena_print(&head->arena, "%.*s", n, line));
        line += n + (line[n] == '\n');
    }
}

static void tell_begin(struct head *head, const struct wire *wire)
{
    tell_changes(head);
    if (head->options->display == DISPLAY_NONE)
        return;
    const struct sweep_options *options = head->options;
    const struct study *study = &head->study;
    const struct cells *cells = &study->cells;
    struct arena *arena = &head->arena;
    head_tell(
        head,
        arena_print(arena,
                    "%s: %zu cell%s, %zu task%s (%zu pruned, %zu double), "
                    "%zu rank%s, results in %s/",
                    study->experiment.path, cells->n, cells->n == 1 ? "" : "s",
                    head->ledger.n_tasks, head->ledger.n_tasks == 1 ? "" : "s",
                    cells->n_pruned + study->n_misfits, cells->n_doubled,
                    wire->size, wire->size == 1 ? "" : "s", head->folder));
    if (head->n_recalled)
        head_tell(head, arena_print(arena, "%zu task%s done already",
                                    head->n_recalled,
                                    head->n_recalled == 1 ? " is" : "s are"));
    if (head->n_aside)
        head_tell(
            head,
            arena_print(arena, "%zu task%s set aside, see spikesweep status %s",
                        head->n_aside, head->n_aside == 1 ? " is" : "s are",
                        head->folder));
    if (head->only.is_given)
        head_tell(head, arena_print(arena, "--only %s: %zu task%s to do",
                                    options->only, head->n_left,
                                    head->n_left == 1 ? " is" : "s are"));
    size_t n = head->n_retraining;
    if (n)
        head_tell(head,
                  arena_print(arena,
                              "%zu network%s missing in %s/models and will "
                              "be trained again",
                              n, n == 1 ? " is" : "s are", head->folder));
}

/* What is needed to leave all tasks with checkpoints and to write results. */
static double lead_of(double time_s)
{
    const double usual_s = 60.0, most_of_it = 0.25;
    return fmin(usual_s, most_of_it * time_s);
}

/* A task that is to be left again at once costs its beginning twice. */
static double useful_of(double time_s)
{
    const double usual_s = 5.0, most_of_it = 0.05;
    return fmin(usual_s, most_of_it * time_s);
}

/* Of all shares: those that sweep.h5 marks as still wanted. */
static struct digest *list_cells(const struct cells *cells, struct arena *arena)
{
    struct digest *digests = ARENA_ARRAY(arena, struct digest, cells->n);
    for (size_t i = 0; i < cells->n; i++)
        digests[i] = cells->at[i].digest;
    return digests;
}

static enum status open_all(struct head *head, struct wire *wire)
{
    const struct sweep_options *options = head->options;
    struct arena *arena = &head->arena;
    TRY(study_open(options->path, arena, &head->study));
    head->study.means = options->means;
    TRY(only_read(options->only, &head->study.cells, arena, &head->only));
    struct digest *cells = list_cells(&head->study.cells, arena);
    size_t n_cells = head->study.cells.n;
    TRY(study_keep_share(&head->study, options->share));
    TRY(folder_check_stop(head->folder));
    struct tuning_file tuning;
    TRY(folder_choose_tuning(head->folder, options->tuning, arena, &tuning));
    for (size_t i = 0; i < options->n_reused; i++)
        TRY(reuse_check(options->reused[i], head->folder, &tuning));
    head->changed = changes_since(head->folder, &head->study.experiment, arena);
    const char *text = head->study.experiment.text;
    TRY(folder_open(head->folder, text, &tuning));
    TRY(cell_list_write(head->folder, text, n_cells, cells));
    TRY(segment_open(folder_segments(head->folder, arena), &head->writer));
    head->writer.apart = true;
    ledger_open(&head->study.experiment, &head->study.cells,
                options->retry.max_attempts, arena, &head->ledger);
    head->ledger.retry = options->retry;
    head->ledger.rule = (struct cost_rule){head, cost, keeps};
    if (options->share.n > 1) /* each job has as large a share of the hours */
        head->ledger.spending.limit_s /= (double)options->share.n;
    struct presence presence =
        presence_begin(head->writer.generation, wire->size);
    presence.share = options->share.i;
    presence.n_shares = options->share.n;
    if (head->stop_s > 0)
        presence.due_s = clock_date_s() + options->time_s;
    herald_begin(&head->herald, folder_segments(head->folder, arena), presence,
                 head_tell, head);
    TRY(head_recall(head));
    checkpoints_begin(&head->checkpoints, head->folder, &head->ledger);
    struct keeper keeper = {head, append, head_flush,
                            head_tell, mark, head_has_network};
    coordinator_open(wire, &head->ledger, keeper, arena, &head->coordinator);
    marks_begin(&head->marks, folder_segments(head->folder, arena),
                head->writer.generation);
    head->coordinator.careful = head->n_died > 0;
    head->coordinator.limit_s = options->limit_s;
    if (options->means.n_threads > 0)
        head->coordinator.n_threads = (double)options->means.n_threads;
    head->coordinator.end_s = head->stop_s;
    head->coordinator.useful_s = useful_of(options->time_s);
    head->coordinator.demand = (struct demand){head, need};
    tell_begin(head, wire);
    head->wall_s = clock_now_s();
    head->cpu_s = clock_cpu_s();
    return STATUS_OK;
}

enum status head_open(const struct sweep_options *options, const char *folder,
                      struct wire *wire, struct head *head)
{
    double now = clock_now_s();
    *head = (struct head){.options = options,
                          .folder = folder,
                          .arena = arena_open(),
                          .marks.file = -1,
                          .packed_s = now};
    if (options->time_s > 0)
        head->stop_s = now + options->time_s - lead_of(options->time_s);
    head->display = display_open(stderr, options->display, now);
    enum status status = open_all(head, wire);
    if (status != STATUS_OK)
        head_close(head);
    return status;
}

void head_close(struct head *head)
{
    herald_end(&head->herald);
    marks_end(&head->marks);
    coordinator_close(&head->coordinator);
    segment_close(&head->writer);
    checkpoints_close(&head->checkpoints);
    arena_close(&head->arena);
}

/* sweep.h5 ------------------------------------------------------------ */

/* A process of its own makes it, so that coordinating never pauses. */
static void start_packing(struct head *head)
{
    const char *program = spawn_own_program();
    char *arguments[] = {(char *)program, "pack", "--", (char *)head->folder,
                         NULL};
    struct spawn_files files = {.input = -1, .words = -1, .extra = -1};
    head->packed_s = clock_now_s();
    head->n_packed = head->coordinator.n_kept;
    if (spawn_program(program, arguments, files, &head->packing) != STATUS_OK) {
        head->packing = 0;
        status_forget(); /* it is made at the end in any case */
    }
}

static void refresh(struct head *head)
{
    int status;
    if (head->packing && waitpid(head->packing, &status, WNOHANG) != 0)
        head->packing = 0;
    double every = head->options->refresh_s;
    if (!head->packing && every > 0 &&
        head->coordinator.n_kept > head->n_packed &&
        clock_now_s() - head->packed_s >= every)
        start_packing(head);
}

/* Another one does it: it may take a second, and more on a slow disk. */
static void start_merging(struct head *head, uint64_t number)
{
    char parent[24], generation[24], first[24];
    const char *program = spawn_own_program();
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    snprintf(generation, sizeof generation, "%lu",
             (unsigned long)head->writer.generation);
    snprintf(first, sizeof first, "%llu", (unsigned long long)number);
    const char *const arguments[] = {
        program,    "compact",  "--supervisor", parent, "--generation",
        generation, "--number", first,          "--",   head->folder,
        NULL};
    struct spawn_files files = {.input = -1, .words = -1, .extra = -1};
    if (spawn_program(program, (char *const *)arguments, files,
                      &head->merging) != STATUS_OK) {
        head->merging = 0;
        status_forget(); /* it is tried again when there are more */
    }
}

static void keep_files_few(struct head *head)
{
    int status;
    uint64_t number;
    if (head->merging && waitpid(head->merging, &status, WNOHANG) != 0)
        head->merging = 0;
    if (!head->merging && segment_merge_reserve(&head->writer, &number))
        start_merging(head, number);
}

static void stop(struct head *head, const char *why, double now)
{
    head_tell(head, why);
    herald_stop(&head->herald);
    coordinator_stop(&head->coordinator, now);
}

static bool is_asked_by_file(struct head *head, double now)
{
    const double every_s = 1;
    if (now - head->looked_s < every_s)
        return false;
    head->looked_s = now;
    return folder_is_stopped(head->folder);
}

static void mind_the_end(struct head *head, double now)
{
    const size_t *count = head->ledger.count;
    if (head->coordinator.stopping)
        return;
    if (head->stop_s > 0 && now >= head->stop_s)
        stop(head, "the job's time is nearly up", now);
    else if (coordinator_is_too_late(&head->coordinator))
        stop(head, "nothing that is left can be done in this job's time", now);
    else if (is_asked_by_file(head, now))
        stop(head, "the file stop in the sweep's folder asks to stop", now);
    else if (head->options->stop_at_failure &&
             count[TASK_FAILED] + count[TASK_ASIDE] > head->n_aside) {
        head->failed_first = true;
        stop(head, "a task has failed: all others are left", now);
    }
}

bool head_step(struct head *head)
{
    double now = clock_now_s();
    mind_the_end(head, now);
    bool happened = coordinator_step(&head->coordinator, now);
    refresh(head);
    keep_files_few(head);
    herald_go_on(&head->herald, &head->coordinator, now);
    display_show(&head->display, &head->coordinator, now);
    return happened;
}
