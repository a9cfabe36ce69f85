#include "core/dataset.h"
#include "core/spec.h"

#define COMMON_ROWS                                                            \
    {.name = "n_train",                                                        \
     .unit = "1",                                                              \
     .doc = "training samples, balanced over classes; 0: all",                 \
     .type = ROW_COUNT,                                                        \
     .fallback = "0",                                                          \
     .minimum = 0,                                                             \
     .maximum = 1e8,                                                           \
     .offset = offsetof(struct dataset_common, n_train)},                      \
        {.name = "n_test",                                                     \
         .unit = "1",                                                          \
         .doc = "test samples, balanced over classes; 0: all",                 \
         .type = ROW_COUNT,                                                    \
         .fallback = "0",                                                      \
         .minimum = 0,                                                         \
         .maximum = 1e8,                                                       \
         .offset = offsetof(struct dataset_common, n_test)},                   \
        {.name = "n_validation",                                               \
         .unit = "1",                                                          \
         .doc = "training samples to hold out, balanced over classes; if there are any, they " \
                "take the place of the test samples in all that is measured", \
         .type = ROW_COUNT,                                                    \
         .fallback = "0",                                                      \
         .minimum = 0,                                                         \
         .maximum = 1e8,                                                       \
         .later = true,                                                        \
         .offset = offsetof(struct dataset_common, n_validation)},             \
        {.name = "validation_seed",                                            \
         .unit = "1",                                                          \
         .doc = "decides which ones are held out",                             \
         .type = ROW_COUNT,                                                    \
         .fallback = "0",                                                      \
         .minimum = 0,                                                         \
         .maximum = 1e8,                                                       \
         .later = true,                                                        \
         .offset = offsetof(struct dataset_common, validation_seed)},          \
    {                                                                          \
        .name = "folder", .unit = "1",                                         \
        .doc = "where its files are; empty: the usual place",                  \
        .type = ROW_TEXT, .fallback = "\"\"", .aside = true,                   \
        .offset = offsetof(struct dataset_common, folder)                      \
    }

struct from_files {
    struct dataset_common common;
};

static const struct row file_rows[] = {COMMON_ROWS};

#define FILES_KIND(kind_name, kind_doc, kind_cite)                             \
    {                                                                          \
        .name = kind_name, .doc = kind_doc, .cite = kind_cite,                 \
        .rows = file_rows, .n_rows = KIND_COUNT(file_rows),                    \
        .params_size = sizeof(struct from_files)                               \
    }

static const struct kind fashion_mnist = FILES_KIND(
    "fashion_mnist",
    "Fashion-MNIST: 60,000 + 10,000 images 28x28 of 10 articles of clothing; "
    "usual place: Debian's package dataset-fashion-mnist",
    "arXiv 1708.07747");

static const struct kind idx =
    FILES_KIND("idx",
               "any set in MNIST's four IDX files, plain or gzip, in `folder` "
               "(train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-...)",
               "the IDX format of MNIST, LeCun et al. 1998");

static const struct kind cifar10 = FILES_KIND(
    "cifar10",
    "CIFAR-10's binary version (data_batch_1.bin to _5.bin, test_batch.bin) "
    "in `folder`",
    "Krizhevsky 2009");

static const struct kind hdf5 = FILES_KIND(
    "hdf5",
    "any other set, in train.h5 and test.h5 in `folder`: a dataset images of "
    "unsigned bytes, [n][height][width] or [n][height][width][channels], and "
    "a dataset labels of n integers from 0",
    "the HDF5 format, The HDF Group");

static const char *const labels_names[] = {
    [LABELS_FINE] = "fine", [LABELS_COARSE] = "coarse", NULL};

static const struct row cifar100_rows[] = {
    COMMON_ROWS,
    {.name = "labels", .unit = "1",
     .doc = "fine: 100 classes; coarse: their 20 superclasses",
     .type = ROW_CHOICE, .fallback = "fine", .choices = labels_names,
     .offset = offsetof(struct dataset_cifar100, labels)},
};

static const struct kind cifar100 = {
    .name = "cifar100",
    .doc = "CIFAR-100's binary version (train.bin, test.bin) in `folder`",
    .cite = "Krizhevsky 2009",
    .rows = cifar100_rows,
    .n_rows = KIND_COUNT(cifar100_rows),
    .params_size = sizeof(struct dataset_cifar100),
};

