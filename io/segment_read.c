/* Segments are read one at a time; what is in several files, once. */
#include "io/durable.h"
#include "io/segment.h"
#include "io/segment_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* TRIES: how often a segment that has gone is looked for. */
enum { LENGTH_SIZE = sizeof(uint64_t), REASON_SIZE = 512, TRIES = 100 };

/* One file while it is read. */
struct reading {
    const struct segment_visitor *visitor;
    struct arena *arena;
    const unsigned char *at; /* the file; of a piece its outcomes */
    uint64_t before;         /* of these as a file of their own */
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
    uint64_t numbers[2] = {0, 0};
    TRY(segment_header_read(&reading->left, SEGMENT_MAGIC, numbers));
    reading->n_outcomes = numbers[0];
    reading->n_bytes = numbers[1];
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
    reading->place.offset = (uint64_t)(at - reading->at) + reading->before;
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

static void begin(struct reading *reading, const struct bytes *file,
                  const struct segment *segment)
{
    if (*segment->holder) {
        reading->has_header = true;
        reading->before = SEGMENT_HEADER_SIZE;
        reading->n_outcomes = segment->n_outcomes;
        reading->n_bytes = segment->n_inside;
    } else if (take_header(reading) != STATUS_OK) {
        note_damage(reading);
        reading->left = (struct bytes_reader){file->at, file->n};
        skip_damage(reading);
        return;
    }
    if (reading->left.left != reading->n_bytes)
        snprintf(reading->reason, REASON_SIZE,
                 "%zu bytes instead of %ju follow the header",
                 reading->left.left, (uintmax_t)reading->n_bytes);
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
    begin(&reading, file, segment);
    enum status status = visit_outcomes(&reading);
    if (*reading.reason)
        tell_damage(&reading, path);
    /* What a piece was as a file of its own is in the table. */
    if (!*segment->holder || *reading.reason)
        segment_measure(file->at, file->n, segment);
    segment->n_outcomes = reading.n_visited;
    arena_close(&arena);
    return status;
}

/* Up to so many bytes of a file, as far as it goes. */
static enum status read_piece(const char *path, uint64_t offset, uint64_t n,
                              struct bytes *bytes)
{
    enum { PIECE = 1 << 16 };
    unsigned char piece[PIECE];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot open", path);
    ssize_t got = 1;
    while (bytes->n < n && got > 0) {
        size_t wanted = n - bytes->n < PIECE ? n - bytes->n : PIECE;
        got = pread(file, piece, wanted, (off_t)(offset + bytes->n));
        bytes_append(bytes, piece, got > 0 ? (size_t)got : 0);
        if (got < 0 && errno == EINTR)
            got = 1;
    }
    enum status status =
        got < 0 ? status_refuse(STATUS_DAMAGED, "%s: cannot read: %s", path,
                                strerror(errno))
                : STATUS_OK;
    close(file);
    return status;
}

static enum status read_segment(const char *folder,
                                const struct segment *segment,
                                struct bytes *bytes)
{
    char path[PATH_MAX];
    bool held = *segment->holder;
    segment_path(path, folder, held ? segment->holder : segment->name);
    return held ? read_piece(path, segment->offset, segment->n_inside, bytes)
                : durable_read(path, bytes);
}

/* Where a segment lies by now: it has been put together with others. */
static enum status find_again(const char *folder, struct segment *segment)
{
    struct arena arena = arena_open();
    struct segment_list list = {0};
    enum status status = segment_list_read(folder, &arena, &list);
    const struct segment *found = segment_list_find(&list, segment->name);
    if (status == STATUS_OK && !found)
        status = status_refuse(STATUS_NOT_FOUND, "%s/%s: is gone", folder,
                               segment->name);
    if (status == STATUS_OK)
        *segment = *found;
    arena_close(&arena);
    return status;
}

static enum status read_wherever(const char *folder, struct segment *segment,
                                 struct bytes *bytes)
{
    enum status status = read_segment(folder, segment, bytes);
    for (int i = 0; i < TRIES && status == STATUS_NOT_FOUND; i++) {
        status_forget();
        TRY(find_again(folder, segment));
        status = read_segment(folder, segment, bytes);
    }
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
    enum status status = read_wherever(folder, segment, &file);
    if (status == STATUS_DAMAGED) {
        visitor->damage(visitor->self, path, status_reason());
        status_forget();
        segment->n_bytes = UINT64_MAX;
        segment->n_outcomes = 0;
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

static enum status read_place(const char *folder,
                              const struct segment_place *place,
                              unsigned char *into)
{
    char path[PATH_MAX];
    struct segment segment = {.n_bytes = 0};
    segment_path(path, folder, place->name);
    enum status status = read_at(path, place->offset, place->n_bytes, into);
    memcpy(segment.name, place->name, SEGMENT_NAME_SIZE);
    for (int i = 0; i < TRIES && status == STATUS_NOT_FOUND; i++) {
        status_forget();
        TRY(find_again(folder, &segment));
        bool held = *segment.holder;
        uint64_t start = held ? segment.offset : SEGMENT_HEADER_SIZE;
        segment_path(path, folder, held ? segment.holder : segment.name);
        status = read_at(path, place->offset - SEGMENT_HEADER_SIZE + start,
                         place->n_bytes, into);
    }
    return status;
}

enum status segment_read_place(const char *folder,
                               const struct segment_place *place,
                               struct arena *arena, struct outcome *outcome)
{
    struct arena own = arena_open();
    unsigned char *at = arena_take(&own, place->n_bytes);
    enum status status = read_place(folder, place, at);
    if (status == STATUS_OK)
        status = outcome_unpack(at, place->n_bytes, arena, outcome);
    arena_close(&own);
    return status;
}

enum status segment_read_known(const char *folder,
                               const struct segment_list *known,
                               const struct segment_visitor *visitor)
{
    struct arena arena = arena_open();
    struct segment_list list = {0};
    enum status status = segment_list_read(folder, &arena, &list);
    for (size_t i = 0; status == STATUS_OK && i < list.n; i++)
        if (!known || segment_list_find(known, list.at[i].name))
            status = visit_file(visitor, folder, &list.at[i]);
    arena_close(&arena);
    return status;
}

enum status segment_read_all(const char *folder,
                             const struct segment_visitor *visitor)
{
    return segment_read_known(folder, NULL, visitor);
}
