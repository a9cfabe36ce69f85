#include "io/dataset_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Of one piece: a lie about a size costs at most one. */
enum { PIECE_SIZE = 1 << 16, BUFFER_SIZE = 1 << 20 };

static enum status find_file(const char *path, struct arena *arena,
                             struct dataset_source *source)
{
    struct stat found;
    char *whole = realpath(path, NULL);
    if (!whole || stat(whole, &found) != 0) {
        enum status status = status_refuse_errno("%s", path);
        free(whole);
        return status;
    }
    *source = (struct dataset_source){
        .path = arena_copy_text(arena, whole),
        .size = (uint64_t)found.st_size,
        .modified_ns = (int64_t)found.st_mtim.tv_sec * 1000000000 +
                       found.st_mtim.tv_nsec,
    };
    free(whole);
    if (!S_ISREG(found.st_mode))
        return status_refuse(STATUS_INVALID, "%s: is not a file", path);
    return STATUS_OK;
}

enum status dataset_source_find(const char *folder, const char *name,
                                const char *hint, struct arena *arena,
                                struct dataset_sources *sources)
{
    MUST(sources->n < DATASET_SOURCES_MAX);
    struct dataset_source source;
    const char *path = arena_print(arena, "%s/%s", folder, name);
    enum status status = find_file(path, arena, &source);
    if (status == STATUS_NOT_FOUND)
        status = find_file(arena_print(arena, "%s.gz", path), arena, &source);
    if (status == STATUS_NOT_FOUND)
        return status_refuse(status,
                             "%s: no such file, plain or with .gz; %s", path,
                             hint);
    TRY(status);
    sources->at[sources->n++] = source;
    return STATUS_OK;
}

/* zlib reads on after a cut, and tells of it only when it is asked. */
static enum status check_stream(gzFile stream, const char *path)
{
    int error = Z_OK;
    const char *reason = gzerror(stream, &error);
    if (error == Z_OK || error == Z_STREAM_END)
        return STATUS_OK;
    if (error == Z_ERRNO)
        return status_refuse_errno("%s: cannot read", path);
    if (error == Z_BUF_ERROR)
        return status_refuse(STATUS_DAMAGED,
                             "%s: cut short: the gzip file lacks its end",
                             path);
    /* "<fd:3>: incorrect data check" */
    const char *colon = strstr(reason, ">: ");
    return status_refuse(STATUS_DAMAGED, "%s: damaged gzip file: %s", path,
                         colon ? colon + 3 : reason);
}

static enum status read_stream(gzFile stream, const char *path, size_t n_max,
                               struct bytes *bytes)
{
    unsigned char piece[PIECE_SIZE];
    for (size_t left = n_max; left > 0;) {
        unsigned wanted = left < PIECE_SIZE ? (unsigned)left : PIECE_SIZE;
        int n = gzread(stream, piece, wanted);
        if (n <= 0)
            break;
        bytes_append(bytes, piece, (size_t)n);
        left -= (size_t)n;
    }
    return check_stream(stream, path);
}

enum status dataset_source_read(const struct dataset_source *source,
                                size_t n_max, struct bytes *bytes)
{
    int file = open(source->path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot read", source->path);
    gzFile stream = gzdopen(file, "rb");
    MUST(stream != NULL); /* out of memory */
    gzbuffer(stream, BUFFER_SIZE);
    enum status status = read_stream(stream, source->path, n_max, bytes);
    gzclose(stream);
    return status;
}
