#include "tests/fake_disk.h"

#include <stdlib.h>
#include <string.h>

struct fake_disk fake_disk_open(const struct play *play)
{
    size_t n = play->n_tasks;
    struct fake_disk disk = {
        .play = play,
        .final = calloc(n, sizeof *disk.final),
        .done = calloc(n, sizeof *disk.done),
        .failures = calloc(n * PLAY_SAMPLES, sizeof *disk.failures)};
    MUST(disk.final && disk.done && disk.failures);
    return disk;
}

void fake_disk_close(struct fake_disk *disk)
{
    free(disk->entries);
    free(disk->final);
    free(disk->done);
    free(disk->failures);
}

/* samples ------------------------------------------------------------- */

/* Of a training the only one, of a whole evaluation all. */
static struct span samples_of(struct span span, bool trains)
{
    if (trains)
        return (struct span){0, 1, 1};
    if (span_is_whole(span))
        return (struct span){0, PLAY_SAMPLES, PLAY_SAMPLES};
    MUST(span_is_sound(span) && span.total == PLAY_SAMPLES);
    return span;
}

size_t fake_disk_count(const struct fake_disk *disk, const struct task *task)
{
    size_t i = play_find_digest(disk->play, task->digest), n = 0;
    struct span span = samples_of(task->span, task->attack == LEDGER_TRAIN);
    for (size_t k = span.first; k < span.first + span.n; k++)
        n += disk->done[i][k];
    return n;
}

/* Every sample is kept once. */
static void keep_result(struct fake_disk *disk, const struct task *task,
                        enum task_state state)
{
    size_t i = play_find_digest(disk->play, task->digest), n_done = 0;
    bool trains = task->attack == LEDGER_TRAIN;
    struct span span = samples_of(task->span, trains);
    MUST(disk->final[i] == TASK_WAITING);
    for (size_t k = span.first; k < span.first + span.n; k++) {
        MUST(!disk->done[i][k]);
        disk->done[i][k] = true;
    }
    for (size_t k = 0; k < PLAY_SAMPLES; k++)
        n_done += disk->done[i][k];
    if (trains || n_done == PLAY_SAMPLES)
        disk->final[i] = state;
}

/* keeping ------------------------------------------------------------- */

static void append(void *self, const struct outcome *outcome)
{
    struct fake_disk *disk = self;
    MUST(ledger_find_part(disk->ledger, outcome->task, outcome->span));
    if (disk->n_all == disk->capacity) {
        disk->capacity = 2 * disk->capacity + 64;
        disk->entries = realloc(disk->entries,
                                disk->capacity * sizeof *disk->entries);
        MUST(disk->entries);
    }
    disk->entries[disk->n_all++] =
        (struct fake_entry){outcome->task, outcome->span, outcome->state,
                            outcome->attempt};
}

/* Every task is tried so often only. */
static void keep(struct fake_disk *disk, const struct fake_entry *entry)
{
    struct task *task =
        ledger_find_part(disk->ledger, entry->task, entry->span);
    switch (entry->state) {
    case OUTCOME_DONE:
        keep_result(disk, task, TASK_DONE);
        break;
    case OUTCOME_DIVERGED:
        keep_result(disk, task, TASK_DIVERGED);
        break;
    case OUTCOME_FAILED:
    case OUTCOME_TIMED_OUT:
        MUST(++disk->failures[task - disk->ledger->tasks] <=
             disk->ledger->retry.max_attempts);
        break;
    case OUTCOME_SET_ASIDE:
        MUST(disk->ledger->retry.max_deaths > 0);
        break;
    case OUTCOME_INTERRUPTED:
        break;
    case OUTCOME_N_STATES:
        MUST(!"no state");
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

static bool has_network(void *self, size_t cell)
{
    (void)self;
    (void)cell;
    return true;
}

struct keeper fake_disk_keeper(struct fake_disk *disk)
{
    return (struct keeper){disk, append, flush, tell, NULL, has_network};
}

/* runs ---------------------------------------------------------------- */

void fake_disk_begin(struct fake_disk *disk, struct ledger *ledger)
{
    disk->ledger = ledger;
    disk->n_all = disk->n_kept;
    memset(disk->failures, 0,
           disk->play->n_tasks * PLAY_SAMPLES * sizeof *disk->failures);
    for (size_t k = 0; k < disk->n_kept; k++) {
        const struct fake_entry *entry = &disk->entries[k];
        ledger_recall(ledger, &(struct outcome){.task = entry->task,
                                                .span = entry->span,
                                                .state = entry->state,
                                                .attempt = entry->attempt,
                                                .cause = "fate"});
    }
    ledger_start(ledger);
    MUST(ledger->n_tasks <= disk->play->n_tasks * PLAY_SAMPLES);
}

static void audit(const struct fake_disk *disk, size_t i)
{
    const struct ledger *ledger = disk->ledger;
    const struct task *task = &ledger->tasks[i];
    const struct task *training = &ledger->tasks[ledger->first[task->cell]];
    bool trains = task->attack == LEDGER_TRAIN;
    size_t n_done = fake_disk_count(disk, task);
    enum task_state state = task->state;
    if (state == TASK_DONE || state == TASK_DIVERGED)
        MUST(n_done == samples_of(task->span, trains).n);
    else
        MUST(n_done == 0);
    MUST((state == TASK_FAILED) ==
         (n_done == 0 && disk->failures[i] == ledger->retry.max_attempts));
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
