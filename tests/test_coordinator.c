/*
 * The coordinator and the workers as they are, on a fake wire, with a fake
 * clock, fake trials and a fake disk: thousands of seeded schedules. Each life
 * of a schedule may cut evaluations into parts of another size. What must
 * never happen aborts in tests/fake_disk.c or here, with the seed printed.
 */
#include "sweep/coordinator.h"
#include "sweep/clock.h"
#include "tests/fake_disk.h"
#include "tests/fake_play.h"
#include "tests/test.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LOST_AFTER_S = 10, PATIENCE_S = 20000;

struct schedule {
    const struct play *play;
    struct chance chance;
    struct fake_wire wire;
    struct fake_disk disk;
    struct fate *fates;
    uint64_t max_attempts;
    double stop_s, crash_s; /* of this life; INFINITY: not */
    struct silence {
        double from_s, to_s, every_s;
    } silences[FAKE_RANKS_MAX];
    /* of the present life */
    struct arena arena;
    struct ledger ledger;
    struct coordinator coordinator;
    struct worker workers[FAKE_RANKS_MAX];
    struct bytes message;
};

static struct schedule *now_playing; /* for the fake clock and trials */

/* clock and trials, in place of sweep/clock.c and sweep/supervisor.c ---- */

double clock_now_s(void)
{
    return now_playing->wire.now_s;
}

double clock_date_s(void)
{
    return now_playing->wire.now_s;
}

struct supervisor supervisor_open(const char *program, const char *folder,
                                  const char *host)
{
    return (struct supervisor){
        .program = program, .folder = folder, .host = host};
}

/* While it runs, frames_fd is the task and began_s the time of its end. */
enum status supervisor_start(struct supervisor *supervisor,
                             const struct assignment *assignment)
{
    MUST(supervisor_is_idle(supervisor));
    if (chance_is(&now_playing->chance, 0.005))
        return status_refuse(STATUS_SYSTEM, "the fake system refuses");
    size_t task = play_find(now_playing->play, assignment->spec);
    const struct fate *fate = &now_playing->fates[task];
    supervisor->frames_fd = (int)task;
    supervisor->pid = 1;
    supervisor->assignment.attempt = assignment->attempt;
    supervisor->assignment.span = assignment->span;
    supervisor->verdict = OUTCOME_DONE;
    supervisor->began_s =
        clock_now_s() +
        chance_between(&now_playing->chance, fate->least_s, fate->most_s);
    return STATUS_OK;
}

bool supervisor_is_idle(const struct supervisor *supervisor)
{
    return supervisor->pid == 0;
}

void supervisor_kill(struct supervisor *supervisor, enum outcome_state why)
{
    supervisor->verdict = why;
}

void supervisor_send_away(struct supervisor *supervisor, double within_s)
{
    (void)within_s;
    supervisor_kill(supervisor, OUTCOME_INTERRUPTED);
}

static void pack(size_t task, struct span span, enum outcome_state state,
                 uint64_t attempt, struct bytes *packed)
{
    struct outcome outcome =
        play_outcome(now_playing->play, task, state, attempt);
    outcome.span = span;
    outcome_pack(&outcome, packed);
}

bool supervisor_poll(struct supervisor *supervisor, struct bytes *outcome)
{
    bool killed = supervisor->verdict == OUTCOME_INTERRUPTED;
    if (supervisor->pid == 0 ||
        (!killed && clock_now_s() < supervisor->began_s))
        return false;
    size_t task = (size_t)supervisor->frames_fd;
    uint64_t attempt = supervisor->assignment.attempt;
    pack(task, supervisor->assignment.span,
         killed ? OUTCOME_INTERRUPTED
                : fate_end(&now_playing->fates[task], attempt),
         attempt, outcome);
    supervisor->pid = 0;
    return true;
}

void supervisor_refuse(const struct supervisor *supervisor,
                       const struct assignment *assignment,
                       const char *reason, struct bytes *packed)
{
    (void)supervisor;
    MUST(strstr(reason, "refuses"));
    size_t task = play_find(now_playing->play, assignment->spec);
    pack(task, assignment->span, OUTCOME_FAILED, assignment->attempt, packed);
}

/* All of them must be here, or the real ones are linked. */
void supervisor_sleep(const struct supervisor *supervisor, double seconds)
{
    (void)supervisor;
    (void)seconds;
}

void supervisor_close(struct supervisor *supervisor)
{
    supervisor->pid = 0;
}

/* lives --------------------------------------------------------------- */

