/*
 * One tile of Winograd's convolutions in each of its three shapes: kernels
 * [3][3], inputs [m + 2][m + 2] and outputs [m][m], m = 2 or 4, vectors of
 * channels at a time. Private to core/winograd.c.
 *
 * The matrices are those of Lavin & Gray, sections 4.1 and 4.2: the points 0,
 * 1, -1, infinity, and for m = 4 also 2 and -2.
 */
#ifndef CORE_WINOGRAD_TILE_H
#define CORE_WINOGRAD_TILE_H

#include <stddef.h>

enum { WINOGRAD_SIDE_MAX = 6 };

/* Where the LANES numbers of an entry [line][column] are: at + line * by_line +
 * column * by_column. */
struct winograd_tile {
    float *at;
    size_t by_line, by_column;
};

/* G g GT: to the points [m + 2][m + 2] of a kernel. `from` and `to` may
 * overlap: all is read before anything is written. */
void winograd_spread_kernel(size_t m, struct winograd_tile from,
                            struct winograd_tile to);

/* BT d B: to the points of an input tile. */
void winograd_spread_input(size_t m, struct winograd_tile from,
                           struct winograd_tile to);

/* AT p A: from the points to the outputs, of which only `n_lines` times
 * `n_columns` are within the image. */
void winograd_gather_output(size_t m, struct winograd_tile from,
                            size_t n_lines, size_t n_columns,
                            struct winograd_tile to);

#endif
