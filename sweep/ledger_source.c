/* Which attacks need which cell's network. */
#include "sweep/ledger_parts.h"

#include <stdlib.h>

/* cells by digest ----------------------------------------------------- */

static int compare_cells(const void *a, const void *b, void *self)
{
    const struct cells *cells = self;
    const size_t *left = a, *right = b;
    return digest_compare(cells->at[*left].digest, cells->at[*right].digest);
}

size_t *ledger_sort_cells(const struct cells *cells, struct arena *arena)
{
    struct cells sorted = *cells;
    size_t *order = ARENA_ARRAY(arena, size_t, cells->n);
    for (size_t i = 0; i < cells->n; i++)
        order[i] = i;
    qsort_r(order, cells->n, sizeof *order, compare_cells, &sorted);
    return order;
}

size_t ledger_find_cell(const struct cells *cells, const size_t *order,
                        struct digest digest)
{
    size_t low = 0, high = cells->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int way = digest_compare(cells->at[order[middle]].digest, digest);
        if (way == 0)
            return order[middle];
        if (way < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return LEDGER_NO_CELL;
}

/* attacks that are made on others ------------------------------------- */

static bool is_made_elsewhere(const struct task *task)
{
    return task->attack != LEDGER_TRAIN && task->source != task->cell;
}

/* By counting: the tasks of one source keep their order. */
void ledger_index_sources(struct ledger *ledger)
{
    size_t n_cells = ledger->cells->n, n = 0;
    size_t *first = ARENA_ARRAY(ledger->arena, size_t, n_cells + 2);
    for (size_t i = 0; i < ledger->n_tasks; i++)
        if (is_made_elsewhere(&ledger->tasks[i])) {
            first[ledger->tasks[i].source + 2]++;
            n++;
        }
    for (size_t c = 2; c < n_cells + 2; c++)
        first[c] += first[c - 1];
    ledger->made = ARENA_ARRAY(ledger->arena, size_t, n);
    for (size_t i = 0; i < ledger->n_tasks; i++)
        if (is_made_elsewhere(&ledger->tasks[i]))
            ledger->made[first[ledger->tasks[i].source + 1]++] = i;
    ledger->first_made = first;
}

size_t ledger_count_users(const struct ledger *ledger, size_t cell)
{
    return ledger->first[cell + 1] - ledger->first[cell] - 1 +
           ledger->first_made[cell + 1] - ledger->first_made[cell];
}

struct task *ledger_user(const struct ledger *ledger, size_t cell, size_t i)
{
    size_t first = ledger->first[cell] + 1;
    size_t n_own = ledger->first[cell + 1] - first;
    return &ledger->tasks[i < n_own
                              ? first + i
                              : ledger->made[ledger->first_made[cell] + i -
                                             n_own]];
}

bool ledger_needs_network(const struct ledger *ledger, size_t cell)
{
    for (size_t i = 0; i < ledger_count_users(ledger, cell); i++)
        if (ledger_user(ledger, cell, i)->state < TASK_DONE)
            return true;
    return false;
}
