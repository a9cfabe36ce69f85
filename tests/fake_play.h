/*
 * What the fake trials of a schedule are about: the tasks of an experiment,
 * enumerated once for many schedules, and how each of them ends.
 */
#ifndef TESTS_FAKE_PLAY_H
#define TESTS_FAKE_PLAY_H

#include "sweep/ledger.h"
#include "tests/fake_wire.h"

/* Evaluations of so many samples are cut into parts in so many ways: the first
 * not at all. No choice of parts changes what a task is. */
enum { PLAY_SAMPLES = 12, PLAY_CUTS = 3 };

struct play {
    struct arena arena;
    struct experiment experiment, cut[PLAY_CUTS]; /* the first is the same */
    struct cells cells;
    size_t n_tasks; /* a cell's training, then its attacks, whole */
    struct digest *digests;
    const char **specs, **cut_specs[PLAY_CUTS]; /* with asides */
};

void play_open(struct play *play, size_t n_cells, size_t n_attacks);
void play_close(struct play *play);

/* The number of the task with this spec or digest; MUST be there. */
size_t play_find(const struct play *play, const char *spec);
size_t play_find_digest(const struct play *play, struct digest digest);

/* An outcome without a record. */
struct outcome play_outcome(const struct play *play, size_t task,
                            enum outcome_state state, uint64_t attempt);

/* What a task does whenever it is tried. */
struct fate {
    uint64_t n_failing; /* attempts up to this one fail */
    bool diverges, times_out;
    double least_s, most_s;
};

struct fate fate_draw(struct chance *chance, double most_s);
enum outcome_state fate_end(const struct fate *fate, uint64_t attempt);

#endif
