#include "io/bytes.h"
#include "core/digest.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 256, SEAL_SIZE = 16 };

static void make_room(struct bytes *bytes, size_t n)
{
    MUST(n <= SIZE_MAX / 4 && bytes->n <= SIZE_MAX / 4);
    if (bytes->n + n <= bytes->capacity)
        return;
    size_t capacity = bytes->capacity ? bytes->capacity : CAPACITY_MIN;
    while (capacity < bytes->n + n)
        capacity *= 2;
    unsigned char *at = realloc(bytes->at, capacity);
    if (!at)
        status_exhaust(capacity);
    bytes->at = at;
    bytes->capacity = capacity;
}

void bytes_append(struct bytes *bytes, const void *from, size_t n)
{
    if (n == 0)
        return;
    make_room(bytes, n);
    memcpy(bytes->at + bytes->n, from, n);
    bytes->n += n;
}

void bytes_append_u32(struct bytes *bytes, uint32_t value)
{
    uint32_t little = htole32(value);
    bytes_append(bytes, &little, sizeof little);
}

void bytes_append_u64(struct bytes *bytes, uint64_t value)
{
    uint64_t little = htole64(value);
    bytes_append(bytes, &little, sizeof little);
}

void bytes_append_f64(struct bytes *bytes, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bytes_append_u64(bytes, bits);
}

void bytes_append_text(struct bytes *bytes, const char *text)
{
    size_t n = strlen(text);
    bytes_append_u64(bytes, n);
    bytes_append(bytes, text, n);
}

void bytes_seal(struct bytes *bytes, size_t start)
{
    MUST(start <= bytes->n);
    struct digest digest =
        bytes->n ? digest_of(bytes->at + start, bytes->n - start)
                 : digest_of("", 0);
    bytes_append_u64(bytes, digest.high);
    bytes_append_u64(bytes, digest.low);
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){NULL, 0, 0};
}

enum status bytes_take(struct bytes_reader *reader, size_t n,
                       const unsigned char **at)
{
    if (n > reader->left)
        return status_refuse(STATUS_DAMAGED,
                             "cut short: %zu more bytes are wanted, %zu are "
                             "left",
                             n, reader->left);
    *at = reader->at;
    reader->at += n;
    reader->left -= n;
    return STATUS_OK;
}

enum status bytes_take_u32(struct bytes_reader *reader, uint32_t *value)
{
    const unsigned char *at = NULL;
    uint32_t little = 0;
    TRY(bytes_take(reader, sizeof little, &at));
    memcpy(&little, at, sizeof little);
    *value = le32toh(little);
    return STATUS_OK;
}

enum status bytes_take_u64(struct bytes_reader *reader, uint64_t *value)
{
    const unsigned char *at = NULL;
    uint64_t little = 0;
    TRY(bytes_take(reader, sizeof little, &at));
    memcpy(&little, at, sizeof little);
    *value = le64toh(little);
    return STATUS_OK;
}

enum status bytes_take_f64(struct bytes_reader *reader, double *value)
{
    uint64_t bits = 0;
    TRY(bytes_take_u64(reader, &bits));
    memcpy(value, &bits, sizeof bits);
    return STATUS_OK;
}

enum status bytes_take_text(struct bytes_reader *reader, struct arena *arena,
                            const char **text)
{
    const unsigned char *at = NULL;
    uint64_t n = 0;
    TRY(bytes_take_u64(reader, &n));
    TRY(bytes_take(reader, n, &at));
    if (n > 0 && memchr(at, '\0', n))
        return status_refuse(STATUS_DAMAGED, "a text with a zero byte in it");
    char *copy = arena_take(arena, n + 1);
    if (n > 0)
        memcpy(copy, at, n);
    *text = copy;
    return STATUS_OK;
}

enum status bytes_unseal(struct bytes_reader *reader)
{
    if (reader->left < SEAL_SIZE)
        return status_refuse(STATUS_DAMAGED,
                             "cut short: %zu bytes are too few for a checksum",
                             reader->left);
    size_t n = reader->left - SEAL_SIZE;
    struct bytes_reader seal = {reader->at + n, SEAL_SIZE};
    struct digest stored = {0, 0};
    TRY(bytes_take_u64(&seal, &stored.high));
    TRY(bytes_take_u64(&seal, &stored.low));
    if (!digest_equal(stored, digest_of(reader->at, n)))
        return status_refuse(STATUS_DAMAGED, "the checksum of %zu bytes is "
                                             "wrong", n);
    reader->left = n;
    return STATUS_OK;
}
