#include "sweep/marks.h"
#include "io/durable.h"
#include "io/segment_list.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A line: a digest's text and an end of line where that has its zero. */
enum { LINE_SIZE = DIGEST_TEXT_SIZE };

static void print_path(char path[PATH_MAX], const char *segments,
                       uint32_t generation)
{
    char name[32];
    snprintf(name, sizeof name, "%08" PRIx32 ".marks", generation);
    segment_path(path, segments, name);
}

void marks_begin(struct marks *marks, const char *segments,
                 uint32_t generation)
{
    print_path(marks->path, segments, generation);
    marks->file = open(marks->path,
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       0666);
}

void marks_set(const struct marks *marks, size_t rank,
               const struct digest *task)
{
    char line[LINE_SIZE];
    if (marks->file < 0)
        return;
    memset(line, ' ', sizeof line);
    if (task)
        digest_print(*task, line);
    line[LINE_SIZE - 1] = '\n';
    ssize_t n = pwrite(marks->file, line, sizeof line,
                       (off_t)(rank * LINE_SIZE));
    (void)n; /* as if there were none */
}

void marks_end(struct marks *marks)
{
    if (marks->file < 0)
        return;
    close(marks->file);
    unlink(marks->path);
    marks->file = -1;
}

size_t marks_read(const char *segments, uint32_t generation,
                  struct arena *arena, const struct digest **tasks)
{
    char path[PATH_MAX], text[LINE_SIZE];
    struct bytes bytes = {NULL, 0, 0};
    size_t n = 0;
    print_path(path, segments, generation);
    if (durable_read(path, &bytes) != STATUS_OK)
        status_forget();
    size_t n_lines = bytes.n / LINE_SIZE;
    struct digest *found = ARENA_ARRAY(arena, struct digest, n_lines + 1);
    for (size_t i = 0; i < n_lines; i++) {
        memcpy(text, bytes.at + i * LINE_SIZE, LINE_SIZE);
        text[LINE_SIZE - 1] = '\0';
        n += digest_parse(text, &found[n]);
    }
    bytes_free(&bytes);
    *tasks = found;
    return n;
}

void marks_drop(const char *segments, uint32_t generation)
{
    char path[PATH_MAX];
    print_path(path, segments, generation);
    unlink(path);
}
