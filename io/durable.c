#include "io/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* temporary names: PATH.HOST.PID.RANDOM.tmp --------------------------- */

/* Machines that share a folder may share a process number, and machines that
 * were copied even a name: hence the random digits. */
void durable_temporary(const char *path, char *temporary, size_t size)
{
    char host[HOST_NAME_MAX + 1] = "";
    uint32_t random;
    gethostname(host, sizeof host - 1);
    MUST(getrandom(&random, sizeof random, 0) == sizeof random);
    int length = snprintf(temporary, size, "%s.%s.%ld.%08x.tmp", path, host,
                          (long)getpid(), random);
    MUST(length > 0 && (size_t)length < size);
}

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), n_end = strlen(end);
    return n >= n_end && !strcmp(name + n - n_end, end);
}

/* The process that such a name tells of, if it is one of this machine; else
 * 0. The name is taken apart in place. */
static pid_t writer_of(char *name)
{
    char host[HOST_NAME_MAX + 1] = "", *fields[3] = {NULL}, *end;
    gethostname(host, sizeof host - 1);
    for (int i = 0; i < 3; i++) { /* "tmp", the random digits, the process */
        fields[i] = strrchr(name, '.');
        if (!fields[i])
            return 0;
        *fields[i]++ = '\0';
    }
    long pid = strtol(fields[2], &end, 10);
    size_t n = strlen(name), n_host = strlen(host);
    bool ours = n > n_host && name[n - n_host - 1] == '.' &&
                !strcmp(name + n - n_host, host);
    return ours && *end == '\0' && pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

static bool is_alive(pid_t process)
{
    return kill(process, 0) == 0 || errno == EPERM;
}

/* files --------------------------------------------------------------- */

static enum status sync_file(int file, const char *path)
{
    while (fsync(file) != 0)
        if (errno != EINTR)
            return status_refuse_errno("%s: cannot flush to disk", path);
    return STATUS_OK;
}

/* Some file systems cannot flush a folder and say so; there is then nothing
 * more that could be done. */
static enum status sync_folder(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot open the folder", folder);
    int result;
    do
        result = fsync(file);
    while (result != 0 && errno == EINTR);
    int error = errno;
    close(file);
    errno = error;
    if (result != 0 && error != EINVAL && error != ENOTSUP)
        return status_refuse_errno("%s: cannot flush the folder", folder);
    return STATUS_OK;
}

static enum status sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    int length = snprintf(folder, sizeof folder, "%s", path);
    MUST(length > 0 && (size_t)length < sizeof folder);
    while (length > 1 && folder[length - 1] == '/')
        folder[--length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash)
        return sync_folder(".");
    slash[slash == folder] = '\0';
    return sync_folder(folder);
}

static enum status write_all(int file, const char *path, const void *bytes,
                             size_t n)
{
    const unsigned char *at = bytes;
    while (n > 0) {
        ssize_t written = write(file, at, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return status_refuse_errno("%s: cannot write", path);
        at += written;
        n -= (size_t)written;
    }
    return STATUS_OK;
}

/* Network file systems may tell of a full disk as late as here. After EINTR
 * the file is closed all the same. */
static enum status close_file(int file, const char *path)
{
    if (close(file) != 0 && errno != EINTR)
        return status_refuse_errno("%s: cannot write", path);
    return STATUS_OK;
}

/* Gives the file back in either case; `path` is what messages name. */
static enum status finish_file(int file, const char *path, enum status status)
{
    if (status == STATUS_OK)
        status = sync_file(file, path);
    if (status == STATUS_OK)
        return close_file(file, path);
    close(file);
    return status;
}

static enum status rename_file(const char *temporary, const char *path)
{
    if (rename(temporary, path) != 0) {
        enum status status = status_refuse_errno("%s: cannot write", path);
        unlink(temporary);
        return status;
    }
    return sync_folder_of(path);
}

enum status durable_write(const char *path, const void *bytes, size_t n)
{
    char temporary[PATH_MAX];
    durable_temporary(path, temporary, sizeof temporary);
    int file =
        open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        return status_refuse_errno("%s: cannot write", path);
    enum status status =
        finish_file(file, path, write_all(file, path, bytes, n));
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return rename_file(temporary, path);
}

void durable_discard(const char *temporary)
{
    int file = open(temporary, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0)
        close(file);
    unlink(temporary);
}

enum status durable_commit(const char *temporary, const char *path)
{
    int file = open(temporary, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot open %s", path, temporary);
    enum status status = finish_file(file, path, STATUS_OK);
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return rename_file(temporary, path);
}

enum status durable_read(const char *path, struct bytes *bytes)
{
    enum { PIECE = 1 << 16 };
    unsigned char piece[PIECE];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_refuse_errno("%s: cannot open", path);
    ssize_t n;
    while ((n = read(file, piece, PIECE)) > 0 || (n < 0 && errno == EINTR))
        bytes_append(bytes, piece, n > 0 ? (size_t)n : 0);
    int error = errno;
    close(file);
    if (n < 0)
        return status_refuse(STATUS_DAMAGED, "%s: cannot read: %s", path,
                             strerror(error));
    return STATUS_OK;
}

/* folders ------------------------------------------------------------- */

static enum status make_folder(const char *path,
                               int (*look)(const char *path,
                                           struct stat *found))
{
    if (mkdir(path, 0755) == 0)
        return sync_folder_of(path);
    struct stat found;
    int error = errno;
    if (error == EEXIST && look(path, &found) == 0) {
        if (S_ISDIR(found.st_mode))
            return STATUS_OK;
        return status_refuse(STATUS_INVALID, "%s: is there, but not a folder%s",
                             path,
                             S_ISLNK(found.st_mode)
                                 ? " (a symbolic link; what is written there "
                                   "would land elsewhere)"
                                 : "");
    }
    errno = error;
    return status_refuse_errno("%s: cannot make the folder", path);
}

enum status durable_make_folder(const char *path)
{
    return make_folder(path, stat);
}

enum status durable_make_own_folder(const char *path)
{
    return make_folder(path, lstat);
}

/* Whether nobody writes a temporary file any more: of this machine's processes
 * that is known; another machine's have a day without a word. */
static bool is_left(int folder, const char *entry)
{
    static const time_t SILENT_S = 86400;
    char name[NAME_MAX + 1];
    struct stat about;
    snprintf(name, sizeof name, "%s", entry);
    pid_t writer = writer_of(name);
    if (writer > 0)
        return !is_alive(writer);
    return fstatat(folder, entry, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           time(NULL) - about.st_mtime > SILENT_S;
}

static enum status clean_open(DIR *folder, const char *path)
{
    struct dirent *entry;
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        if (!ends_in(entry->d_name, ".tmp") ||
            !is_left(dirfd(folder), entry->d_name))
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0 &&
            errno != ENOENT && errno != EISDIR)
            return status_refuse_errno("%s/%s: cannot delete", path,
                                       entry->d_name);
    }
    if (errno != 0)
        return status_refuse_errno("%s: cannot read the folder", path);
    return STATUS_OK;
}

enum status durable_clean(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return status_refuse_errno("%s: cannot read the folder", path);
    enum status status = clean_open(folder, path);
    closedir(folder);
    return status;
}
