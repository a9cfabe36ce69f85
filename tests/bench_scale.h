/* What the parts of the program bench_scale share. */
#ifndef TESTS_BENCH_SCALE_H
#define TESTS_BENCH_SCALE_H

#include "sweep/coordinator.h"
#include "sweep/study.h"

/* A study of about so many tasks in a started ledger, five a cell. */
void bench_scale_open(size_t n_tasks, struct arena *arena,
                      struct study *study, struct ledger *ledger);

/* struct demand's n_bytes, of a study. */
uint64_t bench_scale_need(void *self, const struct spec *spec,
                          struct span span, bool least);

int bench_scale_mpi(size_t n_tasks);
int bench_scale_pack(size_t n_trials);

#endif
