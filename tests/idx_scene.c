#include "tests/idx_scene.h"

#include <stdio.h>
#include <stdlib.h>

struct idx_scene idx_scene_make(const struct idx_files *set)
{
    struct idx_scene scene = {.scratch = scratch_make(),
                              .arena = arena_open()};
    scene.cache = scratch_path(&scene.scratch, "cache");
    MUST(setenv("SPIKESWEEP_CACHE", scene.cache, 1) == 0);
    idx_files_write(scene.scratch.folder, set);
    return scene;
}

void idx_scene_remove(struct idx_scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

enum status idx_scene_try(struct idx_scene *scene, const char *n_train,
                          const char *n_test, struct data_set *data)
{
    const char *folder =
        arena_print(&scene->arena, "\"%s\"", scene->scratch.folder);
    struct choice choice =
        data_choice(&scene->arena, "idx", "folder", folder, "n_train",
                    n_train, "n_test", n_test, NULL);
    return dataset_open(&choice, &scene->arena, data);
}

struct data_set idx_scene_open_subset(struct idx_scene *scene,
                                      const char *n_train, const char *n_test)
{
    struct data_set data;
    enum status status = idx_scene_try(scene, n_train, n_test, &data);
    if (status != STATUS_OK)
        fprintf(stderr, "refused: %s\n", status_reason());
    MUST(status == STATUS_OK);
    return data;
}

struct data_set idx_scene_open(struct idx_scene *scene)
{
    return idx_scene_open_subset(scene, "0", "0");
}
