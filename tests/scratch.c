#include "tests/scratch.h"
#include "core/rng.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct scratch scratch_make(void)
{
    struct scratch scratch = {.arena = arena_open()};
    const char *below = getenv("TMPDIR");
    int length = snprintf(scratch.folder, sizeof scratch.folder,
                          "%s/spikesweep-test-XXXXXX", below ? below : "/tmp");
    MUST(length > 0 && (size_t)length < sizeof scratch.folder);
    MUST(mkdtemp(scratch.folder) != NULL);
    return scratch;
}

static int remove_entry(const char *path, const struct stat *found, int type,
                        struct FTW *place)
{
    (void)found, (void)type, (void)place;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    MUST(nftw(scratch->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
    arena_close(&scratch->arena);
}

const char *scratch_path(struct scratch *scratch, const char *name)
{
    return arena_print(&scratch->arena, "%s/%s", scratch->folder, name);
}

struct bytes scratch_read(const char *path)
{
    struct bytes bytes = {NULL, 0, 0};
    unsigned char piece[4096];
    FILE *file = fopen(path, "rb");
    MUST(file != NULL);
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        bytes_append(&bytes, piece, n);
    MUST(!ferror(file));
    fclose(file);
    return bytes;
}

void scratch_write(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    MUST(file != NULL);
    MUST(fwrite(bytes, 1, n, file) == n);
    MUST(fclose(file) == 0);
}

void scratch_age(const char *path)
{
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec -= 2 * 86400;
    const struct timespec both[] = {when, when};
    MUST(utimensat(AT_FDCWD, path, both, 0) == 0);
}

size_t scratch_count(const char *path, const char *ending)
{
    size_t count = 0, n_ending = strlen(ending);
    DIR *folder = opendir(path);
    MUST(folder != NULL);
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        size_t n = strlen(entry->d_name);
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        count += n >= n_ending &&
                 !strcmp(entry->d_name + n - n_ending, ending);
    }
    closedir(folder);
    return count;
}

/* damage -------------------------------------------------------------- */

/* The k-th choice of a seed, below n. */
static size_t choose(uint64_t seed, uint64_t k, size_t n)
{
    struct rng_stream stream = {seed, RNG_NOISE, 77};
    return (size_t)(((uint64_t)rng_word(stream, k) * n) >> 32);
}

static void write_extreme(struct bytes *bytes, uint64_t seed, size_t at)
{
    static const uint64_t extremes[] = {0, 1, 0x7f, 0xff, 0xffff, UINT32_MAX,
                                        INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
    uint64_t value = extremes[choose(seed, 3, 9)];
    size_t n = (size_t)1 << choose(seed, 4, 4);
    n = n <= bytes->n - at ? n : bytes->n - at;
    memcpy(bytes->at + at, &value, n);
}

static void remove_piece(struct bytes *bytes, size_t at, size_t n)
{
    memmove(bytes->at + at, bytes->at + at + n, bytes->n - at - n);
    bytes->n -= n;
}

static void repeat_piece(struct bytes *bytes, size_t at, size_t n)
{
    struct bytes changed = {NULL, 0, 0};
    bytes_append(&changed, bytes->at, at + n);
    bytes_append(&changed, bytes->at + at, bytes->n - at);
    bytes_free(bytes);
    *bytes = changed;
}

void scratch_damage(struct bytes *bytes, uint64_t seed)
{
    MUST(bytes->n > 0);
    size_t at = choose(seed, 1, bytes->n);
    size_t n = choose(seed, 2, bytes->n - at < 64 ? bytes->n - at : 64) + 1;
    switch (choose(seed, 0, 5)) {
    case 0:
        bytes->at[at] ^= (unsigned char)(1 << choose(seed, 5, 8));
        break;
    case 1:
        write_extreme(bytes, seed, at);
        break;
    case 2:
        bytes->n = at;
        break;
    case 3:
        remove_piece(bytes, at, n);
        break;
    default:
        repeat_piece(bytes, at, n);
    }
}

/* children ------------------------------------------------------------ */

int scratch_fork(int (*work)(void *self), void *self)
{
    int how;
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0)
        _exit(work(self));
    MUST(waitpid(child, &how, 0) == child);
    return WIFSIGNALED(how) ? 256 + WTERMSIG(how) : WEXITSTATUS(how);
}

/* Mounts of our own, that no other process sees; without being root, as the
 * root of a user namespace. */
static bool leave_mounts(void)
{
    if (unshare(CLONE_NEWNS) != 0 &&
        unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

bool scratch_mount_small(const char *folder, size_t n_bytes)
{
    char size[32];
    snprintf(size, sizeof size, "size=%zu", n_bytes);
    return leave_mounts() && mount("none", folder, "tmpfs", 0, size) == 0;
}

bool scratch_mount_read_only(const char *folder)
{
    return leave_mounts() &&
           mount(folder, folder, NULL, MS_BIND, NULL) == 0 &&
           mount(NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY,
                 NULL) == 0;
}

struct bytes scratch_damage_sealed(const struct bytes *whole, uint64_t seed)
{
    enum { SEAL = 16 };
    struct bytes bytes = {0};
    bytes_append(&bytes, whole->at, whole->n - SEAL);
    for (uint64_t i = 0; i <= seed % 3 && bytes.n > 0; i++)
        scratch_damage(&bytes, seed * 3 + i);
    bytes_seal(&bytes, 0);
    return bytes;
}

uint64_t scratch_n_seeds(uint64_t n)
{
    const char *times = getenv("FUZZ");
    return times ? n * strtoull(times, NULL, 10) : n;
}
