#include "io/events_file.h"
#include "io/exchange_parts.h"
#include "io/hdf5_put.h"
#include "io/hdf5_take.h"
#include "io/hdf5_util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RECORDINGS_MOST = 1 << 22, TIME_MOST = (1 << 23) - 1 };

bool events_file_is_named(const char *path)
{
    size_t n = strlen(path);
    return (n > 3 && strcmp(path + n - 3, ".h5") == 0) ||
           (n > 5 && strcmp(path + n - 5, ".hdf5") == 0);
}

void events_set_close(struct events_set *set)
{
    if (set->close)
        set->close(set->self);
    set->close = NULL;
}

/* writing ------------------------------------------------------------- */

static size_t count_events(const struct events_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->at[i].n_bytes / EVENTS_EVENT_SIZE;
    return n;
}

/* The arrays of all events, and those that are not written yet. */
struct columns {
    const char *path;
    hid_t x, y, p, t;
    size_t n_written, n;
    unsigned char x_of[HDF5_PART], y_of[HDF5_PART], p_of[HDF5_PART];
    uint32_t t_of[HDF5_PART];
};

static enum status flush(struct columns *to)
{
    size_t first = to->n_written, n = to->n;
    if (n == 0)
        return STATUS_OK;
    to->n_written += n;
    to->n = 0;
    herr_t result =
        hdf5_put_part(to->x, first, n, H5T_NATIVE_UCHAR, to->x_of);
    if (result >= 0)
        result = hdf5_put_part(to->y, first, n, H5T_NATIVE_UCHAR, to->y_of);
    if (result >= 0)
        result = hdf5_put_part(to->p, first, n, H5T_NATIVE_UCHAR, to->p_of);
    if (result >= 0)
        result = hdf5_put_part(to->t, first, n, H5T_NATIVE_UINT32, to->t_of);
    return hdf5_check(result, STATUS_SYSTEM, to->path, "write the file");
}

static enum status add(struct columns *to, const unsigned char *at, size_t n)
{
    for (size_t i = 0; i < n; i++, at += EVENTS_EVENT_SIZE) {
        if (to->n == HDF5_PART)
            TRY(flush(to));
        struct event event = events_decode(at);
        size_t k = to->n++;
        to->x_of[k] = (unsigned char)event.x;
        to->y_of[k] = (unsigned char)event.y;
        to->p_of[k] = (unsigned char)event.polarity;
        to->t_of[k] = event.time_us;
    }
    return STATUS_OK;
}

static enum status put_all(struct columns *to, const struct events_set *set)
{
    struct bytes bytes = {NULL, 0, 0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < set->n && status == STATUS_OK; i++) {
        bytes.n = 0;
        status = set->take(set->self, i, &bytes);
        if (status == STATUS_OK)
            status = add(to, bytes.at, bytes.n / EVENTS_EVENT_SIZE);
    }
    bytes_free(&bytes);
    return status == STATUS_OK ? flush(to) : status;
}

