/*
 * A scratch folder with a small IDX set, and in it the folder "cache", which
 * SPIKESWEEP_CACHE then names.
 */
#ifndef TESTS_IDX_SCENE_H
#define TESTS_IDX_SCENE_H

#include "io/dataset.h"
#include "tests/data_files.h"
#include "tests/scratch.h"

struct idx_scene {
    struct scratch scratch;
    struct arena arena;
    const char *cache;
};

struct idx_scene idx_scene_make(const struct idx_files *set);
void idx_scene_remove(struct idx_scene *scene);

/* Opens the set with these n_train and n_test. */
CHECKED enum status idx_scene_try(struct idx_scene *scene,
                                  const char *n_train, const char *n_test,
                                  struct data_set *data);

/* The same, where a refusal is a broken promise. */
struct data_set idx_scene_open_subset(struct idx_scene *scene,
                                      const char *n_train,
                                      const char *n_test);
struct data_set idx_scene_open(struct idx_scene *scene);

#endif
