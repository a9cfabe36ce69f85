/*
 * A segment: magic, number of outcomes, number of bytes that follow, checksum
 * of these; then for each outcome its length and the packed outcome.
 */
#include "io/segment.h"
#include "io/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "SPKSEG01"

enum { MAGIC_SIZE = sizeof MAGIC - 1 };

/* writing ------------------------------------------------------------- */

static enum status read_names(const char *folder,
                              struct segment_writer *writer)
{
    DIR *open = opendir(folder);
    if (!open)
        return status_refuse_errno("%s: cannot read the folder", folder);
    struct dirent *entry;
    uint32_t number = 0, generation = 0;
    while (errno = 0, (entry = readdir(open)) != NULL) {
        bool segment =
            segment_name_is_segment(entry->d_name, &number, &generation);
        if (segment && number >= writer->next_number)
            writer->next_number = number + UINT64_C(1);
        if ((segment || segment_name_is_run(entry->d_name, &generation)) &&
            generation > writer->generation)
            writer->generation = generation;
    }
    int error = errno;
    closedir(open);
    errno = error;
    if (error != 0)
        return status_refuse_errno("%s: cannot read the folder", folder);
    return STATUS_OK;
}

/* Takes the next generation that no other writer has taken meanwhile. */
static enum status take_generation(struct segment_writer *writer)
{
    for (;;) {
        char name[SEGMENT_NAME_SIZE], path[PATH_MAX];
        if (writer->generation == UINT32_MAX)
            return status_refuse(STATUS_INVALID,
                                 "%s: no generations are left",
                                 writer->folder);
        writer->generation++;
        snprintf(name, sizeof name, "%08" PRIx32 ".run", writer->generation);
        segment_path(path, writer->folder, name);
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0) {
            close(file);
            return STATUS_OK;
        }
        if (errno != EEXIST)
            return status_refuse_errno("%s: cannot write", path);
    }
}

enum status segment_open(const char *folder, struct segment_writer *writer)
{
    struct segment_writer opened = {.folder = folder};
    TRY(durable_make_folder(folder));
    TRY(read_names(folder, &opened));
    TRY(take_generation(&opened));
    *writer = opened;
    return STATUS_OK;
}

void segment_append(struct segment_writer *writer,
                    const struct outcome *outcome)
{
    struct bytes packed = {NULL, 0, 0};
    outcome_pack(outcome, &packed);
    bytes_append_u64(&writer->waiting, packed.n);
    bytes_append(&writer->waiting, packed.at, packed.n);
    bytes_free(&packed);
    writer->n_waiting++;
}

/* The number is used up only when the file is there: were the flush of the
 * folder refused after the renaming, the next try replaces the file by one
 * that holds the same and more. */
enum status segment_flush(struct segment_writer *writer)
{
    if (writer->n_waiting == 0)
        return STATUS_OK;
    MUST(writer->next_number <= UINT32_MAX);
    char name[SEGMENT_NAME_SIZE], path[PATH_MAX];
    snprintf(name, sizeof name, "%08" PRIx32 "-%08" PRIx32 ".seg",
             (uint32_t)writer->next_number, writer->generation);
    segment_path(path, writer->folder, name);
    struct bytes file = {NULL, 0, 0};
    bytes_append(&file, MAGIC, MAGIC_SIZE);
    bytes_append_u64(&file, writer->n_waiting);
    bytes_append_u64(&file, writer->waiting.n);
    bytes_seal(&file, 0);
    bytes_append(&file, writer->waiting.at, writer->waiting.n);
    enum status status = durable_write(path, file.at, file.n);
    bytes_free(&file);
    TRY(status);
    writer->waiting.n = 0;
    writer->n_waiting = 0;
    writer->next_number++;
    return STATUS_OK;
}

void segment_close(struct segment_writer *writer)
{
    bytes_free(&writer->waiting);
    writer->n_waiting = 0;
}

/* reading ------------------------------------------------------------- */

enum {
    LENGTH_SIZE = sizeof(uint64_t),
    HEADER_SIZE = 5 * sizeof(uint64_t),
    REASON_SIZE = 512
};

/* One file while it is read. */
struct reading {
    const struct segment_visitor *visitor;
    struct arena *arena;
    const unsigned char *at; /* the file */
    struct segment_place place;
    struct bytes_reader left;
    bool has_header;
    uint64_t n_outcomes, n_bytes; /* as the header says */
    uint64_t n_visited;
    char reason[REASON_SIZE]; /* of the first damage; "" while whole */
};

static void note_damage(struct reading *reading)
{
    if (!*reading->reason)
        snprintf(reading->reason, REASON_SIZE, "%s", status_reason());
    status_forget();
}

static enum status take_header(struct reading *reading)
{
    const unsigned char *at = NULL;
    TRY(bytes_take(&reading->left, HEADER_SIZE, &at));
    struct bytes_reader header = {at, HEADER_SIZE};
    TRY(bytes_unseal(&header));
    TRY(bytes_take(&header, MAGIC_SIZE, &at));
    if (memcmp(at, MAGIC, MAGIC_SIZE) != 0)
        return status_refuse(STATUS_DAMAGED, "not a segment");
    TRY(bytes_take_u64(&header, &reading->n_outcomes));
    TRY(bytes_take_u64(&header, &reading->n_bytes));
    reading->has_header = true;
    return STATUS_OK;
}

static enum status take_outcome(struct reading *reading,
                                struct outcome *outcome)
{
    struct bytes_reader left = reading->left;
    const unsigned char *at = NULL;
    uint64_t n = 0;
    TRY(bytes_take_u64(&left, &n));
    TRY(bytes_take(&left, n, &at));
    TRY(outcome_unpack(at, n, reading->arena, outcome));
    reading->left = left;
    reading->place.offset = (uint64_t)(at - reading->at);
    reading->place.n_bytes = n;
    return STATUS_OK;
}

