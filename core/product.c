#include "core/product.h"
#include "core/lanes.h"

#include <string.h>

enum {
    VECTORS = 2, /* of columns, side by side in a panel of the right side */
    PANEL = VECTORS * LANES,
    /* Sums in registers, besides a row of the panel and an entry of a. */
    ROWS_MAX = 12,
    ROWS = LANES_REGISTERS == 32 ? ROWS_MAX : 6,
    TERMS = 192,  /* of a piece: a panel of them fits the first-level cache */
    PANELS = 8,   /* packed together: they fit the second-level cache */
    COLUMNS = 96, /* of a left side to be transposed, packed together */
    COLUMNS_PADDED = COLUMNS + LANES
};

bool product_serves(size_t n)
{
    return n % LANES == 0;
}

/* A piece of the sums of some rows: rows of a, whose entries are by_row and
 * by_term apart, times a panel [n_terms][PANEL], whose lines are panel_stride
 * apart. */
struct piece {
    const float *a;
    size_t by_row, by_term;
    const float *panel;
    size_t panel_stride;
    size_t n_terms;
    bool adds; /* to what c holds */
    float *c;
    size_t stride_c;
};

/* Inlined with n_rows and n_vectors constant: the sums stay in registers. */
static inline __attribute__((always_inline)) void
multiply(const struct piece *piece, size_t n_rows, size_t n_vectors)
{
    struct lanes sum[ROWS_MAX][VECTORS], row[VECTORS];
#pragma GCC unroll 12 /* ROWS_MAX */
    for (size_t r = 0; r < n_rows; r++)
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            sum[r][v] = (struct lanes){{0}};
    const float *a = piece->a, *panel = piece->panel;
    for (size_t l = 0; l < piece->n_terms; l++) {
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            memcpy(&row[v], panel + v * LANES, sizeof *row);
#pragma GCC unroll 12 /* ROWS_MAX */
        for (size_t r = 0; r < n_rows; r++)
#pragma GCC unroll 2 /* VECTORS */
            for (size_t v = 0; v < n_vectors; v++)
                sum[r][v].at += a[r * piece->by_row] * row[v].at;
        a += piece->by_term;
        panel += piece->panel_stride;
    }
#pragma GCC unroll 12 /* ROWS_MAX */
    for (size_t r = 0; r < n_rows; r++)
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++) {
            float *to = piece->c + r * piece->stride_c + v * LANES;
            if (piece->adds) {
                memcpy(&row[v], to, sizeof *row);
                sum[r][v].at += row[v].at;
            }
            memcpy(to, &sum[r][v], sizeof sum[r][v]);
        }
}

static inline __attribute__((always_inline)) void
multiply_few(const struct piece *piece, size_t n_rows, size_t n_vectors)
{
    switch (n_rows) {
    case 11: multiply(piece, 11, n_vectors); return;
    case 10: multiply(piece, 10, n_vectors); return;
    case 9: multiply(piece, 9, n_vectors); return;
    case 8: multiply(piece, 8, n_vectors); return;
    case 7: multiply(piece, 7, n_vectors); return;
    case 6: multiply(piece, 6, n_vectors); return;
    case 5: multiply(piece, 5, n_vectors); return;
    case 4: multiply(piece, 4, n_vectors); return;
    case 3: multiply(piece, 3, n_vectors); return;
    case 2: multiply(piece, 2, n_vectors); return;
    case 1: multiply(piece, 1, n_vectors); return;
    default: return;
    }
}

static inline __attribute__((always_inline)) void
multiply_rows(struct piece piece, size_t m, size_t n_vectors)
{
    for (; m >= ROWS; m -= ROWS) {
        multiply(&piece, ROWS, n_vectors);
        piece.a += ROWS * piece.by_row;
        piece.c += ROWS * piece.stride_c;
    }
    multiply_few(&piece, m, n_vectors);
}

/* packing ------------------------------------------------------------- */

/* The parts of a product that are worked on at a time: n columns from j on,
 * n_terms terms from l on. */
struct part {
    size_t j, n, l, n_terms;
};

static struct part part_at(size_t n, size_t k, size_t j, size_t l)
{
    return (struct part){j, n - j < PANELS * PANEL ? n - j : PANELS * PANEL, l,
                         k - l < TERMS ? k - l : TERMS};
}

/* Panels of the right side, one after the other, where each is a piece of
 * memory; or, for a few rows, where they lie. */
struct panels {
    const float *at;
    size_t by_panel, stride;
};

enum { FEW_ROWS = 2 * ROWS };

