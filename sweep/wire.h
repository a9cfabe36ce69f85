/*
 * The wire: messages between the ranks of one job. What a rank sends to
 * itself goes through a queue in memory, so that rank 0 coordinates itself as
 * it does all others, and a job of one rank needs no MPI at all.
 *
 * Messages from one rank to another arrive whole, once, in order.
 */
#ifndef SWEEP_WIRE_H
#define SWEEP_WIRE_H

#include "core/status.h"
#include "io/bytes.h"

#include <stdbool.h>

struct wire {
    size_t rank, size; /* MPI's */
    size_t n_on_node;  /* ranks of this job on this rank's node */
    void *self;
    /* Takes a copy; never waits for the receiver. */
    void (*send)(void *self, size_t to, const void *bytes, size_t n);
    /* The next message that has arrived, from any rank: false if there is
     * none now. `bytes` is emptied first. Never waits. */
    bool (*receive)(void *self, size_t *from, struct bytes *bytes);
    /* Collective: ends when everything sent has been taken. */
    void (*close)(void *self);
};

/* Opens the wire of this job: MPI's if the process was launched as one of
 * several ranks (mpirun, srun with PMIx or PMI), else that of a single rank.
 * Collective. Refuses a launch by srun that gives MPI no means to find the
 * other ranks. */
CHECKED enum status wire_open(struct wire *wire);
void wire_close(struct wire *wire);

/* "Open MPI 4.1.4", for provenance; into `text`. */
void wire_describe_library(char *text, size_t size);

#endif
