#include "core/training.h"
#include "core/digest.h"
#include "core/spec.h"

#define SEED_ROW                                                               \
    {                                                                          \
        .name = "seed", .unit = "1",                                           \
        .doc = "of all random numbers; cells of one seed are paired",          \
        .type = ROW_COUNT, .fallback = "1", .minimum = 0, .maximum = 0x1p53,   \
        .offset = offsetof(struct training_common, seed)                       \
    }

/* Of the network's batches and potentials, whoever has trained it. */
#define MEASURE_ROWS                                                           \
    {.name = "batch_size", .unit = "1",                                        \
     .doc = "samples a step; an incomplete last batch is left out",            \
     .type = ROW_COUNT, .fallback = "64", .minimum = 2, .maximum = 65536,      \
     .offset = offsetof(struct training_bptt, batch_size)},                    \
    {.name = "histogram_range", .unit = "1",                                   \
     .doc = "the membrane histogram covers U - V_th from -range to range",     \
     .type = ROW_REAL, .fallback = "4", .minimum = 0.01, .maximum = 1000,      \
     .offset = offsetof(struct training_bptt, histogram_range)},               \
    {.name = "histogram_bins", .unit = "1",                                    \
     .doc = "bins of the membrane histogram within that range",                \
     .type = ROW_COUNT, .fallback = "80", .minimum = 2, .maximum = 1024,       \
     .offset = offsetof(struct training_bptt, histogram_bins)}

static const char *const kept[] = {
    [KEEP_LAST] = "last", [KEEP_BEST] = "best", NULL};

static const struct row bptt_rows[] = {
    SEED_ROW,
    {.name = "n_epochs", .unit = "1", .doc = "passes over the training data",
     .type = ROW_COUNT, .fallback = "10", .minimum = 1, .maximum = 100000,
     .offset = offsetof(struct training_bptt, n_epochs)},
    MEASURE_ROWS,
    {.name = "clip_value", .unit = "1",
     .doc = "largest entry of a gradient, others are cut to it; 0: not cut",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0", .minimum = 0,
     .maximum = 1e6, .later = true,
     .offset = offsetof(struct training_bptt, clip_value)},
    {.name = "clip_norm", .unit = "1",
     .doc = "largest norm of a gradient (after clip_value), longer ones are "
            "scaled to it; 0: not scaled",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0", .minimum = 0,
     .maximum = 1e6, .later = true,
     .offset = offsetof(struct training_bptt, clip_norm)},
    {.name = "l1_penalty", .unit = "1",
     .doc = "times the sum of the weights' magnitudes, added to the loss; not "
            "of scales and biases",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0", .minimum = 0,
     .maximum = 1000, .later = true,
     .offset = offsetof(struct training_bptt, l1_penalty)},
    {.name = "l2_penalty", .unit = "1",
     .doc = "times half the sum of the weights' squares, added to the loss; "
            "the optimizer's weight_decay takes all parameters",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0", .minimum = 0,
     .maximum = 1000, .later = true,
     .offset = offsetof(struct training_bptt, l2_penalty)},
    {.name = "patience", .unit = "1",
     .doc = "training ends after so many epochs in a row without a new least "
            "loss; of the held-out samples with dataset.n_validation, else of "
            "the training's; 0: never",
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 100000,
     .later = true, .offset = offsetof(struct training_bptt, patience)},
    {.name = "min_improvement", .unit = "nat",
     .doc = "what that loss has to fall by to count as a new least one",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .later = true,
     .offset = offsetof(struct training_bptt, min_improvement)},
    {.name = "keep", .unit = "1",
     .doc = "weights at the end: those of the last epoch, or of the one with the "
            "least such loss (the first, if others improve on it by too little)",
     .type = ROW_CHOICE, .fallback = "last", .choices = kept, .later = true,
     .offset = offsetof(struct training_bptt, keep)},
    {.name = "test_each_epoch", .unit = "1",
     .doc = "measure the test split after each epoch: accuracy, loss, gap, and "
            "the layers' potentials within the surrogate's range",
     .type = ROW_FLAG, .fallback = "false", .later = true,
     .offset = offsetof(struct training_bptt, test_each_epoch)},
    {.name = "hessian_iterations", .unit = "1",
     .doc = "power iterations after each epoch, of two passes each, for the "
            "largest eigenvalue of the loss' second derivative; 0: none",
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 10000,
     .later = true,
     .offset = offsetof(struct training_bptt, hessian_iterations)},
    {.name = "until_epoch", .unit = "1",
     .doc = "training ends after so many of its n_epochs, while all schedules go by n_epochs; 0: "
            "after all. Of cells that differ in this alone, the longer go on from the shorter",
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 100000,
     .later = true, .offset = offsetof(struct training_bptt, until_epoch)},
    {.name = "hessian_step", .unit = "1",
     .doc = "how far they go for a difference of gradients, by the norm of all "
            "parameters",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.001",
     .minimum = 1e-06, .maximum = 1, .later = true,
     .offset = offsetof(struct training_bptt, hessian_step)},
};

