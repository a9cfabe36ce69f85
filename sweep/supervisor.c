#include "sweep/supervisor_parts.h"
#include "sweep/clock.h"
#include "sweep/memory.h"
#include "sweep/trial_command.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    WORDS_MAX = 4096,      /* kept of what a trial says on standard error */
    READ_SIZE = 1 << 16,
    READS_MAX = 16         /* one after the other */
};

struct supervisor supervisor_open(const char *program, const char *folder,
                                  const char *host)
{
    return (struct supervisor){.program = program,
                               .folder = folder,
                               .host = host,
                               .frames_fd = -1,
                               .words_fd = -1,
                               .root = ""};
}

bool supervisor_is_idle(const struct supervisor *supervisor)
{
    return supervisor->pid == 0;
}

/* starting ------------------------------------------------------------ */

struct pipes {
    int input[2], words[2], frames[2];
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct pipes *pipes)
{
    for (int end = 0; end < 2; end++) {
        close_end(&pipes->input[end]);
        close_end(&pipes->words[end]);
        close_end(&pipes->frames[end]);
    }
}

static enum status open_pipes(struct pipes *pipes)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(pipes->input, O_CLOEXEC) || pipe2(pipes->words, O_CLOEXEC) ||
        pipe2(pipes->frames, O_CLOEXEC)) {
        enum status status = status_refuse_errno("cannot make a pipe");
        close_pipes(pipes);
        return status;
    }
    fcntl(pipes->words[0], F_SETFL, O_NONBLOCK);
    fcntl(pipes->frames[0], F_SETFL, O_NONBLOCK);
    return STATUS_OK;
}

/* A rank's share of the memory, and what every process has besides its layout:
 * its libraries' own, its threads' stacks. A child that wants more is told that
 * there is none, before the system kills somebody for that. */
static uint64_t find_limit(const struct supervisor *supervisor)
{
    const uint64_t besides = UINT64_C(256) << 20, stack = UINT64_C(16) << 20;
    uint64_t n_threads = supervisor->child_means.n_threads;
    return supervisor->room_bytes > 0
               ? supervisor->room_bytes + besides + n_threads * stack
               : 0;
}

static enum status spawn_child(struct supervisor *supervisor,
                               struct span span, const struct pipes *pipes)
{
    struct trial_command command;
    supervisor->care.most_bytes = find_limit(supervisor);
    trial_command_write(supervisor->program, supervisor->folder,
                        supervisor->care, supervisor->child_means, span,
                        &command);
    struct spawn_files files = {.input = pipes->input[0],
                                .words = pipes->words[1],
                                .extra = pipes->frames[1]};
    return nursery_start(&supervisor->nursery, supervisor->program,
                         supervisor->folder, (char *const *)command.arguments,
                         files, &supervisor->pid);
}

/* A spec is some kilobytes, less than a pipe holds: this does not wait. */
static void hand_over_spec(int fd, const char *spec)
{
    size_t n = strlen(spec);
    MUST(n < READ_SIZE);
    ssize_t written = write(fd, spec, n);
    (void)written; /* a child that is dead already: its end tells */
}

bool supervisor_fits(const struct supervisor *supervisor, uint64_t n_bytes)
{
    return supervisor->room_bytes == 0 || n_bytes <= supervisor->room_bytes;
}

static enum status check_room(const struct supervisor *supervisor,
                              const struct assignment *assignment)
{
    char need[MEMORY_TEXT_SIZE], room[MEMORY_TEXT_SIZE];
    if (supervisor_fits(supervisor, assignment->n_least))
        return STATUS_OK;
    return status_refuse(STATUS_FULL,
                         "needs %s of memory, and this rank's share of what "
                         "was available on %s is %s",
                         memory_print(assignment->n_least, need),
                         supervisor->host,
                         memory_print(supervisor->room_bytes, room));
}

enum status supervisor_start(struct supervisor *supervisor,
                             const struct assignment *assignment)
{
    MUST(supervisor_is_idle(supervisor));
    struct pipes pipes;
    TRY(check_room(supervisor, assignment));
    supervisor->child_means = supervisor->means;
    if (!supervisor_fits(supervisor, assignment->n_bytes))
        supervisor->child_means.recompute = true;
    TRY(open_pipes(&pipes));
    enum status status = spawn_child(supervisor, assignment->span, &pipes);
    if (status != STATUS_OK) {
        supervisor->pid = 0;
        close_pipes(&pipes);
        return status;
    }
    hand_over_spec(pipes.input[1], assignment->spec);
    supervisor->frames_fd = pipes.frames[0];
    supervisor->words_fd = pipes.words[0];
    pipes.frames[0] = pipes.words[0] = -1;
    close_pipes(&pipes);
    supervisor->spec = strdup(assignment->spec);
    MUST(supervisor->spec);
    supervisor->assignment = *assignment;
    supervisor->assignment.spec = supervisor->spec;
    supervisor->started_s = clock_date_s();
    supervisor->began_s = clock_now_s();
    supervisor->n_kills = memory_count_kills(supervisor->root);
    supervisor->verdict = OUTCOME_DONE;
    supervisor->leave_s = 0;
    supervisor->restored = false;
    supervisor->progress = (struct progress){.loss = (double)NAN};
    supervisor->frames.n = supervisor->words.n = 0;
    return STATUS_OK;
}

