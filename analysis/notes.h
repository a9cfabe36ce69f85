/*
 * What stands below the table: what the regularizers did, in sentences, the
 * checks' verdicts, every check that did not pass, the builds that computed
 * where they are several, and every failure.
 */
#ifndef ANALYSIS_NOTES_H
#define ANALYSIS_NOTES_H

#include "analysis/groups.h"

#include <stdio.h>

void notes_print(const struct results *results, const struct groups *groups,
                 FILE *out);

#endif
