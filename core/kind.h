/*
 * Kinds: what an experiment can choose from, as data.
 *
 * A kind is one thing on an axis: a surrogate, an encoding, an attack. Each of
 * its parameters is named once, in a row; the experiment file, `spikesweep
 * list`, the cell's identity, the result file and the tests all read that row.
 * A kind's private parameter struct is filled through the rows' offsets.
 */
#ifndef CORE_KIND_H
#define CORE_KIND_H

#include "core/arena.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KIND_LIST_MAX = 32 }; /* entries of a parameter that is a list */

enum row_type {
    ROW_REAL,   /* double */
    ROW_COUNT,  /* size_t, at most 2^53 */
    ROW_FLAG,   /* bool */
    ROW_CHOICE, /* int, an index into `choices` */
    ROW_TEXT,   /* const char *, borrowed from the arena of row_set */
    ROW_REALS,  /* struct reals: a list by nature, not an axis */
    ROW_COUNTS  /* struct counts: likewise */
};

enum row_scale { SCALE_LINEAR, SCALE_LOG };

struct reals {
    size_t n;
    double at[KIND_LIST_MAX];
};

struct counts {
    size_t n;
    size_t at[KIND_LIST_MAX];
};

/* Written with designated initializers; what is left out is zero. */
struct row {
    const char *name, *unit, *doc; /* unit "1" if it has none */
    enum row_type type;
    enum row_scale scale;
    const char *fallback;       /* the default, in canonical text */
    double minimum, maximum;    /* inclusive; of every entry of a list */
    const char *const *choices; /* ROW_CHOICE: ends in NULL */
    bool aside; /* not part of a cell's identity: a folder, say */
    bool later; /* added when there were results: part of the identity only
                   where it is not at its default, which changes nothing */
    bool is_set; /* ROW_REALS: each entry once, kept in rising order */
    size_t offset;
};

struct spec;

struct kind {
    const char *name, *doc, *cite; /* cite: paper and equation */
    const struct row *rows;
    size_t n_rows, params_size;
    /* Optional. NULL if this kind makes sense in `spec`, else the reason why
     * not, one static phrase. The planner prunes by asking. */
    const char *(*applies)(const struct spec *spec);
    bool later; /* the default of an axis that was added when there were
                   results: as later rows, if all its rows are at theirs */
};

/* An axis: the table of contents of its kinds. Kinds of an axis begin with
 * their struct kind, so that the axis' own file can cast back. */
struct axis {
    const char *name, *doc;
    const struct kind *const *kinds;
    size_t n_kinds;
    const char *fallback; /* the kind when the file does not name one */
};

#define KIND_COUNT(array) (sizeof(array) / sizeof *(array))

/* NULL if there is none of that name. */
const struct kind *kind_find(const struct axis *axis, const char *name);
const struct row *kind_find_row(const struct kind *kind, const char *name);

/* The name nearest to a mistyped one by edit distance, or NULL if none is
 * near enough to be meant. */
const char *kind_nearest(const struct axis *axis, const char *name);
const char *kind_nearest_row(const struct kind *kind, const char *name);
const char *kind_nearest_of(const char *const *names, size_t n_names,
                            const char *name);

/* A new parameter struct in the arena, all rows at their defaults. */
void *kind_defaults(const struct kind *kind, struct arena *arena);

/* Sets one parameter from canonical text: 0.5, 3, true, hard, "text",
 * [1, 2]. Refuses what is not of the row's type or outside its range; the
 * reason says what was given and what is allowed. */
CHECKED enum status row_set(const struct row *row, const char *text,
                            void *params, struct arena *arena);

/* The canonical text of a parameter: shortest digits that read back to the
 * same double; in the arena. */
const char *row_print(const struct row *row, const void *params,
                      struct arena *arena);

/* What is allowed, as words: "a real number from 0 to 1", "one of hard,
 * soft"; in the arena. */
const char *row_allowed(const struct row *row, struct arena *arena);

/* True if two parameters of a row are equal. */
bool row_equal(const struct row *row, const void *a, const void *b);

#endif
