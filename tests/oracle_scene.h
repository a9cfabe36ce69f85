/*
 * The networks of tests/oracle/torch_step.py, made by the same formulas, and
 * what its numbers are held against.
 */
#ifndef TESTS_ORACLE_SCENE_H
#define TESTS_ORACLE_SCENE_H

#include "core/model.h"
#include "core/trial.h"

#include <stdio.h>

enum { ORACLE_N_IMAGES = 6, ORACLE_N_CLASSES = 4 };

struct oracle_example {
    const char *name;
    struct image_shape shape;
    const char *text; /* of its spec */
};

enum { ORACLE_N_EXAMPLES = 12 };
extern const struct oracle_example oracle_examples[ORACLE_N_EXAMPLES];
const struct oracle_example *oracle_find(const char *name);

/* One example under way. */
struct oracle_step {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n_places, n_made;
    double phase;
    float *images, *d_images;
    uint32_t ids[ORACLE_N_IMAGES];
    uint8_t labels[ORACLE_N_IMAGES], predicted[ORACLE_N_IMAGES];
    double test_loss, loss, term;
};

/* `more`: further lines of the spec. What is taken is in step->arena. */
void oracle_open(struct oracle_step *step, const struct oracle_example *example,
                 const char *more, enum model_purpose purpose, double phase);

/* The mean loss of the logits; d_logits by `scale` times a sample's own. */
double oracle_take_loss(struct oracle_step *step, float scale);

/* "tensor" has been read: name, number of entries, sum, norm; then lines of
 * index and entry, of a gradient or running statistics, or of d_images. */
void oracle_check_tensor(const struct oracle_step *step, FILE *file);

/* The largest relative error so far. */
double oracle_worst_gradient(void);

#endif
