#include "tests/fake_victim.h"
#include "tests/test.h"

#include "core/rng.h"

#include <math.h>
#include <string.h>

/* the victim ---------------------------------------------------------- */

static float weight_of(size_t pixel)
{
    float size = 0.25f + (float)(pixel % 5) / 8;
    return pixel % 7 == 3 ? 0 : pixel % 2 ? size : -size;
}

static float target_of(uint32_t id, size_t pixel)
{
    return (float)((id * 31 + pixel * 17) % 64) / 63;
}

/* The score of class 1 over class 0. */
static float margin_of(const struct fake_victim *fake, const float *image)
{
    float margin = 0;
    for (size_t k = 0; k < fake->n_pixels; k++)
        margin += weight_of(k) * (image[k] - 0.5f);
    return margin;
}

static float linear_loss(const struct fake_victim *fake, const float *image,
                         uint8_t label, uint8_t *predicted)
{
    float margin = margin_of(fake, image);
    *predicted = margin > 0;
    return log1pf(expf(label ? -margin : margin));
}

static float bowl_loss(const struct fake_victim *fake, const float *image,
                       uint8_t label, uint32_t id, uint8_t *predicted)
{
    float distance = 0;
    for (size_t k = 0; k < fake->n_pixels; k++) {
        float off = image[k] - target_of(id, k);
        distance += off * off;
    }
    *predicted = distance < 0.1f * (float)fake->n_pixels ? !label : label;
    return -distance;
}

static float trap_loss(const struct fake_victim *fake, const float *image,
                       uint8_t label, uint8_t *predicted)
{
    float sum = 0;
    for (size_t k = 0; k < fake->n_pixels; k++)
        sum += image[k];
    *predicted = image[0] > fake->trap_from && image[0] < fake->trap_to
                     ? !label
                     : label;
    return sum;
}

float fake_loss(const struct fake_victim *fake, const float *image,
                uint8_t label, uint32_t id, uint8_t *predicted)
{
    switch (fake->shape) {
    case FAKE_LINEAR:
        return linear_loss(fake, image, label, predicted);
    case FAKE_BOWL:
        return bowl_loss(fake, image, label, id, predicted);
    case FAKE_TRAP:
        return trap_loss(fake, image, label, predicted);
    case FAKE_BROKEN:
        *predicted = !label;
        return NAN;
    }
    return NAN;
}

static float slope_of(const struct fake_victim *fake, const float *image,
                      uint8_t label, uint32_t id, size_t pixel)
{
    float margin = margin_of(fake, image);
    float doubt = 1 / (1 + expf(label ? margin : -margin));
    switch (fake->shape) {
    case FAKE_LINEAR:
        return (label ? -doubt : doubt) * weight_of(pixel);
    case FAKE_BOWL:
        return 2 * (target_of(id, pixel) - image[pixel]);
    case FAKE_TRAP:
        return 1;
    case FAKE_BROKEN:
        return NAN;
    }
    return NAN;
}

static void log_query(struct fake_victim *fake, const struct query *query)
{
    if (fake->n_calls < FAKE_LOG_MAX) {
        fake->draw[fake->n_calls] = query->draw;
        fake->repeats[fake->n_calls] = query->repeats;
        fake->n_forgotten[fake->n_calls] = fake->n_new;
        fake->first_pixel[fake->n_calls] = query->images[0];
    }
    fake->n_new = 0;
    fake->n_calls++;
    fake->n_forward += query->n;
    fake->n_backward += query->d_images ? query->n : 0;
}

/* Its loss is its own, whatever the objective; logits are for those who want
 * to rank classes. */
static void fake_ask(void *self, const struct query *query)
{
    struct fake_victim *fake = self;
    float jitter = query->draw % 2 ? -fake->jitter : fake->jitter;
    log_query(fake, query);
    for (size_t i = 0; i < query->n; i++) {
        const float *image = query->images + i * fake->n_pixels;
        uint8_t label = query->labels[i];
        uint32_t id = query->ids[i];
        query->loss[i] =
            fake_loss(fake, image, label, id, &query->predicted[i]);
        if (fake->stubborn)
            query->predicted[i] = label;
        if (query->logits)
            for (size_t k = 0; k < 2; k++)
                query->logits[2 * i + k] = k == query->predicted[i];
        for (size_t k = 0; query->d_images && k < fake->n_pixels; k++)
            query->d_images[i * fake->n_pixels + k] =
                jitter + slope_of(fake, image, label, id, k);
    }
}

/* the stage ----------------------------------------------------------- */

static void fill_images(size_t n, float *images)
{
    struct rng_stream stream = {8, RNG_SYNTHETIC, 0};
    rng_fill_uniform(stream, 0, n, images);
    for (size_t i = 0; i < n; i++) {
        float number = images[i];
        switch (i * 7 % 11) {
        case 0:
            images[i] = 0;
            break;
        case 1:
            images[i] = 1;
            break;
        case 2:
            images[i] = floorf(256 * number) * 0x1p-33f;
            break;
        case 3:
        case 4:
            break;
        default:
            images[i] = floorf(256 * number) / 255;
        }
    }
}

