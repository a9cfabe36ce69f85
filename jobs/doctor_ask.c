#include "jobs/doctor.h"
#include "core/status.h"
#include "io/bytes.h"
#include "sweep/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a group of its own, so that all it starts can be killed with it. */
static int start(char *const *arguments, int output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    MUST(!posix_spawn_file_actions_init(&actions));
    MUST(!posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                           O_RDONLY, 0));
    MUST(!posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO));
    MUST(!posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO));
    MUST(!posix_spawnattr_init(&attributes));
    MUST(!posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP));
    int error = posix_spawnp(pid, arguments[0], &actions, &attributes,
                             arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Until all who may write have ended; false if time is over. */
static bool read_until(int output, double end_s, struct bytes *said)
{
    char piece[512];
    while (true) {
        double left_s = end_s - clock_now_s();
        struct pollfd ready = {.fd = output, .events = POLLIN};
        if (left_s <= 0)
            return false;
        int n_ready = poll(&ready, 1, (int)(1e3 * left_s) + 1);
        if (n_ready < 0 && errno == EINTR)
            continue;
        ssize_t n = n_ready > 0 ? read(output, piece, sizeof piece) : -1;
        if (n_ready > 0 && n <= 0)
            return true;
        bytes_append(said, piece, n > 0 ? (size_t)n : 0);
    }
}

static int wait_for(pid_t pid, bool in_time)
{
    int ended = 0;
    if (!in_time)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
        ;
    if (!in_time)
        return DOCTOR_TOO_LONG;
    return WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
}

int doctor_ask(char *const *arguments, double limit_s, struct arena *arena,
               char **said)
{
    int ends[2];
    pid_t pid;
    struct bytes answer = {0};
    MUST(pipe2(ends, O_CLOEXEC) == 0);
    int error = start(arguments, ends[1], &pid);
    close(ends[1]);
    int status = DOCTOR_NO_PROGRAM;
    if (!error)
        status = wait_for(
            pid, read_until(ends[0], clock_now_s() + limit_s, &answer));
    close(ends[0]);
    bytes_append(&answer, "", 1);
    *said = arena_copy_text(arena, (const char *)answer.at);
    bytes_free(&answer);
    return status;
}
