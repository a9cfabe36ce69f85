/*
 * What ranks say to each other. The coordinator (on rank 0) and the workers
 * (one on each rank, rank 0 too) speak in these messages and know nothing
 * else of each other.
 */
#ifndef SWEEP_MESSAGE_H
#define SWEEP_MESSAGE_H

#include "sweep/supervisor.h"

enum message_kind {
    /* worker to coordinator */
    MESSAGE_HELLO = 1,  /* text: host */
    MESSAGE_PROGRESS,   /* task, progress: see worker_say_every_s */
    MESSAGE_OUTCOME,    /* task, bytes: a packed outcome */
    MESSAGE_ASKED_STOP, /* this rank was told to stop */
    MESSAGE_STOPPED,    /* after MESSAGE_STOP: nothing runs here any more */
    /* coordinator to worker */
    MESSAGE_TASK, /* task, assignment; several wait in line */
    MESSAGE_STOP, /* kill what runs, forget what waits */
    MESSAGE_END   /* nothing more will come */
};

struct message {
    enum message_kind kind;
    uint64_t task; /* the coordinator's number of it */
    struct progress progress;
    struct assignment assignment; /* its spec: in the arena of reading */
    const char *text;
    const unsigned char *at; /* borrowed from the bytes that were read */
    size_t n;
};

/* `bytes` is emptied first. */
void message_write(const struct message *message, struct bytes *bytes);
CHECKED enum status message_read(const struct bytes *bytes,
                                 struct arena *arena,
                                 struct message *message);

#endif
