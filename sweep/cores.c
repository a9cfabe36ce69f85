#include "sweep/cores.h"

#include <sched.h>
#include <unistd.h>

/* A machine with more cores than the set holds is refused: then all that are
 * online count. */
size_t cores_available(void)
{
    cpu_set_t set;
    long n = sched_getaffinity(0, sizeof set, &set) == 0
                 ? CPU_COUNT(&set)
                 : sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}
