/* The report's sections of sentences, checks and origin. */
#include "analysis/effects.h"
#include "analysis/findings.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"

#include <string.h>

/* effects ------------------------------------------------------------- */

static void write_paragraph(const struct report *report, const char *text)
{
    if (*text)
        html_element(report->out, "p class=\"note\"", text);
}

static void write_effect(const struct report *report, const char *defence)
{
    struct sentences sentences = effects_describe(
        report->results, report->groups, defence, report->arena);
    fprintf(report->out, "<p>");
    for (size_t i = 0; i < sentences.n; i++) {
        html_text(report->out, sentences.at[i]);
        fprintf(report->out, " ");
    }
    fprintf(report->out, "</p>\n");
}

void report_write_effects(const struct report *report)
{
    struct sentences defences =
        effects_defences(report->groups, report->arena);
    if (defences.n == 0)
        return;
    fprintf(report->out,
            "<h2 id=\"defences\">What the defences did</h2>\n<p class=\"note\">Against "
            "the undefended twin of the same seed; under attacks: mean over "
            "the epsilons above 0.</p>\n");
    for (size_t i = 0; i < defences.n; i++)
        write_effect(report, defences.at[i]);
    write_paragraph(report, effects_caution(report->results));
    write_paragraph(report,
                    effects_uncertainty(report->results, report->arena));
}

/* checks -------------------------------------------------------------- */

static void write_count(const struct report *report, size_t n,
                        const char *class)
{
    fprintf(report->out, "<td class=\"%s\">%zu</td>", n ? class : "", n);
}

static void write_verdicts(const struct report *report)
{
    fprintf(report->out,
            "<div class=\"wide\"><table>\n<thead><tr>"
            "<th class=\"name\">check</th><th>pass</th>"
            "<th>warn</th><th>fail</th><th>n.a.</th><th class=\"text\">what "
            "must hold</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < report->results->n_checks; i++) {
        struct verdict_counts counts =
            findings_count_verdicts(report->results, i);
        fprintf(report->out, "<tr>");
        html_element(report->out, "td class=\"name\"",
                     report->results->checks[i].name);
        write_count(report, counts.n[VERDICT_PASS], "pass");
        write_count(report, counts.n[VERDICT_WARN], "warn");
        write_count(report, counts.n[VERDICT_FAIL], "fail");
        write_count(report, counts.n[VERDICT_NOT_APPLICABLE], "na");
        html_element(report->out, "td class=\"text\"",
                     report->results->checks[i].rule);
        fprintf(report->out, "</tr>\n");
    }
    fprintf(report->out, "</tbody>\n</table></div>\n");
}

/* A page that tells all would not be read: the worst of each. */

static void write_findings(const struct report *report, size_t check,
                           enum check_verdict verdict)
{
    const struct result_check *row = &report->results->checks[check];
    struct findings findings =
        findings_of_check(report->results, check, verdict, report->arena);
    const char *name = check_verdict_names[verdict];
    if (findings.n == 0)
        return;
    report_open_fold(
        report, findings.n > REPORT_OPEN_ROWS,
        arena_print(report->arena, "%s fails %zu times: %s; %s", row->name,
                    findings.n, row->meaning,
                    findings_print_thresholds(row, report->arena)));
    fprintf(report->out, "<div class=\"wide\"><table>\n<thead><tr>"
                         "<th class=\"name\">cell</th><th class=\"name\">"
                         "attack</th><th>figure</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < findings.n && i < REPORT_FINDINGS; i++) {
        const struct finding *finding = &findings.at[i];
        fprintf(report->out, "<tr class=\"cell\">");
        html_element(report->out, "td class=\"name\"", finding->cell);
        html_element(report->out, "td class=\"name\"", finding->attack);
        fprintf(report->out, "<td class=\"%s\">%.4g</td></tr>\n", name,
                finding->figure);
    }
    fprintf(report->out, "</tbody>\n</table></div>\n");
    report_close_fold(report);
    if (findings.n > REPORT_FINDINGS)
        fprintf(report->out,
                "<p class=\"note\">%zu more are left out here; spikesweep "
                "audit names them all.</p>\n",
                findings.n - REPORT_FINDINGS);
}

void report_write_checks(const struct report *report)
{
    if (report->results->n_attacks == 0)
        return;
    fprintf(report->out, "<h2 id=\"checks\">Checks of the attacks</h2>\n");
    write_verdicts(report);
    for (size_t i = 0; i < report->results->n_checks; i++)
        write_findings(report, i, VERDICT_FAIL);
}

/* origin -------------------------------------------------------------- */

static void write_text(const struct report *report, const char *title,
                       const char *text)
{
    if (!*text)
        return;
    html_element(report->out, "dt", title);
    html_element(report->out, "dd", text);
}

static enum status write_attribute(const struct report *report,
                                   const char *name, const char *title)
{
    const char *text = "";
    TRY(results_attribute(report->results, name, report->arena, &text));
    write_text(report, title, text);
    return STATUS_OK;
}

/* They are many. */
static enum status write_keys(const struct report *report)
{
    report_open_fold(report, true,
                     "Parameters set, and left at their defaults");
    fprintf(report->out, "<dl class=\"keys\">\n");
    TRY(write_attribute(report, "keys_set",
                        "Parameters that the experiment sets"));
    TRY(write_attribute(report, "keys_defaulted",
                        "Parameters at their defaults"));
    fprintf(report->out, "</dl>\n");
    report_close_fold(report);
    return STATUS_OK;
}

enum status report_write_provenance(const struct report *report)
{
    static const struct {
        const char *name, *title;
    } rows[] = {
        {"damage", "Damaged; what was lost in it is not here, unless it was computed again"},
        {"date", "Result file made"},
        {"results_digest", "Digest of all results"},
        {"program_version", "Version of spikesweep that made the result file"},
        {"git_revision", "Revision of its source"},
        {"compiler", "Compiler"},
        {"compiler_flags", "Its flags"},
        {"libraries", "Libraries"},
        {"hosts", "Machines"},
    };
    const char *experiment = "";
    fprintf(report->out,
            "<h2 id=\"origin\">Where this comes from</h2>\n<dl>\n");
    write_text(report, "What computed the results", report->results->builds);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        TRY(write_attribute(report, rows[i].name, rows[i].title));
    fprintf(report->out, "</dl>\n");
    TRY(results_attribute(report->results, "experiment", report->arena,
                          &experiment));
    report_open_fold(report, false, "The experiment file");
    html_element(report->out, "pre", experiment);
    report_close_fold(report);
    return write_keys(report);
}
