/* What the two sides of a nursery share; private to sweep/nursery*.c. A request
 * is one packet: arguments, each with its zero, and three descriptors. */
#ifndef SWEEP_NURSERY_PARTS_H
#define SWEEP_NURSERY_PARTS_H

#include <sys/socket.h>
#include <sys/types.h>

/* As long as "trial": see nursery_serve.c. */
#define NURSERY_NAME "nurse"

enum {
    NURSERY_FD = 3, /* of the socket, in the nursery */
    NURSERY_N_FILES = 3, /* input, words, extra of spawn_files */
    NURSERY_REQUEST_SIZE = 8192,
    NURSERY_ARGUMENTS_MAX = 64
};

union nursery_control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(NURSERY_N_FILES * sizeof(int))];
};

struct nursery_answer {
    pid_t process; /* -1: none, */
    int error;     /* by this errno */
};

#endif
