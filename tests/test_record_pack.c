#include "io/outcome.h"
#include "core/rng.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

/* A record whose fields hold numbers that nobody could guess. */
static struct record make_record(enum record_stage stage, struct arena *arena)
{
    static const size_t extent[RECORD_N_DIMENSIONS] = {2, 3, 4, 5, 6, 7};
    struct record record = {.stage = stage};
    memcpy(record.extent, extent, sizeof extent);
    record_lay_out(&record, arena);
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        enum record_field field = (enum record_field)i;
        unsigned char *at = record.at[i];
        size_t n = record_type_size(record_rows[i].type);
        for (size_t k = 0; at && k < n * record_count(&record, field); k++)
            at[k] = (unsigned char)rng_word(
                (struct rng_stream){5, RNG_NOISE, (uint64_t)i}, k);
    }
    return record;
}

static void assert_same_record(const struct record *a, const struct record *b)
{
    assert_int_equal(a->stage, b->stage);
    assert_int_equal(a->diverged, b->diverged);
    assert_memory_equal(a->extent, b->extent, sizeof a->extent);
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        assert_int_equal(a->at[i] == NULL, b->at[i] == NULL);
        if (a->at[i])
            assert_memory_equal(a->at[i], b->at[i],
                                record_count(a, (enum record_field)i) *
                                    record_type_size(record_rows[i].type));
    }
    assert_true(digest_equal(record_digest(a), record_digest(b)));
}

