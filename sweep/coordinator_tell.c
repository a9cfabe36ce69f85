/* What the coordinator says of failures, and who has said that it stops. */
#include "sweep/coordinator_parts.h"

#include <string.h>

static const char *name_attempt(const struct task *task,
                                const struct outcome *outcome,
                                struct arena *arena)
{
    if (outcome->attempt == 0)
        return "";
    const char *deaths = outcome->state == OUTCOME_SET_ASIDE
                             ? arena_print(arena, ", %lu unexplained death%s",
                                           (unsigned long)task->deaths,
                                           task->deaths == 1 ? "" : "s")
                             : "";
    return arena_print(arena, ", attempt %llu%s",
                       (unsigned long long)outcome->attempt, deaths);
}

void coordinator_tell_failure(const struct coordinator *coordinator,
                              const struct task *task,
                              const struct outcome *outcome)
{
    if (outcome->state != OUTCOME_FAILED &&
        outcome->state != OUTCOME_TIMED_OUT &&
        outcome->state != OUTCOME_SET_ASIDE)
        return;
    struct arena arena = arena_open();
    char digest[DIGEST_TEXT_SIZE];
    struct spec spec = ledger_spec(coordinator->ledger, task);
    const struct kind *attack = spec.at[SPEC_ATTACK].kind;
    size_t length = strcspn(outcome->message, "\n");
    coordinator->keeper.tell(
        coordinator->keeper.self,
        arena_print(&arena, "cell %u (%.8s), %s%s: %s: %s%s%s%.*s", task->cell,
                    digest_print(outcome->cell, digest),
                    attack ? attack->name : "training",
                    span_print(task->span, &arena),
                    outcome_state_names[outcome->state], outcome->cause,
                    name_attempt(task, outcome, &arena), length ? ": " : "",
                    (int)length, outcome->message));
    arena_close(&arena);
}

bool coordinator_stops_together(const struct coordinator *coordinator)
{
    if (!coordinator->stopping)
        return false;
    for (size_t r = 0; r < coordinator->wire->size; r++) {
        const struct member *member = &coordinator->members[r];
        if (!member->told && !member->stopped)
            return false;
    }
    return true;
}
