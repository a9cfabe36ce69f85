#include "sweep/retry.h"
#include "core/kind.h"

#include <stdio.h>
#include <string.h>

/* RETRY_ROOM cannot be asked for. */
static const char *const names[] = {
    [RETRY_DIED] = "died",     [RETRY_REFUSED] = "refused",
    [RETRY_MEMORY] = "memory", [RETRY_LIMIT] = "limit",
    [RETRY_START] = "start",
};

/* What the supervisor writes (sweep/supervisor_end.c), also in files of earlier
 * versions; the first that fits counts. */
static const struct {
    const char *begin, *within;
    enum retry_cause cause;
} causes[] = {
    {"does not fit in memory", "", RETRY_ROOM},
    {"not started", "", RETRY_START},
    {"out of memory", "", RETRY_MEMORY},
    {"signal 9 ", "as the system says", RETRY_MEMORY},
    {"signal 24 ", "", RETRY_LIMIT}, /* SIGXCPU */
    {"exit status 2", "", RETRY_REFUSED},
};

enum retry_cause retry_find_cause(const struct outcome *outcome)
{
    if (outcome->state == OUTCOME_TIMED_OUT)
        return RETRY_LIMIT;
    if (outcome->attempt == 0)
        return RETRY_ROOM;
    for (size_t i = 0; i < KIND_COUNT(causes); i++) {
        size_t n = strlen(causes[i].begin);
        if (strncmp(outcome->cause, causes[i].begin, n) != 0 ||
            !strstr(outcome->cause, causes[i].within))
            continue;
        bool goes_on = outcome->cause[n] != '\0'; /* exit status 23 */
        if (causes[i].cause != RETRY_REFUSED || !goes_on)
            return causes[i].cause;
    }
    return RETRY_DIED;
}

const char retry_run_died[] = "its run died";

bool retry_is_death(const struct outcome *outcome)
{
    if (outcome->state == OUTCOME_INTERRUPTED)
        return strcmp(outcome->cause, retry_run_died) == 0;
    return (outcome->state == OUTCOME_FAILED ||
            outcome->state == OUTCOME_SET_ASIDE) &&
           retry_find_cause(outcome) == RETRY_DIED;
}

bool retry_allows(const struct retry_policy *policy,
                  const struct outcome *outcome)
{
    if (outcome->state != OUTCOME_FAILED &&
        outcome->state != OUTCOME_TIMED_OUT)
        return true;
    enum retry_cause cause = retry_find_cause(outcome);
    return cause != RETRY_ROOM && !policy->not_again[cause];
}

static bool find_name(const char *word, size_t n, size_t *index)
{
    for (size_t i = 0; i < KIND_COUNT(names); i++)
        if (strlen(names[i]) == n && strncmp(names[i], word, n) == 0) {
            *index = i;
            return true;
        }
    return false;
}

enum status retry_read(const char *list, struct retry_policy *policy)
{
    bool all = strcmp(list, "all") == 0, none = strcmp(list, "none") == 0;
    bool wanted[RETRY_N_CAUSES] = {false};
    const char *word = list;
    while (!all && !none && word) {
        size_t n = strcspn(word, ","), i;
        if (!find_name(word, n, &i))
            return status_refuse(STATUS_INVALID,
                                 "--retry %s: all, none, or some of died, "
                                 "refused, memory, limit, start with commas "
                                 "between are allowed",
                                 list);
        wanted[i] = true;
        word = word[n] ? word + n + 1 : NULL;
    }
    for (size_t i = 0; i < RETRY_N_CAUSES; i++)
        policy->not_again[i] = !all && !wanted[i];
    return STATUS_OK;
}
