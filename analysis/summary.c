#include "analysis/summary.h"
#include "analysis/findings.h"

#include <string.h>

static void print_states(const struct results *results, FILE *out)
{
    struct state_counts counts = findings_count_states(results);
    fprintf(out, "%-12s", "");
    for (int i = 0; i < STATE_N; i++)
        fprintf(out, " %11s", findings_state_name(i));
    fprintf(out, "\n%-12s", "trainings");
    for (int i = 0; i < STATE_N; i++)
        fprintf(out, " %11zu", counts.trainings[i]);
    fprintf(out, "\n%-12s", "evaluations");
    for (int i = 0; i < STATE_N; i++)
        fprintf(out, " %11zu", counts.evaluations[i]);
    fprintf(out, "\n");
}

static void print_failure(const struct failure *failure, FILE *out)
{
    fprintf(out, "  %s: %s of %s", failure->state, failure->task,
            failure->cell);
    if (*failure->cause)
        fprintf(out, ": %s", failure->cause);
    fprintf(out, "\n");
    if (*failure->message)
        fprintf(out, "      it said: %s\n", failure->message);
}

/* Their samples that have a result count in no table yet. */
static void print_incomplete(const struct results *results,
                             struct arena *arena, FILE *out)
{
    struct failures incomplete = findings_incomplete(results, arena);
    if (incomplete.n > 0)
        fprintf(out, "\nIncomplete, and counted nowhere until run to the end "
                     "(%zu):\n", incomplete.n);
    for (size_t i = 0; i < incomplete.n; i++)
        fprintf(out, "  %s of %s: %s\n", incomplete.at[i].task,
                incomplete.at[i].cell, incomplete.at[i].cause);
}

void summary_print_failures(const struct results *results, FILE *out)
{
    struct arena arena = arena_open();
    print_incomplete(results, &arena, out);
    struct failures failures = findings_failures(results, &arena);
    if (failures.n > 0)
        fprintf(out, "\nWhat went wrong (%zu):\n", failures.n);
    for (size_t i = 0; i < failures.n; i++)
        print_failure(&failures.at[i], out);
    arena_close(&arena);
}

void summary_print_builds(const struct results *results, FILE *out)
{
    const char *first = strchr(results->builds, '\n');
    if (!first || !first[1])
        return;
    fprintf(out, "\nSeveral builds or engines of spikesweep computed these "
                 "results, which may differ for that reason alone:\n");
    for (const char *at = results->builds; *at;) {
        int n = (int)strcspn(at, "\n");
        fprintf(out, "  %.*s\n", n, at);
        at += n + (at[n] == '\n');
    }
}

static enum status print_damage(const struct results *results,
                                struct arena *arena, FILE *out)
{
    const char *damage = "";
    TRY(results_attribute(results, "damage", arena, &damage));
    if (*damage)
        fprintf(out,
                "\nDamaged; what was lost in it is not here, unless it was "
                "computed again:\n%s",
                damage);
    return STATUS_OK;
}

enum status summary_print(const struct results *results, FILE *out)
{
    struct arena arena = arena_open();
    print_states(results, out);
    enum status status = print_damage(results, &arena, out);
    summary_print_builds(results, out);
    summary_print_failures(results, out);
    arena_close(&arena);
    TRY(status);
    if (fflush(out) != 0 || ferror(out))
        return status_refuse_errno("cannot write the summary");
    return STATUS_OK;
}