static const char *const slices_names[] = {
    [SLICES_OF_TIME] = "time", [SLICES_OF_EVENTS] = "events", NULL};

static const struct row nmnist_rows[] = {
    COMMON_ROWS,
    {.name = "n_frames", .unit = "1",
     .doc = "frames that a recording is sliced into; the encoding events needs one a time step",
     .type = ROW_COUNT, .fallback = "4", .minimum = 1, .maximum = 32,
     .offset = offsetof(struct dataset_events, n_frames)},
    {.name = "saturation", .unit = "1",
     .doc = "events of a pixel in a frame that make it 1; fewer are in proportion",
     .type = ROW_COUNT, .fallback = "1", .minimum = 1, .maximum = 255,
     .offset = offsetof(struct dataset_events, saturation)},
    {.name = "slices", .unit = "1",
     .doc = "time: frames of equal duration, from a recording's first to its last event; "
            "events: of equally many",
     .type = ROW_CHOICE, .fallback = "time", .choices = slices_names,
     .offset = offsetof(struct dataset_events, slices)},
    {.name = "train_list", .unit = "1",
     .doc = "file that lists recordings after a heading, one a line: the number of its file (as "
            "in 1.bs2) and its class; or an HDF5 file of recordings, as spikesweep convert makes "
            "it; empty: all .bin files in the folders Train/0 to Train/9",
     .type = ROW_TEXT, .fallback = "\"train1K.txt\"",
     .offset = offsetof(struct dataset_events, train_list)},
    {.name = "test_list", .unit = "1", .doc = "the same for testing, in Test/",
     .type = ROW_TEXT, .fallback = "\"test100.txt\"",
     .offset = offsetof(struct dataset_events, test_list)},
};

static const struct kind nmnist = {
    .name = "nmnist",
    .doc = "N-MNIST: recordings of 34x34 pixels, events of two polarities (5 bytes each: x, y, "
           "polarity and 23 bits of microseconds) binned into frames; in `folder`, by lists as in "
           "SLAYER's subset or in folders as N-MNIST comes",
    .cite = "Orchard et al., Front. Neurosci. 9:437, 2015",
    .rows = nmnist_rows,
    .n_rows = KIND_COUNT(nmnist_rows),
    .params_size = sizeof(struct dataset_events),
};

size_t dataset_count_frames(const struct choice *dataset)
{
    const struct dataset_events *events = dataset->params;
    return dataset->kind == &nmnist ? events->n_frames : 0;
}

static const struct row synthetic_rows[] = {
    COMMON_ROWS,
    {.name = "height", .unit = "pixel", .doc = "image height",
     .type = ROW_COUNT, .fallback = "8", .minimum = 2, .maximum = 256,
     .offset = offsetof(struct dataset_synthetic, height)},
    {.name = "width", .unit = "pixel", .doc = "image width",
     .type = ROW_COUNT, .fallback = "8", .minimum = 2, .maximum = 256,
     .offset = offsetof(struct dataset_synthetic, width)},
    {.name = "n_channels", .unit = "1", .doc = "channels", .type = ROW_COUNT,
     .fallback = "1", .minimum = 1, .maximum = 16,
     .offset = offsetof(struct dataset_synthetic, n_channels)},
    {.name = "n_classes", .unit = "1", .doc = "classes", .type = ROW_COUNT,
     .fallback = "4", .minimum = 2, .maximum = DATASET_CLASSES_MAX,
     .offset = offsetof(struct dataset_synthetic, n_classes)},
    {.name = "noise", .unit = "1", .doc = "deviation of the pixel noise",
     .type = ROW_REAL, .fallback = "0.2", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct dataset_synthetic, noise)},
};

static const struct kind synthetic = {
    .name = "synthetic",
    .doc = "made, not read: a random prototype image a class, plus noise; "
           "n_train and n_test of 0 mean 512 and 256",
    .cite = "this program; for tests",
    .rows = synthetic_rows,
    .n_rows = KIND_COUNT(synthetic_rows),
    .params_size = sizeof(struct dataset_synthetic),
};

static const struct kind *const kinds[] = {&fashion_mnist, &idx, &cifar10,
                                           &cifar100, &nmnist, &hdf5,
                                           &synthetic};

const struct axis dataset_axis = {"dataset", "the images", kinds,
                                  KIND_COUNT(kinds), "fashion_mnist"};
