#include "sweep/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool is_launchers(const char *variable)
{
    static const char *const prefixes[] = {"OMPI_", "PMIX_", "PMI_",
                                           "MPI_LOCAL"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* Threads that wait spin unless they are told not to, for so long that those of
 * ranks that share a core hold each other up. */
static char passive[] = "OMP_WAIT_POLICY=passive";

/* The environment without the launcher's variables; free it, not what it
 * points to. */
static char **scrub_environment(void)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **scrubbed = calloc(n + 2, sizeof *scrubbed);
    MUST(scrubbed);
    for (size_t i = 0; i < n; i++)
        if (!is_launchers(environ[i]))
            scrubbed[kept++] = environ[i];
    if (!getenv("OMP_WAIT_POLICY"))
        scrubbed[kept++] = passive;
    return scrubbed;
}

static void place_file(posix_spawn_file_actions_t *actions, int from, int to,
                       int flags)
{
    int failed = from >= 0 ? posix_spawn_file_actions_adddup2(actions, from, to)
                           : posix_spawn_file_actions_addopen(
                                 actions, to, "/dev/null", flags, 0);
    MUST(!failed);
}

static void plan_files(posix_spawn_file_actions_t *actions,
                       struct spawn_files files)
{
    MUST(!posix_spawn_file_actions_init(actions));
    place_file(actions, files.input, 0, O_RDONLY);
    place_file(actions, files.words, 1, O_WRONLY);
    place_file(actions, files.words, 2, O_WRONLY);
    if (files.extra >= 0)
        place_file(actions, files.extra, 3, O_WRONLY);
    int first = files.extra >= 0 ? 4 : 3;
    MUST(!posix_spawn_file_actions_addclosefrom_np(actions, first));
}

static void plan_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    MUST(!posix_spawnattr_init(attributes));
    MUST(!posix_spawnattr_setflags(attributes,
                                   POSIX_SPAWN_SETPGROUP |
                                       POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETSIGMASK));
    MUST(!posix_spawnattr_setsigdefault(attributes, &all));
    MUST(!posix_spawnattr_setsigmask(attributes, &none));
}

enum status spawn_program(const char *program, char *const *arguments,
                          struct spawn_files files, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char **environment = scrub_environment();
    plan_files(&actions, files);
    plan_attributes(&attributes);
    errno = posix_spawn(pid, program, &actions, &attributes, arguments,
                        environment);
    int failed = errno;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    errno = failed;
    return failed ? status_refuse_errno("%s: cannot start it", program)
                  : STATUS_OK;
}

bool spawn_die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return getppid() == parent;
}

const char *spawn_own_program(void)
{
    static char path[PATH_MAX];
    if (!*path) {
        ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
        MUST(n > 0);
        path[n] = 0;
    }
    return path;
}
