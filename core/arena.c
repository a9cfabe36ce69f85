#include "core/arena.h"
#include "core/status.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 1 << 16 };

/* To the address sanitizer a block is one piece of memory. In its builds a
 * guard that nobody may touch follows each thing that is taken. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { GUARD = ARENA_ALIGNMENT };
#else
#define ASAN_POISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
enum { GUARD = 0 };
#endif

struct arena_block {
    struct arena_block *older;
    size_t used, capacity; /* bytes after the header */
};

static size_t round_up(size_t n_bytes)
{
    MUST(n_bytes <= SIZE_MAX - 2 * ARENA_ALIGNMENT);
    return (n_bytes + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
}

static unsigned char *block_bytes(struct arena_block *block)
{
    return (unsigned char *)block + round_up(sizeof *block);
}

static void add_block(struct arena *arena, size_t capacity)
{
    size_t n_bytes = round_up(sizeof(struct arena_block)) + capacity;
    /* The sanitizers take more than this for a mistake. */
    struct arena_block *block =
        n_bytes <= PTRDIFF_MAX ? aligned_alloc(ARENA_ALIGNMENT, n_bytes) : NULL;
    if (!block)
        status_exhaust(n_bytes);
    *block = (struct arena_block){arena->newest, 0, capacity};
    arena->newest = block;
}

struct arena arena_open(void)
{
    return (struct arena){NULL, 0, false};
}

struct arena arena_open_counting(void)
{
    return (struct arena){NULL, 0, true};
}

void arena_reserve(struct arena *arena, size_t n_bytes)
{
    MUST(!arena->counting);
    struct arena_block *block = arena->newest;
    n_bytes = round_up(n_bytes);
    if (!block || block->capacity - block->used < n_bytes)
        add_block(arena, n_bytes > BLOCK_MIN ? n_bytes : BLOCK_MIN);
}

void *arena_take(struct arena *arena, size_t n_bytes)
{
    size_t n_taken = round_up(n_bytes) + GUARD;
    arena->n_bytes += n_taken;
    if (arena->counting)
        return NULL;
    arena_reserve(arena, n_taken);
    struct arena_block *block = arena->newest;
    unsigned char *bytes = block_bytes(block) + block->used;
    block->used += n_taken;
    memset(bytes, 0, n_taken);
    ASAN_POISON_MEMORY_REGION(bytes + n_bytes, n_taken - n_bytes);
    return bytes;
}

char *arena_copy_text(struct arena *arena, const char *text)
{
    size_t n_bytes = strlen(text) + 1;
    char *copy = arena_take(arena, n_bytes);
    return copy ? memcpy(copy, text, n_bytes) : NULL;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    MUST(length >= 0);
    char *text = arena_take(arena, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void arena_close(struct arena *arena)
{
    struct arena_block *block = arena->newest;
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
    *arena = (struct arena){NULL, 0, arena->counting};
}
