#include "core/operation_parts.h"
#include "core/spread.h"

#include <string.h>

/* With fewer channels than that, products by a transposed matrix whose columns
 * are the channels of all taps have more columns, and are fewer. */
enum { CHANNELS_MIN = 8 };

struct operation operation_reversed(const struct operation *operation)
{
    struct operation reversed = *operation;
    reversed.is_reversed = true;
    reversed.n_in = operation->n_out;
    reversed.n_out = operation->n_in;
    reversed.height = operation->out_height;
    reversed.width = operation->out_width;
    reversed.out_height = operation->height;
    reversed.out_width = operation->width;
    reversed.spreads = operation->kind == BLOCK_CONVOLUTION &&
                       (operation->stride > 1 || reversed.n_out < CHANNELS_MIN);
    reversed.columns = reversed.padded = NULL;
    reversed.densest = reversed.densest_weights = 0;
    reversed.winograd = winograd_shape(reversed.height, reversed.width,
                                       reversed.n_in, reversed.n_out);
    reversed.transforms = operation_may_transform(&reversed);
    return reversed;
}

bool operation_may_transform(const struct operation *operation)
{
    return operation->kind == BLOCK_CONVOLUTION && operation->size == 3 &&
           operation->stride == 1 && !operation->spreads &&
           winograd_serves(operation->n_in, operation->n_out);
}

/* Transformed weights are followed by the turned ones, if lists need them. */
size_t operation_count_reversed(const struct operation *reversed)
{
    size_t n_turned = operation_fan_in(reversed) * reversed->n_out;
    if (reversed->spreads)
        return reversed->n_in * spread_stride(reversed);
    if (!reversed->transforms)
        return n_turned;
    return operation_count_transformed(reversed) +
           (reversed->densest > 0 ? n_turned : 0);
}

/* In squares, so that neither side leaves the first-level cache. */
static void transpose(size_t n_rows, size_t n_columns, const float *from,
                      float *to, size_t stride)
{
    enum { SIDE = 16 };
    for (size_t i = 0; i < n_rows; i += SIDE)
        for (size_t k = 0; k < n_columns; k += SIDE) {
            size_t i_end = i + SIDE < n_rows ? i + SIDE : n_rows;
            size_t k_end = k + SIDE < n_columns ? k + SIDE : n_columns;
            for (size_t row = i; row < i_end; row++)
                for (size_t column = k; column < k_end; column++)
                    to[column * stride + row] =
                        from[row * n_columns + column];
        }
}

/* Weights on their way to the reversed operation's. */
struct reversal {
    const struct operation *reversed;
    const float *weights;
    float *to;
    size_t n_parts; /* of a tap */
};

/* Some of a tap's rows. What is spread has all taps in a row of the transposed
 * matrix; else each tap is a matrix. */
static void turn_part(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct reversal *reversal = self;
    const struct operation *reversed = reversal->reversed;
    size_t n_in = reversed->n_in, n_out = reversed->n_out;
    size_t n_taps = reversed->size * reversed->size;
    size_t tap = unit / reversal->n_parts;
    struct team_share rows =
        team_share_of(n_out, reversal->n_parts, unit % reversal->n_parts);
    size_t to = reversed->spreads ? tap * n_out
                                  : (n_taps - 1 - tap) * n_in * n_out;
    transpose(rows.n, n_in,
              reversal->weights + (tap * n_out + rows.first) * n_in,
              reversal->to + to + rows.first,
              reversed->spreads ? spread_stride(reversed) : n_out);
}

static void turn(const struct operation *reversed, const struct team *team,
                 const float *weights, float *to)
{
    enum { ROWS_OF_PART = 64 };
    struct reversal reversal = {
        reversed, weights, to,
        (reversed->n_out + ROWS_OF_PART - 1) / ROWS_OF_PART};
    team_run(team, reversed->size * reversed->size * reversal.n_parts,
             &reversal, turn_part);
}

struct operation_weights
operation_reverse_weights(const struct operation *reversed,
                          const struct team *team, const float *weights,
                          float *to)
{
    size_t n_turned = operation_fan_in(reversed) * reversed->n_out;
    if (reversed->spreads)
        memset(to, 0, operation_count_reversed(reversed) * sizeof *to);
    if (!reversed->transforms) {
        turn(reversed, team, weights, to);
        return (struct operation_weights){to, NULL};
    }
    float *place = winograd_place_weights(&reversed->winograd, to);
    float *turned = to + operation_count_transformed(reversed);
    turn(reversed, team, weights, place);
    if (reversed->densest > 0)
        memcpy(turned, place, n_turned * sizeof *to);
    winograd_transform_weights(&reversed->winograd, team, to);
    return (struct operation_weights){reversed->densest > 0 ? turned : NULL,
                                      to};
}
