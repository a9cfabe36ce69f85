/*
 * The parts of the report's page; private to analysis/report*.c.
 */
#ifndef ANALYSIS_REPORT_PARTS_H
#define ANALYSIS_REPORT_PARTS_H

#include "analysis/groups.h"
#include "analysis/report.h"

#include <stdio.h>

enum {
    REPORT_PICTURES = 12,  /* of a sort, on the page; others are files */
    REPORT_OPEN_PICTURES = 4, /* of these; others are folded */
    REPORT_GROUPS = 150,   /* in the table */
    REPORT_OPEN_ROWS = 24, /* longer tables are folded */
    REPORT_FINDINGS = 40,  /* of a check */
    REPORT_FAILURES = 40,
    REPORT_LOG_BYTES = 6000 /* of a log, its end */
};

struct report {
    const struct results *results;
    const struct report_coverage *coverage; /* NULL: not known */
    const struct groups *groups;
    const char *folder;
    struct arena *arena;
    FILE *out;        /* the page, or its body while that is made */
    const char *body; /* when it is made */
};

extern const char report_style[], report_style_of_paper[];

/* From the doctype to the heading; what was found; links to the sections that
 * the body has. */
CHECKED enum status report_write_head(const struct report *report);
void report_write_summary(const struct report *report);
void report_write_contents(const struct report *report);

/* Sections, with their headings, if there is something to tell. */
void report_write_effects(const struct report *report);
void report_write_choices(const struct report *report);
void report_write_table(const struct report *report);
void report_write_checks(const struct report *report);
void report_write_coverage(const struct report *report);
void report_write_failures(const struct report *report);
CHECKED enum status report_write_provenance(const struct report *report);

/* Draws the pictures into the folder and puts them into the page. */
CHECKED enum status report_write_curves(const struct report *report);
CHECKED enum status report_write_membranes(const struct report *report);

/* A part that is long is folded; on paper it is not. */
void report_open_fold(const struct report *report, bool is_long,
                      const char *title);
void report_close_fold(const struct report *report);

#endif
