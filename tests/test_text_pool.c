#include "tests/test.h"

#include "core/text_pool.h"

#include <stdio.h>

static void equal_texts_are_one_and_others_are_not(void **state)
{
    (void)state;
    enum { N = 5000 };
    static const char *kept[N];
    struct arena arena = arena_open();
    struct text_pool pool = {.arena = &arena};
    char text[16];
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < N; i++) {
            snprintf(text, sizeof text, "text %zu", i);
            const char *found = text_pool_keep(&pool, text);
            assert_string_equal(found, text);
            assert_ptr_not_equal(found, text);
            if (round)
                assert_ptr_equal(found, kept[i]);
            kept[i] = found;
        }
    assert_int_equal(pool.n, N);
    text_pool_close(&pool);
    assert_string_equal(kept[4999], "text 4999");
    arena_close(&arena);
}

static void the_empty_text_is_a_text(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct text_pool pool = {.arena = &arena};
    const char *empty = text_pool_keep(&pool, "");
    assert_string_equal(empty, "");
    assert_ptr_equal(text_pool_keep(&pool, ""), empty);
    assert_int_equal(pool.n, 1);
    text_pool_close(&pool);
    arena_close(&arena);
}

static void a_closed_pool_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct text_pool pool = {.arena = &arena};
    text_pool_close(&pool);
    text_pool_keep(&pool, "a");
    text_pool_close(&pool);
    assert_int_equal(pool.n, 0);
    assert_string_equal(text_pool_keep(&pool, "a"), "a");
    text_pool_close(&pool);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_are_one_and_others_are_not),
        cmocka_unit_test(the_empty_text_is_a_text),
        cmocka_unit_test(a_closed_pool_can_be_used_again),
    };
    return cmocka_run_group_tests_name("text_pool", tests, NULL, NULL);
}
