#include "tests/test.h"

#include "core/digest.h"

#include <string.h>

static struct digest of_text(const char *text)
{
    return digest_of(text, strlen(text));
}

/* XXH3_128bits of nothing, as the xxHash library documents it. */
static void the_digest_of_nothing_is_known(void **state)
{
    (void)state;
    char text[DIGEST_TEXT_SIZE];
    assert_string_equal(digest_print(digest_of("", 0), text),
                        "99aa06d3014798d86001c324468d497f");
}

static void any_changed_bit_changes_the_digest(void **state)
{
    (void)state;
    unsigned char bytes[600];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t n = 1; n < sizeof bytes; n += n < 20 ? 1 : 97) {
        struct digest whole = digest_of(bytes, n);
        for (size_t bit = 0; bit < 8 * n; bit += n < 20 ? 1 : 29) {
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_false(digest_equal(digest_of(bytes, n), whole));
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        assert_true(digest_equal(digest_of(bytes, n), whole));
        assert_false(digest_equal(digest_of(bytes, n - 1), whole));
    }
}

static void a_fold_depends_on_order_and_on_where_pieces_end(void **state)
{
    (void)state;
    struct digest none = {0, 0};
    struct digest ab = digest_fold(digest_fold(none, "a", 1), "b", 1);
    struct digest ba = digest_fold(digest_fold(none, "b", 1), "a", 1);
    struct digest whole = digest_fold(none, "ab", 2);
    struct digest split = digest_fold(digest_fold(none, "ab", 2), "", 0);
    assert_false(digest_equal(ab, ba));
    assert_false(digest_equal(ab, whole));
    assert_false(digest_equal(split, whole));
    assert_true(digest_equal(
        ab, digest_fold(digest_fold(none, "a", 1), "b", 1)));
}

static void a_sum_does_not_depend_on_the_order(void **state)
{
    (void)state;
    struct digest a = of_text("a"), b = of_text("b"), c = of_text("c");
    struct digest abc = digest_add(digest_add(a, b), c);
    assert_true(digest_equal(abc, digest_add(c, digest_add(b, a))));
    assert_true(digest_equal(abc, digest_add(digest_add(c, a), b)));
    assert_false(digest_equal(abc, digest_add(a, b)));
    struct digest carry =
        digest_add((struct digest){1, UINT64_MAX}, (struct digest){2, 1});
    assert_true(digest_equal(carry, (struct digest){4, 0}));
    carry = digest_add((struct digest){UINT64_MAX, UINT64_MAX},
                       (struct digest){0, 1});
    assert_true(digest_equal(carry, (struct digest){0, 0}));
}

static void digests_are_ordered_high_half_first(void **state)
{
    (void)state;
    struct digest rising[] = {{0, 0}, {0, 1}, {0, UINT64_MAX}, {1, 0},
                              {1, 5}, {UINT64_MAX, 0}};
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < 6; k++) {
            int order = digest_compare(rising[i], rising[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
            assert_int_equal(digest_equal(rising[i], rising[k]), i == k);
        }
}

static void a_printed_digest_is_read_back(void **state)
{
    (void)state;
    struct digest read, digests[] = {{0, 0}, {1, 2}, of_text("x"),
                                     {UINT64_MAX, UINT64_MAX}};
    char text[DIGEST_TEXT_SIZE];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(strlen(digest_print(digests[i], text)), 32);
        assert_true(digest_parse(text, &read));
        assert_true(digest_equal(read, digests[i]));
    }
}

static void what_is_not_32_digits_is_no_digest(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "0", "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0", "0123456789abcdeg0123456789abcdef",
        "0123456789abcdef0123456789abcdefg",
        "0x23456789abcdef0123456789abcdef", " 123456789abcdef0123456789abcdef",
        "0123456789abcdef -23456789abcdef"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct digest digest = {3, 4};
        assert_false(digest_parse(texts[i], &digest));
        assert_true(digest_equal(digest, (struct digest){3, 4}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digest_of_nothing_is_known),
        cmocka_unit_test(any_changed_bit_changes_the_digest),
        cmocka_unit_test(a_fold_depends_on_order_and_on_where_pieces_end),
        cmocka_unit_test(a_sum_does_not_depend_on_the_order),
        cmocka_unit_test(digests_are_ordered_high_half_first),
        cmocka_unit_test(a_printed_digest_is_read_back),
        cmocka_unit_test(what_is_not_32_digits_is_no_digest),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
