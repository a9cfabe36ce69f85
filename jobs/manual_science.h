/*
 * The part of docs/science.md that follows from the kinds' own rows: what the
 * papers leave open, and every kind with its source. Markdown.
 */
#ifndef JOBS_MANUAL_SCIENCE_H
#define JOBS_MANUAL_SCIENCE_H

void manual_print_science(void);

#endif
