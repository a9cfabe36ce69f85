/* Event recordings as N-MNIST has them, binned into frames. */
#include "io/dataset_parts.h"

#include <string.h>

enum {
    SIDE = 34,
    N_POLARITIES = 2,
    N_CLASSES = 10
};

/* sources -------------------------------------------------------------- */

/* There may be thousands of files: they go as if they were one. Its size is
 * theirs together, its time of change a digest of names, classes, sizes and
 * times. */
struct gathered {
    const char *folder;
    struct digest digest;
    uint64_t size;
};

static enum status find_recording(const char *folder,
                                  const struct dataset_recording *recording,
                                  struct arena *arena,
                                  struct dataset_source *source)
{
    struct dataset_sources one = {0};
    TRY(dataset_source_find(folder, recording->name, "it belongs to the set",
                            arena, &one));
    *source = one.at[0];
    return STATUS_OK;
}

static enum status gather(const struct dataset_recordings *recordings,
                          struct arena *arena, struct gathered *gathered)
{
    for (size_t i = 0; i < recordings->n; i++) {
        const struct dataset_recording *one = &recordings->at[i];
        struct dataset_source source;
        TRY(find_recording(gathered->folder, one, arena, &source));
        uint64_t facts[] = {one->label, source.size,
                            (uint64_t)source.modified_ns};
        gathered->digest =
            digest_fold(gathered->digest, one->name, strlen(one->name) + 1);
        gathered->digest =
            digest_fold(gathered->digest, facts, sizeof facts);
        gathered->size += source.size;
    }
    return STATUS_OK;
}

/* A file of recordings is not read for that. */
static enum status gather_file(const char *name, struct arena *arena,
                               struct gathered *gathered)
{
    const struct dataset_recording whole = {.name = name};
    const struct dataset_recordings one = {
        .n = 1, .at = (struct dataset_recording[]){whole}};
    return gather(&one, arena, gathered);
}

static enum status gather_part(const struct dataset_events *params,
                               const char *list, const char *part,
                               struct arena *arena, struct gathered *gathered)
{
    struct dataset_recordings recordings;
    if (events_file_is_named(list))
        return gather_file(list, arena, gathered);
    TRY(dataset_list_recordings(params->common.folder, list, part, arena,
                                &recordings));
    return gather(&recordings, arena, gathered);
}

static enum status gather_both(const struct dataset_events *params,
                               struct arena *arena, struct gathered *gathered)
{
    TRY(gather_part(params, params->train_list, "Train", arena, gathered));
    gathered->digest = digest_fold(gathered->digest, "", 1);
    return gather_part(params, params->test_list, "Test", arena, gathered);
}

static enum status find_events(const struct choice *dataset,
                               struct arena *arena,
                               struct dataset_sources *sources)
{
    const struct dataset_events *params = dataset->params;
    const char *folder = params->common.folder;
    if (*folder == '\0')
        return status_refuse(STATUS_INVALID,
                             "dataset nmnist: folder is empty; it must name "
                             "the folder of the recordings");
    struct gathered gathered = {.folder = folder, .digest = digest_of("", 0)};
    struct arena own = arena_open();
    enum status status = gather_both(params, &own, &gathered);
    arena_close(&own);
    TRY(status);
    sources->at[sources->n++] = (struct dataset_source){
        .path = arena_copy_text(arena, folder),
        .size = gathered.size,
        .modified_ns = (int64_t)gathered.digest.low};
    return STATUS_OK;
}

/* recordings ----------------------------------------------------------- */

static struct event event_at(const struct bytes *bytes, size_t i)
{
    return events_decode(bytes->at + i * EVENTS_EVENT_SIZE);
}

static enum status check_recording(const struct bytes *bytes, const char *path)
{
    if (bytes->n == 0 || bytes->n % EVENTS_EVENT_SIZE != 0 ||
        bytes->n > EVENTS_RECORDING_MOST)
        return status_refuse(STATUS_DAMAGED,
                             "%s: has %zu bytes, which is not a whole number "
                             "of events of 5 bytes, 1 or more and at most %d",
                             path, bytes->n,
                             EVENTS_RECORDING_MOST / EVENTS_EVENT_SIZE);
    uint32_t before = 0;
    for (size_t i = 0; i < bytes->n / EVENTS_EVENT_SIZE; i++) {
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
    size_t n = bytes->n / EVENTS_EVENT_SIZE, n_frames = params->n_frames;
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

/* What the recordings take of memory on the way. */
struct binning {
    const struct dataset_events *params;
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

/* Out of the file of all, or its own; `name` is what messages call it. */
static enum status take_recording(const struct binning *binning,
                                  const struct dataset_recordings *from,
                                  size_t i, struct bytes *bytes,
                                  const char **name)
{
    struct dataset_source source;
    *name = from->at[i].name;
    if (from->set.take)
        return from->set.take(from->set.self, i, bytes);
    TRY(find_recording(binning->params->common.folder, &from->at[i],
                       binning->arena, &source));
    *name = source.path;
    return dataset_source_read(&source, (size_t)EVENTS_RECORDING_MOST + 1,
                               bytes);
}

static enum status read_recording(const struct binning *binning,
                                  const struct dataset_recordings *from,
                                  size_t i, struct dataset_part *part)
{
    struct bytes bytes = {NULL, 0, 0};
    const char *name;
    enum status status = take_recording(binning, from, i, &bytes, &name);
    if (status == STATUS_OK)
        status = check_recording(&bytes, name);
    if (status == STATUS_OK)
        append_frames(binning, &bytes, from->at[i].label, part);
    bytes_free(&bytes);
    return status;
}

static enum status read_part(const struct binning *binning, const char *list,
                             const char *name, struct dataset_part *part)
{
    struct dataset_recordings recordings;
    TRY(dataset_list_recordings(binning->params->common.folder, list, name,
                                binning->arena, &recordings));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < recordings.n && status == STATUS_OK; i++)
        status = read_recording(binning, &recordings, i, part);
    dataset_recordings_close(&recordings);
    return status;
}

static enum status read_events(const struct choice *dataset,
                               const struct dataset_sources *sources,
                               struct dataset_whole *whole)
{
    (void)sources;
    const struct dataset_events *params = dataset->params;
    struct arena arena = arena_open();
    whole->shape =
        (struct image_shape){SIDE, SIDE, params->n_frames * N_POLARITIES};
    whole->n_classes = N_CLASSES;
    size_t n_pixels = image_size(whole->shape);
    struct binning binning = {.params = params,
                              .n_pixels = n_pixels,
                              .counts = ARENA_ARRAY(&arena, uint32_t, n_pixels),
                              .arena = &arena};
    enum status status =
        read_part(&binning, params->train_list, "Train", &whole->train);
    if (status == STATUS_OK)
        status = read_part(&binning, params->test_list, "Test", &whole->test);
    arena_close(&arena);
    return status;
}

const struct dataset_reader dataset_reader_nmnist = {
    .kind = "nmnist", .find = find_events, .read = read_events};
