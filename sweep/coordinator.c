#include "sweep/coordinator_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Outcomes are gathered for so long, unless somebody waits for them or they are
 * many. */
static const double GATHER_S = 0.5;
enum { GATHER_MOST = 1000 };
/* How often a disk that refuses is tried again. */
static const double RETRY_S = 2.0;
/* A rank gets its next tasks in advance if they are shorter than this. */
static const double QUICK_S = 1.0;
enum { QUICK_LINE = 4 };
/* How often ranks are looked at, of the time after which they are lost. */
static const double LOOK_SHARE = 0.01;

void coordinator_open(struct wire *wire, struct ledger *ledger,
                      struct keeper keeper, struct arena *arena,
                      struct coordinator *coordinator)
{
    size_t n_attacks = space_count_attacks(ledger->experiment);
    *coordinator = (struct coordinator){.wire = wire,
                                        .ledger = ledger,
                                        .keeper = keeper,
                                        .n_threads = 1,
                                        .lost_after_s = 120};
    coordinator->members = ARENA_ARRAY(arena, struct member, wire->size);
    coordinator->sets = member_sets_open(wire->size, arena);
    for (size_t r = 0; r < wire->size; r++)
        coordinator->members[r].set = SIZE_MAX;
    coordinator->pace = ARENA_ARRAY(arena, struct pace, n_attacks + 1);
}

void coordinator_close(struct coordinator *coordinator)
{
    free(coordinator->arrivals);
    bytes_free(&coordinator->message);
}

static void say(struct coordinator *coordinator, size_t to,
                const struct message *message)
{
    struct bytes *bytes = &coordinator->message;
    message_write(message, bytes);
    coordinator->wire->send(coordinator->wire->self, to, bytes->at, bytes->n);
}

static void say_all(struct coordinator *coordinator, enum message_kind kind)
{
    for (size_t r = 0; r < coordinator->wire->size; r++)
        say(coordinator, r, &(struct message){.kind = kind});
}

/* outcomes ------------------------------------------------------------ */

static struct pace *pace_of(struct coordinator *coordinator,
                            const struct task *task)
{
    size_t i = task->attack == LEDGER_TRAIN ? 0 : task->attack + 1;
    return &coordinator->pace[i];
}

static void remember(struct coordinator *coordinator, struct task *task,
                     enum outcome_state state, double now_s)
{
    if (coordinator->n_arrivals == coordinator->arrivals_capacity) {
        size_t capacity = 2 * coordinator->arrivals_capacity + 16;
        coordinator->arrivals =
            realloc(coordinator->arrivals,
                    capacity * sizeof *coordinator->arrivals);
        MUST(coordinator->arrivals);
        coordinator->arrivals_capacity = capacity;
    }
    if (coordinator->n_arrivals == 0)
        coordinator->first_arrival_s = now_s;
    coordinator->arrivals[coordinator->n_arrivals++] =
        (struct arrival){task, state};
}

static void keep_outcome(struct coordinator *coordinator, struct task *task,
                         const struct outcome *outcome, double now_s)
{
    struct outcome kept = *outcome;
    kept.state = ledger_judge(coordinator->ledger, task, outcome);
    if (!digest_equal(outcome->task, task->digest) ||
        !span_equal(outcome->span, task->span) ||
        !ledger_arrive(coordinator->ledger, task, outcome)) {
        coordinator->n_dropped++;
        return;
    }
    coordinator->keeper.append(coordinator->keeper.self, &kept);
    remember(coordinator, task, kept.state, now_s);
    coordinator_tell_failure(coordinator, task, &kept);
    if (outcome->state == OUTCOME_DONE) {
        struct pace *pace = pace_of(coordinator, task);
        pace->n++;
        pace->share += ledger_share(task);
        if (coordinator->end_s > 0)
            pace->cost += ledger_cost(coordinator->ledger, task);
        pace->wall_s += outcome->wall_s;
        coordinator->all.n++;
        coordinator->all.wall_s += outcome->wall_s;
    }
}

/* A rank is at the first task of its line. */
static void mark(const struct coordinator *coordinator, size_t r)
{
    const struct keeper *keeper = &coordinator->keeper;
    const struct member *member = &coordinator->members[r];
    if (keeper->mark)
        keeper->mark(keeper->self, r,
                     member->n_tasks
                         ? &coordinator->ledger->tasks[member->tasks[0]]
                         : NULL);
}

static void take_outcome(struct coordinator *coordinator,
                         struct member *member, const struct message *message,
                         double now_s)
{
    struct arena arena = arena_open();
    struct outcome outcome;
    member_forget_task(member, message->task, now_s);
    /* From a worker of this same program: anything else is a bug. */
    MUST(message->task < coordinator->ledger->n_tasks);
    MUST(outcome_unpack(message->at, message->n, &arena, &outcome) ==
         STATUS_OK);
    keep_outcome(coordinator, &coordinator->ledger->tasks[message->task],
                 &outcome, now_s);
    arena_close(&arena);
}

