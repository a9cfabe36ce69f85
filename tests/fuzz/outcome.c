/* An outcome under a checksum that is right, and the record in it. */
#include "io/outcome.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct bytes bytes = fuzz_seal(data, n);
    struct outcome outcome;
    struct record record;
    if (outcome_unpack(bytes.at, bytes.n, &arena, &outcome) == STATUS_OK &&
        outcome.record &&
        record_unpack(outcome.record, outcome.n_record_bytes, &arena,
                      &record) == STATUS_OK)
        MUST(record.stage == STAGE_TRAIN || record.stage == STAGE_EVALUATE);
    status_forget();
    bytes_free(&bytes);
    arena_close(&arena);
    return 0;
}
