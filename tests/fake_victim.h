/*
 * A victim for attacks in plain code, and the stage that it stands on: images,
 * labels, ids, and everything that an attack's batch needs.
 */
#ifndef TESTS_FAKE_VICTIM_H
#define TESTS_FAKE_VICTIM_H

#include "core/attack.h"

enum fake_shape {
    FAKE_LINEAR, /* two classes by the sign of a weighted sum of pixels; every
                    seventh weight is 0; loss: cross-entropy */
    FAKE_BOWL,   /* loss: minus the squared distance from a target image that
                    depends on the id; wrong within a certain distance */
    FAKE_TRAP,   /* loss: the sum of the pixels; wrong only where the first
                    pixel is between trap_from and trap_to */
    FAKE_BROKEN  /* everything is NaN, all is wrong */
};

enum { FAKE_LOG_MAX = 256 };

struct fake_victim {
    enum fake_shape shape;
    size_t n_pixels;
    float jitter; /* added to every gradient in even draws, subtracted in odd
                     ones; the victim is random if it is not 0 */
    float trap_from, trap_to;
    bool stubborn; /* predicts the label whatever it is asked: no sample leaves
                      an attack before its end */
    /* What was asked: samples forward and backward, calls with their draws
     * and the first image's first pixel. */
    size_t n_forward, n_backward, n_calls;
    uint32_t draw[FAKE_LOG_MAX];
    bool repeats[FAKE_LOG_MAX];
    size_t n_forgotten[FAKE_LOG_MAX]; /* samples that began anew before it */
    size_t n_new; /* since the last call */
    float first_pixel[FAKE_LOG_MAX];
};

struct stage {
    struct arena arena;
    struct fake_victim fake;
    struct victim victim;
    struct attack_batch batch;
    float *clean;
    uint8_t *labels;
    uint32_t *ids;
    float *epsilon;
    size_t n_forward, n_backward; /* of the last run, as the attack counts */
};

/* n images of n_pixels each: black, white, grey levels of a byte, numbers that
 * are no level, and very small ones. */
void stage_open(struct stage *stage, enum fake_shape shape, size_t n,
                size_t n_pixels);
/* Images of mid grey, whose ball does not reach the box. */
void stage_open_grey(struct stage *stage, enum fake_shape shape, size_t n,
                     size_t n_pixels);
void stage_close(struct stage *stage);

/* The victim's own loss and prediction for one image. */
float fake_loss(const struct fake_victim *fake, const float *image,
                uint8_t label, uint32_t id, uint8_t *predicted);

/* The victim's losses for the adversarial images, [n]. */
void stage_find_losses(const struct stage *stage, float *loss);

/* Equal but for a few roundings. */
bool stage_near(float value, float expected);

/* The attack of that name with its defaults, but for one parameter; `name`
 * may be NULL. */
void *stage_params(struct stage *stage, const struct attack *attack,
                   const char *name, const char *value);
void stage_set(struct stage *stage, const struct attack *attack, void *params,
               const char *name, const char *value);
const struct attack *stage_attack(const char *name);

/* Runs it on the whole batch, or on n samples from the first on; what was
 * asked is counted anew. */
void stage_run(struct stage *stage, const struct attack *attack,
               const void *params, float epsilon);
void stage_run_part(struct stage *stage, const struct attack *attack,
                    const void *params, float epsilon, size_t first, size_t n);

#endif
