#include "core/optimizer.h"
#include "core/spec.h"

#include <math.h>

/* sgd ----------------------------------------------------------------- */

struct sgd {
    double learning_rate, momentum, weight_decay;
    bool nesterov;
};

static double sgd_learning_rate(const void *params)
{
    return ((const struct sgd *)params)->learning_rate;
}

/* The momentum of the step after this one is there already. */
static void sgd_step_ahead(const struct sgd *sgd, float rate, size_t n,
                           const float *restrict gradient,
                           float *restrict weights, float *restrict state)
{
    float momentum = (float)sgd->momentum, decay = (float)sgd->weight_decay;
    for (size_t i = 0; i < n; i++) {
        float slope = gradient[i] + decay * weights[i];
        float velocity = momentum * state[i] + slope;
        state[i] = velocity;
        weights[i] -= rate * (slope + momentum * velocity);
    }
}

static void sgd_step(const void *params, double learning_rate, size_t i_step,
                     size_t n, const float *restrict gradient,
                     float *restrict weights, float *restrict state)
{
    (void)i_step; /* a velocity of zero makes the first step */
    const struct sgd *sgd = params;
    float rate = (float)learning_rate, momentum = (float)sgd->momentum;
    float decay = (float)sgd->weight_decay;
    if (sgd->nesterov) {
        sgd_step_ahead(sgd, rate, n, gradient, weights, state);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float velocity =
            momentum * state[i] + (gradient[i] + decay * weights[i]);
        state[i] = velocity;
        weights[i] -= rate * velocity;
    }
}

static const char *sgd_applies(const struct spec *spec)
{
    const struct sgd *sgd = spec->at[SPEC_OPTIMIZER].params;
    return sgd->nesterov && !(sgd->momentum > 0)
               ? "without momentum, nesterov changes nothing"
               : NULL;
}

static const struct row sgd_rows[] = {
    {.name = "learning_rate", .unit = "1", .doc = "before the schedule",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.1", .minimum = 1e-08,
     .maximum = 1000, .offset = offsetof(struct sgd, learning_rate)},
    {.name = "momentum", .unit = "1",
     .doc = "what is left of the velocity after a step",
     .type = ROW_REAL, .fallback = "0.9", .minimum = 0, .maximum = 0.9999,
     .offset = offsetof(struct sgd, momentum)},
    {.name = "weight_decay", .unit = "1",
     .doc = "times the weight, added to the gradient of every parameter",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.0005", .minimum = 0,
     .maximum = 1, .offset = offsetof(struct sgd, weight_decay)},
    {.name = "nesterov", .unit = "1",
     .doc = "step by gradient + momentum velocity instead of the velocity",
     .type = ROW_FLAG, .fallback = "false", .later = true,
     .offset = offsetof(struct sgd, nesterov)},
};

static const struct optimizer sgd = {
    .kind = {.name = "sgd",
             .doc = "gradient descent with momentum and weight decay, as "
                    "PyTorch's SGD",
             .cite = "Sutskever et al., ICML 2013, with the rate applied to "
                     "the velocity",
             .rows = sgd_rows,
             .n_rows = KIND_COUNT(sgd_rows),
             .params_size = sizeof(struct sgd),
             .applies = sgd_applies},
    .n_slots = 1,
    .learning_rate = sgd_learning_rate,
    .step = sgd_step,
};

/* adam, adamw --------------------------------------------------------- */

struct adam {
    double learning_rate, beta_1, beta_2, epsilon, weight_decay;
};

static double adam_learning_rate(const void *params)
{
    return ((const struct adam *)params)->learning_rate;
}

/* What decays the weights comes with the gradient (`coupled`) or is `kept`, the
 * share of the weight that is left. State: mean of gradients, then of their
 * squares. */
static void adam_move(const struct adam *adam, double learning_rate,
                      size_t i_step, size_t n, float coupled, float kept,
                      const float *restrict gradient, float *restrict weights,
                      float *restrict state)
{
    float *restrict first = state, *restrict second = state + n;
    double t = (double)i_step + 1;
    float beta_1 = (float)adam->beta_1, rest_1 = (float)(1 - adam->beta_1);
    float beta_2 = (float)adam->beta_2, rest_2 = (float)(1 - adam->beta_2);
    float rate = (float)(learning_rate / (1 - pow(adam->beta_1, t)));
    float unbias = (float)(1 / sqrt(1 - pow(adam->beta_2, t)));
    float epsilon = (float)adam->epsilon;
    for (size_t i = 0; i < n; i++) {
        float slope = gradient[i] + coupled * weights[i];
        first[i] = beta_1 * first[i] + rest_1 * slope;
        second[i] = beta_2 * second[i] + rest_2 * (slope * slope);
        weights[i] = kept * weights[i] -
                     rate * first[i] / (sqrtf(second[i]) * unbias + epsilon);
    }
}

