/* Products of pairs by AMX: eight tiles of 16 lines of 64 bytes. */
#include "core/pairs.h"
#include "core/status.h"

#if defined(__AVX512F__) && defined(__linux__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TILES __attribute__((target("amx-tile,amx-bf16")))

enum { SIDE = 16, BLOCK = 2 * SIDE };

/* The system saves tiles of processes that have asked for it (Linux,
 * Documentation/arch/x86/xstate.rst). */
enum { ASK = 0x1023 /* ARCH_REQ_XCOMP_PERM */, TILE_DATA = 18 };

static bool ask(void)
{
    unsigned a, b, c, d;
    unsigned wanted = 1u << 22 | 1u << 24; /* AMX-BF16, AMX-TILE */
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & wanted) != wanted)
        return false;
    return syscall(SYS_arch_prctl, ASK, TILE_DATA) == 0;
}

bool pairs_have_tiles(void)
{
    static _Thread_local int answer; /* 0: not asked yet */
    if (answer == 0)
        answer = ask() ? 1 : -1;
    return answer > 0;
}

struct layout {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t lines[16];
};

TILES static void configure(void)
{
    struct layout layout = {.palette = 1};
    for (size_t i = 0; i < 8; i++) {
        layout.bytes[i] = 64;
        layout.lines[i] = SIDE;
    }
    _tile_loadconfig(&layout);
}

/* c [BLOCK][PAIRS_PANEL], with tiles 0 to 3 as its quarters. */
TILES static void multiply_block(const struct pairs *pairs,
                                 const uint32_t *rows, const uint32_t *panel,
                                 bool adds, float *c, size_t stride_c)
{
    size_t stride = stride_c * sizeof *c;
    size_t stride_a = PAIRS_MAX * sizeof *rows;
    size_t stride_b = PAIRS_PANEL * sizeof *panel;
    float *below = c + SIDE * stride_c;
    if (adds) {
        _tile_loadd(0, c, stride);
        _tile_loadd(1, c + SIDE, stride);
        _tile_loadd(2, below, stride);
        _tile_loadd(3, below + SIDE, stride);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (size_t l = 0; l < pairs->n_pairs; l += PAIRS_UNIT) {
        _tile_loadd(4, rows + l, stride_a);
        _tile_loadd(5, rows + SIDE * PAIRS_MAX + l, stride_a);
        _tile_loadd(6, panel + l * PAIRS_PANEL, stride_b);
        _tile_loadd(7, panel + l * PAIRS_PANEL + SIDE, stride_b);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, stride);
    _tile_stored(1, c + SIDE, stride);
    _tile_stored(2, below, stride);
    _tile_stored(3, below + SIDE, stride);
}

/* A block at the lower or right edge goes by way of a whole one. */
static void multiply_edge(const struct pairs *pairs, const uint32_t *rows,
                          const uint32_t *panel, size_t m, size_t n, float *c)
{
    _Alignas(64) float whole[BLOCK * PAIRS_PANEL] = {0};
    for (size_t r = 0; r < m && pairs->adds; r++)
        memcpy(whole + r * PAIRS_PANEL, c + r * pairs->stride_c,
               n * sizeof *c);
    multiply_block(pairs, rows, panel, true, whole, PAIRS_PANEL);
    for (size_t r = 0; r < m; r++)
        memcpy(c + r * pairs->stride_c, whole + r * PAIRS_PANEL,
               n * sizeof *c);
}

TILES void pairs_multiply_tiles(const struct pairs *pairs)
{
    configure();
    for (size_t j = 0; j < pairs->n; j += PAIRS_PANEL) {
        const uint32_t *panel = pairs->panels + j * PAIRS_MAX;
        size_t n = pairs->n - j < PAIRS_PANEL ? pairs->n - j : PAIRS_PANEL;
        for (size_t i = 0; i < pairs->m; i += BLOCK) {
            const uint32_t *rows = pairs->rows + i * PAIRS_MAX;
            size_t m = pairs->m - i < BLOCK ? pairs->m - i : BLOCK;
            float *c = pairs->c + i * pairs->stride_c + j;
            if (m == BLOCK && n == PAIRS_PANEL)
                multiply_block(pairs, rows, panel, pairs->adds, c,
                               pairs->stride_c);
            else
                multiply_edge(pairs, rows, panel, m, n, c);
        }
    }
    _tile_release();
}

#else

bool pairs_have_tiles(void)
{
    return false;
}

void pairs_multiply_tiles(const struct pairs *pairs)
{
    (void)pairs;
    MUST(pairs_have_tiles());
}

#endif
