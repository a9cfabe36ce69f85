#include "tests/audience.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

struct outcome audience_make_outcome(uint64_t i)
{
    static const unsigned char record[300] = "a record, opaque to segments";
    return (struct outcome){
        .task = {7, i}, .cell = {8, i}, .spec = "network = mlp\n",
        .state = OUTCOME_DONE, .cause = "", .message = "all is well",
        .host = "node", .attempt = 1, .wall_s = (double)i, .record = record,
        .n_record_bytes = 100 + i % 200,
    };
}

static enum status see(void *self, const struct outcome *outcome,
                       struct arena *arena)
{
    struct audience *audience = self;
    struct outcome wanted = audience_make_outcome(outcome->task.low);
    arena_take(arena, 100000); /* not kept until the next visit */
    assert_true(arena->n_bytes < 200000);
    assert_int_equal(outcome->task.high, 7);
    assert_true(outcome->wall_s == wanted.wall_s);
    assert_int_equal(outcome->n_record_bytes, wanted.n_record_bytes);
    assert_memory_equal(outcome->record, wanted.record,
                        wanted.n_record_bytes);
    assert_true(audience->n_seen < AUDIENCE_MAX);
    audience->seen[audience->n_seen++] = outcome->task.low;
    if (audience->n_seen == audience->refuse_at)
        return status_refuse(STATUS_INVALID, "enough");
    return STATUS_OK;
}

static void hear_damage(void *self, const char *path, const char *reason)
{
    struct audience *audience = self;
    audience->n_damaged++;
    assert_non_null(strstr(path, ".seg"));
    snprintf(audience->reason, sizeof audience->reason, "%s", reason);
}

enum status audience_try(const char *folder, struct audience *audience)
{
    struct segment_visitor visitor = {audience, see, hear_damage, NULL, NULL};
    return segment_read_all(folder, &visitor);
}

struct audience audience_read(const char *folder)
{
    struct audience audience = {.n_seen = 0};
    assert_int_equal(audience_try(folder, &audience), STATUS_OK);
    return audience;
}

void audience_assert_holds(const char *folder, size_t n)
{
    struct audience audience = audience_read(folder);
    assert_int_equal(audience.n_damaged, 0);
    assert_int_equal(audience.n_seen, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(audience.seen[i], i);
}

void audience_append(struct segment_writer *writer, uint64_t first, size_t n)
{
    for (uint64_t i = first; i < first + n; i++) {
        struct outcome outcome = audience_make_outcome(i);
        segment_append(writer, &outcome);
    }
}

void audience_write(const char *folder, uint64_t first, size_t n)
{
    struct segment_writer writer;
    assert_int_equal(segment_open(folder, &writer), STATUS_OK);
    audience_append(&writer, first, n);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
}
