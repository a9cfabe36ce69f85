#include "sweep/coverage.h"
#include "io/segment.h"

#include <stdlib.h>
#include <string.h>

const char *coverage_name(int state)
{
    switch (state) {
    case COVERAGE_RUNNING:
        return "running";
    case COVERAGE_PENDING:
        return "pending";
    case COVERAGE_NO_NETWORK:
        return "no network";
    case COVERAGE_SPARED:
        return "spared";
    default:
        return outcome_state_names[state];
    }
}

struct taking {
    struct ledger *ledger;
    struct arena *arena;
    int *states;          /* [ledger->n_tasks] of the ledger when it is cut */
    struct bytes results; /* struct result, of each */
    const char *damage;
};

/* A result that the folder holds. */
struct result {
    struct digest cell, task; /* the latter with the span */
    bool has_task;            /* of the experiment */
};

static bool has_result(int state)
{
    return state == OUTCOME_DONE || state == OUTCOME_DIVERGED;
}

static enum status visit(void *self, const struct outcome *outcome,
                         struct arena *arena)
{
    (void)arena;
    struct taking *taking = self;
    ledger_recall(taking->ledger, outcome);
    if (!has_result((int)outcome->state))
        return STATUS_OK;
    struct result result = {
        .cell = outcome->cell,
        .task = span_digest(outcome->span, outcome->task),
        .has_task = ledger_find(taking->ledger, outcome->task) != NULL};
    bytes_append(&taking->results, &result, sizeof result);
    return STATUS_OK;
}

static void note_damage(void *self, const char *path, const char *reason)
{
    struct taking *taking = self;
    const char *name = strrchr(path, '/');
    taking->damage = arena_print(taking->arena, "%s%s: %s\n", taking->damage,
                                 name ? name + 1 : path, reason);
}

/* Of a part the digest is not the task's own. */
static struct task *find_running(struct ledger *ledger, struct digest running)
{
    struct task *found = ledger_find_part(ledger, running, (struct span){0});
    for (size_t i = 0; i < ledger->n_tasks && !found; i++) {
        struct task *task = &ledger->tasks[i];
        if (!span_is_whole(task->span) &&
            digest_equal(span_digest(task->span, task->digest), running))
            found = task;
    }
    return found;
}

static void note_running(struct taking *taking, const struct presence *presence)
{
    for (size_t i = 0; i < presence->n_running; i++) {
        struct task *task = find_running(taking->ledger, presence->running[i]);
        int *state =
            task ? &taking->states[task - taking->ledger->tasks] : NULL;
        if (state && !has_result(*state))
            *state = COVERAGE_RUNNING;
    }
}

static void note_recalled(struct taking *taking)
{
    const struct ledger *ledger = taking->ledger;
    taking->states = ARENA_ARRAY(taking->arena, int, ledger->n_tasks + 1);
    for (size_t i = 0; i < ledger->n_tasks; i++) {
        int recalled = ledger->tasks[i].recalled;
        taking->states[i] =
            recalled == LEDGER_NO_OUTCOME ? COVERAGE_PENDING : recalled;
    }
}

/* Those of one cell lie side by side, and those of one task among them. */
static int by_task(const void *a, const void *b)
{
    const struct result *x = a, *y = b;
    int order = digest_compare(x->cell, y->cell);
    return order ? order : digest_compare(x->task, y->task);
}

static int by_digest(const void *a, const void *b)
{
    return digest_compare(*(const struct digest *)a, *(const struct digest *)b);
}

/* The cells of the experiment, sorted. */
static struct digest *sort_cells(const struct cells *cells, struct arena *arena)
{
    struct digest *digests = ARENA_ARRAY(arena, struct digest, cells->n + 1);
    for (size_t c = 0; c < cells->n; c++)
        digests[c] = cells->at[c].digest;
    if (cells->n)
        qsort(digests, cells->n, sizeof *digests, by_digest);
    return digests;
}

