#include "jobs/trial_parts.h"
#include "core/spec.h"
#include "io/dataset.h"
#include "io/model_file.h"
#include "io/model_given.h"
#include "io/outcome.h"
#include "sweep/clock.h"
#include "sweep/folder.h"
#include "sweep/frame.h"
#include "sweep/spawn.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static enum status read_spec(struct arena *arena, struct spec *spec)
{
    struct bytes text = {0};
    char buffer[4096];
    ssize_t n;
    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
        if (n > 0)
            bytes_append(&text, buffer, (size_t)n);
        else if (errno != EINTR)
            break;
    }
    bool is_empty = text.n == 0; /* its supervisor has thought better of it */
    bytes_append(&text, "", 1);
    enum status status =
        n < 0      ? status_refuse_errno("standard input")
        : is_empty ? status_refuse(STATUS_INVALID, "no task is given")
                   : spec_parse((const char *)text.at, spec, arena);
    bytes_free(&text);
    return status;
}

/* progress ------------------------------------------------------------ */

struct speaker {
    double said_s;
};

static void speak(void *self, size_t done, size_t total, double loss)
{
    struct speaker *speaker = self;
    double time = clock_now_s();
    if (time - speaker->said_s < 0.2)
        return;
    speaker->said_s = time;
    struct progress progress = {done, total, loss};
    if (frame_write_progress(FRAME_FD, progress) != STATUS_OK)
        _exit(EXIT_FAILURE); /* nobody listens any more */
}

/* stages -------------------------------------------------------------- */

/* Hours of training are not lost for a disk that is full for a while. */
static enum status keep_network(const struct trial_place *place,
                                const struct spec *spec,
                                const struct data_set *data,
                                const struct weights *weights,
                                struct arena *arena)
{
    const char *path = folder_model(place->folder, spec_digest(spec), arena);
    double began_s = clock_now_s();
    enum status status = model_file_write(path, spec, data, weights);
    while (status == STATUS_FULL &&
           clock_now_s() - began_s < place->care.patience_s) {
        usleep(200000);
        status = model_file_write(path, spec, data, weights);
    }
    return status;
}

static enum status train(const struct spec *spec,
                         const struct trial_place *place,
                         const struct data_set *data,
                         const struct trial_hooks *hooks, struct arena *arena,
                         struct record *record)
{
    struct weights weights, given;
    struct trial_hooks own = *hooks;
    TRY(trial_check(spec, data));
    TRY(model_given_read(spec, data, arena, &given));
    own.given = &given;
    trial_train(spec, data, &own, arena, &weights, record);
    if (record->diverged)
        return STATUS_OK;
    return keep_network(place, spec, data, &weights, arena);
}

/* A damaged network is out of the way, so that it is trained again as one that
 * is missing is. Somebody else may have been quicker. */
static enum status set_aside(const char *path, struct arena *arena)
{
    const char *reason = arena_copy_text(arena, status_reason()), *aside;
    for (unsigned i = 1;; i++) {
        aside = arena_print(arena, "%s.damaged-%u", path, i);
        if (access(aside, F_OK) != 0)
            break;
    }
    if (rename(path, aside) != 0 && errno != ENOENT)
        return status_refuse_errno("%s; cannot rename it", reason);
    return status_refuse(STATUS_DAMAGED, "%s; it is kept as %s, this network "
                         "is trained again", reason, aside);
}

static enum status read_network(const struct trial_place *place,
                                const struct spec *spec,
                                const struct data_set *data,
                                struct arena *arena, struct weights *weights)
{
    struct spec cell = spec_without_attack(*spec);
    const char *path = folder_model(place->folder, spec_digest(&cell), arena);
    enum status status = model_file_read(path, &cell, data, arena, weights);
    return status == STATUS_DAMAGED ? set_aside(path, arena) : status;
}

struct span trial_complete_span(struct span span, const struct spec *spec,
                                const struct data_set *data)
{
    if (!span_is_whole(span))
        span.total = trial_attack_samples(spec, data->test.n);
    return span;
}

static enum status evaluate(const struct spec *spec,
                            const struct trial_place *place,
                            const struct data_set *data,
                            const struct trial_hooks *hooks,
                            struct arena *arena, struct record *record)
{
    struct trial_networks networks = {{0, NULL}, {0, NULL}};
    struct spec source;
    TRY(trial_check(spec, data));
    TRY(read_network(place, spec, data, arena, &networks.own));
    if (trial_has_source(spec)) {
        TRY(trial_find_source(spec, data, arena, &source));
        TRY(read_network(place, &source, data, arena, &networks.source));
    }
    struct span span = trial_complete_span(place->span, spec, data);
    return trial_transfer_part(spec, data, span, &networks, hooks, arena,
                               record);
}

static enum status compute(const struct spec *spec,
                           const struct trial_place *place,
                           struct arena *arena, struct record *record)
{
    struct speaker speaker = {0};
    struct data_set data;
    struct tuning_file tuning;
    TRY(folder_read_tuning(place->folder, arena, &tuning));
    struct trial_hooks hooks = {&speaker, clock_for_trial, speak,
                                place->means, NULL, NULL};
    hooks.means.tuning = &tuning.tuning;
    if (spec->at[SPEC_TRAINING].kind == training_kind_dummy) {
        trial_pretend(spec->at[SPEC_TRAINING].params, arena, record);
        return STATUS_OK;
    }
    TRY(dataset_open(&spec->at[SPEC_DATASET], arena, &data));
    struct trial_checkpoint own;
    struct checkpoint_keeper keeper =
        trial_checkpoint_begin(place, spec, arena, &own);
    hooks.keeper = &keeper;
    return spec->at[SPEC_ATTACK].kind
               ? evaluate(spec, place, &data, &hooks, arena, record)
               : train(spec, place, &data, &hooks, arena, record);
}

static enum status serve(const struct trial_place *place, struct arena *arena)
{
    struct spec spec;
    struct record record;
    struct bytes packed = {0};
    TRY(read_spec(arena, &spec));
    TRY(compute(&spec, place, arena, &record));
    record_pack(&record, &packed);
    enum status status =
        frame_write(FRAME_FD, FRAME_RECORD, packed.at, packed.n);
    bytes_free(&packed);
    return status;
}

/* Of what a process has for itself alone: files that it maps, as data sets,
 * are not in it. The sanitizer's own memory would be. */
static void limit_memory(uint64_t n_bytes)
{
#ifndef __SANITIZE_ADDRESS__
    struct rlimit limit = {n_bytes, n_bytes};
    if (n_bytes > 0)
        setrlimit(RLIMIT_DATA, &limit); /* refused: it has a smaller one */
#else
    (void)n_bytes;
#endif
}

enum status trial_serve(long supervisor, const struct trial_place *place,
                        int *exit_status)
{
    if (!spawn_die_with((pid_t)supervisor)) /* nobody to compute for */
        _exit(EXIT_FAILURE);
    limit_memory(place->care.most_bytes);
    trial_checkpoint_watch();
    struct arena arena = arena_open();
    enum status status = serve(place, &arena);
    arena_close(&arena);
    *exit_status = EXIT_SUCCESS;
    return status;
}
