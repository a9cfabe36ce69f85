#include "jobs/model_find.h"
#include "io/model_file.h"
#include "sweep/folder.h"
#include "sweep/study.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static enum status find_in(const char *folder, const char *cell,
                           struct arena *arena, const char **path)
{
    struct study study;
    size_t i = 0;
    TRY(folder_check(folder));
    TRY(study_open(arena_print(arena, "%s/experiment.cfg", folder), arena,
                   &study));
    TRY(space_find(&study.cells, cell, &i));
    *path = folder_model(folder, study.cells.at[i].digest, arena);
    struct stat about;
    if (stat(*path, &about) == 0)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "cell %s of %s has no trained network: there is no "
                         "%s; run the sweep first",
                         cell, folder, *path);
}

enum status model_find(char *const *arguments, struct arena *arena,
                       struct named_model *model)
{
    const char *first = arguments[0], *cell = arguments[1];
    const char *path = first;
    if (is_folder(first) != (cell != NULL))
        return status_refuse(STATUS_INVALID,
                             "%s is %s; allowed is a model's file by itself, "
                             "or a sweep's folder and a cell",
                             first, cell ? "no folder" : "a folder");
    if (cell)
        TRY(find_in(first, cell, arena, &path));
    model->path = path;
    return model_file_load(path, arena, &model->spec, &model->data,
                           &model->weights);
}
