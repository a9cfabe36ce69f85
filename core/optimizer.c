#include "core/optimizer.h"

/* sgd ----------------------------------------------------------------- */

struct sgd {
    double learning_rate, momentum, weight_decay;
};

static double sgd_learning_rate(const void *params)
{
    return ((const struct sgd *)params)->learning_rate;
}

static void sgd_step(const void *params, double learning_rate, size_t i_step,
                     size_t n, const float *restrict gradient,
                     float *restrict weights, float *restrict state)
{
    (void)i_step; /* a velocity of zero makes the first step */
    const struct sgd *sgd = params;
    float rate = (float)learning_rate, momentum = (float)sgd->momentum;
    float decay = (float)sgd->weight_decay;
    for (size_t i = 0; i < n; i++) {
        float velocity =
            momentum * state[i] + (gradient[i] + decay * weights[i]);
        state[i] = velocity;
        weights[i] -= rate * velocity;
    }
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
};

static const struct optimizer sgd = {
    .kind = {.name = "sgd",
             .doc = "gradient descent with momentum and weight decay, as "
                    "PyTorch's SGD",
             .cite = "Sutskever et al., ICML 2013, with the rate applied to "
                     "the velocity",
             .rows = sgd_rows,
             .n_rows = KIND_COUNT(sgd_rows),
             .params_size = sizeof(struct sgd)},
    .n_slots = 1,
    .learning_rate = sgd_learning_rate,
    .step = sgd_step,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&sgd.kind};

const struct axis optimizer_axis = {"optimizer",
                                    "from gradients to new weights", kinds,
                                    KIND_COUNT(kinds), "sgd"};

const struct optimizer *optimizer_of(const struct kind *kind)
{
    return (const struct optimizer *)kind;
}
