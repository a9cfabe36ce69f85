/* Carlini and Wagner's attack of smallest L2 length: with x(w) = (1 + tanh w)
 * / 2, in the box whatever w is, Adam makes small
 *
 *     ||x(w) - x_0||^2 + c max(kappa - margin(x(w)), 0),
 *
 * margin the largest other logit minus the label's. c begins small; where the
 * image was won with it, it is halved towards the largest that was in vain, and
 * where not, taken ten times as large, or halved towards the smallest that was
 * enough. Each sample goes by its own clock: who is done with one c begins with
 * the next while others go on. */
#include "core/attack_minimal.h"

#include <math.h>
#include <string.h>

/* A rehearsal takes so many steps. */
enum { N_REHEARSED = 20 };

struct cw {
    struct attack_common common;
    size_t n_searches, n_iterations;
    double initial_c, step, kappa;
    bool abort_early;
};

struct cw_state {
    struct minimal_state minimal;
    double c, low, high; /* high 0: none was enough yet */
    size_t n_left, i_step; /* searches; steps of this one */
    double loss;           /* when it was looked at last */
    bool is_enough;        /* this c was */
};

static struct cw_state *states_of(const struct assault *assault)
{
    return assault->state;
}

/* Adam ---------------------------------------------------------------- */

/* w is own[0], its moments own[1] and own[2]. */
static void begin_search(struct assault *assault, size_t i)
{
    size_t n = assault->n_pixels;
    const float *clean = assault->clean + i * n;
    float *w = assault->own[0] + i * n, *image = assault->images + i * n;
    for (size_t k = 0; k < n; k++) {
        w[k] = (float)atanh((2 * (double)clean[k] - 1) * 0.999999);
        image[k] = (float)(0.5 + 0.5 * tanh((double)w[k]));
    }
    memset(assault->own[1] + i * n, 0, n * sizeof(float));
    memset(assault->own[2] + i * n, 0, n * sizeof(float));
    states_of(assault)[i].i_step = 0;
    states_of(assault)[i].is_enough = false;
    states_of(assault)[i].loss = (double)INFINITY;
}

/* d/dw of the whole loss; a slope of the margin that is no number is none. */
static double slope_at(double c, float pixel, float clean, float slope,
                       double t)
{
    double d_margin = isfinite(slope) ? (double)slope : 0;
    double d_pixel = 2 * ((double)pixel - (double)clean) - c * d_margin;
    return d_pixel * 0.5 * (1 - t * t);
}

/* Kingma and Ba, ICLR 2015, algorithm 1: `tiny` stands beside the unbiased
 * deviation, which with a small c matters. */
static void step_adam(struct assault *assault, const struct cw *cw, size_t i)
{
    const double decay = 0.9, decay_square = 0.999, tiny = 1e-8;
    size_t n = assault->n_pixels, at = i * n;
    struct cw_state *state = &states_of(assault)[i];
    double c = assault->score[i].aimed < cw->kappa ? state->c : 0;
    double n_steps = (double)++state->i_step;
    double size = cw->step / (1 - pow(decay, n_steps));
    double whole = sqrt(1 - pow(decay_square, n_steps));
    for (size_t k = at; k < at + n; k++) {
        float *w = &assault->own[0][k];
        float *mean = &assault->own[1][k], *square = &assault->own[2][k];
        double d = slope_at(c, assault->images[k], assault->clean[k],
                            assault->gradient[k], tanh((double)*w));
        *mean = (float)(decay * (double)*mean + (1 - decay) * d);
        *square = (float)(decay_square * (double)*square +
                          (1 - decay_square) * d * d);
        double deviation = sqrt((double)*square) / whole;
        *w -= (float)(size * (double)*mean / (deviation + tiny));
        assault->images[k] = (float)(0.5 + 0.5 * tanh((double)*w));
    }
}

/* the search for c -------------------------------------------------------- */

static void choose_c(struct cw_state *state)
{
    if (state->is_enough)
        state->high = state->c;
    else
        state->low = state->c;
    state->c = state->high > 0 ? (state->low + state->high) / 2 : 10 * state->c;
}

static double loss_of(const struct assault *assault, const struct cw *cw,
                      size_t i)
{
    size_t n = assault->n_pixels;
    double length = norm_distance(NORM_L2, n, assault->clean + i * n,
                                  assault->images + i * n);
    double lack = fmax(cw->kappa - assault->score[i].aimed, 0);
    return length * length + states_of(assault)[i].c * lack;
}

/* Ten times in a search: whether it has come to a stand. */
static bool is_stuck(const struct assault *assault, const struct cw *cw,
                     size_t i)
{
    struct cw_state *state = &states_of(assault)[i];
    size_t period = cw->n_iterations < 10 ? 1 : cw->n_iterations / 10;
    if (!cw->abort_early || state->i_step % period != 0)
        return false;
    double loss = loss_of(assault, cw, i), before = state->loss;
    state->loss = loss;
    return !(loss <= 0.9999 * before);
}

