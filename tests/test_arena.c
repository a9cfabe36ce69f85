#include "tests/test.h"

#include "core/arena.h"

#include <string.h>

static void blocks_are_aligned_zeroed_and_apart(void **state)
{
    (void)state;
    enum { N = 300 };
    struct arena arena = arena_open();
    unsigned char *blocks[N];
    for (size_t i = 0; i < N; i++) {
        size_t n_bytes = i * i;
        blocks[i] = arena_take(&arena, n_bytes);
        assert_int_equal((uintptr_t)blocks[i] % ARENA_ALIGNMENT, 0);
        for (size_t k = 0; k < n_bytes; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)(i % 255) + 1, n_bytes);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i * i; k++)
            assert_int_equal(blocks[i][k], i % 255 + 1);
    arena_close(&arena);
}

/* What an arena gave back comes again, and is not clean by itself. */
static void memory_that_was_used_is_zeroed_again(void **state)
{
    (void)state;
    for (int round = 0; round < 4; round++) {
        struct arena arena = arena_open();
        unsigned char *bytes = arena_take(&arena, 50000);
        for (size_t i = 0; i < 50000; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, 50000);
        arena_close(&arena);
    }
}

/* A layout over an arena of either sort. */
static size_t lay_out(struct arena *arena)
{
    for (size_t i = 0; i < 100; i++) {
        ARENA_ARRAY(arena, double, 37 * i);
        arena_copy_text(arena, "text");
        arena_print(arena, "%zu", i * 1000000);
    }
    return arena->n_bytes;
}

static void counting_takes_no_memory_and_counts_what_is_taken(void **state)
{
    (void)state;
    struct arena counting = arena_open_counting(), real = arena_open();
    assert_null(arena_take(&counting, 100));
    assert_null(arena_copy_text(&counting, "text"));
    assert_null(arena_print(&counting, "%d", 1));
    counting.n_bytes = 0;
    size_t n_bytes = lay_out(&counting);
    assert_null(counting.newest);
    assert_true(n_bytes > 37 * 99 * 50 * sizeof(double));
    assert_int_equal(lay_out(&real), n_bytes);
    arena_close(&real);
    arena_close(&counting);
    assert_true(counting.counting && counting.n_bytes == 0);
}

static void a_reserve_keeps_what_follows_together(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    arena_take(&arena, 1000);
    arena_reserve(&arena, (1 << 20) + 256); /* and guards, if there are any */
    struct arena_block *block = arena.newest;
    size_t before = arena.n_bytes;
    unsigned char *first = arena_take(&arena, 1 << 19);
    size_t n_first = arena.n_bytes - before;
    unsigned char *second = arena_take(&arena, 1 << 19);
    assert_ptr_equal(first + n_first, second);
    assert_ptr_equal(arena.newest, block);
    arena_close(&arena);
}

static void a_closed_arena_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    assert_non_null(arena_take(&arena, 0));
    arena_close(&arena);
    assert_int_equal(arena.n_bytes, 0);
    assert_string_equal(arena_copy_text(&arena, "again"), "again");
    arena_close(&arena);
    arena_close(&arena);
}

static void texts_are_copied_and_printed_at_any_length(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *text = "";
    for (int i = 0; i < 2000; i++)
        text = arena_print(&arena, "%s%d", text, i % 10);
    assert_int_equal(strlen(text), 2000);
    assert_int_equal(text[1999], '9');
    char changed[] = "abc";
    char *copy = arena_copy_text(&arena, changed);
    changed[0] = 'x';
    assert_string_equal(copy, "abc");
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_zeroed_and_apart),
        cmocka_unit_test(memory_that_was_used_is_zeroed_again),
        cmocka_unit_test(counting_takes_no_memory_and_counts_what_is_taken),
        cmocka_unit_test(a_reserve_keeps_what_follows_together),
        cmocka_unit_test(a_closed_arena_can_be_used_again),
        cmocka_unit_test(texts_are_copied_and_printed_at_any_length),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
