#include "core/linalg.h"

#include <blis.h>

#include <stdio.h>

static void multiply(trans_t trans_a, trans_t trans_b, size_t m, size_t n,
                     size_t k, struct matrix a, struct matrix b, float beta,
                     float *c, size_t stride_c)
{
    float one = 1.0f;
    /* The caller decides on threads, not BLIS_NUM_THREADS. */
    rntm_t runtime = BLIS_RNTM_INITIALIZER;
    bli_rntm_set_num_threads(1, &runtime);
    bli_sgemm_ex(trans_a, trans_b, (dim_t)m, (dim_t)n, (dim_t)k, &one,
                 (float *)(uintptr_t)a.at, (inc_t)a.stride, 1,
                 (float *)(uintptr_t)b.at, (inc_t)b.stride, 1, &beta, c,
                 (inc_t)stride_c, 1, NULL, &runtime);
}

void linalg_product(size_t m, size_t n, size_t k, struct matrix a,
                    struct matrix b, float beta, float *c, size_t stride_c)
{
    multiply(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, k, a, b, beta, c,
             stride_c);
}

void linalg_product_left_transposed(size_t m, size_t n, size_t k,
                                    struct matrix a, struct matrix b,
                                    float beta, float *c, size_t stride_c)
{
    multiply(BLIS_TRANSPOSE, BLIS_NO_TRANSPOSE, m, n, k, a, b, beta, c,
             stride_c);
}

void linalg_product_right_transposed(size_t m, size_t n, size_t k,
                                     struct matrix a, struct matrix b,
                                     float beta, float *c, size_t stride_c)
{
    multiply(BLIS_NO_TRANSPOSE, BLIS_TRANSPOSE, m, n, k, a, b, beta, c,
             stride_c);
}

const char *linalg_version(void)
{
    static _Thread_local char text[64];
    snprintf(text, sizeof text, "BLIS %s, %s", bli_info_get_version_str(),
             bli_arch_string(bli_arch_query_id()));
    return text;
}
