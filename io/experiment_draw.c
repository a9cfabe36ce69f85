/* What a sampler's number means in a range. Cells hang on every digit, so it is
 * the same on every machine: only sums, products, quotients and square roots,
 * which IEEE 754 rounds in one way, and none of them fused (see the Makefile);
 * of powers and logarithms each library has its own last digit. */
#include "io/experiment_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_BITS = 32, NUMBER_SIZE = 400 };

/* low (high / low)^share, the share's binary digits one after the other: each
 * is a square root of the one before. */
static double interpolate_log(double low, double high, uint32_t number)
{
    double factor = high / low, value = low;
    for (int bit = N_BITS - 1; bit >= 0; bit--) {
        factor = sqrt(factor);
        if (number >> bit & 1)
            value *= factor;
    }
    return value;
}

/* The decimal exponent of a number above 0. */
static int exponent_of(double number)
{
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%.17e", number);
    const char *e = text;
    while (*e != 'e')
        e++;
    return atoi(e + 1);
}

/* A millionth of the width is fine enough, and readable. */
static double draw_real(const struct experiment_range *range, uint32_t number)
{
    char text[NUMBER_SIZE];
    double width = range->to - range->from;
    if (range->log) {
        snprintf(text, sizeof text, "%.7g",
                 interpolate_log(range->from, range->to, number));
    } else {
        int decimals = 6 - exponent_of(width);
        snprintf(text, sizeof text, "%.*f", decimals > 0 ? decimals : 0,
                 range->from + width * (number * 0x1p-32));
    }
    return fmin(fmax(strtod(text, NULL), range->from), range->to);
}

/* Each whole number has an equal share; of a logarithmic scale that from its
 * own logarithm to that of the next one. */
static double draw_whole(const struct experiment_range *range, uint32_t number)
{
    uint64_t n = (uint64_t)(range->to - range->from) + 1;
    double value =
        range->log ? floor(interpolate_log(range->from, range->to + 1, number))
                   : range->from + (double)(number * n >> 32);
    return fmin(value, range->to);
}

const char *experiment_draw(const struct experiment_range *range,
                            const struct kind *kind, size_t row,
                            uint32_t number, struct arena *arena)
{
    struct arena scratch = arena_open();
    void *params = kind_defaults(kind, &scratch);
    double value = range->whole ? draw_whole(range, number)
                                : draw_real(range, number);
    MUST(row_set(&kind->rows[row], experiment_print_number(value, &scratch),
                 params, &scratch) == STATUS_OK);
    const char *text = row_print(&kind->rows[row], params, arena);
    arena_close(&scratch);
    return text;
}
