#include "sweep/frame.h"
#include "tests/test.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What lies in a pipe, at most a few kilobytes. */
static struct bytes read_pipe(int fd)
{
    struct bytes bytes = {0};
    unsigned char buffer[4096];
    ssize_t n = read(fd, buffer, sizeof buffer);
    assert_true(n > 0);
    bytes_append(&bytes, buffer, (size_t)n);
    return bytes;
}

static struct bytes write_frames(int ends[2])
{
    struct progress progress = {UINT64_C(1) << 40, UINT64_C(1) << 41, 0.25};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(frame_write_progress(ends[1], progress), STATUS_OK);
    assert_int_equal(frame_write(ends[1], FRAME_RECORD, "record", 6),
                     STATUS_OK);
    assert_int_equal(frame_write(ends[1], FRAME_RECORD, NULL, 0), STATUS_OK);
    return read_pipe(ends[0]);
}

static void close_both(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static void frames_are_read_in_order(void **state)
{
    (void)state;
    int ends[2];
    struct bytes bytes = write_frames(ends);
    struct frame frame;
    struct progress progress = {0};
    size_t place = 0;
    assert_true(frame_find(&bytes, &place, &frame));
    assert_int_equal(frame.kind, FRAME_PROGRESS);
    assert_true(frame_read_progress(&frame, &progress));
    assert_true(progress.done == UINT64_C(1) << 40 &&
                progress.total == UINT64_C(1) << 41 && progress.loss == 0.25);
    assert_true(frame_find(&bytes, &place, &frame));
    assert_int_equal(frame.kind, FRAME_RECORD);
    assert_int_equal(frame.n, 6);
    assert_memory_equal(frame.at, "record", 6);
    assert_false(frame_read_progress(&frame, &progress));
    assert_true(frame_find(&bytes, &place, &frame));
    assert_int_equal(frame.n, 0);
    assert_int_equal(place, bytes.n);
    assert_false(frame_find(&bytes, &place, &frame));
    bytes_free(&bytes);
    close_both(ends);
}

/* However many bytes have arrived, only whole frames are found. */
static void half_a_frame_is_none(void **state)
{
    (void)state;
    int ends[2];
    struct bytes bytes = write_frames(ends);
    for (size_t n = 0; n <= bytes.n; n++) {
        struct bytes part = {bytes.at, n, n};
        struct frame frame;
        size_t place = 0, n_found = 0;
        while (frame_find(&part, &place, &frame))
            n_found++;
        size_t whole = n < 40 ? 0 : n < 62 ? 1 : n < 78 ? 2 : 3;
        assert_int_equal(n_found, whole);
        assert_true(place <= n);
    }
    bytes_free(&bytes);
    close_both(ends);
}

static void a_length_beyond_all_bounds_is_waited_for(void **state)
{
    (void)state;
    struct bytes bytes = {0};
    struct frame frame;
    size_t place = 0;
    bytes_append_u64(&bytes, FRAME_RECORD);
    bytes_append_u64(&bytes, UINT64_MAX - 8);
    bytes_append(&bytes, "12345678", 8);
    assert_false(frame_find(&bytes, &place, &frame));
    assert_int_equal(place, 0);
    bytes_free(&bytes);
}

static void progress_of_another_length_is_none(void **state)
{
    (void)state;
    static const unsigned char zeros[32];
    struct progress progress = {1, 2, 3};
    for (size_t n = 0; n <= sizeof zeros; n += 8) {
        struct frame frame = {FRAME_PROGRESS, zeros, n};
        assert_int_equal(frame_read_progress(&frame, &progress), n == 24);
        assert_int_equal(progress.done, n >= 24 ? 0 : 1);
    }
}

static void unknown_loss_stays_unknown(void **state)
{
    (void)state;
    int ends[2];
    size_t place = 0;
    struct frame frame;
    struct progress progress = {1, 2, (double)NAN};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(frame_write_progress(ends[1], progress), STATUS_OK);
    struct bytes bytes = read_pipe(ends[0]);
    progress.loss = 0;
    assert_true(frame_find(&bytes, &place, &frame));
    assert_true(frame_read_progress(&frame, &progress));
    assert_true(isnan(progress.loss));
    bytes_free(&bytes);
    close_both(ends);
}

static void nobody_listening_is_refused(void **state)
{
    (void)state;
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(frame_write_progress(ends[1], (struct progress){0}),
                     STATUS_SYSTEM);
    assert_non_null(strstr(status_reason(), "Broken pipe"));
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_read_in_order),
        cmocka_unit_test(half_a_frame_is_none),
        cmocka_unit_test(a_length_beyond_all_bounds_is_waited_for),
        cmocka_unit_test(progress_of_another_length_is_none),
        cmocka_unit_test(unknown_loss_stays_unknown),
        cmocka_unit_test(nobody_listening_is_refused),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
