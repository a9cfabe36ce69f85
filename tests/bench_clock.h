/* What the benchmarks read of the machine, and how they sum it up. */
#ifndef TESTS_BENCH_CLOCK_H
#define TESTS_BENCH_CLOCK_H

#include <stddef.h>

struct bench_times {
    double cpu_s;  /* of this process: not disturbed by others on the machine */
    double wall_s; /* of a clock that all processes share */
};

struct bench_times bench_now(void);
struct bench_times bench_since(struct bench_times start);

/* The most memory that this process has had resident, in MB of 10^6 bytes. */
double bench_peak_mb(void);

/* What is resident of files: the images' cache and programs, which all
 * processes of a node share. */
double bench_files_mb(void);

/* A median between the quartiles. */
struct bench_summary {
    double median, low, high;
};

/* Sorts the n samples. */
struct bench_summary bench_summarize(size_t n, double *samples);

#endif
