#include "jobs/results_folder.h"
#include "io/store.h"
#include "sweep/folder.h"
#include "sweep/wire.h"

#include <stdio.h>
#include <sys/stat.h>

static enum status refresh(const char *folder)
{
    char library[128];
    bool stale = false;
    TRY(folder_check(folder));
    TRY(folder_is_stale(folder, &stale));
    if (!stale)
        return STATUS_OK;
    wire_describe_library(library, sizeof library);
    return store_rebuild(folder, library);
}

enum status results_folder_open(const char *path, struct arena *arena,
                                struct results *results)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    if (S_ISDIR(about.st_mode))
        TRY(refresh(path));
    return results_open(path, arena, results);
}
