#include "io/store_old.h"
#include "io/hdf5_util.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const char *store_standing_text(enum store_standing standing)
{
    switch (standing) {
    case STORE_AHEAD:
        return "holds outcomes that no segment holds";
    case STORE_UNKNOWN:
        return "does not say from which segments it was made";
    case STORE_FOREIGN:
        return "is no whole result file of spikesweep";
    default:
        return NULL;
    }
}

/* standing ------------------------------------------------------------ */

/* Whether the segments have all that the file was made from. */
static bool has_all(const struct segment_list *segments,
                    const struct segment_list *old)
{
    for (size_t i = 0; i < old->n; i++) {
        const struct segment *was = &old->at[i];
        const struct segment *is = segment_list_find(segments, was->name);
        if (was->n_outcomes > 0 && (!is || !segment_is_same(is, was) ||
                                    is->n_outcomes < was->n_outcomes))
            return false;
    }
    return true;
}

static enum store_standing stand(const struct segment_list *segments,
                                 const struct segment_list *old)
{
    if (!has_all(segments, old))
        return STORE_AHEAD;
    for (size_t i = 0; i < segments->n; i++) {
        const struct segment *is = &segments->at[i];
        const struct segment *was = segment_list_find(old, is->name);
        if (!was || !segment_is_same(is, was))
            return STORE_BEHIND;
    }
    return STORE_CURRENT;
}

static enum store_standing compare_open(hid_t file, const char *path,
                                        const struct segment_list *segments,
                                        struct arena *arena)
{
    uint64_t schema;
    const char *text = "";
    struct segment_list old;
    if (hdf5_get_count(file, "schema_version", path, &schema) != STATUS_OK)
        return STORE_FOREIGN;
    if (H5Aexists(file, "segments") <= 0 ||
        hdf5_get_text(file, "segments", path, arena, &text) != STATUS_OK ||
        !segment_list_parse(text, arena, &old))
        return STORE_UNKNOWN;
    return stand(segments, &old);
}

static enum status compare_file(const char *path,
                                const struct segment_list *segments,
                                enum store_standing *standing)
{
    hid_t file = -1;
    *standing = STORE_MISSING;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return STATUS_OK;
    enum status status = hdf5_open(path, &file);
    if (status == STATUS_DENIED)
        return status;
    *standing = STORE_FOREIGN;
    if (status == STATUS_OK) {
        struct arena arena = arena_open();
        *standing = compare_open(file, path, segments, &arena);
        arena_close(&arena);
        H5Fclose(file);
    }
    status_forget();
    return STATUS_OK;
}

/* Segments as they are now; of those in `read` it is known what they hold. */
static enum status list_now(const char *folder,
                            const struct segment_list *read,
                            struct arena *arena, struct segment_list *now)
{
    const char *segments = arena_print(arena, "%s/segments", folder);
    TRY(segment_list_read(segments, arena, now));
    segment_list_measure(segments, now);
    for (size_t i = 0; i < now->n; i++) {
        const struct segment *known =
            segment_list_find(read, now->at[i].name);
        if (known)
            now->at[i] = *known;
    }
    return STATUS_OK;
}

/* A file that seems to be ahead may have been made by another process, of
 * segments that were written after these had been read. */
static enum status compare(const char *folder,
                           const struct segment_list *segments,
                           struct arena *arena, enum store_standing *standing)
{
    const char *path = arena_print(arena, "%s/sweep.h5", folder);
    struct segment_list now;
    TRY(compare_file(path, segments, standing));
    if (*standing != STORE_AHEAD)
        return STATUS_OK;
    TRY(list_now(folder, segments, arena, &now));
    TRY(compare_file(path, &now, standing));
    if (!store_standing_text(*standing))
        *standing = STORE_NEWER;
    return STATUS_OK;
}

enum status store_compare(const char *folder,
                          const struct segment_list *segments,
                          enum store_standing *standing)
{
    struct arena arena = arena_open();
    enum status status = compare(folder, segments, &arena, standing);
    arena_close(&arena);
    return status;
}

enum status store_compare_now(const char *folder,
                              enum store_standing *standing)
{
    struct arena arena = arena_open();
    struct segment_list none = {0}, now;
    enum status status = list_now(folder, &none, &arena, &now);
    if (status == STATUS_OK)
        status = compare(folder, &now, &arena, standing);
    arena_close(&arena);
    return status;
}

/* keeping ------------------------------------------------------------- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* A second name, so that the first is there at every instant; on file systems
 * without such the file is renamed. */
static int give_name(const char *path, const char *name)
{
    if (link(path, name) == 0 || errno == EEXIST)
        return errno == EEXIST && !is_same_file(path, name) ? EEXIST : 0;
    if (errno != EPERM && errno != ENOTSUP && errno != EMLINK)
        return errno;
    if (access(name, F_OK) == 0)
        return EEXIST;
    return rename(path, name) == 0 ? 0 : errno;
}

static enum status give_free_name(const char *folder, const char *path,
                                  struct arena *arena, const char **given)
{
    for (unsigned i = 1;; i++) {
        const char *name = arena_print(arena, "%s/sweep-%u.h5", folder, i);
        int error = give_name(path, name);
        if (error == EEXIST)
            continue;
        errno = error;
        if (error)
            return status_refuse_errno("%s: cannot keep it as %s", path, name);
        *given = name;
        return STATUS_OK;
    }
}

enum status store_keep(const char *folder, enum store_standing standing,
                       struct arena *arena, const char **note)
{
    const char *path = arena_print(arena, "%s/sweep.h5", folder);
    const char *why = store_standing_text(standing), *given = "";
    *note = "";
    if (!why)
        return STATUS_OK;
    TRY(give_free_name(folder, path, arena, &given));
    *note = arena_print(arena, "%s %s: it is kept as %s", path, why, given);
    return STATUS_OK;
}
