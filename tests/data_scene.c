#include "tests/data_scene.h"
#include "io/dataset.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct data_scene data_scene_make(void)
{
    struct data_scene scene = {scratch_make(), arena_open()};
    setenv("SPIKESWEEP_CACHE", scratch_path(&scene.scratch, "cache"), 1);
    return scene;
}

void data_scene_remove(struct data_scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

struct data_set data_scene_open(struct data_scene *scene,
                                struct choice choice)
{
    struct data_set data = {.n_classes = 0};
    if (dataset_open(&choice, &scene->arena, &data) != STATUS_OK)
        fail_msg("refused: %s", status_reason());
    return data;
}

void data_scene_refused(struct data_scene *scene, struct choice choice,
                        enum status status, const char *part)
{
    struct data_set data;
    enum status found = dataset_open(&choice, &scene->arena, &data);
    assert_int_not_equal(found, STATUS_OK);
    if (!strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
    assert_int_equal(found, status);
}

void data_scene_write(struct data_scene *scene, const char *name,
                      const void *at, size_t n)
{
    scratch_write(scratch_path(&scene->scratch, name), at, n);
}

const char *data_scene_real(struct data_scene *scene, const char *name,
                            const char *file)
{
    const char *folder =
        arena_print(&scene->arena, "../shared/data/%s", name);
    const char *path = arena_print(&scene->arena, "%s/%s", folder, file);
    if (access(path, R_OK) == 0)
        return folder;
    print_message("skipped: there is no %s\n", path);
    return NULL;
}
