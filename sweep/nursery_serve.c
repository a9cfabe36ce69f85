/* The nursery's side: forks processes that are its parent's children. */
#include "sweep/nursery.h"
#include "sweep/nursery_parts.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct request {
    char text[NURSERY_REQUEST_SIZE + 1];
    int argc;
    char *argv[NURSERY_ARGUMENTS_MAX + 1];
    int files[NURSERY_N_FILES];
};

/* listening ----------------------------------------------------------- */

static bool take_files(struct msghdr *message, int files[NURSERY_N_FILES])
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (!header || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(NURSERY_N_FILES * sizeof(int)))
        return false;
    memcpy(files, CMSG_DATA(header), NURSERY_N_FILES * sizeof(int));
    return true;
}

static void split(struct request *request, size_t n)
{
    request->text[n] = '\0';
    request->argc = 0;
    for (char *at = request->text; at < request->text + n;
         at += strlen(at) + 1) {
        MUST(request->argc < NURSERY_ARGUMENTS_MAX);
        request->argv[request->argc++] = at;
    }
    request->argv[request->argc] = NULL;
}

/* False at the end: nobody asks any more. */
static bool take_request(struct request *request)
{
    union nursery_control control;
    struct iovec part = {request->text, NURSERY_REQUEST_SIZE};
    struct msghdr message;
    ssize_t n;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    do
        n = recvmsg(NURSERY_FD, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return false;
    MUST(take_files(&message, request->files));
    split(request, (size_t)n);
    return true;
}

/* making processes ---------------------------------------------------- */

/* As fork() does, but the new process has the nursery's parent for its own. A
 * nursery has one thread, so nothing of the library is in use meanwhile. */
static pid_t fork_sibling(void)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_PARENT | SIGCHLD),
                          NULL, NULL, NULL, NULL);
}

/* People, and those that look for trials, go by the command line: in it `nurse`
 * becomes `trial`, which is as long. Arguments lie one behind the other. */
static void rename_command(const char *name)
{
    char *second =
        program_invocation_name + strlen(program_invocation_name) + 1;
    if (strlen(name) == strlen(NURSERY_NAME) &&
        strcmp(second, NURSERY_NAME) == 0)
        memcpy(second, name, strlen(name));
}

/* Signals that came meanwhile come now, and end it: all are at their defaults,
 * as in the nursery. */
static void begin_process(const struct request *request)
{
    sigset_t none;
    setpgid(0, 0);
    for (int i = 0; i < NURSERY_N_FILES; i++)
        MUST(request->files[i] > NURSERY_FD);
    MUST(dup2(request->files[0], STDIN_FILENO) >= 0);
    MUST(dup2(request->files[1], STDOUT_FILENO) >= 0);
    MUST(dup2(request->files[1], STDERR_FILENO) >= 0);
    MUST(dup2(request->files[2], 3) >= 0);
    closefrom(4);
    if (request->argc > 1)
        rename_command(request->argv[1]);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void answer(pid_t process, int error)
{
    struct nursery_answer answer = {process, error};
    if (send(NURSERY_FD, &answer, sizeof answer, MSG_NOSIGNAL) < 0)
        _exit(EXIT_FAILURE); /* who asked is gone */
}

/* What is meant for the trials of a job, and sent to all of its processes, ends
 * no nursery. */
static void heed_no_signal(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

int nursery_serve(long supervisor, int (*run)(int argc, char **argv))
{
    static struct request request;
    heed_no_signal();
    if (!spawn_die_with((pid_t)supervisor))
        return EXIT_FAILURE;
    while (take_request(&request)) {
        pid_t process = fork_sibling();
        if (process == 0) {
            begin_process(&request);
            return run(request.argc, request.argv);
        }
        answer(process, process < 0 ? errno : 0);
        for (int i = 0; i < NURSERY_N_FILES; i++)
            close(request.files[i]);
    }
    return EXIT_SUCCESS;
}
