/* What earlier runs did, and how evaluations are cut into parts. */
#include "core/trial.h"
#include "io/store_index.h"
#include "sweep/ledger_parts.h"

#include <stdlib.h>
#include <string.h>

bool ledger_has_result(enum task_state state)
{
    return state == TASK_DONE || state == TASK_DIVERGED;
}

enum task_state ledger_state_of(enum outcome_state state)
{
    switch (state) {
    case OUTCOME_DONE:
        return TASK_DONE;
    case OUTCOME_DIVERGED:
        return TASK_DIVERGED;
    case OUTCOME_SET_ASIDE:
        return TASK_ASIDE;
    default:
        return TASK_FAILED;
    }
}

bool ledger_is_final(const struct task *task)
{
    return ledger_has_result(task->state);
}

static double share_of(struct span span)
{
    return span_is_whole(span) ? 1 : (double)span.n / (double)span.total;
}

double ledger_share(const struct task *task)
{
    return share_of(task->span);
}

void ledger_note_pace(struct ledger *ledger, size_t attack,
                      const struct outcome *outcome)
{
    if (attack == LEDGER_TRAIN || outcome->state != OUTCOME_DONE ||
        !(outcome->wall_s > 0))
        return;
    ledger->pace[attack].share += share_of(outcome->span);
    ledger->pace[attack].wall_s += outcome->wall_s;
}

/* recalling ----------------------------------------------------------- */

static void add_stray(struct ledger *ledger, const struct stray *stray)
{
    if (ledger->n_strays == ledger->strays_capacity) {
        const struct stray *old = ledger->strays;
        ledger->strays_capacity = 2 * ledger->strays_capacity + 16;
        ledger->strays =
            ARENA_ARRAY(ledger->arena, struct stray, ledger->strays_capacity);
        if (ledger->n_strays)
            memcpy(ledger->strays, old, ledger->n_strays * sizeof *old);
    }
    ledger->strays[ledger->n_strays++] = *stray;
}

/* What failed or was interrupted is tried again, and so is what was set aside
 * if it was tried since then: somebody asked for that. */
static void recall(struct ledger *ledger, struct task *task,
                   const struct stray *known)
{
    if (known->attempts > task->attempts)
        task->attempts = (uint32_t)known->attempts;
    if (task->recalled == LEDGER_NO_OUTCOME ||
        store_supersedes((enum outcome_state)task->recalled, known->state))
        task->recalled = (int)known->state;
    enum task_state state = ledger_state_of(known->state);
    bool is_aside = state == TASK_ASIDE && !ledger_has_result(task->state);
    task->deaths = is_aside ? 0 : task->deaths + known->deaths;
    if (ledger_has_result(state) || is_aside)
        ledger_move(ledger, task, state);
    else if (task->state == TASK_ASIDE)
        ledger_move(ledger, task,
                    ledger_task(task->cell, task->attack, task->source,
                                task->digest)
                        .state);
}

void ledger_recall(struct ledger *ledger, const struct outcome *outcome)
{
    struct task *first = ledger_find(ledger, outcome->task);
    struct task *task =
        ledger_find_part(ledger, outcome->task, outcome->span);
    if (!first)
        return;
    ledger_note_pace(ledger, first->attack, outcome);
    ledger_budget_take(ledger, first->attack, outcome);
    struct stray known = {first->cell,       first->attack,
                          outcome->span,     outcome->state,
                          outcome->attempt,  retry_is_death(outcome)};
    if (!task || !ledger_is_final(task))
        ledger_halving_take(ledger, first, outcome);
    if (task)
        recall(ledger, task, &known);
    else if (first->attack != LEDGER_TRAIN)
        add_stray(ledger, &known);
}

/* parts --------------------------------------------------------------- */

struct grid ledger_grid(const struct cell *cell, const struct spec *spec)
{
    if (cell->n_test == 0)
        return (struct grid){0};
    return (struct grid){trial_attack_samples(spec, cell->n_test),
                         trial_part_size(spec, cell->n_test)};
}

/* Samples from `first` to `end`, cut at multiples of the size. */
static void add_gap(struct ledger *ledger, const struct task *task,
                    struct grid grid, size_t first, size_t end)
{
    while (first < end) {
        size_t next = first / grid.size * grid.size + grid.size;
        if (next > end)
            next = end;
        struct task part = *task;
        part.span = (struct span){first, next - first, grid.total};
        ledger_add(ledger, part);
        first = next;
    }
}

void ledger_add_parts(struct ledger *ledger, const struct task *task,
                      struct grid grid)
{
    if (grid.size < grid.total)
        add_gap(ledger, task, grid, 0, grid.total);
    else
        ledger_add(ledger, *task);
}

/* cutting anew -------------------------------------------------------- */

/* What is known of one evaluation: outcomes of tasks and strays. */
struct known {
    struct task task; /* as it begins */
    size_t n;
    struct stray *at;
};

static bool is_result(const struct stray *stray)
{
    return ledger_has_result(ledger_state_of(stray->state));
}

/* The evaluation as a whole was done. */
static bool knows_whole(const struct known *known)
{
    for (size_t i = 0; i < known->n; i++)
        if (span_is_whole(known->at[i].span) && is_result(&known->at[i]))
            return true;
    return false;
}

