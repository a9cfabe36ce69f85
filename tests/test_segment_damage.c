#include "tests/audience.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

/* A folder with three segments of 4 outcomes; the path of the middle one. */
static struct scratch make_three(const char **middle, struct bytes *bytes)
{
    struct scratch scratch = scratch_make();
    for (uint64_t i = 0; i < 12; i += 4)
        audience_write(scratch.folder, i, 4);
    *middle = scratch_path(&scratch, "00000001-00000002.seg");
    *bytes = scratch_read(*middle);
    return scratch;
}

/* The eight outcomes of the other two files, and each of the middle one at
 * most once, in order. */
static size_t assert_others_whole(const struct audience *audience)
{
    size_t n_others = 0;
    for (size_t i = 0; i < audience->n_seen; i++) {
        n_others += audience->seen[i] < 4 || audience->seen[i] >= 8;
        if (i > 0)
            assert_true(audience->seen[i] > audience->seen[i - 1]);
    }
    assert_int_equal(n_others, 8);
    return audience->n_seen - n_others;
}

static void a_segment_cut_anywhere_gives_its_whole_outcomes(void **state)
{
    (void)state;
    const char *middle;
    struct bytes bytes;
    struct scratch scratch = make_three(&middle, &bytes);
    size_t n_before = 0;
    for (size_t n = 0; n < bytes.n; n++) {
        scratch_write(middle, bytes.at, n);
        struct audience audience = audience_read(scratch.folder);
        size_t n_saved = assert_others_whole(&audience);
        assert_true(n_saved == n_before || n_saved == n_before + 1);
        assert_int_equal(audience.n_damaged, 1);
        n_before = n_saved;
    }
    assert_int_equal(n_before, 3);
    bytes_free(&bytes);
    scratch_remove(&scratch);
}

static void a_changed_bit_costs_one_outcome_at_most(void **state)
{
    (void)state;
    const char *middle;
    struct bytes bytes;
    struct scratch scratch = make_three(&middle, &bytes);
    for (size_t i = 0; i < bytes.n; i++) {
        bytes.at[i] ^= (unsigned char)(1 << i % 8);
        scratch_write(middle, bytes.at, bytes.n);
        struct audience audience = audience_read(scratch.folder);
        assert_true(assert_others_whole(&audience) >= 3);
        assert_int_equal(audience.n_damaged, 1);
        bytes.at[i] ^= (unsigned char)(1 << i % 8);
    }
    bytes_free(&bytes);
    scratch_remove(&scratch);
}

static void damage_says_what_is_lost(void **state)
{
    (void)state;
    const char *middle;
    struct bytes bytes;
    struct scratch scratch = make_three(&middle, &bytes);
    scratch_write(middle, bytes.at, bytes.n - 1);
    struct audience audience = audience_read(scratch.folder);
    assert_non_null(strstr(audience.reason, "3 of 4 outcomes are whole"));
    bytes.at[3] ^= 1;
    scratch_write(middle, bytes.at, bytes.n);
    audience = audience_read(scratch.folder);
    assert_non_null(strstr(audience.reason,
                           "the header is damaged, 4 outcomes are whole"));
    bytes_free(&bytes);
    scratch_remove(&scratch);
}

static void a_reader_survives_any_bytes(void **state)
{
    (void)state;
    const char *middle;
    struct bytes bytes;
    struct scratch scratch = make_three(&middle, &bytes);
    for (uint64_t seed = 0; seed < scratch_n_seeds(3000); seed++) {
        struct bytes damaged = {NULL, 0, 0};
        bytes_append(&damaged, bytes.at, bytes.n);
        for (uint64_t i = 0; i <= seed % 4 && damaged.n > 0; i++)
            scratch_damage(&damaged, seed * 4 + i);
        scratch_write(middle, damaged.at, damaged.n);
        struct audience audience = audience_read(scratch.folder);
        assert_true(audience.n_damaged <= 1);
        if (audience.n_damaged == 0)
            assert_memory_equal(damaged.at, bytes.at, bytes.n);
        bytes_free(&damaged);
    }
    bytes_free(&bytes);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_cut_anywhere_gives_its_whole_outcomes),
        cmocka_unit_test(a_changed_bit_costs_one_outcome_at_most),
        cmocka_unit_test(damage_says_what_is_lost),
        cmocka_unit_test(a_reader_survives_any_bytes),
    };
    return cmocka_run_group_tests_name("segment_damage", tests, NULL, NULL);
}
