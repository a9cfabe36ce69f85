/* Experiments for tests, from files or texts that have to be in order. */
#ifndef TESTS_READ_EXPERIMENT_H
#define TESTS_READ_EXPERIMENT_H

#include "io/experiment.h"

struct experiment read_experiment_file(struct arena *arena, const char *path);
struct experiment read_experiment_text(struct arena *arena, const char *text);

#endif
