/*
 * The ledger: every task of a sweep and how far it is. A cell has one task of
 * stage train; its attacks are tasks that become ready when that is done, and
 * where they are made on another cell's network, when that is trained, too.
 *
 *     waiting -> ready -> running -> arrived -> done | diverged
 *                  ^---- (failed, tried again) ----|-> failed | aside
 *     an attack one of whose trainings has left no network: void
 *     an attack that finds the network lost: waiting, the training ready
 *
 * A task is final when its outcome is on disk, never before. An attack on many
 * samples is several tasks, its parts, of one digest and spans that lie side by
 * side; what earlier runs did counts, whatever size their parts had.
 */
#ifndef SWEEP_LEDGER_H
#define SWEEP_LEDGER_H

#include "io/outcome.h"
#include "sweep/attacks.h"
#include "sweep/cost.h"
#include "sweep/retry.h"
#include "sweep/task.h"
#include "sweep/task_queue.h"

struct ledger {
    const struct experiment *experiment; /* borrowed */
    const struct cells *cells;
    struct attacks shelf;
    struct arena *arena;    /* borrowed */
    size_t n_tasks, capacity;
    struct task *tasks;     /* a cell's training, then its attacks */
    uint32_t *by_digest;    /* indices of tasks, by digest, then in order */
    struct ledger_pace { /* what evaluations took, as far as is known */
        double share, wall_s;
    } *pace; /* [n_attacks] */
    size_t n_strays, strays_capacity;
    struct stray *strays; /* see sweep/ledger_parts.h */
    size_t *first;          /* [n_cells + 1]: a cell's tasks begin here */
    size_t *first_made; /* [n_cells + 1]: attacks on others, made on this one */
    size_t *made;       /* begin here in these indices of tasks */
    struct task_queue trainings, attacks;
    struct ledger_halving *halving; /* NULL: all cells go on */
    size_t count[TASK_N_STATES];
    struct retry_policy retry;
    struct ledger_spending { /* core-seconds; no limit: 0 */
        double limit_s, used_s; /* earlier runs included */
        bool ended;     /* no new cell is begun in this run; of those, */
        size_t n_cells; /* so many are left */
        bool counting;  /* what is open, from the run's start on */
        struct ledger_kind { /* of trainings, then of each attack */
            double open;     /* of cells that have begun, with parts' shares */
            double done, core_s; /* finished ones, and what they took */
        } *kinds; /* [n_attacks + 1] */
    } spending;
    struct cost_rule rule; /* none unless the caller sets one */
};

/* All tasks of the cells, none done; attacks are in parts where the cell's
 * n_test is known. Whatever failed is tried again so often, and nothing set
 * aside, unless the caller changes `retry`. Everything is in `arena`. */
void ledger_open(const struct experiment *experiment,
                 const struct cells *cells, uint64_t max_attempts,
                 struct arena *arena, struct ledger *ledger);

/* The task with this digest, of an evaluation the first part, or NULL: not of
 * this experiment; and the part with this span, or NULL. */
struct task *ledger_find(struct ledger *ledger, struct digest digest);
struct task *ledger_find_part(struct ledger *ledger, struct digest digest,
                              struct span span);

/* Before the run: what an earlier one found out. Later outcomes of a task
 * count over earlier ones, except that a result is never given up. */
void ledger_recall(struct ledger *ledger, const struct outcome *outcome);

/* After all that: cuts evaluations anew of which parts are known that had
 * another size, so that what is done stays done, and the rest is cut as the
 * experiment says. Tasks move. */
void ledger_cut(struct ledger *ledger);

/* Of the whole; of a part its share of the samples, else 1. */
double ledger_share(const struct task *task);

/* Before the run: a training that was done has to be done again, since the
 * network is gone and some attack needs it. */
void ledger_reopen(struct ledger *ledger, struct task *task);

/* True if some attack of the cell, or made on it, still has to be run. */
bool ledger_needs_network(const struct ledger *ledger, size_t cell);

/* Without a run, after the cut: spares the cells that would not go on, if
 * nothing else is left to do. */
void ledger_spare(struct ledger *ledger);

/* Ends the recalling, cut included: queues what is ready, trainings that cost
 * most first. */
void ledger_start(struct ledger *ledger);

/* The next task to hand out, now running; NULL if none is ready. Attacks come
 * before trainings, so that cells are completed one after the other; of a cell
 * those first that will take longest, or of which that is not known. */
struct task *ledger_next(struct ledger *ledger);

/* Time of lost ranks. Once the budget is spent, ledger_next begins no new cell
 * but goes on with those that have begun; and none while what has begun is
 * expected to spend it, as far as its likes have been measured. */
void ledger_spend(struct ledger *ledger, double core_s);
bool ledger_is_spent(const struct ledger *ledger);

/* A running task comes back without an outcome: its rank is lost. */
void ledger_return(struct ledger *ledger, struct task *task);

/* The outcome of a task has arrived. False if it must be dropped: the task
 * has one already. */
bool ledger_arrive(struct ledger *ledger, struct task *task,
                   const struct outcome *outcome);

/* The outcome is on disk. What failed or timed out is tried again as the policy
 * says, what was interrupted in any case. */
void ledger_settle(struct ledger *ledger, struct task *task,
                   enum outcome_state state);

/* Instead of settling an attack that failed, its outcome being on disk: its
 * cell's `own` network is gone, or its source's, or both. What is gone is
 * trained again, once in a run, and all attacks that need it and have no result
 * wait for that. False if nothing is to be: a failure like others. */
bool ledger_lose_networks(struct ledger *ledger, struct task *task, bool own,
                          bool source);

bool ledger_is_complete(const struct ledger *ledger);
size_t ledger_count_ready(const struct ledger *ledger);

/* The task's spec; its text with asides, in `arena`. */
struct spec ledger_spec(const struct ledger *ledger, const struct task *task);
const char *ledger_print(struct ledger *ledger, const struct task *task,
                         struct arena *arena);

#endif
