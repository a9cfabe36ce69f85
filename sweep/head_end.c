/* How rank 0 ends a sweep. */
#include "sweep/head_parts.h"
#include "io/store.h"
#include "sweep/clock.h"
#include "sweep/milestones.h"

#include <sys/wait.h>

/* Results that cannot be written are waited for only so long. */
static bool has_lost_patience(const struct head *head)
{
    const struct coordinator *coordinator = &head->coordinator;
    double patience =
        coordinator->stopping ? 0 : head->options->care.patience_s;
    return coordinator->refused_s > 0 &&
           clock_now_s() - coordinator->refused_s > patience;
}

bool head_is_finished(const struct head *head)
{
    return coordinator_is_finished(&head->coordinator) ||
           has_lost_patience(head);
}

/* Results that still wait are written, or it is said that they cannot be. */
static bool save_rest(struct head *head)
{
    size_t n = head->coordinator.n_arrivals;
    if (n == 0 || head_flush(head) == STATUS_OK)
        return true;
    head_tell(head,
              arena_print(&head->arena,
                          "%s; %zu results could not be written and will be "
                          "computed again by the next run, all others are in "
                          "%s/segments",
                          status_reason(), n, head->folder));
    status_forget();
    return false;
}

static bool make_results(struct head *head)
{
    char library[128];
    if (head->packing)
        waitpid(head->packing, NULL, 0);
    if (head->merging)
        waitpid(head->merging, NULL, 0);
    head->packing = head->merging = 0;
    wire_describe_library(library, sizeof library);
    const char *note = "";
    enum status status =
        store_rebuild(head->folder, library, &head->arena, &note);
    if (*note)
        head_tell(head, note);
    if (status == STATUS_OK)
        return true;
    head_tell(head,
              arena_print(&head->arena,
                          "%s; all results are in %s/segments, spikesweep "
                          "pack %s makes sweep.h5 of them",
                          status_reason(), head->folder, head->folder));
    status_forget();
    return false;
}

/* "2 tasks failed", behind what was listed before. */
static const char *list_missing(struct arena *arena, const char *before,
                                size_t n, const char *one, const char *many)
{
    return n ? arena_print(arena, "%s%s%zu %s", before, *before ? ", " : "", n,
                           n == 1 ? one : many)
             : before;
}

static void tell_missing(struct head *head)
{
    const size_t *count = head->ledger.count;
    struct arena *arena = &head->arena;
    const char *text = list_missing(arena, "", count[TASK_FAILED],
                                    "task failed", "tasks failed");
    text = list_missing(arena, text, count[TASK_ASIDE], "task is set aside",
                        "tasks are set aside");
    text = list_missing(arena, text, count[TASK_VOID],
                        "attack has no network to attack",
                        "attacks have no network to attack");
    if (*text)
        head_tell(head, arena_print(arena, "%s; spikesweep status %s tells why",
                                    text, head->folder));
}

/* Halving has let them be. */
static void tell_spared(struct head *head)
{
    size_t n = 0;
    for (size_t c = 0; c < head->ledger.cells->n; c++)
        n += head->ledger.tasks[head->ledger.first[c]].state == TASK_SPARED;
    if (n)
        head_tell(head, arena_print(&head->arena,
                                    "%zu cell%s not gone on: others did better",
                                    n, n == 1 ? " has" : "s have"));
}

static void tell_spent(struct head *head)
{
    const struct ledger_spending *spending = &head->ledger.spending;
    if (spending->ended)
        head_tell(head,
                  arena_print(&head->arena,
                              "the budget of %g core-hours is used up: %zu "
                              "cell%s not begun; a larger one goes on",
                              spending->limit_s / 3600,
                              spending->n_cells,
                              spending->n_cells == 1 ? " is" : "s are"));
}

static void tell_end(struct head *head, enum sweep_end end)
{
    size_t n_late = head->coordinator.n_late;
    if (n_late > 0)
        head_tell(head, arena_print(&head->arena,
                                    "%zu task%s not begun, which could not "
                                    "have ended in this job's time",
                                    n_late, n_late == 1 ? " was" : "s were"));
    if (end == SWEEP_INTERRUPTED)
        head_tell(head,
                  "interrupted: the same command goes on where it stopped");
    tell_missing(head);
    tell_spared(head);
    tell_spent(head);
}

/* What was left for the first failure is no interruption: who starts jobs anew
 * is not to do so. */
static enum sweep_end find_end(const struct head *head, bool whole)
{
    const size_t *count = head->ledger.count;
    if (!whole)
        return head->failed_first ? SWEEP_INCOMPLETE : SWEEP_INTERRUPTED;
    return count[TASK_FAILED] + count[TASK_ASIDE] > 0 ? SWEEP_INCOMPLETE
                                                      : SWEEP_COMPLETE;
}

/* CPU time of this process alone: of its children it has none. */
static void tell_timing(struct head *head, double wall_s, double cpu_s)
{
    double n = (double)head->coordinator.n_kept;
    if (n == 0)
        return;
    head_tell(
        head,
        arena_print(&head->arena,
                    "rank 0 itself: %.3f s of CPU before the tasks, %.3f s "
                    "for %.0f tasks in %.3f s (%.3f ms of CPU and %.3f ms a "
                    "task), %.3f s for sweep.h5; of a task's CPU time "
                    "coordinating takes %.1f us",
                    head->cpu_s, cpu_s - head->cpu_s, n, wall_s - head->wall_s,
                    1e3 * (cpu_s - head->cpu_s) / n,
                    1e3 * (wall_s - head->wall_s) / n, clock_cpu_s() - cpu_s,
                    1e6 * head->coordinating_s / n));
}

enum sweep_end head_finish(struct head *head)
{
    double wall_s = clock_now_s(), cpu_s = clock_cpu_s();
    display_close(&head->display, &head->coordinator, clock_now_s());
    bool saved = save_rest(head), made = make_results(head);
    bool whole = saved && made && head->coordinator.n_late == 0 &&
                 ledger_is_complete(&head->ledger);
    bool all = whole && head->ledger.count[TASK_LEFT_OUT] == 0;
    enum sweep_end end = find_end(head, whole);
    if (all && head->options->share.n <= 1)
        milestones_drop_all(head->folder);
    tell_end(head, end);
    if (head->options->timing)
        tell_timing(head, wall_s, cpu_s);
    return end;
}
