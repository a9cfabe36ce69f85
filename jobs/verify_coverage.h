/* Which tasks of the experiment that a result file holds have no result in it;
 * private to jobs/. */
#ifndef JOBS_VERIFY_COVERAGE_H
#define JOBS_VERIFY_COVERAGE_H

#include "io/verify.h"

/* Adds the line "coverage": holds if every training and evaluation of the
 * experiment's cells has a row with a result, or can have none (its training
 * diverged); else open, with how many have none and the first of them. Where
 * the data cannot be opened, cells that do not fit it are among them. */
CHECKED enum status verify_coverage(const char *path, struct verify *verify);

#endif
