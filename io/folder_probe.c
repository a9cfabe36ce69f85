#include "io/folder_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { N_FLUSHES = 9 };

static const char *because(const char *what, struct arena *arena)
{
    return arena_print(arena, "%s: %s", what, strerror(errno));
}

static double seconds_of(struct timespec time)
{
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double now_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return seconds_of(now);
}

/* files --------------------------------------------------------------- */

/* Makes or empties a file and writes a text; false with errno set. */
static bool write_text(const char *path, const char *text, bool flush)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        return false;
    ssize_t n = (ssize_t)strlen(text);
    bool done = write(file, text, (size_t)n) == n &&
                (!flush || fsync(file) == 0);
    int error = errno;
    close(file);
    errno = error;
    return done;
}

static bool reads(int file, const char *text)
{
    char piece[16] = "";
    return read(file, piece, sizeof piece - 1) == (ssize_t)strlen(text) &&
           strcmp(piece, text) == 0;
}

/* probes; each is NULL or the reason why not -------------------------- */

/* Who has the old file open goes on reading it; who opens it by its name gets
 * the new one. */
static const char *probe_replace(const char *folder, struct arena *arena)
{
    const char *path = arena_print(arena, "%s/a", folder);
    const char *newer = arena_print(arena, "%s/b", folder);
    if (!write_text(path, "old", false) || !write_text(newer, "new", false))
        return because("cannot write", arena);
    int before = open(path, O_RDONLY | O_CLOEXEC);
    if (before < 0 || rename(newer, path) != 0) {
        const char *reason = because("rename over a file", arena);
        if (before >= 0)
            close(before);
        return reason;
    }
    int after = open(path, O_RDONLY | O_CLOEXEC);
    const char *reason =
        !reads(before, "old")
            ? "a reader of a replaced file loses what it reads"
        : after < 0 || !reads(after, "new")
            ? "a replaced file is still the old one to who opens it"
            : NULL;
    close(before);
    if (after >= 0)
        close(after);
    return reason;
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const char *flush_folder(const char *folder, struct arena *arena)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return because("cannot open the folder", arena);
    bool refused = fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP;
    const char *reason =
        refused ? because("cannot flush the folder", arena) : NULL;
    close(file);
    return reason;
}

static const char *probe_flush(const char *folder, struct arena *arena,
                               double *median_s)
{
    double times[N_FLUSHES];
    const char *path = arena_print(arena, "%s/a", folder);
    for (size_t i = 0; i < N_FLUSHES; i++) {
        double began_s = now_s(CLOCK_MONOTONIC);
        if (!write_text(path, "flushed", true))
            return because("cannot flush a file", arena);
        const char *reason = flush_folder(folder, arena);
        if (reason)
            return reason;
        times[i] = now_s(CLOCK_MONOTONIC) - began_s;
    }
    qsort(times, N_FLUSHES, sizeof *times, compare_times);
    *median_s = times[N_FLUSHES / 2];
    return NULL;
}

static const char *probe_exclusive(const char *folder, struct arena *arena)
{
    const char *path = arena_print(arena, "%s/c", folder);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int first = open(path, flags, 0644);
    if (first < 0)
        return because("O_EXCL", arena);
    close(first);
    int second = open(path, flags, 0644);
    if (second >= 0) {
        close(second);
        return "two can make the same file";
    }
    return errno == EEXIST ? NULL : because("O_EXCL", arena);
}

static const char *probe_link(const char *folder, struct arena *arena)
{
    struct stat found;
    const char *path = arena_print(arena, "%s/a", folder);
    if (link(path, arena_print(arena, "%s/d", folder)) != 0)
        return because("a second name", arena);
    return stat(path, &found) == 0 && found.st_nlink == 2
               ? NULL
               : "a second name is not counted";
}

static bool date_of(const char *path, double *date_s)
{
    struct stat found;
    if (!write_text(path, "dated", false) || stat(path, &found) != 0)
        return false;
    *date_s = seconds_of(found.st_mtim);
    return true;
}

static const char *probe_dates(const char *folder, struct arena *arena,
                               double *clock_s)
{
    double earlier_s, later_s;
    struct timespec pause = {0, 20000000};
    if (!date_of(arena_print(arena, "%s/a", folder), &earlier_s))
        return because("cannot write", arena);
    nanosleep(&pause, NULL);
    if (!date_of(arena_print(arena, "%s/e", folder), &later_s))
        return because("cannot write", arena);
    *clock_s = later_s - now_s(CLOCK_REALTIME);
    return later_s < earlier_s ? "a later file bears an earlier date" : NULL;
}

static const char *probe_locks(const char *folder, struct arena *arena)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open(arena_print(arena, "%s/a", folder), O_RDWR | O_CLOEXEC);
    if (file < 0)
        return because("cannot open", arena);
    const char *reason = NULL;
    if (fcntl(file, F_SETLK, &whole) != 0)
        reason = because("fcntl", arena);
    else if (flock(file, LOCK_EX | LOCK_NB) != 0)
        reason = because("flock", arena);
    close(file);
    return reason;
}

/* the file system ----------------------------------------------------- */

static bool lies_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 &&
           (n == 1 || path[n] == '/' || path[n] == '\0');
}

/* Of the last and innermost mount that the folder lies below. */
static const char *find_type(const char *folder, struct arena *arena)
{
    char path[PATH_MAX];
    const char *type = "unknown";
    size_t longest = 0;
    struct mntent *mount;
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    while (mounts && realpath(folder, path) && (mount = getmntent(mounts)))
        if (lies_below(path, mount->mnt_dir) &&
            strlen(mount->mnt_dir) >= longest) {
            longest = strlen(mount->mnt_dir);
            type = arena_copy_text(arena, mount->mnt_type);
        }
    if (mounts)
        endmntent(mounts);
    return type;
}

static void find_room(const char *folder, struct folder_probe *probe)
{
    struct statvfs found;
    if (statvfs(folder, &found) != 0)
        return;
    probe->n_free_bytes = (uint64_t)found.f_bavail * found.f_frsize;
    if (found.f_files > 0)
        probe->n_free_files = found.f_favail;
}

/* --------------------------------------------------------------------- */

static void clean(const char *folder, struct arena *arena)
{
    for (char name = 'a'; name <= 'e'; name++)
        unlink(arena_print(arena, "%s/%c", folder, name));
    rmdir(folder);
}

struct folder_probe folder_probe(const char *folder, struct arena *arena)
{
    struct folder_probe probe = {.type = find_type(folder, arena),
                                 .n_free_files = UINT64_MAX};
    find_room(folder, &probe);
    char *own = arena_print(arena, "%s/.spikesweep-XXXXXX", folder);
    if (!mkdtemp(own)) {
        probe.write = arena_copy_text(arena, strerror(errno));
        return probe;
    }
    if (!write_text(arena_print(arena, "%s/a", own), "written", false))
        probe.write = arena_copy_text(arena, strerror(errno));
    if (!probe.write) {
        probe.replace = probe_replace(own, arena);
        probe.flush = probe_flush(own, arena, &probe.flush_s);
        probe.exclusive = probe_exclusive(own, arena);
        probe.link = probe_link(own, arena);
        probe.dates = probe_dates(own, arena, &probe.clock_s);
        probe.locks = probe_locks(own, arena);
    }
    clean(own, arena);
    return probe;
}
