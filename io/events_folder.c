/* Recordings of events as files of their own. */
#include "io/dataset_parts.h"
#include "io/durable.h"
#include "io/events_file.h"

#include <string.h>
#include <sys/stat.h>

/* reading ------------------------------------------------------------- */

/* Where the recordings lie, by their places in the set. */
struct files {
    const char **paths;
    const struct events_recording *at;
};

static enum status measure(const char *path, size_t *n_bytes)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    if (about.st_size % EVENTS_EVENT_SIZE ||
        about.st_size > EVENTS_RECORDING_MOST)
        return status_refuse(STATUS_DAMAGED,
                             "%s: has %zu bytes, which is not a whole "
                             "number of events of 5 bytes, at most %d",
                             path, (size_t)about.st_size,
                             EVENTS_RECORDING_MOST / EVENTS_EVENT_SIZE);
    *n_bytes = (size_t)about.st_size;
    return STATUS_OK;
}

static enum status take(void *self, size_t i, struct bytes *to)
{
    const struct files *files = self;
    size_t before = to->n;
    TRY(durable_read(files->paths[i], to));
    if (to->n - before == files->at[i].n_bytes)
        return STATUS_OK;
    return status_refuse(STATUS_DAMAGED,
                         "%s: had %zu bytes and now has %zu: it must not "
                         "change while it is read",
                         files->paths[i], files->at[i].n_bytes,
                         to->n - before);
}

static struct events_set make_set(size_t n, struct arena *arena,
                                  struct files **files)
{
    struct events_set set = {.n = n, .take = take};
    *files = ARENA_ARRAY(arena, struct files, 1);
    set.at = ARENA_ARRAY(arena, struct events_recording, n);
    (*files)->paths = ARENA_ARRAY(arena, const char *, n);
    (*files)->at = set.at;
    set.self = *files;
    return set;
}

enum status events_folder_take(const char *path, struct arena *arena,
                               struct events_set *set)
{
    const char *slash = strrchr(path, '/');
    struct files *files;
    struct events_set one = make_set(1, arena, &files);
    one.at[0].name = slash ? slash + 1 : path;
    one.at[0].label = EVENTS_LABEL_UNKNOWN;
    files->paths[0] = path;
    TRY(measure(path, &one.at[0].n_bytes));
    *set = one;
    return STATUS_OK;
}

enum status events_folder_gather(const char *folder, const char *list,
                                 const char *part, struct arena *arena,
                                 struct events_set *set)
{
    struct dataset_recordings recordings;
    struct files *files;
    TRY(dataset_list_recordings(folder, list, part, arena, &recordings));
    dataset_recordings_close(&recordings);
    struct events_set all = make_set(recordings.n, arena, &files);
    for (size_t i = 0; i < all.n; i++) {
        const struct dataset_recording *from = &recordings.at[i];
        all.at[i].name = from->name;
        all.at[i].label = from->label;
        files->paths[i] = arena_print(arena, "%s/%s", folder, from->name);
        TRY(measure(files->paths[i], &all.at[i].n_bytes));
    }
    *set = all;
    return STATUS_OK;
}

/* writing ------------------------------------------------------------- */

static enum status make_folders(char *path)
{
    for (char *at = path + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        TRY(durable_make_folder(path));
        *at = '/';
    }
    return STATUS_OK;
}

static enum status scatter(const char *folder, const struct events_set *set,
                           size_t i, struct bytes *bytes)
{
    struct arena arena = arena_open();
    char *path = arena_copy_text(
        &arena, arena_print(&arena, "%s/%s", folder, set->at[i].name));
    bytes->n = 0;
    enum status status = set->take(set->self, i, bytes);
    if (status == STATUS_OK)
        status = make_folders(path);
    if (status == STATUS_OK)
        status = durable_write(path, bytes->at, bytes->n);
    arena_close(&arena);
    return status;
}

enum status events_folder_scatter(const char *folder,
                                  const struct events_set *set)
{
    struct bytes bytes = {NULL, 0, 0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < set->n && status == STATUS_OK; i++)
        status = scatter(folder, set, i, &bytes);
    bytes_free(&bytes);
    return status;
}
