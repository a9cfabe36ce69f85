#include "tests/bench_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct bench_times bench_now(void)
{
    return (struct bench_times){read_clock(CLOCK_PROCESS_CPUTIME_ID),
                                read_clock(CLOCK_MONOTONIC)};
}

struct bench_times bench_since(struct bench_times start)
{
    struct bench_times now = bench_now();
    return (struct bench_times){now.cpu_s - start.cpu_s,
                                now.wall_s - start.wall_s};
}

/* A line of /proc/self/status, in MB; 0 if it is not there. */
static double read_mb(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    size_t n = strlen(name);
    double kib = 0;
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, name, n) == 0)
            kib = strtod(line + n, NULL);
    if (status)
        fclose(status);
    return kib * 1024 / 1e6;
}

/* Not getrusage: its peak is inherited from the process that started this one,
 * as long as it was larger. */
double bench_peak_mb(void)
{
    return read_mb("VmHWM:");
}

double bench_files_mb(void)
{
    return read_mb("RssFile:");
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct bench_summary bench_summarize(size_t n, double *samples)
{
    qsort(samples, n, sizeof *samples, compare);
    return (struct bench_summary){
        .median = (samples[n / 2] + samples[(n - 1) / 2]) / 2,
        .low = samples[n / 4],
        .high = samples[n - 1 - n / 4]};
}
