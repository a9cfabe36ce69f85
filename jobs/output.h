/*
 * Options of commands that print a sheet: text, --csv, --json or --latex; and
 * of those that draw: --svg, --png, --pdf FILE, with --data gnuplot's script
 * and data beside them. Private to jobs/.
 */
#ifndef JOBS_OUTPUT_H
#define JOBS_OUTPUT_H

#include "analysis/plot.h"
#include "analysis/sheet.h"

struct output {
    bool csv, json, latex;
};

/* Rows of a table of options; `output` is the command's own. */
#define OUTPUT_OPTIONS(output)                                                 \
    {"csv", 0, NULL, "comma-separated values, with all digits", OPTION_FLAG,   \
     &(output).csv},                                                           \
    {"json", 0, NULL, "one JSON object: columns, rows, notes", OPTION_FLAG,    \
     &(output).json},                                                          \
    {"latex", 0, NULL, "a tabular for LaTeX with booktabs", OPTION_FLAG,       \
     &(output).latex}

/* Refuses more than one of them. */
CHECKED enum status output_format(const struct output *output,
                                  enum sheet_format *format);

/* To standard output. */
CHECKED enum status output_sheet(const struct output *output,
                                 const struct sheet *sheet);

struct output_picture {
    const char *files[PLOT_N_FORMATS]; /* NULL: none */
    bool data;
};

#define PICTURE_OPTIONS(picture)                                               \
    {"svg", 0, "FILE", "draw into FILE (gnuplot)", OPTION_TEXT,                \
     &(picture).files[PLOT_SVG]},                                              \
    {"png", 0, "FILE", "likewise", OPTION_TEXT, &(picture).files[PLOT_PNG]},   \
    {"pdf", 0, "FILE", "likewise", OPTION_TEXT, &(picture).files[PLOT_PDF]},   \
    {"data", 0, NULL, "keep gnuplot's script and data as FILE.gp",             \
     OPTION_FLAG, &(picture).data}

/* Whether any file is asked for. */
bool output_wants_picture(const struct output_picture *picture);

/* Draws into all files that are asked for, and says on standard error which
 * those are. */
CHECKED enum status output_draw(const struct output_picture *picture,
                                const struct plot *plot);

#endif
