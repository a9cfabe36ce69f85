/* The command that computes one task in a process of its own, and how what it
 * is computed by is called. */
#ifndef SWEEP_TRIAL_COMMAND_H
#define SWEEP_TRIAL_COMMAND_H

#include "core/span.h"
#include "core/trial.h"

struct trial_command {
    char parent[24], patience[32], threads[24], samples[48];
    const char *arguments[16]; /* NULL-terminated; texts are borrowed */
};

/* In place: the arguments point into the command. */
void trial_command_write(const char *program, const char *folder,
                         double patience_s, struct trial_means means,
                         struct span span, struct trial_command *command);

enum { TRIAL_MEANS_SIZE = 64 };

/* "2 threads, recomputing"; returns `text`. */
const char *trial_command_describe(struct trial_means means,
                                   char text[TRIAL_MEANS_SIZE]);

#endif
