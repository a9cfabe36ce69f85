/*
 * Records as bytes: magic, version, stage, diverged, the extents by name of
 * dimension, the fields, a checksum. A field is its name, type, dimensions,
 * number of bytes and the bytes, so that a reader can skip one that it does
 * not know. A part of an evaluation has two extents more: where its samples
 * begin, and of how many they are.
 */
#include "io/outcome.h"

#include <string.h>

#define MAGIC "SPKREC01"

enum { MAGIC_SIZE = sizeof MAGIC - 1 };

static const char *const stage_names[] = {
    [STAGE_TRAIN] = "train",
    [STAGE_EVALUATE] = "evaluate",
};

static const char *const type_names[] = {
    [RECORD_F64] = "f64",
    [RECORD_U8] = "u8",
    [RECORD_U64] = "u64",
    [RECORD_U32] = "u32",
};

static const char first_name[] = "first_sample";
static const char total_name[] = "all_samples";

static const size_t n_stages = sizeof stage_names / sizeof *stage_names;

/* packing ------------------------------------------------------------- */

/* Numbers of any size: little endian, whatever the machine's order. */
static void append_values(struct bytes *bytes, const struct record *record,
                          enum record_field field)
{
    size_t n = record_count(record, field);
    enum record_type type = record_rows[field].type;
    const void *at = record->at[field];
    bytes_append_u64(bytes, n * record_type_size(type));
    if (type == RECORD_U8)
        bytes_append(bytes, at, n);
    for (size_t i = 0; type == RECORD_U32 && i < n; i++)
        bytes_append_u32(bytes, ((const uint32_t *)at)[i]);
    for (size_t i = 0; record_type_size(type) == 8 && i < n; i++) {
        uint64_t word; /* a double's bits as well */
        memcpy(&word, (const char *)at + i * sizeof word, sizeof word);
        bytes_append_u64(bytes, word);
    }
}

static void append_field(struct bytes *bytes, const struct record *record,
                         enum record_field field)
{
    const struct record_row *row = &record_rows[field];
    MUST(record->at[field] != NULL);
    bytes_append_text(bytes, row->name);
    bytes_append_text(bytes, type_names[row->type]);
    bytes_append_u64(bytes, row->rank);
    for (size_t i = 0; i < row->rank; i++)
        bytes_append_text(bytes, record_dimension_names[row->dimension[i]]);
    append_values(bytes, record, field);
}

static uint64_t count_fields(const struct record *record)
{
    uint64_t n = 0;
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        n += record_has(record, (enum record_field)i);
    return n;
}

static void append_extent(struct bytes *bytes, const char *name, uint64_t n)
{
    bytes_append_text(bytes, name);
    bytes_append_u64(bytes, n);
}

static void append_extents(struct bytes *bytes, const struct record *record)
{
    bool is_part = !span_is_whole(record->span);
    bytes_append_u64(bytes, RECORD_N_DIMENSIONS + (is_part ? 2 : 0));
    for (int i = 0; i < RECORD_N_DIMENSIONS; i++)
        append_extent(bytes, record_dimension_names[i], record->extent[i]);
    if (is_part) {
        append_extent(bytes, first_name, record->span.first);
        append_extent(bytes, total_name, record->span.total);
    }
}

void record_pack(const struct record *record, struct bytes *bytes)
{
    size_t start = bytes->n;
    bytes_append(bytes, MAGIC, MAGIC_SIZE);
    bytes_append_u64(bytes, RECORD_VERSION);
    bytes_append_text(bytes, stage_names[record->stage]);
    bytes_append_u64(bytes, record->diverged);
    append_extents(bytes, record);
    bytes_append_u64(bytes, count_fields(record));
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record_has(record, (enum record_field)i))
            append_field(bytes, record, (enum record_field)i);
    bytes_seal(bytes, start);
}

/* unpacking ----------------------------------------------------------- */

struct unpacker {
    struct bytes_reader reader;
    struct record record;
    uint64_t version;
    bool has_extent[RECORD_N_DIMENSIONS];
    struct span span; /* but n */
    struct arena *arena, *names; /* of the values; of names, for a while */
};