static bool is_confident(const struct assault *assault, const struct cw *cw,
                         size_t i)
{
    return minimal_is_wrong(assault, i) &&
           (cw->kappa == 0 || assault->score[i].aimed >= cw->kappa);
}

/* After a query about the iterate. */
static void advance(struct assault *assault, const struct cw *cw, size_t i)
{
    struct cw_state *state = &states_of(assault)[i];
    if (state->n_left == 0)
        return;
    if (is_confident(assault, cw, i)) {
        state->is_enough = true;
        minimal_keep_nearer(&attack_cw_l2, assault, i);
    }
    if (state->i_step + 1 < cw->n_iterations && !is_stuck(assault, cw, i)) {
        step_adam(assault, cw, i);
        return;
    }
    choose_c(state);
    state->n_left--;
    begin_search(assault, i);
    assault_forget(assault, i, 1);
}

static bool is_done(const struct assault *assault, size_t i)
{
    return !assault->batch->all_stay && states_of(assault)[i].n_left == 0;
}

static void cw_run(const void *params, const struct victim *victim,
                   struct attack_batch *batch)
{
    const struct cw *cw = params;
    struct assault assault =
        minimal_open(&attack_cw_l2, &cw->common, victim, batch);
    size_t n_steps = cw->n_searches * cw->n_iterations;
    if (batch->all_stay && n_steps > N_REHEARSED) {
        batch->share = (1 + (double)N_REHEARSED) / (1 + (double)n_steps);
        n_steps = N_REHEARSED;
    }
    for (size_t i = 0; i < assault.n; i++) {
        states_of(&assault)[i].n_left = cw->n_searches;
        states_of(&assault)[i].c = cw->initial_c;
        begin_search(&assault, i);
    }
    for (size_t t = 0; t < n_steps && assault.n > 0; t++) {
        assault_query_gradient(&assault);
        for (size_t i = 0; i < assault.n; i++)
            advance(&assault, cw, i);
        assault_release(&assault, is_done);
    }
}

static const struct row cw_rows[] = {
    ATTACK_L2_EPSILON_ROW,
    ATTACK_SAMPLE_ROWS,
    {.name = "n_searches", .unit = "1",
     .doc = "values of c that are tried, each from the clean image on", .type = ROW_COUNT,
     .fallback = "9", .minimum = 1, .maximum = 100,
     .offset = offsetof(struct cw, n_searches)},
    {.name = "n_iterations", .unit = "1", .doc = "steps of Adam at most with each c",
     .type = ROW_COUNT, .fallback = "1000", .minimum = 1, .maximum = 1e6,
     .offset = offsetof(struct cw, n_iterations)},
    {.name = "initial_c", .unit = "1", .doc = "the first c, weight of the margin that is lacking",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.001", .minimum = 1e-12, .maximum = 1e12,
     .offset = offsetof(struct cw, initial_c)},
    {.name = "step", .unit = "1", .doc = "learning rate of Adam", .type = ROW_REAL,
     .scale = SCALE_LOG, .fallback = "0.01", .minimum = 1e-9, .maximum = 10,
     .offset = offsetof(struct cw, step)},
    {.name = "kappa", .unit = "1",
     .doc = "margin of the logits that an image has to reach, beyond being misclassified",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1e6,
     .offset = offsetof(struct cw, kappa)},
    {.name = "abort_early", .unit = "1",
     .doc = "ten times with each c, give it up if the loss is not below 0.9999 of what it was",
     .type = ROW_FLAG, .fallback = "true", .offset = offsetof(struct cw, abort_early)},
};

const struct attack attack_cw_l2 = {
    .kind = {.name = "cw_l2",
             .doc = "Carlini and Wagner's L2 attack: Adam in tanh space on squared length plus c "
                    "times the margin that is lacking, for several c; run once, an epsilon counts "
                    "what is no farther",
             .cite = "Carlini and Wagner, S&P 2017 (arXiv 1608.04644), sec. V-A and VI-A; 9 "
                     "searches from 0.001, Adam 0.01, kappa 0 and the early end as in the authors' "
                     "code, there of a batch, here of each sample; 1000 steps as in CleverHans",
             .rows = cw_rows,
             .n_rows = KIND_COUNT(cw_rows),
             .params_size = sizeof(struct cw),
             .applies = attack_applies},
    .norm = NORM_L2,
    .gradient = true,
    .minimal = true,
    .deterministic = true,
    .state = {.n_images = 3, .n_bytes = sizeof(struct cw_state)},
    .run = cw_run,
};