static void check_round_trip(enum record_stage stage, bool diverged)
{
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct record record = make_record(stage, &arena), read = {0};
    record.diverged = diverged;
    bytes_append(&bytes, "before", 6);
    record_pack(&record, &bytes);
    assert_int_equal(
        record_unpack(bytes.at + 6, bytes.n - 6, &arena, &read), STATUS_OK);
    assert_same_record(&record, &read);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void a_record_is_unpacked_as_it_was_packed(void **state)
{
    (void)state;
    check_round_trip(STAGE_TRAIN, false);
    check_round_trip(STAGE_TRAIN, true);
    check_round_trip(STAGE_EVALUATE, false);
}

static void a_record_may_be_without_epochs(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct record record = {.stage = STAGE_TRAIN}, read = {0};
    record_lay_out(&record, &arena);
    record_pack(&record, &bytes);
    assert_int_equal(record_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_OK);
    assert_same_record(&record, &read);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void a_record_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct record record = make_record(STAGE_TRAIN, &arena), read = {0};
    record_pack(&record, &bytes);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(record_unpack(bytes.at, n, &arena, &read),
                         STATUS_DAMAGED);
    assert_null(read.at[FIELD_LABEL]);
    bytes_free(&bytes);
    arena_close(&arena);
}

/* crafted records ----------------------------------------------------- */

/* A record written by hand, different in one place from what it should be. */
struct twist {
    const char *field; /* which; the others are as they should be */
    const char *name, *type, *dimension; /* instead of its own */
    size_t more_rank, more_bytes;
    size_t times_less_one; /* SIZE_MAX: it is missing */
    const char *extent_name, *extra_extent_name;
    size_t extent;
    uint64_t diverged, version;
    const char *stage;
    size_t n_trailing;
    bool extra_field;
};

static void craft_field(struct bytes *bytes, const struct record *record,
                        int field, const struct twist *twist)
{
    static const char *const types[] = {"f64", "u8", "u64"};
    const struct record_row *row = &record_rows[field];
    bool here = twist->field && !strcmp(twist->field, row->name);
    size_t more_rank = here ? twist->more_rank : 0;
    size_t more_bytes = here ? twist->more_bytes : 0;
    bytes_append_text(bytes, here && twist->name ? twist->name : row->name);
    bytes_append_text(bytes,
                      here && twist->type ? twist->type : types[row->type]);
    bytes_append_u64(bytes, row->rank + more_rank);
    for (size_t i = 0; i < row->rank + more_rank; i++)
        bytes_append_text(
            bytes, (here && twist->dimension) || i >= row->rank
                       ? twist->dimension
                       : record_dimension_names[row->dimension[i]]);
    size_t n = record_count(record, (enum record_field)field) *
               record_type_size(row->type);
    bytes_append_u64(bytes, n + more_bytes);
    bytes_append(bytes, record->at[field], n);
    for (size_t i = 0; i < more_bytes; i++)
        bytes_append(bytes, "x", 1);
}

static void craft_extents(struct bytes *bytes, const struct record *record,
                          const struct twist *twist)
{
    bytes_append_u64(bytes,
                     RECORD_N_DIMENSIONS + (twist->extra_extent_name != NULL));
    for (int i = 0; i < RECORD_N_DIMENSIONS; i++) {
        const char *name = record_dimension_names[i];
        bool here = twist->extent_name && !strcmp(twist->extent_name, name);
        bytes_append_text(bytes, name);
        bytes_append_u64(bytes, here ? twist->extent : record->extent[i]);
    }
    if (twist->extra_extent_name) {
        bytes_append_text(bytes, twist->extra_extent_name);
        bytes_append_u64(bytes, twist->extent);
    }
}

static size_t times(int field, const struct twist *twist)
{
    bool here = twist->field && !strcmp(twist->field, record_rows[field].name);
    return here ? twist->times_less_one + 1 : 1;
}

static void craft_fields(struct bytes *bytes, const struct record *record,
                         const struct twist *twist)
{
    uint64_t n = twist->extra_field;
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        n += record->at[i] ? times(i, twist) : 0;
    bytes_append_u64(bytes, n);
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        for (size_t k = 0; record->at[i] && k < times(i, twist); k++)
            craft_field(bytes, record, i, twist);
    if (!twist->extra_field)
        return;
    bytes_append_text(bytes, "latent_entropy");
    bytes_append_text(bytes, "f16");
    bytes_append_u64(bytes, 5);
    for (int i = 0; i < 5; i++)
        bytes_append_text(bytes, "moment");
    bytes_append_text(bytes, "its data"); /* a length and as many bytes */
}

static enum status unpack_crafted(const struct twist *twist)
{
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct record record = make_record(STAGE_TRAIN, &arena), read = {0};
    bytes_append(&bytes, "SPKREC01", 8);
    bytes_append_u64(&bytes, RECORD_VERSION + twist->version);
    bytes_append_text(&bytes, twist->stage ? twist->stage : "train");
    bytes_append_u64(&bytes, twist->diverged);
    craft_extents(&bytes, &record, twist);
    craft_fields(&bytes, &record, twist);
    for (size_t i = 0; i < twist->n_trailing; i++)
        bytes_append(&bytes, "x", 1);
    bytes_seal(&bytes, 0);
    enum status status = record_unpack(bytes.at, bytes.n, &arena, &read);
    if (status == STATUS_OK && !twist->diverged)
        assert_same_record(&record, &read);
    if (status != STATUS_OK)
        assert_null(read.at[FIELD_LABEL]);
    bytes_free(&bytes);
    arena_close(&arena);
    return status;
}

static void what_a_newer_version_added_is_skipped(void **state)
{
    (void)state;
    struct twist none = {0};
    struct twist field = {.extra_field = true, .version = 1};
    struct twist dimension = {.extra_extent_name = "moment",
                              .extent = SIZE_MAX, .version = 3};
    assert_int_equal(unpack_crafted(&none), STATUS_OK);
    assert_int_equal(unpack_crafted(&field), STATUS_OK);
    assert_int_equal(unpack_crafted(&dimension), STATUS_OK);
}

static void assert_refused(struct twist twist, const char *reason)
{
    assert_int_equal(unpack_crafted(&twist), STATUS_DAMAGED);
    if (!strstr(status_reason(), reason))
        fail_msg("\"%s\" lacks \"%s\"", status_reason(), reason);
}

static void a_field_that_is_not_as_its_row_says_is_refused(void **state)
{
    (void)state;
    assert_refused((struct twist){.field = "label", .type = "u64"},
                   "label of a record has another type");
    assert_refused((struct twist){.field = "label", .type = "f16"},
                   "label of a record has another type");
    assert_refused((struct twist){.field = "label", .dimension = "epoch"},
                   "other dimensions");
    assert_refused((struct twist){.field = "label", .dimension = "moment"},
                   "other dimensions");
    assert_refused((struct twist){.field = "clean_loss", .more_rank = 1,
                                  .dimension = "epoch"}, "other dimensions");
    assert_refused((struct twist){.field = "clean_loss", .more_bytes = 8},
                   "clean_loss of a record has 16 bytes");
    assert_refused((struct twist){.field = "label", .more_bytes = 1},
                   "label of a record has 8 bytes");
    assert_refused((struct twist){.field = "label", .name = "epsilon"},
                   "epsilon does not belong to a record of stage train");
}

static void a_record_lacks_no_field_and_has_none_twice(void **state)
{
    (void)state;
    assert_refused((struct twist){.field = "label",
                                  .times_less_one = SIZE_MAX},
                   "a record without field label");
    assert_refused((struct twist){.field = "label", .name = "renamed"},
                   "a record without field label");
    assert_refused((struct twist){.field = "label", .times_less_one = 1},
                   "label is twice");
}

static void extents_that_lie_are_refused(void **state)
{
    (void)state;
    assert_refused((struct twist){.extent_name = "sample", .extent = 8},
                   "which its extents deny");
    assert_refused((struct twist){.extent_name = "sample",
                                  .extent = RECORD_EXTENT_MAX},
                   "which its extents deny");
    assert_refused((struct twist){.extent_name = "sample",
                                  .extent = RECORD_EXTENT_MAX + 1},
                   "at most 16777216 is allowed");
    assert_refused((struct twist){.extent_name = "bin", .extent = SIZE_MAX},
                   "at most 16777216 is allowed");
    assert_refused((struct twist){.extra_extent_name = "bin", .extent = 5},
                   "bin is twice");
}

static void a_head_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    assert_refused((struct twist){.stage = "dream"}, "unknown stage");
    assert_refused((struct twist){.stage = "evaluate"}, "does not belong");
    assert_refused((struct twist){.diverged = 2}, "neither 0 nor 1");
    assert_refused((struct twist){.n_trailing = 3}, "3 bytes too many");
}