void stage_open(struct stage *stage, enum fake_shape shape, size_t n,
                size_t n_pixels)
{
    *stage = (struct stage){.arena = arena_open()};
    stage->fake.shape = shape;
    stage->fake.n_pixels = n_pixels;
    stage->victim = (struct victim){.self = &stage->fake,
                                    .shape = {1, n_pixels, 1},
                                    .n_pixels = n_pixels,
                                    .n_classes = 2,
                                    .n_max = n,
                                    .ask = fake_ask};
    stage->clean = ARENA_ARRAY(&stage->arena, float, n * n_pixels);
    stage->labels = ARENA_ARRAY(&stage->arena, uint8_t, n);
    stage->ids = ARENA_ARRAY(&stage->arena, uint32_t, n);
    fill_images(n * n_pixels, stage->clean);
    for (size_t i = 0; i < n; i++) {
        stage->labels[i] = (uint8_t)(i % 2);
        stage->ids[i] = (uint32_t)(3 * i + 5);
    }
    stage->batch = (struct attack_batch){
        .n = n,
        .n_pixels = n_pixels,
        .clean = stage->clean,
        .labels = stage->labels,
        .ids = stage->ids,
        .seed = 42,
        .adversarial = ARENA_ARRAY(&stage->arena, float, n * n_pixels),
        .n_zero_pixels = ARENA_ARRAY(&stage->arena, uint32_t, n),
        .n_forward = ARENA_ARRAY(&stage->arena, uint32_t, n),
        .n_backward = ARENA_ARRAY(&stage->arena, uint32_t, n),
    };
    stage->epsilon = ARENA_ARRAY(&stage->arena, float, n);
    stage->batch.epsilon = stage->epsilon;
}

void stage_open_grey(struct stage *stage, enum fake_shape shape, size_t n,
                     size_t n_pixels)
{
    stage_open(stage, shape, n, n_pixels);
    for (size_t i = 0; i < n * n_pixels; i++)
        stage->clean[i] = 0.375f + (float)(i % 16) / 64;
}

void stage_close(struct stage *stage)
{
    arena_close(&stage->arena);
}

bool stage_near(float value, float expected)
{
    return fabsf(value - expected) < 1e-6f;
}

void stage_find_losses(const struct stage *stage, float *loss)
{
    const struct attack_batch *batch = &stage->batch;
    uint8_t predicted;
    for (size_t i = 0; i < batch->n; i++)
        loss[i] = fake_loss(&stage->fake,
                            batch->adversarial + i * batch->n_pixels,
                            stage->labels[i], stage->ids[i], &predicted);
}

const struct attack *stage_attack(const char *name)
{
    const struct kind *kind = kind_find(&attack_axis, name);
    assert_non_null(kind);
    return attack_of(kind);
}

void stage_set(struct stage *stage, const struct attack *attack, void *params,
               const char *name, const char *value)
{
    const struct row *row = kind_find_row(&attack->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, value, params, &stage->arena), STATUS_OK);
}

void *stage_params(struct stage *stage, const struct attack *attack,
                   const char *name, const char *value)
{
    void *params = kind_defaults(&attack->kind, &stage->arena);
    if (name)
        stage_set(stage, attack, params, name, value);
    return params;
}

/* What the attack leaves unwritten shows. */
static void spoil(struct attack_batch *batch)
{
    for (size_t i = 0; i < batch->n * batch->n_pixels; i++)
        batch->adversarial[i] = -99;
    for (size_t i = 0; i < batch->n; i++)
        batch->n_zero_pixels[i] = UINT32_MAX;
}

void stage_run_part(struct stage *stage, const struct attack *attack,
                    const void *params, float epsilon, size_t first, size_t n)
{
    struct attack_batch part = stage->batch;
    struct arena scratch = arena_open();
    part.n = n;
    part.clean += first * part.n_pixels;
    part.labels += first;
    part.ids += first;
    part.adversarial += first * part.n_pixels;
    part.n_zero_pixels += first;
    part.n_forward += first;
    part.n_backward += first;
    part.epsilon += first;
    for (size_t i = 0; i < n; i++) {
        stage->epsilon[first + i] = epsilon;
        part.n_forward[i] = part.n_backward[i] = 0;
    }
    part.scratch = &scratch;
    spoil(&part);
    stage->fake.n_calls = stage->fake.n_forward = stage->fake.n_backward = 0;
    attack->run(params, &stage->victim, &part);
    stage->n_forward = stage->n_backward = 0;
    for (size_t i = 0; i < n; i++) {
        stage->n_forward += part.n_forward[i];
        stage->n_backward += part.n_backward[i];
    }
    arena_close(&scratch);
}

void stage_run(struct stage *stage, const struct attack *attack,
               const void *params, float epsilon)
{
    stage_run_part(stage, attack, params, epsilon, 0, stage->batch.n);
}
