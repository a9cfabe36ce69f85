/* The surrogate psg: its width is learned. */
#include "core/surrogate_parts.h"

enum psg_shape { PSG_TRIANGULAR, PSG_SIGMOID, PSG_ATAN, PSG_GAUSSIAN };

struct psg {
    int shape; /* enum psg_shape */
    double width;
};

/* A shape with the one parameter that its kind has. */
struct shape {
    const struct surrogate *surrogate;
    double parameter;
};

/* Of width 1 each is what its kind is by default. */
static struct shape shape_of(const struct psg *psg)
{
    switch (psg->shape) {
    case PSG_SIGMOID:
        return (struct shape){&surrogate_sigmoid, 4.0 / psg->width};
    case PSG_ATAN:
        return (struct shape){&surrogate_atan, 2.0 / psg->width};
    case PSG_GAUSSIAN:
        return (struct shape){&surrogate_gaussian, 0.5 * psg->width};
    default:
        return (struct shape){&surrogate_triangular, psg->width};
    }
}

static void psg_derivative(const void *params, size_t n, const float *x,
                           float *y)
{
    struct shape shape = shape_of(params);
    shape.surrogate->derivative(&shape.parameter, n, x, y);
}

static double psg_primitive(const void *params, double x)
{
    struct shape shape = shape_of(params);
    return shape.surrogate->primitive(&shape.parameter, x);
}

static double psg_half_width(const void *params)
{
    struct shape shape = shape_of(params);
    return shape.surrogate->half_width(&shape.parameter);
}

/* Bounded, so that a width that runs away stays a number. */
static void psg_fit(const void *params, const struct surrogate_layer *layer,
                    float *inverse, float *center)
{
    (void)params;
    double bounded = fmin(fmax(layer->log_width, -6.0), 6.0);
    for (size_t i = 0; i < layer->n_steps * layer->n_channels; i++) {
        inverse[i] = (float)exp(-bounded);
        center[i] = 0.0f;
    }
}

static const char *const shape_names[] = {
    [PSG_TRIANGULAR] = "triangular", [PSG_SIGMOID] = "sigmoid",
    [PSG_ATAN] = "atan", [PSG_GAUSSIAN] = "gaussian", NULL};

static const struct row psg_rows[] = {
    {.name = "shape", .unit = "1",
     .doc = "what is scaled: at width 1 that kind with its defaults",
     .type = ROW_CHOICE, .fallback = "triangular", .choices = shape_names,
     .offset = offsetof(struct psg, shape)},
    SURROGATE_ROW(psg, width, "its width at first", "1"),
};

const struct surrogate surrogate_psg = {
    .kind = {.name = "psg",
             .doc = "a shape whose width is learned for each layer: g(x/w) in the place of the "
                    "spike gives dL/dln w = -sum dL/ds x g'(x), dL/ds by the layers that the "
                    "spike goes to, not by the neuron's own later steps; ln w is trained like a "
                    "weight (a reconstruction: the paper's formulas are not known)",
             .cite = "Wang, Cheng and Lim, Neurocomputing 620 (2025, arXiv "
                     "2304.13289), parametric surrogate gradient",
             .rows = psg_rows,
             .n_rows = KIND_COUNT(psg_rows),
             .params_size = sizeof(struct psg)},
    .derivative = psg_derivative,
    .primitive = psg_primitive,
    .half_width = psg_half_width,
    .area = surrogate_unit_area,
    .fit = psg_fit,
    .learns_width = true,
};
