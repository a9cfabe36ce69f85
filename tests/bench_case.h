/* The cases that are timed: a net, and training steps or an attack on it. */
#ifndef TESTS_BENCH_CASE_H
#define TESTS_BENCH_CASE_H

#include "tests/bench_clock.h"
#include "tests/bench_net.h"

struct bench_case {
    const char *name, *doc;
    const char *net;   /* see tests/bench_net.h; NULL: BLIS' best */
    const char *more;  /* lines of the spec that differ from the net's */
    bool attacks, trains_all; /* before it is timed, as the spec says */
    size_t n_warm;     /* steps of training before it is timed */
    size_t n_units;    /* steps or attacks in a measurement */
    size_t n_measured; /* measurements in the table of `bench_engine`; 0: it is
                          not in it */
};

enum { BENCH_N_CASES = 9, BENCH_MEASURED_MAX = 16 };
extern const struct bench_case bench_cases[BENCH_N_CASES];

/* NULL if there is none of that name. */
const struct bench_case *bench_case_find(const char *name);

struct bench_scene {
    const struct bench_case *the;
    struct bench_net net;
    struct bench_trained trained;     /* if trains_all */
    float *left, *right, *product;    /* if there is no net */
    double robust_accuracy;           /* of the last attack */
};

/* Opens the net and warms it up. */
void bench_case_open(const struct bench_case *the, struct bench_scene *scene);
void bench_case_close(struct bench_scene *scene);

/* Seconds of one unit. */
struct bench_times bench_case_measure(struct bench_scene *scene);

/* Nominal floating-point operations of a unit; 0 of an attack. */
double bench_case_flop(const struct bench_scene *scene);

#endif
