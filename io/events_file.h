/*
 * Recordings of events in one HDF5 file:
 *
 *     /events/x, y, p     [N] of all recordings, one after the other: bytes
 *     /events/t           [N] microseconds from a recording's begin
 *     /recordings/first   [n + 1] where each begins; the last is N
 *     /recordings/label   [n] its class; 255: not known
 *     /recordings/name    [n] of its file, below the folder of all
 *
 * Events are those of N-MNIST's .bin and .bs2 files, 5 bytes each: x, y, a bit
 * of polarity and 23 bits of time. Both forms say the same: a file that is
 * taken apart again has its bytes. However many there are, the events of one
 * recording (and a part of the file) are in memory at a time.
 */
#ifndef IO_EVENTS_FILE_H
#define IO_EVENTS_FILE_H

#include "core/arena.h"
#include "core/status.h"
#include "io/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EVENTS_LABEL_UNKNOWN = 255,
    EVENTS_EVENT_SIZE = 5,
    EVENTS_RECORDING_MOST = 1 << 26 /* bytes; N-MNIST's largest has 36,000 */
};

struct event {
    size_t x, y, polarity; /* to 255, 255 and 1 */
    uint32_t time_us;      /* of 23 bits */
};

/* Out of its 5 bytes. */
static inline struct event events_decode(const unsigned char *at)
{
    return (struct event){at[0], at[1], at[2] >> 7,
                          (uint32_t)(at[2] & 127) << 16 |
                              (uint32_t)at[3] << 8 | at[4]};
}

struct events_recording {
    const char *name;
    unsigned char label;
    size_t n_bytes; /* a multiple of 5 */
};

/* Appends n_bytes of recording i; quickest in their order. */
typedef enum status events_take(void *self, size_t i, struct bytes *to);

struct events_set {
    size_t n;
    struct events_recording *at;
    events_take *take;
    void (*close)(void *self); /* NULL: there is nothing to close */
    void *self;
};

void events_set_close(struct events_set *set);

/* Durable; the same recordings make the same bytes. */
CHECKED enum status events_file_write(const char *path,
                                      const struct events_set *set);

/* In `arena`, open until it is closed. Refuses what is not of that form, names
 * that lead out of a folder and, as they are taken, numbers that do not fit
 * their bits. */
CHECKED enum status events_file_open(const char *path, struct arena *arena,
                                     struct events_set *set);

/* Whether a name ends as such files do: ".h5" or ".hdf5". */
bool events_file_is_named(const char *path);

/* A file of events by itself, named by its last part; and those of a folder as
 * io/dataset_parts.h lists them. In `arena`. */
CHECKED enum status events_folder_take(const char *path, struct arena *arena,
                                       struct events_set *set);
CHECKED enum status events_folder_gather(const char *folder, const char *list,
                                         const char *part, struct arena *arena,
                                         struct events_set *set);

/* All of them as files below a folder, which is made where it is not there. */
CHECKED enum status events_folder_scatter(const char *folder,
                                          const struct events_set *set);

#endif
