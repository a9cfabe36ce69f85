#include "core/linalg.h"
#include "core/product.h"
#include "core/product_bf16.h"

#include <blis.h>

#include <stdio.h>

/* BLIS has two ways: one that packs its operands, and one that does not and is
 * faster if they are small ("sup"). */
static void multiply(trans_t trans_a, bool unpacked, size_t m, size_t n,
                     size_t k, struct matrix a, struct matrix b, float beta,
                     float *c, size_t stride_c)
{
    float one = 1.0f;
    /* The caller decides on threads, not BLIS_NUM_THREADS. */
    rntm_t runtime = BLIS_RNTM_INITIALIZER;
    bli_rntm_set_num_threads(1, &runtime);
    bli_rntm_set_l3_sup(unpacked, &runtime);
    bli_sgemm_ex(trans_a, BLIS_NO_TRANSPOSE, (dim_t)m, (dim_t)n, (dim_t)k, &one,
                 (float *)(uintptr_t)a.at, (inc_t)a.stride, 1,
                 (float *)(uintptr_t)b.at, (inc_t)b.stride, 1, &beta, c,
                 (inc_t)stride_c, 1, NULL, &runtime);
}

/* Unpacked, BLIS cuts a long k into pieces whose length, and with it the order
 * of a sum, depends on m and n: the shortest is a fifth of its own blocking, in
 * fours (bli_gemmsup_ref_var1n2m). Nothing is cut that is no longer than that.
 * Packed, it cuts k by k alone. */
static bool is_never_cut(size_t k)
{
    cntx_t *context = bli_gks_query_cntx();
    dim_t whole =
        bli_cntx_get_l3_sup_blksz_def_dt(BLIS_FLOAT, BLIS_KC, context);
    return k <= (size_t)whole / 5 / 4 * 4;
}

/* A single column is a matrix on its side to BLIS, so that its rows share
 * vectors, and the order of a row's sum depends on its place. */
enum { LANES = 64 };

static float sum_products(size_t k, const float *restrict a,
                          const float *restrict b, size_t stride_b)
{
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= k && stride_b == 1; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lanes[l] += a[i + l] * b[i + l];
    for (; i < k; i++)
        lanes[i % LANES] += a[i] * b[i * stride_b];
    for (size_t width = LANES / 2; width > 0; width /= 2)
        for (size_t l = 0; l < width; l++)
            lanes[l] += lanes[l + width];
    return lanes[0];
}

static void multiply_column(size_t m, size_t k, struct matrix a,
                            struct matrix b, float beta, float *c,
                            size_t stride_c)
{
    for (size_t i = 0; i < m; i++) {
        float sum = sum_products(k, a.at + i * a.stride, b.at, b.stride);
        float *out = c + i * stride_c;
        *out = beta != 0.0f ? sum + beta * *out : sum;
    }
}

void linalg_product_by_blis(size_t m, size_t n, size_t k, struct matrix a,
                            struct matrix b, float beta, float *c,
                            size_t stride_c)
{
    multiply(BLIS_NO_TRANSPOSE, is_never_cut(k), m, n, k, a, b, beta, c,
             stride_c);
}

void linalg_product(size_t m, size_t n, size_t k, struct matrix a,
                    struct matrix b, float beta, float *c, size_t stride_c)
{
    if (n == 1)
        multiply_column(m, k, a, b, beta, c, stride_c);
    else if (product_serves(n))
        product_of_rows(m, n, k, a, b, beta, c, stride_c);
    else
        linalg_product_by_blis(m, n, k, a, b, beta, c, stride_c);
}

const char *linalg_bf16_unit(void)
{
    return product_bf16_unit();
}

void linalg_product_bf16(size_t m, size_t n, size_t k, struct matrix a,
                         struct matrix b, float *c, size_t stride_c)
{
    if (product_serves(n))
        product_bf16_of_rows(m, n, k, a, b, c, stride_c);
    else
        linalg_product(m, n, k, a, b, 0.0f, c, stride_c);
}

void linalg_product_left_transposed(size_t m, size_t n, size_t k,
                                    struct matrix a, struct matrix b,
                                    float beta, float *c, size_t stride_c)
{
    if (product_serves(n)) {
        product_of_columns(m, n, k, a, b, beta, c, stride_c);
        return;
    }
    multiply(BLIS_TRANSPOSE, true, m, n, k, a, b, beta, c, stride_c);
}

bool linalg_sums_alone(size_t n)
{
    return product_serves(n);
}

void linalg_add(size_t n, const float *restrict from, float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += from[i];
}

const char *linalg_version(void)
{
    static _Thread_local char text[64];
    bli_init(); /* BLIS 0.9 aborts if it is asked before, and
                   BLIS_ARCH_TYPE is set */
    snprintf(text, sizeof text, "BLIS %s, %s", bli_info_get_version_str(),
             bli_arch_string(bli_arch_query_id()));
    return text;
}
