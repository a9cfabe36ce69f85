/* The code of FEEL-SNN: what is left of the image after low-pass masks that
 * shrink from step to step.
 *
 * There is no FFT library in this: to transform an image, mask a square of
 * frequencies and transform it back is, along each of its two sides, to fold
 * the image with one kernel as long as the side. On 32 x 32 pixels that costs
 * what a first layer of 32 channels does, works for any length, and transposed
 * is the backward pass. */
#include "core/encoding_parts.h"

#include <math.h>
#include <string.h>

enum { N_PLANES = 6 }; /* scratch: 4 images, kernels in the rest */

struct frequency {
    size_t shrink, least;
};

/* A complex image, [H][W][C] of each part. */
struct field {
    float *re, *im;
};

/* The mask keeps frequencies -r to r - 1 of N, and all at r >= N/2. */
static size_t radius_at(const struct frequency *frequency, size_t side,
                        size_t t)
{
    size_t whole = (side + 1) / 2, lost = frequency->shrink * t;
    size_t left = whole > lost ? whole - lost : 0;
    left = left > frequency->least ? left : frequency->least;
    return left < whole ? left : whole;
}

/* kernel[d] = 1/N sum over the kept f of exp(2 pi i f d / N), in closed form:
 * a geometric series around f = -1/2. */
static void take_kernel(size_t side, size_t radius, struct field kernel)
{
    const double pi = 3.14159265358979323846;
    bool all = 2 * radius >= side;
    kernel.re[0] = 2.0f * (float)radius / (float)side;
    kernel.re[0] = all ? 1.0f : kernel.re[0];
    kernel.im[0] = 0;
    for (size_t d = 1; d < side; d++) {
        double half = pi * (double)d / (double)side;
        double size =
            all ? 0 : sin(2 * (double)radius * half) / sin(half);
        kernel.re[d] = (float)(size * cos(half) / (double)side);
        kernel.im[d] = (float)(-size * sin(half) / (double)side);
    }
}

/* out[i] = sum over j of kernel[(i - j) mod side] in[j], rows of n numbers
 * each; backward, its adjoint: the conjugate of kernel[(j - i) mod side]. */
static void fold(size_t side, size_t n, struct field kernel, bool back,
                 struct field in, struct field out)
{
    memset(out.re, 0, side * n * sizeof *out.re);
    memset(out.im, 0, side * n * sizeof *out.im);
    for (size_t i = 0; i < side; i++)
        for (size_t j = 0; j < side; j++) {
            size_t d = back ? (j + side - i) % side : (i + side - j) % side;
            float a = kernel.re[d], b = back ? -kernel.im[d] : kernel.im[d];
            const float *restrict re = in.re + j * n;
            const float *restrict im = in.im + j * n;
            float *restrict to_re = out.re + i * n;
            float *restrict to_im = out.im + i * n;
            for (size_t k = 0; k < n; k++) {
                to_re[k] += a * re[k] - b * im[k];
                to_im[k] += a * im[k] + b * re[k];
            }
        }
}

/* [rows][columns][C] becomes [columns][rows][C]. */
static void turn(size_t n_rows, size_t n_columns, size_t n_channels,
                 const float *restrict in, float *restrict out)
{
    for (size_t i = 0; i < n_rows; i++)
        for (size_t j = 0; j < n_columns; j++)
            for (size_t c = 0; c < n_channels; c++)
                out[(j * n_rows + i) * n_channels + c] =
                    in[(i * n_columns + j) * n_channels + c];
}

/* One image's two complex fields and kernel in the scratch. */
struct bench {
    struct field front, back, kernel;
};

static struct bench bench_of(const struct encoding_batch *batch)
{
    size_t n = batch->n_pixels;
    float *at = batch->scratch;
    return (struct bench){{at, at + n},
                          {at + 2 * n, at + 3 * n},
                          {at + 4 * n, at + 5 * n}};
}

/* Folds along both sides: front to front. */
static void mask_field(const struct frequency *frequency,
                       const struct encoding_batch *batch, size_t t, bool back,
                       struct bench *bench)
{
    size_t height = batch->height, width = batch->width;
    size_t n_channels = batch->n_channels;
    struct field a = bench->front, b = bench->back;
    take_kernel(height, radius_at(frequency, height, t), bench->kernel);
    fold(height, width * n_channels, bench->kernel, back, a, b);
    turn(height, width, n_channels, b.re, a.re);
    turn(height, width, n_channels, b.im, a.im);
    take_kernel(width, radius_at(frequency, width, t), bench->kernel);
    fold(width, height * n_channels, bench->kernel, back, a, b);
    turn(width, height, n_channels, b.re, a.re);
    turn(width, height, n_channels, b.im, a.im);
}

