#include "analysis/audit.h"
#include "analysis/findings.h"
#include "analysis/notes.h"

#include <string.h>

static void print_rules(const struct results *results, struct arena *arena,
                        FILE *out)
{
    fprintf(out, "%-20s%6s%6s%6s%6s\n", "Rules", "pass", "warn", "fail",
            "n.a.");
    for (size_t i = 0; i < results->n_checks; i++) {
        struct verdict_counts counts = findings_count_verdicts(results, i);
        const char *line = arena_print(
            arena, "  %-18s%6zu%6zu%6zu%6zu  ", results->checks[i].name,
            counts.n[VERDICT_PASS], counts.n[VERDICT_WARN],
            counts.n[VERDICT_FAIL], counts.n[VERDICT_NOT_APPLICABLE]);
        const char *blanks =
            arena_print(arena, "%*s", (int)strlen(line), "");
        notes_print_sentence(results->checks[i].rule, line, blanks, out);
    }
}

static void print_findings(const struct results *results, size_t check,
                           enum check_verdict verdict, size_t n_most,
                           struct arena *arena, FILE *out)
{
    const struct result_check *row = &results->checks[check];
    struct findings findings =
        findings_of_check(results, check, verdict, arena);
    if (findings.n > 0)
        fprintf(out, "\n%s: %s; %s\n", row->name, row->meaning,
                findings_print_thresholds(row, arena));
    for (size_t i = 0; i < findings.n && i < n_most; i++)
        fprintf(out, "  %s %8.4g  %s of %s\n", check_verdict_names[verdict],
                findings.at[i].figure, findings.at[i].attack,
                findings.at[i].cell);
    if (findings.n > n_most)
        fprintf(out, "  ... and %zu more (--all lists them)\n",
                findings.n - n_most);
}

void audit_print(const struct results *results, size_t n_most, FILE *out)
{
    static const enum check_verdict verdicts[] = {VERDICT_FAIL, VERDICT_WARN};
    struct arena arena = arena_open();
    struct verdict_counts counts = findings_count_worst(results);
    fprintf(out, "%zu attacked networks fail some rule, %zu are warned of "
                 "some, %zu pass all that apply.\n\n",
            counts.n[VERDICT_FAIL], counts.n[VERDICT_WARN],
            counts.n[VERDICT_PASS]);
    size_t n_incomplete = findings_incomplete(results, &arena).n;
    if (n_incomplete > 0)
        fprintf(out, "Not judged, as parts of them have no result yet: %zu "
                     "attacked networks.\n\n", n_incomplete);
    print_rules(results, &arena, out);
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < results->n_checks; i++)
            print_findings(results, i, verdicts[v], n_most, &arena, out);
    arena_close(&arena);
}
