#include "tests/fake_crew.h"
#include "tests/bench_clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const struct job_terms *terms;
    struct ledger *ledger;
    struct wire wire;
    struct coordinator coordinator;
    struct crew crew;
    struct bytes *letters; /* [n_inbox] as the wire would hand them over */
    size_t n_letters;
    struct bytes kept, packed;
    struct job_figures figures;
};

/* the wire ------------------------------------------------------------ */

static void send(void *self, size_t to, const void *bytes, size_t n)
{
    struct job *job = self;
    struct bytes_reader reader = {bytes, n};
    uint64_t kind, task, attempt = 0;
    MUST(bytes_take_u64(&reader, &kind) == STATUS_OK &&
         bytes_take_u64(&reader, &task) == STATUS_OK);
    struct event event = {.due_s = job->crew.now_s + job->terms->latency_s,
                          .kind = EVENT_STOP,
                          .rank = (uint32_t)to,
                          .task = task};
    if (kind == MESSAGE_END)
        return;
    if (kind == MESSAGE_TASK) {
        MUST(bytes_take_u64(&reader, &attempt) == STATUS_OK);
        event.kind = EVENT_TASK;
        event.attempt = attempt;
        job->figures.n_handed_out++;
    }
    crew_push(&job->crew, event);
}

static void pack_outcome(struct job *job, const struct event *event,
                         struct bytes *packed)
{
    const struct task *task = &job->ledger->tasks[event->task];
    struct arena arena = arena_open();
    struct outcome outcome = {
        .task = task->digest,
        .cell = job->ledger->cells->at[task->cell].digest,
        .span = task->span,
        .spec = ledger_print(job->ledger, task, &arena),
        .state = event->state,
        .attempt = event->attempt,
        .wall_s = job->terms->median_s,
        .cause = event->state == OUTCOME_FAILED ? "signal 11" : "",
        .message = "",
        .host = "node"};
    packed->n = 0;
    outcome_pack(&outcome, packed);
    arena_close(&arena);
}

static void write_letter(struct job *job, const struct event *event,
                         struct bytes *letter)
{
    struct message message = {.kind = event->message, .task = event->task};
    if (event->message == MESSAGE_HELLO)
        message.text = "node";
    if (event->message == MESSAGE_PROGRESS)
        message.progress = (struct progress){1, 2, 0.5};
    if (event->message == MESSAGE_OUTCOME) {
        pack_outcome(job, event, &job->packed);
        message.at = job->packed.at;
        message.n = job->packed.n;
    }
    message_write(&message, letter);
}

/* the keeper ---------------------------------------------------------- */

static void keep(void *self, const struct outcome *outcome)
{
    struct job *job = self;
    struct bytes packed = {NULL, 0, 0};
    outcome_pack(outcome, &packed);
    bytes_append_u64(&job->kept, packed.n);
    bytes_append(&job->kept, packed.at, packed.n);
    bytes_free(&packed);
    job->figures.n_outcomes++;
}

static enum status flush(void *self)
{
    struct job *job = self;
    job->kept.n = 0;
    job->figures.n_flushes++;
    return STATUS_OK;
}

static void tell(void *self, const char *line)
{
    struct job *job = self;
    job->figures.n_lost += strstr(line, "silent") != NULL;
}

static bool has_network(void *self, size_t cell)
{
    (void)self;
    (void)cell;
    return true;
}

/* the coordinator's time ---------------------------------------------- */

static void take(struct job *job, size_t i)
{
    struct arena arena = arena_open();
    struct message message;
    MUST(message_read(&job->letters[i], &arena, &message) == STATUS_OK);
    coordinator_take(&job->coordinator, job->crew.inbox[i].rank, &message,
                     job->crew.now_s);
    arena_close(&arena);
}

/* The letters as they are on the wire cost the coordinator nothing. */
static void write_letters(struct job *job)
{
    if (job->crew.n_inbox > job->n_letters) {
        job->letters =
            realloc(job->letters, job->crew.n_inbox * sizeof *job->letters);
        MUST(job->letters);
        memset(job->letters + job->n_letters, 0,
               (job->crew.n_inbox - job->n_letters) * sizeof *job->letters);
        job->n_letters = job->crew.n_inbox;
    }
    for (size_t i = 0; i < job->crew.n_inbox; i++)
        write_letter(job, &job->crew.inbox[i], &job->letters[i]);
}

