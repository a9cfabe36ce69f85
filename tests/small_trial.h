/*
 * Trials on small synthetic data, in seconds.
 */
#ifndef TESTS_SMALL_TRIAL_H
#define TESTS_SMALL_TRIAL_H

#include "core/data.h"
#include "core/trial.h"

enum { SMALL_LOSSES_MAX = 256 };

/* What the hooks got to see; `now` is a clock that goes on by 1 s a look. */
struct small_watch {
    double now;
    size_t n_calls, done, total;
    double loss[SMALL_LOSSES_MAX]; /* of the first calls */
};

struct trial_hooks small_hooks(struct small_watch *watch);

/* 3 classes of 6 x 6 images, 96 to train on, 50 to test with. */
struct data_set small_trial_data(struct arena *arena);

/* A trial trained; `text` changes the defaults below. */
struct small_trial {
    struct arena arena; /* of the spec and the data */
    struct arena run;   /* the trial's */
    struct spec spec;
    struct data_set data;
    struct small_watch watch;
    struct weights weights;
    struct record record;
};

/* An mlp of 24 neurons, a csnn or a residual network, T = 4, 6 epochs in
 * batches of 16 or 8. */
#define SMALL_MLP                                                              \
    "network = mlp\nnetwork.hidden = [24]\nnetwork.normalize_linear = true\n"  \
    "training.n_epochs = 6\ntraining.batch_size = 16\n"
#define SMALL_CSNN                                                             \
    "network = csnn\nnetwork.channels = [8]\nnetwork.hidden = [16]\n"          \
    "network.normalize_linear = true\n"                                       \
    "training.n_epochs = 6\ntraining.batch_size = 16\n"
#define SMALL_WRN                                                              \
    "network = wrn16\nnetwork.width = 4\nnetwork.widening = 2\n"               \
    "training.n_epochs = 6\ntraining.batch_size = 8\n"

void small_trial_open(struct small_trial *trial, const char *text);
void small_trial_train(struct small_trial *trial, const char *text);
void small_trial_close(struct small_trial *trial);

#endif
