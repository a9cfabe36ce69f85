#include "sweep/folder.h"
#include "io/durable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *folder_default(const char *experiment_path, struct arena *arena)
{
    const char *slash = strrchr(experiment_path, '/');
    const char *name = slash ? slash + 1 : experiment_path;
    const char *dot = strrchr(name, '.');
    size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    return arena_print(arena, "%.*s.sweep", (int)length, name);
}

const char *folder_segments(const char *folder, struct arena *arena)
{
    return arena_print(arena, "%s/segments", folder);
}

const char *folder_checkpoints(const char *folder, struct arena *arena)
{
    return arena_print(arena, "%s/checkpoints", folder);
}

const char *folder_checkpoint(const char *folder, struct digest task,
                              struct span span, struct arena *arena)
{
    char text[DIGEST_TEXT_SIZE];
    const char *part = span_is_whole(span)
                           ? ""
                           : arena_print(arena, "-%zu-%zu", span.first, span.n);
    return arena_print(arena, "%s/%s%s.checkpoint",
                       folder_checkpoints(folder, arena),
                       digest_print(task, text), part);
}

const char *folder_model(const char *folder, struct digest cell,
                         struct arena *arena)
{
    char text[DIGEST_TEXT_SIZE];
    return arena_print(arena, "%s/models/%s.h5", folder,
                       digest_print(cell, text));
}

static bool is_there(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

static bool holds(const char *path, const char *text)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    bool same = true;
    for (const char *at = text; same && *at; at++)
        same = fgetc(file) == (unsigned char)*at;
    same = same && fgetc(file) == EOF;
    fclose(file);
    return same;
}

/* The earlier experiment file gets a name of its own. */
static enum status set_aside(const char *path, const char *folder,
                             struct arena *arena)
{
    for (unsigned i = 1;; i++) {
        const char *aside =
            arena_print(arena, "%s/experiment-%u.cfg", folder, i);
        if (is_there(aside))
            continue;
        if (rename(path, aside) == 0)
            return STATUS_OK;
        return status_refuse_errno("%s: cannot rename it", path);
    }
}

static enum status keep_experiment(const char *folder, const char *text,
                                   struct arena *arena)
{
    const char *path = arena_print(arena, "%s/experiment.cfg", folder);
    if (holds(path, text))
        return STATUS_OK;
    if (is_there(path))
        TRY(set_aside(path, folder, arena));
    return durable_write(path, text, strlen(text));
}

/* tuning -------------------------------------------------------------- */

static const char *tuning_path(const char *folder, struct arena *arena)
{
    return arena_print(arena, "%s/tuning.txt", folder);
}

enum status folder_read_tuning(const char *folder, struct arena *arena,
                               struct tuning_file *tuning)
{
    return tuning_file_find(tuning_path(folder, arena), arena, tuning);
}

enum status folder_choose_tuning(const char *folder, const char *path,
                                 struct arena *arena,
                                 struct tuning_file *tuning)
{
    struct tuning_file wanted;
    if (!is_there(tuning_path(folder, arena)) &&
        !is_there(folder_segments(folder, arena)))
        return tuning_file_choose(path, arena, tuning);
    TRY(folder_read_tuning(folder, arena, tuning));
    if (!path)
        return STATUS_OK;
    TRY(tuning_file_read(path, arena, &wanted));
    if (tuning_file_agrees(&wanted, tuning))
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "%s: the sweep in %s goes by another tuning (%s), "
                         "and all its cells have to go by the same; leave "
                         "--tuning out, or choose another folder",
                         path, folder, tuning->origin);
}

static enum status keep_tuning(const char *folder,
                               const struct tuning_file *tuning,
                               struct arena *arena)
{
    const char *path = tuning_path(folder, arena);
    const char *text = tuning_file_print(tuning, arena);
    return is_there(path) ? STATUS_OK
                          : durable_write(path, text, strlen(text));
}

/* the whole ----------------------------------------------------------- */

static enum status open_folder(const char *folder, const char *experiment,
                               const struct tuning_file *tuning,
                               struct arena *arena)
{
    const char *models = arena_print(arena, "%s/models", folder);
    const char *segments = folder_segments(folder, arena);
    const char *checkpoints = folder_checkpoints(folder, arena);
    TRY(durable_make_folder(folder));
    TRY(keep_tuning(folder, tuning, arena));
    TRY(durable_make_own_folder(models));
    TRY(durable_make_own_folder(checkpoints));
    TRY(durable_make_own_folder(segments));
    TRY(durable_clean(folder));
    TRY(durable_clean(models));
    TRY(durable_clean(checkpoints));
    TRY(durable_clean(segments));
    return keep_experiment(folder, experiment, arena);
}

enum status folder_open(const char *folder, const char *experiment,
                        const struct tuning_file *tuning)
{
    struct arena arena = arena_open();
    enum status status = open_folder(folder, experiment, tuning, &arena);
    arena_close(&arena);
    return status;
}

enum status folder_check(const char *folder)
{
    struct arena arena = arena_open();
    bool fine = is_there(folder_segments(folder, &arena));
    arena_close(&arena);
    if (fine)
        return STATUS_OK;
    return status_refuse(STATUS_NOT_FOUND,
                         "%s: not the folder of a sweep (no segments/ in it)",
                         folder);
}

bool folder_is_stopped(const char *folder)
{
    struct arena arena = arena_open();
    bool stopped = is_there(arena_print(&arena, "%s/stop", folder));
    arena_close(&arena);
    return stopped;
}

enum status folder_check_stop(const char *folder)
{
    if (!folder_is_stopped(folder))
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "%s/stop is there, which asks runs to stop: delete it "
                         "to go on",
                         folder);
}
