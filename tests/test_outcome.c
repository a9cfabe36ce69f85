#include "io/outcome.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

static struct outcome make_outcome(enum outcome_state state)
{
    return (struct outcome){
        .task = {1, 2}, .cell = {UINT64_MAX, 4},
        .spec = "dataset = idx\nnetwork = mlp\n", .state = state,
        .cause = "signal 9 (Killed)", .message = "", .host = "node-17",
        .build = {"1.2", "abc1234-dirty", "gcc 12.2", "-O3 -g", "avx9; BLIS"},
        .means = "2 threads",
        .origin = state == OUTCOME_DIVERGED ? "/elsewhere" : "",
        .attempt = 3, .started_s = 1.7e9, .wall_s = 12.5, .cpu_s = 11.25,
        .peak_bytes = UINT64_C(5000000000),
        .record = (const unsigned char *)"opaque\0bytes",
        .n_record_bytes = 12,
    };
}

static void assert_same_outcome(const struct outcome *a,
                                const struct outcome *b)
{
    assert_true(digest_equal(a->task, b->task));
    assert_true(digest_equal(a->cell, b->cell));
    assert_true(span_equal(a->span, b->span));
    assert_string_equal(a->spec, b->spec);
    assert_int_equal(a->state, b->state);
    assert_string_equal(a->cause, b->cause);
    assert_string_equal(a->message, b->message);
    assert_string_equal(a->host, b->host);
    assert_string_equal(a->build.version, b->build.version);
    assert_string_equal(a->build.revision, b->build.revision);
    assert_string_equal(a->build.compiler, b->build.compiler);
    assert_string_equal(a->build.flags, b->build.flags);
    assert_string_equal(a->build.engine, b->build.engine);
    assert_string_equal(a->means, b->means);
    assert_string_equal(a->origin, b->origin);
    assert_true(a->attempt == b->attempt && a->peak_bytes == b->peak_bytes);
    assert_true(a->started_s == b->started_s && a->wall_s == b->wall_s &&
                a->cpu_s == b->cpu_s);
    assert_int_equal(a->n_record_bytes, b->n_record_bytes);
    if (a->n_record_bytes > 0)
        assert_memory_equal(a->record, b->record, a->n_record_bytes);
}

static void an_outcome_is_unpacked_as_it_was_packed(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    for (int i = OUTCOME_DONE; i < OUTCOME_N_STATES; i++) {
        struct outcome outcome = make_outcome((enum outcome_state)i), read;
        struct bytes bytes = {NULL, 0, 0};
        outcome_pack(&outcome, &bytes);
        assert_memory_equal(bytes.at,
                            i == OUTCOME_SET_ASIDE ? OUTCOME_MAGIC "4"
                                                   : OUTCOME_MAGIC "2",
                            8);
        assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                         STATUS_OK);
        bytes_free(&bytes); /* what was read is a copy */
        assert_same_outcome(&outcome, &read);
    }
    arena_close(&arena);
}

static void an_outcome_may_be_without_a_record(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_FAILED), read;
    outcome.record = NULL;
    outcome.n_record_bytes = 0;
    outcome_pack(&outcome, &bytes);
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_OK);
    assert_same_outcome(&outcome, &read);
    assert_null(read.record);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void an_outcome_cut_or_changed_anywhere_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DONE), read = {0};
    outcome_pack(&outcome, &bytes);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(outcome_unpack(bytes.at, n, &arena, &read),
                         STATUS_DAMAGED);
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        bytes.at[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                         STATUS_DAMAGED);
        bytes.at[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_null(read.spec);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void an_outcome_of_unknown_state_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DONE), read;
    outcome_pack(&outcome, &bytes);
    unsigned char *name = memmem(bytes.at, bytes.n, "done", 4);
    memcpy(name, "DONE", 4);
    bytes.n -= 16;
    bytes_seal(&bytes, 0);
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_DAMAGED);
    assert_non_null(strstr(status_reason(), "unknown state DONE"));
    bytes_free(&bytes);
    arena_close(&arena);
}

/* Where in packed bytes that begins which follows the record. */
static size_t find_origins(const struct bytes *bytes)
{
    unsigned char *record = memmem(bytes->at, bytes->n, "opaque", 6);
    assert_non_null(record);
    return (size_t)(record - bytes->at) + 12;
}

