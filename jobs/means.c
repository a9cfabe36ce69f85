#include "jobs/means.h"

#include <stdlib.h>
#include <unistd.h>

enum status means_check(size_t n_threads)
{
    if (n_threads >= 1 && n_threads <= MEANS_THREADS_MAX)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID, "--threads %zu: 1 to %d are allowed",
                         n_threads, MEANS_THREADS_MAX);
}

void means_wait_passively(char **argv)
{
    if (getenv("OMP_WAIT_POLICY"))
        return;
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", argv);
}
