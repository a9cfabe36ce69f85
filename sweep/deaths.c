#include "sweep/deaths.h"
#include "sweep/aside.h"
#include "sweep/folder.h"
#include "sweep/marks.h"
#include "sweep/presence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A run writes its presence every few seconds: it may have lived so much longer
 * than it says. */
static const double SILENCE_S = 10;

static bool is_unexplained(const struct presence *run)
{
    bool was_due = run->due_s > 0 && run->wrote_s + SILENCE_S >= run->due_s;
    return !run->counted && run->told_s == 0 && !was_due;
}

/* what it was at ------------------------------------------------------- */

struct suspects {
    size_t n;
    struct digest *at; /* span_digest of each, sorted */
};

static int compare(const void *one, const void *other)
{
    const struct digest *a = one, *b = other;
    return digest_compare(*a, *b);
}

/* By the marks of its ranks, or as it said last, if a machine has taken those
 * with it. */
static struct suspects find_suspects(const char *segments,
                                     const struct presence *run,
                                     struct arena *arena)
{
    const struct digest *marks;
    size_t n = marks_read(segments, run->generation, arena, &marks);
    if (n == 0) {
        n = run->n_running;
        marks = run->running;
    }
    struct suspects suspects = {n, ARENA_ARRAY(arena, struct digest, n + 1)};
    if (n)
        memcpy(suspects.at, marks, n * sizeof *marks);
    qsort(suspects.at, n, sizeof *suspects.at, compare);
    return suspects;
}

static bool is_suspect(const struct suspects *suspects, const struct task *task)
{
    struct digest own = span_digest(task->span, task->digest);
    return suspects->n > 0 && bsearch(&own, suspects->at, suspects->n,
                                      sizeof own, compare) != NULL;
}

/* In the run, as far as the clocks of machine and folder agree. */
static bool got_on(const struct deaths *deaths, const struct presence *run,
                   const struct task *task)
{
    struct arena arena = arena_open();
    struct stat about;
    bool there = stat(folder_checkpoint(deaths->folder, task->digest,
                                        task->span, &arena),
                      &about) == 0;
    arena_close(&arena);
    return there && (double)about.st_mtim.tv_sec >= run->began_s;
}

/* counting ------------------------------------------------------------- */

static void tell(const struct deaths *deaths, const struct task *task,
                 const struct outcome *outcome, struct arena *arena)
{
    char digest[DIGEST_TEXT_SIZE];
    struct spec spec = ledger_spec(deaths->ledger, task);
    const struct kind *attack = spec.at[SPEC_ATTACK].kind;
    deaths->tell(deaths->self,
                 arena_print(arena,
                             "cell %u (%.8s), %s%s: %s, death %lu that nobody "
                             "explains%s",
                             task->cell, digest_print(outcome->cell, digest),
                             attack ? attack->name : "training",
                             span_print(task->span, arena), retry_run_died,
                             (unsigned long)task->deaths + 1,
                             outcome->state == OUTCOME_SET_ASIDE
                                 ? ": it is set aside"
                                 : ""));
}

/* The outcome says the same if the log cannot be written. */
static void keep_log(const struct deaths *deaths, const struct outcome *outcome)
{
    if (outcome->state != OUTCOME_SET_ASIDE ||
        aside_write(deaths->folder, outcome) == STATUS_OK)
        return;
    deaths->tell(deaths->self, status_reason());
    status_forget();
}

static void count(const struct deaths *deaths, const struct presence *run,
                  struct task *task)
{
    struct arena arena = arena_open();
    struct outcome outcome = {
        .task = task->digest,
        .cell = deaths->ledger->cells->at[task->cell].digest,
        .span = task->span,
        .spec = ledger_print(deaths->ledger, task, &arena),
        .state = OUTCOME_INTERRUPTED,
        .cause = retry_run_died,
        .message = arena_print(&arena,
                               "run %08" PRIx32 " (%s) died while it was at "
                               "this task, with %zu rank%s; nobody had told it "
                               "to stop\n",
                               run->generation, presence_describe(run, &arena),
                               run->n_ranks, run->n_ranks == 1 ? "" : "s"),
        .host = run->host,
        .attempt = task->attempts + UINT64_C(1),
        .started_s = run->began_s};
    outcome.state = ledger_judge(deaths->ledger, task, &outcome);
    tell(deaths, task, &outcome, &arena);
    segment_append(deaths->writer, &outcome);
    ledger_recall(deaths->ledger, &outcome);
    keep_log(deaths, &outcome);
    arena_close(&arena);
}

static bool is_open(const struct task *task)
{
    return !ledger_is_final(task) && task->state != TASK_ASIDE;
}

/* Returns whether any of the tasks is this run's concern, at all or no more:
 * else the death is for another one to count, which has another share. */
static bool count_tasks(const struct deaths *deaths, const struct presence *run,
                        const struct suspects *suspects)
{
    struct ledger *ledger = deaths->ledger;
    bool known = suspects->n == 0;
    for (size_t i = 0; i < ledger->n_tasks; i++) {
        struct task *task = &ledger->tasks[i];
        if (!is_suspect(suspects, task))
            continue;
        known = true;
        if (is_open(task) && !got_on(deaths, run, task))
            count(deaths, run, task);
    }
    return known;
}

/* First it is noted, then counted: who dies between the two has one death less,
 * not one too many. */
static enum status count_run(const struct deaths *deaths, struct presence *run,
                             struct arena *arena, size_t *n)
{
    struct suspects suspects = find_suspects(deaths->segments, run, arena);
    if (!count_tasks(deaths, run, &suspects))
        return STATUS_OK;
    run->counted = true;
    presence_write(deaths->segments, run);
    marks_drop(deaths->segments, run->generation);
    ++*n;
    return segment_flush(deaths->writer);
}

enum status deaths_count(const struct deaths *deaths, size_t *n)
{
    struct arena arena = arena_open();
    struct presences dead;
    *n = 0;
    if (deaths->ledger->retry.max_deaths == 0) {
        arena_close(&arena);
        return STATUS_OK;
    }
    enum status status = presence_list_dead(
        deaths->segments, deaths->writer->generation, &arena, &dead);
    for (size_t i = 0; status == STATUS_OK && i < dead.n; i++) {
        struct presence run = dead.at[i];
        if (is_unexplained(&run))
            status = count_run(deaths, &run, &arena, n);
    }
    arena_close(&arena);
    return status;
}
