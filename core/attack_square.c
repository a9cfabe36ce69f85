/* Random search by squares: a window of the image goes to the other end of the
 * ball, channel by channel, and stays there if the victim likes the image less.
 * Nothing but the victim's answers is needed, so that masked gradients do not
 * help against it. */
#include "core/attack_parts.h"
#include "core/ball.h"
#include "core/rng.h"

#include <math.h>
#include <string.h>

struct square {
    struct attack_common common;
    int objective; /* enum objective_name, untargeted */
    size_t n_queries;
    double p_init;
};

/* Of a sample: the score of its search's image, which is own[0]. That may be
 * another than the best one: the clean image, say. */
struct square_state {
    struct attack_score score;
};

/* A rehearsal makes do with fewer, since one is like the other. */
enum { N_REHEARSED = 100 };

/* windows ------------------------------------------------------------- */

struct window {
    size_t top, left, height, width;
};

/* Share of the image that query i, from 0, changes: it is halved at these of
 * 10000 queries, and of fewer or more in proportion. */
static double share_at(const struct square *square, size_t i)
{
    static const size_t halvings[] = {10,   50,   200,  500, 1000,
                                      2000, 4000, 6000, 8000};
    size_t at = i * 10000 / square->n_queries;
    double share = square->p_init;
    for (size_t k = 0; k < KIND_COUNT(halvings); k++)
        share /= at > halvings[k] ? 2 : 1;
    return share;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t random_below(struct rng_stream stream, uint64_t index, size_t n)
{
    return (size_t)((uint64_t)rng_word(stream, index) * n >> 32);
}

/* A square of that share, as far as the image holds one. */
static struct window window_at(struct image_shape shape, double share,
                               struct rng_stream stream)
{
    double n_places = (double)shape.height * (double)shape.width;
    size_t side = (size_t)lround(sqrt(share * n_places));
    side = side > 0 ? side : 1;
    struct window window = {.height = smaller(side, shape.height),
                            .width = smaller(side, shape.width)};
    window.top = random_below(stream, 0, shape.height - window.height + 1);
    window.left = random_below(stream, 1, shape.width - window.width + 1);
    return window;
}

/* Every channel of the window goes to one end of the ball, a bit of the stream
 * each. */
static void paint(struct assault *assault, size_t i, struct window window,
                  struct rng_stream stream, uint64_t first)
{
    struct image_shape shape = assault->victim->shape;
    size_t n = window.width * shape.n_channels;
    float epsilon = assault->epsilon[i], offset[DATA_CHANNELS_MAX];
    MUST(shape.n_channels <= DATA_CHANNELS_MAX);
    for (size_t c = 0; c < shape.n_channels; c++)
        offset[c] = rng_word(stream, first + c) >> 31 ? epsilon : -epsilon;
    for (size_t y = window.top; y < window.top + window.height; y++) {
        size_t at = i * assault->n_pixels +
                    (y * shape.width + window.left) * shape.n_channels;
        const float *clean = assault->clean + at;
        float *images = assault->images + at;
        for (size_t k = 0; k < n; k++)
            images[k] = clean[k] + offset[k % shape.n_channels];
        ball_clip(n, epsilon, clean, images);
    }
}

/* the search ---------------------------------------------------------- */

static void move_on(struct assault *assault, size_t i)
{
    size_t n = assault->n_pixels;
    ((struct square_state *)assault->state)[i].score = assault->score[i];
    memcpy(assault->own[0] + i * n, assault->images + i * n,
           n * sizeof *assault->images);
}

/* From vertical stripes; the same ones for every epsilon. */
static void start(struct assault *assault)
{
    struct image_shape shape = assault->victim->shape;
    for (size_t i = 0; i < assault->n; i++) {
        struct rng_stream stream = {assault->batch->seed, RNG_ATTACK_START,
                                    rng_lane(assault->ids[i], 0)};
        for (size_t x = 0; x < shape.width; x++)
            paint(assault, i, (struct window){0, x, shape.height, 1}, stream,
                  x * shape.n_channels);
    }
    assault_query(assault);
    for (size_t i = 0; i < assault->n; i++)
        move_on(assault, i);
}

static void try_windows(struct assault *assault, double share, size_t i_query)
{
    struct image_shape shape = assault->victim->shape;
    const struct square_state *state = assault->state;
    memcpy(assault->images, assault->own[0],
           assault->n * assault->n_pixels * sizeof *assault->images);
    for (size_t i = 0; i < assault->n; i++) {
        struct rng_stream stream = {assault->batch->seed, RNG_ATTACK_SEARCH,
                                    rng_lane(assault->ids[i], i_query)};
        paint(assault, i, window_at(shape, share, stream), stream, 2);
    }
    assault_query(assault);
    for (size_t i = 0; i < assault->n; i++)
        if (attack_score_is_better(assault->score[i], state[i].score))
            move_on(assault, i);
}

static void square_run(const void *params, const struct victim *victim,
                       struct attack_batch *batch)
{
    const struct square *square = params;
    size_t n_queries = square->n_queries;
    struct assault assault =
        assault_open(&attack_square, &square->common, victim, batch);
    assault_pursue(&assault, square->objective);
    assault_count_no_zeros(&assault);
    assault_query(&assault);
    assault_keep_all(&assault);
    assault_release_still(&assault);
    assault_release_beaten(&assault);
    if (batch->all_stay && n_queries > N_REHEARSED) {
        n_queries = N_REHEARSED;
        batch->share = (2 + N_REHEARSED) / (2 + (double)square->n_queries);
    }
    if (assault.n > 0)
        start(&assault);
    for (size_t i = 0; assault.n > 0; i++) {
        assault_keep_better(&assault);
        assault_release_beaten(&assault);
        if (i == n_queries)
            break;
        try_windows(&assault, share_at(square, i), i);
    }
}

static const struct row square_rows[] = {
    ATTACK_PIXEL_ROWS,
    ATTACK_NESTED_ROWS,
    {.name = "objective", .unit = "1",
     .doc = "what is made large: cross-entropy, the margin of the logits, or the difference of "
            "logits ratio",
     .type = ROW_CHOICE, .choices = objective_choices, .fallback = "margin",
     .offset = offsetof(struct square, objective)},
    {.name = "n_queries", .unit = "1",
     .doc = "windows tried, a query each; two more for the clean image and the start",
     .type = ROW_COUNT, .fallback = "5000", .minimum = 1, .maximum = 1e8,
     .offset = offsetof(struct square, n_queries)},
    {.name = "p_init", .unit = "1",
     .doc = "share of the image that the first windows take; it is halved at 10, 50, 200, 500, "
            "1000, 2000, 4000, 6000 and 8000 of 10000 queries, of n_queries in proportion",
     .type = ROW_REAL, .fallback = "0.8", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct square, p_init)},
};

const struct attack attack_square = {
    .kind = {.name = "square",
             .doc = "Square attack: random search by square windows from vertical stripes; needs "
                    "no gradient",
             .cite = "Andriushchenko et al., ECCV 2020 (arXiv 1912.00049), alg. 1 and 2; schedule "
                     "and 5000 queries as in AutoAttack's code (arXiv 2003.01690)",
             .rows = square_rows,
             .n_rows = KIND_COUNT(square_rows),
             .params_size = sizeof(struct square),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .state = {.n_images = 1, .n_bytes = sizeof(struct square_state)},
    .run = square_run,
};
