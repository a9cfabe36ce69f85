#include "sweep/frame.h"

#include <errno.h>
#include <unistd.h>

enum { HEAD = 16 };

static enum status write_all(int fd, const unsigned char *at, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, at, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return status_refuse_errno("the supervisor of this trial");
        at += written;
        n -= (size_t)written;
    }
    return STATUS_OK;
}

enum status frame_write(int fd, enum frame_kind kind, const void *at, size_t n)
{
    struct bytes bytes = {0};
    bytes_append_u64(&bytes, kind);
    bytes_append_u64(&bytes, n);
    bytes_append(&bytes, at, n);
    enum status status = write_all(fd, bytes.at, bytes.n);
    bytes_free(&bytes);
    return status;
}

enum status frame_write_progress(int fd, struct progress progress)
{
    struct bytes bytes = {0};
    bytes_append_u64(&bytes, progress.done);
    bytes_append_u64(&bytes, progress.total);
    bytes_append_f64(&bytes, progress.loss);
    enum status status = frame_write(fd, FRAME_PROGRESS, bytes.at, bytes.n);
    bytes_free(&bytes);
    return status;
}

bool frame_find(const struct bytes *bytes, size_t *place, struct frame *frame)
{
    struct bytes_reader reader = {bytes->at + *place, bytes->n - *place};
    if (reader.left < HEAD)
        return false;
    uint64_t kind = 0, n = 0;
    MUST(bytes_take_u64(&reader, &kind) == STATUS_OK &&
         bytes_take_u64(&reader, &n) == STATUS_OK);
    if (n > reader.left)
        return false;
    *frame = (struct frame){(enum frame_kind)kind, reader.at, n};
    *place += HEAD + n;
    return true;
}

bool frame_read_progress(const struct frame *frame, struct progress *progress)
{
    struct bytes_reader reader = {frame->at, frame->n};
    struct progress read = {0};
    if (frame->kind != FRAME_PROGRESS || frame->n != 3 * sizeof(uint64_t))
        return false;
    MUST(bytes_take_u64(&reader, &read.done) == STATUS_OK &&
         bytes_take_u64(&reader, &read.total) == STATUS_OK &&
         bytes_take_f64(&reader, &read.loss) == STATUS_OK);
    *progress = read;
    return true;
}