/* Done parts that lie side by side, in order; returns their number. */
static size_t choose(const struct known *known, size_t total,
                     struct span *spans, struct arena *scratch)
{
    size_t n = 0, n_chosen = 0;
    bool *chosen = ARENA_ARRAY(scratch, bool, known->n + 1);
    for (size_t i = 0; i < known->n; i++)
        if (known->at[i].span.total == total && is_result(&known->at[i]))
            spans[n++] = known->at[i].span;
    spans_choose(n, spans, chosen);
    for (size_t i = 0; i < n; i++)
        if (chosen[i])
            spans[n_chosen++] = spans[i];
    return n_chosen;
}

static int by_span(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return span_compare(*x, *y);
}

/* As the data say it, else (where they cannot be opened) as the parts do. */
static struct grid find_grid(const struct ledger *ledger,
                             const struct known *known)
{
    const struct cell *cell = &ledger->cells->at[known->task.cell];
    struct spec spec =
        attacks_spec(&ledger->shelf, cell, known->task.attack);
    struct grid grid = ledger_grid(cell, &spec);
    for (size_t i = 0; i < known->n && grid.total == 0; i++)
        if (!span_is_whole(known->at[i].span)) {
            grid.total = known->at[i].span.total;
            grid.size = trial_part_size(&spec, grid.total);
        }
    return grid;
}

static void add_between(struct ledger *ledger, const struct known *known,
                        struct grid grid, struct arena *scratch)
{
    struct span *spans = ARENA_ARRAY(scratch, struct span, known->n + 1);
    size_t n = choose(known, grid.total, spans, scratch), first = 0;
    if (n == 0) {
        ledger_add_parts(ledger, &known->task, grid);
        return;
    }
    qsort(spans, n, sizeof *spans, by_span);
    for (size_t i = 0; i < n; i++) {
        struct task part = known->task;
        part.span = spans[i];
        add_gap(ledger, &known->task, grid, first, spans[i].first);
        ledger_add(ledger, part);
        first = spans[i].first + spans[i].n;
    }
    add_gap(ledger, &known->task, grid, first, grid.total);
}

/* The tasks of one evaluation, and what is known of them. */
static void cut(struct ledger *ledger, const struct known *known)
{
    struct arena scratch = arena_open();
    size_t begin = ledger->n_tasks;
    if (knows_whole(known))
        ledger_add(ledger, known->task);
    else
        add_between(ledger, known, find_grid(ledger, known), &scratch);
    for (size_t i = begin; i < ledger->n_tasks; i++)
        for (size_t k = 0; k < known->n; k++)
            if (span_equal(ledger->tasks[i].span, known->at[k].span))
                recall(ledger, &ledger->tasks[i], &known->at[k]);
    arena_close(&scratch);
}

static int by_evaluation(const void *a, const void *b)
{
    const struct stray *x = a, *y = b;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    if (x->attack != y->attack)
        return x->attack < y->attack ? -1 : 1;
    return (x->attempts > y->attempts) - (x->attempts < y->attempts);
}

/* Moves to `known` what is known of the evaluation that the task is the first
 * of; returns the number of its tasks. */
static size_t gather(const struct ledger *old, const struct task *first,
                     const struct stray **strays, struct known *known)
{
    size_t n_tasks = 0;
    const struct task *end = old->tasks + old->n_tasks;
    const struct stray *last = old->strays + old->n_strays;
    known->task = ledger_task(first->cell, first->attack, first->source,
                              first->digest);
    known->n = 0;
    for (const struct task *task = first;
         task < end && task->cell == first->cell &&
         task->attack == first->attack;
         task++, n_tasks++)
        if (task->recalled != LEDGER_NO_OUTCOME)
            known->at[known->n++] = (struct stray){
                task->cell, task->attack, task->span,
                (enum outcome_state)task->recalled, task->attempts,
                task->deaths};
    for (; *strays < last && (*strays)->cell == first->cell &&
           (*strays)->attack == first->attack;
         (*strays)++)
        known->at[known->n++] = **strays;
    return n_tasks;
}

/* Evaluations of which there are strays are cut anew, all else is copied. */
static void cut_all(const struct ledger *old, struct ledger *ledger,
                    struct arena *scratch)
{
    const struct stray *strays = old->strays;
    const struct stray *end = old->strays + old->n_strays;
    struct known known = {.at = ARENA_ARRAY(scratch, struct stray,
                                            old->n_tasks + old->n_strays)};
    for (size_t i = 0; i < old->n_tasks;) {
        const struct task *task = &old->tasks[i];
        if (task->attack == LEDGER_TRAIN)
            ledger->first[task->cell] = ledger->n_tasks;
        if (strays < end && strays->cell == task->cell &&
            strays->attack == task->attack) {
            i += gather(old, task, &strays, &known);
            cut(ledger, &known);
        } else {
            ledger_add(ledger, *task);
            i++;
        }
    }
    ledger->first[ledger->cells->n] = ledger->n_tasks;
}

void ledger_cut(struct ledger *ledger)
{
    if (ledger->n_strays == 0)
        return;
    struct arena scratch = arena_open();
    const struct ledger old = *ledger;
    qsort(old.strays, old.n_strays, sizeof *old.strays, by_evaluation);
    ledger->n_tasks = ledger->capacity = 0;
    ledger->tasks = NULL;
    ledger->strays = NULL;
    ledger->n_strays = ledger->strays_capacity = 0;
    memset(ledger->count, 0, sizeof ledger->count);
    cut_all(&old, ledger, &scratch);
    ledger_index(ledger);
    arena_close(&scratch);
}
