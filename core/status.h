/*
 * How things fail.
 *
 * A function that the world can refuse returns an enum status. The first one
 * that knows the reason records it as one sentence: where, what, what is
 * allowed; those above hand the status on with TRY and say nothing more.
 * Out-parameters are untouched on failure.
 *
 * A broken promise inside the program is not a status: MUST() prints it and
 * aborts. The trial process dies of it, the rank that supervises it reports it.
 */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <stddef.h>

enum status {
    STATUS_OK = 0,
    STATUS_INVALID,   /* a value or a file's content is not what is allowed */
    STATUS_NOT_FOUND, /* no such file, kind or cell */
    STATUS_DENIED,    /* no permission */
    STATUS_FULL,      /* disk, quota or memory is used up */
    STATUS_DAMAGED,   /* a file is cut short or fails its checksum */
    STATUS_SYSTEM     /* any other refusal of the operating system */
};

#define CHECKED __attribute__((warn_unused_result))

#define TRY(call)                                                              \
    do {                                                                       \
        enum status try_status = (call);                                       \
        if (try_status != STATUS_OK)                                           \
            return try_status;                                                 \
    } while (0)

#define MUST(promise)                                                          \
    ((promise) ? (void)0 : status_abort(#promise, __FILE__, __LINE__))

/* Records the reason (printf style) for this thread and returns `status`. */
CHECKED enum status status_refuse(enum status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As status_refuse, with the status and the text that belong to errno. */
CHECKED enum status status_refuse_errno(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The last recorded reason of this thread; "" if none. Borrowed. */
const char *status_reason(void);

/* Forgets the recorded reason: the caller has dealt with the refusal. */
void status_forget(void);

/* The exit status of a process that ran out of memory: whoever supervises it
 * can tell. */
enum { STATUS_EXIT_MEMORY = 12 };

/* The system refused so many bytes: says so on standard error and ends the
 * process with STATUS_EXIT_MEMORY. */
_Noreturn void status_exhaust(size_t n_bytes);

_Noreturn void status_abort(const char *promise, const char *file, int line);

#endif
