/*
 * Frames: what a trial's process says to its supervisor through a pipe, file
 * descriptor FRAME_FD: that it goes on, how far it is, and last its record. A
 * frame is
 *
 *     kind (u64), length (u64), bytes
 */
#ifndef SWEEP_FRAME_H
#define SWEEP_FRAME_H

#include "io/bytes.h"

#include <stdbool.h>

enum { FRAME_FD = 3 };

enum frame_kind {
    FRAME_PROGRESS = 1, /* done, total (u64), loss (f64) */
    FRAME_RECORD = 2,   /* as of record_pack */
    FRAME_RESTORED = 3  /* no bytes: it goes on from a checkpoint */
};

struct frame {
    enum frame_kind kind;
    const unsigned char *at; /* borrowed from the bytes it was found in */
    size_t n;
};

struct progress {
    uint64_t done, total;
    double loss; /* NaN where there is none */
};

/* Writes a whole frame; refused if nobody reads any more. */
CHECKED enum status frame_write(int fd, enum frame_kind kind, const void *at,
                                size_t n);
CHECKED enum status frame_write_progress(int fd, struct progress progress);

/* The frame that begins at *place, which moves behind it; false if it is not
 * there whole (yet). */
bool frame_find(const struct bytes *bytes, size_t *place, struct frame *frame);

/* False if the frame is not a whole progress. */
bool frame_read_progress(const struct frame *frame, struct progress *progress);

#endif
