/* What io/state_*.c share; private to them. */
#ifndef IO_STATE_PARTS_H
#define IO_STATE_PARTS_H

#include "core/trial.h"
#include "io/hdf5_take.h"

enum { STATE_ENTRIES_MAX = 4096 };

/* A tensor of the file. */
struct state_entry {
    const char *name; /* with dots */
    const char *path; /* in the file */
    size_t rank;
    bool used;
};

struct state {
    struct hdf5_source source;
    struct arena *arena;
    size_t n;
    struct state_entry *entries; /* [STATE_ENTRIES_MAX], in their order */
};

/* Lists the file's arrays of numbers. */
CHECKED enum status state_list(struct state *state);

/* NULL if there is none of that name. */
struct state_entry *state_find(const struct state *state, const char *name);

/* The i-th module whose tensor WHAT has one of these ranks, as its names begin
 * with: "features.0"; NULL if there are not so many. */
const char *state_module(const struct state *state, const char *what,
                         size_t least_rank, size_t i);

#endif
