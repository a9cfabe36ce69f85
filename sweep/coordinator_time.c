/* What can still be begun before the run ends. */
#include "sweep/coordinator_parts.h"

#include <math.h>

double coordinator_expect(const struct coordinator *coordinator,
                          const struct task *task)
{
    size_t i = task->attack == LEDGER_TRAIN ? 0 : task->attack + 1;
    const struct pace *pace = &coordinator->pace[i];
    double cost = ledger_cost(coordinator->ledger, task);
    if (pace->n == 0)
        return (double)NAN;
    return cost > 0 && pace->cost > 0
               ? pace->wall_s / pace->cost * cost
               : pace->wall_s / pace->share * ledger_share(task);
}

static bool can_be_left(const struct coordinator *coordinator,
                        const struct task *task)
{
    const struct cost_rule *rule = &coordinator->ledger->rule;
    struct spec spec = ledger_spec(coordinator->ledger, task);
    return rule->keeps && rule->keeps(rule->self, &spec);
}

/* Of whose end nobody knows anything may end in time. */
bool coordinator_may_begin(const struct coordinator *coordinator,
                           const struct task *task, double now_s)
{
    double left_s = coordinator->end_s - now_s;
    if (coordinator->end_s == 0)
        return true;
    if (can_be_left(coordinator, task) && left_s >= coordinator->useful_s)
        return true;
    double expected_s = coordinator_expect(coordinator, task);
    return left_s > 0 && !(expected_s > left_s) &&
           !(isnan(expected_s) && can_be_left(coordinator, task));
}

bool coordinator_is_too_late(const struct coordinator *coordinator)
{
    const size_t *count = coordinator->ledger->count;
    return coordinator->n_late > 0 && count[TASK_READY] == 0 &&
           count[TASK_RUNNING] == 0 && count[TASK_ARRIVED] == 0;
}
