#include "core/record.h"
#include "core/status.h"

#include <string.h>

const char *const record_dimension_names[RECORD_N_DIMENSIONS] = {
    [DIM_EPOCH] = "epoch", [DIM_LAYER] = "layer",     [DIM_STEP] = "step",
    [DIM_BIN] = "bin",     [DIM_EPSILON] = "epsilon", [DIM_SAMPLE] = "sample",
};

size_t record_type_size(enum record_type type)
{
    static const size_t sizes[] = {[RECORD_F64] = sizeof(double),
                                   [RECORD_U8] = sizeof(uint8_t),
                                   [RECORD_U64] = sizeof(uint64_t),
                                   [RECORD_U32] = sizeof(uint32_t)};
    return sizes[type];
}

size_t record_count(const struct record *record, enum record_field field)
{
    const struct record_row *row = &record_rows[field];
    size_t count = 1;
    for (size_t i = 0; i < row->rank; i++)
        count *= record->extent[row->dimension[i]];
    return count;
}

bool record_has(const struct record *record, enum record_field field)
{
    const struct record_row *row = &record_rows[field];
    return row->stage == record->stage &&
           (!row->part || !span_is_whole(record->span));
}

void record_lay_out(struct record *record, struct arena *arena)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        if (!record_has(record, (enum record_field)i))
            continue;
        size_t n = record_count(record, (enum record_field)i);
        record->at[i] =
            arena_take(arena, n * record_type_size(record_rows[i].type));
    }
}

static void *field_of(const struct record *record, enum record_field field,
                      enum record_type type)
{
    MUST(record->at[field] != NULL);
    MUST(record_rows[field].type == type);
    return record->at[field];
}

double *record_f64(const struct record *record, enum record_field field)
{
    return field_of(record, field, RECORD_F64);
}

uint64_t *record_u64(const struct record *record, enum record_field field)
{
    return field_of(record, field, RECORD_U64);
}

uint32_t *record_u32(const struct record *record, enum record_field field)
{
    return field_of(record, field, RECORD_U32);
}

uint8_t *record_u8(const struct record *record, enum record_field field)
{
    return field_of(record, field, RECORD_U8);
}

struct digest record_digest(const struct record *record)
{
    uint64_t head[2] = {(uint64_t)record->stage, record->diverged};
    struct digest digest = digest_of(head, sizeof head);
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        const struct record_row *row = &record_rows[i];
        if (row->measured || !record->at[i])
            continue;
        size_t n = record_count(record, (enum record_field)i);
        digest = digest_fold(digest, row->name, strlen(row->name));
        digest =
            digest_fold(digest, record->at[i], n * record_type_size(row->type));
    }
    return digest;
}
