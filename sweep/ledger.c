#include "sweep/ledger_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const task_state_names[TASK_N_STATES] = {
    [TASK_WAITING] = "waiting", [TASK_READY] = "ready",
    [TASK_RUNNING] = "running", [TASK_ARRIVED] = "arrived",
    [TASK_DONE] = "done",       [TASK_DIVERGED] = "diverged",
    [TASK_FAILED] = "failed",   [TASK_ASIDE] = "set aside",
    [TASK_VOID] = "void",       [TASK_LEFT_OUT] = "left out",
    [TASK_HELD] = "held",       [TASK_SPARED] = "spared",
};

/* opening ------------------------------------------------------------- */

static int compare_digests(const void *a, const void *b, void *self)
{
    const struct ledger *ledger = self;
    const uint32_t *left = a, *right = b;
    int order = digest_compare(ledger->tasks[*left].digest,
                               ledger->tasks[*right].digest);
    return order ? order : (*left > *right) - (*left < *right);
}

void ledger_add(struct ledger *ledger, struct task task)
{
    if (ledger->n_tasks == ledger->capacity) {
        const struct task *old = ledger->tasks;
        ledger->capacity = 2 * ledger->capacity + 16;
        ledger->tasks =
            ARENA_ARRAY(ledger->arena, struct task, ledger->capacity);
        if (ledger->n_tasks)
            memcpy(ledger->tasks, old, ledger->n_tasks * sizeof *old);
    }
    ledger->tasks[ledger->n_tasks++] = task;
    ledger->count[task.state]++;
}

struct task ledger_task(size_t cell, size_t attack, size_t source,
                        struct digest digest)
{
    return (struct task){.digest = digest,
                         .cell = (uint32_t)cell,
                         .attack = (uint32_t)attack,
                         .source = (uint32_t)source,
                         .recalled = LEDGER_NO_OUTCOME,
                         .state = attack == LEDGER_TRAIN ? TASK_READY
                                                         : TASK_WAITING};
}

static void add_cell(struct ledger *ledger, size_t i, size_t n_attacks,
                     const size_t *order)
{
    const struct cells *cells = ledger->cells;
    const struct cell *cell = &cells->at[i];
    ledger->first[i] = ledger->n_tasks;
    ledger_add(ledger, ledger_task(i, LEDGER_TRAIN, i, cell->digest));
    struct arena print = arena_open();
    const char *identity =
        n_attacks ? spec_print_identity(&cell->spec, &print) : "";
    for (size_t k = 0; k < n_attacks; k++) {
        struct arena scratch = arena_open();
        struct evaluation evaluation = attacks_evaluate(
            &ledger->shelf, cell, identity, k, &scratch);
        size_t source =
            evaluation.has_source
                ? ledger_find_cell(cells, order, evaluation.source_digest)
                : i;
        struct task task = ledger_task(i, k, source, evaluation.digest);
        if (!evaluation.pruned && source != LEDGER_NO_CELL)
            ledger_add_parts(ledger, &task,
                             ledger_grid(cell, &evaluation.spec));
        arena_close(&scratch);
    }
    arena_close(&print);
}

void ledger_index(struct ledger *ledger)
{
    struct arena *arena = ledger->arena;
    MUST(ledger->n_tasks <= UINT32_MAX);
    ledger->by_digest = ARENA_ARRAY(arena, uint32_t, ledger->n_tasks);
    for (size_t i = 0; i < ledger->n_tasks; i++)
        ledger->by_digest[i] = (uint32_t)i;
    qsort_r(ledger->by_digest, ledger->n_tasks, sizeof *ledger->by_digest,
            compare_digests, ledger);
    ledger->trainings = task_queue_open(ledger->cells->n, arena);
    ledger->attacks = task_queue_open(ledger->n_tasks, arena);
    ledger_index_sources(ledger);
}

void ledger_open(const struct experiment *experiment,
                 const struct cells *cells, uint64_t max_attempts,
                 struct arena *arena, struct ledger *ledger)
{
    size_t n_attacks = space_count_attacks(experiment);
    *ledger = (struct ledger){.experiment = experiment,
                              .cells = cells,
                              .arena = arena,
                              .capacity = cells->n * (n_attacks + 1),
                              .retry = {.max_attempts = max_attempts}};
    ledger->shelf = attacks_open(experiment, cells, arena);
    ledger->tasks = ARENA_ARRAY(arena, struct task, ledger->capacity);
    ledger->first = ARENA_ARRAY(arena, size_t, cells->n + 1);
    ledger->pace = ARENA_ARRAY(arena, struct ledger_pace, n_attacks);
    struct arena scratch = arena_open();
    const size_t *order = ledger_sort_cells(cells, &scratch);
    for (size_t i = 0; i < cells->n; i++)
        add_cell(ledger, i, n_attacks, order);
    ledger->first[cells->n] = ledger->n_tasks;
    ledger_index(ledger);
    ledger_halving_open(ledger);
    ledger_budget_open(ledger);
    arena_close(&scratch);
}

