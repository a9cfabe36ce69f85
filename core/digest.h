/*
 * 128-bit content digests (XXH3, from the xxHash library): identity of cells
 * and stages, checksums of results. Not cryptographic.
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
    uint64_t high, low;
};

enum { DIGEST_TEXT_SIZE = 33 }; /* 32 hexadecimal digits and a zero byte */

struct digest digest_of(const void *bytes, size_t n_bytes);

/* The digest of a sequence: fold each piece into what came before. */
struct digest digest_fold(struct digest before, const void *bytes,
                          size_t n_bytes);

/* Sum modulo 2^128: independent of the order of its terms. */
struct digest digest_add(struct digest a, struct digest b);

bool digest_equal(struct digest a, struct digest b);
int digest_compare(struct digest a, struct digest b); /* <0, 0, >0 */

/* Writes 32 lower-case hexadecimal digits and a zero byte; returns `text`. */
char *digest_print(struct digest digest, char text[DIGEST_TEXT_SIZE]);

/* Reads exactly 32 hexadecimal digits; false if `text` is anything else. */
bool digest_parse(const char *text, struct digest *digest);

#endif
