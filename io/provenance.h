/*
 * Where results come from: what this program is and what it was built with.
 */
#ifndef IO_PROVENANCE_H
#define IO_PROVENANCE_H

#include "core/arena.h"

struct provenance {
    const char *version;         /* of the program */
    const char *revision;        /* git's; "unknown" outside a checkout */
    const char *compiler, *flags;
    const char *libraries; /* "NAME VERSION" a line: those of core/ and io/ */
};

/* Texts are static or in the arena. */
struct provenance provenance_of_build(struct arena *arena);

/* The program's version, "0.1.0". */
const char *provenance_version(void);

#endif