static enum status take_stage(struct unpacker *unpacker)
{
    const char *name = NULL;
    TRY(bytes_take_text(&unpacker->reader, unpacker->names, &name));
    for (size_t i = 0; i < n_stages; i++)
        if (!strcmp(name, stage_names[i])) {
            unpacker->record.stage = (enum record_stage)i;
            return STATUS_OK;
        }
    return status_refuse(STATUS_DAMAGED,
                         "a record of unknown stage \"%.64s\"", name);
}

static enum status take_head(struct unpacker *unpacker)
{
    const unsigned char *magic = NULL;
    uint64_t diverged = 0;
    TRY(bytes_take(&unpacker->reader, MAGIC_SIZE, &magic));
    if (memcmp(magic, MAGIC, MAGIC_SIZE) != 0)
        return status_refuse(STATUS_DAMAGED, "not a record");
    TRY(bytes_take_u64(&unpacker->reader, &unpacker->version));
    TRY(take_stage(unpacker));
    TRY(bytes_take_u64(&unpacker->reader, &diverged));
    if (diverged > 1)
        return status_refuse(STATUS_DAMAGED, "a record with a flag that is "
                                             "neither 0 nor 1");
    unpacker->record.diverged = diverged;
    return STATUS_OK;
}

/* RECORD_N_DIMENSIONS if a newer version gave it. */
static size_t find_dimension(const char *name)
{
    size_t i = 0;
    while (i < RECORD_N_DIMENSIONS && strcmp(record_dimension_names[i], name))
        i++;
    return i;
}

static enum status take_extent(struct unpacker *unpacker)
{
    const char *name = NULL;
    uint64_t extent = 0;
    TRY(bytes_take_text(&unpacker->reader, unpacker->names, &name));
    TRY(bytes_take_u64(&unpacker->reader, &extent));
    size_t i = find_dimension(name);
    if (i == RECORD_N_DIMENSIONS) {
        if (!strcmp(name, first_name))
            unpacker->span.first = extent;
        else if (!strcmp(name, total_name))
            unpacker->span.total = extent;
        return STATUS_OK;
    }
    if (extent > RECORD_EXTENT_MAX)
        return status_refuse(STATUS_DAMAGED,
                             "dimension %s of a record has an extent of %ju, "
                             "at most %d is allowed",
                             name, (uintmax_t)extent, RECORD_EXTENT_MAX);
    if (unpacker->has_extent[i])
        return status_refuse(STATUS_DAMAGED,
                             "dimension %s is twice in a record", name);
    unpacker->has_extent[i] = true;
    unpacker->record.extent[i] = extent;
    return STATUS_OK;
}

static enum status take_extents(struct unpacker *unpacker)
{
    uint64_t n = 0;
    TRY(bytes_take_u64(&unpacker->reader, &n));
    for (uint64_t i = 0; i < n; i++)
        TRY(take_extent(unpacker));
    struct span span = unpacker->span;
    if (span.total == 0)
        return STATUS_OK;
    span.n = unpacker->record.extent[DIM_SAMPLE];
    if (span_is_whole(span) || !span_is_sound(span))
        return status_refuse(STATUS_DAMAGED,
                             "a record of %zu samples from %zu on, of %zu",
                             span.n, span.first, span.total);
    unpacker->record.span = span;
    return STATUS_OK;
}

/* True if the dimensions named are the row's. Reads all of them, since those
 * of an unknown field have to be skipped. */
static enum status take_dimensions(struct unpacker *unpacker,
                                   const struct record_row *row, bool *same)
{
    uint64_t rank = 0;
    TRY(bytes_take_u64(&unpacker->reader, &rank));
    bool equal = row && rank == row->rank;
    for (uint64_t i = 0; i < rank; i++) {
        const char *name = NULL;
        TRY(bytes_take_text(&unpacker->reader, unpacker->names, &name));
        size_t found = find_dimension(name);
        equal = equal && found == row->dimension[i] &&
                unpacker->has_extent[found];
    }
    *same = equal;
    return STATUS_OK;
}

/* NULL if a newer version gave the name. */
static const struct record_row *find_row(const char *name)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (!strcmp(record_rows[i].name, name))
            return &record_rows[i];
    return NULL;
}

