/*
 * The axis "training": how a cell's network comes to its weights.
 *
 * Kinds: bptt (surrogate-gradient backpropagation through time), given (weights
 * of a file: nothing is trained, all else is as with bptt) and dummy (no
 * science at all: sleeps, then ends as told; for measuring and testing the
 * sweep itself).
 */
#ifndef CORE_TRAINING_H
#define CORE_TRAINING_H

#include "core/kind.h"

/* Parameters that all kinds of training begin with. */
struct training_common {
    size_t seed; /* pairs cells: initial weights and data order depend on the
                    seed alone */
};

/* Whose weights training ends with: the last epoch's, or those of the one with
 * the least loss. */
enum training_keep { KEEP_LAST, KEEP_BEST };

struct training_bptt {
    struct training_common common;
    size_t n_epochs, batch_size;
    size_t until_epoch; /* 0, as n_epochs and more: it goes on to the end */
    double histogram_range;  /* membrane histogram over U - V_th within
                                (-range, range), in units of potential */
    size_t histogram_bins;
    double clip_norm, clip_value;   /* 0: the gradient is not clipped */
    double l1_penalty, l2_penalty;  /* on weights, not on scales and biases */
    size_t patience;                /* 0: training does not end early */
    double min_improvement;
    int keep; /* enum training_keep */
    bool test_each_epoch;
    size_t hessian_iterations; /* 0: its eigenvalue is not looked for */
    double hessian_step;
};

/* Epochs that are run, if training does not end early. */
size_t training_count_epochs(const struct training_bptt *training);

/* `as_bptt` has no epochs. Who computes such a cell reads the file and hands
 * its weights over (struct trial_hooks). */
struct training_given {
    struct training_bptt as_bptt;
    const char *digest; /* digest_of the flat vector: what the cell is */
    const char *file;   /* aside: where it lies */
};

enum dummy_end {
    DUMMY_DONE,
    DUMMY_DIVERGE,
    DUMMY_EXIT,    /* exit code 3 without a result */
    DUMMY_SEGV,
    DUMMY_ABORT,
    DUMMY_KILL,    /* SIGKILL, as the kernel's out-of-memory killer does */
    DUMMY_PARTIAL, /* writes half a result, then exits with 0 */
    DUMMY_HANG,    /* never ends by itself */
    DUMMY_EXHAUST, /* asks for more memory than any machine has */
    DUMMY_HOARD,   /* takes more and more, up to 64 GB that it does not use */
    DUMMY_KILL_RANK /* SIGKILL for its parent, if that is its rank */
};

struct training_dummy {
    struct training_common common;
    double sleep_s;
    int end; /* enum dummy_end */
};

extern const struct axis training_axis;
extern const struct kind *const training_kind_bptt;
extern const struct kind *const training_kind_given;
extern const struct kind *const training_kind_dummy;

#endif