static void pack_lines(size_t n_terms, size_t width, const float *from,
                       size_t stride, float *to)
{
    if (width == PANEL)
        for (size_t l = 0; l < n_terms; l++)
            memcpy(to + l * PANEL, from + l * stride, PANEL * sizeof *to);
    else
        for (size_t l = 0; l < n_terms; l++)
            memcpy(to + l * PANEL, from + l * stride, LANES * sizeof *to);
}

static struct panels open_panels(struct matrix b, struct part part, size_t m,
                                 float *packed)
{
    const float *from = b.at + part.l * b.stride + part.j;
    if (m <= FEW_ROWS)
        return (struct panels){from, PANEL, b.stride};
    for (size_t j = 0; j < part.n; j += PANEL)
        pack_lines(part.n_terms, part.n - j < PANEL ? LANES : PANEL, from + j,
                   b.stride, packed + j * TERMS);
    return (struct panels){packed, PANEL * TERMS, PANEL};
}

/* Rows of a times all panels. */
static void multiply_panels(struct piece piece, size_t m, size_t n,
                            struct panels panels)
{
    float *c = piece.c;
    piece.panel = panels.at;
    piece.panel_stride = panels.stride;
    for (size_t j = 0; j < n; j += PANEL, piece.panel += panels.by_panel) {
        piece.c = c + j;
        if (j + PANEL <= n)
            multiply_rows(piece, m, VECTORS);
        else
            multiply_rows(piece, m, 1);
    }
}

/* products ------------------------------------------------------------ */

enum { MANY_ROWS = 20 * ROWS }; /* their pieces stay in the second level */

/* All rows of a part; a's rows lie as they are. */
static void multiply_part(size_t m, struct matrix a, struct part part,
                          struct panels panels, struct piece piece)
{
    float *c = piece.c;
    piece.by_row = a.stride;
    piece.by_term = 1;
    for (size_t i = 0; i < m; i += MANY_ROWS) {
        piece.a = a.at + i * a.stride + part.l;
        piece.c = c + i * piece.stride_c;
        multiply_panels(piece, m - i < MANY_ROWS ? m - i : MANY_ROWS, part.n,
                        panels);
    }
}

/* The same with a's columns, packed some at a time. */
static void multiply_part_of_columns(size_t m, struct matrix a,
                                     struct part part, struct panels panels,
                                     struct piece piece)
{
    _Alignas(64) float packed[TERMS * COLUMNS_PADDED];
    float *c = piece.c;
    const float *from = a.at + part.l * a.stride;
    piece.by_row = 1;
    for (size_t i = 0; i < m; i += COLUMNS) {
        size_t width = m - i < COLUMNS ? m - i : COLUMNS;
        piece.a = m <= FEW_ROWS ? from : packed;
        piece.by_term = m <= FEW_ROWS ? a.stride : COLUMNS_PADDED;
        piece.c = c + i * piece.stride_c;
        for (size_t l = 0; l < part.n_terms && m > FEW_ROWS; l++)
            memcpy(packed + l * COLUMNS_PADDED, from + l * a.stride + i,
                   width * sizeof *packed);
        multiply_panels(piece, width, part.n, panels);
    }
}

struct sizes {
    size_t m, n, k;
};

static void multiply_all(struct sizes sizes, bool of_columns, struct matrix a,
                         struct matrix b, float beta, float *c,
                         size_t stride_c)
{
    _Alignas(64) float packed[PANELS * PANEL * TERMS];
    size_t m = sizes.m, n = sizes.n, k = sizes.k;
    for (size_t j = 0; j < n; j += PANELS * PANEL)
        for (size_t l = 0; l < k; l += TERMS) {
            struct part part = part_at(n, k, j, l);
            struct panels panels = open_panels(b, part, m, packed);
            struct piece piece = {.n_terms = part.n_terms,
                                  .adds = l > 0 || beta != 0.0f,
                                  .c = c + j,
                                  .stride_c = stride_c};
            if (of_columns)
                multiply_part_of_columns(m, a, part, panels, piece);
            else
                multiply_part(m, a, part, panels, piece);
        }
}

void product_of_rows(size_t m, size_t n, size_t k, struct matrix a,
                     struct matrix b, float beta, float *c, size_t stride_c)
{
    multiply_all((struct sizes){m, n, k}, false, a, b, beta, c, stride_c);
}

void product_of_columns(size_t m, size_t n, size_t k, struct matrix a,
                        struct matrix b, float beta, float *c, size_t stride_c)
{
    multiply_all((struct sizes){m, n, k}, true, a, b, beta, c, stride_c);
}
