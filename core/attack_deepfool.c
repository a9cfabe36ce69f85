/* DeepFool: the boundary to each likely class is taken for the plane that the
 * gradient tells, and the image steps onto the nearest of them, until it is
 * over one. With f_k = z_k - z_y and w_k its gradient,
 *
 *     k = argmin |f_k| / ||w_k||,
 *     r <- r + (|f_k| / ||w_k|| + 1e-4) w_k / ||w_k||,
 *     x = clip(x_0 + (1 + overshoot) r).
 *
 * The 1e-4 is that of the authors' code, without which a step may end right on
 * the boundary. The paper knows no box: what clip takes off a step is not in r,
 * so that the next one starts from where the image is. */
#include "core/attack_minimal.h"

#include <math.h>
#include <string.h>

struct deepfool {
    struct attack_common common;
    size_t n_iterations, n_classes;
    double overshoot;
};

struct deepfool_state {
    struct minimal_state minimal;
    double nearest; /* of the planes seen in this iteration */
    double length;  /* of the gradient there, in own[0] */
    bool is_over;
};

static struct deepfool_state *states_of(const struct assault *assault)
{
    return assault->state;
}

static double length_of(size_t n, const float *row)
{
    double squares = 0;
    for (size_t k = 0; k < n; k++)
        squares += (double)row[k] * (double)row[k];
    return sqrt(squares);
}

/* A plane without a gradient, or of no number, is nowhere. */
static void note_plane(struct assault *assault, size_t i)
{
    size_t n = assault->n_pixels;
    struct deepfool_state *state = &states_of(assault)[i];
    const float *gradient = assault->gradient + i * n;
    double length = length_of(n, gradient);
    double distance = fabs(assault->score[i].aimed) / length;
    if (!(length > 0) || !isfinite(length) || !(distance < state->nearest))
        return;
    state->nearest = distance;
    state->length = length;
    memcpy(assault->own[0] + i * n, gradient, n * sizeof *gradient);
}

static void find_planes(struct assault *assault, size_t n_targets)
{
    for (size_t i = 0; i < assault->n; i++)
        states_of(assault)[i].nearest = (double)INFINITY;
    for (size_t k = 0; k < n_targets; k++) {
        assault_aim(assault, OBJECTIVE_MARGIN, k);
        assault->repeats = k > 0;
        assault_query_gradient(assault);
        for (size_t i = 0; i < assault->n; i++)
            note_plane(assault, i);
    }
    assault->repeats = false;
}

/* r is own[1]. */
static void step(struct assault *assault, double overshoot, size_t i)
{
    size_t n = assault->n_pixels;
    const struct deepfool_state *state = &states_of(assault)[i];
    const float *clean = assault->clean + i * n;
    const float *plane = assault->own[0] + i * n;
    float *sum = assault->own[1] + i * n, *image = assault->images + i * n;
    double size = (state->nearest + 1e-4) / state->length;
    for (size_t k = 0; k < n; k++) {
        double whole = (double)sum[k] + size * (double)plane[k];
        double moved = (double)clean[k] + (1 + overshoot) * whole;
        image[k] = (float)fmin(fmax(moved, 0), 1);
        double left = ((double)image[k] - (double)clean[k]) / (1 + overshoot);
        sum[k] = (float)(moved < 0 || moved > 1 ? left : whole);
    }
}

static bool is_over(const struct assault *assault, size_t i)
{
    return !assault->batch->all_stay && states_of(assault)[i].is_over;
}

/* A sample that has nowhere to go stays where it is. */
static void step_all(struct assault *assault, double overshoot)
{
    for (size_t i = 0; i < assault->n; i++)
        if (isfinite(states_of(assault)[i].nearest))
            step(assault, overshoot, i);
        else
            states_of(assault)[i].is_over = true;
    assault_release(assault, is_over);
}

static void deepfool_run(const void *params, const struct victim *victim,
                         struct attack_batch *batch)
{
    const struct deepfool *deepfool = params;
    struct assault assault =
        minimal_open(&attack_deepfool, &deepfool->common, victim, batch);
    size_t n_targets = minimal_count_targets(&assault, deepfool->n_classes - 1);
    for (size_t t = 0; t < deepfool->n_iterations && assault.n > 0; t++) {
        find_planes(&assault, n_targets);
        step_all(&assault, deepfool->overshoot);
        assault_pursue(&assault, OBJECTIVE_MARGIN);
        assault_query(&assault);
        for (size_t i = 0; i < assault.n; i++) {
            minimal_keep_nearer(&attack_deepfool, &assault, i);
            states_of(&assault)[i].is_over = minimal_is_wrong(&assault, i);
        }
        assault_release(&assault, is_over);
    }
}

static const struct row deepfool_rows[] = {
    ATTACK_L2_EPSILON_ROW,
    ATTACK_SAMPLE_ROWS,
    {.name = "n_iterations", .unit = "1",
     .doc = "steps at most, until a sample is misclassified", .type = ROW_COUNT,
     .fallback = "50", .minimum = 1, .maximum = 10000,
     .offset = offsetof(struct deepfool, n_iterations)},
    {.name = "n_classes", .unit = "1",
     .doc = "the label and so many classes but one, those that the clean image's logits rank "
            "next, are looked at; each of these costs a gradient a step",
     .type = ROW_COUNT, .fallback = "10", .minimum = 2, .maximum = 256,
     .offset = offsetof(struct deepfool, n_classes)},
    {.name = "overshoot", .unit = "1", .doc = "by this share the image goes beyond the planes",
     .type = ROW_REAL, .fallback = "0.02", .minimum = 0, .maximum = 100,
     .offset = offsetof(struct deepfool, overshoot)},
};

const struct attack attack_deepfool = {
    .kind = {.name = "deepfool",
             .doc = "DeepFool: steps onto the nearest of the planes that the gradients take for "
                    "the boundaries, until the image is over one; L2; run once, an epsilon counts "
                    "what is no farther",
             .cite = "Moosavi-Dezfooli et al., CVPR 2016 (arXiv 1511.04599), alg. 2; 50 steps, 10 "
                     "classes, overshoot 0.02 as in the authors' code; that pixels are clipped to "
                     "[0, 1] after each step is this program's",
             .rows = deepfool_rows,
             .n_rows = KIND_COUNT(deepfool_rows),
             .params_size = sizeof(struct deepfool),
             .applies = attack_applies},
    .norm = NORM_L2,
    .gradient = true,
    .minimal = true,
    .deterministic = true,
    .state = {.n_images = 2, .n_bytes = sizeof(struct deepfool_state)},
    .run = deepfool_run,
};
