#include "sweep/halving.h"
#include "core/status.h"

#include <math.h>

/* Whether cell a is better than b; of equals the earlier one. */
static bool is_better(const struct halving *halving, uint32_t a, uint32_t b)
{
    double x = halving->figure[a], y = halving->figure[b];
    if (isnan(x) || isnan(y))
        return isnan(x) == isnan(y) ? a < b : isnan(y);
    if (x != y)
        return halving->falls ? x < y : x > y;
    return a < b;
}

/* heaps --------------------------------------------------------------- */

struct order {
    const struct halving *halving;
    bool worst_first;
};

static bool comes_first(struct order order, uint32_t a, uint32_t b)
{
    return is_better(order.halving, a, b) != order.worst_first;
}

static void swap(struct halving_heap *heap, size_t i, size_t k)
{
    uint32_t cell = heap->at[i];
    heap->at[i] = heap->at[k];
    heap->at[k] = cell;
}

static void push(struct halving_heap *heap, struct order order, uint32_t cell)
{
    size_t i = heap->n++;
    heap->at[i] = cell;
    for (; i > 0 && comes_first(order, heap->at[i], heap->at[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(heap, i, (i - 1) / 2);
}

static uint32_t pop(struct halving_heap *heap, struct order order)
{
    uint32_t first = heap->at[0];
    heap->at[0] = heap->at[--heap->n];
    for (size_t i = 0, k; (k = 2 * i + 1) < heap->n; i = k) {
        if (k + 1 < heap->n &&
            comes_first(order, heap->at[k + 1], heap->at[k]))
            k++;
        if (!comes_first(order, heap->at[k], heap->at[i]))
            break;
        swap(heap, i, k);
    }
    return first;
}

/* rungs --------------------------------------------------------------- */

static struct order best_first(const struct halving *halving)
{
    return (struct order){halving, false};
}

static struct order worst_first(const struct halving *halving)
{
    return (struct order){halving, true};
}

/* A cell is among the best now; `due` holds each at most once: who leaves the
 * best is taken out of it only when its turn comes. */
static void enter_best(struct halving *halving, struct halving_rung *rung,
                       uint32_t cell)
{
    uint32_t next = halving->next[cell];
    push(&rung->best, worst_first(halving), cell);
    halving->among_best[cell] = true;
    if (next != HALVING_NONE && !halving->begun[next] && !halving->due[cell]) {
        push(&rung->due, best_first(halving), cell);
        halving->due[cell] = true;
    }
}

static void leave_best(struct halving *halving, struct halving_rung *rung)
{
    uint32_t worst = pop(&rung->best, worst_first(halving));
    halving->among_best[worst] = false;
    push(&rung->rest, best_first(halving), worst);
}

void halving_note(struct halving *halving, size_t cell, double figure)
{
    MUST(cell < halving->n_cells && !halving->known[cell]);
    struct halving_rung *rung = &halving->rungs[halving->places[cell].rung];
    halving->known[cell] = true;
    halving->figure[cell] = figure;
    rung->n++;
    if (rung->best.n > 0 &&
        is_better(halving, (uint32_t)cell, rung->best.at[0])) {
        enter_best(halving, rung, (uint32_t)cell);
        leave_best(halving, rung);
    } else {
        push(&rung->rest, best_first(halving), (uint32_t)cell);
    }
    while (rung->best.n < (size_t)((double)rung->n / halving->factor))
        enter_best(halving, rung, pop(&rung->rest, best_first(halving)));
}

void halving_begin(struct halving *halving, size_t cell)
{
    halving->begun[cell] = true;
}

/* The best of a rung that has yet to go on, or none. */
static uint32_t take_due(struct halving *halving, struct halving_rung *rung)
{
    while (rung->due.n > 0) {
        uint32_t cell = pop(&rung->due, best_first(halving));
        uint32_t next = halving->next[cell];
        halving->due[cell] = false;
        if (halving->among_best[cell] && !halving->begun[next] &&
            !isnan(halving->figure[cell]))
            return next;
    }
    return HALVING_NONE;
}

uint32_t halving_next(struct halving *halving)
{
    for (size_t i = halving->n_rungs; i-- > 0;) {
        uint32_t next = take_due(halving, &halving->rungs[i]);
        if (next == HALVING_NONE)
            continue;
        halving->begun[next] = true;
        return next;
    }
    return HALVING_NONE;
}

/* opening ------------------------------------------------------------- */

static void link_lineages(struct halving *halving)
{
    struct arena arena = arena_open();
    size_t n = halving->n_cells, n_lineages = 0;
    for (size_t i = 0; i < n; i++)
        if (halving->places[i].lineage >= n_lineages)
            n_lineages = (size_t)halving->places[i].lineage + 1;
    size_t n_places = n_lineages * halving->n_rungs;
    uint32_t *at = ARENA_ARRAY(&arena, uint32_t, n_places);
    for (size_t i = 0; i < n_places; i++)
        at[i] = HALVING_NONE;
    for (size_t i = 0; i < n; i++)
        at[halving->places[i].lineage * halving->n_rungs +
           halving->places[i].rung] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        struct halving_place place = halving->places[i];
        halving->next[i] = place.rung + 1 < halving->n_rungs
                               ? at[place.lineage * halving->n_rungs +
                                    place.rung + 1]
                               : HALVING_NONE;
    }
    arena_close(&arena);
}

static struct halving_heap heap_open(size_t n, struct arena *arena)
{
    return (struct halving_heap){ARENA_ARRAY(arena, uint32_t, n), 0};
}

void halving_open(size_t n_cells, const struct halving_place *places,
                  double factor, bool falls, struct arena *arena,
                  struct halving *halving)
{
    MUST(factor > 1 && n_cells < HALVING_NONE);
    *halving = (struct halving){.factor = factor,
                                .falls = falls,
                                .n_cells = n_cells,
                                .places = places};
    for (size_t i = 0; i < n_cells; i++)
        if (places[i].rung >= halving->n_rungs)
            halving->n_rungs = (size_t)places[i].rung + 1;
    halving->next = ARENA_ARRAY(arena, uint32_t, n_cells);
    halving->figure = ARENA_ARRAY(arena, double, n_cells);
    halving->known = ARENA_ARRAY(arena, bool, n_cells);
    halving->among_best = ARENA_ARRAY(arena, bool, n_cells);
    halving->begun = ARENA_ARRAY(arena, bool, n_cells);
    halving->due = ARENA_ARRAY(arena, bool, n_cells);
    halving->rungs =
        ARENA_ARRAY(arena, struct halving_rung, halving->n_rungs);
    link_lineages(halving);
    for (size_t i = 0; i < halving->n_rungs; i++) {
        size_t n = 0;
        for (size_t k = 0; k < n_cells; k++)
            n += places[k].rung == i;
        struct halving_rung *rung = &halving->rungs[i];
        rung->best = heap_open(n + 1, arena);
        rung->rest = heap_open(n + 1, arena);
        rung->due = heap_open(n + 1, arena);
    }
}
