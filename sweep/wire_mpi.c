/* The only file that knows MPI. */
#include "sweep/wire.h"
#include "sweep/wire_queue.h"

#include <mpi.h>

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every so many messages what has been sent is looked at, also if there always
 * is another one to receive. */
enum { TAG = 1, TIDY_EVERY = 64 };

/* Messages on their way, kept until MPI has taken them. */
struct sending {
    size_t n, capacity;
    MPI_Request *requests; /* [capacity], as are these */
    void **messages;
    int *done;
    MPI_Status *statuses; /* MPICH's word for "none" is no array to gcc */
};

struct wire_mpi {
    struct wire_queue queue; /* to itself */
    size_t rank;
    bool launched; /* MPI is in use */
    struct sending sending;
    size_t n_received; /* since it was tidied */
};

/* Forgets what MPI has taken. One call for all: each call has MPI look at
 * everything that it has to do, and give up the core where it is shared. */
static void tidy(struct wire_mpi *wire)
{
    struct sending *sending = &wire->sending;
    int n_done = 0;
    size_t kept = 0;
    wire->n_received = 0;
    if (sending->n == 0)
        return;
    MPI_Testsome((int)sending->n, sending->requests, &n_done, sending->done,
                 sending->statuses);
    for (int i = 0; i < n_done; i++) {
        free(sending->messages[sending->done[i]]);
        sending->messages[sending->done[i]] = NULL;
    }
    for (size_t i = 0; i < sending->n && n_done > 0; i++)
        if (sending->messages[i]) {
            sending->requests[kept] = sending->requests[i];
            sending->messages[kept++] = sending->messages[i];
        }
    if (n_done > 0)
        sending->n = kept;
}

static void make_room(struct sending *sending)
{
    if (sending->n < sending->capacity)
        return;
    size_t n = 2 * sending->capacity + 64;
    MUST(n <= INT_MAX);
    sending->requests =
        realloc(sending->requests, n * sizeof *sending->requests);
    sending->messages =
        realloc(sending->messages, n * sizeof *sending->messages);
    sending->done = realloc(sending->done, n * sizeof *sending->done);
    sending->statuses =
        realloc(sending->statuses, n * sizeof *sending->statuses);
    MUST(sending->requests && sending->messages && sending->done &&
         sending->statuses);
    sending->capacity = n;
}

static void send_message(void *self, size_t to, const void *bytes, size_t n)
{
    struct wire_mpi *wire = self;
    if (to == wire->rank) {
        wire_queue_put(&wire->queue, bytes, n);
        return;
    }
    MUST(n <= INT_MAX);
    struct sending *sending = &wire->sending;
    void *message = malloc(n + 1);
    MUST(message);
    memcpy(message, bytes, n);
    make_room(sending);
    MPI_Isend(message, (int)n, MPI_BYTE, (int)to, TAG, MPI_COMM_WORLD,
              &sending->requests[sending->n]);
    sending->messages[sending->n++] = message;
}

static bool receive(void *self, size_t *from, struct bytes *bytes)
{
    struct wire_mpi *wire = self;
    if (wire_queue_take(&wire->queue, bytes)) {
        *from = wire->rank;
        return true;
    }
    if (!wire->launched)
        return false;
    int there = 0, n = 0;
    MPI_Status status;
    if (++wire->n_received >= TIDY_EVERY)
        tidy(wire);
    MPI_Iprobe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &status);
    if (!there) {
        tidy(wire);
        return false;
    }
    MPI_Get_count(&status, MPI_BYTE, &n);
    unsigned char *at = malloc((size_t)n + 1);
    MUST(at);
    MPI_Recv(at, n, MPI_BYTE, status.MPI_SOURCE, TAG, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    bytes->n = 0;
    bytes_append(bytes, at, (size_t)n);
    free(at);
    *from = (size_t)status.MPI_SOURCE;
    return true;
}

static void close_wire(void *self)
{
    struct wire_mpi *wire = self;
    while (wire->sending.n > 0)
        tidy(wire);
    free(wire->sending.requests);
    free(wire->sending.messages);
    free(wire->sending.done);
    free(wire->sending.statuses);
    wire_queue_clear(&wire->queue);
    if (wire->launched)
        MPI_Finalize();
    free(wire);
}

/* True if a launcher says that this process is one of its ranks. */
static bool is_launched(void)
{
    static const char *const signs[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK",
                                        "PMI_RANK", "PMI_SIZE",
                                        "MPI_LOCALNRANKS"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (getenv(signs[i]))
            return true;
    return false;
}

/* srun --mpi=none starts n processes of which each believes to be alone. */
static bool is_one_of_several(int size)
{
    const char *n_tasks = getenv("SLURM_STEP_NUM_TASKS");
    return size == 1 && n_tasks && atoi(n_tasks) > 1;
}

static int count_on_node(void)
{
    MPI_Comm node;
    int n = 1;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL,
                        &node);
    MPI_Comm_size(node, &n);
    MPI_Comm_free(&node);
    return n;
}

enum status wire_open(struct wire *wire)
{
    struct wire_mpi *self = calloc(1, sizeof *self);
    MUST(self);
    int rank = 0, size = 1, n_on_node = 1;
    self->launched = is_launched();
    if (self->launched) {
        MPI_Init(NULL, NULL);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &size);
        n_on_node = count_on_node();
    }
    self->rank = (size_t)rank;
    if (is_one_of_several(size)) {
        close_wire(self);
        return status_refuse(STATUS_INVALID,
                             "srun started %s processes that cannot find each "
                             "other; use srun --mpi=pmix (srun --mpi=list "
                             "names what there is) or mpirun",
                             getenv("SLURM_STEP_NUM_TASKS"));
    }
    *wire = (struct wire){.rank = (size_t)rank,
                          .size = (size_t)size,
                          .n_on_node = (size_t)n_on_node,
                          .self = self,
                          .send = send_message,
                          .receive = receive,
                          .close = close_wire};
    return STATUS_OK;
}

void wire_close(struct wire *wire)
{
    wire->close(wire->self);
}

/* MPICH sets "MPICH Version:" and its number apart as in a table. */
void wire_describe_library(char *text, size_t size)
{
    char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    size_t n = 0;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = 0;
    for (const char *at = version; *at && n + 1 < size; at++)
        if (!isspace((unsigned char)*at))
            text[n++] = *at;
        else if (n > 0 && text[n - 1] != ' ')
            text[n++] = ' ';
    text[n] = 0;
}
