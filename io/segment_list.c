#include "io/segment_list.h"
#include "io/bytes.h"
#include "io/segment_table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_DIGITS = 8, END_SIZE = 16 };

/* names --------------------------------------------------------------- */

/* Exactly eight lower-case hexadecimal digits. */
static bool read_digits(const char *text, uint32_t *value)
{
    if (strspn(text, "0123456789abcdef") < NAME_DIGITS)
        return false;
    char digits[NAME_DIGITS + 1] = "";
    memcpy(digits, text, NAME_DIGITS);
    *value = (uint32_t)strtoul(digits, NULL, 16);
    return true;
}

bool segment_name_is_segment(const char *name, uint32_t *number,
                             uint32_t *generation)
{
    return read_digits(name, number) && name[NAME_DIGITS] == '-' &&
           read_digits(name + NAME_DIGITS + 1, generation) &&
           !strcmp(name + 2 * NAME_DIGITS + 1, ".seg");
}

bool segment_name_is_run(const char *name, uint32_t *generation)
{
    return read_digits(name, generation) &&
           !strcmp(name + NAME_DIGITS, ".run");
}

void segment_print_name(uint32_t number, uint32_t generation,
                        char name[SEGMENT_NAME_SIZE])
{
    int length = snprintf(name, SEGMENT_NAME_SIZE,
                          "%08" PRIx32 "-%08" PRIx32 ".seg", number,
                          generation);
    MUST(length == SEGMENT_NAME_SIZE - 1);
}

void segment_path(char path[PATH_MAX], const char *folder, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    MUST(length > 0 && length < PATH_MAX);
}

/* lists --------------------------------------------------------------- */

void segment_list_add(struct segment_list *list, const struct segment *segment,
                      struct arena *arena)
{
    if (list->n == list->capacity) {
        struct segment *old = list->at;
        list->capacity = 2 * list->capacity + 32;
        list->at = ARENA_ARRAY(arena, struct segment, list->capacity);
        if (list->n)
            memcpy(list->at, old, list->n * sizeof *old);
    }
    list->at[list->n++] = *segment;
}

