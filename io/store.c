#include "io/store.h"
#include "io/durable.h"
#include "io/store_file.h"
#include "io/store_old.h"

#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* writing ------------------------------------------------------------- */

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
                              const char *libraries, struct arena *arena,
                              struct store_index *index)
{
    const char *segments = arena_print(arena, "%s/segments", folder);
    struct store_file file;
    TRY(store_index_read(segments, arena, index));
    index->wanted = cell_list_read(folder, arena);
    TRY(store_file_make(path, index, arena, &file));
    return write_all(&file, folder, segments, libraries);
}

enum status store_write(const char *path, const char *folder,
                        const char *libraries)
{
    struct arena arena = arena_open();
    struct store_index index;
    enum status status = write_file(path, folder, libraries, &arena, &index);
    if (status != STATUS_OK)
        unlink(path);
    arena_close(&arena);
    return status;
}

/* replacing ----------------------------------------------------------- */

static enum status replace(const char *temporary, const char *folder,
                           const struct store_index *index, bool keeps,
                           struct arena *arena, const char **note, bool *left)
{
    enum store_standing standing;
    TRY(store_compare(folder, &index->segments, &standing));
    *left = store_standing_text(standing) && !keeps;
    if (*left || standing == STORE_NEWER) {
        unlink(temporary);
        return STATUS_OK;
    }
    TRY(store_keep(folder, standing, arena, note));
    return durable_commit(temporary,
                          arena_print(arena, "%s/sweep.h5", folder));
}

static enum status rebuild(const char *folder, const char *libraries,
                           bool keeps, struct arena *arena, const char **note,
                           bool *left)
{
    char temporary[PATH_SIZE];
    struct store_index index;
    durable_temporary(arena_print(arena, "%s/sweep.h5", folder), temporary,
                      sizeof temporary);
    enum status status =
        write_file(temporary, folder, libraries, arena, &index);
    if (status == STATUS_OK)
        status = replace(temporary, folder, &index, keeps, arena, note, left);
    if (status != STATUS_OK)
        durable_discard(temporary);
    return status;
}

enum status store_rebuild(const char *folder, const char *libraries,
                          struct arena *arena, const char **note)
{
    struct arena own = arena_open();
    const char *said = "";
    bool left;
    enum status status = rebuild(folder, libraries, true, &own, &said, &left);
    if (status == STATUS_OK)
        *note = arena_copy_text(arena, said);
    arena_close(&own);
    return status;
}

enum status store_refresh(const char *folder, const char *libraries,
                          bool *left)
{
    struct arena own = arena_open();
    const char *said = "";
    enum status status = rebuild(folder, libraries, false, &own, &said, left);
    arena_close(&own);
    return status;
}
