/*
 * A sweep folder as a run would leave it, with made-up but plausible results:
 * for tests of what reads results. Encodings direct and poisson, surrogates
 * triangular and rectangular, no regularizer and mpd_sgr at two weights,
 * attacks fgsm, pgd (two numbers of steps) and gaussian.
 */
#ifndef TESTS_FAKE_SWEEP_H
#define TESTS_FAKE_SWEEP_H

#include "core/spec.h"
#include "io/outcome.h"

struct fake_sweep {
    size_t n_seeds, n_test, n_epochs; /* n_test: samples of the test split */
    size_t n_attacked;                /* samples attacked; 0: all */
    size_t n_hidden;                  /* spiking layers */
    bool fails;   /* one training fails, one attack is killed, one diverges */
    bool unsound; /* fgsm beats pgd and forgets what it found in one cell,
                     and leaves its ball in another */
};

/* A small one: 12 cells of one seed, 200 test samples. */
extern const struct fake_sweep fake_sweep_small;

/* Makes DIR/experiment.cfg and DIR/segments. Aborts on refusal. */
void fake_sweep_write(const char *folder, const struct fake_sweep *sweep);

/* The first of these alone, in a folder made if it is not there. */
void fake_sweep_write_experiment(const char *folder,
                                 const struct fake_sweep *sweep);

/* The number of cells, and of attacks of each. */
size_t fake_sweep_cells(const struct fake_sweep *sweep);
enum { FAKE_ATTACKS = 4, FAKE_EPSILONS = 6 };

/* The spec of cell i (without an attack) and of its attack k. */
struct spec fake_sweep_spec(const struct fake_sweep *sweep, size_t i,
                            struct arena *arena);
struct spec fake_sweep_attack(const struct fake_sweep *sweep, size_t i,
                              size_t k, struct arena *arena);

/* A finished outcome of such a spec, its record packed into `bytes`, which
 * the caller frees. */
struct outcome fake_sweep_outcome(const struct fake_sweep *sweep,
                                  const struct spec *spec, struct bytes *bytes,
                                  struct arena *arena);

#endif
