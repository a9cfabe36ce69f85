/*
 * The report of `spikesweep report`: one HTML page that needs nothing else (no
 * script, no link, pictures inline), to be sent to others, and its pictures as
 * files beside it:
 *
 *     FOLDER/report.html
 *     FOLDER/curves-NN.{svg,png,gp}    accuracy over epsilon
 *     FOLDER/membrane-NN.{svg,png,gp}  distribution of U - V_th
 *
 * The .gp files are what gnuplot drew the pictures from, data included. The
 * page tells first what was found, fits a phone and paper, and says what it
 * leaves out where a sweep is large.
 */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include "io/results.h"

/* How much of the experiment there is, which a result file alone does not
 * know. */
struct report_coverage {
    size_t n_cells, n_tasks, n_states;
    const char *const *names;              /* [n_states] */
    const size_t *trainings, *evaluations; /* [n_states] */
    const char *notes; /* a line each: damage, results of other cells... */
};

/* Writes the report into `folder`, which is made if it is not there; files of
 * an earlier report are replaced, each one whole. `coverage` may be NULL: it
 * is not known then. Refuses if gnuplot is not installed or fails (with what
 * it said), or if the folder cannot be written. */
CHECKED enum status report_write(const struct results *results,
                                 const struct report_coverage *coverage,
                                 const char *folder);

#endif
