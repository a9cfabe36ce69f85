/*
 * Successive halving in an experiment file: of cells that differ in where
 * their training ends, those that look best go on (sweep/halving.h).
 *
 *     training = { n_epochs = 27; until_epoch = [3, 9, 0]; };    # the rungs
 *     halving  = { figure = "robust_accuracy"; factor = 3; };
 */
#ifndef IO_EXPERIMENT_HALVING_H
#define IO_EXPERIMENT_HALVING_H

enum halving_figure {
    HALVING_CLEAN_ACCURACY,
    HALVING_CLEAN_LOSS, /* less is better, as of omega */
    HALVING_OMEGA,
    HALVING_ROBUST_ACCURACY
};

struct experiment_halving {
    int figure; /* enum halving_figure */
    double factor;
};

#endif
