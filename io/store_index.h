/*
 * What the segments of a folder hold, in order: trials, attacks, epsilons and
 * extents, without the data. The first of the two passes over the segments.
 */
#ifndef IO_STORE_INDEX_H
#define IO_STORE_INDEX_H

#include "core/settings.h"
#include "io/cell_list.h"
#include "io/outcome.h"
#include "io/segment.h"

/* A part of an evaluation that makes its whole with others. */
struct store_part {
    struct span span;
    struct segment_place place;
    const char *build;
};

/* The outcome that counts for a task; of an evaluation in parts what they make
 * together. */
struct store_task {
    struct digest task, cell;
    struct span span;           /* while parts are not joined */
    struct segment_place place; /* of the outcome */
    size_t n_parts;             /* 0: it is whole */
    const struct store_part *parts; /* in the order of samples */
    struct digest result; /* of the record, folded into the task's digest */
    const char *model, *data; /* their digests as text, of a training's record;
                                 else "" */
    size_t ordinal;       /* among all outcomes, in the order of the segments;
                             SIZE_MAX: of parts */
    enum outcome_state state;
    bool incomplete;      /* an evaluation some of whose parts are not there,
                             though none failed; `cause` says how many are */
    const char *cause, *message, *host; /* equal texts of tasks are one */
    const char *version, *revision;     /* of the program that computed */
    const char *engine;                 /* of it that ran */
    const char *means;                  /* threads and such */
    const char *origin;                 /* where it was taken over from */
    const char *build;                  /* all of it in a line */
    uint64_t attempt, peak_bytes;
    double started_s, wall_s, cpu_s;
    bool has_record;
    size_t extent[RECORD_N_DIMENSIONS]; /* of the record */
    const char *spec, *full_spec; /* the cell's canonical text, without and
                                     with what is aside of its identity */
    const char *attack_spec;      /* the attack's; NULL: stage train */
    size_t trial, attack;         /* indices of what it belongs to */
};

struct store_trial {
    struct digest cell;
    const char *id;   /* the cell's digest as text */
    const char *spec; /* that text, of which it is the digest */
    struct settings settings, parameters; /* without and with asides */
    const char *label; /* what varies; the digest if nothing does */
    const struct store_task *train;        /* NULL: no outcome of it */
    const struct store_task **evaluations; /* [n_attacks], NULL likewise */
};

struct store_attack {
    const char *spec;
    struct settings settings;
    const char *name; /* "pgd", or "pgd n_steps=7" where that varies */
};

struct store_index {
    size_t n_tasks, n_trials, n_attacks, n_epsilons, n_outcomes;
    const struct store_task *tasks; /* by task digest */
    const struct store_trial *trials;   /* in the order of settings_compare */
    const struct store_attack *attacks; /* likewise */
    const double *epsilons; /* all that occur, ascending */
    size_t extent[RECORD_N_DIMENSIONS]; /* the largest of each; of epsilons
                                           the number that occur */
    struct cell_list wanted; /* of the latest experiment file */
    struct segment_list segments; /* what all this is from */
    struct digest results; /* of all final results, whatever their order */
    const char *hosts;  /* one a line */
    const char *builds; /* that computed results, one a line: VERSION REVISION,
                           COMPILER, FLAGS */
    const char *damage; /* "FILE: REASON" a line; "" if there is none */
};

/* Everything is in `arena`. Refuses only what no sweep.h5 could be made of. */
CHECKED enum status store_index_read(const char *segments, struct arena *arena,
                                     struct store_index *index);

/* Leaves of `tasks` ([index->n_tasks], several of a task) the outcomes that
 * count, one of each task or of each of its parts, in the order of digests and
 * spans. */
void store_index_settle(struct store_index *index, struct store_task *tasks);

/* Makes of the parts of settled tasks their whole, as far as all are there:
 * then one is left of each task. What fails is told in index->damage. */
void store_parts_join(const char *segments, struct store_index *index,
                      struct store_task *tasks, struct arena *arena);

/* The record of a task that was joined; in the arena. */
CHECKED enum status store_parts_read(const char *segments,
                                     const struct store_task *task,
                                     struct arena *arena,
                                     struct record *record);

/* Orders epsilons, and makes of settled and joined tasks all the rest of the
 * index. */
void store_index_order(struct store_index *index, struct store_task *tasks,
                       double *epsilons, struct arena *arena);

/* `lines` and this one more, unless it is there already; each has its end of
 * line. */
const char *store_index_add_line(const char *lines, const char *line,
                                 struct arena *arena);

/* Index of a value among the epsilons. */
size_t store_index_epsilon(const struct store_index *index, double epsilon);

/* Of two outcomes of a task, true if the one with state `b`, which comes
 * later, counts: a result stands against a failure, else the later one. */
bool store_supersedes(enum outcome_state a, enum outcome_state b);

#endif