/* Every result once, though some tasks may have several. */
static void count_results(struct taking *taking, struct coverage *coverage)
{
    const struct cells *cells = taking->ledger->cells;
    struct arena scratch = arena_open();
    const struct digest *known = sort_cells(cells, &scratch);
    struct result *at = (struct result *)(void *)taking->results.at;
    size_t n = taking->results.n / sizeof *at;
    bool is_gone = false;
    if (n)
        qsort(at, n, sizeof *at, by_task);
    for (size_t i = 0; i < n; i++) {
        bool new_cell = i == 0 || !digest_equal(at[i].cell, at[i - 1].cell);
        if (new_cell)
            is_gone = !bsearch(&at[i].cell, known, cells->n, sizeof *known,
                               by_digest);
        bool again = !new_cell && digest_equal(at[i].task, at[i - 1].task);
        coverage->n_twice += again && at[i].has_task;
        coverage->n_gone += !again && is_gone;
        coverage->n_gone_cells += new_cell && is_gone;
        coverage->n_gone_attacks += !again && !is_gone && !at[i].has_task;
    }
    arena_close(&scratch);
}

/* True if the tasks from `first` to `end`, of one evaluation, are the whole or
 * parts that lie side by side, in order, from the first sample to the last. */
static bool are_whole(const struct task *first, const struct task *end)
{
    size_t next = 0;
    if (span_is_whole(first->span))
        return end == first + 1;
    for (const struct task *task = first; task < end; task++) {
        if (task->span.first != next || task->span.total != first->span.total)
            return false;
        next += task->span.n;
    }
    return next == first->span.total;
}

static size_t count_uncovered(const struct ledger *ledger)
{
    size_t n = 0, n_seen = 0;
    for (size_t c = 0; c < ledger->cells->n; c++) {
        const struct task *task = &ledger->tasks[ledger->first[c]];
        const struct task *end = &ledger->tasks[ledger->first[c + 1]], *next;
        n += task == end || task->attack != LEDGER_TRAIN;
        for (; task < end; task = next) {
            for (next = task + 1; next < end && next->attack == task->attack;)
                next++;
            n += task->cell != c || !are_whole(task, next);
            n_seen += (size_t)(next - task);
        }
    }
    return n + (n_seen != ledger->n_tasks);
}

static bool lacks_network(const struct taking *taking, const struct task *task)
{
    const size_t *first = taking->ledger->first;
    int own = taking->states[first[task->cell]];
    int source = taking->states[first[task->source]];
    return own == OUTCOME_DIVERGED || own == OUTCOME_SET_ASIDE ||
           source == OUTCOME_DIVERGED || source == OUTCOME_SET_ASIDE;
}

static void count(const struct taking *taking, struct coverage *coverage)
{
    const struct ledger *ledger = taking->ledger;
    for (size_t i = 0; i < ledger->n_tasks; i++) {
        const struct task *task = &ledger->tasks[i];
        bool trains = task->attack == LEDGER_TRAIN;
        int state = taking->states[i];
        if (!trains && state == COVERAGE_PENDING && lacks_network(taking, task))
            state = COVERAGE_NO_NETWORK;
        if (state == COVERAGE_PENDING && task->state == TASK_SPARED)
            state = COVERAGE_SPARED;
        coverage->n_results += has_result(state);
        (trains ? coverage->trainings : coverage->attacks)[state]++;
        if (state == OUTCOME_SET_ASIDE)
            coverage->aside[coverage->n_aside++] = task;
    }
}

enum status coverage_take(struct ledger *ledger, const char *segments,
                          const struct presences *presences,
                          struct arena *arena, struct coverage *coverage)
{
    struct taking taking = {.ledger = ledger, .arena = arena, .damage = ""};
    struct segment_visitor visitor = {&taking, visit, note_damage, NULL, NULL};
    enum status status = segment_read_all(segments, &visitor);
    if (status == STATUS_OK) {
        ledger_cut(ledger);
        note_recalled(&taking);
        for (size_t i = 0; i < presences->n; i++)
            note_running(&taking, &presences->at[i]);
        *coverage = (struct coverage){.n_cells = ledger->cells->n,
                                      .n_tasks = ledger->n_tasks,
                                      .n_uncovered = count_uncovered(ledger),
                                      .damage = taking.damage};
        coverage->aside =
            ARENA_ARRAY(arena, const struct task *, ledger->n_tasks);
        ledger_spare(ledger);
        count(&taking, coverage);
        count_results(&taking, coverage);
    }
    bytes_free(&taking.results);
    return status;
}

bool coverage_is_complete(const struct coverage *coverage)
{
    return coverage->n_results + coverage->attacks[COVERAGE_NO_NETWORK] +
               coverage->trainings[COVERAGE_SPARED] +
               coverage->attacks[COVERAGE_SPARED] ==
           coverage->n_tasks;
}