static int by_name(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void add_name(struct segment_list *list, const char *name,
                     struct arena *arena)
{
    struct segment segment = {.n_outcomes = UINT64_MAX};
    memcpy(segment.name, name, SEGMENT_NAME_SIZE);
    segment_list_add(list, &segment, arena);
}

static enum status read_names(const char *folder, struct arena *arena,
                              struct segment_list *list)
{
    struct segment_list read = {0};
    DIR *open = opendir(folder);
    if (!open && errno != ENOENT)
        return status_refuse_errno("%s: cannot read the folder", folder);
    struct dirent *entry;
    uint32_t number, generation;
    while (errno = 0, open && (entry = readdir(open)) != NULL)
        if (segment_name_is_segment(entry->d_name, &number, &generation))
            add_name(&read, entry->d_name, arena);
    int error = errno;
    if (open)
        closedir(open);
    errno = error;
    if (error != 0)
        return status_refuse_errno("%s: cannot read the folder", folder);
    if (read.n)
        qsort(read.at, read.n, sizeof *read.at, by_name);
    *list = read;
    return STATUS_OK;
}

static bool has_all(const struct segment_list *list,
                    const struct segment_list *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (!segment_list_find(list, names->at[i].name))
            return false;
    return true;
}

/* While a folder is being read, a file may come where reading has passed, and
 * those that it replaces may go before reading comes to them. Therefore it is
 * read until nothing has gone since. */
enum status segment_list_files(const char *folder, struct arena *arena,
                               struct segment_list *list)
{
    struct segment_list now = {0}, before;
    TRY(read_names(folder, arena, &now));
    do {
        before = now;
        TRY(read_names(folder, arena, &now));
    } while (!has_all(&now, &before));
    *list = now;
    return STATUS_OK;
}

/* A file that goes meanwhile has been replaced. */
enum status segment_list_read(const char *folder, struct arena *arena,
                              struct segment_list *list)
{
    enum { TRIES = 100 }; /* a link to nothing never comes */
    enum status status = STATUS_NOT_FOUND;
    struct segment_list read = {0};
    for (int i = 0; i < TRIES && status == STATUS_NOT_FOUND; i++) {
        status_forget();
        TRY(segment_list_files(folder, arena, &read));
        status = segment_table_expand(folder, arena, &read);
    }
    TRY(status);
    *list = read;
    return STATUS_OK;
}

const struct segment *segment_list_find(const struct segment_list *list,
                                        const char *name)
{
    struct segment key = {.n_bytes = 0};
    snprintf(key.name, sizeof key.name, "%s", name);
    return list->n ? bsearch(&key, list->at, list->n, sizeof key, by_name)
                   : NULL;
}

/* marks --------------------------------------------------------------- */

static void note_end(const unsigned char *at, size_t n,
                     struct segment *segment)
{
    segment->end = digest_of(at, n);
}

void segment_measure(const unsigned char *at, size_t n,
                     struct segment *segment)
{
    size_t n_end = n < END_SIZE ? n : END_SIZE;
    segment->n_bytes = n;
    note_end(n ? at + n - n_end : (const unsigned char *)"", n_end, segment);
}

static bool measure_file(const char *path, struct segment *segment)
{
    unsigned char end[END_SIZE];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    off_t n = lseek(file, 0, SEEK_END);
    size_t n_end = n < END_SIZE ? (size_t)n : END_SIZE;
    bool read = n >= 0 && pread(file, end, n_end, n - (off_t)n_end) ==
                              (ssize_t)n_end;
    close(file);
    if (read) {
        segment->n_bytes = (uint64_t)n;
        note_end(end, n_end, segment);
    }
    return read;
}

void segment_list_measure(const char *folder, struct segment_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        char path[PATH_MAX];
        if (*list->at[i].holder)
            continue;
        segment_path(path, folder, list->at[i].name);
        if (!measure_file(path, &list->at[i]))
            list->at[i].n_bytes = UINT64_MAX;
    }
}

bool segment_is_same(const struct segment *a, const struct segment *b)
{
    return a->n_bytes == b->n_bytes && digest_equal(a->end, b->end);
}

/* as text ------------------------------------------------------------- */

const char *segment_list_print(const struct segment_list *list,
                               struct arena *arena)
{
    struct bytes text = {NULL, 0, 0};
    for (size_t i = 0; i < list->n; i++) {
        const struct segment *segment = &list->at[i];
        char line[128], end[DIGEST_TEXT_SIZE];
        int n = snprintf(line, sizeof line, "%s %ju %s %ju\n", segment->name,
                         (uintmax_t)segment->n_bytes,
                         digest_print(segment->end, end),
                         (uintmax_t)segment->n_outcomes);
        bytes_append(&text, line, (size_t)n);
    }
    char *copy = arena_take(arena, text.n + 1);
    if (text.n)
        memcpy(copy, text.at, text.n);
    copy[text.n] = '\0';
    bytes_free(&text);
    return copy;
}

static bool parse_line(const char *line, struct segment *segment)
{
    char name[64], end[DIGEST_TEXT_SIZE];
    uint32_t number, generation;
    int n = 0;
    *segment = (struct segment){.n_bytes = 0};
    if (sscanf(line, "%63s %" SCNu64 " %32s %" SCNu64 "%n", name,
               &segment->n_bytes, end, &segment->n_outcomes, &n) != 4 ||
        line[n] != '\n' ||
        !segment_name_is_segment(name, &number, &generation))
        return false;
    memcpy(segment->name, name, SEGMENT_NAME_SIZE);
    return digest_parse(end, &segment->end);
}

bool segment_list_parse(const char *text, struct arena *arena,
                        struct segment_list *list)
{
    struct segment_list read = {0};
    struct segment segment;
    for (; *text; text = strchr(text, '\n') + 1) {
        if (!parse_line(text, &segment))
            return false;
        segment_list_add(&read, &segment, arena);
    }
    *list = read;
    return true;
}