static void adam_step(const void *params, double learning_rate, size_t i_step,
                      size_t n, const float *restrict gradient,
                      float *restrict weights, float *restrict state)
{
    const struct adam *adam = params;
    adam_move(adam, learning_rate, i_step, n, (float)adam->weight_decay, 1.0f,
              gradient, weights, state);
}

static void adamw_step(const void *params, double learning_rate, size_t i_step,
                       size_t n, const float *restrict gradient,
                       float *restrict weights, float *restrict state)
{
    const struct adam *adam = params;
    float kept = (float)(1 - learning_rate * adam->weight_decay);
    adam_move(adam, learning_rate, i_step, n, 0.0f, kept, gradient, weights,
              state);
}

#define ADAM_ROWS                                                              \
    {.name = "learning_rate", .unit = "1", .doc = "before the schedule",       \
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.001",                \
     .minimum = 1e-08, .maximum = 1000,                                        \
     .offset = offsetof(struct adam, learning_rate)},                          \
    {.name = "beta_1", .unit = "1",                                            \
     .doc = "what is left of the mean of gradients after a step",              \
     .type = ROW_REAL, .fallback = "0.9", .minimum = 0, .maximum = 0.9999,     \
     .offset = offsetof(struct adam, beta_1)},                                 \
    {.name = "beta_2", .unit = "1",                                            \
     .doc = "what is left of the mean of their squares after a step",          \
     .type = ROW_REAL, .fallback = "0.999", .minimum = 0,                      \
     .maximum = 0.999999, .offset = offsetof(struct adam, beta_2)},            \
    {.name = "epsilon", .unit = "1",                                           \
     .doc = "added to the root of the mean of squares",                        \
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1e-08",                \
     .minimum = 1e-12, .maximum = 1, .offset = offsetof(struct adam, epsilon)}

static const struct row adam_rows[] = {
    ADAM_ROWS,
    {.name = "weight_decay", .unit = "1",
     .doc = "times the weight, added to the gradient of every parameter",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0", .minimum = 0,
     .maximum = 1, .offset = offsetof(struct adam, weight_decay)},
};

static const struct optimizer adam = {
    .kind = {.name = "adam",
             .doc = "steps by the mean of gradients over the root of the mean "
                    "of their squares, as PyTorch's Adam",
             .cite = "Kingma and Ba, ICLR 2015 (arXiv 1412.6980), algorithm 1",
             .rows = adam_rows,
             .n_rows = KIND_COUNT(adam_rows),
             .params_size = sizeof(struct adam)},
    .n_slots = 2,
    .learning_rate = adam_learning_rate,
    .step = adam_step,
};

static const struct row adamw_rows[] = {
    ADAM_ROWS,
    {.name = "weight_decay", .unit = "1",
     .doc = "times the learning rate and the weight, taken off every parameter",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.01", .minimum = 0,
     .maximum = 1, .offset = offsetof(struct adam, weight_decay)},
};

static const struct optimizer adamw = {
    .kind = {.name = "adamw",
             .doc = "adam whose weight decay does not go through the means, as "
                    "PyTorch's AdamW",
             .cite = "Loshchilov and Hutter, ICLR 2019 (arXiv 1711.05101), "
                     "algorithm 2, its decay times the learning rate",
             .rows = adamw_rows,
             .n_rows = KIND_COUNT(adamw_rows),
             .params_size = sizeof(struct adam)},
    .n_slots = 2,
    .learning_rate = adam_learning_rate,
    .step = adamw_step,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&sgd.kind, &adam.kind, &adamw.kind};

const struct axis optimizer_axis = {.name = "optimizer",
                                    .doc = "from gradients to new weights",
                                    .kinds = kinds,
                                    .n_kinds = KIND_COUNT(kinds),
                                    .fallback = "sgd"};

const struct optimizer *optimizer_of(const struct kind *kind)
{
    return (const struct optimizer *)kind;
}
