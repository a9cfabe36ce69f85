/*
 * Memory that is taken piece by piece and given back all at once.
 *
 * An arena in counting mode hands out no memory and only adds up what is
 * asked for. A layout function therefore runs twice: over a counting arena it
 * tells what it will need, over a real one it takes it. Nothing is freed
 * singly, so an early return cannot leak.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

enum { ARENA_ALIGNMENT = 64 };

struct arena_block;

struct arena {
    struct arena_block *newest; /* blocks are chained, newest first */
    size_t n_bytes;             /* handed out so far, with alignment */
    bool counting;
};

/* An empty arena; nothing is allocated before the first arena_take. */
struct arena arena_open(void);

/* An arena that only counts: arena_take returns NULL. */
struct arena arena_open_counting(void);

/* Makes room for n_bytes, as arena.n_bytes counts them, in one block, so that
 * the takes that follow stay together. Out of memory ends the process (see
 * status_exhaust): in a trial that is a recorded cause. */
void arena_reserve(struct arena *arena, size_t n_bytes);

/* n_bytes of zeroed memory at a multiple of ARENA_ALIGNMENT, owned by the
 * arena; NULL from a counting arena. Never fails otherwise (see above). */
void *arena_take(struct arena *arena, size_t n_bytes);

/* An array of n things of a type. */
#define ARENA_ARRAY(arena, type, n)                                            \
    ((type *)arena_take(arena, (n) * sizeof(type)))

/* A copy of a text in the arena. */
char *arena_copy_text(struct arena *arena, const char *text);

/* printf into the arena. */
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives everything back; the arena is then empty and usable. */
void arena_close(struct arena *arena);

#endif
