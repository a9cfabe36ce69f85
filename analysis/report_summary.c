/* The head of the report: what the sweep found, in sentences. */
#include "analysis/answer.h"
#include "analysis/effects.h"
#include "analysis/findings.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"

#include <string.h>

/* The folder in which the results lie, or the file. */
static const char *name_of(const struct report *report)
{
    char *path = arena_copy_text(report->arena, report->results->path);
    char *end = strrchr(path, '/');
    if (!end || strcmp(end, "/sweep.h5") != 0)
        return end ? end + 1 : path;
    *end = '\0';
    char *start = strrchr(path, '/');
    return start ? start + 1 : path;
}

static enum status write_origin(const struct report *report)
{
    const char *date = "", *digest = "", *version = "";
    TRY(results_attribute(report->results, "date", report->arena, &date));
    TRY(results_attribute(report->results, "results_digest", report->arena,
                          &digest));
    TRY(results_attribute(report->results, "program_version", report->arena,
                          &version));
    html_element(report->out, "p class=\"note\"",
                 arena_print(report->arena,
                             "%zu cells, %zu attacks; spikesweep %s, %.10s; "
                             "results %.12s",
                             report->results->n_trials,
                             report->results->n_attacks, version, date,
                             digest));
    return STATUS_OK;
}

enum status report_write_head(const struct report *report)
{
    FILE *out = report->out;
    const char *name = name_of(report);
    fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                 "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                 "content=\"width=device-width, initial-scale=1\">\n<title>");
    html_text(out, name);
    fprintf(out, " - spikesweep report</title>\n<style>\n%s%s</style>\n"
                 "</head>\n<body>\n",
            report_style, report_style_of_paper);
    html_element(out, "h1", name);
    return write_origin(report);
}

/* completeness -------------------------------------------------------- */

/* Of the experiment, where it is known, or of the file. */
static size_t sum_of(const struct report *report,
                     const struct state_counts *counts, int state)
{
    const struct report_coverage *coverage = report->coverage;
    return coverage ? coverage->trainings[state] + coverage->evaluations[state]
                    : counts->trainings[state] + counts->evaluations[state];
}

static size_t sum_all(const struct report *report,
                      const struct state_counts *counts)
{
    size_t n = 0;
    if (report->coverage)
        return report->coverage->n_tasks;
    for (int i = 0; i < STATE_N; i++)
        n += sum_of(report, counts, i);
    return n;
}

/* How much of all that was asked for is here. */
static const char *describe_completeness(const struct report *report)
{
    struct state_counts counts = findings_count_states(report->results);
    struct arena *arena = report->arena;
    size_t n = sum_all(report, &counts);
    size_t n_done = sum_of(report, &counts, OUTCOME_DONE);
    size_t n_diverged = sum_of(report, &counts, OUTCOME_DIVERGED);
    size_t n_failed = sum_of(report, &counts, OUTCOME_FAILED) +
                      sum_of(report, &counts, OUTCOME_TIMED_OUT) +
                      sum_of(report, &counts, OUTCOME_SET_ASIDE);
    size_t n_known = n_done + n_diverged + n_failed;
    if (n_done == n)
        return n ? arena_print(arena, "All %zu trainings and evaluations are "
                                      "done.", n)
                 : "Nothing has been computed yet.";
    return arena_print(
        arena, "Of %zu trainings and evaluations %zu are done, %zu diverged, "
               "%zu failed%s",
        n, n_done, n_diverged, n_failed,
        n_known < n
            ? arena_print(arena, "; %zu have no result (yet).", n - n_known)
            : ".");
}

static const char *describe_audit(const struct report *report)
{
    struct verdict_counts worst = findings_count_worst(report->results);
    size_t n_failing = worst.n[VERDICT_FAIL];
    size_t n = n_failing + worst.n[VERDICT_WARN] + worst.n[VERDICT_PASS];
    if (n == 0)
        return "";
    if (n_failing == 0)
        return arena_print(report->arena,
                           "No check fails on any of the %zu evaluations.", n);
    return arena_print(report->arena,
                       "Checks fail on %zu of %zu evaluations: the accuracy "
                       "that these leave is no measure of robustness.",
                       n_failing, n);
}

static const char *describe_removed(const struct report *report)
{
    size_t n = results_count_removed(report->results);
    return n ? arena_print(report->arena,
                           "%zu of %zu cells %s taken out of the "
                           "experiment since, and %s still here.",
                           n, report->results->n_trials,
                           n == 1 ? "was" : "were", n == 1 ? "is" : "are")
             : "";
}

static void write_paragraph(const struct report *report, const char *text)
{
    if (*text)
        html_element(report->out, "p", text);
}

void report_write_summary(const struct report *report)
{
    fprintf(report->out, "<div class=\"answer\">\n");
    struct sentences sentences =
        answer_of(report->results, report->groups, report->arena);
    for (size_t i = 0; i < sentences.n; i++)
        write_paragraph(report, sentences.at[i]);
    write_paragraph(report, arena_print(report->arena, "%s %s",
                                        describe_completeness(report),
                                        describe_audit(report)));
    write_paragraph(report, describe_removed(report));
    fprintf(report->out, "</div>\n");
}

/* contents ------------------------------------------------------------ */

void report_write_contents(const struct report *report)
{
    static const char *const links[][2] = {
        {"defences", "What the defences did"}, {"choices", "Choices"},
        {"curves", "Robustness curves"}, {"cells", "Cells"},
        {"membrane", "Membrane potential"}, {"checks", "Checks"},
        {"coverage", "Coverage"},     {"failures", "What went wrong"},
        {"origin", "Where this comes from"}};
    fprintf(report->out, "<nav>");
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (strstr(report->body, arena_print(report->arena, "<h2 id=\"%s\"",
                                             links[i][0])))
            fprintf(report->out, "<a href=\"#%s\">%s</a>\n", links[i][0],
                    links[i][1]);
    fprintf(report->out, "</nav>\n");
}
