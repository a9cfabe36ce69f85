#include "sweep/clock.h"

#include <time.h>

static double read_clock(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double clock_now_s(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double clock_cpu_s(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double clock_date_s(void)
{
    return read_clock(CLOCK_REALTIME);
}

double clock_for_trial(void *self)
{
    (void)self;
    return clock_now_s();
}
