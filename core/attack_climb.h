/*
 * What attacks share that follow a gradient step by step: where they start,
 * whom they ask, towards which classes they go, and when samples leave. They
 * differ in their ball and in how a step is made of gradients. Private to
 * core/attack*.c.
 *
 * The clean image is the first iterate of all of them: an image that is
 * misclassified as it is has to stay so, and the share of zeros in its gradient
 * is the alarm for masked gradients. One full step from it is a candidate of
 * all iterative ones, too: of a loss with many small summits small steps may
 * miss what one large step finds, and an iterative attack that is weaker than
 * that says nothing.
 */
#ifndef CORE_ATTACK_CLIMB_H
#define CORE_ATTACK_CLIMB_H

#include "core/attack_parts.h"
#include "core/rng.h"

struct climb;

/* From the stream to a start in the ball, of one image of n pixels. */
typedef void climb_start(struct rng_stream stream, size_t n, float epsilon,
                         const float *restrict clean, float *restrict image);

/* images <- within the ball, a step along `direction`; n entries. */
typedef void climb_step(size_t n, float epsilon, float step,
                        const float *restrict clean,
                        const float *restrict direction,
                        float *restrict images);

/* The i-th step of a climb from 0 on, of all samples: from the iterates, whose
 * gradients and scores are known, to the next. What is kept from step to step
 * is the attack's state, and begins anew at i = 0. */
typedef void climb_move(struct assault *assault, const struct climb *climb,
                        size_t i);

struct climb {
    const struct attack *attack;
    const struct attack_guided *guided;
    size_t n_steps, n_restarts;
    double step;         /* 0: step_share of epsilon */
    double step_share;
    bool random_start;   /* of the first; all others are */
    bool no_full_step;   /* no candidate besides the climb */
    bool start_is_asked; /* `move` needs the score of a clean start, too */
    climb_start *start;  /* NULL: uniform in the L-infinity ball */
    climb_step *full;    /* NULL: ball_step */
    climb_move *move;    /* NULL: a step of `full` along the gradient */
};

void climb_run(const struct climb *climb, const struct victim *victim,
               struct attack_batch *batch);

/* The size of a step in the ball of that epsilon. */
float climb_step_of(const struct climb *climb, float epsilon);

/* Whether the step size of a climb of n steps is to be looked at after k of
 * them: first after 22 % of all, then at intervals that shrink by 3 % down to
 * 6 %, rounded up (arXiv 2003.01690, sec. 3.1). If so, *since is the number of
 * steps since the last time. */
bool climb_is_checkpoint(size_t n, size_t k, size_t *since);

/* Parameters that iterative attacks begin with. */
struct iterative {
    struct attack_guided guided;
    size_t n_steps;
    double step;
};

#define ITERATIVE_COUNT_ROW(default_count)                                     \
    {.name = "n_steps", .unit = "1", .doc = "gradient steps",                  \
     .type = ROW_COUNT, .fallback = default_count, .minimum = 1,               \
     .maximum = 100000, .offset = offsetof(struct iterative, n_steps)}

#define ITERATIVE_STEP_ROW(words, largest)                                     \
    {.name = "step", .unit = "1",                                              \
     .doc = "size of a step, " words "; 0: 2.5 epsilon / n_steps",             \
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = largest,      \
     .offset = offsetof(struct iterative, step)}

#define ITERATIVE_ROWS(default_count)                                          \
    ATTACK_PIXEL_ROWS, ITERATIVE_COUNT_ROW(default_count),                     \
        ITERATIVE_STEP_ROW("in pixels from 0 to 1", 1), ATTACK_GUIDED_ROWS

/* Parameters of those that start again. */
struct restarted {
    struct iterative iterative;
    bool random_start;
    size_t n_restarts;
};

#define RESTART_ROWS                                                           \
    {.name = "random_start", .unit = "1",                                      \
     .doc = "start the first climb anywhere in the ball instead of at the "    \
            "clean image; restarts always do",                                 \
     .type = ROW_FLAG, .fallback = "true",                                     \
     .offset = offsetof(struct restarted, random_start)},                      \
    {.name = "n_restarts", .unit = "1",                                        \
     .doc = "climbs in all, of which the best is kept", .type = ROW_COUNT,     \
     .fallback = "1", .minimum = 1, .maximum = 10000,                          \
     .offset = offsetof(struct restarted, n_restarts)}

struct climb climb_of(const struct attack *attack,
                      const struct iterative *iterative);
struct climb climb_of_restarted(const struct attack *attack,
                                const struct restarted *restarted);

#endif
