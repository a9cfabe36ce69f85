/* A scratch folder with a cache of its own, in which a test lays the files of a
 * data set. */
#ifndef TESTS_DATA_SCENE_H
#define TESTS_DATA_SCENE_H

#include "core/data.h"
#include "core/spec.h"
#include "tests/scratch.h"

struct data_scene {
    struct scratch scratch;
    struct arena arena;
};

struct data_scene data_scene_make(void);
void data_scene_remove(struct data_scene *scene);

/* Opens it; fails the test if it is refused. */
struct data_set data_scene_open(struct data_scene *scene,
                                struct choice choice);

/* Refused, with a reason that has this part. */
void data_scene_refused(struct data_scene *scene, struct choice choice,
                        enum status status, const char *part);

/* Writes a file of the scratch folder. */
void data_scene_write(struct data_scene *scene, const char *name,
                      const void *at, size_t n);

/* Of a folder beside the project, or NULL, loudly. */
const char *data_scene_real(struct data_scene *scene, const char *name,
                            const char *file);

#endif