void coordinator_take(struct coordinator *coordinator, size_t from,
                      const struct message *message, double now_s)
{
    struct member *member = &coordinator->members[from];
    member->heard_s = now_s;
    member->lost = false;
    switch (message->kind) {
    case MESSAGE_HELLO:
        member->there = true;
        snprintf(member->host, sizeof member->host, "%s", message->text);
        break;
    case MESSAGE_PROGRESS:
        member->progress = message->progress;
        break;
    case MESSAGE_OUTCOME:
        take_outcome(coordinator, member, message, now_s);
        mark(coordinator, from);
        break;
    case MESSAGE_ASKED_STOP:
        member->told = true;
        coordinator_stop(coordinator, now_s);
        break;
    case MESSAGE_STOPPED:
        member->stopped = true;
        break;
    default:
        MUST(!"a message for a worker");
    }
    member_sets_sort(&coordinator->sets, coordinator->members, from);
}

/* permanence ---------------------------------------------------------- */

static void settle_one(struct coordinator *coordinator, struct task *task,
                       enum outcome_state state)
{
    const struct keeper *keeper = &coordinator->keeper;
    bool failed = task->attack != LEDGER_TRAIN && state == OUTCOME_FAILED;
    bool own = failed && !keeper->has_network(keeper->self, task->cell);
    bool source = failed && !keeper->has_network(keeper->self, task->source);
    if (!ledger_lose_networks(coordinator->ledger, task, own, source))
        ledger_settle(coordinator->ledger, task, state);
}

static void settle(struct coordinator *coordinator)
{
    for (size_t i = 0; i < coordinator->n_arrivals; i++)
        settle_one(coordinator, coordinator->arrivals[i].task,
                   coordinator->arrivals[i].state);
    coordinator->n_kept += coordinator->n_arrivals;
    coordinator->n_arrivals = 0;
}

static void suffer_refusal(struct coordinator *coordinator, double now_s)
{
    if (coordinator->refused_s == 0) {
        struct arena arena = arena_open();
        coordinator->refused_s = now_s;
        coordinator->keeper.tell(
            coordinator->keeper.self,
            arena_print(&arena,
                        "%s; %zu results wait in memory, no task is handed "
                        "out until they can be written",
                        status_reason(), coordinator->n_arrivals));
        arena_close(&arena);
    }
    status_forget();
}

static bool flush(struct coordinator *coordinator, double now_s)
{
    if (coordinator->refused_s > 0 &&
        now_s - coordinator->tried_s < RETRY_S)
        return false;
    coordinator->tried_s = now_s;
    if (coordinator->keeper.flush(coordinator->keeper.self) != STATUS_OK) {
        suffer_refusal(coordinator, now_s);
        return false;
    }
    const struct keeper *keeper = &coordinator->keeper;
    if (coordinator->refused_s > 0)
        keeper->tell(keeper->self, "results can be written again");
    coordinator->refused_s = 0;
    settle(coordinator);
    return true;
}

/* handing out --------------------------------------------------------- */

static size_t line_length(const struct coordinator *coordinator)
{
    const struct pace *all = &coordinator->all;
    bool quick = all->n > 0 && all->wall_s < QUICK_S * (double)all->n;
    return quick && !coordinator->careful ? QUICK_LINE : 1;
}

static uint64_t demand_of(const struct coordinator *coordinator,
                          const struct task *task, const struct spec *spec,
                          bool least)
{
    const struct demand *need = &coordinator->demand;
    return need->n_bytes ? need->n_bytes(need->self, spec, task->span, least)
                         : 0;
}

static void hand_out(struct coordinator *coordinator, size_t r,
                     struct task *task, double now_s)
{
    struct member *member = &coordinator->members[r];
    struct arena arena = arena_open();
    struct spec spec = ledger_spec(coordinator->ledger, task);
    struct message message = {
        .kind = MESSAGE_TASK,
        .task = (uint64_t)(task - coordinator->ledger->tasks),
        .assignment = {.attempt = task->attempts + UINT64_C(1),
                       .limit_s = coordinator->limit_s,
                       .n_bytes = demand_of(coordinator, task, &spec, false),
                       .n_least = demand_of(coordinator, task, &spec, true),
                       .span = task->span,
                       .spec = ledger_print(coordinator->ledger, task, &arena)}};
    if (member->n_tasks == 0) {
        member->began_s = now_s;
        member->heard_s = now_s;
        member->progress = (struct progress){0};
    }
    member->tasks[member->n_tasks++] = message.task;
    if (member->n_tasks == 1)
        mark(coordinator, r);
    member_sets_sort(&coordinator->sets, coordinator->members, r);
    say(coordinator, r, &message);
    arena_close(&arena);
}

