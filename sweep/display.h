/*
 * What people see of a sweep while it runs: one line that is written over
 * where there is a terminal, else a line now and then; and notes between.
 */
#ifndef SWEEP_DISPLAY_H
#define SWEEP_DISPLAY_H

#include "sweep/coordinator.h"

#include <stdio.h>

enum display_mode { DISPLAY_AUTO, DISPLAY_LIVE, DISPLAY_PLAIN, DISPLAY_NONE };

struct display {
    FILE *out;
    enum display_mode mode;
    double began_s, shown_s;
    size_t width; /* of the live line that stands there; 0: none */
};

struct display display_open(FILE *out, enum display_mode mode, double now_s);

/* A line of its own, above the live one. */
void display_note(struct display *display, const char *line);

/* Shows how far the sweep is, if it is time to. */
void display_show(struct display *display,
                  const struct coordinator *coordinator, double now_s);

/* Shows it a last time; the live line then stays. */
void display_close(struct display *display,
                   const struct coordinator *coordinator, double now_s);

/* How far a sweep is: what earlier runs did is in it. */
struct display_counts {
    size_t n_cells, n_cells_finished;
    size_t n_wanted, n_finished, n_failed; /* tasks; the failed are finished */
    size_t n_busy;                         /* ranks with a task */
};

struct display_counts display_count(const struct coordinator *coordinator);

/* Seconds until all is done, from the pace of finished tasks and what the
 * running ones say; NaN as long as nobody can know. */
double display_estimate(const struct coordinator *coordinator, double now_s);

/* "1:02:03" */
void display_print_time(double seconds, char text[24]);

#endif