/* listening ----------------------------------------------------------- */

/* Reads what there is now, but only so much: who never stops talking must not
 * hold up the rest. Closes the descriptor at its end. True if there may be
 * more. */
static bool drain(int *fd, struct bytes *into)
{
    unsigned char buffer[READ_SIZE];
    for (size_t i = 0; i < READS_MAX && *fd >= 0; i++) {
        ssize_t n = read(*fd, buffer, sizeof buffer);
        if (n > 0)
            bytes_append(into, buffer, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            close_end(fd);
        else if (errno == EAGAIN)
            return false;
    }
    return *fd >= 0;
}

static void drop_first(struct bytes *bytes, size_t n)
{
    if (n == 0)
        return;
    bytes->n -= n;
    memmove(bytes->at, bytes->at + n, bytes->n);
}

/* False for a record, which stays among the frames. */
static bool take_note(struct supervisor *supervisor, const struct frame *frame)
{
    if (frame->kind != FRAME_RESTORED)
        return frame_read_progress(frame, &supervisor->progress);
    supervisor->restored = true;
    return true;
}

/* True if there may be more to hear. */
static bool listen(struct supervisor *supervisor)
{
    struct bytes *words = &supervisor->words, *frames = &supervisor->frames;
    bool more = drain(&supervisor->words_fd, words);
    more |= drain(&supervisor->frames_fd, frames);
    drop_first(words, words->n > WORDS_MAX ? words->n - WORDS_MAX : 0);
    size_t place = 0, n_read = 0;
    struct frame frame;
    while (frame_find(frames, &place, &frame) && take_note(supervisor, &frame))
        n_read = place;
    drop_first(frames, n_read);
    return more;
}

void supervisor_sleep(const struct supervisor *supervisor, double seconds)
{
    /* A descriptor of -1 is passed over. */
    struct pollfd fds[] = {{supervisor->frames_fd, POLLIN, 0},
                           {supervisor->words_fd, POLLIN, 0}};
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)(1e9 * (seconds - floor(seconds)));
    ppoll(fds, 2, &time, NULL);
}

/* the end ------------------------------------------------------------- */

static void forget_child(struct supervisor *supervisor)
{
    close_end(&supervisor->frames_fd);
    close_end(&supervisor->words_fd);
    free(supervisor->spec);
    supervisor->spec = NULL;
    supervisor->pid = 0;
}

bool supervisor_poll(struct supervisor *supervisor, struct bytes *outcome)
{
    if (supervisor_is_idle(supervisor))
        return false;
    double limit = supervisor->assignment.limit_s;
    if (limit > 0 && clock_now_s() - supervisor->began_s > limit)
        supervisor_kill(supervisor, OUTCOME_TIMED_OUT);
    if (supervisor->leave_s > 0 && clock_now_s() > supervisor->leave_s)
        supervisor_kill(supervisor, OUTCOME_INTERRUPTED);
    int status;
    struct rusage usage;
    pid_t ended = wait4(supervisor->pid, &status, WNOHANG, &usage);
    if (ended == 0) {
        listen(supervisor);
        return false;
    }
    MUST(ended == supervisor->pid);
    kill(-supervisor->pid, SIGKILL); /* what the child may have left behind */
    while (listen(supervisor))
        continue;
    supervisor_pack_end(supervisor, status, &usage, outcome);
    forget_child(supervisor);
    return true;
}

void supervisor_kill(struct supervisor *supervisor, enum outcome_state why)
{
    if (supervisor_is_idle(supervisor))
        return;
    if (supervisor->verdict == OUTCOME_DONE)
        supervisor->verdict = why;
    kill(-supervisor->pid, SIGKILL);
}

void supervisor_send_away(struct supervisor *supervisor, double within_s)
{
    if (supervisor_is_idle(supervisor) || supervisor->leave_s > 0)
        return;
    if (supervisor->verdict == OUTCOME_DONE)
        supervisor->verdict = OUTCOME_INTERRUPTED;
    supervisor->leave_s = clock_now_s() + within_s;
    kill(-supervisor->pid, SIGTERM);
}

void supervisor_close(struct supervisor *supervisor)
{
    if (!supervisor_is_idle(supervisor)) {
        kill(-supervisor->pid, SIGKILL);
        waitpid(supervisor->pid, NULL, 0);
        forget_child(supervisor);
    }
    nursery_close(&supervisor->nursery);
    bytes_free(&supervisor->frames);
    bytes_free(&supervisor->words);
}
