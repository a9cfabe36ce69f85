/* The report's sections of what is there, and of what went wrong. */
#include "analysis/findings.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"

#include <string.h>

/* coverage ------------------------------------------------------------ */

static void write_counts(const struct report *report, const char *name,
                         const struct report_coverage *coverage,
                         const size_t *counts, const size_t *all)
{
    size_t n = 0;
    fprintf(report->out, "<tr class=\"cell\">");
    html_element(report->out, "td class=\"name\"", name);
    for (size_t i = 0; i < coverage->n_states; i++) {
        n += counts[i];
        if (all[i] > 0)
            fprintf(report->out, "<td>%zu</td>", counts[i]);
    }
    fprintf(report->out, "<td>%zu</td></tr>\n", n);
}

/* States that no task is in are left out. */
static void write_coverage(const struct report *report,
                           const struct report_coverage *coverage)
{
    size_t *all = ARENA_ARRAY(report->arena, size_t, coverage->n_states + 1);
    fprintf(report->out, "<div class=\"wide\"><table>\n<thead><tr><th></th>");
    for (size_t i = 0; i < coverage->n_states; i++) {
        all[i] = coverage->trainings[i] + coverage->evaluations[i];
        if (all[i] > 0)
            html_element(report->out, "th", coverage->names[i]);
    }
    fprintf(report->out, "<th>all</th></tr></thead>\n<tbody>\n");
    write_counts(report, "trainings", coverage, coverage->trainings, all);
    write_counts(report, "evaluations", coverage, coverage->evaluations, all);
    fprintf(report->out, "</tbody>\n</table></div>\n");
    if (coverage->notes && *coverage->notes)
        html_element(report->out, "pre", coverage->notes);
}

/* Of a result file by itself. */
static void write_file_coverage(const struct report *report)
{
    const char *names[STATE_N];
    struct state_counts counts = findings_count_states(report->results);
    for (int i = 0; i < STATE_N; i++)
        names[i] = findings_state_name(i);
    struct report_coverage coverage = {.n_states = STATE_N,
                                       .names = names,
                                       .trainings = counts.trainings,
                                       .evaluations = counts.evaluations};
    write_coverage(report, &coverage);
}

void report_write_coverage(const struct report *report)
{
    const struct report_coverage *coverage = report->coverage;
    fprintf(report->out, "<h2 id=\"coverage\">Coverage</h2>\n");
    if (coverage) {
        fprintf(report->out,
                "<p class=\"note\">What has become of the experiment's %zu "
                "cells and %zu tasks; an attack on many samples is several."
                "</p>\n",
                coverage->n_cells, coverage->n_tasks);
        write_coverage(report, coverage);
        return;
    }
    fprintf(report->out, "<p class=\"note\">What the result file has; tasks "
                         "that no run has begun are not in it.</p>\n");
    write_file_coverage(report);
}

/* failures ------------------------------------------------------------ */

/* Besides what is told of it anyway. */
static bool says_more(const struct failure *failure)
{
    size_t n = strlen(failure->message);
    return strncmp(failure->log, failure->message, n) != 0 ||
           failure->log[n + strspn(failure->log + n, "\n ")] != '\0';
}

/* Where a log is long its end is what tells. */
static void write_log(const struct report *report,
                      const struct failure *failure)
{
    size_t n = strlen(failure->log);
    const char *log = failure->log;
    if (!says_more(failure))
        return;
    report_open_fold(report, true, "all that it said");
    if (n > REPORT_LOG_BYTES) {
        log += n - REPORT_LOG_BYTES;
        log += strcspn(log, "\n");
        html_element(report->out, "p class=\"note\"",
                     "The beginning is left out; it is in sweep.h5.");
    }
    html_element(report->out, "pre", log);
    report_close_fold(report);
}

static void write_failure(const struct report *report,
                          const struct failure *failure)
{
    FILE *out = report->out;
    fprintf(out, "<li><span class=\"fail\">");
    html_text(out, failure->state);
    fprintf(out, "</span>: ");
    html_text(out, failure->task);
    fprintf(out, " of ");
    html_text(out, failure->cell);
    fprintf(out, *failure->cause ? ": " : "");
    html_text(out, failure->cause);
    if (*failure->message) {
        fprintf(out, "<br>it said: ");
        html_text(out, failure->message);
    }
    write_log(report, failure);
    fprintf(out, "</li>\n");
}

void report_write_failures(const struct report *report)
{
    struct failures failures =
        findings_failures(report->results, report->arena);
    if (failures.n == 0)
        return;
    fprintf(report->out, "<h2 id=\"failures\">What went wrong</h2>\n"
                         "<ul class=\"failures\">\n");
    for (size_t i = 0; i < failures.n && i < REPORT_FAILURES; i++)
        write_failure(report, &failures.at[i]);
    fprintf(report->out, "</ul>\n");
    if (failures.n > REPORT_FAILURES)
        fprintf(report->out,
                "<p class=\"note\">%zu more are left out here; spikesweep "
                "status names them all.</p>\n",
                failures.n - REPORT_FAILURES);
}
