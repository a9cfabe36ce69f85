#include "analysis/report.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"
#include "io/durable.h"

#include <stdlib.h>
#include <string.h>

void report_open_fold(const struct report *report, bool is_long,
                      const char *title)
{
    fprintf(report->out, "<details%s>", is_long ? "" : " open");
    html_element(report->out, "summary", title);
}

void report_close_fold(const struct report *report)
{
    fprintf(report->out, "</details>\n");
}

/* A sweep of which nothing is finished has its coverage and its origin. */
static enum status write_sections(const struct report *report)
{
    if (report->results->n_trials > 0) {
        report_write_effects(report);
        report_write_choices(report);
        TRY(report_write_curves(report));
        report_write_table(report);
        TRY(report_write_membranes(report));
        report_write_checks(report);
    }
    report_write_coverage(report);
    report_write_failures(report);
    return report_write_provenance(report);
}

/* What `write` writes, as a text of the arena. */
static enum status make_text(struct report *report,
                             enum status (*write)(const struct report *report),
                             const char **made)
{
    char *text = NULL;
    size_t size = 0;
    report->out = open_memstream(&text, &size);
    MUST(report->out != NULL);
    enum status status = write(report);
    MUST(fclose(report->out) == 0);
    *made = arena_copy_text(report->arena, text);
    free(text);
    return status;
}

static enum status write_page(const struct report *report)
{
    TRY(report_write_head(report));
    report_write_summary(report);
    report_write_contents(report);
    fprintf(report->out, "%s</body>\n</html>\n", report->body);
    return STATUS_OK;
}

/* The page is made whole in memory, then written. */
static enum status make_page(struct report *report)
{
    const char *page = "";
    TRY(make_text(report, write_sections, &report->body));
    TRY(make_text(report, write_page, &page));
    const char *path =
        arena_print(report->arena, "%s/report.html", report->folder);
    return durable_write(path, page, strlen(page));
}

enum status report_write(const struct results *results,
                         const struct report_coverage *coverage,
                         const char *folder)
{
    TRY(durable_make_folder(folder));
    TRY(durable_clean(folder));
    struct arena arena = arena_open();
    struct groups groups = groups_make(results, &arena);
    struct report report = {.results = results,
                            .coverage = coverage,
                            .groups = &groups,
                            .folder = folder,
                            .arena = &arena};
    enum status status = make_page(&report);
    arena_close(&arena);
    return status;
}
