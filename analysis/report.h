/*
 * The report of `spikesweep report`: one HTML page that needs nothing else (no
 * script, no link, pictures inline), and its pictures as files beside it:
 *
 *     FOLDER/report.html
 *     FOLDER/curves-NN.{svg,png,gp}    accuracy over epsilon
 *     FOLDER/membrane-NN.{svg,png,gp}  distribution of U - V_th
 *
 * The .gp files are what gnuplot drew the pictures from, data included.
 */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include "io/results.h"

/* Writes the report into `folder`, which is made if it is not there; files of
 * an earlier report are replaced, each one whole. Refuses if gnuplot is not
 * installed or fails (with what it said), or if the folder cannot be
 * written. */
CHECKED enum status report_write(const struct results *results,
                                 const char *folder);

#endif
