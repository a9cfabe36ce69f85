/*
 * A sweep, run: every task of an experiment that has no result in the folder
 * yet is computed, on all ranks of this job. Collective.
 */
#ifndef SWEEP_SWEEP_H
#define SWEEP_SWEEP_H

#include "core/trial.h"
#include "sweep/display.h"
#include "sweep/study.h"
#include "sweep/trial_command.h"

struct sweep_options {
    const char *path;   /* of the experiment file */
    const char *folder; /* NULL: the experiment's default */
    const char *tuning; /* path; see folder_choose_tuning */
    struct retry_policy retry;
    const char *only;     /* which cells, see sweep/only.h; NULL: all */
    size_t n_reused;
    const char *const *reused; /* other folders, see sweep/reuse.h */
    bool stop_at_failure; /* once the first task has failed for good */
    struct share share; /* the cells that this job runs */
    double limit_s;    /* of a task; 0: none */
    double time_s;     /* that this job has; 0: no end */
    double refresh_s;  /* sweep.h5 is made anew so often; 0: at the end only */
    struct trial_care care; /* a full disk is waited for as long by rank 0 */
    enum display_mode display;
    struct trial_means means; /* threads, recomputation; the tuning is the
                                 folder's */
    bool timing; /* says at the end what coordinating cost rank 0 */
};

enum sweep_end {
    SWEEP_COMPLETE,
    SWEEP_INCOMPLETE, /* all was tried, some tasks have no result */
    SWEEP_INTERRUPTED,
    SWEEP_SERVED /* on all ranks but 0, which do not know the end */
};

/* Opens and closes the wire itself. Rank 0 prints what there is to say. */
CHECKED enum status sweep_run(const struct sweep_options *options,
                              enum sweep_end *end);

#endif
