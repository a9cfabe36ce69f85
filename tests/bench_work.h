/*
 * What the processor is busy with, by sampling: while a profile runs, a timer
 * of this process' CPU time interrupts it, and each time the chain of calls is
 * written down. Afterwards the functions' names tell the kind of work. The
 * engine knows nothing of it. One profile runs at a time.
 */
#ifndef TESTS_BENCH_WORK_H
#define TESTS_BENCH_WORK_H

#include "tests/bench_symbols.h"

enum bench_work {
    WORK_PRODUCTS,
    WORK_DIRECT,
    WORK_LISTS,
    WORK_LISTING,
    WORK_WEIGHTS_LISTS,
    WORK_WEIGHTS_PRODUCTS,
    WORK_INPUT,
    WORK_NEURONS_FORWARD,
    WORK_NEURONS_BACKWARD,
    WORK_STATISTICS,
    WORK_OPTIMIZER,
    WORK_ENCODING,
    WORK_ATTACK,
    WORK_REST,
    WORK_N
};

extern const char *const bench_work_names[WORK_N];

enum { WORK_SAMPLES_MAX = 8192, WORK_DEPTH_MAX = 24 };

struct bench_profile {
    size_t n;
    uintptr_t chain[WORK_SAMPLES_MAX][WORK_DEPTH_MAX]; /* ends with 0 */
};

/* Goes on where it stopped; samples beyond WORK_SAMPLES_MAX are left out. */
void bench_profile_start(struct bench_profile *profile);
void bench_profile_stop(void);

/* Shares of the profile's samples, which add up to 1 (0 of none). */
void bench_profile_share(const struct bench_profile *profile,
                         const struct bench_symbols *symbols,
                         double shares[WORK_N]);

#endif
