#include "core/rng.h"
#include "core/status.h"

#include <Random123/philox.h>

#include <math.h>

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

void rng_fill_uniform(struct rng_stream stream, uint64_t first, size_t n,
                      float *out)
{
    size_t i = 0;
    for (; i < n && (first + i) % 4 != 0; i++)
        out[i] = unit_float(rng_word(stream, first + i));
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