/* As the first version wrote it: it ends with the record. */
static void an_outcome_of_the_first_version_is_read(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DONE), read;
    outcome_pack(&outcome, &bytes);
    bytes.at[7] = '1';
    bytes.n = find_origins(&bytes);
    bytes_seal(&bytes, 0);
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_OK);
    outcome.build = (struct provenance){"", "", "", "", ""};
    outcome.means = "";
    outcome.origin = "";
    assert_same_outcome(&outcome, &read);
    bytes_free(&bytes);
    arena_close(&arena);
}

/* A whole is packed as it always was: older programs read it. */
static void an_outcome_of_a_part_has_its_span(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DONE), read;
    outcome_pack(&outcome, &bytes);
    assert_int_equal(bytes.at[7], '2');
    bytes.n = 0;
    outcome.span = (struct span){10, 5, 15};
    outcome_pack(&outcome, &bytes);
    assert_int_equal(bytes.at[7], '3');
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_OK);
    assert_same_outcome(&outcome, &read);
    bytes.at[bytes.n - 16 - 8] = 14; /* of only so many samples */
    bytes.n -= 16;
    bytes_seal(&bytes, 0);
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_DAMAGED);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void an_outcome_of_a_later_version_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DONE), read;
    outcome_pack(&outcome, &bytes);
    bytes.at[7] = '5';
    bytes.n -= 16;
    bytes_seal(&bytes, 0);
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_DAMAGED);
    assert_non_null(strstr(status_reason(), "format 5"));
    bytes_free(&bytes);
    arena_close(&arena);
}

/* What a name tells that this program does not know is left. */
static void origins_are_told_by_name(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DONE), read;
    outcome_pack(&outcome, &bytes);
    bytes.n = find_origins(&bytes);
    bytes_append_u64(&bytes, 2);
    bytes_append_text(&bytes, "colour");
    bytes_append_text(&bytes, "green");
    bytes_append_text(&bytes, "revision");
    bytes_append_text(&bytes, "fedcba9");
    bytes_seal(&bytes, 0);
    assert_int_equal(outcome_unpack(bytes.at, bytes.n, &arena, &read),
                     STATUS_OK);
    assert_string_equal(read.build.revision, "fedcba9");
    assert_string_equal(read.build.version, "");
    bytes_free(&bytes);
    arena_close(&arena);
}

/* Reads damaged bytes; returns whether the reader noticed. */
static bool survive(const struct bytes *whole, uint64_t seed)
{
    struct arena arena = arena_open();
    struct bytes bytes = scratch_damage_sealed(whole, seed);
    struct outcome outcome = {0};
    enum status status = outcome_unpack(bytes.at, bytes.n, &arena, &outcome);
    assert_true(status == STATUS_OK || status == STATUS_DAMAGED);
    if (status == STATUS_OK) /* what was accepted is readable to its end */
        digest_of(outcome.record, outcome.n_record_bytes);
    bytes_free(&bytes);
    arena_close(&arena);
    return status != STATUS_OK;
}

static void the_reader_survives_any_bytes(void **state)
{
    (void)state;
    const uint64_t n_seeds = scratch_n_seeds(20000);
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = make_outcome(OUTCOME_DIVERGED);
    size_t n_refused = 0;
    outcome_pack(&outcome, &bytes);
    for (uint64_t seed = 0; seed < n_seeds; seed++)
        n_refused += survive(&bytes, seed);
    /* Some changes hit values and are in order. */
    assert_in_range(n_refused, n_seeds / 2, n_seeds - 1);
    bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outcome_is_unpacked_as_it_was_packed),
        cmocka_unit_test(an_outcome_may_be_without_a_record),
        cmocka_unit_test(an_outcome_cut_or_changed_anywhere_is_refused),
        cmocka_unit_test(an_outcome_of_unknown_state_is_refused),
        cmocka_unit_test(an_outcome_of_the_first_version_is_read),
        cmocka_unit_test(an_outcome_of_a_part_has_its_span),
        cmocka_unit_test(an_outcome_of_a_later_version_is_refused),
        cmocka_unit_test(origins_are_told_by_name),
        cmocka_unit_test(the_reader_survives_any_bytes),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
