#include "analysis/findings.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 240 };

const char *findings_state_name(int state)
{
    return state == STATE_PENDING      ? "pending"
           : state == STATE_INCOMPLETE ? "incomplete"
                                       : outcome_state_names[state];
}

/* A name that this version does not know means that no result is there. */
static int state_of(const char *name)
{
    for (int i = 0; i < STATE_N; i++)
        if (!strcmp(name, findings_state_name(i)))
            return i;
    return STATE_PENDING;
}

struct state_counts findings_count_states(const struct results *results)
{
    struct state_counts counts = {{0}, {0}};
    for (size_t i = 0; i < results->n_trials; i++) {
        counts.trainings[state_of(results->trials[i].state)]++;
        for (size_t k = 0; k < results->n_attacks; k++)
            counts.evaluations[state_of(
                results_evaluation(results, i, k)->state)]++;
    }
    return counts;
}

/* failures ------------------------------------------------------------ */

typedef bool (*state_test)(int state);

static bool is_failure(int state)
{
    return state == OUTCOME_DIVERGED || state == OUTCOME_FAILED ||
           state == OUTCOME_TIMED_OUT || state == OUTCOME_SET_ASIDE;
}

static bool is_incomplete(int state)
{
    return state == STATE_INCOMPLETE;
}

static size_t count_tasks(const struct results *results, state_test is_meant)
{
    size_t n = 0;
    for (size_t i = 0; i < results->n_trials; i++) {
        n += is_meant(state_of(results->trials[i].state));
        for (size_t k = 0; k < results->n_attacks; k++)
            n += is_meant(state_of(results_evaluation(results, i, k)->state));
    }
    return n;
}

/* The last line that says something, where a program says why it ends. */
static const char *last_line(const char *message, struct arena *arena)
{
    char *copy = arena_copy_text(arena, message);
    size_t n = strlen(copy);
    while (n > 0 && (copy[n - 1] == '\n' || copy[n - 1] == ' '))
        copy[--n] = '\0';
    char *newline = strrchr(copy, '\n');
    const char *line = newline ? newline + 1 : copy;
    return strlen(line) <= MESSAGE_MAX
               ? line
               : arena_print(arena, "%.*s...", MESSAGE_MAX, line);
}

static struct failure of_training(const struct result_trial *trial,
                                  struct arena *arena)
{
    return (struct failure){trial->cell, "training", trial->state,
                            trial->cause, last_line(trial->message, arena),
                            trial->message};
}

static struct failure of_evaluation(const struct results *results,
                                    size_t trial, size_t attack,
                                    struct arena *arena)
{
    const struct result_evaluation *evaluation =
        results_evaluation(results, trial, attack);
    return (struct failure){results->trials[trial].cell,
                            results->attacks[attack].name, evaluation->state,
                            evaluation->cause,
                            last_line(evaluation->message, arena),
                            evaluation->message};
}

static struct failures list_tasks(const struct results *results,
                                  state_test is_meant, struct arena *arena)
{
    size_t n = 0;
    struct failure *at = ARENA_ARRAY(arena, struct failure,
                                     count_tasks(results, is_meant) + 1);
    for (size_t i = 0; i < results->n_trials; i++) {
        if (is_meant(state_of(results->trials[i].state)))
            at[n++] = of_training(&results->trials[i], arena);
        for (size_t k = 0; k < results->n_attacks; k++)
            if (is_meant(state_of(results_evaluation(results, i, k)->state)))
                at[n++] = of_evaluation(results, i, k, arena);
    }
    return (struct failures){n, at};
}

struct failures findings_failures(const struct results *results,
                                  struct arena *arena)
{
    return list_tasks(results, is_failure, arena);
}

struct failures findings_incomplete(const struct results *results,
                                    struct arena *arena)
{
    return list_tasks(results, is_incomplete, arena);
}

/* checks -------------------------------------------------------------- */

bool findings_is_judged(const struct results *results, size_t trial,
                        size_t attack)
{
    return state_of(results_evaluation(results, trial, attack)->state) ==
           OUTCOME_DONE;
}

struct verdict_counts findings_count_verdicts(const struct results *results,
                                              size_t check)
{
    struct verdict_counts counts = {{0}};
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < results->n_attacks; k++)
            if (findings_is_judged(results, i, k))
                counts.n[results_verdict(results, i, k, check)]++;
    return counts;
}

static int by_figure(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = (x->figure < y->figure) - (x->figure > y->figure);
    order = order ? order : strcmp(x->cell, y->cell);
    return order ? order : strcmp(x->attack, y->attack);
}

struct findings findings_of_check(const struct results *results, size_t check,
                                  enum check_verdict verdict,
                                  struct arena *arena)
{
    struct verdict_counts counts = findings_count_verdicts(results, check);
    size_t n = 0;
    struct finding *at =
        ARENA_ARRAY(arena, struct finding, counts.n[verdict] + 1);
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < results->n_attacks; k++)
            if (findings_is_judged(results, i, k) &&
                results_verdict(results, i, k, check) == verdict)
                at[n++] = (struct finding){
                    verdict, results->trials[i].cell,
                    results->attacks[k].name,
                    results_figure(results, i, k, check)};
    qsort(at, n, sizeof *at, by_figure);
    return (struct findings){n, at};
}

static enum check_verdict find_worst(const struct results *results,
                                     size_t trial, size_t attack)
{
    enum check_verdict worst = VERDICT_PASS;
    for (size_t i = 0; i < results->n_checks; i++) {
        enum check_verdict verdict =
            results_verdict(results, trial, attack, i);
        if (verdict != VERDICT_NOT_APPLICABLE && verdict > worst)
            worst = verdict;
    }
    return worst;
}

struct verdict_counts findings_count_worst(const struct results *results)
{
    struct verdict_counts counts = {{0}};
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < results->n_attacks; k++)
            if (findings_is_judged(results, i, k))
                counts.n[find_worst(results, i, k)]++;
    return counts;
}

const char *findings_print_thresholds(const struct result_check *check,
                                      struct arena *arena)
{
    const char *warns = arena_print(arena, "warns above %g", check->warn_above);
    if (check->fail_above >= CHECK_NEVER)
        return arena_print(arena, "%s, never fails", warns);
    if (check->fail_above <= check->warn_above)
        return arena_print(arena, "fails above %g", check->fail_above);
    return arena_print(arena, "%s, fails above %g", warns, check->fail_above);
}
