#include "core/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct digest digest_of(const void *bytes, size_t n_bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, n_bytes);
    return (struct digest){hash.high64, hash.low64};
}

struct digest digest_fold(struct digest before, const void *bytes,
                          size_t n_bytes)
{
    struct digest piece = digest_of(bytes, n_bytes);
    uint64_t words[5] = {before.high, before.low, piece.high, piece.low,
                         n_bytes};
    return digest_of(words, sizeof words);
}

struct digest digest_add(struct digest a, struct digest b)
{
    uint64_t low = a.low + b.low;
    return (struct digest){a.high + b.high + (low < a.low), low};
}

int digest_compare(struct digest a, struct digest b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

bool digest_equal(struct digest a, struct digest b)
{
    return digest_compare(a, b) == 0;
}

char *digest_print(struct digest digest, char text[DIGEST_TEXT_SIZE])
{
    snprintf(text, DIGEST_TEXT_SIZE, "%016" PRIx64 "%016" PRIx64, digest.high,
             digest.low);
    return text;
}

bool digest_parse(const char *text, struct digest *digest)
{
    struct digest read;
    if (strlen(text) != 32 || strspn(text, "0123456789abcdefABCDEF") != 32)
        return false;
    if (sscanf(text, "%16" SCNx64 "%16" SCNx64, &read.high, &read.low) != 2)
        return false;
    *digest = read;
    return true;
}
