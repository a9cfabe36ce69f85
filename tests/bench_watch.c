/* What another program needs: its CPU time and peak memory. */
#include "tests/bench_commands.h"
#include "tests/bench_net.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

/* One write, so that lines of several processes do not mix. */
static void append_line(const char *path, const struct rusage *usage)
{
    FILE *file = fopen(path, "a");
    if (!file)
        bench_must(status_refuse_errno(path));
    fprintf(file, "%.3f %.3f\n",
            seconds(usage->ru_utime) + seconds(usage->ru_stime),
            (double)usage->ru_maxrss * 1024 / 1e6);
    fclose(file);
}

int bench_watch(const char *path, char *const *command)
{
    struct rusage usage;
    pid_t child;
    int how;
    if (posix_spawnp(&child, command[0], NULL, NULL, command, environ) != 0 ||
        wait4(child, &how, 0, &usage) < 0)
        bench_must(status_refuse_errno(command[0]));
    append_line(path, &usage);
    return WIFEXITED(how) ? WEXITSTATUS(how) : EXIT_FAILURE;
}
