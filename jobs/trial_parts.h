/* What the command `trial` is made of; private to jobs/trial*.c. */
#ifndef JOBS_TRIAL_PARTS_H
#define JOBS_TRIAL_PARTS_H

#include "core/record.h"
#include "core/training.h"
#include "core/trial.h"
#include "sweep/trial_command.h"

/* What a supervisor gives its trials. */
struct trial_place {
    const char *folder;       /* the sweep's */
    struct trial_care care;
    struct trial_means means; /* but the tuning, which is the folder's */
    struct span span;         /* samples to attack; its total is not known */
};

/* One task for a supervisor: its spec comes from standard input, the record
 * goes to FRAME_FD, the trained network into the sweep's folder. */
CHECKED enum status trial_serve(long supervisor,
                                const struct trial_place *place,
                                int *exit_status);

/* From here on signals that ask to stop end this process with SUPERVISOR_GONE,
 * or, once it has begun with checkpoints, with one and SUPERVISOR_LEFT. */
void trial_checkpoint_watch(void);

/* The file that a task's checkpoints are kept in, and how often; and of a
 * training what all those have in common that differ in where they end. */
struct trial_checkpoint {
    const char *path, *folder;
    struct digest key;
    double every_s, kept_s;
    struct lineage {
        struct digest digest, key;
        size_t until_epoch; /* this one's; 0: it has no milestones */
    } lineage;
};

struct checkpoint_keeper trial_checkpoint_begin(const struct trial_place *place,
                                                const struct spec *spec,
                                                struct arena *arena,
                                                struct trial_checkpoint *own);

/* A span of an attack whose number of samples is now known. */
struct span trial_complete_span(struct span span, const struct spec *spec,
                                const struct data_set *data);

/* Sleeps, then ends as told: this may not return. `record` is what a training
 * without any network leaves. */
void trial_pretend(const struct training_dummy *dummy, struct arena *arena,
                   struct record *record);

#endif