/* any bytes ----------------------------------------------------------- */

/* Whatever has been accepted has to be readable to its end. */
static uint64_t touch_record(const struct record *record)
{
    uint64_t sum = 0;
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        const unsigned char *at = record->at[i];
        size_t n = record_type_size(record_rows[i].type);
        for (size_t k = 0;
             at && k < n * record_count(record, (enum record_field)i); k++)
            sum += at[k];
    }
    return sum;
}

/* Reads damaged bytes; returns whether the reader noticed. */
static bool survive(const struct bytes *whole, uint64_t seed)
{
    struct arena arena = arena_open();
    struct bytes bytes = scratch_damage_sealed(whole, seed);
    struct record record = {0};
    enum status status = record_unpack(bytes.at, bytes.n, &arena, &record);
    assert_true(status == STATUS_OK || status == STATUS_DAMAGED);
    if (status == STATUS_OK)
        touch_record(&record);
    bytes_free(&bytes);
    arena_close(&arena);
    return status != STATUS_OK;
}

static void the_reader_survives_any_bytes(void **state)
{
    (void)state;
    const uint64_t n_seeds = scratch_n_seeds(20000);
    struct arena arena = arena_open();
    for (int i = 0; i < 2; i++) {
        struct bytes bytes = {NULL, 0, 0};
        struct record record = make_record((enum record_stage)i, &arena);
        size_t n_refused = 0;
        record_pack(&record, &bytes);
        for (uint64_t seed = 0; seed < n_seeds; seed++)
            n_refused += survive(&bytes, seed);
        /* Some changes hit values and are in order. */
        assert_in_range(n_refused, n_seeds / 2, n_seeds - 1);
        bytes_free(&bytes);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_unpacked_as_it_was_packed),
        cmocka_unit_test(a_record_may_be_without_epochs),
        cmocka_unit_test(a_record_cut_short_anywhere_is_refused),
        cmocka_unit_test(what_a_newer_version_added_is_skipped),
        cmocka_unit_test(a_field_that_is_not_as_its_row_says_is_refused),
        cmocka_unit_test(a_record_lacks_no_field_and_has_none_twice),
        cmocka_unit_test(extents_that_lie_are_refused),
        cmocka_unit_test(a_head_that_makes_no_sense_is_refused),
        cmocka_unit_test(the_reader_survives_any_bytes),
    };
    return cmocka_run_group_tests_name("record_pack", tests, NULL, NULL);
}