/* Bytes that a field has by the record's extents; three extents of 2^24 each
 * overflow. */
static bool count_bytes(const struct record *record,
                        const struct record_row *row, uint64_t *n)
{
    uint64_t product = record_type_size(row->type);
    for (size_t i = 0; i < row->rank; i++)
        if (__builtin_mul_overflow(
                product, record->extent[row->dimension[i]], &product))
            return false;
    *n = product;
    return true;
}

static enum status keep_values(struct unpacker *unpacker,
                               const struct record_row *row,
                               const unsigned char *at, uint64_t n)
{
    uint64_t wanted = 0;
    void **field = &unpacker->record.at[row - record_rows];
    if (!count_bytes(&unpacker->record, row, &wanted) || wanted != n)
        return status_refuse(STATUS_DAMAGED,
                             "field %s of a record has %ju bytes, which its "
                             "extents deny",
                             row->name, (uintmax_t)n);
    if (*field)
        return status_refuse(STATUS_DAMAGED, "field %s is twice in a record",
                             row->name);
    *field = arena_take(unpacker->arena, n);
    struct bytes_reader values = {at, n};
    if (row->type == RECORD_U8 && n > 0)
        memcpy(*field, at, n);
    for (size_t i = 0; row->type == RECORD_U32 && i < n / 4; i++)
        TRY(bytes_take_u32(&values, (uint32_t *)*field + i));
    uint64_t word = 0;
    for (size_t i = 0; record_type_size(row->type) == 8 && i < n / 8; i++) {
        TRY(bytes_take_u64(&values, &word));
        memcpy((unsigned char *)*field + i * sizeof word, &word, sizeof word);
    }
    return STATUS_OK;
}

static enum status take_field(struct unpacker *unpacker)
{
    const char *name = NULL, *type = NULL;
    const unsigned char *at = NULL;
    uint64_t n = 0;
    bool same = false;
    TRY(bytes_take_text(&unpacker->reader, unpacker->names, &name));
    const struct record_row *row = find_row(name);
    TRY(bytes_take_text(&unpacker->reader, unpacker->names, &type));
    TRY(take_dimensions(unpacker, row, &same));
    TRY(bytes_take_u64(&unpacker->reader, &n));
    TRY(bytes_take(&unpacker->reader, n, &at));
    if (!row)
        return STATUS_OK;
    if (!record_has(&unpacker->record, (enum record_field)(row - record_rows)))
        return status_refuse(STATUS_DAMAGED,
                             "field %s does not belong to a record of stage "
                             "%s%s",
                             name, stage_names[unpacker->record.stage],
                             row->part ? " that is whole" : "");
    if (!same || strcmp(type, type_names[row->type]) != 0)
        return status_refuse(STATUS_DAMAGED,
                             "field %s of a record has another type or other "
                             "dimensions than it should",
                             name);
    return keep_values(unpacker, row, at, n);
}

static enum status check_complete(const struct unpacker *unpacker)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        const struct record_row *row = &record_rows[i];
        if (record_has(&unpacker->record, (enum record_field)i) &&
            !unpacker->record.at[i] && row->since <= unpacker->version)
            return status_refuse(STATUS_DAMAGED, "a record without field %s",
                                 row->name);
    }
    return STATUS_OK;
}

static enum status unpack(struct unpacker *unpacker)
{
    uint64_t n = 0;
    TRY(bytes_unseal(&unpacker->reader));
    TRY(take_head(unpacker));
    TRY(take_extents(unpacker));
    TRY(bytes_take_u64(&unpacker->reader, &n));
    for (uint64_t i = 0; i < n; i++)
        TRY(take_field(unpacker));
    if (unpacker->reader.left > 0)
        return status_refuse(STATUS_DAMAGED,
                             "%zu bytes too many after a record",
                             unpacker->reader.left);
    return check_complete(unpacker);
}

enum status record_unpack(const unsigned char *at, size_t n,
                          struct arena *arena, struct record *record)
{
    struct arena names = arena_open();
    struct unpacker unpacker = {
        .reader = {at, n}, .arena = arena, .names = &names};
    enum status status = unpack(&unpacker);
    arena_close(&names);
    if (status == STATUS_OK)
        *record = unpacker.record;
    return status;
}
