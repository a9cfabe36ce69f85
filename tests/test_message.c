#include "core/kind.h"
#include "sweep/message.h"
#include "sweep/wire_queue.h"
#include "tests/test.h"

#include <string.h>

static const struct message samples[] = {
    {.kind = MESSAGE_HELLO, .text = "node-17"},
    {.kind = MESSAGE_PROGRESS, .task = 7, .progress = {3, 1000, -0.5}},
    {.kind = MESSAGE_OUTCOME, .task = UINT64_MAX, .n = 11,
     .at = (const unsigned char *)"opaque\0bytes"},
    {.kind = MESSAGE_OUTCOME, .task = 3},
    {.kind = MESSAGE_ASKED_STOP},
    {.kind = MESSAGE_STOPPED},
    {.kind = MESSAGE_TASK, .task = 5,
     .assignment = {4, 0.1, 1ULL << 40, 1ULL << 39, "training = dummy\n",
                    {20, 10, 35}}},
    {.kind = MESSAGE_STOP},
    {.kind = MESSAGE_END},
};

static void assert_same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a)
        assert_string_equal(a, b);
}

static void assert_same(const struct message *a, const struct message *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_true(a->task == b->task && a->n == b->n);
    assert_true(a->progress.done == b->progress.done &&
                a->progress.total == b->progress.total &&
                a->progress.loss == b->progress.loss);
    assert_true(a->assignment.attempt == b->assignment.attempt &&
                a->assignment.limit_s == b->assignment.limit_s &&
                a->assignment.n_bytes == b->assignment.n_bytes &&
                a->assignment.n_least == b->assignment.n_least &&
                span_equal(a->assignment.span, b->assignment.span));
    assert_same_text(a->assignment.spec, b->assignment.spec);
    assert_same_text(a->text, b->text);
    if (a->n)
        assert_memory_equal(a->at, b->at, a->n);
}

static void a_message_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct bytes bytes = {0};
    for (size_t i = 0; i < KIND_COUNT(samples); i++) {
        struct arena arena = arena_open();
        struct message read;
        message_write(&samples[i], &bytes);
        assert_int_equal(message_read(&bytes, &arena, &read), STATUS_OK);
        assert_same(&samples[i], &read);
        arena_close(&arena);
    }
    bytes_free(&bytes);
}

/* Only of an outcome nobody can tell whether its bytes are all there. */
static void a_message_cut_short_is_refused(void **state)
{
    (void)state;
    struct bytes bytes = {0};
    for (size_t i = 0; i < KIND_COUNT(samples); i++) {
        message_write(&samples[i], &bytes);
        size_t least = samples[i].kind == MESSAGE_OUTCOME ? 16 : bytes.n;
        for (size_t n = 0; n < least; n++) {
            struct arena arena = arena_open();
            struct bytes part = {bytes.at, n, n};
            struct message read;
            assert_int_equal(message_read(&part, &arena, &read),
                             STATUS_DAMAGED);
            arena_close(&arena);
        }
    }
    bytes_free(&bytes);
}

static void a_message_of_unknown_kind_is_refused(void **state)
{
    (void)state;
    static const uint64_t kinds[] = {0, 9, 1000, UINT64_MAX,
                                     (UINT64_C(1) << 32) + MESSAGE_END};
    for (size_t i = 0; i < KIND_COUNT(kinds); i++) {
        struct arena arena = arena_open();
        struct bytes bytes = {0};
        struct message read;
        bytes_append_u64(&bytes, kinds[i]);
        bytes_append_u64(&bytes, 0);
        assert_int_equal(message_read(&bytes, &arena, &read), STATUS_DAMAGED);
        assert_non_null(strstr(status_reason(), "unknown kind"));
        bytes_free(&bytes);
        arena_close(&arena);
    }
}

static void messages_to_oneself_stay_in_order(void **state)
{
    (void)state;
    struct wire_queue queue = {0};
    struct bytes bytes = {0};
    assert_false(wire_queue_take(&queue, &bytes));
    for (unsigned char i = 0; i < 100; i++) {
        wire_queue_put(&queue, &i, i % 2);
        if (i % 3 == 2)
            assert_true(wire_queue_take(&queue, &bytes));
    }
    for (unsigned char i = 33; i < 99; i++) {
        assert_true(wire_queue_take(&queue, &bytes));
        assert_int_equal(bytes.n, i % 2);
        assert_true(i % 2 == 0 || bytes.at[0] == i);
    }
    wire_queue_clear(&queue);
    assert_false(wire_queue_take(&queue, &bytes));
    wire_queue_put(&queue, "again", 5);
    assert_true(wire_queue_take(&queue, &bytes));
    assert_memory_equal(bytes.at, "again", 5);
    bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_read_as_it_was_written),
        cmocka_unit_test(a_message_cut_short_is_refused),
        cmocka_unit_test(a_message_of_unknown_kind_is_refused),
        cmocka_unit_test(messages_to_oneself_stay_in_order),
    };
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
