/* A record under a checksum that is right; one that is read can be written, and
 * read again. */
#include "io/outcome.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct bytes bytes = fuzz_seal(data, n), again = {0};
    struct record record;
    if (record_unpack(bytes.at, bytes.n, &arena, &record) == STATUS_OK) {
        record_pack(&record, &again);
        MUST(record_unpack(again.at, again.n, &arena, &record) == STATUS_OK);
    }
    status_forget();
    bytes_free(&again);
    bytes_free(&bytes);
    arena_close(&arena);
    return 0;
}
