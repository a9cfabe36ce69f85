/* The training that trains nothing (core/training.h, dummy). */
#include "jobs/trial_parts.h"
#include "io/outcome.h"
#include "sweep/frame.h"

#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void sleep_for(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)(1e9 * (seconds - floor(seconds)));
    nanosleep(&time, NULL);
}

static void die(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

/* The first half of a frame that promises more. */
static void send_half(const struct record *record)
{
    struct bytes packed = {0}, frame = {0};
    record_pack(record, &packed);
    bytes_append_u64(&frame, FRAME_RECORD);
    bytes_append_u64(&frame, packed.n);
    bytes_append(&frame, packed.at, packed.n / 2);
    ssize_t written = write(FRAME_FD, frame.at, frame.n);
    bytes_free(&packed);
    bytes_free(&frame);
    _exit(written < 0);
}

/* Whatever the process may have, it is no more than this. */
static void hoard(void)
{
    const size_t n_blocks = 4096, n_bytes = (size_t)16 << 20;
    for (size_t i = 0; i < n_blocks; i++)
        if (!malloc(n_bytes))
            status_exhaust(n_bytes);
    fprintf(stderr, "the dummy was given all that it wanted\n");
    exit(4);
}

/* As the system may do to a rank when its trial takes all memory. By hand the
 * parent is a shell, or a test. */
static void kill_rank(void)
{
    char own[PATH_MAX] = "", parents[PATH_MAX] = "", path[64];
    snprintf(path, sizeof path, "/proc/%ld/exe", (long)getppid());
    if (readlink("/proc/self/exe", own, sizeof own - 1) > 0 &&
        readlink(path, parents, sizeof parents - 1) > 0 &&
        strcmp(own, parents) == 0)
        kill(getppid(), SIGKILL);
    fprintf(stderr, "the dummy has no rank to kill\n");
    exit(5);
}

void trial_pretend(const struct training_dummy *dummy, struct arena *arena,
                   struct record *record)
{
    *record = (struct record){.stage = STAGE_TRAIN};
    record_lay_out(record, arena);
    record_u64(record, FIELD_MODEL_DIGEST_LOW)[0] = dummy->common.seed;
    sleep_for(dummy->sleep_s);
    switch ((enum dummy_end)dummy->end) {
    case DUMMY_DONE:
        return;
    case DUMMY_DIVERGE:
        record->diverged = true;
        return;
    case DUMMY_EXIT:
        fprintf(stderr, "the dummy exits, as told\n");
        exit(3);
    case DUMMY_SEGV:
        die(SIGSEGV);
        break;
    case DUMMY_ABORT:
        MUST(!"the dummy keeps its promises");
        break;
    case DUMMY_KILL:
        die(SIGKILL);
        break;
    case DUMMY_PARTIAL:
        send_half(record);
        break;
    case DUMMY_HANG:
        while (true)
            pause();
    case DUMMY_EXHAUST:
        arena_take(arena, SIZE_MAX / 2);
        break;
    case DUMMY_HOARD:
        hoard();
        break;
    case DUMMY_KILL_RANK:
        kill_rank();
    }
}
