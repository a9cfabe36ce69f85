#include "io/events_file.h"
#include "io/dataset_parts.h"
#include "io/durable.h"
#include "io/exchange_parts.h"
#include "io/hdf5_put.h"
#include "io/hdf5_take.h"
#include "io/hdf5_util.h"

#include <string.h>
#include <sys/stat.h>

enum { RECORDING_MOST = 1 << 26, RECORDINGS_MOST = 1 << 22 };

bool events_file_is_named(const char *path)
{
    size_t n = strlen(path);
    return (n > 3 && strcmp(path + n - 3, ".h5") == 0) ||
           (n > 5 && strcmp(path + n - 5, ".hdf5") == 0);
}

/* writing ------------------------------------------------------------- */

static size_t count_events(const struct events_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->at[i].n_bytes / EVENTS_EVENT_SIZE;
    return n;
}

/* Arrays of all events, taken apart. */
struct columns {
    unsigned char *x, *y, *p;
    uint32_t *t;
};

static void take_apart(const struct events_set *set, struct columns *to)
{
    size_t k = 0;
    for (size_t i = 0; i < set->n; i++) {
        const unsigned char *at = set->at[i].at;
        for (size_t b = 0; b < set->at[i].n_bytes; b += EVENTS_EVENT_SIZE) {
            to->x[k] = at[b];
            to->y[k] = at[b + 1];
            to->p[k] = at[b + 2] >> 7;
            to->t[k++] = (uint32_t)(at[b + 2] & 127) << 16 |
                         (uint32_t)at[b + 3] << 8 | at[b + 4];
        }
    }
}

static herr_t put_events(hid_t group, const struct events_set *set)
{
    struct arena arena = arena_open();
    size_t n = count_events(set);
    struct columns columns = {ARENA_ARRAY(&arena, unsigned char, n),
                              ARENA_ARRAY(&arena, unsigned char, n),
                              ARENA_ARRAY(&arena, unsigned char, n),
                              ARENA_ARRAY(&arena, uint32_t, n)};
    take_apart(set, &columns);
    herr_t result = 0;
    if (hdf5_put_bytes(group, "x", 1, &n, columns.x) < 0 ||
        hdf5_put_bytes(group, "y", 1, &n, columns.y) < 0 ||
        hdf5_put_bytes(group, "p", 1, &n, columns.p) < 0 ||
        hdf5_put_words(group, "t", n, columns.t) < 0)
        result = -1;
    arena_close(&arena);
    return result;
}

static herr_t put_recordings(hid_t group, const struct events_set *set)
{
    struct arena arena = arena_open();
    int64_t *first = ARENA_ARRAY(&arena, int64_t, set->n + 1);
    unsigned char *labels = ARENA_ARRAY(&arena, unsigned char, set->n);
    const char **names = ARENA_ARRAY(&arena, const char *, set->n);
    for (size_t i = 0; i < set->n; i++) {
        size_t n = set->at[i].n_bytes / EVENTS_EVENT_SIZE;
        first[i + 1] = first[i] + (int64_t)n;
        labels[i] = set->at[i].label;
        names[i] = set->at[i].name;
    }
    herr_t result = 0;
    if (hdf5_put_integers(group, "first", set->n + 1, first) < 0 ||
        hdf5_put_bytes(group, "label", 1, &set->n, labels) < 0 ||
        hdf5_put_texts(group, "name", set->n, names) < 0)
        result = -1;
    arena_close(&arena);
    return result;
}

static herr_t put(hid_t file, void *self)
{
    hid_t events = hdf5_make_group(file, "events");
    hid_t recordings = hdf5_make_group(file, "recordings");
    herr_t result = put_events(events, self);
    if (result >= 0)
        result = put_recordings(recordings, self);
    H5Gclose(recordings);
    H5Gclose(events);
    return result;
}

enum status events_file_write(const char *path, const struct events_set *set)
{
    struct events_set all = *set;
    return exchange_write(path, put, &all);
}

/* reading ------------------------------------------------------------- */

/* A file's arrays, as numbers. */
struct arrays {
    struct hdf5_numbers x, y, p, t, first, label;
    const char **names;
};

