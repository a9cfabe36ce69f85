#include "sweep/ledger.h"

#include <stdlib.h>

const char *const task_state_names[TASK_N_STATES] = {
    [TASK_WAITING] = "waiting", [TASK_READY] = "ready",
    [TASK_RUNNING] = "running", [TASK_ARRIVED] = "arrived",
    [TASK_DONE] = "done",       [TASK_DIVERGED] = "diverged",
    [TASK_FAILED] = "failed",   [TASK_VOID] = "void",
};

/* opening ------------------------------------------------------------- */

static int compare_digests(const void *a, const void *b, void *self)
{
    const struct ledger *ledger = self;
    const size_t *left = a, *right = b;
    return digest_compare(ledger->tasks[*left].digest,
                          ledger->tasks[*right].digest);
}

static void add_task(struct ledger *ledger, size_t cell, size_t attack,
                     struct digest digest)
{
    enum task_state state =
        attack == LEDGER_TRAIN ? TASK_READY : TASK_WAITING;
    ledger->tasks[ledger->n_tasks++] = (struct task){
        .digest = digest, .cell = cell, .attack = attack, .state = state};
    ledger->count[state]++;
}

static void add_cell(struct ledger *ledger, size_t cell, size_t n_attacks)
{
    ledger->first[cell] = ledger->n_tasks;
    add_task(ledger, cell, LEDGER_TRAIN, ledger->cells->at[cell].digest);
    for (size_t k = 0; k < n_attacks; k++) {
        struct arena scratch = arena_open();
        struct evaluation evaluation =
            space_evaluation(ledger->experiment, &ledger->cells->at[cell], k,
                             &scratch);
        if (!evaluation.pruned)
            add_task(ledger, cell, k, evaluation.digest);
        arena_close(&scratch);
    }
}

static struct task_queue queue_open(struct arena *arena, size_t capacity)
{
    return (struct task_queue){.at = ARENA_ARRAY(arena, size_t, capacity),
                               .capacity = capacity};
}

void ledger_open(const struct experiment *experiment,
                 const struct cells *cells, uint64_t max_attempts,
                 struct arena *arena, struct ledger *ledger)
{
    size_t n_attacks = space_count_attacks(experiment);
    size_t n = cells->n * (n_attacks + 1);
    *ledger = (struct ledger){.experiment = experiment,
                              .cells = cells,
                              .max_attempts = max_attempts};
    ledger->tasks = ARENA_ARRAY(arena, struct task, n);
    ledger->first = ARENA_ARRAY(arena, size_t, cells->n + 1);
    for (size_t i = 0; i < cells->n; i++)
        add_cell(ledger, i, n_attacks);
    ledger->first[cells->n] = ledger->n_tasks;
    ledger->by_digest = ARENA_ARRAY(arena, size_t, ledger->n_tasks);
    for (size_t i = 0; i < ledger->n_tasks; i++)
        ledger->by_digest[i] = i;
    qsort_r(ledger->by_digest, ledger->n_tasks, sizeof *ledger->by_digest,
            compare_digests, ledger);
    ledger->trainings = queue_open(arena, cells->n);
    ledger->attacks = queue_open(arena, ledger->n_tasks);
}

struct task *ledger_find(struct ledger *ledger, struct digest digest)
{
    size_t low = 0, high = ledger->n_tasks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct task *task = &ledger->tasks[ledger->by_digest[middle]];
        int order = digest_compare(digest, task->digest);
        if (order == 0)
            return task;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* states -------------------------------------------------------------- */

static void move(struct ledger *ledger, struct task *task,
                 enum task_state state)
{
    ledger->count[task->state]--;
    ledger->count[state]++;
    task->state = state;
}

static void enqueue(struct task_queue *queue, size_t i)
{
    MUST(queue->n < queue->capacity);
    queue->at[(queue->first + queue->n++) % queue->capacity] = i;
}

/* Takes a task out of its queue. */
static void dequeue(struct task_queue *queue, size_t i)
{
    size_t kept = 0;
    for (size_t k = 0; k < queue->n; k++) {
        size_t one = queue->at[(queue->first + k) % queue->capacity];
        if (one != i)
            queue->at[(queue->first + kept++) % queue->capacity] = one;
    }
    queue->n = kept;
}

static void make_ready(struct ledger *ledger, struct task *task)
{
    move(ledger, task, TASK_READY);
    enqueue(task->attack == LEDGER_TRAIN ? &ledger->trainings
                                         : &ledger->attacks,
            (size_t)(task - ledger->tasks));
}

/* Trainings end the waiting of their cell's attacks, one way or the other. */
static void release_attacks(struct ledger *ledger, size_t cell, bool trained)
{
    for (size_t i = ledger->first[cell]; i < ledger->first[cell + 1]; i++) {
        struct task *task = &ledger->tasks[i];
        if (task->state != TASK_WAITING)
            continue;
        if (trained)
            make_ready(ledger, task);
        else
            move(ledger, task, TASK_VOID);
    }
}

static bool has_result(enum task_state state)
{
    return state == TASK_DONE || state == TASK_DIVERGED;
}

static enum task_state state_of(enum outcome_state state)
{
    switch (state) {
    case OUTCOME_DONE:
        return TASK_DONE;
    case OUTCOME_DIVERGED:
        return TASK_DIVERGED;
    default:
        return TASK_FAILED;
    }
}

/* recalling ----------------------------------------------------------- */

void ledger_recall(struct ledger *ledger, const struct outcome *outcome)
{
    struct task *task = ledger_find(ledger, outcome->task);
    if (!task)
        return;
    if (outcome->attempt > task->attempts)
        task->attempts = outcome->attempt;
    enum task_state state = state_of(outcome->state);
    /* What failed or was interrupted is tried again. */
    if (has_result(state))
        move(ledger, task, state);
}

void ledger_reopen(struct ledger *ledger, struct task *task)
{
    move(ledger, task, TASK_READY);
}

bool ledger_needs_network(const struct ledger *ledger, size_t cell)
{
    for (size_t i = ledger->first[cell]; i < ledger->first[cell + 1]; i++)
        if (ledger->tasks[i].attack != LEDGER_TRAIN &&
            !has_result(ledger->tasks[i].state))
            return true;
    return false;
}

void ledger_start(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_tasks; i++) {
        struct task *task = &ledger->tasks[i];
        if (task->attack != LEDGER_TRAIN)
            continue;
        if (task->state == TASK_READY)
            make_ready(ledger, task);
        else
            release_attacks(ledger, task->cell, task->state == TASK_DONE);
    }
}

