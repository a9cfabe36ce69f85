/* What is set aside, what a run leaves out, what it may take over. */
#include "sweep/ledger_parts.h"

enum outcome_state ledger_judge(const struct ledger *ledger,
                                const struct task *task,
                                const struct outcome *outcome)
{
    uint64_t most = ledger->retry.max_deaths;
    bool is_last = most > 0 && task->deaths + 1 >= most;
    return is_last && retry_is_death(outcome) ? OUTCOME_SET_ASIDE
                                              : outcome->state;
}

static void revive(struct ledger *ledger, struct task *task)
{
    struct task fresh =
        ledger_task(task->cell, task->attack, task->source, task->digest);
    if (task->state == TASK_ASIDE)
        ledger_move(ledger, task, fresh.state);
}

/* The training of the network that an attack is made on is needed, too. */
static void call_source(struct ledger *ledger, const struct task *task)
{
    if (task->attack == LEDGER_TRAIN || ledger_is_final(task))
        return;
    struct task *training = &ledger->tasks[ledger->first[task->source]];
    if (training->state == TASK_LEFT_OUT)
        ledger_move(ledger, training, TASK_READY);
}

void ledger_leave_out(struct ledger *ledger, const bool *chosen)
{
    for (size_t i = 0; i < ledger->n_tasks; i++) {
        struct task *task = &ledger->tasks[i];
        if (chosen[task->cell])
            revive(ledger, task);
        else if (!ledger_is_final(task))
            ledger_move(ledger, task, TASK_LEFT_OUT);
    }
    for (size_t i = 0; i < ledger->n_tasks; i++)
        if (chosen[ledger->tasks[i].cell])
            call_source(ledger, &ledger->tasks[i]);
}

static bool share_samples(struct span a, struct span b)
{
    return span_is_whole(a) || span_is_whole(b) ||
           (a.first < b.first + b.n && b.first < a.first + a.n);
}

bool ledger_lacks(struct ledger *ledger, struct digest digest, struct span span)
{
    const struct task *end = ledger->tasks + ledger->n_tasks;
    const struct task *first = ledger_find(ledger, digest);
    for (const struct task *task = first;
         task && task < end && digest_equal(task->digest, digest); task++)
        if (ledger_is_final(task) && share_samples(task->span, span))
            return false;
    return first != NULL;
}

double ledger_cost(const struct ledger *ledger, const struct task *task)
{
    const struct cost_rule *rule = &ledger->rule;
    if (!rule->cost)
        return 0;
    struct spec spec = ledger_spec(ledger, task);
    return rule->cost(rule->self, &spec, task->span);
}

void ledger_leave(struct ledger *ledger, struct task *task)
{
    MUST(task->state == TASK_RUNNING);
    ledger_move(ledger, task, TASK_LEFT_OUT);
}

bool ledger_is_complete(const struct ledger *ledger)
{
    size_t n = 0;
    for (int state = TASK_DONE; state < TASK_N_STATES; state++)
        n += ledger->count[state];
    return n == ledger->n_tasks;
}

size_t ledger_count_ready(const struct ledger *ledger)
{
    return ledger->trainings.n + ledger->attacks.n;
}
