/* The options of `run`, which `evaluate` takes as well; private to jobs/. */
#ifndef JOBS_RUN_OPTIONS_H
#define JOBS_RUN_OPTIONS_H

#include "jobs/options.h"

enum { RUN_N_OPTIONS = 19 };

extern const struct option_row run_options[];

/* What -o says, or NULL. */
const char *run_folder(void);

#endif
