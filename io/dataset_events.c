/* Event recordings as N-MNIST has them, binned into frames. */
#include "io/dataset_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 34,
    N_POLARITIES = 2,
    N_CLASSES = 10,
    EVENT_SIZE = 5,
    RECORDING_MOST = 1 << 26, /* bytes; N-MNIST's largest has some 36,000 */
    LIST_MOST = 1 << 26
};

/* lists ---------------------------------------------------------------- */

/* A recording and its class. */
struct entry {
    unsigned long index;
    unsigned char label;
};

/* "60001\t7": two numbers and nothing else. */
static bool read_entry(const char *line, struct entry *entry)
{
    char *end;
    if (!isdigit((unsigned char)*line))
        return false;
    entry->index = strtoul(line, &end, 10);
    if (*end != ' ' && *end != '\t')
        return false;
    end += strspn(end, " \t");
    unsigned char digit = (unsigned char)*end;
    entry->label = (unsigned char)(digit - '0');
    return isdigit(digit) && end[1 + strspn(end + 1, " \t\r")] == '\0';
}

/* The lines of a list, without its heading, which begins with a '#'. */
struct list {
    const char *path;
    size_t n;
    struct entry *at;
};

static enum status take_lines(char *text, struct arena *arena,
                              struct list *list)
{
    size_t n_lines = 0;
    for (const char *at = text; *at; at++)
        n_lines += *at == '\n';
    list->at = ARENA_ARRAY(arena, struct entry, n_lines + 1);
    char *line;
    for (size_t i = 1; (line = strsep(&text, "\n")); i++) {
        if (*line == '#' || *line == '\0')
            continue;
        if (!read_entry(line, &list->at[list->n++]))
            return status_refuse(STATUS_INVALID,
                                 "%s:%zu: is not a recording's index and its "
                                 "class from 0 to 9",
                                 list->path, i);
    }
    if (list->n == 0)
        return status_refuse(STATUS_DAMAGED, "%s: lists no recording",
                             list->path);
    return STATUS_OK;
}

static enum status read_list(const struct dataset_source *source,
                             struct arena *arena, struct list *list)
{
    struct bytes bytes = {NULL, 0, 0};
    *list = (struct list){.path = source->path};
    enum status status = dataset_source_read(source, LIST_MOST, &bytes);
    if (status == STATUS_OK &&
        (bytes.n == LIST_MOST || memchr(bytes.at, '\0', bytes.n)))
        status = status_refuse(STATUS_INVALID,
                               "%s: is no list: longer than %d bytes, or not "
                               "a text",
                               source->path, LIST_MOST - 1);
    bytes_append(&bytes, "", 1);
    if (status == STATUS_OK)
        status = take_lines((char *)bytes.at, arena, list);
    bytes_free(&bytes);
    return status;
}

/* sources -------------------------------------------------------------- */

/* Sources: the two lists, and all recordings as if they were one file, since
 * there may be thousands: its size is theirs together, its time of change a
 * digest of all sizes and times. */
struct recordings {
    const char *folder;
    struct digest digest;
    uint64_t size;
};

static enum status find_recording(const char *folder, unsigned long index,
                                  struct arena *arena,
                                  struct dataset_source *source)
{
    struct dataset_sources one = {0};
    TRY(dataset_source_find(folder, arena_print(arena, "%lu.bs2", index),
                            "a list names it", arena, &one));
    *source = one.at[0];
    return STATUS_OK;
}

static enum status add_recordings(const struct dataset_source *list_source,
                                  struct recordings *recordings)
{
    struct arena arena = arena_open();
    struct list list;
    enum status status = read_list(list_source, &arena, &list);
    for (size_t i = 0; status == STATUS_OK && i < list.n; i++) {
        struct dataset_source source;
        status = find_recording(recordings->folder, list.at[i].index, &arena,
                                &source);
        if (status != STATUS_OK)
            break;
        uint64_t facts[] = {source.size, (uint64_t)source.modified_ns};
        recordings->digest =
            digest_fold(recordings->digest, facts, sizeof facts);
        recordings->size += source.size;
    }
    arena_close(&arena);
    return status;
}

static enum status find_events(const struct choice *dataset,
                               struct arena *arena,
                               struct dataset_sources *sources)
{
    const struct dataset_events *params = dataset->params;
    const char *folder = params->common.folder;
    const char *hint = "the folder must hold the recordings and two lists";
    if (*folder == '\0')
        return status_refuse(STATUS_INVALID,
                             "dataset nmnist: folder is empty; it must name "
                             "the folder of the recordings and their lists");
    TRY(dataset_source_find(folder, params->train_list, hint, arena, sources));
    TRY(dataset_source_find(folder, params->test_list, hint, arena, sources));
    struct recordings recordings = {.folder = folder,
                                    .digest = digest_of("", 0)};
    for (size_t i = 0; i < 2; i++)
        TRY(add_recordings(&sources->at[i], &recordings));
    sources->at[sources->n++] = (struct dataset_source){
        .path = arena_copy_text(arena, folder),
        .size = recordings.size,
        .modified_ns = (int64_t)recordings.digest.low};
    return STATUS_OK;
}