/* Goes on to where the next outcome seems to begin; behind the last one
 * nothing is left. */
static void skip_damage(struct reading *reading)
{
    struct bytes_reader *left = &reading->left;
    size_t skipped = LENGTH_SIZE + 1;
    const unsigned char *next =
        left->left > skipped
            ? memmem(left->at + skipped, left->left - skipped, OUTCOME_MAGIC,
                     sizeof OUTCOME_MAGIC - 1)
            : NULL;
    size_t n = next ? (size_t)(next - left->at) - LENGTH_SIZE : left->left;
    if (n > 0) /* else, of an empty file, there are no bytes to point to */
        left->at += n;
    left->left -= n;
}

static enum status visit_outcomes(struct reading *reading)
{
    while (reading->left.left > 0) {
        struct outcome outcome;
        enum status status = take_outcome(reading, &outcome);
        if (status == STATUS_OK) {
            const struct segment_visitor *visitor = reading->visitor;
            reading->n_visited++;
            if (visitor->place)
                visitor->place(visitor->self, &reading->place);
            status = visitor->visit(visitor->self, &outcome, reading->arena);
        } else {
            note_damage(reading);
            skip_damage(reading);
            status = STATUS_OK;
        }
        arena_close(reading->arena);
        TRY(status);
    }
    return STATUS_OK;
}

static void tell_damage(const struct reading *reading, const char *path)
{
    const struct segment_visitor *visitor = reading->visitor;
    char text[REASON_SIZE + 128];
    if (reading->has_header)
        snprintf(text, sizeof text, "%ju of %ju outcomes are whole: %s",
                 (uintmax_t)reading->n_visited,
                 (uintmax_t)reading->n_outcomes, reading->reason);
    else
        snprintf(text, sizeof text,
                 "the header is damaged, %ju outcomes are whole: %s",
                 (uintmax_t)reading->n_visited, reading->reason);
    visitor->damage(visitor->self, path, text);
}

static enum status visit_bytes(const struct segment_visitor *visitor,
                               const char *path, const struct bytes *file,
                               struct segment *segment)
{
    struct arena arena = arena_open();
    struct reading reading = {.visitor = visitor,
                              .arena = &arena,
                              .at = file->at,
                              .left = {file->at, file->n}};
    memcpy(reading.place.name, segment->name, sizeof segment->name);
    if (take_header(&reading) != STATUS_OK) {
        note_damage(&reading);
        reading.left = (struct bytes_reader){file->at, file->n};
        skip_damage(&reading);
    } else if (reading.left.left != reading.n_bytes) {
        snprintf(reading.reason, REASON_SIZE,
                 "%zu bytes instead of %ju follow the header",
                 reading.left.left, (uintmax_t)reading.n_bytes);
    }
    enum status status = visit_outcomes(&reading);
    if (*reading.reason)
        tell_damage(&reading, path);
    segment_measure(file->at, file->n, segment);
    segment->n_outcomes = reading.n_visited;
    arena_close(&arena);
    return status;
}

/* What cannot be read is damage; what may not be read is a refusal, since
 * all that it holds would be computed anew. */
static enum status visit_file(const struct segment_visitor *visitor,
                              const char *folder, struct segment *segment)
{
    struct bytes file = {NULL, 0, 0};
    char path[PATH_MAX];
    segment_path(path, folder, segment->name);
    segment->n_bytes = UINT64_MAX;
    segment->n_outcomes = 0;
    enum status status = durable_read(path, &file);
    if (status == STATUS_DAMAGED) {
        visitor->damage(visitor->self, path, status_reason());
        status_forget();
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        status = visit_bytes(visitor, path, &file, segment);
    }
    bytes_free(&file);
    if (status == STATUS_OK && visitor->segment)
        visitor->segment(visitor->self, segment);
    return status;
}

/* All of it, or a refusal. */
static enum status read_at(const char *path, uint64_t offset, size_t n,
                           unsigned char *into)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot read", path);
    size_t n_read = 0;
    ssize_t got = 1;
    while (n_read < n && got > 0) {
        got = pread(file, into + n_read, n - n_read, (off_t)(offset + n_read));
        n_read += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno == EINTR)
            got = 1;
    }
    enum status status = STATUS_OK;
    if (got < 0)
        status = status_refuse_errno("%s: cannot read", path);
    else if (n_read < n)
        status = status_refuse(STATUS_DAMAGED, "%s is shorter than it was",
                               path);
    close(file);
    return status;
}

enum status segment_read_place(const char *folder,
                               const struct segment_place *place,
                               struct arena *arena, struct outcome *outcome)
{
    char path[PATH_MAX];
    struct arena own = arena_open();
    unsigned char *at = arena_take(&own, place->n_bytes);
    segment_path(path, folder, place->name);
    enum status status = read_at(path, place->offset, place->n_bytes, at);
    if (status == STATUS_OK)
        status = outcome_unpack(at, place->n_bytes, arena, outcome);
    arena_close(&own);
    return status;
}

enum status segment_read_all(const char *folder,
                             const struct segment_visitor *visitor)
{
    struct arena arena = arena_open();
    struct segment_list list = {0};
    enum status status = segment_list_read(folder, &arena, &list);
    for (size_t i = 0; status == STATUS_OK && i < list.n; i++)
        status = visit_file(visitor, folder, &list.at[i]);
    arena_close(&arena);
    return status;
}
