#include "tests/fake_crew.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* chance -------------------------------------------------------------- */

/* Uniform, in (0, 1), of this attempt at a task; `what` counts. */
static double draw(const struct crew *crew, uint64_t task, uint64_t attempt,
                   uint64_t what)
{
    struct rng_stream stream = {crew->terms->seed, RNG_NOISE,
                                rng_lane(task, attempt)};
    return 0x1p-32 * (0.5 + rng_word(stream, what));
}

static double draw_normal(const struct crew *crew, uint64_t task)
{
    return sqrt(-2 * log(draw(crew, task, 0, 0))) *
           cos(2 * 3.14159265358979324 * draw(crew, task, 0, 1));
}

static double draw_seconds(const struct crew *crew, const struct event *task,
                           const struct fake_rank *rank)
{
    const struct job_terms *terms = crew->terms;
    double seconds = terms->median_s;
    if (terms->sigma > 0)
        seconds *= exp(terms->sigma * draw_normal(crew, task->task));
    if (crew->ledger->tasks[task->task].attack == LEDGER_TRAIN)
        seconds *= terms->training_factor;
    if (draw(crew, task->task, 0, 2) < terms->straggler_share)
        seconds *= terms->straggler_factor;
    return seconds * rank->slowness;
}

/* events -------------------------------------------------------------- */

static bool is_before(const struct event *a, const struct event *b)
{
    return a->due_s != b->due_s ? a->due_s < b->due_s : a->order < b->order;
}

void crew_push(struct crew *crew, struct event event)
{
    if (crew->n_heap == crew->heap_capacity) {
        crew->heap_capacity = 2 * crew->heap_capacity + 64;
        crew->heap =
            realloc(crew->heap, crew->heap_capacity * sizeof *crew->heap);
        MUST(crew->heap);
    }
    event.order = crew->n_events++;
    size_t i = crew->n_heap++;
    for (; i > 0 && is_before(&event, &crew->heap[(i - 1) / 2]);
         i = (i - 1) / 2)
        crew->heap[i] = crew->heap[(i - 1) / 2];
    crew->heap[i] = event;
}

static struct event pop(struct crew *crew)
{
    struct event first = crew->heap[0], last = crew->heap[--crew->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < crew->n_heap; i = child) {
        child += child + 1 < crew->n_heap &&
                 is_before(&crew->heap[child + 1], &crew->heap[child]);
        if (!is_before(&crew->heap[child], &last))
            break;
        crew->heap[i] = crew->heap[child];
    }
    crew->heap[i] = last;
    return first;
}

/* ranks --------------------------------------------------------------- */

static void say(struct crew *crew, uint32_t r, struct event event)
{
    event.kind = EVENT_ARRIVAL;
    event.rank = r;
    event.due_s = crew->now_s + crew->terms->latency_s;
    if (crew->now_s < crew->ranks[r].dies_s)
        crew_push(crew, event);
}

static void begin_next(struct crew *crew, uint32_t r)
{
    struct fake_rank *rank = &crew->ranks[r];
    rank->idle = rank->n_line == 0;
    if (rank->idle)
        return;
    struct event task = rank->line[0];
    memmove(rank->line, rank->line + 1, --rank->n_line * sizeof task);
    double seconds = draw_seconds(crew, &task, rank);
    task.state = OUTCOME_DONE;
    if (draw(crew, task.task, task.attempt, 3) < crew->terms->failing_share) {
        task.state = OUTCOME_FAILED;
        seconds *= draw(crew, task.task, task.attempt, 4);
    }
    rank->began_s = crew->now_s + crew->terms->start_s;
    task.due_s = rank->began_s + seconds;
    task.kind = EVENT_END;
    task.rank = r;
    task.began = ++rank->began;
    rank->now = task;
    crew_push(crew, task);
    task.kind = EVENT_SAY;
    task.due_s = crew->now_s + worker_say_every_s(crew->terms->n_ranks);
    if (crew->terms->progress)
        crew_push(crew, task);
}

static void count_work(struct crew *crew, const struct fake_rank *rank)
{
    double seconds = crew->now_s - rank->began_s;
    if (crew->counting && seconds > 0)
        crew->busy_s += seconds;
}

