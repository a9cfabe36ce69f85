/*
 * One trial: a spec and a data set in, a record out. The same bits every time
 * on one build and one kind of CPU, by whatever means.
 */
#ifndef CORE_TRIAL_H
#define CORE_TRIAL_H

#include "core/checkpoint.h"
#include "core/data.h"
#include "core/record.h"
#include "core/spec.h"
#include "core/tuning.h"

/* A trained network: all weights and running statistics, one flat vector. */
struct weights {
    size_t n;
    float *at;
};

/* How a trial is computed. */
struct trial_means {
    const struct tuning *tuning; /* NULL: tuning_builtin */
    /* No bit of a result depends on these. */
    size_t n_threads; /* 0 or 1: no threads */
    bool recompute;   /* currents are not kept for the way back, but made again:
                         less memory, more time */
};

/* What a trial may ask of the world, which core/ does not know. */
struct trial_hooks {
    void *self;
    double (*now_s)(void *self); /* a clock that only goes forward */
    /* Called often: `done` of `total` units of work; the loss as of now, NaN
     * where there is none. */
    void (*progress)(void *self, size_t done, size_t total, double loss);
    struct trial_means means;
    /* NULL: none. A stage that goes on from a checkpoint ends in the same bits
     * as one that never stopped. */
    const struct checkpoint_keeper *keeper;
    /* Of the training `given`: those of its file, of the network's shape. */
    const struct weights *given;
};

/* Where a tensor lies in that vector; convolutions are [3][3][C_in][C_out],
 * linear layers [n_in][n_out]. */
struct tensor_place {
    char name[32]; /* "block0.weight", "readout.bias" */
    size_t offset, rank, extent[4];
    struct image_shape of; /* whose pixels a linear layer's rows are of, as
                              [H][W][C]; of other tensors all 0 */
};

enum { TRIAL_TENSORS_MAX = 1024 };

/* Whether the network's answers to an image are drawn, by its encoding or its
 * gates. */
bool trial_is_random(const struct spec *spec);

/* The tensors of the spec's network on such data; returns their number. */
size_t trial_places(const struct spec *spec, const struct data_set *data,
                    struct tensor_place places[TRIAL_TENSORS_MAX]);

/* Refuses a spec whose network does not fit the data's images ("4 poolings of
 * an 8x8 image leave nothing"). All functions below require that it fits. */
CHECKED enum status trial_check(const struct spec *spec,
                                const struct data_set *data);

/* The same of the images' shape alone: there need not be any. */
CHECKED enum status trial_check_shape(const struct spec *spec,
                                      const struct data_set *data);

/* Stage "train" of a spec whose training is bptt: trains from the seed,
 * measures on the clean test split; of one that is given: measures only. All
 * memory, record and weights->at among it, is taken from `arena` and stays
 * there. A loss or a weight that is no longer finite ends it: record->diverged,
 * and what is not known is NaN. */
void trial_train(const struct spec *spec, const struct data_set *data,
                 const struct trial_hooks *hooks, struct arena *arena,
                 struct weights *weights, struct record *record);

/* Stage "evaluate": the spec's attack on a trained network, which comes from
 * weights of the spec without the attack, on which it is made, too. Refuses
 * weights that are not of the spec's shape. All memory is taken from `arena`,
 * but the attack's own. */
CHECKED enum status trial_evaluate(const struct spec *spec,
                                   const struct data_set *data,
                                   const struct weights *weights,
                                   const struct trial_hooks *hooks,
                                   struct arena *arena, struct record *record);

/* The samples that a spec's attack is run on, of a test split of n_test, and
 * how many of them are one task: attack.samples_per_task. Parts begin at
 * multiples of that. */
size_t trial_attack_samples(const struct spec *spec, size_t n_test);
size_t trial_part_size(const struct spec *spec, size_t n_test);

/* Whether the attack is made on another cell's network, and that cell, without
 * its attack; refuses what cannot be, also on such data. */
bool trial_has_source(const struct spec *spec);
CHECKED enum status trial_find_source(const struct spec *spec,
                                      const struct data_set *data,
                                      struct arena *arena,
                                      struct spec *source);

/* The same for a part, whose record has what record_join needs; the whole is
 * trial_evaluate's. Refuses a span of another number of samples than the
 * attack's. */
CHECKED enum status trial_evaluate_part(const struct spec *spec,
                                        const struct data_set *data,
                                        struct span span,
                                        const struct weights *weights,
                                        const struct trial_hooks *hooks,
                                        struct arena *arena,
                                        struct record *record);

/* What an evaluation goes by: the cell's own network, and that of
 * trial_find_source where the attack is made on another. */
struct trial_networks {
    struct weights own, source;
};

/* The same for an attack of any source. */
CHECKED enum status trial_transfer_part(const struct spec *spec,
                                        const struct data_set *data,
                                        struct span span,
                                        const struct trial_networks *networks,
                                        const struct trial_hooks *hooks,
                                        struct arena *arena,
                                        struct record *record);

/* trial_memory of a part, or of the whole. */
size_t trial_part_memory(const struct spec *spec, const struct data_set *data,
                         struct span span, struct trial_means means);

/* Bytes that the stage will need besides the data set; exact, since it runs
 * the layout itself over a counting arena: what is taken from `arena`, and
 * attack_memory. */
size_t trial_memory(const struct spec *spec, const struct data_set *data,
                    struct trial_means means);

/* Seconds that the stage will take, from timing one batch of it (on random
 * images) by `hooks`' clock; of an attack at most, as if no sample fell to it
 * before its end. */
double trial_estimate(const struct spec *spec, const struct data_set *data,
                      const struct trial_hooks *hooks);

#endif
