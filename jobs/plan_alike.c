#include "jobs/plan_alike.h"
#include "core/training.h"
#include "io/bytes.h"

#include <string.h>

/* Axes of which the kind alone counts. */
static bool is_kind_alone(size_t axis)
{
    return axis == SPEC_REGULARIZER || axis == SPEC_SURROGATE ||
           axis == SPEC_OPTIMIZER;
}

/* The dummy's seconds are what it takes. */
static bool counts(const struct kind *kind, const struct row *row)
{
    bool is_number = row->type == ROW_REAL && kind != training_kind_dummy;
    return !row->aside && !is_number && strcmp(row->name, "seed") != 0;
}

static void append_text(const char *text, struct bytes *bytes)
{
    bytes_append(bytes, text, strlen(text) + 1);
}

static void append_choice(const struct choice *choice, size_t axis,
                          struct bytes *bytes)
{
    struct arena arena = arena_open();
    append_text(choice->kind->name, bytes);
    for (size_t i = 0; i < choice->kind->n_rows && !is_kind_alone(axis); i++) {
        const struct row *row = &choice->kind->rows[i];
        if (counts(choice->kind, row))
            append_text(row_print(row, choice->params, &arena), bytes);
    }
    arena_close(&arena);
}

/* Cells share their choices: each is printed once, if those of one axis are
 * the same that the cell before it had. */
struct printed {
    const struct kind *kind;
    const void *params;
    struct digest digest;
};

static struct digest describe(const struct cell *cell,
                              struct printed printed[SPEC_ATTACK])
{
    struct digest whole = digest_of(&cell->only_source, 1);
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        const struct choice *choice = &cell->spec.at[axis];
        struct printed *last = &printed[axis];
        if (last->kind != choice->kind || last->params != choice->params) {
            struct bytes bytes = {NULL, 0, 0};
            append_choice(choice, axis, &bytes);
            *last = (struct printed){choice->kind, choice->params,
                                     digest_of(bytes.at, bytes.n)};
            bytes_free(&bytes);
        }
        whole = digest_fold(whole, &last->digest, sizeof last->digest);
    }
    return whole;
}

const size_t *plan_alike_find(const struct cells *cells, struct arena *arena)
{
    struct arena scratch = arena_open();
    struct printed printed[SPEC_ATTACK] = {{NULL, NULL, {0, 0}}};
    size_t n_slots = 16;
    while (n_slots < 2 * cells->n)
        n_slots *= 2;
    size_t *first = ARENA_ARRAY(arena, size_t, cells->n);
    size_t *slots = ARENA_ARRAY(&scratch, size_t, n_slots); /* from 1 on */
    struct digest *keys = ARENA_ARRAY(&scratch, struct digest, cells->n);
    for (size_t i = 0; i < cells->n; i++) {
        keys[i] = describe(&cells->at[i], printed);
        size_t slot = (size_t)keys[i].low & (n_slots - 1);
        while (slots[slot] && !digest_equal(keys[slots[slot] - 1], keys[i]))
            slot = (slot + 1) & (n_slots - 1);
        if (!slots[slot])
            slots[slot] = i + 1;
        first[i] = slots[slot] - 1;
    }
    arena_close(&scratch);
    return first;
}