static enum status refuse_form(const char *path, const char *what)
{
    return status_refuse(STATUS_INVALID,
                         "%s: %s; allowed is the form of docs/exchange.md",
                         path, what);
}

static enum status take_arrays(const struct hdf5_source *source,
                               struct arena *arena, struct arrays *to)
{
    const struct {
        const char *name;
        struct hdf5_numbers *to;
    } all[] = {{"/events/x", &to->x},         {"/events/y", &to->y},
               {"/events/p", &to->p},         {"/events/t", &to->t},
               {"/recordings/first", &to->first},
               {"/recordings/label", &to->label}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        TRY(hdf5_take_numbers(source, all[i].name, arena, all[i].to));
        if (all[i].to->rank != 1)
            return refuse_form(source->path, "not all of its arrays have one "
                                             "dimension");
    }
    size_t n = to->label.n;
    if (n > RECORDINGS_MOST || to->first.n != n + 1 || to->y.n != to->x.n ||
        to->p.n != to->x.n || to->t.n != to->x.n)
        return refuse_form(source->path, "its arrays are not of one length");
    hid_t dataset = hdf5_open_dataset(source->file, "/recordings/name");
    to->names = dataset < 0 ? NULL : hdf5_take_texts(dataset, n, arena);
    if (dataset >= 0)
        H5Dclose(dataset);
    return to->names ? STATUS_OK
                     : refuse_form(source->path,
                                   "/recordings/name are not as many texts");
}

static bool fits(double value, double most)
{
    return value >= 0 && value <= most && value == (double)(uint64_t)value;
}

/* A name that a foreign file gives stays below the folder. */
static bool is_safe(const char *name)
{
    if (!*name || *name == '/' || strlen(name) > 255)
        return false;
    for (const char *at = name; *at;) {
        size_t n = strcspn(at, "/");
        if (n == 0 || (at[0] == '.' && (n == 1 || (n == 2 && at[1] == '.'))))
            return false;
        at += n + (at[n] == '/');
    }
    return name[strlen(name) - 1] != '/';
}

static enum status join(const char *path, const struct arrays *from, size_t i,
                        unsigned char *to)
{
    if (!fits(from->x.at[i], 255) || !fits(from->y.at[i], 255) ||
        !fits(from->p.at[i], 1) || !fits(from->t.at[i], (1 << 23) - 1))
        return status_refuse(STATUS_INVALID,
                             "%s: event %zu is (%g, %g, %g) at %g us; allowed "
                             "are 0 to 255, 0 to 255, 0 and 1, 0 to %d",
                             path, i, from->x.at[i], from->y.at[i],
                             from->p.at[i], from->t.at[i], (1 << 23) - 1);
    uint32_t time_us = (uint32_t)from->t.at[i];
    to[0] = (unsigned char)from->x.at[i];
    to[1] = (unsigned char)from->y.at[i];
    to[2] = (unsigned char)((unsigned)from->p.at[i] << 7 | time_us >> 16);
    to[3] = (unsigned char)(time_us >> 8);
    to[4] = (unsigned char)time_us;
    return STATUS_OK;
}

static enum status take_recording(const char *path, const struct arrays *from,
                                  size_t i, struct arena *arena,
                                  struct events_recording *to)
{
    double first = from->first.at[i], end = from->first.at[i + 1];
    if (!fits(first, (double)from->x.n) || !fits(end, (double)from->x.n) ||
        end < first || !fits(from->label.at[i], EVENTS_LABEL_UNKNOWN) ||
        !is_safe(from->names[i]))
        return status_refuse(STATUS_INVALID,
                             "%s: recording %zu, \"%s\" of class %g, is from "
                             "event %g to %g; allowed are names below a "
                             "folder, classes 0 to 255, events in their order",
                             path, i, from->names[i], from->label.at[i], first,
                             end);
    size_t n = (size_t)(end - first);
    unsigned char *bytes =
        ARENA_ARRAY(arena, unsigned char, n * EVENTS_EVENT_SIZE + 1);
    for (size_t k = 0; k < n; k++)
        TRY(join(path, from, (size_t)first + k,
                 bytes + k * EVENTS_EVENT_SIZE));
    *to = (struct events_recording){arena_copy_text(arena, from->names[i]),
                                    (unsigned char)from->label.at[i], bytes,
                                    n * EVENTS_EVENT_SIZE};
    return STATUS_OK;
}

