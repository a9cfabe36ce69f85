/* The command that computes one task in a process of its own, and how what it
 * is computed by is called. */
#ifndef SWEEP_TRIAL_COMMAND_H
#define SWEEP_TRIAL_COMMAND_H

#include "core/span.h"
#include "core/trial.h"

#include <stdbool.h>

/* What a supervisor wants of its trials, besides results. */
struct trial_care {
    double patience_s;   /* how long they wait for room on a full disk */
    double checkpoint_s; /* between checkpoints; 0: only when they are to go */
    uint64_t most_bytes; /* of memory of their own that they may take; 0: any */
};

struct trial_command {
    char parent[24], patience[32], checkpoint[32], memory[24], threads[24];
    char samples[48];
    const char *arguments[18]; /* NULL-terminated; texts are borrowed */
};

/* In place: the arguments point into the command. */
void trial_command_write(const char *program, const char *folder,
                         struct trial_care care, struct trial_means means,
                         struct span span, struct trial_command *command);

enum { TRIAL_MEANS_SIZE = 64 };

/* "2 threads, recomputing, from a checkpoint"; returns `text`. */
const char *trial_command_describe(struct trial_means means, bool restored,
                                   char text[TRIAL_MEANS_SIZE]);

#endif
