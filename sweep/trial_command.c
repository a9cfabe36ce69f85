#include "sweep/trial_command.h"

#include <stdio.h>
#include <unistd.h>

static size_t count_threads(struct trial_means means)
{
    return means.n_threads > 0 ? means.n_threads : 1;
}

void trial_command_write(const char *program, const char *folder,
                         struct trial_care care, struct trial_means means,
                         struct span span, struct trial_command *command)
{
    const char **next = command->arguments;
    snprintf(command->parent, sizeof command->parent, "%ld", (long)getpid());
    snprintf(command->patience, sizeof command->patience, "%g",
             care.patience_s);
    snprintf(command->checkpoint, sizeof command->checkpoint, "%g",
             care.checkpoint_s);
    snprintf(command->memory, sizeof command->memory, "%llu",
             (unsigned long long)care.most_bytes);
    snprintf(command->threads, sizeof command->threads, "%zu",
             count_threads(means));
    snprintf(command->samples, sizeof command->samples, "%zu:%zu", span.first,
             span.n);
    *next++ = program;
    *next++ = "trial";
    *next++ = "--supervisor";
    *next++ = command->parent;
    *next++ = "--patience";
    *next++ = command->patience;
    *next++ = "--checkpoint";
    *next++ = command->checkpoint;
    *next++ = "--memory";
    *next++ = command->memory;
    *next++ = "--threads";
    *next++ = command->threads;
    if (means.recompute)
        *next++ = "--recompute";
    if (!span_is_whole(span)) {
        *next++ = "--samples";
        *next++ = command->samples;
    }
    *next++ = "--";
    *next++ = folder;
    *next = NULL;
}

const char *trial_command_describe(struct trial_means means, bool restored,
                                   char text[TRIAL_MEANS_SIZE])
{
    size_t n = count_threads(means);
    snprintf(text, TRIAL_MEANS_SIZE, "%zu thread%s%s%s", n, n == 1 ? "" : "s",
             means.recompute ? ", recomputing" : "",
             restored ? ", from a checkpoint" : "");
    return text;
}