/* Everything that is sent; looks at what is handed out. */
static void spy(void *self, size_t from, size_t to, const void *bytes,
                size_t n)
{
    struct schedule *schedule = self;
    struct bytes_reader reader = {bytes, n};
    uint64_t kind, i;
    (void)to;
    MUST(bytes_take_u64(&reader, &kind) == STATUS_OK &&
         bytes_take_u64(&reader, &i) == STATUS_OK);
    if (kind != MESSAGE_TASK)
        return;
    const struct ledger *ledger = &schedule->ledger;
    const struct task *task = &ledger->tasks[i];
    const struct task *training = &ledger->tasks[ledger->first[task->cell]];
    MUST(from == 0);
    MUST(fake_disk_count(&schedule->disk, task) == 0);
    MUST(schedule->disk.failures[i] < schedule->max_attempts);
    if (task->attack != LEDGER_TRAIN)
        MUST(fake_disk_count(&schedule->disk, training) == 1);
    MUST(!schedule->coordinator.stopping);
}

static void open_life(struct schedule *schedule)
{
    const struct play *play = schedule->play;
    struct fake_wire *wire = &schedule->wire;
    double now_s = wire->now_s;
    fake_wire_open(wire, 1 + chance_below(&schedule->chance, FAKE_RANKS_MAX),
                   &schedule->chance);
    wire->now_s = now_s;
    wire->spy = spy;
    wire->spy_self = schedule;
    if (chance_is(&schedule->chance, 0.2))
        wire->delay_rare_s = 2 * LOST_AFTER_S;
    schedule->arena = arena_open();
    ledger_open(&play->cut[chance_below(&schedule->chance, PLAY_CUTS)],
                &play->cells, schedule->max_attempts, &schedule->arena,
                &schedule->ledger);
    fake_disk_begin(&schedule->disk, &schedule->ledger);
    coordinator_open(&wire->at[0], &schedule->ledger,
                     fake_disk_keeper(&schedule->disk), &schedule->arena,
                     &schedule->coordinator);
    schedule->coordinator.lost_after_s = LOST_AFTER_S;
    for (size_t r = 0; r < wire->size; r++)
        schedule->workers[r] = worker_open(&wire->at[r], "", "", "host");
}

static void close_life(struct schedule *schedule)
{
    for (size_t r = 0; r < schedule->wire.size; r++)
        worker_close(&schedule->workers[r]);
    coordinator_close(&schedule->coordinator);
    fake_wire_close(&schedule->wire);
    arena_close(&schedule->arena);
}

static void take_all(struct schedule *schedule, size_t r)
{
    struct wire *wire = &schedule->wire.at[r];
    size_t from;
    while (wire->receive(wire->self, &from, &schedule->message)) {
        struct arena arena = arena_open();
        struct message message;
        MUST(message_read(&schedule->message, &arena, &message) == STATUS_OK);
        if (message.kind >= MESSAGE_TASK)
            worker_take(&schedule->workers[r], &message);
        else
            coordinator_take(&schedule->coordinator, from, &message,
                             clock_now_s());
        arena_close(&arena);
    }
}

static bool is_silent(const struct schedule *schedule, size_t r)
{
    const struct silence *silence = &schedule->silences[r];
    double now_s = schedule->wire.now_s;
    if (now_s > silence->from_s && silence->every_s > 0)
        now_s -= silence->every_s *
                 floor((now_s - silence->from_s) / silence->every_s);
    return now_s >= silence->from_s && now_s < silence->to_s;
}

static void step_all(struct schedule *schedule)
{
    for (size_t r = 0; r < schedule->wire.size; r++) {
        if (is_silent(schedule, r))
            continue;
        take_all(schedule, r);
        worker_step(&schedule->workers[r]);
        if (r == 0)
            coordinator_step(&schedule->coordinator, clock_now_s());
        if (clock_now_s() >= schedule->stop_s) {
            worker_ask_stop(&schedule->workers[r]);
            schedule->stop_s = (double)INFINITY;
        }
    }
    struct chance *chance = &schedule->chance;
    schedule->wire.now_s += chance_is(chance, 0.001)
                                ? chance_between(chance, 0, 30)
                                : chance_between(chance, 0.02, 0.5);
    schedule->disk.now_s = schedule->wire.now_s;
}

/* Those who can hear hear of the end. */
static void say_farewell(struct schedule *schedule)
{
    coordinator_end(&schedule->coordinator);
    double end_s = schedule->wire.now_s + 100;
    while (schedule->wire.now_s < end_s) {
        for (size_t r = 0; r < schedule->wire.size; r++)
            if (!is_silent(schedule, r))
                take_all(schedule, r);
        schedule->wire.now_s += 10;
    }
    for (size_t r = 0; r < schedule->wire.size; r++)
        MUST(schedule->workers[r].ended ||
             schedule->wire.now_s >= schedule->silences[r].from_s);
}

