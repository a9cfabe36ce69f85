/*
 * A fake sweep that is rebuilt and read: what tests of results begin with.
 */
#ifndef TESTS_RESULTS_STAGE_H
#define TESTS_RESULTS_STAGE_H

#include "io/hdf5_util.h"
#include "io/results.h"
#include "tests/fake_sweep.h"
#include "tests/scratch.h"

struct results_stage {
    struct scratch scratch;
    struct arena arena;
    const char *path; /* of sweep.h5 */
    struct results results;
};

/* Writes the sweep into a new folder, makes its sweep.h5 and opens that. */
struct results_stage results_stage_open(const struct fake_sweep *sweep);
void results_stage_close(struct results_stage *stage);

/* The same for all tests of a program, as its group's set-up, which is to
 * return what this does, and tear-down. There is one such stage. */
int results_stage_raise(const struct fake_sweep *sweep, struct arena **arena,
                        const struct results **results);
int results_stage_strike(void **state);

/* Makes sweep.h5 anew, and nothing besides, and returns the note on the earlier
 * one; opens it anew (the earlier results are not closed). */
const char *results_stage_rebuild(struct results_stage *stage);
void results_stage_read(struct results_stage *stage);

/* The file, open to be changed; and where in it the first chunk of a variable
 * lies. */
hid_t results_stage_change(const struct results_stage *stage);
size_t results_stage_find_chunk(const struct results_stage *stage,
                                const char *variable);

/* A text attribute of the root, which must be there. */
const char *results_stage_attribute(struct results_stage *stage,
                                    const char *name);

/* Where in the results a spec's cell is, and attack k of a fake sweep. */
size_t results_stage_find_trial(const struct results *results,
                                const struct spec *spec);
size_t results_stage_find_attack(const struct results *results, size_t k);

#endif