/* The first of equal digests. */
struct task *ledger_find(struct ledger *ledger, struct digest digest)
{
    size_t low = 0, high = ledger->n_tasks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct task *task = &ledger->tasks[ledger->by_digest[middle]];
        if (digest_compare(task->digest, digest) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct task *task = low < ledger->n_tasks
                            ? &ledger->tasks[ledger->by_digest[low]]
                            : NULL;
    return task && digest_equal(task->digest, digest) ? task : NULL;
}

struct task *ledger_find_part(struct ledger *ledger, struct digest digest,
                              struct span span)
{
    struct task *end = ledger->tasks + ledger->n_tasks;
    struct task *task = ledger_find(ledger, digest);
    for (; task && task < end && digest_equal(task->digest, digest); task++)
        if (span_equal(task->span, span))
            return task;
    return NULL;
}

/* states -------------------------------------------------------------- */

void ledger_move(struct ledger *ledger, struct task *task,
                 enum task_state state)
{
    ledger_budget_count(ledger, task, -1);
    ledger->count[task->state]--;
    ledger->count[state]++;
    task->state = state;
    ledger_budget_count(ledger, task, 1);
}

static void make_ready(struct ledger *ledger, struct task *task)
{
    ledger_move(ledger, task, TASK_READY);
    task_queue_add(task->attack == LEDGER_TRAIN ? &ledger->trainings
                                         : &ledger->attacks,
            (size_t)(task - ledger->tasks));
}

/* An attack that will be ready, and how long it will take: as long as nobody
 * knows longer than all others. */
struct candidate {
    struct task *task;
    double priority, seconds, cost;
};

static double expect_seconds(const struct ledger *ledger,
                             const struct task *task)
{
    const struct ledger_pace *pace = &ledger->pace[task->attack];
    return pace->share > 0 ? pace->wall_s / pace->share * ledger_share(task)
                           : (double)INFINITY;
}

/* Its cost is asked for if nothing better is known. */
static struct candidate candidate_of(const struct ledger *ledger,
                                     struct task *task, double seconds)
{
    double cost = isinf(seconds) ? ledger_cost(ledger, task) : 0;
    double priority = ledger->cells->at[task->cell].priority;
    return (struct candidate){task, priority, seconds, cost};
}

/* Parts of an attack lie side by side. */
static int longest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    size_t n_x = x->task->span.n, n_y = y->task->span.n;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    if (x->seconds != y->seconds)
        return x->seconds > y->seconds ? -1 : 1;
    if (isinf(x->seconds) && x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    if (x->task->attack == y->task->attack && n_x != n_y)
        return n_x > n_y ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

static bool is_trained(const struct ledger *ledger, size_t cell)
{
    return ledger->tasks[ledger->first[cell]].state == TASK_DONE;
}

/* Its training has ended and left no network. */
static bool is_barren(const struct ledger *ledger, size_t cell)
{
    enum task_state state = ledger->tasks[ledger->first[cell]].state;
    return state == TASK_DIVERGED || state == TASK_FAILED ||
           state == TASK_ASIDE;
}

/* The end of a training ends the waiting of attacks that need its network, one
 * way or the other, unless they wait for a second one. */
static void release_users(struct ledger *ledger, size_t cell)
{
    struct arena arena = arena_open();
    size_t n_users = ledger_count_users(ledger, cell), n = 0;
    struct candidate *candidates =
        ARENA_ARRAY(&arena, struct candidate, n_users);
    for (size_t i = 0; i < n_users; i++) {
        struct task *task = ledger_user(ledger, cell, i);
        if (task->state != TASK_WAITING)
            continue;
        if (is_barren(ledger, task->cell) || is_barren(ledger, task->source))
            ledger_move(ledger, task, TASK_VOID);
        else if (is_trained(ledger, task->cell) &&
                 is_trained(ledger, task->source))
            candidates[n++] =
                candidate_of(ledger, task, expect_seconds(ledger, task));
    }
    if (n)
        qsort(candidates, n, sizeof *candidates, longest_first);
    for (size_t i = 0; i < n; i++)
        make_ready(ledger, candidates[i].task);
    arena_close(&arena);
}

/* before the run ------------------------------------------------------ */

void ledger_reopen(struct ledger *ledger, struct task *task)
{
    ledger_move(ledger, task, TASK_READY);
}

static void queue_trainings(struct ledger *ledger)
{
    struct arena arena = arena_open();
    struct candidate *trainings =
        ARENA_ARRAY(&arena, struct candidate, ledger->cells->n);
    size_t n = 0;
    for (size_t c = 0; c < ledger->cells->n; c++) {
        struct task *task = &ledger->tasks[ledger->first[c]];
        if (task->state == TASK_READY)
            trainings[n++] = candidate_of(ledger, task, (double)INFINITY);
    }
    if (n)
        qsort(trainings, n, sizeof *trainings, longest_first);
    for (size_t i = 0; i < n; i++)
        make_ready(ledger, trainings[i].task);
    arena_close(&arena);
}

void ledger_start(struct ledger *ledger)
{
    ledger_cut(ledger);
    ledger_halving_start(ledger);
    queue_trainings(ledger);
    for (size_t c = 0; c < ledger->cells->n; c++)
        if (ledger->tasks[ledger->first[c]].state != TASK_READY)
            release_users(ledger, c);
    ledger_budget_start(ledger);
}

/* running ------------------------------------------------------------- */

struct task *ledger_next(struct ledger *ledger)
{
    struct task *task = NULL;
    if (ledger_is_spent(ledger) && !ledger->spending.ended)
        ledger_budget_end(ledger);
    if (ledger->attacks.n > 0)
        task = &ledger->tasks[task_queue_take(&ledger->attacks)];
    else if (ledger_budget_waits(ledger))
        return NULL;
    else if (!(task = ledger_halving_next(ledger)) && ledger->trainings.n > 0)
        task = &ledger->tasks[task_queue_take(&ledger->trainings)];
    if (task)
        ledger_move(ledger, task, TASK_RUNNING);
    else
        ledger_halving_end(ledger);
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
        task_queue_remove(task->attack == LEDGER_TRAIN ? &ledger->trainings
                                             : &ledger->attacks,
                (size_t)(task - ledger->tasks));
    else if (task->state != TASK_RUNNING)
        return false;
    if (outcome->attempt > task->attempts)
        task->attempts = (uint32_t)outcome->attempt;
    ledger_note_pace(ledger, task->attack, outcome);
    ledger_budget_take(ledger, task->attack, outcome);
    task->barred = !retry_allows(&ledger->retry, outcome);
    task->deaths += retry_is_death(outcome);
    ledger_halving_take(ledger, task, outcome);
    ledger_move(ledger, task, TASK_ARRIVED);
    return true;
}

void ledger_settle(struct ledger *ledger, struct task *task,
                   enum outcome_state state)
{
    MUST(task->state == TASK_ARRIVED);
    bool counts = state == OUTCOME_FAILED || state == OUTCOME_TIMED_OUT;
    task->failures += counts;
    bool again = !task->barred && task->failures < ledger->retry.max_attempts;
    if (state == OUTCOME_INTERRUPTED || (counts && again)) {
        make_ready(ledger, task);
        return;
    }
    ledger_move(ledger, task, ledger_state_of(state));
    if (task->attack == LEDGER_TRAIN)
        release_users(ledger, task->cell);
    ledger_halving_settle(ledger, task);
}

/* Those that need the network and nobody has begun wait for it again. */
static void hold_users(struct ledger *ledger, size_t cell)
{
    for (size_t i = 0; i < ledger_count_users(ledger, cell); i++) {
        struct task *task = ledger_user(ledger, cell, i);
        if (task->state != TASK_READY)
            continue;
        task_queue_remove(&ledger->attacks, (size_t)(task - ledger->tasks));
        ledger_move(ledger, task, TASK_WAITING);
    }
}

/* A network that is gone; true if its training is to come, or under way. */
static bool train_again(struct ledger *ledger, size_t cell)
{
    struct task *training = &ledger->tasks[ledger->first[cell]];
    if (training->state == TASK_DONE && !training->retrained) {
        training->retrained = true;
        make_ready(ledger, training);
        hold_users(ledger, cell);
    }
    return training->state == TASK_READY || training->state == TASK_RUNNING ||
           training->state == TASK_ARRIVED;
}

bool ledger_lose_networks(struct ledger *ledger, struct task *task, bool own,
                          bool source)
{
    MUST(task->state == TASK_ARRIVED);
    bool awaits_own = own && train_again(ledger, task->cell);
    bool awaits_source = source && train_again(ledger, task->source);
    bool awaits = awaits_own || awaits_source;
    if (awaits)
        ledger_move(ledger, task, TASK_WAITING);
    return awaits;
}

struct spec ledger_spec(const struct ledger *ledger, const struct task *task)
{
    const struct cell *cell = &ledger->cells->at[task->cell];
    return task->attack == LEDGER_TRAIN
               ? cell->spec
               : attacks_spec(&ledger->shelf, cell, task->attack);
}

const char *ledger_print(struct ledger *ledger, const struct task *task,
                         struct arena *arena)
{
    return attacks_print(&ledger->shelf,
                         &ledger->cells->at[task->cell], task->attack, arena);
}
