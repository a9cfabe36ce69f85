/* Trained networks that a command line names; private to jobs/. */
#ifndef JOBS_MODEL_FIND_H
#define JOBS_MODEL_FIND_H

#include "core/trial.h"

/* A network and what it is for. */
struct named_model {
    const char *path;
    struct spec spec;
    struct data_set data; /* without samples */
    struct weights weights;
};

/* MODEL, a file; or DIR CELL, a sweep's folder and the first digits (at least
 * 4) of a cell's digest, or its number in DIR/experiment.cfg. `arguments` end
 * in NULL. Everything is in `arena`. */
CHECKED enum status model_find(char *const *arguments, struct arena *arena,
                               struct named_model *model);

#endif