static void end_trial(struct crew *crew, const struct event *end)
{
    struct fake_rank *rank = &crew->ranks[end->rank];
    if (rank->began != end->began || crew->now_s >= rank->dies_s)
        return; /* it has left it meanwhile, or is dead */
    count_work(crew, rank);
    struct event outcome = *end;
    outcome.message = MESSAGE_OUTCOME;
    say(crew, end->rank, outcome);
    rank->began++;
    begin_next(crew, end->rank);
}

static void say_progress(struct crew *crew, const struct event *event)
{
    struct fake_rank *rank = &crew->ranks[event->rank];
    if (rank->began != event->began || crew->now_s >= rank->dies_s)
        return;
    struct event progress = *event;
    progress.message = MESSAGE_PROGRESS;
    say(crew, event->rank, progress);
    progress = *event;
    progress.due_s = crew->now_s + worker_say_every_s(crew->terms->n_ranks);
    crew_push(crew, progress);
}

static void leave(struct crew *crew, uint32_t r)
{
    struct fake_rank *rank = &crew->ranks[r];
    rank->stopping = true;
    rank->n_line = 0;
    if (!rank->idle) {
        struct event left = rank->now;
        double wait = crew->terms->leave_s * draw(crew, r, 0, 5);
        if (left.due_s > crew->now_s + wait) {
            rank->began++;
            left.began = rank->began;
            left.state = OUTCOME_INTERRUPTED;
            left.due_s = crew->now_s + wait;
            crew_push(crew, left);
        }
    }
}

static void happen(struct crew *crew, const struct event *event)
{
    struct fake_rank *rank = &crew->ranks[event->rank];
    switch (event->kind) {
    case EVENT_TASK:
        if (rank->stopping)
            return;
        MUST(rank->n_line < WORKER_LINE_MAX);
        rank->line[rank->n_line++] = *event;
        if (rank->idle)
            begin_next(crew, event->rank);
        break;
    case EVENT_STOP:
        leave(crew, event->rank);
        break;
    case EVENT_END:
        end_trial(crew, event);
        break;
    case EVENT_SAY:
        say_progress(crew, event);
        break;
    case EVENT_ARRIVAL:
        if (crew->n_inbox == crew->inbox_capacity) {
            crew->inbox_capacity = 2 * crew->inbox_capacity + 64;
            crew->inbox = realloc(crew->inbox,
                                 crew->inbox_capacity * sizeof *crew->inbox);
            MUST(crew->inbox);
        }
        crew->inbox[crew->n_inbox++] = *event;
        break;
    }
    if (rank->stopping && rank->idle && !rank->stopped) {
        rank->stopped = true;
        say(crew, event->rank, (struct event){.message = MESSAGE_STOPPED});
    }
}

void crew_advance(struct crew *crew, double to_s)
{
    while (crew->n_heap > 0 && crew->heap[0].due_s <= to_s) {
        struct event event = pop(crew);
        crew->now_s = event.due_s;
        happen(crew, &event);
    }
    crew->now_s = to_s;
}

void crew_end_counting(struct crew *crew)
{
    for (size_t r = 0; r < crew->terms->n_ranks; r++)
        if (!crew->ranks[r].idle && crew->now_s < crew->ranks[r].dies_s)
            count_work(crew, &crew->ranks[r]);
    crew->counting = false;
}

/* the whole ----------------------------------------------------------- */

void crew_open(const struct job_terms *terms, const struct ledger *ledger,
               struct crew *crew)
{
    enum { LANE = 1 << 30 };
    *crew = (struct crew){
        .terms = terms, .ledger = ledger, .counting = true};
    crew->ranks = calloc(terms->n_ranks, sizeof *crew->ranks);
    MUST(crew->ranks);
    for (uint32_t r = 0; r < terms->n_ranks; r++) {
        struct fake_rank *rank = &crew->ranks[r];
        bool slow = draw(crew, r, LANE, 0) < terms->slow_share;
        bool dies = r > 0 && draw(crew, r, LANE, 1) < terms->dying_share;
        rank->idle = true;
        rank->slowness = slow ? terms->slow_factor : 1;
        rank->dies_s = dies ? terms->dying_within_s * draw(crew, r, LANE, 2)
                            : (double)INFINITY;
        say(crew, r, (struct event){.message = MESSAGE_HELLO});
    }
}

void crew_close(struct crew *crew)
{
    free(crew->ranks);
    free(crew->heap);
    free(crew->inbox);
}
