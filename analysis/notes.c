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

void notes_print_sentence(const char *text, const char *indent,
                           const char *more, FILE *out)
{
    if (!*text)
        return;
    fputs(indent, out);
    print_words(text, strlen(indent), more, out);
}

static void print_effect(const struct results *results,
                         const struct groups *groups, const char *defence,
                         struct arena *arena, FILE *out)
{
    struct sentences sentences =
        effects_describe(results, groups, defence, arena);
    for (size_t i = 0; i < sentences.n; i++)
        notes_print_sentence(sentences.at[i], i ? "    " : "  ", "      ", out);
}

static void print_effects(const struct results *results,
                          const struct groups *groups, struct arena *arena,
                          FILE *out)
{
    struct sentences defences = effects_defences(groups, arena);
    if (defences.n == 0)
        return;
    fprintf(out, "\nWhat defences did against the undefended twin of the "
                 "same seed (attacks: mean over epsilons):\n");
    for (size_t i = 0; i < defences.n; i++)
        print_effect(results, groups, defences.at[i], arena, out);
    notes_print_sentence(effects_caution(results), "  ", "  ", out);
    notes_print_sentence(effects_uncertainty(results, arena), "  ", "  ", out);
}

static void print_verdicts(const struct results *results, FILE *out)
{
    struct verdict_counts counts = findings_count_worst(results);
    size_t n = counts.n[VERDICT_PASS] + counts.n[VERDICT_WARN] +
               counts.n[VERDICT_FAIL];
    if (n > 0)
        fprintf(out,
                "\nChecks: %zu attacked networks by %zu rules: %zu fail some, "
                "%zu are warned of\nsome, %zu pass all that apply. "
                "`spikesweep audit DIR` tells which.\n",
                n, results->n_checks, counts.n[VERDICT_FAIL],
                counts.n[VERDICT_WARN], counts.n[VERDICT_PASS]);
}

static void print_failures(const struct results *results, size_t check,
                           struct arena *arena, FILE *out)
{
    const struct result_check *row = &results->checks[check];
    struct findings findings =
        findings_of_check(results, check, VERDICT_FAIL, arena);
    if (findings.n > 0)
        fprintf(out, "\n%s: %s; %s\n", row->name, row->meaning,
                findings_print_thresholds(row, arena));
    for (size_t i = 0; i < findings.n; i++)
        fprintf(out, "  fail %8.4g  %s of %s\n", findings.at[i].figure,
                findings.at[i].attack, findings.at[i].cell);
}

void notes_print(const struct results *results, const struct groups *groups,
                 FILE *out)
{
    struct arena arena = arena_open();
    print_effects(results, groups, &arena, out);
    print_verdicts(results, out);
    for (size_t i = 0; i < results->n_checks; i++)
        print_failures(results, i, &arena, out);
    summary_print_builds(results, out);
    summary_print_failures(results, out);
    arena_close(&arena);
}
