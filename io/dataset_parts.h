/*
 * What the files io/dataset_*.c share: sources (files to decode), readers (one
 * a kind of data set), and the cache of what they decoded.
 */
#ifndef IO_DATASET_PARTS_H
#define IO_DATASET_PARTS_H

#include "core/dataset.h"
#include "io/bytes.h"
#include "io/dataset.h"
#include "io/events_file.h"

/* sources: files, plain or gzip --------------------------------------- */

struct dataset_source {
    const char *path; /* absolute, without links */
    uint64_t size;
    int64_t modified_ns; /* since 1970 */
};

enum { DATASET_SOURCES_MAX = 6 };

struct dataset_sources {
    size_t n;
    struct dataset_source at[DATASET_SOURCES_MAX];
};

/* Adds FOLDER/NAME or, if that is not there, FOLDER/NAME.gz. `hint`, which
 * ends the sentence that refuses a missing file, says where to get it. */
CHECKED enum status dataset_source_find(const char *folder, const char *name,
                                        const char *hint, struct arena *arena,
                                        struct dataset_sources *sources);

/* Appends the first n_max bytes of a file, or all if it has fewer; what is
 * gzip is unpacked. Memory grows with what is there, not with n_max. Refuses
 * gzip that is cut short or fails its checksum, as far as it was read. */
CHECKED enum status dataset_source_read(const struct dataset_source *source,
                                        size_t n_max, struct bytes *bytes);

/* recordings of events -------------------------------------------------- */

struct dataset_recording {
    const char *name; /* of its file in the folder */
    unsigned char label;
};

struct dataset_recordings {
    size_t n;
    struct dataset_recording *at;
    struct events_set set; /* these, if they lie in one file; else empty */
};

/* Those of a list in the folder: a heading that begins with '#', then a line
 * "NUMBER CLASS" for each NUMBER.bs2; all of an HDF5 file, if the list is one
 * (io/events_file.h); or without a list (""), those that lie in
 * FOLDER/PART/CLASS/ and end in .bin, by name. Classes are 0 to 9. */
CHECKED enum status dataset_list_recordings(
    const char *folder, const char *list, const char *part,
    struct arena *arena, struct dataset_recordings *recordings);
void dataset_recordings_close(struct dataset_recordings *recordings);

/* readers -------------------------------------------------------------- */

enum { DATASET_SIDE_MAX = 4096 }; /* pixels of an image's side, at most */

struct dataset_part {
    struct bytes images, labels; /* [n][H][W][C] and [n] */
};

/* A whole data set, decoded, in the order of its files. */
struct dataset_whole {
    struct image_shape shape;
    size_t n_classes;
    struct dataset_part train, test;
};

struct dataset_reader {
    const char *kind;
    /* Adds all files that the kind reads; NULL if it is made, not read. */
    enum status (*find)(const struct choice *dataset, struct arena *arena,
                        struct dataset_sources *sources);
    enum status (*read)(const struct choice *dataset,
                        const struct dataset_sources *sources,
                        struct dataset_whole *whole);
};

extern const struct dataset_reader dataset_reader_fashion_mnist,
    dataset_reader_idx, dataset_reader_cifar10, dataset_reader_cifar100,
    dataset_reader_nmnist, dataset_reader_hdf5, dataset_reader_synthetic;

void dataset_whole_free(struct dataset_whole *whole);

/* Refuses labels that are not below n_classes. */
CHECKED enum status dataset_check_labels(const struct bytes *labels,
                                         size_t n_classes, const char *path);

/* As many classes as the training labels have, at least 2; refuses others among
 * the test labels. Messages name these files. */
CHECKED enum status dataset_count_classes(struct dataset_whole *whole,
                                          const char *train, const char *test);

/* An order of samples by their labels, [n]: shuffled by the seed and then dealt
 * class by class, so that any first samples are balanced as well as the
 * classes' numbers allow; and so are those that follow them. Samples are kept
 * by seed 0. `lane`: 0 train, 1 test, 2 validation. */
void dataset_order(const uint8_t *labels, size_t n, uint64_t seed,
                   uint64_t lane, uint32_t *order);

/* the cache ------------------------------------------------------------ */

/* Maps a cache file that was made for `key`; false if there is none, or none
 * that is whole. */
bool dataset_cache_map(const char *path, struct digest key,
                       struct data_set *data);

/* True if dataset_trust_note has been told of this file, as it is now. Without
 * dataset_trust_together never. */
struct stat;
bool dataset_trust_knows(const struct stat *file);
void dataset_trust_note(const struct stat *file);

/* The bytes of a cache file; in them the samples are in dataset_order if they
 * were read, and as they are if they were made. */
void dataset_cache_pack(const struct dataset_whole *whole, bool ordered,
                        struct digest key, struct bytes *bytes);

/* Deletes the "*.tmp" of a folder that nobody has written to for a day: what
 * crashes left, on this machine or on another that has the folder, too. */
void dataset_cache_clean(const char *folder);

#endif
