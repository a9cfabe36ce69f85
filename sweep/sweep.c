#include "sweep/sweep.h"
#include "sweep/clock.h"
#include "sweep/cores.h"
#include "sweep/folder.h"
#include "sweep/head.h"
#include "sweep/memory.h"
#include "sweep/spawn.h"
#include "sweep/stop.h"

#include <stdio.h>
#include <unistd.h>

/* A rank with nothing to do looks for messages after 0.1 ms, then less and
 * less often; the end of its own trial wakes it at once. */
static const double SLEEP_MIN_S = 1e-4, SLEEP_MAX_S = 5e-3;

struct rank {
    struct wire wire;
    struct worker worker;
    struct head *head; /* NULL: not rank 0 */
    struct bytes message;
    double sleep_s;
    uint64_t room_bytes; /* of memory for its trial; 0: not known */
    bool asked; /* it has handed on that it was told to stop */
};

static bool is_for_worker(enum message_kind kind)
{
    return kind == MESSAGE_TASK || kind == MESSAGE_STOP || kind == MESSAGE_END;
}

static void take(struct rank *rank, size_t from)
{
    struct arena arena = arena_open();
    struct message message;
    MUST(message_read(&rank->message, &arena, &message) == STATUS_OK);
    if (is_for_worker(message.kind)) {
        worker_take(&rank->worker, &message);
    } else {
        MUST(rank->head);
        coordinator_take(&rank->head->coordinator, from, &message,
                         clock_now_s());
    }
    arena_close(&arena);
}

static void nap(struct rank *rank, bool happened)
{
    if (happened)
        rank->sleep_s = SLEEP_MIN_S;
    else
        supervisor_sleep(&rank->worker.supervisor, rank->sleep_s);
    rank->sleep_s *= 2;
    if (rank->sleep_s > SLEEP_MAX_S)
        rank->sleep_s = SLEEP_MAX_S;
}

static bool take_all(struct rank *rank)
{
    bool happened = false;
    size_t from;
    while (rank->wire.receive(rank->wire.self, &from, &rank->message)) {
        take(rank, from);
        happened = true;
    }
    return happened;
}

/* Rank 0: what coordinating costs, apart from its own trials and from looking
 * in vain. */
static bool coordinate(struct rank *rank)
{
    double before_s = clock_cpu_s();
    bool happened = take_all(rank);
    happened |= head_step(rank->head);
    if (happened)
        rank->head->coordinating_s += clock_cpu_s() - before_s;
    return happened;
}

static void step(struct rank *rank)
{
    bool happened = rank->head ? coordinate(rank) : take_all(rank);
    happened |= worker_step(&rank->worker);
    if (stop_asked() && !rank->asked) {
        rank->asked = true;
        worker_ask_stop(&rank->worker);
        happened = true;
    }
    nap(rank, happened);
}

static void open_rank(struct rank *rank,
                      const struct sweep_options *options, const char *folder)
{
    static char host[64]; /* borrowed by the supervisor */
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "unknown");
    rank->worker =
        worker_open(&rank->wire, spawn_own_program(), folder, host);
    rank->worker.supervisor.care = options->care;
    rank->worker.supervisor.means = options->means;
    rank->worker.supervisor.room_bytes = rank->room_bytes;
    rank->sleep_s = SLEEP_MIN_S;
}

/* A launcher binds a rank to one core unless it is told otherwise. */
static void check_cores(size_t n_threads)
{
    size_t n = cores_available();
    if (n_threads > n)
        fprintf(stderr,
                "spikesweep: trials have %zu threads, but rank 0 may use %zu "
                "core%s only: see mpirun --map-by slot:PE=%zu or srun "
                "--cpus-per-task=%zu\n",
                n_threads, n, n == 1 ? "" : "s", n_threads, n_threads);
}

static void close_rank(struct rank *rank)
{
    worker_close(&rank->worker);
    bytes_free(&rank->message);
}

static void work(struct rank *rank, const struct sweep_options *options,
                 const char *folder)
{
    open_rank(rank, options, folder);
    while (!rank->worker.ended)
        step(rank);
    close_rank(rank);
}

/* Rank 0: refused or not, the others must hear of the end. */
static enum status lead(struct rank *rank,
                        const struct sweep_options *options,
                        const char *folder, enum sweep_end *end)
{
    struct head head;
    enum status status = head_open(options, folder, &rank->wire, &head);
    if (status != STATUS_OK) {
        struct bytes bytes = {0};
        message_write(&(struct message){.kind = MESSAGE_END}, &bytes);
        for (size_t r = 1; r < rank->wire.size; r++)
            rank->wire.send(rank->wire.self, r, bytes.at, bytes.n);
        bytes_free(&bytes);
        return status;
    }
    rank->head = &head;
    check_cores(options->means.n_threads);
    open_rank(rank, options, folder);
    while (!head_is_finished(&head))
        step(rank);
    *end = head_finish(&head);
    coordinator_end(&head.coordinator);
    close_rank(rank);
    head_close(&head);
    return status;
}

enum status sweep_run(const struct sweep_options *options, enum sweep_end *end)
{
    struct rank rank = {0};
    struct arena arena = arena_open();
    const char *folder = options->folder
                             ? options->folder
                             : folder_default(options->path, &arena);
    stop_watch();
    TRY(wire_open(&rank.wire));
    stop_watch(); /* MPI_Init may have taken signals for itself */
    /* Before any of them has a trial: later each would see less than its
     * share. */
    rank.room_bytes = memory_available("") / rank.wire.n_on_node;
    enum status status = STATUS_OK;
    *end = SWEEP_SERVED;
    if (rank.wire.rank == 0)
        status = lead(&rank, options, folder, end);
    else
        work(&rank, options, folder);
    wire_close(&rank.wire);
    arena_close(&arena);
    return status;
}
