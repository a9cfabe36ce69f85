/*
 * The coordinator over real MPI, writing real segments, with workers that
 * answer at once: what a task costs rank 0 when nothing else keeps it waiting.
 */
#include "tests/bench_scale.h"
#include "io/segment.h"
#include "sweep/clock.h"
#include "tests/scratch.h"

#include <stdio.h>

struct desk {
    struct segment_writer writer;
    size_t n_flushes;
};

static void append(void *self, const struct outcome *outcome)
{
    struct desk *desk = self;
    segment_append(&desk->writer, outcome);
}

static enum status flush(void *self)
{
    struct desk *desk = self;
    desk->n_flushes++;
    return segment_flush(&desk->writer);
}

static void tell(void *self, const char *line)
{
    (void)self;
    printf("%s\n", line);
}

static bool has_network(void *self, size_t cell)
{
    (void)self;
    (void)cell;
    return true;
}

/* A worker's answer: it is done, without a record. */
static void answer(struct wire *wire, const struct message *message,
                   struct bytes *letter)
{
    struct arena arena = arena_open();
    struct spec spec;
    struct bytes packed = {NULL, 0, 0};
    MUST(spec_parse(message->assignment.spec, &spec, &arena) == STATUS_OK);
    struct spec cell = spec_without_attack(spec);
    struct outcome outcome = {.task = spec_digest(&spec),
                              .cell = spec_digest(&cell),
                              .span = message->assignment.span,
                              .spec = message->assignment.spec,
                              .attempt = message->assignment.attempt,
                              .wall_s = 1e-3,
                              .cause = "",
                              .message = "",
                              .host = "node"};
    outcome_pack(&outcome, &packed);
    message_write(&(struct message){.kind = MESSAGE_OUTCOME,
                                    .task = message->task,
                                    .at = packed.at,
                                    .n = packed.n},
                  letter);
    wire->send(wire->self, 0, letter->at, letter->n);
    bytes_free(&packed);
    arena_close(&arena);
}

static void work(struct wire *wire)
{
    struct bytes letter = {NULL, 0, 0};
    bool ended = false;
    size_t from;
    message_write(&(struct message){.kind = MESSAGE_HELLO, .text = "node"},
                  &letter);
    wire->send(wire->self, 0, letter.at, letter.n);
    while (!ended) {
        struct arena arena = arena_open();
        struct message message;
        if (wire->receive(wire->self, &from, &letter)) {
            MUST(message_read(&letter, &arena, &message) == STATUS_OK);
            ended = message.kind == MESSAGE_END;
            if (message.kind == MESSAGE_TASK)
                answer(wire, &message, &letter);
        }
        arena_close(&arena);
    }
    bytes_free(&letter);
}

/* Takes what there is and looks around; returns if something happened. */
static bool coordinate(struct wire *wire, struct coordinator *coordinator,
                       struct bytes *letter)
{
    bool happened = false;
    size_t from;
    while (wire->receive(wire->self, &from, letter)) {
        struct arena arena = arena_open();
        struct message message;
        MUST(message_read(letter, &arena, &message) == STATUS_OK);
        coordinator_take(coordinator, from, &message, clock_now_s());
        arena_close(&arena);
        happened = true;
    }
    return coordinator_step(coordinator, clock_now_s()) || happened;
}

static void lead(struct wire *wire, size_t n_tasks)
{
    struct arena arena = arena_open();
    struct scratch scratch = scratch_make();
    struct study study;
    struct ledger ledger;
    struct coordinator coordinator;
    struct bytes letter = {NULL, 0, 0};
    struct desk desk = {.n_flushes = 0};
    bench_scale_open(n_tasks, &arena, &study, &ledger);
    MUST(segment_open(scratch.folder, &desk.writer) == STATUS_OK);
    coordinator_open(wire, &ledger,
                     (struct keeper){&desk, append, flush, tell, NULL,
                                     has_network},
                     &arena, &coordinator);
    coordinator.demand = (struct demand){&study, bench_scale_need};
    double cpu_s = 0, began_s = clock_now_s();
    while (!coordinator_is_finished(&coordinator)) {
        double before_s = clock_cpu_s();
        if (coordinate(wire, &coordinator, &letter))
            cpu_s += clock_cpu_s() - before_s;
    }
    double n = (double)ledger.n_tasks, wall_s = clock_now_s() - began_s;
    coordinator_end(&coordinator);
    printf("%.0f tasks over MPI to %zu ranks that answer at once\n"
           "  coordinating                   %7.1f us of CPU a task (%.1f us on "
           "the clock, %zu segments)\n",
           n, wire->size - 1, 1e6 * cpu_s / n, 1e6 * wall_s / n,
           desk.n_flushes);
    segment_close(&desk.writer);
    coordinator_close(&coordinator);
    bytes_free(&letter);
    scratch_remove(&scratch);
    arena_close(&arena);
}

int bench_scale_mpi(size_t n_tasks)
{
    struct wire wire;
    MUST(wire_open(&wire) == STATUS_OK);
    MUST(wire.size > 1);
    if (wire.rank == 0)
        lead(&wire, n_tasks);
    else
        work(&wire);
    wire_close(&wire);
    return 0;
}
