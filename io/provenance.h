/*
 * Where results come from: what this program is and what it was built with.
 */
#ifndef IO_PROVENANCE_H
#define IO_PROVENANCE_H

#include "core/arena.h"

struct provenance {
    const char *version;  /* of the program */
    const char *revision; /* git's; "unknown" outside a checkout */
    const char *compiler, *flags;
    const char *engine; /* "avx2; BLIS 0.9.0, haswell": core/engine.h and
                           core/linalg.h */
};

/* Of this program as it runs; the texts are static, `engine` this thread's. */
struct provenance provenance_of_build(void);

/* "NAME VERSION" a line: the libraries of core/ and io/; in the arena. */
const char *provenance_libraries(struct arena *arena);

/* The program's version, "0.1.0". */
const char *provenance_version(void);

#endif
