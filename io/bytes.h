/*
 * Bytes that grow while they are written and are checked while they are read:
 * the one way in which records and outcomes travel through pipes, messages
 * and segment files. Integers and floats are little-endian.
 */
#ifndef IO_BYTES_H
#define IO_BYTES_H

#include "core/arena.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

struct bytes {
    unsigned char *at;
    size_t n, capacity;
};

/* Appending never fails (see status_exhaust). Free with bytes_free. */
void bytes_append(struct bytes *bytes, const void *from, size_t n);
void bytes_append_u32(struct bytes *bytes, uint32_t value);
void bytes_append_u64(struct bytes *bytes, uint64_t value);
void bytes_append_f64(struct bytes *bytes, double value);
void bytes_append_text(struct bytes *bytes, const char *text);

/* Appends the checksum (XXH3, 128 bits) of all bytes from `start` on. */
void bytes_seal(struct bytes *bytes, size_t start);
void bytes_free(struct bytes *bytes);

/* A reader over borrowed bytes; refuses (STATUS_DAMAGED) to read past the
 * end, whatever the lengths inside claim. */
struct bytes_reader {
    const unsigned char *at;
    size_t left;
};

CHECKED enum status bytes_take(struct bytes_reader *reader, size_t n,
                               const unsigned char **at);
CHECKED enum status bytes_take_u32(struct bytes_reader *reader,
                                   uint32_t *value);
CHECKED enum status bytes_take_u64(struct bytes_reader *reader,
                                   uint64_t *value);
CHECKED enum status bytes_take_f64(struct bytes_reader *reader, double *value);
CHECKED enum status bytes_take_text(struct bytes_reader *reader,
                                    struct arena *arena, const char **text);

/* Refuses a reader whose last bytes are not the checksum of all before them;
 * what is left to read are those before. */
CHECKED enum status bytes_unseal(struct bytes_reader *reader);

#endif
