#include "io/store.h"
#include "io/durable.h"
#include "io/store_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* Everything into an open file, which is closed whatever happens. */
static enum status write_all(struct store_file *file, const char *folder,
                             const char *segments, const char *libraries)
{
    enum status status = store_file_fill(file, segments);
    if (status == STATUS_OK)
        status = store_file_check(file);
    if (status == STATUS_OK)
        status = store_file_annotate(file, folder, libraries);
    if (status == STATUS_OK)
        return hdf5_close(file->id, file->path);
    H5Fclose(file->id);
    return status;
}

static enum status write_file(const char *path, const char *folder,
                              const char *libraries, struct arena *arena)
{
    const char *segments = arena_print(arena, "%s/segments", folder);
    struct store_index index;
    struct store_file file;
    TRY(store_index_read(segments, arena, &index));
    TRY(store_file_make(path, &index, arena, &file));
    return write_all(&file, folder, segments, libraries);
}

/* The file bears the time of the segments that it was made from, so that a
 * reader sees whether there are newer ones. */
static void set_time(const char *path, const struct stat *segments)
{
    struct timespec times[] = {segments->st_atim, segments->st_mtim};
    /* If this is refused the file merely looks out of date. */
    int refused = utimensat(AT_FDCWD, path, times, 0);
    (void)refused;
}

enum status store_rebuild(const char *folder, const char *libraries)
{
    struct arena arena = arena_open();
    char temporary[PATH_SIZE];
    const char *path = arena_print(&arena, "%s/sweep.h5", folder);
    durable_temporary(path, temporary, sizeof temporary);
    struct stat segments;
    bool known =
        stat(arena_print(&arena, "%s/segments", folder), &segments) == 0;
    enum status status = write_file(temporary, folder, libraries, &arena);
    if (status == STATUS_OK && known)
        set_time(temporary, &segments);
    if (status == STATUS_OK)
        status = durable_commit(temporary, path);
    if (status != STATUS_OK)
        unlink(temporary);
    arena_close(&arena);
    return status;
}
