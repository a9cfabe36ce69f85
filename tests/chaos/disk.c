/*
 * A disk that refuses, put before the C library (LD_PRELOAD): while the file
 * $CHAOS_REFUSE is there, and only below the folder $CHAOS_FOLDER, writing or
 * flushing is refused, whichever its first letter says:
 *
 *     f  no space is left: write, pwrite, ftruncate
 *     s  an error of the device: fsync, fdatasync
 *
 * Each refusal adds a byte to $CHAOS_REFUSE.count.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The next definition of a function of this name. */
static void *find_next(const char *name)
{
    void *next = dlsym(RTLD_NEXT, name);
    if (!next)
        abort();
    return next;
}

/* What is refused now: 'f', 's' or 0. */
static char read_order(void)
{
    const char *path = getenv("CHAOS_REFUSE");
    int order = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char letter = 0;
    if (order < 0)
        return 0;
    if (read(order, &letter, 1) != 1)
        letter = 0;
    close(order);
    return letter;
}

static bool lies_in_folder(int file)
{
    const char *folder = getenv("CHAOS_FOLDER");
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return folder && n > 0 && (size_t)n > strlen(folder) &&
           strncmp(path, folder, strlen(folder)) == 0;
}

static void count_refusal(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s.count", getenv("CHAOS_REFUSE"));
    int count = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (count < 0)
        return;
    ssize_t (*next)(int, const void *, size_t);
    *(void **)&next = find_next("write");
    next(count, ".", 1);
    close(count);
}

static bool refuses(int file, char letter, int reason)
{
    int before = errno;
    bool does = read_order() == letter && lies_in_folder(file);
    errno = before;
    if (!does)
        return false;
    count_refusal();
    errno = reason;
    return true;
}

ssize_t write(int file, const void *bytes, size_t n)
{
    static ssize_t (*next)(int, const void *, size_t);
    if (!next)
        *(void **)&next = find_next("write");
    return refuses(file, 'f', ENOSPC) ? -1 : next(file, bytes, n);
}

ssize_t pwrite(int file, const void *bytes, size_t n, off_t at)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    if (!next)
        *(void **)&next = find_next("pwrite");
    return refuses(file, 'f', ENOSPC) ? -1 : next(file, bytes, n, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at)
{
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (!next)
        *(void **)&next = find_next("pwrite64");
    return refuses(file, 'f', ENOSPC) ? -1 : next(file, bytes, n, at);
}

int ftruncate64(int file, off64_t n)
{
    static int (*next)(int, off64_t);
    if (!next)
        *(void **)&next = find_next("ftruncate64");
    return refuses(file, 'f', ENOSPC) ? -1 : next(file, n);
}

int fsync(int file)
{
    static int (*next)(int);
    if (!next)
        *(void **)&next = find_next("fsync");
    return refuses(file, 's', EIO) ? -1 : next(file);
}

int fdatasync(int file)
{
    static int (*next)(int);
    if (!next)
        *(void **)&next = find_next("fdatasync");
    return refuses(file, 's', EIO) ? -1 : next(file);
}
