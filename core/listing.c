#include "core/listing.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

/* A stretch of numbers is loaded into a register, and those that are not zero
 * are moved to its front. What is stored behind them is written over by the
 * next stretch. */
#if defined __AVX512F__

enum { STRETCH = 16 };

static size_t store_stretch(__m512 numbers, __m512i places, struct listing to)
{
    __mmask16 some =
        _mm512_cmp_ps_mask(numbers, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    _mm512_storeu_si512(to.place, _mm512_maskz_compress_epi32(some, places));
    _mm512_storeu_ps(to.value, _mm512_maskz_compress_ps(some, numbers));
    return (size_t)__builtin_popcount(some);
}

static __m512i places_from(uint32_t first)
{
    return _mm512_add_epi32(_mm512_set1_epi32((int)first),
                            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
                                              11, 12, 13, 14, 15));
}

static size_t list_counts(const uint8_t *counts, float scale, uint32_t first,
                          struct listing to)
{
    __m512i wide = _mm512_cvtepu8_epi32(
        _mm_loadu_si128((const __m128i *)(const void *)counts));
    __m512 numbers =
        _mm512_mul_ps(_mm512_cvtepi32_ps(wide), _mm512_set1_ps(scale));
    return store_stretch(numbers, places_from(first), to);
}

static size_t list_floats(const float *floats, uint32_t first,
                          struct listing to)
{
    return store_stretch(_mm512_loadu_ps(floats), places_from(first), to);
}

#elif defined __AVX2__ && defined __BMI2__

enum { STRETCH = 8 };

static size_t store_stretch(__m256 numbers, __m256i places, struct listing to)
{
    __m256 some = _mm256_cmp_ps(numbers, _mm256_setzero_ps(), _CMP_NEQ_UQ);
    unsigned bits = (unsigned)_mm256_movemask_ps(some);
    uint64_t bytes = _pdep_u64(bits, 0x0101010101010101u) * 255;
    uint64_t order = _pext_u64(0x0706050403020100u, bytes);
    __m256i from = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)order));
    _mm256_storeu_si256((__m256i *)(void *)to.place,
                        _mm256_permutevar8x32_epi32(places, from));
    _mm256_storeu_ps(to.value, _mm256_permutevar8x32_ps(numbers, from));
    return (size_t)__builtin_popcount(bits);
}

static __m256i places_from(uint32_t first)
{
    return _mm256_add_epi32(_mm256_set1_epi32((int)first),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static size_t list_counts(const uint8_t *counts, float scale, uint32_t first,
                          struct listing to)
{
    __m256i wide = _mm256_cvtepu8_epi32(
        _mm_loadl_epi64((const __m128i *)(const void *)counts));
    __m256 numbers =
        _mm256_mul_ps(_mm256_cvtepi32_ps(wide), _mm256_set1_ps(scale));
    return store_stretch(numbers, places_from(first), to);
}

static size_t list_floats(const float *floats, uint32_t first,
                          struct listing to)
{
    return store_stretch(_mm256_loadu_ps(floats), places_from(first), to);
}

#else

enum { STRETCH = 1 };

static size_t store_one(float number, uint32_t place, struct listing to)
{
    *to.place = place;
    *to.value = number;
    return number != 0.0f;
}

static size_t list_counts(const uint8_t *counts, float scale, uint32_t first,
                          struct listing to)
{
    return store_one(scale * (float)*counts, first, to);
}

static size_t list_floats(const float *floats, uint32_t first,
                          struct listing to)
{
    return store_one(*floats, first, to);
}

#endif

static struct listing listing_behind(struct listing listing, size_t n)
{
    return (struct listing){listing.place + n, listing.value + n};
}

static size_t load_counts(const struct source *source, size_t at, size_t n,
                          uint32_t first, struct listing to)
{
    const uint8_t *counts = source->counts + at;
    size_t n_entries = 0, i = 0;
    for (; i + STRETCH <= n; i += STRETCH)
        n_entries += list_counts(counts + i, source->scale,
                                 first + (uint32_t)i,
                                 listing_behind(to, n_entries));
    for (; i < n; i++) {
        to.place[n_entries] = first + (uint32_t)i;
        to.value[n_entries] = source->scale * (float)counts[i];
        n_entries += counts[i] != 0;
    }
    return n_entries;
}

static size_t load_floats(const struct source *source, size_t at, size_t n,
                          uint32_t first, struct listing to)
{
    const float *floats = source->floats + at;
    size_t n_entries = 0, i = 0;
    for (; i + STRETCH <= n; i += STRETCH)
        n_entries += list_floats(floats + i, first + (uint32_t)i,
                                 listing_behind(to, n_entries));
    for (; i < n; i++) {
        to.place[n_entries] = first + (uint32_t)i;
        to.value[n_entries] = floats[i];
        n_entries += floats[i] != 0.0f;
    }
    return n_entries;
}

size_t listing_load(const struct source *source, size_t at, size_t n,
                    uint32_t first, struct listing to)
{
    return source->counts ? load_counts(source, at, n, first, to)
                          : load_floats(source, at, n, first, to);
}

/* In bytes, which do not overflow in so short a block. */
enum { BLOCK = 128 };

static size_t count_counts(size_t n, const uint8_t *counts)
{
    size_t n_entries = 0, i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        uint8_t n_block = 0;
        for (size_t k = 0; k < BLOCK; k++)
            n_block = (uint8_t)(n_block + (counts[i + k] != 0));
        n_entries += n_block;
    }
    for (; i < n; i++)
        n_entries += counts[i] != 0;
    return n_entries;
}

static size_t count_floats(size_t n, const float *floats)
{
    size_t n_entries = 0, i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        uint32_t n_block = 0;
        for (size_t k = 0; k < BLOCK; k++)
            n_block += floats[i + k] != 0.0f;
        n_entries += n_block;
    }
    for (; i < n; i++)
        n_entries += floats[i] != 0.0f;
    return n_entries;
}

size_t listing_count(const struct source *source, size_t at, size_t n)
{
    return source->counts ? count_counts(n, source->counts + at)
                          : count_floats(n, source->floats + at);
}
