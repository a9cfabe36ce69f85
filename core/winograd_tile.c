#include "core/winograd_tile.h"
#include "core/lanes.h"

#include <string.h>

static inline struct lanes load(struct winograd_tile tile, size_t line,
                                size_t column)
{
    struct lanes lanes;
    memcpy(&lanes, tile.at + line * tile.by_line + column * tile.by_column,
           sizeof lanes);
    return lanes;
}

static inline void store(struct lanes lanes, struct winograd_tile tile,
                         size_t line, size_t column)
{
    memcpy(tile.at + line * tile.by_line + column * tile.by_column, &lanes,
           sizeof lanes);
}

/* kernels ------------------------------------------------------------- */

static inline void kernel_2(const struct lanes g[3], struct lanes to[4])
{
    struct lanes ends = {0.5f * (g[0].at + g[2].at)};
    struct lanes middle = {0.5f * g[1].at};
    to[0] = g[0];
    to[1].at = ends.at + middle.at;
    to[2].at = ends.at - middle.at;
    to[3] = g[2];
}

static inline void kernel_4(const struct lanes g[3], struct lanes to[6])
{
    const float sixth = 1.0f / 6.0f;
    struct lanes near = {-sixth * (g[0].at + g[2].at)};
    struct lanes far = {sixth * (0.25f * g[0].at + g[2].at)};
    struct lanes middle = {sixth * g[1].at};
    to[0].at = 0.25f * g[0].at;
    to[1].at = near.at - middle.at;
    to[2].at = near.at + middle.at;
    to[3].at = far.at + 0.5f * middle.at;
    to[4].at = far.at - 0.5f * middle.at;
    to[5] = g[2];
}

/* inputs -------------------------------------------------------------- */

static inline void input_2(const struct lanes d[4], struct lanes to[4])
{
    to[0].at = d[0].at - d[2].at;
    to[1].at = d[1].at + d[2].at;
    to[2].at = d[2].at - d[1].at;
    to[3].at = d[1].at - d[3].at;
}

static inline void input_4(const struct lanes d[6], struct lanes to[6])
{
    struct lanes even = {d[4].at - 4.0f * d[2].at};
    struct lanes odd = {d[3].at - 4.0f * d[1].at};
    struct lanes far = {d[4].at - d[2].at};
    struct lanes slope = {2.0f * (d[3].at - d[1].at)};
    to[0].at = 4.0f * d[0].at - 5.0f * d[2].at + d[4].at;
    to[1].at = even.at + odd.at;
    to[2].at = even.at - odd.at;
    to[3].at = far.at + slope.at;
    to[4].at = far.at - slope.at;
    to[5].at = 4.0f * d[1].at - 5.0f * d[3].at + d[5].at;
}

/* outputs ------------------------------------------------------------- */

static inline void output_2(const struct lanes p[4], struct lanes to[2])
{
    to[0].at = p[0].at + p[1].at + p[2].at;
    to[1].at = p[1].at - p[2].at - p[3].at;
}

static inline void output_4(const struct lanes p[6], struct lanes to[4])
{
    struct lanes near = {p[1].at + p[2].at}, slope = {p[1].at - p[2].at};
    struct lanes far = {p[3].at + p[4].at}, steep = {p[3].at - p[4].at};
    to[0].at = p[0].at + near.at + far.at;
    to[1].at = slope.at + 2.0f * steep.at;
    to[2].at = near.at + 4.0f * far.at;
    to[3].at = slope.at + 8.0f * steep.at + p[5].at;
}

/* both dimensions ----------------------------------------------------- */

/* A transformation of `n_from` numbers into `n_to`, of the columns and then of
 * the lines. Inlined with all of it constant. */
static inline __attribute__((always_inline)) void
transform(size_t n_from, size_t n_to,
          void (*one)(const struct lanes *from, struct lanes *to),
          struct winograd_tile from, size_t n_lines, size_t n_columns,
          struct winograd_tile to)
{
    struct lanes half[WINOGRAD_SIDE_MAX][WINOGRAD_SIDE_MAX];
    struct lanes in[WINOGRAD_SIDE_MAX], out[WINOGRAD_SIDE_MAX];
#pragma GCC unroll 6
    for (size_t k = 0; k < n_from; k++) {
#pragma GCC unroll 6
        for (size_t l = 0; l < n_from; l++)
            in[l] = load(from, k, l);
        one(in, half[k]);
    }
#pragma GCC unroll 6
    for (size_t l = 0; l < n_to; l++) {
#pragma GCC unroll 6
        for (size_t k = 0; k < n_from; k++)
            in[k] = half[k][l];
        one(in, out);
#pragma GCC unroll 6
        for (size_t k = 0; k < n_to; k++)
            if (k < n_lines && l < n_columns)
                store(out[k], to, k, l);
    }
}

void winograd_spread_kernel(size_t m, struct winograd_tile from,
                            struct winograd_tile to)
{
    if (m == 2)
        transform(3, 4, kernel_2, from, 4, 4, to);
    else
        transform(3, 6, kernel_4, from, 6, 6, to);
}

void winograd_spread_input(size_t m, struct winograd_tile from,
                           struct winograd_tile to)
{
    if (m == 2)
        transform(4, 4, input_2, from, 4, 4, to);
    else
        transform(6, 6, input_4, from, 6, 6, to);
}

void winograd_gather_output(size_t m, struct winograd_tile from,
                            size_t n_lines, size_t n_columns,
                            struct winograd_tile to)
{
    if (m == 2)
        transform(4, 2, output_2, from, n_lines, n_columns, to);
    else
        transform(6, 4, output_4, from, n_lines, n_columns, to);
}
