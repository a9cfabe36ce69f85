#include "tests/merge_stage.h"
#include "tests/audience.h"
#include "tests/test.h"

struct segment_writer merge_stage_open(const char *folder, size_t fan)
{
    struct segment_writer writer;
    assert_int_equal(segment_open(folder, &writer), STATUS_OK);
    writer.fan = fan;
    return writer;
}

void merge_stage_write_each(struct segment_writer *writer, uint64_t first,
                       uint64_t end)
{
    for (uint64_t i = first; i < end; i++) {
        audience_append(writer, i, 1);
        assert_int_equal(segment_flush(writer), STATUS_OK);
    }
}

void merge_stage_write(const char *folder, uint64_t first, uint64_t end)
{
    struct segment_writer writer = merge_stage_open(folder, SIZE_MAX);
    merge_stage_write_each(&writer, first, end);
    segment_close(&writer);
}

void merge_stage_merge(const char *folder, size_t fan)
{
    struct segment_writer writer = merge_stage_open(folder, fan);
    segment_merge_all(&writer, 0, NULL);
    segment_close(&writer);
}
