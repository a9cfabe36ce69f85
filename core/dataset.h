/*
 * The axis "dataset": which images, how many, from where. The descriptors are
 * here; io/dataset.h reads the files, since core/ knows none.
 *
 * Kinds: fashion_mnist, idx (any MNIST-like set), cifar10, cifar100, nmnist
 * (event recordings), hdf5 (anything else), synthetic.
 */
#ifndef CORE_DATASET_H
#define CORE_DATASET_H

#include "core/kind.h"

/* Labels and predictions are bytes, and in results the byte 255 stands for a
 * missing one: no class may have that number. */
enum { DATASET_CLASSES_MAX = 255 };

/* Parameters that all data sets begin with. */
struct dataset_common {
    size_t n_train, n_test; /* 0: all there are */
    size_t n_validation, validation_seed;
    const char *folder;     /* aside; "" for the kind's usual place */
};

enum dataset_labels { LABELS_FINE, LABELS_COARSE };

struct dataset_cifar100 {
    struct dataset_common common;
    int labels; /* enum dataset_labels */
};

enum dataset_slices { SLICES_OF_TIME, SLICES_OF_EVENTS };

/* Recordings of events, which become frames: 2 channels a frame. */
struct dataset_events {
    struct dataset_common common;
    size_t n_frames, saturation;
    int slices; /* enum dataset_slices */
    const char *train_list, *test_list;
};

/* A set that is made, not read: noisy class prototypes. */
struct dataset_synthetic {
    struct dataset_common common;
    size_t height, width, n_channels, n_classes;
    double noise; /* deviation of the pixel noise, 0 to 1 */
};

extern const struct axis dataset_axis;

/* Frames of a set of recordings, whose channels are in as many groups, the
 * first frame's first; 0 for sets of images. */
struct choice;
size_t dataset_count_frames(const struct choice *dataset);

#endif
