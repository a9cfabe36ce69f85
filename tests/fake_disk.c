#include "tests/fake_disk.h"

#include <stdlib.h>

struct fake_disk fake_disk_open(size_t n_tasks)
{
    struct fake_disk disk = {
        .final = calloc(n_tasks, sizeof *disk.final),
        .failures = calloc(n_tasks, sizeof *disk.failures)};
    MUST(disk.final && disk.failures);
    return disk;
}

void fake_disk_close(struct fake_disk *disk)
{
    free(disk->entries);
    free(disk->final);
    free(disk->failures);
}

/* keeping ------------------------------------------------------------- */

static void append(void *self, const struct outcome *outcome)
{
    struct fake_disk *disk = self;
    struct task *task = ledger_find(disk->ledger, outcome->task);
    MUST(task);
    if (disk->n_all == disk->capacity) {
        disk->capacity = 2 * disk->capacity + 64;
        disk->entries = realloc(disk->entries,
                                disk->capacity * sizeof *disk->entries);
        MUST(disk->entries);
    }
    disk->entries[disk->n_all++] =
        (struct fake_entry){(size_t)(task - disk->ledger->tasks),
                            outcome->state, outcome->attempt};
}

/* Every task is kept once, and tried so often only. */
static void keep(struct fake_disk *disk, const struct fake_entry *entry)
{
    size_t i = entry->task;
    MUST(disk->final[i] == TASK_WAITING);
    switch (entry->state) {
    case OUTCOME_DONE:
        disk->final[i] = TASK_DONE;
        break;
    case OUTCOME_DIVERGED:
        disk->final[i] = TASK_DIVERGED;
        break;
    case OUTCOME_FAILED:
    case OUTCOME_TIMED_OUT:
        MUST(++disk->failures[i] <= disk->ledger->max_attempts);
        break;
    case OUTCOME_INTERRUPTED:
        break;
    }
}

static enum status flush(void *self)
{
    struct fake_disk *disk = self;
    if (disk->now_s >= disk->refuses_from_s &&
        disk->now_s < disk->refuses_to_s) {
        disk->n_refused++;
        return status_refuse(STATUS_FULL, "the fake disk is full");
    }
    while (disk->n_kept < disk->n_all)
        keep(disk, &disk->entries[disk->n_kept++]);
    return STATUS_OK;
}

static void tell(void *self, const char *line)
{
    struct fake_disk *disk = self;
    MUST(line && *line);
    disk->n_told++;
}

static bool has_network(void *self, const struct task *task)
{
    (void)self;
    (void)task;
    return true;
}

struct keeper fake_disk_keeper(struct fake_disk *disk)
{
    return (struct keeper){disk, append, flush, tell, has_network};
}

/* runs ---------------------------------------------------------------- */

void fake_disk_begin(struct fake_disk *disk, struct ledger *ledger)
{
    disk->ledger = ledger;
    disk->n_all = disk->n_kept;
    for (size_t i = 0; i < ledger->n_tasks; i++)
        disk->failures[i] = 0;
    for (size_t k = 0; k < disk->n_kept; k++) {
        const struct fake_entry *entry = &disk->entries[k];
        ledger_recall(ledger,
                      &(struct outcome){
                          .task = ledger->tasks[entry->task].digest,
                          .state = entry->state,
                          .attempt = entry->attempt});
    }
    ledger_start(ledger);
}

static void audit(const struct fake_disk *disk, size_t i)
{
    const struct ledger *ledger = disk->ledger;
    const struct task *task = &ledger->tasks[i];
    const struct task *training = &ledger->tasks[ledger->first[task->cell]];
    enum task_state state = task->state, kept = disk->final[i];
    if (state == TASK_DONE || state == TASK_DIVERGED)
        MUST(kept == state);
    else
        MUST(kept == TASK_WAITING);
    MUST((state == TASK_FAILED) ==
         (kept == TASK_WAITING &&
          disk->failures[i] == ledger->max_attempts));
    if (state == TASK_VOID)
        MUST(task != training && (training->state == TASK_FAILED ||
                                  training->state == TASK_DIVERGED));
}

void fake_disk_audit(const struct fake_disk *disk)
{
    MUST(disk->n_all == disk->n_kept);
    for (size_t i = 0; i < disk->ledger->n_tasks; i++)
        audit(disk, i);
}