size_t training_count_epochs(const struct training_bptt *training)
{
    size_t until = training->until_epoch;
    return until > 0 && until < training->n_epochs ? until
                                                   : training->n_epochs;
}

static const struct kind bptt = {
    .name = "bptt",
    .doc = "surrogate-gradient backpropagation through time",
    .cite = "Neftci et al. 2019; Wu et al. 2018 (STBP)",
    .rows = bptt_rows,
    .n_rows = KIND_COUNT(bptt_rows),
    .params_size = sizeof(struct training_bptt),
};

static const struct row given_rows[] = {
    SEED_ROW,
    MEASURE_ROWS,
    {.name = "digest", .unit = "1",
     .doc = "of the weights in `file`, as spikesweep import prints it: what the cell is",
     .type = ROW_TEXT, .fallback = "\"\"",
     .offset = offsetof(struct training_given, digest)},
    {.name = "file", .unit = "1",
     .doc = "a trained network: a file of spikesweep import, or of a sweep's models",
     .type = ROW_TEXT, .fallback = "\"\"", .aside = true,
     .offset = offsetof(struct training_given, file)},
};

static const char *given_applies(const struct spec *spec)
{
    struct digest digest;
    const struct training_given *given = spec->at[SPEC_TRAINING].params;
    return digest_parse(given->digest, &digest)
               ? NULL
               : "needs `file`, and `digest`: 32 digits, as spikesweep import "
                 "and evaluate tell them";
}

static const struct kind given = {
    .name = "given",
    .doc = "nothing is trained: the weights are those of `file`, and are "
           "measured and attacked as if they had been trained here",
    .cite = "this program",
    .rows = given_rows,
    .n_rows = KIND_COUNT(given_rows),
    .params_size = sizeof(struct training_given),
    .applies = given_applies,
};

static const char *const dummy_ends[] = {[DUMMY_DONE] = "done",
                                         [DUMMY_DIVERGE] = "diverge",
                                         [DUMMY_EXIT] = "exit",
                                         [DUMMY_SEGV] = "segv",
                                         [DUMMY_ABORT] = "abort",
                                         [DUMMY_KILL] = "kill",
                                         [DUMMY_PARTIAL] = "partial",
                                         [DUMMY_HANG] = "hang",
                                         [DUMMY_EXHAUST] = "exhaust",
                                         [DUMMY_HOARD] = "hoard",
                                         [DUMMY_KILL_RANK] = "kill_rank",
                                         NULL};

static const struct row dummy_rows[] = {
    SEED_ROW,
    {.name = "sleep_s", .unit = "s", .doc = "how long it sleeps",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 86400,
     .offset = offsetof(struct training_dummy, sleep_s)},
    {.name = "end", .unit = "1", .doc = "how it ends", .type = ROW_CHOICE,
     .fallback = "done", .choices = dummy_ends,
     .offset = offsetof(struct training_dummy, end)},
};

static const struct kind dummy = {
    .name = "dummy",
    .doc = "no training: sleeps, then ends as told; for testing and measuring "
           "sweeps",
    .cite = "this program",
    .rows = dummy_rows,
    .n_rows = KIND_COUNT(dummy_rows),
    .params_size = sizeof(struct training_dummy),
};

const struct kind *const training_kind_bptt = &bptt;
const struct kind *const training_kind_given = &given;
const struct kind *const training_kind_dummy = &dummy;

static const struct kind *const kinds[] = {&bptt, &given, &dummy};

const struct axis training_axis = {"training", "how the weights are found",
                                   kinds, KIND_COUNT(kinds), "bptt"};
