#include "sweep/worker.h"
#include "sweep/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATOR = 0 };

/* A rank's progress every second, but of all ranks a thousand in a second; a
 * rank is believed lost after 120 s of silence. */
static const double SAY_LEAST_S = 1.0, SAY_MOST_S = 30.0, SAY_RATE = 1000.0;
/* Batch systems that tell of a job's end give half a minute at the least. */
static const double LEAVE_WITHIN_S = 15.0;

static void say(struct worker *worker, const struct message *message)
{
    message_write(message, &worker->message);
    worker->wire->send(worker->wire->self, COORDINATOR, worker->message.at,
                       worker->message.n);
}

struct worker worker_open(struct wire *wire, const char *program,
                          const char *folder, const char *host)
{
    struct worker worker = {
        .wire = wire, .supervisor = supervisor_open(program, folder, host)};
    say(&worker, &(struct message){.kind = MESSAGE_HELLO, .text = host});
    return worker;
}

static void send_outcome(struct worker *worker, uint64_t task)
{
    say(worker, &(struct message){.kind = MESSAGE_OUTCOME,
                                  .task = task,
                                  .at = worker->outcome.at,
                                  .n = worker->outcome.n});
}

static void start(struct worker *worker, const struct waiting_task *waiting)
{
    struct supervisor *supervisor = &worker->supervisor;
    worker->task = waiting->task;
    worker->said_s = clock_now_s();
    if (supervisor_start(supervisor, &waiting->assignment) == STATUS_OK)
        return;
    worker->outcome.n = 0;
    supervisor_refuse(supervisor, &waiting->assignment, status_reason(),
                      &worker->outcome);
    status_forget();
    send_outcome(worker, waiting->task);
}

static void start_next(struct worker *worker)
{
    struct waiting_task next = worker->line[0];
    worker->n_line--;
    memmove(worker->line, worker->line + 1,
            worker->n_line * sizeof *worker->line);
    start(worker, &next);
    free(next.spec);
}

static void stand_in_line(struct worker *worker, const struct message *message)
{
    MUST(worker->n_line < WORKER_LINE_MAX);
    struct waiting_task *waiting = &worker->line[worker->n_line++];
    *waiting = (struct waiting_task){.task = message->task,
                                     .assignment = message->assignment};
    waiting->spec = strdup(message->assignment.spec);
    MUST(waiting->spec);
    waiting->assignment.spec = waiting->spec;
}

static void clear_line(struct worker *worker)
{
    for (size_t i = 0; i < worker->n_line; i++)
        free(worker->line[i].spec);
    worker->n_line = 0;
}

void worker_take(struct worker *worker, const struct message *message)
{
    switch (message->kind) {
    case MESSAGE_TASK:
        if (!worker->stopping)
            stand_in_line(worker, message);
        break;
    case MESSAGE_STOP:
        worker->stopping = true;
        clear_line(worker);
        supervisor_send_away(&worker->supervisor, LEAVE_WITHIN_S);
        break;
    case MESSAGE_END:
        worker->ended = true;
        break;
    default:
        MUST(!"a message for the coordinator");
    }
}

void worker_ask_stop(struct worker *worker)
{
    say(worker, &(struct message){.kind = MESSAGE_ASKED_STOP});
}

double worker_say_every_s(size_t n_ranks)
{
    return fmin(fmax(SAY_LEAST_S, (double)n_ranks / SAY_RATE), SAY_MOST_S);
}

static void say_progress(struct worker *worker)
{
    double now = clock_now_s();
    if (supervisor_is_idle(&worker->supervisor) ||
        now - worker->said_s < worker_say_every_s(worker->wire->size))
        return;
    worker->said_s = now;
    say(worker, &(struct message){.kind = MESSAGE_PROGRESS,
                                  .task = worker->task,
                                  .progress = worker->supervisor.progress});
}

bool worker_step(struct worker *worker)
{
    bool happened = false;
    worker->outcome.n = 0;
    if (supervisor_poll(&worker->supervisor, &worker->outcome)) {
        send_outcome(worker, worker->task);
        happened = true;
    }
    if (supervisor_is_idle(&worker->supervisor) && worker->n_line > 0) {
        start_next(worker);
        happened = true;
    }
    if (worker->stopping && !worker->stopped &&
        supervisor_is_idle(&worker->supervisor)) {
        worker->stopped = true;
        say(worker, &(struct message){.kind = MESSAGE_STOPPED});
    }
    say_progress(worker);
    return happened;
}

void worker_close(struct worker *worker)
{
    supervisor_close(&worker->supervisor);
    clear_line(worker);
    bytes_free(&worker->outcome);
    bytes_free(&worker->message);
}
