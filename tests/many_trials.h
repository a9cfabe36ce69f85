/*
 * A sweep.h5 of very many trials, made in a minute: the layout is that of
 * io/store*.c, what would come out of segments is made up here. Effects of
 * axes, one interaction and seeds are in the figures, so that whoever looks for
 * them finds them (tests may ask for them by many_clean and many_robust).
 *
 * Axes, the first running fastest: training.seed (5), regularizer (none and
 * mpd_sgr at 3 weights), surrogate (5 kinds), encoding (4 kinds), neuron.leak
 * (10), optimizer.learning_rate (as many as it takes). Attacks: fgsm, pgd.
 * Every 97th training has failed, every 89th diverged.
 */
#ifndef TESTS_MANY_TRIALS_H
#define TESTS_MANY_TRIALS_H

#include "core/settings.h"
#include "io/store_file.h"

enum { MANY_ATTACKS = 2, MANY_EPSILONS = 5 };

/* Writes it with an experiment file beside it that is as made up. */
CHECKED enum status many_trials_write(const char *path, size_t n);

/* What stands in the file for a trial by its settings, and under attack
 * (0: fgsm) at an epsilon. */
double many_clean(const struct settings *trial);
double many_robust(const struct settings *trial, size_t attack,
                   double epsilon);

#endif
