/*
 * A fake sweep of which one attack went back through several surrogates: what
 * tests of the surrogate matrix share. Two cells of two seeds each; FGSM
 * through one surrogate, PGD through four, one of them at two scales, and
 * noise.
 */
#ifndef TESTS_MATRIX_SCENE_H
#define TESTS_MATRIX_SCENE_H

#include "tests/fake_record.h"
#include "tests/store_stage.h"

enum { N_CELLS = 4, N_ATTACKS = 6, N_THROUGH = 4 };

struct matrix_attack {
    size_t kind; /* of fake_attacks */
    const char *way, *name;
};

extern const struct matrix_attack matrix_attacks[N_ATTACKS];
extern const char *const matrix_labels[N_THROUGH];

struct matrix_scene {
    struct fake_sweep sweep;
    struct results_stage stage;
    struct record records[N_CELLS][N_ATTACKS], clean[N_CELLS];
    bool is_gone[N_CELLS][N_ATTACKS];
    struct arena arena;
};

/* Without the k-th attack of the first cell; N_ATTACKS: with all. */
void matrix_open(struct matrix_scene *scene, size_t k);
void matrix_close(struct matrix_scene *scene);

/* Where the results have it. */
size_t matrix_trial(struct matrix_scene *scene, size_t cell);
size_t matrix_which(struct matrix_scene *scene, size_t k);

/* Straight from the records: of one attack, and of attacks first to end. */
double matrix_accuracy(struct matrix_scene *scene, size_t cell, size_t k,
                       size_t e);
struct result_surrogates matrix_directly(const struct matrix_scene *scene,
                                         size_t cell, size_t first, size_t end,
                                         size_t e);

#endif
