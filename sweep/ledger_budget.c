/* A budget in core-hours: what tasks have taken, and the end of new cells. */
#include "sweep/ledger_parts.h"

#include <stdlib.h>

static const double HOUR_S = 3600;

void ledger_budget_open(struct ledger *ledger)
{
    ledger->spending = (struct ledger_spending){
        .limit_s = HOUR_S * ledger->experiment->budget.core_hours};
}

/* The means are words that begin with the number of threads; older programs
 * had none. */
static double count_threads(const struct outcome *outcome)
{
    double n = outcome->means ? strtod(outcome->means, NULL) : 1;
    return n >= 1 ? n : 1;
}

/* What another sweep has computed cost it, not this one. */
void ledger_budget_take(struct ledger *ledger, const struct outcome *outcome)
{
    bool is_own = !outcome->origin || !*outcome->origin;
    if (is_own && outcome->wall_s > 0)
        ledger->spending.used_s += outcome->wall_s * count_threads(outcome);
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
