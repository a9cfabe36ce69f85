/* What the formats of sheets share; private to analysis/sheet*.c. */
#ifndef ANALYSIS_SHEET_PARTS_H
#define ANALYSIS_SHEET_PARTS_H

#include "analysis/sheet.h"

void sheet_write_text(const struct sheet *sheet, FILE *out);
void sheet_write_latex(const struct sheet *sheet, FILE *out);
void sheet_write_csv(const struct sheet *sheet, FILE *out);
void sheet_write_json(const struct sheet *sheet, FILE *out);

/* Of a column that people see, how many after it are read in its place. */
size_t sheet_count_beside(const struct sheet *sheet, size_t column);

/* The next column, from this one on, that has a place of its own; n_columns if
 * there is none. */
size_t sheet_next_place(const struct sheet *sheet, size_t column);

/* A number as people read it; "-" for NaN. */
enum { SHEET_NUMBER_SIZE = 64 };

void sheet_print_number(const struct sheet_column *column, double number,
                        char text[SHEET_NUMBER_SIZE]);

const char *sheet_heading(const struct sheet_column *column);

#endif
