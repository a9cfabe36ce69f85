/*
 * What rank 0 has besides its worker: the study, the folder, the coordinator
 * with its segments, the display, the herald, and the process that makes
 * sweep.h5 anew while the sweep goes on. Private to sweep/.
 */
#ifndef SWEEP_HEAD_H
#define SWEEP_HEAD_H

#include "io/segment.h"
#include "sweep/checkpoints.h"
#include "sweep/herald.h"
#include "sweep/marks.h"
#include "sweep/only.h"
#include "sweep/study.h"
#include "sweep/sweep.h"

struct head {
    const struct sweep_options *options;
    const char *folder;
    struct arena arena;
    struct study study;
    struct ledger ledger;
    struct segment_list segments; /* of earlier runs */
    struct segment_writer writer;
    struct checkpoints checkpoints;
    struct herald herald;
    struct marks marks;
    struct coordinator coordinator;
    struct display display;
    pid_t merging;          /* the one that puts segments together; 0: none */
    pid_t packing;          /* the process that makes sweep.h5; 0: none */
    double packed_s;        /* when it was started last */
    size_t n_packed;        /* outcomes that were kept by then */
    size_t n_recalled, n_retraining; /* tasks done before; networks gone */
    struct only only;
    const char *changed;    /* since the last run; NULL: nothing */
    size_t n_left;          /* tasks to do, of those asked for */
    size_t n_died;          /* runs, since the one before this */
    size_t n_aside;         /* tasks that earlier runs set aside */
    bool failed_first;      /* it stops for the first failure */
    double looked_s;        /* for a file that asks to stop */
    double stop_s;          /* by this clock, so as to end in time; 0: never */
    double wall_s, cpu_s;   /* clocks of this process when tasks began */
    double coordinating_s;  /* CPU time of steps in which something happened */
};

/* Reads and checks everything; recalls what is done. On refusal nothing is
 * left open. */
CHECKED enum status head_open(const struct sweep_options *options,
                              const char *folder, struct wire *wire,
                              struct head *head);

/* Coordinates, shows, refreshes; true if something happened. */
bool head_step(struct head *head);

/* True if the sweep has come to its end, one way or the other. */
bool head_is_finished(const struct head *head);

/* Makes sweep.h5 a last time and says how the sweep ended. Results or a
 * sweep.h5 that cannot be written are an interruption: the reason is told, and
 * the next run goes on. */
enum sweep_end head_finish(struct head *head);

void head_close(struct head *head);

#endif
