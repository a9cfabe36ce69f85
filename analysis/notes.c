/* What stands below the table. */
#include "analysis/notes.h"
#include "analysis/effects.h"
#include "analysis/findings.h"
#include "analysis/summary.h"

#include <string.h>

enum { WIDTH = 118 };

/* Goes on in a line of so many columns; further ones are indented by `more`. */
static void print_words(const char *text, size_t width, const char *more,
                        FILE *out)
{
    for (bool first = true; *text; first = false) {
        size_t n = strcspn(text, " ");
        if (width + n + 1 > WIDTH) {
            fprintf(out, "\n%s", more);
            width = strlen(more);
        } else if (!first) {
            fputc(' ', out);
        }
        fprintf(out, "%.*s", (int)n, text);
        width += n + 1;
        text += n + (text[n] == ' ');
    }
    fputc('\n', out);
}

static void print_sentence(const char *text, const char *indent,
                           const char *more, FILE *out)
{
    if (!*text)
        return;
    fputs(indent, out);
    print_words(text, strlen(indent), more, out);
}

static void print_effect(const struct results *results,
                         const struct groups *groups, const char *regularizer,
                         struct arena *arena, FILE *out)
{
    struct sentences sentences =
        effects_describe(results, groups, regularizer, arena);
    for (size_t i = 0; i < sentences.n; i++)
        print_sentence(sentences.at[i], i ? "    " : "  ", "      ", out);
}

static void print_effects(const struct results *results,
                          const struct groups *groups, struct arena *arena,
                          FILE *out)
{
    struct sentences regularizers = effects_regularizers(groups, arena);
    if (regularizers.n == 0)
        return;
    fprintf(out, "\nWhat regularizers did against the undefended twin of the "
                 "same seed (attacks: mean over epsilons):\n");
    for (size_t i = 0; i < regularizers.n; i++)
        print_effect(results, groups, regularizers.at[i], arena, out);
    print_sentence(effects_caution(results), "  ", "  ", out);
    print_sentence(effects_uncertainty(results, arena), "  ", "  ", out);
}

static void print_verdicts(const struct results *results, struct arena *arena,
                           FILE *out)
{
    fprintf(out, "\n%-16s%6s%6s%6s%6s\n", "Checks", "pass", "warn", "fail",
            "n.a.");
    for (size_t i = 0; i < results->n_checks; i++) {
        struct verdict_counts counts = findings_count_verdicts(results, i);
        const char *line = arena_print(
            arena, "  %-14s%6zu%6zu%6zu%6zu  ", results->checks[i].name,
            counts.n[VERDICT_PASS], counts.n[VERDICT_WARN],
            counts.n[VERDICT_FAIL], counts.n[VERDICT_NOT_APPLICABLE]);
        const char *blanks =
            arena_print(arena, "%*s", (int)strlen(line), "");
        print_sentence(results->checks[i].rule, line, blanks, out);
    }
}

static void print_findings(const struct results *results, size_t check,
                           struct arena *arena, FILE *out)
{
    const struct result_check *row = &results->checks[check];
    struct findings findings = findings_of_check(results, check, arena);
    if (findings.n == 0)
        return;
    fprintf(out, "\n%s: %s; warns above %g, fails above %g\n", row->name,
            row->meaning, row->warn_above, row->fail_above);
    for (size_t i = 0; i < findings.n; i++)
        fprintf(out, "  %s %8.4g  %s of %s\n",
                check_verdict_names[findings.at[i].verdict],
                findings.at[i].figure, findings.at[i].attack,
                findings.at[i].cell);
}

void notes_print(const struct results *results, const struct groups *groups,
                 FILE *out)
{
    struct arena arena = arena_open();
    print_effects(results, groups, &arena, out);
    print_verdicts(results, &arena, out);
    for (size_t i = 0; i < results->n_checks; i++)
        print_findings(results, i, &arena, out);
    summary_print_builds(results, out);
    summary_print_failures(results, out);
    arena_close(&arena);
}
