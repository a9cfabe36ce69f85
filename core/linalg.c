#include "core/linalg.h"
#include "core/product.h"
#include "core/product_bf16.h"

#include <blis.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#if defined __AVX512F__ && defined BLIS_CONFIG_SKX

#include <cpuid.h>

/* Intel's server processors from Ice Lake on multiply and add AVX-512 vectors
 * by two units, all models of them: Ice Lake, Sapphire, Emerald, Granite
 * Rapids. Others have two, or one that is no faster than AVX2's two. */
static bool has_two_units(void)
{
    static const unsigned models[] = {0x6a, 0x8f, 0xcf, 0xad};
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(0, &a, &b, &c, &d) || b != signature_INTEL_ebx ||
        c != signature_INTEL_ecx || d != signature_INTEL_edx)
        return false;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (a >> 8 & 0xf) != 6)
        return false;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (models[i] == ((a >> 4 & 0xf) | (a >> 12 & 0xf0)))
            return true;
    return false;
}

/* BLIS reads from a processor's brand how many such units it has, and falls
 * back on its kernels for AVX2 ("haswell", half as fast) where the brand tells
 * nothing: on most virtual machines, "Intel(R) Xeon(R) Processor". Its only
 * door is this variable, which takes numbers; what the user has set stays. The
 * engine has asked the machine for AVX-512, the header the library for the set;
 * and if the library's number for it is another than the header's, it is left
 * alone. */
static void choose_kernels(void)
{
    char number[16];
    if (!has_two_units() || strcmp(bli_arch_string(BLIS_ARCH_SKX), "skx") != 0)
        return;
    snprintf(number, sizeof number, "%d", (int)BLIS_ARCH_SKX);
    setenv("BLIS_ARCH_TYPE", number, 0);
}

#else

static void choose_kernels(void)
{
}

#endif

/* Asked for its kernels' name before it has begun, BLIS aborts if the variable
 * is set. */
static void choose_and_begin(void)
{
    choose_kernels();
    bli_init();
}

/* Before anything else is asked of BLIS. */
static void start_blis(void)
{
    static once_flag started = ONCE_FLAG_INIT;
    call_once(&started, choose_and_begin);
}

/* BLIS has two ways: one that packs its operands, and one that does not and is
 * faster if they are small ("sup"). */
static void multiply(trans_t trans_a, bool unpacked, size_t m, size_t n,
                     size_t k, struct matrix a, struct matrix b, float beta,
                     float *c, size_t stride_c)
{
    float one = 1.0f;
    start_blis();
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
    start_blis();
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

const char *linalg_version(void)
{
    static _Thread_local char text[64];
    start_blis();
    snprintf(text, sizeof text, "BLIS %s, %s", bli_info_get_version_str(),
             bli_arch_string(bli_arch_query_id()));
    return text;
}
