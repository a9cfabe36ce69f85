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
    default:
        return outcome_state_names[state];
    }
}

struct taking {
    struct ledger *ledger;
    struct arena *arena;
    int *states;           /* [ledger->n_tasks] of the ledger when it is cut */
    struct bytes others;   /* digests of tasks of other experiments */
    const char *damage;
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
    if (!ledger_find(taking->ledger, outcome->task) &&
        has_result((int)outcome->state))
        bytes_append(&taking->others, &outcome->task, sizeof outcome->task);
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

static void note_running(struct taking *taking,
                         const struct presence *presence)
{
    for (size_t i = 0; i < presence->n_running; i++) {
        struct task *task =
            find_running(taking->ledger, presence->running[i]);
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

static int by_digest(const void *a, const void *b)
{
    const struct digest *x = a, *y = b;
    return digest_compare(*x, *y);
}

/* A task may have several outcomes. */
static size_t count_others(const struct bytes *others)
{
    size_t n = others->n / sizeof(struct digest), n_different = 0;
    struct digest *digests = (struct digest *)(void *)others->at;
    if (n)
        qsort(digests, n, sizeof *digests, by_digest);
    for (size_t i = 0; i < n; i++)
        n_different += i == 0 || !digest_equal(digests[i], digests[i - 1]);
    return n_different;
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
    struct taking taking = {
        .ledger = ledger, .arena = arena, .damage = ""};
    struct segment_visitor visitor = {&taking, visit, note_damage, NULL, NULL};
    enum status status = segment_read_all(segments, &visitor);
    if (status == STATUS_OK) {
        ledger_cut(ledger);
        note_recalled(&taking);
        for (size_t i = 0; i < presences->n; i++)
            note_running(&taking, &presences->at[i]);
        *coverage = (struct coverage){.n_cells = ledger->cells->n,
                                      .n_tasks = ledger->n_tasks,
                                      .n_others = count_others(&taking.others),
                                      .damage = taking.damage};
        coverage->aside =
            ARENA_ARRAY(arena, const struct task *, ledger->n_tasks);
        count(&taking, coverage);
    }
    bytes_free(&taking.others);
    return status;
}

bool coverage_is_complete(const struct coverage *coverage)
{
    return coverage->n_results + coverage->attacks[COVERAGE_NO_NETWORK] ==
           coverage->n_tasks;
}
