#include "core/product_bf16.h"
#include "core/pairs.h"
#include "core/status.h"

#if defined(__AVX512F__) && defined(__AVX512VL__)

#include <immintrin.h>
#include <string.h>

#define BF16 __attribute__((target("avx512bf16")))

enum {
    LANES = PAIRS_LANES,
    COLUMNS = 8 * PAIRS_PANEL, /* packed together */
    ROWS = 96                  /* likewise */
};

/* Machines with tiles have dot products, too, which round while packing. */
const char *product_bf16_unit(void)
{
    if (!__builtin_cpu_supports("avx512bf16"))
        return NULL;
    return pairs_have_tiles() ? "amx" : "avx512_bf16";
}

static size_t padded(size_t n_terms)
{
    size_t unit = 2 * PAIRS_UNIT;
    return (n_terms + unit - 1) / unit * unit;
}

/* One row's terms as they follow each other: two vectors become one. */
BF16 static void pack_row(size_t n, const float *from, uint32_t *to)
{
    for (size_t i = 0; i < n; i += 2 * LANES) {
        float pair[2 * LANES] = {0};
        const float *at = from + i;
        if (n - i < 2 * LANES) {
            memcpy(pair, at, (n - i) * sizeof *pair);
            at = pair;
        }
        __m512bh pairs = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(at + LANES),
                                             _mm512_loadu_ps(at));
        memcpy(to + i / 2, &pairs, sizeof pairs);
    }
}

/* Two lines, of which the second may be missing, interleaved. */
BF16 static void pack_pair(const float *first, const float *second,
                           uint32_t *to)
{
    __m512 odd = second ? _mm512_loadu_ps(second) : _mm512_setzero_ps();
    __m512i low = _mm512_cvtepu16_epi32(
        (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(first)));
    __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(odd));
    _mm512_storeu_si512(to, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
}

static void pack_panel(size_t width, size_t n_terms, const float *b,
                       size_t stride_b, uint32_t *to)
{
    size_t n_pairs = (n_terms + 1) / 2;
    for (size_t l = 0; l < n_terms; l += 2)
        for (size_t v = 0; v < width; v += LANES) {
            const float *from = b + l * stride_b + v;
            pack_pair(from, l + 1 < n_terms ? from + stride_b : NULL,
                      to + l / 2 * PAIRS_PANEL + v);
        }
    memset(to + n_pairs * PAIRS_PANEL, 0,
           (padded(n_terms) / 2 - n_pairs) * PAIRS_PANEL * sizeof *to);
}

static void multiply_rows(size_t m, size_t n_terms, struct matrix a,
                          struct pairs pairs)
{
    _Alignas(64) uint32_t rows[ROWS * PAIRS_MAX];
    bool tiles = pairs_have_tiles();
    float *c = pairs.c;
    pairs.rows = rows;
    for (size_t i = 0; i < m; i += ROWS) {
        pairs.m = m - i < ROWS ? m - i : ROWS;
        pairs.c = c + i * pairs.stride_c;
        for (size_t r = 0; r < pairs.m; r++)
            pack_row(n_terms, a.at + (i + r) * a.stride,
                     rows + r * PAIRS_MAX);
        if (tiles)
            pairs_multiply_tiles(&pairs);
        else
            pairs_multiply_dots(&pairs);
    }
}

void product_bf16_of_rows(size_t m, size_t n, size_t k, struct matrix a,
                          struct matrix b, float *c, size_t stride_c)
{
    _Alignas(64) uint32_t panels[COLUMNS * PAIRS_MAX];
    for (size_t j = 0; j < n; j += COLUMNS)
        for (size_t l = 0; l < k; l += 2 * PAIRS_MAX) {
            size_t n_terms = k - l < 2 * PAIRS_MAX ? k - l : 2 * PAIRS_MAX;
            struct pairs pairs = {.n = n - j < COLUMNS ? n - j : COLUMNS,
                                  .n_pairs = padded(n_terms) / 2,
                                  .panels = panels,
                                  .adds = l > 0,
                                  .c = c + j,
                                  .stride_c = stride_c};
            for (size_t i = 0; i < pairs.n; i += PAIRS_PANEL)
                pack_panel(pairs.n - i < PAIRS_PANEL ? LANES : PAIRS_PANEL,
                           n_terms, b.at + l * b.stride + j + i, b.stride,
                           panels + i * PAIRS_MAX);
            multiply_rows(m, n_terms, (struct matrix){a.at + l, a.stride},
                          pairs);
        }
}

#else

const char *product_bf16_unit(void)
{
    return NULL;
}

void product_bf16_of_rows(size_t m, size_t n, size_t k, struct matrix a,
                          struct matrix b, float *c, size_t stride_c)
{
    (void)m, (void)n, (void)k, (void)a, (void)b, (void)c, (void)stride_c;
    MUST(product_bf16_unit());
}

#endif
