/*
 * What stands below the table: what the defences did, in sentences, the
 * checks' verdicts, every check that did not pass, the builds that computed
 * where they are several, and every failure.
 */
#ifndef ANALYSIS_NOTES_H
#define ANALYSIS_NOTES_H

#include "analysis/groups.h"

#include <stdio.h>

void notes_print(const struct results *results, const struct groups *groups,
                 FILE *out);

/* A sentence in lines of at most 118 columns, the first after `indent`, the
 * others after `more`. */
void notes_print_sentence(const char *text, const char *indent,
                          const char *more, FILE *out);

#endif