/* Nothing is lost at step t. */
static bool passes_all(const struct frequency *frequency,
                       const struct encoding_batch *batch, size_t t)
{
    return 2 * radius_at(frequency, batch->height, t) >= batch->height &&
           2 * radius_at(frequency, batch->width, t) >= batch->width;
}

static void mask_image(const struct frequency *frequency,
                       const struct encoding_batch *batch, size_t t,
                       const float *image, struct bench *bench)
{
    memcpy(bench->front.re, image, batch->n_pixels * sizeof *image);
    memset(bench->front.im, 0, batch->n_pixels * sizeof *image);
    if (!passes_all(frequency, batch, t))
        mask_field(frequency, batch, t, false, bench);
}

static void frequency_encode(const void *params,
                             const struct encoding_batch *batch,
                             float *encoded)
{
    const struct frequency *frequency = params;
    size_t n = batch->n_pixels;
    struct bench bench = bench_of(batch);
    MUST(batch->height * batch->width * batch->n_channels == n);
    for (size_t t = 0; t < batch->n_steps; t++)
        for (size_t b = 0; b < batch->n_images; b++) {
            float *out = encoded + (t * batch->n_images + b) * n;
            mask_image(frequency, batch, t, batch->images + b * n, &bench);
            const float *re = bench.front.re, *im = bench.front.im;
            for (size_t i = 0; i < n; i++)
                out[i] = sqrtf(re[i] * re[i] + im[i] * im[i]);
        }
}

/* y = |z|, so dz = dy z / |z|, and 0 where z is; a linear map's gradient is
 * its adjoint, of which the real part belongs to the image. */
static void frequency_backward(const void *params,
                               const struct encoding_batch *batch,
                               const float *encoded, const float *d_encoded,
                               float *d_images)
{
    const struct frequency *frequency = params;
    size_t n = batch->n_pixels;
    struct bench bench = bench_of(batch);
    memset(d_images, 0, encoding_count_pixels(batch) * sizeof *d_images);
    for (size_t t = 0; t < batch->n_steps; t++)
        for (size_t b = 0; b < batch->n_images; b++) {
            size_t at = (t * batch->n_images + b) * n;
            float *re = bench.front.re, *im = bench.front.im;
            mask_image(frequency, batch, t, batch->images + b * n, &bench);
            for (size_t i = 0; i < n; i++) {
                float y = encoded[at + i];
                float factor = y > 0 ? d_encoded[at + i] / y : 0.0f;
                re[i] *= factor;
                im[i] *= factor;
            }
            if (!passes_all(frequency, batch, t))
                mask_field(frequency, batch, t, true, &bench);
            for (size_t i = 0; i < n; i++)
                d_images[b * n + i] += re[i];
        }
}

static const struct row frequency_rows[] = {
    {.name = "shrink", .unit = "1",
     .doc = "frequencies by which the mask's half-width r is less than at the step before; at "
            "step 0 it is half the image's side, which keeps all",
     .type = ROW_COUNT, .fallback = "2", .minimum = 0, .maximum = 64,
     .offset = offsetof(struct frequency, shrink)},
    {.name = "least", .unit = "1",
     .doc = "half-width that is kept at every step; the paper's smallest",
     .type = ROW_COUNT, .fallback = "2", .minimum = 1, .maximum = 64,
     .offset = offsetof(struct frequency, least)},
};

const struct encoding encoding_frequency = {
    .kind = {.name = "frequency",
             .doc = "the image without its high frequencies, fewer at every step, as input "
                    "current: |F^-1 (F x times the mask of frequencies -r to r - 1)|, not "
                    "normalized; backward the exact gradient",
             .cite = "FEEL-SNN, Xu et al., NeurIPS 2024, their code (r = 16, 14, ..., 2 on "
                     "32 x 32 pixels)",
             .rows = frequency_rows,
             .n_rows = KIND_COUNT(frequency_rows),
             .params_size = sizeof(struct frequency)},
    .n_scratch = N_PLANES,
    .encode = frequency_encode,
    .backward = frequency_backward,
};
