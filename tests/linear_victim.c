#include "tests/linear_victim.h"
#include "tests/test.h"

#include "core/rng.h"

#include <math.h>

static double weight_of(const struct linear_victim *linear, size_t class,
                        size_t pixel)
{
    return (double)linear->weight[class * LINEAR_PIXELS + pixel];
}

static void find_logits(const struct linear_victim *linear, const float *image,
                        float *logits)
{
    for (size_t c = 0; c < LINEAR_CLASSES; c++) {
        double sum = 0;
        for (size_t k = 0; k < LINEAR_PIXELS; k++)
            sum += weight_of(linear, c, k) * (double)image[k];
        logits[c] = (float)sum;
    }
}

static uint8_t largest(const float *logits)
{
    uint8_t best = 0;
    for (uint8_t c = 1; c < LINEAR_CLASSES; c++)
        best = logits[c] > logits[best] ? c : best;
    return best;
}

uint8_t linear_predict(const struct linear_victim *linear, const float *image)
{
    float logits[LINEAR_CLASSES];
    find_logits(linear, image, logits);
    return largest(logits);
}

double linear_margin(const struct linear_victim *linear, size_t i,
                     const float *image)
{
    float logits[LINEAR_CLASSES], most = -INFINITY;
    find_logits(linear, image, logits);
    for (size_t c = 0; c < LINEAR_CLASSES; c++)
        if (c != linear->labels[i])
            most = fmaxf(most, logits[c]);
    return (double)most - (double)logits[linear->labels[i]];
}

static void linear_ask(void *self, const struct query *query)
{
    const struct linear_victim *linear = self;
    float logits[LINEAR_N * LINEAR_CLASSES], d[LINEAR_N * LINEAR_CLASSES];
    for (size_t i = 0; i < query->n; i++) {
        float *row = logits + i * LINEAR_CLASSES;
        find_logits(linear, query->images + i * LINEAR_PIXELS, row);
        for (size_t c = 0; c < LINEAR_CLASSES; c++)
            row[c] += (query->draw + c) % 2 ? -linear->noise : linear->noise;
        query->predicted[i] = largest(row);
        for (size_t c = 0; query->logits && c < LINEAR_CLASSES; c++)
            query->logits[i * LINEAR_CLASSES + c] = row[c];
    }
    query->objective->find(query->n, LINEAR_CLASSES, logits, query->labels,
                           query->targets, query->loss, d);
    for (size_t i = 0; query->d_images && i < query->n; i++)
        for (size_t k = 0; k < LINEAR_PIXELS; k++) {
            float sum = 0;
            for (size_t c = 0; c < LINEAR_CLASSES; c++)
                sum += d[i * LINEAR_CLASSES + c] *
                       (float)weight_of(linear, c, k);
            query->d_images[i * LINEAR_PIXELS + k] = sum;
        }
}

void linear_open(struct linear_victim *linear, float low, float high)
{
    struct rng_stream stream = {6, RNG_SYNTHETIC, 0};
    *linear = (struct linear_victim){
        .victim = {.self = linear,
                   .shape = {1, LINEAR_PIXELS, 1},
                   .n_pixels = LINEAR_PIXELS,
                   .n_classes = LINEAR_CLASSES,
                   .n_max = LINEAR_N,
                   .ask = linear_ask}};
    size_t n_weights = LINEAR_CLASSES * LINEAR_PIXELS;
    rng_fill_uniform(stream, 0, n_weights, linear->weight);
    for (size_t k = 0; k < n_weights; k++)
        linear->weight[k] = 2 * linear->weight[k] - 1;
    rng_fill_uniform(stream, n_weights, LINEAR_N * LINEAR_PIXELS,
                     linear->clean);
    for (size_t k = 0; k < LINEAR_N * LINEAR_PIXELS; k++)
        linear->clean[k] = low + (high - low) * linear->clean[k];
    for (size_t i = 0; i < LINEAR_N; i++) {
        const float *image = linear->clean + i * LINEAR_PIXELS;
        linear->labels[i] = linear_predict(linear, image);
        linear->ids[i] = (uint32_t)(7 * i + 2);
        linear->epsilon[i] = 100;
    }
}

void linear_run(struct linear_victim *linear, const char *attack,
                const char *const *settings)
{
    const struct kind *kind = kind_find(&attack_axis, attack);
    struct arena arena = arena_open(), scratch = arena_open();
    assert_non_null(kind);
    void *params = kind_defaults(kind, &arena);
    for (; *settings; settings += 2) {
        const struct row *row = kind_find_row(kind, settings[0]);
        assert_non_null(row);
        assert_int_equal(row_set(row, settings[1], params, &arena), STATUS_OK);
    }
    struct attack_batch batch = {.n = LINEAR_N,
                                 .n_pixels = LINEAR_PIXELS,
                                 .clean = linear->clean,
                                 .labels = linear->labels,
                                 .ids = linear->ids,
                                 .seed = 3,
                                 .epsilon = linear->epsilon,
                                 .adversarial = linear->found,
                                 .n_zero_pixels = linear->n_zero,
                                 .n_forward = linear->n_forward,
                                 .n_backward = linear->n_backward,
                                 .scratch = &scratch};
    for (size_t i = 0; i < LINEAR_N; i++)
        linear->n_forward[i] = linear->n_backward[i] = 0;
    attack_of(kind)->run(params, &linear->victim, &batch);
    arena_close(&arena);
    arena_close(&scratch);
}

/* the smallest perturbation ------------------------------------------- */

/* Along the sign of the weights by `size` for L-infinity, along the weights
 * themselves for L2, each pixel as far as the box lets it. */
static double move_along(const struct linear_victim *linear, enum norm norm,
                         size_t i, uint8_t other, double size, double *rise)
{
    const float *image = linear->clean + i * LINEAR_PIXELS;
    double squares = 0, most = 0;
    *rise = 0;
    for (size_t k = 0; k < LINEAR_PIXELS; k++) {
        double w = weight_of(linear, other, k) -
                   weight_of(linear, linear->labels[i], k);
        double x = (double)image[k];
        double way = norm == NORM_L2 ? w : w > 0 ? 1 : -1;
        double moved = fmin(fmax(x + size * way, 0), 1) - x;
        *rise += w * (x + moved);
        squares += moved * moved;
        most = fmax(most, fabs(moved));
    }
    return norm == NORM_L2 ? sqrt(squares) : most;
}

static double distance_to(const struct linear_victim *linear, enum norm norm,
                          size_t i, uint8_t other)
{
    double low = 0, high = 1000, rise;
    move_along(linear, norm, i, other, high, &rise);
    if (rise < 0)
        return INFINITY;
    for (int t = 0; t < 100; t++) {
        double middle = (low + high) / 2;
        move_along(linear, norm, i, other, middle, &rise);
        *(rise < 0 ? &low : &high) = middle;
    }
    return move_along(linear, norm, i, other, high, &rise);
}

double linear_distance(const struct linear_victim *linear, enum norm norm,
                       size_t i)
{
    double least = INFINITY;
    for (uint8_t c = 0; c < LINEAR_CLASSES; c++)
        if (c != linear->labels[i])
            least = fmin(least, distance_to(linear, norm, i, c));
    return least;
}

double linear_found(const struct linear_victim *linear, enum norm norm,
                    size_t i)
{
    return norm_distance(norm, LINEAR_PIXELS,
                         linear->clean + i * LINEAR_PIXELS,
                         linear->found + i * LINEAR_PIXELS);
}
