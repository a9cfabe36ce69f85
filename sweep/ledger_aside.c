/* What is set aside, and what a run leaves out. */
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
    struct task fresh = ledger_task(task->cell, task->attack, task->source,
                                    task->digest);
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
