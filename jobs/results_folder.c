#include "jobs/results_folder.h"
#include "io/durable.h"
#include "io/store.h"
#include "io/store_old.h"
#include "sweep/folder.h"
#include "sweep/wire.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a reader finds a folder's results. */
struct view {
    const char *folder, *path;
    bool temporary; /* the file is the reader's own */
};

static void tell(const char *path, const char *why, const char *what)
{
    fprintf(stderr, "%s/sweep.h5 %s; %s\n", path, why, what);
}

static void tell_as_it_is(const char *folder, enum store_standing standing)
{
    tell(folder, store_standing_text(standing),
         "it is read as it is; spikesweep pack keeps it under another name and "
         "makes a new one");
}

/* Made anew, but not here. */
static enum status make_elsewhere(const char *library, struct arena *arena,
                                  struct view *view)
{
    char temporary[PATH_MAX];
    const char *place = getenv("TMPDIR");
    durable_temporary(arena_print(arena, "%s/spikesweep-results",
                                  place && *place ? place : "/tmp"),
                      temporary, sizeof temporary);
    TRY(store_write(temporary, view->folder, library));
    view->path = arena_copy_text(arena, temporary);
    view->temporary = true;
    return STATUS_OK;
}

static enum status refresh(const char *library, struct arena *arena,
                           struct view *view)
{
    bool left = false;
    enum status status = store_refresh(view->folder, library, &left);
    if (left)
        tell_as_it_is(view->folder, STORE_AHEAD);
    if (status != STATUS_DENIED && status != STATUS_FULL)
        return status;
    tell(view->folder, "does not hold all there is",
         "it cannot be made anew here, results are read from the segments");
    status_forget();
    return make_elsewhere(library, arena, view);
}

static enum status find_results(struct arena *arena, struct view *view)
{
    char library[128];
    enum store_standing standing;
    wire_describe_library(library, sizeof library);
    TRY(folder_check(view->folder));
    TRY(store_compare_now(view->folder, &standing));
    switch (standing) {
    case STORE_CURRENT:
    case STORE_NEWER:
        return STATUS_OK;
    case STORE_AHEAD:
    case STORE_UNKNOWN:
        tell_as_it_is(view->folder, standing);
        return STATUS_OK;
    case STORE_FOREIGN:
        tell(view->folder, store_standing_text(standing),
             "it is left alone, results are read from the segments");
        return make_elsewhere(library, arena, view);
    default:
        return refresh(library, arena, view);
    }
}

static enum status open_folder(const char *folder, struct arena *arena,
                               struct results *results)
{
    struct view view = {.folder = folder,
                        .path = arena_print(arena, "%s/sweep.h5", folder)};
    const char *path = view.path;
    TRY(find_results(arena, &view));
    enum status status = results_open(view.path, arena, results);
    if (view.temporary)
        unlink(view.path); /* who has it open goes on reading */
    if (status == STATUS_OK)
        results_rename(results, path);
    return status;
}

enum status results_folder_open(const char *path, struct arena *arena,
                                struct results *results)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    return S_ISDIR(about.st_mode) ? open_folder(path, arena, results)
                                  : results_open(path, arena, results);
}

/* They count like all others, which nobody would expect unasked. */
static void tell_removed(const struct results *results)
{
    size_t n = results_count_removed(results);
    if (n)
        fprintf(stderr,
                "%zu of %zu trials %s a cell that was taken out of the "
                "experiment; with --where 'in_experiment = yes' %s left out\n",
                n, results->n_trials, n == 1 ? "is of" : "are each of",
                n == 1 ? "it is" : "they are");
}

static bool is_named_before(char *const *paths, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(paths[k], paths[i]))
            return true;
    return false;
}

static enum status open_all(char *const *paths, struct arena *arena,
                            struct results *opened, size_t *n)
{
    for (size_t i = 0; paths[i]; i++) {
        if (is_named_before(paths, i))
            continue;
        enum status status =
            results_folder_open(paths[i], arena, &opened[*n]);
        if (status != STATUS_OK)
            return status;
        (*n)++;
    }
    return STATUS_OK;
}

enum status results_folders_open(char *const *paths, struct arena *arena,
                                 struct results *results)
{
    size_t n_paths = 0, n = 0;
    while (paths[n_paths])
        n_paths++;
    struct results *opened = ARENA_ARRAY(arena, struct results, n_paths + 1);
    enum status status = open_all(paths, arena, opened, &n);
    if (status != STATUS_OK) {
        while (n)
            results_close(&opened[--n]);
        return status;
    }
    if (n == 1)
        *results = opened[0];
    else
        results_join(opened, n, arena, results);
    tell_removed(results);
    return STATUS_OK;
}

enum status results_folders_show(char *const *paths,
                                 enum status (*show)(const struct results *,
                                                     struct arena *))
{
    struct arena arena = arena_open();
    struct results results;
    enum status status = results_folders_open(paths, &arena, &results);
    if (status == STATUS_OK) {
        status = show(&results, &arena);
        results_close(&results);
    }
    arena_close(&arena);
    return status;
}
