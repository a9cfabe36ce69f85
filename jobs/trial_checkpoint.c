/* The checkpoints of a trial: written on a timer and when it is sent away. */
#include "io/checkpoint_file.h"
#include "jobs/trial_parts.h"
#include "sweep/clock.h"
#include "sweep/folder.h"
#include "sweep/frame.h"
#include "sweep/milestones.h"
#include "sweep/supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t sent_away, can_keep;

/* Without anything to keep there is nothing to wait for. */
static void note(int number)
{
    (void)number;
    sent_away = 1;
    if (!can_keep)
        _exit(SUPERVISOR_GONE);
}

/* Batch systems send what is meant for the job to all of its processes. */
void trial_checkpoint_watch(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

/* A checkpoint that is no good is said to be so, and the stage begins anew. */
static bool take(const char *path, struct digest key,
                 const struct checkpoint *checkpoint)
{
    enum status status = checkpoint_file_read(path, key, checkpoint);
    if (status == STATUS_OK) {
        if (frame_write(FRAME_FD, FRAME_RESTORED, NULL, 0) != STATUS_OK)
            _exit(EXIT_FAILURE); /* nobody listens any more */
        return true;
    }
    if (status != STATUS_NOT_FOUND)
        fprintf(stderr, "%s; this task begins anew\n", status_reason());
    status_forget();
    return false;
}

static bool restore(void *self, const struct checkpoint *checkpoint)
{
    struct trial_checkpoint *own = self;
    const struct lineage *lineage = &own->lineage;
    if (take(own->path, own->key, checkpoint))
        return true;
    size_t epoch = milestones_find(own->folder, lineage->digest,
                                   lineage->until_epoch);
    struct arena arena = arena_open();
    bool found = epoch > 0 &&
                 take(milestones_path(own->folder, lineage->digest, epoch,
                                      &arena),
                      lineage->key, checkpoint);
    arena_close(&arena);
    return found;
}

static bool is_due(void *self)
{
    const struct trial_checkpoint *own = self;
    return sent_away ||
           (own->every_s > 0 && clock_now_s() - own->kept_s >= own->every_s);
}

static void keep(void *self, const struct checkpoint *checkpoint)
{
    struct trial_checkpoint *own = self;
    enum status status =
        checkpoint_file_write(own->path, own->key, checkpoint);
    if (status != STATUS_OK)
        fprintf(stderr, "%s\n", status_reason());
    if (sent_away)
        _exit(status == STATUS_OK ? SUPERVISOR_LEFT : EXIT_FAILURE);
    status_forget();
    own->kept_s = clock_now_s();
}

/* One that cannot be written costs time, and no result. */
static void keep_milestone(void *self, const struct checkpoint *checkpoint)
{
    struct trial_checkpoint *own = self;
    const struct lineage *lineage = &own->lineage;
    struct arena arena = arena_open();
    const char *path = milestones_path(own->folder, lineage->digest,
                                       lineage->until_epoch, &arena);
    if (checkpoint_file_write(path, lineage->key, checkpoint) == STATUS_OK)
        milestones_drop(own->folder, lineage->digest, lineage->until_epoch);
    else
        fprintf(stderr, "%s\n", status_reason());
    status_forget();
    arena_close(&arena);
}

static struct lineage find_lineage(const struct spec *spec)
{
    struct training_bptt room;
    struct spec longest;
    size_t end = milestones_find_end(spec, &room, &longest);
    if (end == 0)
        return (struct lineage){.until_epoch = 0};
    return (struct lineage){spec_digest(&longest),
                            checkpoint_file_key(&longest, (struct span){0}),
                            end};
}

struct checkpoint_keeper trial_checkpoint_begin(const struct trial_place *place,
                                                const struct spec *spec,
                                                struct arena *arena,
                                                struct trial_checkpoint *own)
{
    *own = (struct trial_checkpoint){
        .path = folder_checkpoint(place->folder, spec_digest(spec),
                                  place->span, arena),
        .folder = place->folder,
        .key = checkpoint_file_key(spec, place->span),
        .every_s = place->care.checkpoint_s,
        .kept_s = clock_now_s(),
        .lineage = find_lineage(spec),
    };
    can_keep = 1;
    return (struct checkpoint_keeper){own, restore, is_due, keep,
                                      keep_milestone};
}
