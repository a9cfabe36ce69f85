/* Surrogates whose sharpness follows each neuron of each sample over an
 * attack's queries; of attacks only. */
#include "core/surrogate_parts.h"

/* assg ---------------------------------------------------------------- */

enum assg_shape {
    ASSG_ATAN,
    ASSG_RECTANGULAR,
    ASSG_SIGMOID,
    ASSG_GAUSSIAN,
    ASSG_TRIANGULAR
};

struct assg {
    int shape; /* enum assg_shape */
    double vanishing, omega, relax, beta_mean, beta_spread;
};

/* h, of sharpness 1: the paper's shapes at alpha = 1. */
static const struct {
    const struct surrogate *surrogate;
    struct surrogate_slope params;
} shapes[] = {[ASSG_ATAN] = {&surrogate_atan, {1}},
              [ASSG_RECTANGULAR] = {&surrogate_rectangular, {2}},
              [ASSG_SIGMOID] = {&surrogate_sigmoid, {1}},
              [ASSG_GAUSSIAN] = {&surrogate_gaussian, {1}},
              [ASSG_TRIANGULAR] = {&surrogate_triangular, {1}}};

static int shape_of(const void *params)
{
    return ((const struct assg *)params)->shape;
}

static void assg_derivative(const void *params, size_t n, const float *x,
                            float *y)
{
    int i = shape_of(params);
    shapes[i].surrogate->derivative(&shapes[i].params, n, x, y);
}

static double assg_primitive(const void *params, double x)
{
    int i = shape_of(params);
    return shapes[i].surrogate->primitive(&shapes[i].params, x);
}

static double assg_half_width(const void *params)
{
    int i = shape_of(params);
    return shapes[i].surrogate->half_width(&shapes[i].params);
}

/* G is concave for |x|, so that E G(alpha |x|) <= G(alpha E |x|), which is A
 * where alpha E |x| is omega = G^-1(A). */
static struct surrogate_adaptation assg_adapt(const void *params)
{
    const struct assg *assg = params;
    int i = shape_of(params);
    double omega = assg->omega;
    if (omega == 0)
        omega = surrogate_holding_width(shapes[i].surrogate, &shapes[i].params,
                                        assg->vanishing);
    return (struct surrogate_adaptation){.omega = (float)omega,
                                         .relax = (float)assg->relax,
                                         .beta_mean = (float)assg->beta_mean,
                                         .beta_spread =
                                             (float)assg->beta_spread};
}

static const char *const shape_names[] = {
    [ASSG_ATAN] = "atan",         [ASSG_RECTANGULAR] = "rectangular",
    [ASSG_SIGMOID] = "sigmoid",   [ASSG_GAUSSIAN] = "gaussian",
    [ASSG_TRIANGULAR] = "triangular", NULL};

static const struct row assg_rows[] = {
    {.name = "shape", .unit = "1",
     .doc = "h: atan 1/(2 (1 + (pi x/2)^2)), rectangular 1/2 where |x| < 1, the logistic density, "
            "the normal density, triangular max(0, 1 - |x|)",
     .type = ROW_CHOICE, .fallback = "atan", .choices = shape_names,
     .offset = offsetof(struct assg, shape)},
    {.name = "vanishing", .unit = "1",
     .doc = "A: the share of h's area within [-alpha |x|, alpha |x|] that is to be expected at "
            "most; the authors search for it from 0.6 to 0.98",
     .type = ROW_REAL, .fallback = "0.8", .minimum = 0.01, .maximum = 0.999,
     .offset = offsetof(struct assg, vanishing)},
    {.name = "omega", .unit = "1",
     .doc = "alpha (M + relax D); 0: that of A, which is 2 tan(pi A/2)/pi of atan; the authors' "
            "code takes 0.8 for all other shapes",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct assg, omega)},
    {.name = "relax", .unit = "1", .doc = "weight of the spread D beside the mean M",
     .type = ROW_REAL, .fallback = "1.5", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct assg, relax)},
    {.name = "beta_mean", .unit = "1", .doc = "beta_1: what stays of M from query to query",
     .type = ROW_REAL, .fallback = "0.9", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct assg, beta_mean)},
    {.name = "beta_spread", .unit = "1", .doc = "beta_2: likewise of D", .type = ROW_REAL,
     .fallback = "0.9", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct assg, beta_spread)},
};

const struct surrogate surrogate_assg = {
    .kind = {.name = "assg",
             .doc = "adaptive sharpness: g'(x) = alpha h(alpha x), alpha = omega/(M + relax D + "
                    "1e-4) of each neuron, step and sample; M <- beta_1 M + (1 - beta_1) |x|, then "
                    "D <- beta_2 D + (1 - beta_2) ||x| - M|, in each query for a gradient; M = 1 "
                    "and D = 0 at each start; of several draws the first counts",
             .cite = "ASSG: Wang et al., CVPR 2026 (arXiv 2512.22522), and its code, where each "
                     "pass forward counts",
             .rows = assg_rows,
             .n_rows = KIND_COUNT(assg_rows),
             .params_size = sizeof(struct assg)},
    .derivative = assg_derivative,
    .primitive = assg_primitive,
    .half_width = assg_half_width,
    .area = surrogate_unit_area,
    .adapt = assg_adapt,
};
