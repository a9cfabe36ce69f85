#include "core/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_MAX = 1024 };

/* The one piece of state in core/: a reason has to outlive the call that
 * knows it, and threading a buffer through every signature buys nothing. */
static _Thread_local char reason[REASON_MAX];

enum status status_refuse(enum status status, const char *format, ...)
{
    char text[REASON_MAX]; /* the arguments may include the old reason */
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    memcpy(reason, text, sizeof reason);
    return status;
}

static enum status status_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return STATUS_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
        return STATUS_FULL;
    default:
        return STATUS_SYSTEM;
    }
}

enum status status_refuse_errno(const char *format, ...)
{
    int error = errno;
    char text[REASON_MAX];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return status_refuse(status_of_errno(error), "%s: %s", text,
                         strerror(error));
}

const char *status_reason(void)
{
    return reason;
}

void status_forget(void)
{
    reason[0] = '\0';
}

void status_exhaust(size_t n_bytes)
{
    fprintf(stderr, "out of memory: %zu bytes refused\n", n_bytes);
    _Exit(STATUS_EXIT_MEMORY);
}

void status_abort(const char *promise, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
    abort();
}
