/* Regularizers that compare passes through the network. */
#include "core/adversary.h"
#include "core/regularizer_parts.h"

/* gradient_sparsity --------------------------------------------------- */

struct gradient_sparsity {
    double weight, step;
};

static double gradient_sparsity_weight(const void *params, double progress)
{
    (void)progress;
    return ((const struct gradient_sparsity *)params)->weight;
}

static double gradient_sparsity_probe(const void *params)
{
    return ((const struct gradient_sparsity *)params)->step;
}

static const struct row gradient_sparsity_rows[] = {
    {.name = "weight", .unit = "1",
     .doc = "lambda, its weight in the loss; the paper's values are not known here",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.01", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct gradient_sparsity, weight)},
    {.name = "step", .unit = "1",
     .doc = "h, how far the second pass is from the first, in pixels from 0 to 1; it is not "
            "clipped there",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.01",
     .minimum = 1e-5, .maximum = 1,
     .offset = offsetof(struct gradient_sparsity, step)},
};

const struct regularizer regularizer_gradient_sparsity = {
    .kind = {.name = "gradient_sparsity",
             .doc = "sparse gradients (SR): mean of ((f(x + h v) - f(x)) / h)^2, f the label's "
                    "softmax share against the runner-up at x alone, v the sign of its gradient "
                    "by x, through the batch's statistics. Both passes are normalized by their "
                    "own batch and seen by the running averages; they have the same random "
                    "numbers, which in the authors' code they have not. x is what is learned, "
                    "clean images if both are",
             .cite = "Liu et al., ICML 2024 (Sparse Gradients), as in their code: about the "
                     "square of the gradient's l1 norm",
             .rows = gradient_sparsity_rows,
             .n_rows = KIND_COUNT(gradient_sparsity_rows),
             .params_size = sizeof(struct gradient_sparsity)},
    .weight = gradient_sparsity_weight,
    .probe = gradient_sparsity_probe,
};

/* perturbation -------------------------------------------------------- */

enum { MEASURE_SQUARE, MEASURE_ABSOLUTE };

static const char *const measures[] = {[MEASURE_SQUARE] = "square",
                                       [MEASURE_ABSOLUTE] = "absolute", NULL};

struct perturbation {
    double weight, leak;
    int measure;
    bool hold_clean;
};

static double perturbation_weight(const void *params, double progress)
{
    (void)progress;
    return ((const struct perturbation *)params)->weight;
}

static bool perturbation_holds(const void *params)
{
    return ((const struct perturbation *)params)->hold_clean;
}

/* e of all steps, in the place of the perturbed currents. */
static void run_dynamics(const struct current_pair *currents, size_t image,
                         float leak)
{
    size_t n = currents->n;
    for (size_t t = 0; t < currents->n_steps; t++) {
        size_t at = (image * currents->n_steps + t) * n;
        const float *restrict clean = currents->clean + at;
        float *restrict e = currents->perturbed + at;
        for (size_t i = 0; i < n; i++)
            e[i] = clean[i] - e[i];
        for (size_t i = 0; t > 0 && i < n; i++)
            e[i] += leak * currents->perturbed[at - n + i];
    }
}

/* The sum of e^2 or |e| over n entries; factor times its derivative in the
 * place of e. */
static double measure(int how, size_t n, float factor, float *e)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        float size = fabsf(e[i]);
        bool square = how == MEASURE_SQUARE;
        sum += square ? (double)size * (double)size : (double)size;
        if (square)
            e[i] = factor * 2.0f * e[i];
        else
            e[i] = e[i] == 0.0f ? 0.0f : copysignf(factor, e[i]);
    }
    return sum;
}

/* From the gradient by e to that by the perturbed currents. */
static void return_dynamics(const struct current_pair *currents, size_t image,
                            float leak)
{
    size_t n = currents->n, n_steps = currents->n_steps;
    float *d = currents->perturbed + image * n_steps * n;
    for (size_t t = n_steps - 1; t-- > 0;)
        for (size_t i = 0; i < n; i++)
            d[t * n + i] += leak * d[(t + 1) * n + i];
    for (size_t i = 0; i < n_steps * n; i++)
        d[i] = -d[i];
}

static double perturbation_drift(const void *params, double factor,
                                 const struct current_pair *currents)
{
    const struct perturbation *perturbation = params;
    float leak = (float)perturbation->leak;
    size_t n_image = currents->n_steps * currents->n;
    double share = 1.0 / (double)(currents->n_images * n_image), sum = 0.0;
    for (size_t b = 0; b < currents->n_images; b++) {
        run_dynamics(currents, b, leak);
        sum += measure(perturbation->measure, n_image,
                       (float)(factor * share),
                       currents->perturbed + b * n_image);
        return_dynamics(currents, b, leak);
    }
    return share * sum;
}

static const char *perturbation_applies(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_ADVERSARY];
    return adversary_of(choice->kind)->mix
               ? NULL
               : "needs an adversary: without one no image is perturbed";
}

static const struct row perturbation_rows[] = {
    {.name = "weight", .unit = "1", .doc = "alpha, its weight in the loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct perturbation, weight)},
    {.name = "leak", .unit = "1",
     .doc = "of e from step to step; the authors take the neurons' 0.99",
     .type = ROW_REAL, .fallback = "0.99", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct perturbation, leak)},
    {.name = "measure", .unit = "1",
     .doc = "the mean of e^2 (MPPD) or of |e| (MPPD-TV-l1)",
     .type = ROW_CHOICE, .fallback = "square", .choices = measures,
     .offset = offsetof(struct perturbation, measure)},
    {.name = "hold_clean", .unit = "1",
     .doc = "no gradient goes through the clean images' currents, as in the authors' code",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct perturbation, hold_clean)},
};

const struct regularizer regularizer_perturbation = {
    .kind = {.name = "perturbation",
             .doc = "how far the adversary moves the last layer's membranes: mean over images, "
                    "neurons and steps of e^2 or |e|, e[t] = leak e[t-1] + (clean - "
                    "perturbed)[t] of the normalized currents into the last spiking layer. The "
                    "losses of both are the adversary's to weigh (clean_share)",
             .cite = "Ding et al., ICML 2024 (DLIF, MPPD), as in their code; |e|: its successor "
                     "MPPD-TV-l1, from a reading note",
             .rows = perturbation_rows,
             .n_rows = KIND_COUNT(perturbation_rows),
             .params_size = sizeof(struct perturbation),
             .applies = perturbation_applies},
    .weight = perturbation_weight,
    .drift = perturbation_drift,
    .holds = perturbation_holds,
};
