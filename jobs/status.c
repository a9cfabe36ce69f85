#include "jobs/commands.h"
#include "analysis/summary.h"
#include "io/segment.h"
#include "jobs/results_folder.h"
#include "sweep/folder.h"
#include "sweep/ledger.h"
#include "sweep/study.h"

#include <stdio.h>
#include <sys/stat.h>

/* How much of the experiment is done, which sweep.h5 alone does not know. */

static enum status recall(void *self, const struct outcome *outcome,
                          struct arena *arena)
{
    (void)arena;
    ledger_recall(self, outcome);
    return STATUS_OK;
}

static void tell_damage(void *self, const char *path, const char *reason)
{
    (void)self;
    printf("%s: %s\n", path, reason);
}

/* The cells that are to run. Where the data cannot be opened (on a login node,
 * say), those that do not fit it are among them. */
static enum status find_cells(const char *path, struct arena *arena,
                              struct study *study)
{
    if (study_open(path, arena, study) == STATUS_OK)
        return STATUS_OK;
    printf("%s; cells are not held against their data\n", status_reason());
    status_forget();
    TRY(experiment_read(path, arena, &study->experiment));
    study->cells = space_enumerate(&study->experiment, arena);
    return STATUS_OK;
}

static enum status print_coverage(const char *folder, struct arena *arena)
{
    struct study study = {0};
    struct ledger ledger;
    const char *path = arena_print(arena, "%s/experiment.cfg", folder);
    TRY(find_cells(path, arena, &study));
    ledger_open(&study.experiment, &study.cells, 1, arena, &ledger);
    struct segment_visitor visitor = {&ledger, recall, tell_damage, NULL};
    TRY(segment_read_all(folder_segments(folder, arena), &visitor));
    size_t done = ledger.count[TASK_DONE] + ledger.count[TASK_DIVERGED];
    printf("experiment: %zu cells, %zu tasks; %zu have a result, %zu do "
           "not\n",
           study.cells.n, ledger.n_tasks, done, ledger.n_tasks - done);
    return STATUS_OK;
}

static enum status print_all(const char *path, struct arena *arena)
{
    struct stat about;
    struct results results;
    TRY(results_folder_open(path, arena, &results));
    enum status status = STATUS_OK;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        status = print_coverage(path, arena);
    if (status == STATUS_OK)
        status = summary_print(&results, stdout);
    results_close(&results);
    return status;
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    *exit_status = EXIT_DONE;
    enum status status = print_all(arguments[0], &arena);
    arena_close(&arena);
    return status;
}

const struct command command_status = {
    .name = "status",
    .arguments = "DIR",
    .doc = "how far a sweep is, also while it runs; what failed and why",
    .more = "DIR is a sweep's folder or a sweep.h5.\n",
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
