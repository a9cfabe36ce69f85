/*
 * A small network with random weights on small images, in a scratch folder; and
 * a plain twin of core/feedforward.h: loops in double.
 */
#ifndef TESTS_CHAIN_SCENE_H
#define TESTS_CHAIN_SCENE_H

#include "core/feedforward.h"
#include "tests/scratch.h"

enum { N_IMAGES = 12 };

struct chain_scene {
    struct scratch scratch;
    struct arena arena;
    struct data_set data;
    struct spec spec;
    struct weights weights;
    const char *path;
};

/* Of the lines of a canonical text. */
struct chain_scene chain_scene_make(const char *text);
void chain_scene_remove(struct chain_scene *scene);

/* What the engine makes of the test images: [N_IMAGES][K]. */
const float *chain_scene_logits(struct chain_scene *scene,
                                const struct spec *spec,
                                const struct weights *weights);

/* The scene's network as a plain one, which it must be. */
struct feedforward chain_scene_take(struct chain_scene *scene);

/* Logits of one image [H][W][C] by the twin; how far those of all test images
 * are from others. */
void chain_twin_run(const struct feedforward *net, const double *image,
                    double *logits);
double chain_twin_compare(const struct chain_scene *scene,
                          const struct feedforward *net, const float *wanted);

/* Logits that tell images apart: something fires. */
void chain_assert_lively(const float *logits, size_t n_classes);

#endif
