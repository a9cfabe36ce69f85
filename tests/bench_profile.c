/* The sampling half of tests/bench_work.h. */
#include "tests/bench_work.h"

#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

enum {
    PERIOD_US = 1000, /* the kernel's own tick may be longer */
    N_OWN = 2         /* the handler's frame, and the kernel's way back */
};

static struct bench_profile *volatile running;

/* glibc's backtrace takes no lock and no memory once it has been called. */
static void take_sample(int signal)
{
    (void)signal;
    struct bench_profile *profile = running;
    void *frames[WORK_DEPTH_MAX + N_OWN];
    int n = backtrace(frames, WORK_DEPTH_MAX + N_OWN);
    if (!profile || profile->n == WORK_SAMPLES_MAX)
        return;
    uintptr_t *chain = profile->chain[profile->n++];
    memset(chain, 0, sizeof profile->chain[0]);
    /* A caller's address is that of the next instruction, which may belong to
     * the function behind it. */
    for (int i = N_OWN; i < n; i++)
        chain[i - N_OWN] = (uintptr_t)frames[i] - (i > N_OWN);
}

static void set_timer(suseconds_t period_us)
{
    struct timeval period = {.tv_usec = period_us};
    struct itimerval timer = {period, period};
    setitimer(ITIMER_PROF, &timer, NULL);
}

void bench_profile_start(struct bench_profile *profile)
{
    void *frames[1];
    struct sigaction action = {.sa_handler = take_sample,
                               .sa_flags = SA_RESTART};
    backtrace(frames, 1); /* loads what it needs */
    running = profile;
    sigaction(SIGPROF, &action, NULL);
    set_timer(PERIOD_US);
}

void bench_profile_stop(void)
{
    set_timer(0);
    running = NULL;
}
