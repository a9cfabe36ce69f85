#include "core/rng.h"
#include "core/status.h"

#include <Random123/philox.h>

#include <math.h>
#include <string.h>

uint64_t rng_lane(uint64_t sample, uint64_t draw)
{
    MUST(sample <= UINT32_MAX && draw <= UINT32_MAX);
    return draw << 32 | sample;
}

static philox4x32_ctr_t block_at(struct rng_stream stream, uint64_t block)
{
    MUST(block <= UINT32_MAX);
    philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)stream.lane,
                                 (uint32_t)(stream.lane >> 32),
                                 (uint32_t)stream.use}};
    philox4x32_key_t key = {
        {(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
    return philox4x32(counter, key);
}

uint32_t rng_word(struct rng_stream stream, uint64_t index)
{
    return block_at(stream, index / 4).v[index % 4];
}

static float unit_float(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

/* Blocks side by side: a random encoding takes a number per pixel and step,
 * and one block at a time waits for its own products. The rounds are those of
 * Random123's philox4x32, on a 32-bit word in each 64-bit lane. */
enum { N_ABREAST = 8 };

struct lanes {
    uint64_t at __attribute__((vector_size(8 * N_ABREAST)));
};

struct abreast {
    struct lanes a, b, c, d;
};

static inline void do_round(uint64_t key_b, uint64_t key_d,
                            struct abreast *blocks)
{
    struct lanes p = {blocks->a.at * PHILOX_M4x32_0};
    struct lanes q = {blocks->c.at * PHILOX_M4x32_1};
    blocks->a.at = (q.at >> 32) ^ blocks->b.at ^ key_b;
    blocks->b.at = q.at & UINT32_MAX;
    blocks->c.at = (p.at >> 32) ^ blocks->d.at ^ key_d;
    blocks->d.at = p.at & UINT32_MAX;
}

static inline struct abreast blocks_at(struct rng_stream stream,
                                       uint64_t first)
{
    MUST(first <= UINT32_MAX - (N_ABREAST - 1));
    struct abreast blocks = {0};
    for (size_t i = 0; i < N_ABREAST; i++)
        blocks.a.at[i] = first + i;
    blocks.b.at += (uint32_t)stream.lane;
    blocks.c.at += stream.lane >> 32;
    blocks.d.at += (uint32_t)stream.use;
    uint32_t key_b = (uint32_t)stream.seed;
    uint32_t key_d = (uint32_t)(stream.seed >> 32);
    for (int i = 0; i < 10; i++) {
        do_round(key_b, key_d, &blocks);
        key_b += PHILOX_W32_0;
        key_d += PHILOX_W32_1;
    }
    return blocks;
}

/* unit_float of all words in their order; two words make a pair that is moved
 * as one number, the first in its lower half. */
static void fill_abreast(struct rng_stream stream, uint64_t first,
                         float *restrict out)
{
    struct abreast blocks = blocks_at(stream, first);
    struct lanes front = {blocks.a.at >> 8 | (blocks.b.at >> 8) << 32};
    struct lanes back = {blocks.c.at >> 8 | (blocks.d.at >> 8) << 32};
    uint64_t pairs[2 * N_ABREAST];
    for (size_t i = 0; i < N_ABREAST; i++) {
        pairs[2 * i] = front.at[i];
        pairs[2 * i + 1] = back.at[i];
    }
    int32_t words[4 * N_ABREAST];
    memcpy(words, pairs, sizeof words);
    for (size_t i = 0; i < 4 * N_ABREAST; i++)
        out[i] = (float)words[i] * 0x1p-24f;
}

void rng_fill_uniform(struct rng_stream stream, uint64_t first, size_t n,
                      float *out)
{
    size_t i = 0;
    for (; i < n && (first + i) % 4 != 0; i++)
        out[i] = unit_float(rng_word(stream, first + i));
    for (; i + 4 * N_ABREAST <= n; i += 4 * N_ABREAST)
        fill_abreast(stream, (first + i) / 4, out + i);
    for (; i + 4 <= n; i += 4) {
        philox4x32_ctr_t block = block_at(stream, (first + i) / 4);
        for (size_t k = 0; k < 4; k++)
            out[i + k] = unit_float(block.v[k]);
    }
    for (; i < n; i++)
        out[i] = unit_float(rng_word(stream, first + i));
}

void rng_fill_normal(struct rng_stream stream, uint64_t first, size_t n,
                     float *out)
{
    MUST(first % 2 == 0);
    for (size_t i = 0; i < n; i += 2) {
        philox4x32_ctr_t block = block_at(stream, (first + i) / 4);
        const uint32_t *pair = &block.v[(first + i) % 4];
        float radius = sqrtf(-2.0f * logf(1.0f - unit_float(pair[0])));
        float angle = 6.2831853f * unit_float(pair[1]);
        out[i] = radius * cosf(angle);
        if (i + 1 < n)
            out[i + 1] = radius * sinf(angle);
    }
}

void rng_permute(struct rng_stream stream, size_t n, uint32_t *order)
{
    MUST(n < UINT32_MAX);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        uint64_t word = rng_word(stream, n - i);
        size_t other = (size_t)((word * i) >> 32);
        uint32_t held = order[i - 1];
        order[i - 1] = order[other];
        order[other] = held;
    }
}
