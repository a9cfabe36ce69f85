/* A budget in core-hours: what tasks have taken, what those will that have
 * begun, and the end of new cells. */
#include "sweep/ledger_parts.h"

#include <stdlib.h>

static const double HOUR_S = 3600;

void ledger_budget_open(struct ledger *ledger)
{
    size_t n = space_count_attacks(ledger->experiment) + 1;
    ledger->spending = (struct ledger_spending){
        .limit_s = HOUR_S * ledger->experiment->budget.core_hours,
        .kinds = ARENA_ARRAY(ledger->arena, struct ledger_kind, n)};
}

static struct ledger_kind *kind_of(const struct ledger *ledger, size_t attack)
{
    return &ledger->spending
                .kinds[attack == LEDGER_TRAIN ? 0 : attack + 1];
}

/* The means are words that begin with the number of threads; older programs
 * had none. */
static double count_threads(const struct outcome *outcome)
{
    double n = outcome->means ? strtod(outcome->means, NULL) : 1;
    return n >= 1 ? n : 1;
}

/* What another sweep has computed cost it, not this one. */
void ledger_budget_take(struct ledger *ledger, size_t attack,
                        const struct outcome *outcome)
{
    struct ledger_kind *kind = kind_of(ledger, attack);
    struct span span = outcome->span;
    bool is_own = !outcome->origin || !*outcome->origin;
    if (!is_own || !(outcome->wall_s > 0))
        return;
    double core_s = outcome->wall_s * count_threads(outcome);
    ledger->spending.used_s += core_s;
    if (outcome->state != OUTCOME_DONE)
        return;
    kind->core_s += core_s;
    kind->done +=
        span_is_whole(span) ? 1 : (double)span.n / (double)span.total;
}

void ledger_spend(struct ledger *ledger, double core_s)
{
    if (core_s > 0)
        ledger->spending.used_s += core_s;
}

bool ledger_is_spent(const struct ledger *ledger)
{
    const struct ledger_spending *spending = &ledger->spending;
    return spending->limit_s > 0 && spending->used_s >= spending->limit_s;
}

static struct task *training_of(const struct ledger *ledger, size_t cell)
{
    return &ledger->tasks[ledger->first[cell]];
}

/* Whether nobody has had a go at a cell, in this run or before. */
static bool is_new(const struct ledger *ledger, size_t cell)
{
    const struct task *training = training_of(ledger, cell);
    return training->attempts == 0 && !training->retrained &&
           (training->state == TASK_READY || training->state == TASK_HELD);
}

/* what has begun ------------------------------------------------------- */

static bool is_open(const struct task *task)
{
    return task->state == TASK_WAITING || task->state == TASK_READY ||
           task->state == TASK_RUNNING;
}

static void count_one(struct ledger *ledger, const struct task *task, int sign)
{
    if (is_open(task))
        kind_of(ledger, task->attack)->open += sign * ledger_share(task);
}

/* With its training a cell begins, and so do its attacks. */
void ledger_budget_count(struct ledger *ledger, const struct task *task,
                         int sign)
{
    size_t cell = task->cell;
    if (!ledger->spending.counting || is_new(ledger, cell))
        return;
    size_t begin = (size_t)(task - ledger->tasks);
    size_t end = task->attack == LEDGER_TRAIN ? ledger->first[cell + 1]
                                              : begin + 1;
    for (size_t i = begin; i < end; i++)
        count_one(ledger, &ledger->tasks[i], sign);
}

void ledger_budget_start(struct ledger *ledger)
{
    ledger->spending.counting = ledger->spending.limit_s > 0;
    for (size_t c = 0; c < ledger->cells->n; c++)
        ledger_budget_count(ledger, training_of(ledger, c), 1);
}

/* Of what nobody has measured, nothing is expected. */
static double expect_open(const struct ledger *ledger)
{
    double core_s = 0;
    size_t n = space_count_attacks(ledger->experiment) + 1;
    for (size_t i = 0; i < n; i++) {
        const struct ledger_kind *kind = &ledger->spending.kinds[i];
        if (kind->done > 0 && kind->open > 0)
            core_s += kind->open * kind->core_s / kind->done;
    }
    return core_s;
}

/* Only while something runs that will tell: who waits for nothing would wait
 * for ever. */
bool ledger_budget_waits(const struct ledger *ledger)
{
    const struct ledger_spending *spending = &ledger->spending;
    const size_t *count = ledger->count;
    return spending->counting && !spending->ended &&
           count[TASK_RUNNING] + count[TASK_ARRIVED] > 0 &&
           spending->used_s + expect_open(ledger) >= spending->limit_s;
}

/* the end -------------------------------------------------------------- */

/* A cell that has begun is attacked through this one's network. */
static bool is_awaited(const struct ledger *ledger, size_t cell)
{
    size_t n = ledger_count_users(ledger, cell);
    for (size_t i = 0; i < n; i++) {
        const struct task *user = ledger_user(ledger, cell, i);
        if (user->cell != cell && user->state == TASK_WAITING &&
            !is_new(ledger, user->cell))
            return true;
    }
    return false;
}

static void leave_out(struct ledger *ledger, size_t cell)
{
    struct task *training = training_of(ledger, cell);
    ledger_move(ledger, training, TASK_LEFT_OUT);
    size_t n = ledger_count_users(ledger, cell);
    for (size_t i = 0; i < n; i++) {
        struct task *user = ledger_user(ledger, cell, i);
        if (user->state == TASK_WAITING)
            ledger_move(ledger, user, TASK_LEFT_OUT);
    }
}

/* All at once: one by one the queue would be gone through for each. */
static void drop_queued(struct ledger *ledger, const bool *out)
{
    for (size_t n = ledger->trainings.n; n > 0; n--) {
        size_t i = task_queue_take(&ledger->trainings);
        if (!out[ledger->tasks[i].cell])
            task_queue_add(&ledger->trainings, i);
    }
}

/* First all are found, so that it does not matter which comes first. */
void ledger_budget_end(struct ledger *ledger)
{
    struct arena scratch = arena_open();
    size_t n = ledger->cells->n;
    bool *out = ARENA_ARRAY(&scratch, bool, n);
    ledger->spending.ended = true;
    for (size_t c = 0; c < n; c++)
        out[c] = is_new(ledger, c) && !is_awaited(ledger, c);
    drop_queued(ledger, out);
    for (size_t c = 0; c < n; c++)
        if (out[c]) {
            leave_out(ledger, c);
            ledger->spending.n_cells++;
        }
    arena_close(&scratch);
}
