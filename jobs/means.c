#include "jobs/means.h"

enum status means_check(size_t n_threads)
{
    if (n_threads >= 1 && n_threads <= MEANS_THREADS_MAX)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID, "--threads %zu: 1 to %d are allowed",
                         n_threads, MEANS_THREADS_MAX);
}
