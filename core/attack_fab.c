/* The fast adaptive boundary attack of smallest L-infinity size, towards one
 * class after the other. With f = z_t - z_y, w its gradient at x and the plane
 * P = {p: f + w (p - x) = 0}, both x and the clean x_0 go onto P within the box
 * and a little beyond, and the next x is between, nearer x_0 the nearer x
 * already is to P:
 *
 *     alpha = min(d(x) / (d(x) + d(x_0)), alpha_max)
 *     x <- clip((1 - alpha) (x + eta d) + alpha (x_0 + eta d_0)),
 *
 * d the way onto P, d(x) its size. An x that is misclassified is drawn back:
 * x <- x_0 + beta (x - x_0). */
#include "core/attack_minimal.h"
#include "core/rng.h"

#include <math.h>
#include <string.h>

/* A rehearsal takes so many steps. */
enum { N_REHEARSED = 20 };

struct fab {
    struct attack_common common;
    size_t n_targets, n_restarts, n_iterations;
    double alpha_max, eta, beta;
};

/* the way onto a plane ---------------------------------------------------- */

/* Every pixel goes by `size` along sense * sign(w), or as far as the box lets
 * it: of all ways within the box no largest change is smaller. */
struct way {
    double size, sense;
};

/* What is no number is no slope. */
static double weight_at(float slope)
{
    return isfinite(slope) ? (double)slope : 0;
}

static double room_at(double weight, double sense, float pixel)
{
    return weight * sense > 0 ? 1 - (double)pixel : (double)pixel;
}

/* What a way of that size adds to w x, and how much more an even longer one
 * would. */
static double rise_of(struct way way, size_t n, const float *slope,
                      const float *image, double *steepness)
{
    double rise = 0;
    *steepness = 0;
    for (size_t k = 0; k < n; k++) {
        double weight = weight_at(slope[k]);
        double room = room_at(weight, way.sense, image[k]);
        rise += fabs(weight) * fmin(way.size, room);
        *steepness += room > way.size ? fabs(weight) : 0;
    }
    return rise;
}

/* The rise is piecewise linear and concave, so that Newton's steps come from
 * below, end on the piece of the root, and from there exactly on it; roundings
 * may make one more. Out of reach: as far as the box goes. */
static struct way find_way(size_t n, const float *slope, const float *image,
                           double change)
{
    struct way way = {0, change < 0 ? -1 : 1};
    for (size_t i = 0; i <= n; i++) {
        double steepness;
        double lack = fabs(change) -
                      rise_of(way, n, slope, image, &steepness);
        if (!(lack > 1e-15 * fabs(change)) || !(steepness > 0))
            break;
        way.size += lack / steepness;
    }
    way.size = fmin(way.size, 1);
    return way;
}

static double moved_at(struct way way, float slope, float pixel)
{
    double weight = weight_at(slope);
    double room = room_at(weight, way.sense, pixel);
    double length = fmin(way.size, room);
    return weight == 0 ? 0 : weight * way.sense > 0 ? length : -length;
}

/* a step ------------------------------------------------------------------ */

static double rise_between(size_t n, const float *slope, const float *from,
                           const float *to)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += weight_at(slope[k]) * ((double)to[k] - (double)from[k]);
    return sum;
}

/* The size of a way is that of its longest pixel, be there one that the box
 * does not stop or not. */
static double longest_of(struct way way, size_t n, const float *slope,
                         const float *image)
{
    double longest = 1e-8;
    for (size_t k = 0; k < n; k++)
        longest = fmax(longest, fabs(moved_at(way, slope[k], image[k])));
    return longest;
}

static void step(struct assault *assault, const struct fab *fab, size_t i)
{
    size_t n = assault->n_pixels;
    const float *slope = assault->gradient + i * n;
    const float *clean = assault->clean + i * n;
    float *image = assault->images + i * n;
    double lack = -assault->score[i].aimed;
    if (!isfinite(lack))
        return;
    double clean_lack = lack + rise_between(n, slope, clean, image);
    struct way way = find_way(n, slope, image, lack);
    struct way clean_way = find_way(n, slope, clean, clean_lack);
    double size = longest_of(way, n, slope, image);
    double clean_size = longest_of(clean_way, n, slope, clean);
    double alpha = fmin(size / (size + clean_size), fab->alpha_max);
    for (size_t k = 0; k < n; k++) {
        double here = (double)image[k] +
                      fab->eta * moved_at(way, slope[k], image[k]);
        double there = (double)clean[k] +
                       fab->eta * moved_at(clean_way, slope[k], clean[k]);
        double mixed = (1 - alpha) * here + alpha * there;
        image[k] = (float)fmin(fmax(mixed, 0), 1);
    }
}

static void draw_back(struct assault *assault, double beta, size_t i)
{
    size_t n = assault->n_pixels;
    const float *clean = assault->clean + i * n;
    float *image = assault->images + i * n;
    for (size_t k = 0; k < n; k++) {
        double way = (double)image[k] - (double)clean[k];
        image[k] = (float)((double)clean[k] + beta * way);
    }
}

