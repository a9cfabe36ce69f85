/* A record under a checksum that is right; one that is read can be written, and
 * read again, if it is not of an older version, which has fewer fields. */
#include "io/outcome.h"
#include "tests/fuzz/fuzz.h"

static bool has_all_fields(const struct record *record)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record_has(record, (enum record_field)i) && !record->at[i])
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct bytes bytes = fuzz_seal(data, n), again = {0};
    struct record record;
    if (record_unpack(bytes.at, bytes.n, &arena, &record) == STATUS_OK &&
        has_all_fields(&record)) {
        record_pack(&record, &again);
        MUST(record_unpack(again.at, again.n, &arena, &record) == STATUS_OK);
    }
    status_forget();
    bytes_free(&again);
    bytes_free(&bytes);
    arena_close(&arena);
    return 0;
}
