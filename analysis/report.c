#include "analysis/report.h"
#include "analysis/findings.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"
#include "io/durable.h"

#include <stdlib.h>
#include <string.h>

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>spikesweep report</title>\n<style>\n"
    "body { font: 15px/1.45 sans-serif; color: #1a1a1a; margin: 2em auto;\n"
    "       max-width: 1080px; padding: 0 1em; }\n"
    "h1 { font-size: 1.6em; } h2 { font-size: 1.25em; margin-top: 2em; }\n"
    "figure { margin: 1em 0; } figure svg { max-width: 100%; height: auto; }\n"
    "figcaption, .note { color: #555; font-size: 0.92em; }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; font-size: 0.9em; }\n"
    "th, td { padding: 0.15em 0.6em; text-align: right;\n"
    "         white-space: nowrap; }\n"
    "th { font-weight: 600; } thead th { border-bottom: 1px solid #999; }\n"
    "td.name, th.name { text-align: left; }\n"
    "td.text { text-align: left; white-space: normal; }\n"
    "tr.family td { padding-top: 0.7em; font-weight: 600;\n"
    "               text-align: left; }\n"
    "tr.twin td { color: #00558a; } tr.deviation td { color: #777; }\n"
    ".fail { color: #a3300a; font-weight: 600; } .warn { color: #8a6500; }\n"
    "pre { background: #f5f5f5; padding: 0.8em; overflow-x: auto;\n"
    "      font-size: 0.88em; }\n"
    "dt { font-weight: 600; margin-top: 0.5em; } dd { margin: 0 0 0 1.5em;\n"
    "     white-space: pre-line; overflow-wrap: anywhere; }\n"
    "</style>\n</head>\n<body>\n<h1>spikesweep report</h1>\n";

static void write_states(const struct report *report, const char *what,
                         const size_t counts[STATE_N])
{
    const char *separator = ":";
    fprintf(report->out, "%s", what);
    for (int i = 0; i < STATE_N; i++) {
        if (counts[i] == 0)
            continue;
        fprintf(report->out, "%s %zu %s", separator, counts[i],
                findings_state_name(i));
        separator = ",";
    }
    fprintf(report->out, "%s. ", *separator == ':' ? ": none" : "");
}

static void write_counts(const struct report *report)
{
    struct state_counts counts = findings_count_states(report->results);
    fprintf(report->out, "<p>");
    write_states(report, "Trainings", counts.trainings);
    write_states(report, "Evaluations", counts.evaluations);
    fprintf(report->out, "</p>\n");
}

/* A sweep of which nothing is finished has its counts and its origin. */
static enum status write_body(const struct report *report)
{
    write_counts(report);
    if (report->results->n_trials > 0) {
        report_write_effects(report);
        TRY(report_write_curves(report));
        report_write_table(report);
        TRY(report_write_membranes(report));
        report_write_checks(report);
        report_write_failures(report);
    }
    return report_write_provenance(report);
}

/* The page is made whole in memory, then written. */
static enum status write_page(struct report *report)
{
    char *text = NULL;
    size_t size = 0;
    report->out = open_memstream(&text, &size);
    MUST(report->out != NULL);
    fputs(head, report->out);
    enum status status = write_body(report);
    fputs("</body>\n</html>\n", report->out);
    MUST(fclose(report->out) == 0);
    const char *path =
        arena_print(report->arena, "%s/report.html", report->folder);
    if (status == STATUS_OK)
        status = durable_write(path, text, size);
    free(text);
    return status;
}

enum status report_write(const struct results *results, const char *folder)
{
    TRY(durable_make_folder(folder));
    TRY(durable_clean(folder));
    struct arena arena = arena_open();
    struct groups groups = groups_make(results, &arena);
    struct report report = {.results = results,
                            .groups = &groups,
                            .folder = folder,
                            .arena = &arena};
    enum status status = write_page(&report);
    arena_close(&arena);
    return status;
}
