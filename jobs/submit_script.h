/* The script that `submit` gives to sbatch: jobs/submit.sbatch, filled in. */
#ifndef JOBS_SUBMIT_SCRIPT_H
#define JOBS_SUBMIT_SCRIPT_H

#include "core/arena.h"
#include "core/status.h"

struct submission {
    const char *program, *experiment, *folder; /* absolute paths */
    const char *name;                          /* of the job */
    size_t n_nodes, n_ranks, n_threads; /* ranks of a node, threads of each */
    size_t n_jobs;     /* of an array; 0: one job */
    size_t n_restarts; /* at most */
    const char *time;      /* as Slurm writes it: 90, 1:30:00, 2-00:00:00 */
    const char *partition; /* NULL: the cluster's own choice */
    const char *extra;     /* further options of sbatch, NULL: none */
};

/* Refuses texts that would end the line or the word that they are put into. */
CHECKED enum status submit_check(const struct submission *submission);

/* The text of the script, in `arena`. Paths are quoted, whatever is in them. */
const char *submit_write(const struct submission *submission,
                         struct arena *arena);

/* 'text', for a shell. */
const char *submit_quote(const char *text, struct arena *arena);

#endif
