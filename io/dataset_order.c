#include "core/rng.h"
#include "io/dataset_parts.h"

enum { LABELS = 256 };

/* The shuffled samples class by class; class k's begin at starts[k]. */
static void sort_by_class(const unsigned char *labels, size_t n,
                          const uint32_t *shuffled, uint32_t *sorted,
                          size_t starts[LABELS + 1])
{
    size_t next[LABELS] = {0};
    for (size_t i = 0; i < n; i++)
        next[labels[i]]++;
    starts[0] = 0;
    for (size_t k = 0; k < LABELS; k++) {
        starts[k + 1] = starts[k] + next[k];
        next[k] = starts[k];
    }
    for (size_t i = 0; i < n; i++)
        sorted[next[labels[shuffled[i]]]++] = shuffled[i];
}

void dataset_order(const uint8_t *labels, size_t n, uint64_t seed,
                   uint64_t lane, uint32_t *order)
{
    size_t n_dealt = 0, starts[LABELS + 1];
    struct arena arena = arena_open();
    uint32_t *shuffled = ARENA_ARRAY(&arena, uint32_t, n);
    uint32_t *sorted = ARENA_ARRAY(&arena, uint32_t, n);
    rng_permute((struct rng_stream){seed, RNG_SUBSET, lane}, n, shuffled);
    sort_by_class(labels, n, shuffled, sorted, starts);
    for (size_t round = 0; n_dealt < n; round++)
        for (size_t k = 0; k < LABELS; k++)
            if (starts[k] + round < starts[k + 1])
                order[n_dealt++] = sorted[starts[k] + round];
    arena_close(&arena);
}