/* One run until it ends, stops or crashes; true if all is computed. */
static bool live(struct schedule *schedule)
{
    open_life(schedule);
    bool crashed = false;
    double patience_s = schedule->wire.now_s + PATIENCE_S;
    while (!crashed && !coordinator_is_finished(&schedule->coordinator)) {
        step_all(schedule);
        MUST(schedule->wire.now_s < patience_s);
        crashed = schedule->wire.now_s >= schedule->crash_s;
    }
    bool complete = !crashed && ledger_is_complete(&schedule->ledger);
    if (!crashed) {
        MUST(complete || schedule->coordinator.stopping);
        say_farewell(schedule);
    }
    if (complete)
        fake_disk_audit(&schedule->disk);
    close_life(schedule);
    return complete;
}

/* schedules ----------------------------------------------------------- */

/* For good, for a while, or again and again. */
static struct silence draw_silence(struct chance *chance, double now_s)
{
    struct silence silence = {(double)INFINITY, (double)INFINITY, 0};
    if (chance_is(chance, 0.7))
        return silence;
    silence.from_s = now_s + chance_between(chance, 0, 60);
    if (chance_is(chance, 0.5))
        return silence;
    silence.to_s = silence.from_s + chance_between(chance, 0, 60);
    if (chance_is(chance, 0.5))
        silence.every_s =
            silence.to_s - silence.from_s + chance_between(chance, 0, 5);
    return silence;
}

static void draw_life(struct schedule *schedule, bool last)
{
    struct chance *chance = &schedule->chance;
    double now_s = schedule->wire.now_s;
    schedule->stop_s = schedule->crash_s = (double)INFINITY;
    if (!last && chance_is(chance, 0.5))
        schedule->crash_s = now_s + chance_between(chance, 0, 60);
    if (!last)
        schedule->stop_s = now_s + chance_between(chance, 0, 60);
    if (chance_is(chance, 0.3)) {
        schedule->disk.refuses_from_s = now_s + chance_between(chance, 0, 60);
        schedule->disk.refuses_to_s =
            schedule->disk.refuses_from_s + chance_between(chance, 0, 40);
    }
    for (size_t r = 1; r < FAKE_RANKS_MAX; r++)
        schedule->silences[r] = draw_silence(chance, now_s);
}

/* What can be computed was, whatever happened. */
static void audit_fates(const struct schedule *schedule)
{
    const enum task_state *final = schedule->disk.final;
    size_t n_each = schedule->play->n_tasks / schedule->play->cells.n;
    for (size_t i = 0; i < schedule->play->n_tasks; i++) {
        const struct fate *fate = &schedule->fates[i];
        enum task_state training = final[i - i % n_each];
        enum task_state best = fate->diverges ? TASK_DIVERGED : TASK_DONE;
        bool is_void = i % n_each && training != TASK_DONE;
        MUST(final[i] == TASK_WAITING || final[i] == best);
        if (is_void || fate->n_failing == UINT64_MAX)
            MUST(final[i] == TASK_WAITING);
        else if (fate->n_failing == 0 && schedule->max_attempts == 3)
            MUST(final[i] == best);
    }
}

static void play_schedule(const struct play *play, uint64_t seed)
{
    struct schedule schedule = {
        .play = play,
        .chance = {.seed = seed},
        .disk = fake_disk_open(play),
        .fates = calloc(play->n_tasks, sizeof(struct fate))};
    now_playing = &schedule;
    schedule.max_attempts = 1 + 2 * chance_below(&schedule.chance, 2);
    double most_s = chance_is(&schedule.chance, 0.5) ? 0.5 : 15;
    for (size_t i = 0; i < play->n_tasks; i++)
        schedule.fates[i] = fate_draw(&schedule.chance, most_s);
    size_t n_lives = 1 + chance_below(&schedule.chance, 4);
    for (size_t life = 1; life <= n_lives; life++) {
        draw_life(&schedule, life == n_lives);
        bool complete = live(&schedule);
        MUST(complete || life < n_lives);
    }
    audit_fates(&schedule);
    bytes_free(&schedule.message);
    fake_disk_close(&schedule.disk);
    free(schedule.fates);
}

/* A broken promise aborts: then the seed must be known. */
static void tell_seed(int number)
{
    (void)number;
    printf("seed %llu\n", (unsigned long long)now_playing->chance.seed);
    fflush(stdout);
}

static void all_is_kept_once_whatever_happens(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{1, 0}, {1, 3}, {9, 0}, {4, 2}, {12, 1}};
    const char *only = getenv("SEED");
    signal(SIGABRT, tell_seed);
    for (size_t k = 0; k < KIND_COUNT(shapes); k++) {
        struct play play;
        play_open(&play, shapes[k][0], shapes[k][1]);
        for (size_t seed = k; seed < 2000; seed += KIND_COUNT(shapes))
            if (!only || strtoul(only, NULL, 10) == seed)
                play_schedule(&play, seed);
        play_close(&play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_kept_once_whatever_happens),
    };
    return cmocka_run_group_tests_name("coordinator", tests, NULL, NULL);
}
