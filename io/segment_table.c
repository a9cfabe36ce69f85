#include "io/segment_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SEAL_SIZE = 2 * sizeof(uint64_t),
    ENTRY_SIZE = 7 * sizeof(uint64_t)
};

/* headers ------------------------------------------------------------- */

void segment_header_write(const char *magic, const uint64_t numbers[2],
                          struct bytes *bytes)
{
    size_t start = bytes->n;
    bytes_append(bytes, magic, SEGMENT_MAGIC_SIZE);
    bytes_append_u64(bytes, numbers[0]);
    bytes_append_u64(bytes, numbers[1]);
    bytes_seal(bytes, start);
}

enum status segment_header_read(struct bytes_reader *reader,
                                const char *magic, uint64_t numbers[2])
{
    const unsigned char *at = NULL;
    TRY(bytes_take(reader, SEGMENT_HEADER_SIZE, &at));
    struct bytes_reader header = {at, SEGMENT_HEADER_SIZE};
    TRY(bytes_unseal(&header));
    TRY(bytes_take(&header, SEGMENT_MAGIC_SIZE, &at));
    if (memcmp(at, magic, SEGMENT_MAGIC_SIZE) != 0)
        return status_refuse(STATUS_DAMAGED, "not a segment");
    TRY(bytes_take_u64(&header, &numbers[0]));
    return bytes_take_u64(&header, &numbers[1]);
}

/* tables -------------------------------------------------------------- */

void segment_table_write(const struct segment_list *held, struct bytes *bytes)
{
    uint64_t n_inside = 0;
    for (size_t i = 0; i < held->n; i++)
        n_inside += held->at[i].n_inside;
    segment_header_write(SEGMENT_TABLE_MAGIC, (uint64_t[]){held->n, n_inside},
                         bytes);
    size_t start = bytes->n;
    for (size_t i = 0; i < held->n; i++) {
        const struct segment *segment = &held->at[i];
        uint32_t number = 0, generation = 0;
        MUST(segment_name_is_segment(segment->name, &number, &generation));
        bytes_append_u64(bytes, number);
        bytes_append_u64(bytes, generation);
        bytes_append_u64(bytes, segment->n_outcomes);
        bytes_append_u64(bytes, segment->n_inside);
        bytes_append_u64(bytes, segment->n_bytes);
        bytes_append_u64(bytes, segment->end.high);
        bytes_append_u64(bytes, segment->end.low);
    }
    bytes_seal(bytes, start);
}

static enum status take_entry(struct bytes_reader *reader,
                              struct segment *segment)
{
    uint64_t number = 0, generation = 0;
    TRY(bytes_take_u64(reader, &number));
    TRY(bytes_take_u64(reader, &generation));
    TRY(bytes_take_u64(reader, &segment->n_outcomes));
    TRY(bytes_take_u64(reader, &segment->n_inside));
    TRY(bytes_take_u64(reader, &segment->n_bytes));
    TRY(bytes_take_u64(reader, &segment->end.high));
    TRY(bytes_take_u64(reader, &segment->end.low));
    if (number > UINT32_MAX || generation > UINT32_MAX ||
        segment->n_inside > SIZE_MAX / 2)
        return status_refuse(STATUS_DAMAGED, "a table of impossible numbers");
    segment_print_name((uint32_t)number, (uint32_t)generation, segment->name);
    return STATUS_OK;
}

static enum status take_entries(struct bytes_reader table, uint64_t n,
                                const char *name, struct arena *arena,
                                struct segment_list *held)
{
    uint64_t offset = SEGMENT_HEADER_SIZE + n * ENTRY_SIZE + SEAL_SIZE;
    TRY(bytes_unseal(&table));
    for (uint64_t i = 0; i < n; i++) {
        struct segment segment = {.offset = offset};
        TRY(take_entry(&table, &segment));
        memcpy(segment.holder, name, SEGMENT_NAME_SIZE);
        offset += segment.n_inside;
        segment_list_add(held, &segment, arena);
    }
    return STATUS_OK;
}

/* All of it, or damage. */
static enum status read_open(int file, void *into, size_t n, uint64_t offset)
{
    size_t n_read = 0;
    while (n_read < n) {
        ssize_t got = pread(file, (char *)into + n_read, n - n_read,
                            (off_t)(offset + n_read));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return status_refuse(STATUS_DAMAGED, "cut short");
        n_read += (size_t)got;
    }
    return STATUS_OK;
}

static enum status read_table(int file, const char *name, struct arena *arena,
                              struct segment_list *held)
{
    unsigned char header[SEGMENT_HEADER_SIZE];
    struct bytes_reader reader = {header, sizeof header};
    struct stat about;
    uint64_t numbers[2] = {0, 0};
    TRY(read_open(file, header, sizeof header, 0));
    TRY(segment_header_read(&reader, SEGMENT_TABLE_MAGIC, numbers));
    if (fstat(file, &about) != 0 ||
        numbers[0] > (uint64_t)about.st_size / ENTRY_SIZE)
        return status_refuse(STATUS_DAMAGED, "a table longer than its file");
    size_t n = numbers[0] * ENTRY_SIZE + SEAL_SIZE;
    unsigned char *table = malloc(n);
    MUST(table);
    struct segment_list read = {0};
    enum status status = read_open(file, table, n, SEGMENT_HEADER_SIZE);
    if (status == STATUS_OK)
        status = take_entries((struct bytes_reader){table, n}, numbers[0],
                              name, arena, &read);
    free(table);
    for (size_t i = 0; status == STATUS_OK && i < read.n; i++) {
        struct segment *segment = &read.at[i];
        if (segment->offset + segment->n_inside > (uint64_t)about.st_size)
            segment->n_bytes = UINT64_MAX; /* the file was cut */
        segment_list_add(held, segment, arena);
    }
    return status;
}

enum status segment_table_read(const char *folder, const char *name,
                               struct arena *arena, struct segment_list *held)
{
    char path[PATH_MAX];
    segment_path(path, folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot open", path);
    enum status status = read_table(file, name, arena, held);
    close(file);
    if (status == STATUS_DAMAGED) { /* read as a segment it will say why */
        status_forget();
        status = STATUS_OK;
    }
    return status;
}

/* lists --------------------------------------------------------------- */

/* By name, the greatest holder first; a file of its own has none. Last those
 * that are not whole. */
static int by_name_and_holder(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    bool x_cut = x->n_bytes == UINT64_MAX, y_cut = y->n_bytes == UINT64_MAX;
    if (order == 0 && x_cut != y_cut)
        return x_cut ? 1 : -1;
    return order ? order : strcmp(y->holder, x->holder);
}

static enum status expand_file(const char *folder, const char *name,
                               struct arena *arena, struct segment_list *list)
{
    size_t n = list->n;
    TRY(segment_table_read(folder, name, arena, list));
    if (list->n > n)
        return STATUS_OK;
    struct segment own = {.n_outcomes = UINT64_MAX};
    memcpy(own.name, name, SEGMENT_NAME_SIZE);
    segment_list_add(list, &own, arena);
    return STATUS_OK;
}

enum status segment_table_expand(const char *folder, struct arena *arena,
                                 struct segment_list *list)
{
    struct segment_list all = {0};
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        TRY(expand_file(folder, list->at[i].name, arena, &all));
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, by_name_and_holder);
    for (size_t i = 0; i < all.n; i++)
        if (n == 0 || strcmp(all.at[n - 1].name, all.at[i].name) != 0)
            all.at[n++] = all.at[i];
    all.n = n;
    *list = all;
    return STATUS_OK;
}