/* What can neither end nor be left with a checkpoint is left for another
 * run. */
static struct task *next_in_time(struct coordinator *coordinator, double now_s)
{
    struct task *task;
    while ((task = ledger_next(coordinator->ledger)) &&
           !coordinator_may_begin(coordinator, task, now_s)) {
        ledger_leave(coordinator->ledger, task);
        coordinator->n_late++;
    }
    return task;
}

/* Everybody gets one before anybody gets two. */
static bool hand_out_all(struct coordinator *coordinator, double now_s)
{
    if (coordinator->stopping || coordinator->refused_s > 0)
        return false;
    bool happened = false;
    size_t longest = line_length(coordinator);
    for (size_t k = 0; k < longest; k++) {
        const struct member_set *set = &coordinator->sets.with[k];
        struct task *task;
        while (set->n > 0 && (task = next_in_time(coordinator, now_s))) {
            hand_out(coordinator, set->at[0], task, now_s);
            happened = true;
        }
    }
    return happened;
}

static bool somebody_idles(const struct coordinator *coordinator)
{
    return coordinator->sets.with[0].n > 0;
}

/* What a lost rank was given it may still compute: it gets nothing more before
 * it has answered for that. */
static void give_up(struct coordinator *coordinator, size_t r, double now_s)
{
    struct member *member = &coordinator->members[r];
    struct arena arena = arena_open();
    coordinator->keeper.tell(
        coordinator->keeper.self,
        arena_print(&arena, "rank %zu on %s has been silent for %g s%s", r,
                    member->host, coordinator->lost_after_s,
                    member->n_tasks ? ": its tasks go to others" : ""));
    arena_close(&arena);
    if (member->n_returned < member->n_tasks)
        ledger_spend(coordinator->ledger, (now_s - member->began_s) *
                                              coordinator->n_threads);
    for (size_t i = member->n_returned; i < member->n_tasks; i++)
        ledger_return(coordinator->ledger,
                      &coordinator->ledger->tasks[member->tasks[i]]);
    member->n_returned = member->n_tasks;
    member->lost = true;
    member_sets_sort(&coordinator->sets, coordinator->members, r);
}

static bool is_overdue(const struct coordinator *coordinator,
                       const struct member *member, double now_s)
{
    bool awaited = member->n_tasks > 0 ||
                   (coordinator->stopping && !member->stopped);
    return member->there && !member->lost && awaited &&
           now_s - member->heard_s > coordinator->lost_after_s;
}

/* Not at each step: all of them are looked at. */
static void look_for_lost(struct coordinator *coordinator, double now_s)
{
    if (now_s - coordinator->looked_s < LOOK_SHARE * coordinator->lost_after_s)
        return;
    coordinator->looked_s = now_s;
    for (size_t r = 0; r < coordinator->wire->size; r++)
        if (is_overdue(coordinator, &coordinator->members[r], now_s))
            give_up(coordinator, r, now_s);
}

bool coordinator_step(struct coordinator *coordinator, double now_s)
{
    look_for_lost(coordinator, now_s);
    bool happened = hand_out_all(coordinator, now_s);
    bool urgent = coordinator->stopping || somebody_idles(coordinator) ||
                  coordinator->n_arrivals >= GATHER_MOST ||
                  now_s - coordinator->first_arrival_s >= GATHER_S;
    if (coordinator->n_arrivals > 0 && urgent) {
        happened |= flush(coordinator, now_s);
        happened |= hand_out_all(coordinator, now_s);
    }
    return happened;
}

/* the end ------------------------------------------------------------- */

void coordinator_stop(struct coordinator *coordinator, double now_s)
{
    if (coordinator->stopping)
        return;
    coordinator->stopping = true;
    for (size_t r = 0; r < coordinator->wire->size; r++)
        if (coordinator->members[r].n_tasks == 0)
            coordinator->members[r].heard_s = now_s; /* it owed no word */
    say_all(coordinator, MESSAGE_STOP);
}

bool coordinator_is_finished(const struct coordinator *coordinator)
{
    if (coordinator->n_arrivals > 0)
        return false;
    if (!coordinator->stopping)
        return ledger_is_complete(coordinator->ledger);
    for (size_t r = 0; r < coordinator->wire->size; r++) {
        const struct member *member = &coordinator->members[r];
        if (member->there && !member->lost && !member->stopped)
            return false;
    }
    return true;
}

void coordinator_end(struct coordinator *coordinator)
{
    if (coordinator->ended)
        return;
    coordinator->ended = true;
    say_all(coordinator, MESSAGE_END);
}
