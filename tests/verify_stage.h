/*
 * A sweep's folder whose result file is damaged and verified: what tests of
 * io/verify.h share.
 */
#ifndef TESTS_VERIFY_STAGE_H
#define TESTS_VERIFY_STAGE_H

#include "io/hdf5_util.h"
#include "io/verify.h"
#include "tests/results_stage.h"

/* One where all went well, and one with failures, attacks on a part of the
 * samples, and checks that fail. */
extern const struct fake_sweep verify_sound, verify_rough;

/* A sweep with its sweep.h5, not open. */
struct results_stage verify_stage_open(const struct fake_sweep *sweep);
void verify_stage_close(struct results_stage *stage);

/* The lines of the file alone; and of its folder besides. Those of the folder
 * only where this line is one of them. */
struct verify verify_stage_look_at_file(struct results_stage *stage);
struct verify verify_stage_look(struct results_stage *stage);
struct verify verify_stage_look_for(struct results_stage *stage,
                                    const char *line);

/* A line by its name, or NULL. */
const struct verify_line *verify_stage_find(const struct verify *verify,
                                            const char *name);

/* Fails the test unless that line fails, with this in its figure. */
void verify_stage_fails(const struct verify *verify, const char *name,
                        const char *part);

/* Fails the test unless all lines of a folder hold, so many. */
void verify_stage_holds(struct results_stage *stage, size_t n_lines);
enum { VERIFY_STAGE_LINES = 16 };

/* The file as it was when the bytes were read. */
void verify_stage_restore(struct results_stage *stage,
                          const struct bytes *bytes);

/* One element of a variable, or two that change places, whose checksum then
 * fits: who changes it so must be found out by its meaning. */
struct change {
    const char *variable;
    size_t at; /* element, counted over all dimensions */
    double value; /* NaN: changes places with the next one that differs */
    const char *line; /* that notices */
};

void verify_stage_set(const struct results_stage *stage,
                      const struct change *change);

#endif