static enum status take_all(const struct hdf5_source *source,
                            struct arena *arena, struct events_set *set)
{
    struct arena own = arena_open();
    struct arrays arrays;
    enum status status = take_arrays(source, &own, &arrays);
    struct events_set taken = {0, NULL};
    if (status == STATUS_OK)
        taken = (struct events_set){
            arrays.label.n,
            ARENA_ARRAY(arena, struct events_recording, arrays.label.n)};
    for (size_t i = 0; i < taken.n && status == STATUS_OK; i++)
        status =
            take_recording(source->path, &arrays, i, arena, &taken.at[i]);
    arena_close(&own);
    if (status == STATUS_OK)
        *set = taken;
    return status;
}

enum status events_file_read(const char *path, struct arena *arena,
                             struct events_set *set)
{
    struct stat about;
    struct hdf5_source source = {path, 0, -1};
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    source.size = (size_t)about.st_size;
    TRY(hdf5_open(path, &source.file));
    enum status status = take_all(&source, arena, set);
    H5Fclose(source.file);
    return status;
}

/* files and folders --------------------------------------------------- */

static enum status take_file(const char *path, struct arena *arena,
                             struct events_recording *to)
{
    struct bytes bytes = {NULL, 0, 0};
    TRY(durable_read(path, &bytes));
    enum status status = STATUS_OK;
    if (bytes.n % EVENTS_EVENT_SIZE || bytes.n > RECORDING_MOST)
        status = status_refuse(STATUS_DAMAGED,
                               "%s: has %zu bytes, which is not a whole "
                               "number of events of 5 bytes, at most %d",
                               path, bytes.n,
                               RECORDING_MOST / EVENTS_EVENT_SIZE);
    unsigned char *copy = ARENA_ARRAY(arena, unsigned char, bytes.n + 1);
    if (bytes.n > 0)
        memcpy(copy, bytes.at, bytes.n);
    to->at = copy;
    to->n_bytes = bytes.n;
    bytes_free(&bytes);
    return status;
}

enum status events_file_take(const char *path, struct arena *arena,
                             struct events_set *set)
{
    const char *slash = strrchr(path, '/');
    struct events_recording *one =
        ARENA_ARRAY(arena, struct events_recording, 1);
    one->name = slash ? slash + 1 : path;
    one->label = EVENTS_LABEL_UNKNOWN;
    TRY(take_file(path, arena, one));
    *set = (struct events_set){1, one};
    return STATUS_OK;
}

enum status events_file_gather(const char *folder, const char *list,
                               const char *part, struct arena *arena,
                               struct events_set *set)
{
    struct dataset_recordings recordings;
    TRY(dataset_list_recordings(folder, list, part, arena, &recordings));
    struct events_recording *all =
        ARENA_ARRAY(arena, struct events_recording, recordings.n);
    for (size_t i = 0; i < recordings.n; i++) {
        const struct dataset_recording *from = &recordings.at[i];
        all[i].name = from->name;
        all[i].label = from->label;
        TRY(take_file(arena_print(arena, "%s/%s", folder, from->name), arena,
                      &all[i]));
    }
    *set = (struct events_set){recordings.n, all};
    return STATUS_OK;
}

static enum status make_folders(const char *path, struct arena *arena)
{
    char *copy = arena_copy_text(arena, path);
    for (char *at = copy + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        TRY(durable_make_folder(copy));
        *at = '/';
    }
    return STATUS_OK;
}

enum status events_file_scatter(const char *folder,
                                const struct events_set *set)
{
    struct arena arena = arena_open();
    enum status status = STATUS_OK;
    for (size_t i = 0; i < set->n && status == STATUS_OK; i++) {
        const char *path =
            arena_print(&arena, "%s/%s", folder, set->at[i].name);
        status = make_folders(path, &arena);
        if (status == STATUS_OK)
            status =
                durable_write(path, set->at[i].at, set->at[i].n_bytes);
    }
    arena_close(&arena);
    return status;
}