/* recordings ----------------------------------------------------------- */

struct event {
    size_t x, y, polarity;
    uint32_t time_us;
};

static struct event event_at(const struct bytes *bytes, size_t i)
{
    const unsigned char *at = bytes->at + i * EVENT_SIZE;
    return (struct event){at[0], at[1], at[2] >> 7,
                          (uint32_t)(at[2] & 127) << 16 |
                              (uint32_t)at[3] << 8 | at[4]};
}

static enum status check_recording(const struct bytes *bytes, const char *path)
{
    if (bytes->n == 0 || bytes->n % EVENT_SIZE != 0 ||
        bytes->n > RECORDING_MOST)
        return status_refuse(STATUS_DAMAGED,
                             "%s: has %zu bytes, which is not a whole number "
                             "of events of 5 bytes, 1 or more and at most %d",
                             path, bytes->n, RECORDING_MOST / EVENT_SIZE);
    uint32_t before = 0;
    for (size_t i = 0; i < bytes->n / EVENT_SIZE; i++) {
        struct event event = event_at(bytes, i);
        if (event.x >= SIDE || event.y >= SIDE)
            return status_refuse(STATUS_INVALID,
                                 "%s: event %zu is at (%zu, %zu), allowed are "
                                 "0 to %d",
                                 path, i, event.x, event.y, SIDE - 1);
        if (event.time_us < before)
            return status_refuse(STATUS_INVALID,
                                 "%s: event %zu is at %u us, before the one "
                                 "before it at %u us",
                                 path, i, event.time_us, before);
        before = event.time_us;
    }
    return STATUS_OK;
}

/* Counts of events, [34][34][n_frames][2]. */
static void bin(const struct dataset_events *params, const struct bytes *bytes,
                uint32_t *counts)
{
    size_t n = bytes->n / EVENT_SIZE, n_frames = params->n_frames;
    uint64_t first = event_at(bytes, 0).time_us;
    uint64_t span = event_at(bytes, n - 1).time_us - first + 1;
    for (size_t i = 0; i < n; i++) {
        struct event event = event_at(bytes, i);
        size_t frame = params->slices == SLICES_OF_TIME
                           ? (event.time_us - first) * n_frames / span
                           : i * n_frames / n;
        size_t pixel = event.y * SIDE + event.x;
        counts[(pixel * n_frames + frame) * N_POLARITIES + event.polarity]++;
    }
}

/* What a list takes of memory on the way. */
struct binning {
    const struct dataset_events *params;
    const char *folder;
    size_t n_pixels;
    uint32_t *counts;
    struct arena *arena;
};

static void append_frames(const struct binning *binning,
                          const struct bytes *bytes, unsigned char label,
                          struct dataset_part *part)
{
    size_t most = binning->params->saturation;
    memset(binning->counts, 0, binning->n_pixels * sizeof(uint32_t));
    bin(binning->params, bytes, binning->counts);
    for (size_t i = 0; i < binning->n_pixels; i++) {
        size_t count = binning->counts[i] < most ? binning->counts[i] : most;
        unsigned char pixel = (unsigned char)((count * 255 + most / 2) / most);
        bytes_append(&part->images, &pixel, 1);
    }
    bytes_append(&part->labels, &label, 1);
}

static enum status read_recording(const struct binning *binning,
                                  const struct entry *entry,
                                  struct dataset_part *part)
{
    struct dataset_source source;
    struct bytes bytes = {NULL, 0, 0};
    TRY(find_recording(binning->folder, entry->index, binning->arena,
                       &source));
    enum status status =
        dataset_source_read(&source, (size_t)RECORDING_MOST + 1, &bytes);
    if (status == STATUS_OK)
        status = check_recording(&bytes, source.path);
    if (status == STATUS_OK)
        append_frames(binning, &bytes, entry->label, part);
    bytes_free(&bytes);
    return status;
}

static enum status read_recordings(const struct dataset_source *source,
                                   struct binning *binning,
                                   struct dataset_part *part)
{
    struct arena arena = arena_open();
    struct list list;
    binning->arena = &arena;
    binning->counts = ARENA_ARRAY(&arena, uint32_t, binning->n_pixels);
    enum status status = read_list(source, &arena, &list);
    for (size_t i = 0; status == STATUS_OK && i < list.n; i++)
        status = read_recording(binning, &list.at[i], part);
    arena_close(&arena);
    return status;
}

static enum status read_events(const struct choice *dataset,
                               const struct dataset_sources *sources,
                               struct dataset_whole *whole)
{
    const struct dataset_events *params = dataset->params;
    whole->shape =
        (struct image_shape){SIDE, SIDE, params->n_frames * N_POLARITIES};
    whole->n_classes = N_CLASSES;
    struct binning binning = {.params = params,
                              .folder = params->common.folder,
                              .n_pixels = image_size(whole->shape)};
    TRY(read_recordings(&sources->at[0], &binning, &whole->train));
    return read_recordings(&sources->at[1], &binning, &whole->test);
}

const struct dataset_reader dataset_reader_nmnist = {
    .kind = "nmnist", .find = find_events, .read = read_events};
