/* What the ledger's files share; private to sweep/ledger*.c. */
#ifndef SWEEP_LEDGER_PARTS_H
#define SWEEP_LEDGER_PARTS_H

#include "sweep/ledger_aside.h"

/* An outcome of earlier runs that is of none of the tasks: of a part that had
 * another size. */
struct stray {
    size_t cell, attack;
    struct span span;
    enum outcome_state state;
    uint64_t attempts;
    uint32_t deaths; /* as of a task */
};

/* How an evaluation is cut: `total` samples at multiples of `size`; all zero:
 * not at all. */
struct grid {
    size_t total, size;
};

struct grid ledger_grid(const struct cell *cell, const struct spec *spec);

/* A new task of no span, as it begins. */
struct task ledger_task(size_t cell, size_t attack, size_t source,
                        struct digest digest);

/* Cells in the order of their digests, and one of them by it, LEDGER_NO_CELL if
 * there is none: as a source, one that does not fit its data. */
#define LEDGER_NO_CELL UINT32_MAX

size_t *ledger_sort_cells(const struct cells *cells, struct arena *arena);
size_t ledger_find_cell(const struct cells *cells, const size_t *order,
                        struct digest digest);

/* The attacks that need the network of a cell: its own, then those on others
 * that are made on it. */
size_t ledger_count_users(const struct ledger *ledger, size_t cell);
struct task *ledger_user(const struct ledger *ledger, size_t cell, size_t i);
void ledger_index_sources(struct ledger *ledger);

/* At the end of the tasks: this one, or as many parts of it. */
void ledger_add(struct ledger *ledger, struct task task);
void ledger_add_parts(struct ledger *ledger, const struct task *task,
                      struct grid grid);

/* After the last one: what tasks are found by, and empty queues. */
void ledger_index(struct ledger *ledger);

void ledger_move(struct ledger *ledger, struct task *task,
                 enum task_state state);

bool ledger_has_result(enum task_state state);
enum task_state ledger_state_of(enum outcome_state state);

void ledger_note_pace(struct ledger *ledger, size_t attack,
                      const struct outcome *outcome);

/* Where not all cells go on; else they do nothing. After opening; of every
 * result as it becomes known, then when its task has come to its end; after the
 * recalling; the training that is to go on next, held so far, or NULL; and when
 * there is nothing to do, what is held is spared. */
void ledger_halving_open(struct ledger *ledger);
void ledger_halving_take(struct ledger *ledger, const struct task *task,
                         const struct outcome *outcome);
void ledger_halving_settle(struct ledger *ledger, const struct task *task);
void ledger_halving_start(struct ledger *ledger);
struct task *ledger_halving_next(struct ledger *ledger);
void ledger_halving_end(struct ledger *ledger);

/* The budget in core-hours: after opening; at the run's start; before (-1) and
 * after (1) a task changes its state; of every outcome; whether what has begun
 * has to be waited for; once, when it is spent. */
void ledger_budget_open(struct ledger *ledger);
void ledger_budget_start(struct ledger *ledger);
void ledger_budget_count(struct ledger *ledger, const struct task *task,
                         int sign);
void ledger_budget_take(struct ledger *ledger, size_t attack,
                        const struct outcome *outcome);
bool ledger_budget_waits(const struct ledger *ledger);
void ledger_budget_end(struct ledger *ledger);

#endif