/* Takes what has come and looks around; returns how long that takes. */
static double coordinate(struct job *job, bool *happened)
{
    const struct job_terms *terms = job->terms;
    struct job_figures before = job->figures;
    write_letters(job);
    struct bench_times start = bench_now();
    for (size_t i = 0; i < job->crew.n_inbox; i++)
        take(job, i);
    if (terms->stop_s > 0 && job->crew.now_s >= terms->stop_s)
        coordinator_stop(&job->coordinator, job->crew.now_s);
    *happened = coordinator_step(&job->coordinator, job->crew.now_s) ||
                job->crew.n_inbox > 0;
    job->figures.cpu_s += bench_since(start).cpu_s;
    double cost =
        terms->step_s + terms->message_s * (double)job->crew.n_inbox +
        terms->hand_out_s *
            (double)(job->figures.n_handed_out - before.n_handed_out) +
        terms->flush_s * (double)(job->figures.n_flushes - before.n_flushes);
    job->figures.n_messages += job->crew.n_inbox;
    job->figures.n_steps++;
    if (job->crew.n_inbox > job->figures.backlog)
        job->figures.backlog = job->crew.n_inbox;
    job->crew.n_inbox = 0;
    return cost;
}

static void note_tail(struct job *job)
{
    const struct coordinator *coordinator = &job->coordinator;
    bool wants = coordinator->sets.with[0].n > 0 &&
                 coordinator->n_arrivals == 0 &&
                 ledger_count_ready(job->ledger) == 0;
    if (isfinite(job->figures.tail_s) || !(wants || coordinator->stopping))
        return;
    job->figures.tail_s = job->crew.now_s;
    crew_end_counting(&job->crew);
    job->figures.busy_s = job->crew.busy_s;
}

/* What is unfinished at the tail was work until then, too. */
static void count_ranks(struct job *job)
{
    double tail = fmin(job->figures.tail_s, job->crew.now_s);
    job->figures.rank_s = 0;
    for (size_t r = 0; r < job->wire.size; r++)
        job->figures.rank_s += fmin(tail, job->crew.ranks[r].dies_s);
}

static void close_job(struct job *job)
{
    coordinator_close(&job->coordinator);
    for (size_t i = 0; i < job->n_letters; i++)
        bytes_free(&job->letters[i]);
    free(job->letters);
    crew_close(&job->crew);
    bytes_free(&job->kept);
    bytes_free(&job->packed);
}

struct job_figures fake_job_run(const struct job_terms *terms,
                                struct ledger *ledger, struct demand demand)
{
    struct arena arena = arena_open();
    struct job job = {.terms = terms,
                      .ledger = ledger,
                      .figures = {.tail_s = (double)INFINITY}};
    job.wire = (struct wire){
        .size = terms->n_ranks, .n_on_node = 1, .self = &job, .send = send};
    struct keeper keeper = {&job, keep, flush, tell, NULL, has_network};
    coordinator_open(&job.wire, ledger, keeper, &arena, &job.coordinator);
    job.coordinator.demand = demand;
    crew_open(terms, ledger, &job.crew);
    double nap = 1e-4;
    while (!coordinator_is_finished(&job.coordinator)) {
        bool happened;
        double cost = coordinate(&job, &happened);
        nap = happened ? 1e-4 : fmin(2 * nap, terms->nap_s);
        if (!isfinite(job.figures.tail_s))
            job.figures.coordinating_s += cost;
        crew_advance(&job.crew, job.crew.now_s + cost + (happened ? 0 : nap));
        note_tail(&job);
    }
    job.figures.end_s = job.crew.now_s;
    count_ranks(&job);
    close_job(&job);
    arena_close(&arena);
    return job.figures;
}

double fake_job_utilisation(const struct job_figures *figures)
{
    return figures->busy_s / figures->rank_s;
}