static void step_all(struct assault *assault, const struct fab *fab)
{
    assault_query_gradient(assault);
    for (size_t i = 0; i < assault->n; i++)
        step(assault, fab, i);
    assault_query(assault);
    for (size_t i = 0; i < assault->n; i++) {
        minimal_keep_nearer(&attack_fab, assault, i);
        if (minimal_is_wrong(assault, i))
            draw_back(assault, fab->beta, i);
    }
}

/* all of it --------------------------------------------------------------- */

/* Uniform, half as far at most as what was found, or as epsilon. */
static void start_randomly(struct assault *assault, size_t i, size_t i_start)
{
    size_t n = assault->n_pixels;
    float *image = assault->images + i * n;
    const float *clean = assault->clean + i * n;
    struct rng_stream stream = {assault->batch->seed, RNG_ATTACK_START,
                                rng_lane(assault->ids[i], i_start)};
    const struct minimal_state *states = assault->state;
    double radius = 0.5 * states[i].distance, longest = 0;
    rng_fill_uniform(stream, 0, n, image);
    for (size_t k = 0; k < n; k++) {
        double size = fabs(2 * (double)image[k] - 1);
        longest = size > longest ? size : longest;
    }
    for (size_t k = 0; k < n; k++) {
        double off = (2 * (double)image[k] - 1) / longest;
        double moved = (double)clean[k] + radius * off;
        image[k] = (float)fmin(fmax(moved, 0), 1);
    }
}

/* The first start towards each class is the clean image. */
static void start(struct assault *assault, size_t i_target, size_t n_restarts,
                  size_t i_restart)
{
    size_t n = assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++)
        if (i_restart == 0)
            memcpy(assault->images + i * n, assault->clean + i * n,
                   n * sizeof *assault->images);
        else
            start_randomly(assault, i, i_target * n_restarts + i_restart);
}

static void fab_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    const struct fab *fab = params;
    struct assault assault =
        minimal_open(&attack_fab, &fab->common, victim, batch);
    size_t n_targets = minimal_count_targets(&assault, fab->n_targets);
    size_t n_starts = n_targets * fab->n_restarts;
    size_t n_steps = n_starts * fab->n_iterations;
    if (batch->all_stay && n_steps > N_REHEARSED) {
        batch->share = (1 + (double)N_REHEARSED) / (1 + (double)n_steps);
        n_steps = N_REHEARSED;
    }
    for (size_t k = 0; k < n_steps && assault.n > 0; k++) {
        size_t i_start = k / fab->n_iterations;
        assault_aim(&assault, OBJECTIVE_MARGIN, i_start / fab->n_restarts);
        if (k % fab->n_iterations == 0) {
            start(&assault, i_start / fab->n_restarts, fab->n_restarts,
                  i_start % fab->n_restarts);
            assault_forget(&assault, 0, assault.n);
        }
        step_all(&assault, fab);
    }
}

static const struct row fab_rows[] = {
    ATTACK_PIXEL_ROWS,
    {.name = "n_targets", .unit = "1",
     .doc = "classes that are aimed at, one after the other: those that the clean image's logits "
            "rank next",
     .type = ROW_COUNT, .fallback = "9", .minimum = 1, .maximum = 255,
     .offset = offsetof(struct fab, n_targets)},
    {.name = "n_restarts", .unit = "1",
     .doc = "starts towards each class: the first from the clean image, the others at random, "
            "half as far as what was found or the largest epsilon",
     .type = ROW_COUNT, .fallback = "1", .minimum = 1, .maximum = 10000,
     .offset = offsetof(struct fab, n_restarts)},
    {.name = "n_iterations", .unit = "1", .doc = "steps from each start", .type = ROW_COUNT,
     .fallback = "100", .minimum = 1, .maximum = 100000,
     .offset = offsetof(struct fab, n_iterations)},
    {.name = "alpha_max", .unit = "1", .doc = "largest share of the clean image in a step",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct fab, alpha_max)},
    {.name = "eta", .unit = "1", .doc = "how far a step goes, by the way onto the plane",
     .type = ROW_REAL, .fallback = "1.05", .minimum = 1, .maximum = 10,
     .offset = offsetof(struct fab, eta)},
    {.name = "beta", .unit = "1",
     .doc = "share of its perturbation that a misclassified image is drawn back to",
     .type = ROW_REAL, .fallback = "0.9", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct fab, beta)},
};

const struct attack attack_fab = {
    .kind = {.name = "fab",
             .doc = "fast adaptive boundary attack, L-infinity, targeted: steps onto planes that "
                    "the gradient takes for the boundary, drawn towards the clean image; run once, "
                    "an epsilon counts what is no farther; without a search after the last step",
             .cite = "Croce and Hein, ICML 2020 (arXiv 1907.02044), alg. 1; targets, 100 steps, "
                     "alpha_max 0.1, eta 1.05, beta 0.9 as in AutoAttack's code (arXiv 2003.01690)",
             .rows = fab_rows,
             .n_rows = KIND_COUNT(fab_rows),
             .params_size = sizeof(struct fab),
             .applies = attack_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .minimal = true,
    .state = {.n_bytes = sizeof(struct minimal_state)},
    .run = fab_run,
};
