/* Products of pairs by the dot products of AVX512-BF16. */
#include "core/pairs.h"
#include "core/status.h"

#if defined(__AVX512F__) && defined(__AVX512VL__)

#include <immintrin.h>
#include <string.h>

#define BF16 __attribute__((target("avx512bf16")))

enum { LANES = PAIRS_LANES, VECTORS = 2, ROWS = 12 };

/* Inlined with n_rows and n_vectors constant: the sums stay in registers. */
BF16 static inline __attribute__((always_inline)) void
multiply(const struct pairs *pairs, const uint32_t *a, const uint32_t *panel,
         float *c, size_t n_rows, size_t n_vectors)
{
    size_t stride_c = pairs->stride_c;
    __m512 sum[ROWS][VECTORS];
    __m512bh line[VECTORS];
#pragma GCC unroll 12 /* ROWS */
    for (size_t r = 0; r < n_rows; r++)
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            sum[r][v] = pairs->adds
                            ? _mm512_loadu_ps(c + r * stride_c + v * LANES)
                            : _mm512_setzero_ps();
    for (size_t l = 0; l < pairs->n_pairs; l++, a++, panel += PAIRS_PANEL) {
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            memcpy(&line[v], panel + v * LANES, sizeof *line);
#pragma GCC unroll 12 /* ROWS */
        for (size_t r = 0; r < n_rows; r++) {
            __m512bh pair =
                (__m512bh)_mm512_set1_epi32((int)a[r * PAIRS_MAX]);
#pragma GCC unroll 2 /* VECTORS */
            for (size_t v = 0; v < n_vectors; v++)
                sum[r][v] = _mm512_dpbf16_ps(sum[r][v], pair, line[v]);
        }
    }
#pragma GCC unroll 12 /* ROWS */
    for (size_t r = 0; r < n_rows; r++)
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            _mm512_storeu_ps(c + r * stride_c + v * LANES, sum[r][v]);
}

BF16 static inline __attribute__((always_inline)) void
multiply_rows(const struct pairs *pairs, const uint32_t *panel, float *c,
              size_t n_vectors)
{
    size_t i = 0, m = pairs->m, stride_c = pairs->stride_c;
    for (; i + ROWS <= m; i += ROWS)
        multiply(pairs, pairs->rows + i * PAIRS_MAX, panel, c + i * stride_c,
                 ROWS, n_vectors);
    for (; i + 4 <= m; i += 4)
        multiply(pairs, pairs->rows + i * PAIRS_MAX, panel, c + i * stride_c,
                 4, n_vectors);
    for (; i < m; i++)
        multiply(pairs, pairs->rows + i * PAIRS_MAX, panel, c + i * stride_c,
                 1, n_vectors);
}

BF16 void pairs_multiply_dots(const struct pairs *pairs)
{
    for (size_t j = 0; j < pairs->n; j += PAIRS_PANEL) {
        const uint32_t *panel = pairs->panels + j * PAIRS_MAX;
        if (j + PAIRS_PANEL <= pairs->n)
            multiply_rows(pairs, panel, pairs->c + j, VECTORS);
        else
            multiply_rows(pairs, panel, pairs->c + j, 1);
    }
}

#else

void pairs_multiply_dots(const struct pairs *pairs)
{
    (void)pairs;
    MUST(!"AVX512-BF16 is on this path");
}

#endif