/* running ------------------------------------------------------------- */

struct task *ledger_next(struct ledger *ledger)
{
    struct task_queue *queue =
        ledger->attacks.n ? &ledger->attacks : &ledger->trainings;
    if (queue->n == 0)
        return NULL;
    struct task *task = &ledger->tasks[queue->at[queue->first]];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->n--;
    move(ledger, task, TASK_RUNNING);
    return task;
}

void ledger_return(struct ledger *ledger, struct task *task)
{
    if (task->state == TASK_RUNNING)
        make_ready(ledger, task);
}

bool ledger_arrive(struct ledger *ledger, struct task *task,
                   const struct outcome *outcome)
{
    if (task->state == TASK_READY) /* a rank believed lost has come back */
        dequeue(task->attack == LEDGER_TRAIN ? &ledger->trainings
                                             : &ledger->attacks,
                (size_t)(task - ledger->tasks));
    else if (task->state != TASK_RUNNING)
        return false;
    if (outcome->attempt > task->attempts)
        task->attempts = outcome->attempt;
    task->barred = outcome->state == OUTCOME_FAILED && outcome->attempt == 0;
    move(ledger, task, TASK_ARRIVED);
    return true;
}

void ledger_settle(struct ledger *ledger, struct task *task,
                   enum outcome_state state)
{
    MUST(task->state == TASK_ARRIVED);
    bool counts = state == OUTCOME_FAILED || state == OUTCOME_TIMED_OUT;
    task->failures += counts;
    if (state == OUTCOME_INTERRUPTED ||
        (counts && !task->barred && task->failures < ledger->max_attempts)) {
        make_ready(ledger, task);
        return;
    }
    move(ledger, task, state_of(state));
    if (task->attack == LEDGER_TRAIN)
        release_attacks(ledger, task->cell, task->state == TASK_DONE);
}

/* Of a cell: those that nobody has begun wait for their training again. */
static void hold_attacks(struct ledger *ledger, size_t cell)
{
    for (size_t i = ledger->first[cell]; i < ledger->first[cell + 1]; i++) {
        struct task *task = &ledger->tasks[i];
        if (task->attack == LEDGER_TRAIN || task->state != TASK_READY)
            continue;
        dequeue(&ledger->attacks, i);
        move(ledger, task, TASK_WAITING);
    }
}

bool ledger_lose_network(struct ledger *ledger, struct task *task)
{
    MUST(task->state == TASK_ARRIVED && task->attack != LEDGER_TRAIN);
    struct task *training = &ledger->tasks[ledger->first[task->cell]];
    if (training->state == TASK_DONE && !training->retrained) {
        training->retrained = true;
        make_ready(ledger, training);
        hold_attacks(ledger, task->cell);
    }
    bool awaited = training->state == TASK_READY ||
                   training->state == TASK_RUNNING ||
                   training->state == TASK_ARRIVED;
    if (awaited)
        move(ledger, task, TASK_WAITING);
    return awaited;
}

bool ledger_is_complete(const struct ledger *ledger)
{
    return ledger->count[TASK_DONE] + ledger->count[TASK_DIVERGED] +
               ledger->count[TASK_FAILED] + ledger->count[TASK_VOID] ==
           ledger->n_tasks;
}

size_t ledger_count_ready(const struct ledger *ledger)
{
    return ledger->trainings.n + ledger->attacks.n;
}

struct spec ledger_spec(const struct ledger *ledger, const struct task *task,
                        struct arena *arena)
{
    const struct cell *cell = &ledger->cells->at[task->cell];
    if (task->attack == LEDGER_TRAIN)
        return cell->spec;
    return space_evaluation(ledger->experiment, cell, task->attack, arena)
        .spec;
}
