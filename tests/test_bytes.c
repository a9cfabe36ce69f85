#include "io/bytes.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    bytes_append_u64(&bytes, UINT64_C(0x8123456789abcdef));
    bytes_append_u32(&bytes, 0x80000001);
    bytes_append_f64(&bytes, -0.1);
    bytes_append_text(&bytes, "u = leak u + x");
    bytes_append_text(&bytes, "");
    bytes_append_f64(&bytes, (double)NAN);
    struct bytes_reader reader = {bytes.at, bytes.n};
    uint64_t whole = 0;
    uint32_t half = 0;
    double real = 0, nan = 0;
    const char *text = NULL, *empty = NULL;
    assert_int_equal(bytes_take_u64(&reader, &whole), STATUS_OK);
    assert_int_equal(bytes_take_u32(&reader, &half), STATUS_OK);
    assert_int_equal(bytes_take_f64(&reader, &real), STATUS_OK);
    assert_int_equal(bytes_take_text(&reader, &arena, &text), STATUS_OK);
    assert_int_equal(bytes_take_text(&reader, &arena, &empty), STATUS_OK);
    assert_int_equal(bytes_take_f64(&reader, &nan), STATUS_OK);
    assert_true(whole == UINT64_C(0x8123456789abcdef));
    assert_true(half == 0x80000001);
    assert_true(real == -0.1 && isnan(nan));
    assert_string_equal(text, "u = leak u + x");
    assert_string_equal(empty, "");
    assert_int_equal(reader.left, 0);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void numbers_are_little_endian(void **state)
{
    (void)state;
    static const unsigned char wanted[] = {
        8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f};
    struct bytes bytes = {NULL, 0, 0};
    bytes_append_u64(&bytes, UINT64_C(0x0102030405060708));
    bytes_append_f64(&bytes, 1.5);
    assert_int_equal(bytes.n, sizeof wanted);
    assert_memory_equal(bytes.at, wanted, sizeof wanted);
    bytes_free(&bytes);
}

static void growing_loses_nothing(void **state)
{
    (void)state;
    struct bytes bytes = {NULL, 0, 0};
    for (uint64_t i = 0; i < 100000; i++)
        bytes_append_u64(&bytes, i * i);
    struct bytes_reader reader = {bytes.at, bytes.n};
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t value = 1;
        assert_int_equal(bytes_take_u64(&reader, &value), STATUS_OK);
        assert_true(value == i * i);
    }
    assert_int_equal(reader.left, 0);
    bytes_free(&bytes);
}

static void reading_past_the_end_is_refused_and_moves_nothing(void **state)
{
    (void)state;
    static const unsigned char seven[7] = {1, 2, 3, 4, 5, 6, 7};
    struct bytes_reader reader = {seven, sizeof seven};
    const unsigned char *at = NULL;
    uint64_t whole = 42;
    double real = 42;
    assert_int_equal(bytes_take_u64(&reader, &whole), STATUS_DAMAGED);
    assert_int_equal(bytes_take_f64(&reader, &real), STATUS_DAMAGED);
    assert_int_equal(bytes_take(&reader, 8, &at), STATUS_DAMAGED);
    assert_int_equal(bytes_take(&reader, SIZE_MAX, &at), STATUS_DAMAGED);
    assert_non_null(strstr(status_reason(), "7 are left"));
    assert_true(whole == 42 && real == 42 && at == NULL);
    assert_ptr_equal(reader.at, seven);
    assert_int_equal(bytes_take(&reader, 7, &at), STATUS_OK);
    assert_ptr_equal(at, seven);
}

static enum status take_text_of_length(uint64_t length)
{
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    bytes_append_u64(&bytes, length);
    bytes_append(&bytes, "abcd", 4);
    struct bytes_reader reader = {bytes.at, bytes.n};
    const char *text = NULL;
    enum status status = bytes_take_text(&reader, &arena, &text);
    assert_true((status == STATUS_OK) == (text != NULL));
    bytes_free(&bytes);
    arena_close(&arena);
    return status;
}

static void a_texts_length_may_lie(void **state)
{
    (void)state;
    assert_int_equal(take_text_of_length(4), STATUS_OK);
    assert_int_equal(take_text_of_length(5), STATUS_DAMAGED);
    assert_int_equal(take_text_of_length(INT64_MAX), STATUS_DAMAGED);
    assert_int_equal(take_text_of_length(UINT64_MAX), STATUS_DAMAGED);
    assert_int_equal(take_text_of_length(UINT64_MAX - 7), STATUS_DAMAGED);
}

static void a_text_with_a_zero_byte_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    bytes_append_u64(&bytes, 3);
    bytes_append(&bytes, "a\0b", 3);
    struct bytes_reader reader = {bytes.at, bytes.n};
    const char *text = NULL;
    assert_int_equal(bytes_take_text(&reader, &arena, &text), STATUS_DAMAGED);
    bytes_free(&bytes);
    arena_close(&arena);
}

static void a_seal_notices_every_changed_bit(void **state)
{
    (void)state;
    struct bytes bytes = {NULL, 0, 0};
    bytes_append(&bytes, "before", 6);
    bytes_append_text(&bytes, "sealed");
    bytes_seal(&bytes, 6);
    struct bytes_reader whole = {bytes.at + 6, bytes.n - 6};
    assert_int_equal(bytes_unseal(&whole), STATUS_OK);
    assert_int_equal(whole.left, 14);
    for (size_t bit = 0; bit < (bytes.n - 6) * 8; bit++) {
        unsigned char *at = bytes.at + 6 + bit / 8;
        struct bytes_reader reader = {bytes.at + 6, bytes.n - 6};
        *at ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(bytes_unseal(&reader), STATUS_DAMAGED);
        *at ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t n = 0; n < bytes.n - 6; n++) {
        struct bytes_reader reader = {bytes.at + 6, n};
        assert_int_equal(bytes_unseal(&reader), STATUS_DAMAGED);
    }
    bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(growing_loses_nothing),
        cmocka_unit_test(reading_past_the_end_is_refused_and_moves_nothing),
        cmocka_unit_test(a_texts_length_may_lie),
        cmocka_unit_test(a_text_with_a_zero_byte_is_refused),
        cmocka_unit_test(a_seal_notices_every_changed_bit),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
