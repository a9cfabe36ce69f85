#include "tests/fuzz/fuzz.h"
#include "core/dataset.h"
#include "io/dataset_parts.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int remove_entry(const char *path, const struct stat *stat, int kind,
                        struct FTW *place)
{
    (void)stat;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
    if (folder[0])
        return folder;
    strcpy(folder, "/dev/shm/spikesweep-fuzz-XXXXXX");
    MUST(mkdtemp(folder));
    MUST(atexit(remove_folder) == 0);
    return folder;
}

/* A few paths are asked for again and again. */
const char *fuzz_path(const char *name)
{
    static char paths[16][128];
    char path[128];
    size_t i = 0;
    snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    while (paths[i][0] && strcmp(paths[i], path) != 0)
        MUST(++i < 16);
    return strcpy(paths[i], path);
}

void fuzz_write(const char *name, const void *data, size_t n)
{
    const char *path = fuzz_path(name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    MUST(file >= 0 && write(file, data, n) == (ssize_t)n && close(file) == 0);
}

struct bytes fuzz_seal(const uint8_t *data, size_t n)
{
    struct bytes bytes = {0};
    bytes_append(&bytes, data, n);
    bytes_seal(&bytes, 0);
    return bytes;
}

static void set(const struct kind *kind, void *params, const char *name,
                const char *text, struct arena *arena)
{
    const struct row *row = kind_find_row(kind, name);
    MUST(row && row_set(row, text, params, arena) == STATUS_OK);
}

struct choice fuzz_dataset(const char *name, struct arena *arena,
                           const char *const rows[4])
{
    const struct kind *kind = kind_find(&dataset_axis, name);
    MUST(kind);
    void *params = kind_defaults(kind, arena);
    set(kind, params, "folder", arena_print(arena, "\"%s\"", fuzz_folder()),
        arena);
    for (size_t i = 0; i < 4 && rows[i]; i += 2)
        set(kind, params, rows[i], rows[i + 1], arena);
    return (struct choice){kind, params};
}

void fuzz_read_dataset(const struct dataset_reader *reader,
                       const struct choice *dataset, struct arena *arena)
{
    struct dataset_sources sources = {0};
    struct dataset_whole whole = {0};
    MUST(reader->find(dataset, arena, &sources) == STATUS_OK ||
         status_reason()[0]);
    if (sources.n > 0 &&
        reader->read(dataset, &sources, &whole) == STATUS_OK) {
        MUST(whole.train.labels.n > 0 && whole.n_classes >= 2);
        MUST(whole.train.images.n ==
             whole.train.labels.n * image_size(whole.shape));
        MUST(whole.test.images.n ==
             whole.test.labels.n * image_size(whole.shape));
    }
    dataset_whole_free(&whole);
    status_forget();
}
