/*
 * The table of `spikesweep table`: what each cell scored, clean and under each
 * attack, a defended cell beside its undefended twin; below it what the
 * defences did to accuracy, the checks' verdicts and what went wrong.
 */
#ifndef ANALYSIS_TABLE_H
#define ANALYSIS_TABLE_H

#include "io/results.h"

#include <stdio.h>

/* Writes the table as text of at most 120 columns (long labels and the checks'
 * rules may exceed them). A sweep without any cell gives a sentence that says
 * so. Refuses only what `out` refuses (a full disk). */
CHECKED enum status table_print(const struct results *results, FILE *out);

#endif
