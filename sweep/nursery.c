/* The rank's side of a nursery; for the other one see nursery_serve.c. */
#include "sweep/nursery.h"
#include "sweep/nursery_parts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A nursery answers in a millisecond; on a machine that is out of its mind it
 * may take longer, but a rank that is silent for two minutes is given up. */
enum { ANSWER_WITHIN_MS = 60000 };

void nursery_close(struct nursery *nursery)
{
    if (nursery->process == 0)
        return;
    close(nursery->fd);
    kill(nursery->process, SIGKILL);
    waitpid(nursery->process, NULL, 0);
    *nursery = (struct nursery){.process = 0};
}

static enum status open_nursery(struct nursery *nursery, const char *program,
                                const char *folder)
{
    char parent[24];
    int ends[2];
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    const char *const arguments[] = {program, NURSERY_NAME, "--supervisor",
                                     parent,  "--",         folder, NULL};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return status_refuse_errno("cannot make a pair of sockets");
    struct spawn_files files = {
        .input = -1, .words = STDERR_FILENO, .extra = ends[1]};
    enum status status = spawn_program(program, (char *const *)arguments, files,
                                       &nursery->process);
    close(ends[1]);
    if (status == STATUS_OK) {
        nursery->fd = ends[0];
        return STATUS_OK;
    }
    close(ends[0]);
    nursery->process = 0;
    return status;
}

/* The arguments, each with its zero; 0 if they are too long. */
static size_t pack_arguments(char *const *arguments,
                             char packed[NURSERY_REQUEST_SIZE])
{
    size_t n = 0;
    for (; *arguments; arguments++) {
        size_t length = strlen(*arguments) + 1;
        if (length > NURSERY_REQUEST_SIZE - n)
            return 0;
        memcpy(packed + n, *arguments, length);
        n += length;
    }
    return n;
}

/* False if there is nobody to hear it. */
static bool ask(int fd, char *request, size_t n, struct spawn_files files)
{
    const int fds[NURSERY_N_FILES] = {files.input, files.words, files.extra};
    union nursery_control control;
    struct iovec part = {request, n};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(&control, 0, sizeof control);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(header), fds, sizeof fds);
    ssize_t sent;
    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)n;
}

/* False if it has died, or does not answer. */
static bool hear(int fd, struct nursery_answer *answer)
{
    struct pollfd waiting = {fd, POLLIN, 0};
    ssize_t n;
    int ready;
    do
        ready = poll(&waiting, 1, ANSWER_WITHIN_MS);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return false;
    do
        n = recv(fd, answer, sizeof *answer, 0);
    while (n < 0 && errno == EINTR);
    return n == sizeof *answer;
}

static bool is_there(struct nursery *nursery)
{
    if (nursery->process != 0 &&
        waitpid(nursery->process, NULL, WNOHANG) != 0) {
        close(nursery->fd);
        *nursery = (struct nursery){.process = 0};
    }
    return nursery->process != 0;
}

/* A nursery may have died since it was asked last. Who has taken a request and
 * does not answer may have made a process, so that nobody else may be asked. */
static enum status reach(struct nursery *nursery, const char *program,
                         const char *folder, char *request, size_t n,
                         struct spawn_files files,
                         struct nursery_answer *answer)
{
    bool asked = is_there(nursery) && ask(nursery->fd, request, n, files);
    if (!asked) {
        nursery_close(nursery);
        TRY(open_nursery(nursery, program, folder));
        asked = ask(nursery->fd, request, n, files);
    }
    if (asked && hear(nursery->fd, answer))
        return STATUS_OK;
    nursery_close(nursery);
    return status_refuse(STATUS_SYSTEM,
                         "%s: the process that is to start trials has died",
                         program);
}

/* A signal for its group must find it, however soon it is sent. */
enum status nursery_start(struct nursery *nursery, const char *program,
                          const char *folder, char *const *arguments,
                          struct spawn_files files, pid_t *pid)
{
    char request[NURSERY_REQUEST_SIZE];
    size_t n = pack_arguments(arguments, request);
    struct nursery_answer answer;
    MUST(files.input >= 0 && files.words >= 0 && files.extra >= 0);
    if (n == 0)
        return status_refuse(STATUS_INVALID,
                             "%s: more than %d bytes of arguments", program,
                             NURSERY_REQUEST_SIZE);
    TRY(reach(nursery, program, folder, request, n, files, &answer));
    if (answer.process <= 0) {
        errno = answer.error;
        return status_refuse_errno("%s: cannot start a process of it",
                                   program);
    }
    *pid = answer.process;
    setpgid(*pid, *pid); /* refused if it has ended: then its end tells */
    return STATUS_OK;
}
