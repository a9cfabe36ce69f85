#include "io/cell_list.h"
#include "io/durable.h"

#include <stdlib.h>
#include <string.h>

static const char MAGIC[8] = "SPKCELL1";

static const char *path_of(const char *folder, const char *name,
                           struct arena *arena)
{
    return arena_print(arena, "%s/%s", folder, name);
}

static int compare(const void *one, const void *other)
{
    const struct digest *a = one, *b = other;
    return digest_compare(*a, *b);
}

static void append_digest(struct bytes *bytes, struct digest digest)
{
    bytes_append_u64(bytes, digest.high);
    bytes_append_u64(bytes, digest.low);
}

static bool is_there(const char *path, const struct bytes *bytes)
{
    struct bytes found = {NULL, 0, 0};
    bool same = durable_read(path, &found) == STATUS_OK &&
                found.n == bytes->n &&
                memcmp(found.at, bytes->at, bytes->n) == 0;
    status_forget();
    bytes_free(&found);
    return same;
}

enum status cell_list_write(const char *folder, const char *experiment,
                            size_t n, struct digest *cells)
{
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    const char *path = path_of(folder, "cells.list", &arena);
    if (n)
        qsort(cells, n, sizeof *cells, compare);
    bytes_append(&bytes, MAGIC, sizeof MAGIC);
    append_digest(&bytes, digest_of(experiment, strlen(experiment)));
    bytes_append_u64(&bytes, n);
    for (size_t i = 0; i < n; i++)
        append_digest(&bytes, cells[i]);
    bytes_seal(&bytes, 0);
    enum status status = is_there(path, &bytes)
                             ? STATUS_OK
                             : durable_write(path, bytes.at, bytes.n);
    bytes_free(&bytes);
    arena_close(&arena);
    return status;
}

/* reading -------------------------------------------------------------- */

static enum status take_digest(struct bytes_reader *reader,
                               struct digest *digest)
{
    TRY(bytes_take_u64(reader, &digest->high));
    return bytes_take_u64(reader, &digest->low);
}

static enum status take_list(struct bytes_reader *reader, struct digest of,
                             struct arena *arena, struct cell_list *list)
{
    const unsigned char *magic;
    struct digest experiment;
    uint64_t n;
    TRY(bytes_unseal(reader));
    TRY(bytes_take(reader, sizeof MAGIC, &magic));
    TRY(take_digest(reader, &experiment));
    TRY(bytes_take_u64(reader, &n));
    if (memcmp(magic, MAGIC, sizeof MAGIC) != 0 ||
        !digest_equal(experiment, of) || n != reader->left / 16)
        return status_refuse(STATUS_DAMAGED, "not the list of these cells");
    struct digest *cells = ARENA_ARRAY(arena, struct digest, n + 1);
    for (size_t i = 0; i < n; i++) {
        TRY(take_digest(reader, &cells[i]));
        if (i > 0 && digest_compare(cells[i - 1], cells[i]) > 0)
            return status_refuse(STATUS_DAMAGED, "cells are not in order");
    }
    *list = (struct cell_list){true, n, cells};
    return STATUS_OK;
}

struct cell_list cell_list_read(const char *folder, struct arena *arena)
{
    struct cell_list list = {.known = false};
    struct bytes experiment = {NULL, 0, 0}, bytes = {NULL, 0, 0};
    const char *path = path_of(folder, "experiment.cfg", arena);
    if (durable_read(path, &experiment) == STATUS_OK &&
        durable_read(path_of(folder, "cells.list", arena), &bytes) ==
            STATUS_OK) {
        struct bytes_reader reader = {bytes.at, bytes.n};
        if (take_list(&reader, digest_of(experiment.at, experiment.n), arena,
                      &list) != STATUS_OK)
            list = (struct cell_list){.known = false};
    }
    status_forget();
    bytes_free(&experiment);
    bytes_free(&bytes);
    return list;
}

bool cell_list_has(const struct cell_list *list, struct digest cell)
{
    return list->n > 0 &&
           bsearch(&cell, list->at, list->n, sizeof cell, compare) != NULL;
}
