#include "io/tuning_file.h"
#include "io/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const operations[TUNING_OPERATIONS] = {
    [BLOCK_LINEAR] = "linear", [BLOCK_CONVOLUTION] = "convolution"};
static const char *const uses[TUNING_USES] = {[TUNING_FORWARD] = "forward",
                                              [TUNING_WEIGHTS] = "weights",
                                              [TUNING_INPUT] = "input"};
enum { N_LINES = TUNING_OPERATIONS * TUNING_USES };

struct tuning_file tuning_file_builtin(void)
{
    return (struct tuning_file){"built in", tuning_builtin};
}

const char *tuning_file_use(enum tuning_use use)
{
    return uses[use];
}

/* The key of line i, "linear.forward", and its numbers. */
static const char *key_of(size_t i, struct arena *arena)
{
    return arena_print(arena, "%s.%s", operations[i / TUNING_USES],
                       uses[i % TUNING_USES]);
}

static double *numbers_of(struct tuning *tuning, size_t i)
{
    return tuning->densest[i / TUNING_USES][i % TUNING_USES];
}

/* writing ------------------------------------------------------------- */

const char *tuning_file_print(const struct tuning_file *file,
                              struct arena *arena)
{
    struct tuning tuning = file->tuning;
    const char *text = arena_print(
        arena,
        "# Up to which densities products go by lists of what is not zero, for "
        "%zu, %zu, %zu ...,\n# and %zu or more outputs. See spikesweep tune "
        "--help.\norigin = %s\n",
        tuning_outputs(0), tuning_outputs(1), tuning_outputs(2),
        tuning_outputs(TUNING_WIDTHS - 1), file->origin);
    for (size_t i = 0; i < N_LINES; i++) {
        text = arena_print(arena, "%s%s =", text, key_of(i, arena));
        for (size_t w = 0; w < TUNING_WIDTHS; w++)
            text = arena_print(arena, "%s %.9g", text,
                               numbers_of(&tuning, i)[w]);
        text = arena_print(arena, "%s\n", text);
    }
    return text;
}

/* reading ------------------------------------------------------------- */

struct reader {
    const char *path;
    struct arena *arena;
    size_t line;
    struct tuning_file *file;
    bool known[N_LINES];
};

static enum status refuse(const struct reader *reader, const char *what)
{
    return status_refuse(STATUS_DAMAGED,
                         "%s:%zu: %s; spikesweep tune makes such a file",
                         reader->path, reader->line, what);
}

static enum status read_numbers(struct reader *reader, const char *key,
                                const char *text, double *numbers)
{
    const char *wrong =
        arena_print(reader->arena, "%s = %s: %d densities of %g to 1 are "
                                   "allowed",
                    key, text, TUNING_WIDTHS, TUNING_LEAST);
    for (size_t w = 0; w < TUNING_WIDTHS; w++) {
        char *end;
        numbers[w] = strtod(text, &end);
        if (end == text || (*end != ' ' && *end != '\0') ||
            !(numbers[w] >= TUNING_LEAST && numbers[w] <= 1))
            return refuse(reader, wrong);
        text = end;
    }
    return *text ? refuse(reader, wrong) : STATUS_OK;
}

static enum status read_pair(struct reader *reader, const char *key,
                             const char *text)
{
    if (strcmp(key, "origin") == 0) {
        if (reader->file->origin)
            return refuse(reader, "origin is there twice");
        reader->file->origin = text;
        return STATUS_OK;
    }
    for (size_t i = 0; i < N_LINES; i++) {
        if (strcmp(key, key_of(i, reader->arena)) != 0)
            continue;
        if (reader->known[i])
            return refuse(reader, arena_print(reader->arena,
                                              "%s is there twice", key));
        reader->known[i] = true;
        return read_numbers(reader, key, text,
                            numbers_of(&reader->file->tuning, i));
    }
    return refuse(reader, arena_print(reader->arena, "unknown key %s", key));
}

static enum status read_line(struct reader *reader, char *line)
{
    static const char sign[] = " = ";
    char *at = strstr(line, sign);
    if (*line == '#' || *line == '\0')
        return STATUS_OK;
    if (!at)
        return refuse(reader, "not KEY = VALUE");
    *at = '\0';
    return read_pair(reader, line, at + sizeof sign - 1);
}

/* A last line without its end may be half of one. */
static enum status read_text(struct reader *reader, char *text)
{
    for (char *end; *text; text = end + 1) {
        reader->line++;
        end = strchr(text, '\n');
        if (!end)
            return refuse(reader, "the file is cut off");
        *end = '\0';
        TRY(read_line(reader, text));
    }
    for (size_t i = 0; i < N_LINES; i++)
        if (!reader->known[i])
            return refuse(reader, arena_print(reader->arena, "no %s",
                                              key_of(i, reader->arena)));
    return reader->file->origin ? STATUS_OK : refuse(reader, "no origin");
}

enum status tuning_file_read(const char *path, struct arena *arena,
                             struct tuning_file *file)
{
    struct bytes bytes = {0};
    struct tuning_file read = {0};
    struct reader reader = {.path = path, .arena = arena, .file = &read};
    enum status status = durable_read(path, &bytes);
    if (status == STATUS_OK) {
        bytes_append(&bytes, "", 1);
        char *text = ARENA_ARRAY(arena, char, bytes.n);
        memcpy(text, bytes.at, bytes.n);
        status = read_text(&reader, text);
    }
    bytes_free(&bytes);
    if (status == STATUS_OK)
        *file = read;
    return status;
}

/* finding ------------------------------------------------------------- */

const char *tuning_file_path(struct arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache)
        return arena_print(arena, "%s/spikesweep/tuning.txt", cache);
    if (home && *home)
        return arena_print(arena, "%s/.cache/spikesweep/tuning.txt", home);
    return NULL;
}

static bool is_absent(const char *path)
{
    return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

enum status tuning_file_find(const char *path, struct arena *arena,
                             struct tuning_file *file)
{
    if (path && !is_absent(path))
        return tuning_file_read(path, arena, file);
    *file = tuning_file_builtin();
    return STATUS_OK;
}

enum status tuning_file_choose(const char *path, struct arena *arena,
                               struct tuning_file *file)
{
    return path ? tuning_file_read(path, arena, file)
                : tuning_file_find(tuning_file_path(arena), arena, file);
}

bool tuning_file_agrees(const struct tuning_file *file,
                        const struct tuning_file *other)
{
    return memcmp(&file->tuning, &other->tuning, sizeof file->tuning) == 0;
}
