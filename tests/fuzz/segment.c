/* A whole segment as it lies on the disk. */
#include "io/segment.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static enum status visit(void *self, const struct outcome *outcome,
                         struct arena *arena)
{
    struct record record;
    size_t *n_visits = self;
    ++*n_visits;
    if (outcome->record && record_unpack(outcome->record,
                                         outcome->n_record_bytes, arena,
                                         &record) != STATUS_OK)
        status_forget();
    return STATUS_OK;
}

static void damage(void *self, const char *path, const char *reason)
{
    (void)self;
    MUST(path[0] && reason[0]);
}

/* As io/segment.c has it: a header under a checksum, then outcomes, each after
 * its length and with a checksum of its own. */
enum { HEADER_SIZE = 8 + 8 + 8 + 16, LENGTH_SIZE = 8, SEAL_SIZE = 16 };

static void seal(struct bytes *bytes, size_t first, size_t n)
{
    struct bytes sealed = fuzz_seal(bytes->at + first, n - SEAL_SIZE);
    memcpy(bytes->at + first, sealed.at, n);
    bytes_free(&sealed);
}

/* Makes all checksums right. */
static void seal_all(struct bytes *bytes)
{
    uint64_t length;
    if (bytes->n < HEADER_SIZE)
        return;
    seal(bytes, 0, HEADER_SIZE);
    for (size_t at = HEADER_SIZE; at + LENGTH_SIZE < bytes->n; at += length) {
        memcpy(&length, bytes->at + at, sizeof length);
        at += LENGTH_SIZE;
        if (length < SEAL_SIZE || length > bytes->n - at)
            return;
        seal(bytes, at, length);
    }
}

/* An even number of bytes: the checksums are to be right. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t n_visits = 0;
    struct bytes bytes = {0};
    struct segment_visitor visitor = {
        .self = &n_visits, .visit = visit, .damage = damage};
    bytes_append(&bytes, data, n);
    if (n > 0 && n % 2 == 0)
        seal_all(&bytes);
    fuzz_write("00000001-00000001.seg", bytes.at, bytes.n);
    bytes_free(&bytes);
    MUST(segment_read_all(fuzz_folder(), &visitor) == STATUS_OK);
    return 0;
}
