/*
 * The parts of the report's page; private to analysis/report*.c.
 */
#ifndef ANALYSIS_REPORT_PARTS_H
#define ANALYSIS_REPORT_PARTS_H

#include "analysis/groups.h"

#include <stdio.h>

struct report {
    const struct results *results;
    const struct groups *groups;
    const char *folder;
    struct arena *arena;
    FILE *out; /* the page */
};

/* Sections, with their headings. */
void report_write_table(const struct report *report);
void report_write_effects(const struct report *report);
void report_write_checks(const struct report *report);
void report_write_failures(const struct report *report);
CHECKED enum status report_write_provenance(const struct report *report);

/* Draws the pictures into the folder and puts them into the page. */
CHECKED enum status report_write_curves(const struct report *report);
CHECKED enum status report_write_membranes(const struct report *report);

#endif
