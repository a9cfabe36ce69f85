/*
 * Texts that occur many times, kept once: a thousand outcomes name the same
 * host, cell and cause.
 */
#ifndef CORE_TEXT_POOL_H
#define CORE_TEXT_POOL_H

#include "core/arena.h"

#include <stddef.h>

struct text_pool {
    struct arena *arena; /* of the texts; borrowed */
    size_t n, n_slots;   /* n_slots: a power of two, or 0 */
    const char **slots;
};

/* The pool's copy of a text: equal texts give the same pointer. */
const char *text_pool_keep(struct text_pool *pool, const char *text);

/* Frees the pool's own table; the texts stay with the arena. */
void text_pool_close(struct text_pool *pool);

#endif
