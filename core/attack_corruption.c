/* Common corruptions: images as bad weather, cameras and light make them, at a
 * severity epsilon from 0 to 1. Nothing is random and nobody is asked. */
#include "core/attack_parts.h"

#include <math.h>
#include <string.h>

typedef void corrupt(struct image_shape shape, double severity,
                     const float *clean, float *image);

static void run_corruption(const struct attack *attack, corrupt *corrupt_one,
                           const struct attack_common *common,
                           const struct victim *victim,
                           struct attack_batch *batch)
{
    struct assault assault = assault_open(attack, common, victim, batch);
    size_t n = assault.n_pixels;
    assault_count_no_zeros(&assault);
    for (size_t i = 0; i < assault.n; i++)
        if (assault.epsilon[i] > 0)
            corrupt_one(victim->shape, (double)assault.epsilon[i],
                        assault.clean + i * n, assault.images + i * n);
    assault_keep_all(&assault);
}

static float to_pixel(double value)
{
    return (float)fmin(fmax(value, 0), 1);
}

#define CORRUPTION_ROWS(words)                                                 \
    {.name = "epsilons", .unit = "1", .doc = words "; in any order",           \
     .type = ROW_REALS, .is_set = true,                                        \
     .fallback = "[0, 0.2, 0.4, 0.6, 0.8, 1]", .minimum = 0, .maximum = 1,     \
     .offset = offsetof(struct attack_common, epsilons)},                      \
    ATTACK_BATCH_ROWS

/* blur ---------------------------------------------------------------- */

enum { BLUR_PIXELS = 4, BLUR_CUT = 4, BLUR_REACH = BLUR_PIXELS * BLUR_CUT };

/* weight[k] of the places k before and behind, which add up to 1. */
struct bell {
    size_t reach;
    double weight[BLUR_REACH + 1];
};

static struct bell bell_of(double deviation)
{
    struct bell bell = {.reach = (size_t)ceil(BLUR_CUT * deviation)};
    double sum = 0;
    for (size_t k = 0; k <= bell.reach; k++) {
        double off = (double)k / deviation;
        bell.weight[k] = exp(-off * off / 2);
        sum += k > 0 ? 2 * bell.weight[k] : bell.weight[k];
    }
    for (size_t k = 0; k <= bell.reach; k++)
        bell.weight[k] /= sum;
    return bell;
}

/* One line of n places, `stride` entries apart; beyond its ends it goes on as
 * they are. In place: `line` holds what was there. */
static void blur_line(const struct bell *bell, size_t n, size_t stride,
                      float *at)
{
    double line[BLUR_REACH + 1 + BLUR_REACH];
    size_t n_line = 2 * bell->reach + 1;
    for (size_t k = 0; k < n_line; k++) {
        size_t place = k < bell->reach ? 0 : k - bell->reach;
        line[k] = (double)at[(place < n ? place : n - 1) * stride];
    }
    for (size_t i = 0; i < n; i++) {
        const double *middle = line + bell->reach;
        double sum = bell->weight[0] * middle[0];
        for (size_t k = 1; k <= bell->reach; k++)
            sum += bell->weight[k] * (middle[k] + *(middle - k));
        size_t next = i + 1 + bell->reach;
        memmove(line, line + 1, (n_line - 1) * sizeof *line);
        line[n_line - 1] = (double)at[(next < n ? next : n - 1) * stride];
        at[i * stride] = to_pixel(sum);
    }
}

static void blur_one(struct image_shape shape, double severity,
                     const float *clean, float *image)
{
    struct bell bell = bell_of(BLUR_PIXELS * severity);
    size_t n_row = shape.width * shape.n_channels;
    memcpy(image, clean, image_size(shape) * sizeof *image);
    for (size_t y = 0; y < shape.height; y++)
        for (size_t c = 0; c < shape.n_channels; c++)
            blur_line(&bell, shape.width, shape.n_channels,
                      image + y * n_row + c);
    for (size_t x = 0; x < n_row; x++)
        blur_line(&bell, shape.height, n_row, image + x);
}

static void blur_run(const void *params, const struct victim *victim,
                     struct attack_batch *batch)
{
    run_corruption(&attack_blur, blur_one, params, victim, batch);
}

static const struct row blur_rows[] = {
    CORRUPTION_ROWS("severities: a quarter of the deviation in pixels")};

const struct attack attack_blur = {
    .kind = {.name = "blur",
             .doc = "Gaussian blur of every channel, of deviation 4 epsilon pixels, cut off at "
                    "four deviations; the image goes on beyond its edges as they are",
             .cite = "Gaussian blur of Hendrycks and Dietterich, ICLR 2019 (arXiv 1903.12261), "
                     "sec. 3, appendix; the scale is this program's",
             .rows = blur_rows,
             .n_rows = KIND_COUNT(blur_rows),
             .params_size = sizeof(struct attack_common),
             .applies = attack_applies},
    .blind = true,
    .deterministic = true,
    .run = blur_run,
};

/* contrast ------------------------------------------------------------ */

static void fade_one(struct image_shape shape, double severity,
                     const float *clean, float *image)
{
    size_t n = image_size(shape), n_places = shape.height * shape.width;
    for (size_t c = 0; c < shape.n_channels; c++) {
        double mean = 0;
        for (size_t i = c; i < n; i += shape.n_channels)
            mean += (double)clean[i] / (double)n_places;
        for (size_t i = c; i < n; i += shape.n_channels)
            image[i] = to_pixel(mean + (1 - severity) *
                                           ((double)clean[i] - mean));
    }
}

static void contrast_run(const void *params, const struct victim *victim,
                         struct attack_batch *batch)
{
    run_corruption(&attack_contrast, fade_one, params, victim, batch);
}

static const struct row contrast_rows[] = {
    CORRUPTION_ROWS("severities: shares of the contrast that are lost")};

const struct attack attack_contrast = {
    .kind = {.name = "contrast",
             .doc = "x becomes m + (1 - epsilon) (x - m), m the mean of the image's own channel: "
                    "at 1 nothing else is left",
             .cite = "contrast of Hendrycks and Dietterich, ICLR 2019 (arXiv 1903.12261), there "
                     "1 - epsilon from 0.4 to 0.05",
             .rows = contrast_rows,
             .n_rows = KIND_COUNT(contrast_rows),
             .params_size = sizeof(struct attack_common),
             .applies = attack_applies},
    .blind = true,
    .deterministic = true,
    .run = contrast_run,
};

/* brightness ---------------------------------------------------------- */

static void brighten_one(struct image_shape shape, double severity,
                         const float *clean, float *image)
{
    for (size_t i = 0; i < image_size(shape); i++)
        image[i] = to_pixel((double)clean[i] + severity);
}

static void brightness_run(const void *params, const struct victim *victim,
                           struct attack_batch *batch)
{
    run_corruption(&attack_brightness, brighten_one, params, victim, batch);
}

static const struct row brightness_rows[] = {
    CORRUPTION_ROWS("severities: what is added")};

const struct attack attack_brightness = {
    .kind = {.name = "brightness",
             .doc = "x + epsilon in every channel, clipped to [0, 1]: at 1 all is white",
             .cite = "brightness of Hendrycks and Dietterich, ICLR 2019 (arXiv 1903.12261), there "
                     "of the value in HSV, by 0.1 to 0.5",
             .rows = brightness_rows,
             .n_rows = KIND_COUNT(brightness_rows),
             .params_size = sizeof(struct attack_common),
             .applies = attack_applies},
    .blind = true,
    .deterministic = true,
    .run = brightness_run,
};
