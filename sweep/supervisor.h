/*
 * The supervisor of a trial: has its nursery start this program as a child
 * process that computes one task, reads what it says, and finds out how it
 * ended. Whatever the child does (crash, hang, run out of memory, write half a
 * record), the supervisor's own process goes on. One child at a time.
 *
 * The child gets the task's spec on its standard input, speaks frames on
 * FRAME_FD and words on its standard error, and dies if its supervisor does.
 */
#ifndef SWEEP_SUPERVISOR_H
#define SWEEP_SUPERVISOR_H

#include "core/trial.h"
#include "io/outcome.h"
#include "sweep/frame.h"
#include "sweep/nursery.h"
#include "sweep/trial_command.h"

#include <sys/types.h>

/* Exit statuses of a trial that a signal sent away, the supervisor's or one
 * that the whole job got: it has kept a checkpoint; it had nothing to keep. */
enum { SUPERVISOR_LEFT = 75, SUPERVISOR_GONE = 76 };

/* A task to compute. */
struct assignment {
    uint64_t attempt; /* counts from 1 */
    double limit_s;   /* killed after so long; 0: never */
    uint64_t n_bytes; /* of memory that it needs; 0: not known */
    uint64_t n_least; /* with recomputation, which it is started with where
                         it would not fit else */
    const char *spec; /* canonical text with asides; with an attack: evaluate */
    struct span span; /* all its samples or some */
};

struct supervisor {
    const char *program; /* path of the executable, borrowed */
    const char *folder;  /* the sweep's, borrowed */
    const char *host;
    struct trial_means means, child_means; /* of all; of this one */
    struct trial_care care;
    uint64_t room_bytes; /* of memory that a child may need; 0: not known */
    const char *root;    /* of the system's files: "" but in tests */
    uint64_t n_kills;    /* for lack of memory, when the child started */
    struct nursery nursery;
    pid_t pid; /* 0: idle */
    int frames_fd, words_fd;
    struct bytes frames, words; /* words: the tail of standard error */
    struct progress progress;
    struct assignment assignment;
    char *spec; /* owned copy of assignment.spec */
    double started_s, began_s; /* date; clock */
    double leave_s; /* by this clock it has to have left; 0: it may stay */
    bool restored;  /* it went on from a checkpoint */
    enum outcome_state verdict; /* why it was killed; OUTCOME_DONE: it was
                                   not */
};

struct supervisor supervisor_open(const char *program, const char *folder,
                                  const char *host);

/* Starts a child; the supervisor must be idle. Refused if the task does not fit
 * into the room that there is, or if the system cannot start a process. */
CHECKED enum status supervisor_start(struct supervisor *supervisor,
                                     const struct assignment *assignment);

bool supervisor_is_idle(const struct supervisor *supervisor);

/* Waits until the child says or does something, or for so long. */
void supervisor_sleep(const struct supervisor *supervisor, double seconds);

/* Takes in what there is to read. True once, when the child has ended: then
 * the outcome is packed into `outcome`, and the supervisor is idle. */
bool supervisor_poll(struct supervisor *supervisor, struct bytes *outcome);

/* Kills the child; its outcome (to be polled for) is then `why`, unless it has
 * just ended well by itself. The first reason counts. */
void supervisor_kill(struct supervisor *supervisor, enum outcome_state why);

/* Tells the child to write down how far it is, and to go; it is interrupted
 * then. After so long it is killed. */
void supervisor_send_away(struct supervisor *supervisor, double within_s);

/* Packs the outcome of a task that could not be started at all. If that is
 * because it does not fit, the outcome is of attempt 0: none was made. */
void supervisor_refuse(const struct supervisor *supervisor,
                       const struct assignment *assignment,
                       const char *reason, struct bytes *outcome);

void supervisor_close(struct supervisor *supervisor);

#endif