static enum status put_events(const char *path, hid_t group,
                              const struct events_set *set)
{
    size_t n = count_events(set);
    struct columns *columns = calloc(1, sizeof *columns);
    MUST(columns);
    columns->path = path;
    columns->x = hdf5_make_vector(group, "x", n, H5T_STD_U8LE);
    columns->y = hdf5_make_vector(group, "y", n, H5T_STD_U8LE);
    columns->p = hdf5_make_vector(group, "p", n, H5T_STD_U8LE);
    columns->t = hdf5_make_vector(group, "t", n, H5T_STD_U32LE);
    enum status status = put_all(columns, set);
    free(columns);
    return status;
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

/* What is left open here is closed with the file. */
static enum status put(const char *path, hid_t file,
                       const struct events_set *set)
{
    hid_t events = hdf5_make_group(file, "events");
    hid_t recordings = hdf5_make_group(file, "recordings");
    TRY(put_events(path, events, set));
    return hdf5_check(put_recordings(recordings, set), STATUS_SYSTEM, path,
                      "write the file");
}

enum status events_file_write(const char *path, const struct events_set *set)
{
    struct exchange_file file;
    TRY(exchange_begin(path, &file));
    return exchange_end(&file, put(path, file.id, set));
}

/* reading ------------------------------------------------------------- */

enum { X, Y, P, T, N_COLUMNS };

static const char *const column_names[N_COLUMNS] = {"/events/x", "/events/y",
                                                    "/events/p", "/events/t"};
static const double mosts[N_COLUMNS] = {255, 255, 1, TIME_MOST};

/* An open file, and the events [first, first + n) of it. */
struct reading {
    struct hdf5_source source;
    struct hdf5_vector columns[N_COLUMNS];
    size_t n_events;
    size_t *firsts; /* [n recordings + 1] */
    size_t first, n, capacity;
    double *at[N_COLUMNS];
};

static void stop(void *self)
{
    struct reading *reading = self;
    for (size_t i = 0; i < N_COLUMNS; i++) {
        hdf5_close_vector(&reading->columns[i]);
        free(reading->at[i]);
    }
    H5Fclose(reading->source.file);
}

/* So many at a time that recordings, which are short, need no call each. */
static enum status load(struct reading *reading, size_t first, size_t n)
{
    size_t left = reading->n_events - first;
    n = n < HDF5_PART ? HDF5_PART : n;
    n = n < left ? n : left;
    reading->n = 0; /* what is refused half-way leaves nothing */
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (n > reading->capacity) {
            reading->at[i] = realloc(reading->at[i], n * sizeof(double));
            MUST(reading->at[i]);
        }
        TRY(hdf5_read_part(&reading->source, &reading->columns[i], first, n,
                           reading->at[i]));
    }
    reading->capacity = n > reading->capacity ? n : reading->capacity;
    reading->first = first;
    reading->n = n;
    return STATUS_OK;
}

static bool fits(double value, double most)
{
    return value >= 0 && value <= most && value == (double)(uint64_t)value;
}

static enum status join(const struct reading *reading, size_t i,
                        unsigned char *to)
{
    double of[N_COLUMNS];
    bool all_fit = true;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        of[c] = reading->at[c][i - reading->first];
        all_fit = all_fit && fits(of[c], mosts[c]);
    }
    if (!all_fit)
        return status_refuse(STATUS_INVALID,
                             "%s: event %zu is (%g, %g, %g) at %g us; allowed "
                             "are 0 to 255, 0 to 255, 0 and 1, 0 to %d",
                             reading->source.path, i, of[X], of[Y], of[P],
                             of[T], TIME_MOST);
    uint32_t time_us = (uint32_t)of[T];
    to[0] = (unsigned char)of[X];
    to[1] = (unsigned char)of[Y];
    to[2] = (unsigned char)((unsigned)of[P] << 7 | time_us >> 16);
    to[3] = (unsigned char)(time_us >> 8);
    to[4] = (unsigned char)time_us;
    return STATUS_OK;
}

