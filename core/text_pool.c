#include "core/text_pool.h"
#include "core/digest.h"
#include "core/status.h"

#include <stdlib.h>
#include <string.h>

/* The slot that holds the text, or the free one where it would be. */
static const char **find(const struct text_pool *pool, const char *text)
{
    size_t mask = pool->n_slots - 1;
    size_t slot = (size_t)digest_of(text, strlen(text)).low & mask;
    while (pool->slots[slot] && strcmp(pool->slots[slot], text) != 0)
        slot = (slot + 1) & mask;
    return &pool->slots[slot];
}

/* At most half of the slots are taken, so every search ends soon. */
static void grow(struct text_pool *pool)
{
    struct text_pool larger = *pool;
    larger.n_slots = pool->n_slots ? 2 * pool->n_slots : 64;
    larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
    MUST(larger.slots != NULL);
    for (size_t i = 0; i < pool->n_slots; i++)
        if (pool->slots[i])
            *find(&larger, pool->slots[i]) = pool->slots[i];
    free(pool->slots);
    *pool = larger;
}

const char *text_pool_keep(struct text_pool *pool, const char *text)
{
    if (2 * pool->n >= pool->n_slots)
        grow(pool);
    const char **slot = find(pool, text);
    if (!*slot) {
        *slot = arena_copy_text(pool->arena, text);
        pool->n++;
    }
    return *slot;
}

void text_pool_close(struct text_pool *pool)
{
    free(pool->slots);
    *pool = (struct text_pool){.arena = pool->arena};
}