static enum status take(void *self, size_t i, struct bytes *to)
{
    struct reading *reading = self;
    size_t first = reading->firsts[i], end = reading->firsts[i + 1];
    if (first < reading->first || end > reading->first + reading->n)
        TRY(load(reading, first, end - first));
    for (size_t k = first; k < end;) {
        enum { MOST = 256 };
        unsigned char events[MOST][EVENTS_EVENT_SIZE];
        size_t n = end - k < MOST ? end - k : MOST;
        for (size_t e = 0; e < n; e++)
            TRY(join(reading, k++, events[e]));
        bytes_append(to, events, n * sizeof *events);
    }
    return STATUS_OK;
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

static enum status refuse_form(const char *path, const char *what)
{
    return status_refuse(STATUS_INVALID,
                         "%s: %s; allowed is the form of docs/exchange.md",
                         path, what);
}

/* What is said of the recordings, as it stands there. */
struct said {
    struct hdf5_numbers first, label;
    const char **names;
};

static enum status read_said(const struct reading *reading,
                             struct arena *arena, struct said *to)
{
    const struct hdf5_source *source = &reading->source;
    TRY(hdf5_take_numbers(source, "/recordings/first", arena, &to->first));
    TRY(hdf5_take_numbers(source, "/recordings/label", arena, &to->label));
    size_t n = to->label.n;
    if (to->first.rank != 1 || to->label.rank != 1 || n > RECORDINGS_MOST ||
        to->first.n != n + 1)
        return refuse_form(source->path, "/recordings/first is not one number "
                                         "longer than /recordings/label");
    hid_t dataset = hdf5_open_dataset(source->file, "/recordings/name");
    to->names = dataset < 0 ? NULL : hdf5_take_texts(dataset, n, arena);
    if (dataset >= 0)
        H5Dclose(dataset);
    return to->names ? STATUS_OK
                     : refuse_form(source->path,
                                   "/recordings/name are not as many texts");
}

static enum status note_recording(struct reading *reading,
                                  const struct said *said, size_t i,
                                  struct arena *arena,
                                  struct events_recording *to)
{
    double first = said->first.at[i], end = said->first.at[i + 1];
    double n = (double)reading->n_events;
    enum { MOST = EVENTS_RECORDING_MOST / EVENTS_EVENT_SIZE };
    if (!fits(first, n) || !fits(end, n) || end < first ||
        end - first > MOST || !fits(said->label.at[i], EVENTS_LABEL_UNKNOWN) ||
        !is_safe(said->names[i]))
        return status_refuse(STATUS_INVALID,
                             "%s: recording %zu, \"%s\" of class %g, is from "
                             "event %g to %g; allowed are names below a "
                             "folder, classes 0 to 255, events in their "
                             "order, at most %d",
                             reading->source.path, i, said->names[i],
                             said->label.at[i], first, end, MOST);
    reading->firsts[i] = (size_t)first;
    reading->firsts[i + 1] = (size_t)end;
    *to = (struct events_recording){
        arena_copy_text(arena, said->names[i]),
        (unsigned char)said->label.at[i],
        (size_t)(end - first) * EVENTS_EVENT_SIZE};
    return STATUS_OK;
}

static enum status note_recordings(struct reading *reading,
                                   struct arena *arena, struct events_set *set)
{
    struct arena own = arena_open();
    struct said said;
    enum status status = read_said(reading, &own, &said);
    size_t n = status == STATUS_OK ? said.label.n : 0;
    struct events_set all = {.n = n, .take = take, .close = stop};
    all.self = reading;
    all.at = ARENA_ARRAY(arena, struct events_recording, n);
    reading->firsts = ARENA_ARRAY(arena, size_t, n + 1);
    for (size_t i = 0; i < n && status == STATUS_OK; i++)
        status = note_recording(reading, &said, i, arena, &all.at[i]);
    arena_close(&own);
    if (status == STATUS_OK)
        *set = all;
    return status;
}

static enum status open_columns(struct reading *reading)
{
    for (size_t i = 0; i < N_COLUMNS; i++) {
        struct hdf5_vector *column = &reading->columns[i];
        TRY(hdf5_open_vector(&reading->source, column_names[i], column));
        if (column->n != reading->columns[0].n)
            return refuse_form(reading->source.path,
                               "/events are not of one length");
    }
    reading->n_events = reading->columns[0].n;
    return STATUS_OK;
}

enum status events_file_open(const char *path, struct arena *arena,
                             struct events_set *set)
{
    struct stat about;
    struct reading *reading = ARENA_ARRAY(arena, struct reading, 1);
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    reading->source = (struct hdf5_source){
        arena_copy_text(arena, path), (size_t)about.st_size, -1};
    TRY(hdf5_open(path, &reading->source.file));
    enum status status = open_columns(reading);
    if (status == STATUS_OK)
        status = note_recordings(reading, arena, set);
    if (status != STATUS_OK)
        stop(reading);
    return status;
}
