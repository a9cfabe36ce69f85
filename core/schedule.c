#include "core/schedule.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* warm-up ------------------------------------------------------------- */

struct warmup {
    size_t n_epochs;
    double from;
};

#define WARMUP_ROWS                                                            \
    {.name = "warmup_epochs", .unit = "1",                                     \
     .doc = "epochs in which the rate first rises, step by step; the schedule " \
            "has the others",                                                  \
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 100000,      \
     .later = true, .offset = offsetof(struct warmup, n_epochs)},              \
    {.name = "warmup_from", .unit = "1",                                       \
     .doc = "share of the rate that the warm-up begins with",                  \
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,          \
     .later = true, .offset = offsetof(struct warmup, from)}

static double warmup_factor(const struct warmup *warmup,
                            struct schedule_time time)
{
    size_t i = time.epoch * time.n_steps + time.i_step;
    size_t n = warmup->n_epochs * time.n_steps;
    return warmup->from + (1.0 - warmup->from) * (double)i / (double)n;
}

double schedule_factor(const struct schedule *schedule, const void *params,
                       struct schedule_time time)
{
    const struct warmup *warmup = params;
    if (!schedule->warms_up)
        return schedule->factor(params, time);
    if (time.epoch < warmup->n_epochs)
        return warmup_factor(warmup, time);
    time.epoch -= warmup->n_epochs;
    time.n_epochs -= warmup->n_epochs;
    return schedule->factor(params, time);
}

/* constant ------------------------------------------------------------ */

static double constant_factor(const void *params, struct schedule_time time)
{
    (void)params;
    (void)time;
    return 1.0;
}

static const struct row constant_rows[] = {WARMUP_ROWS};

static const struct schedule constant = {
    .kind = {.name = "constant", .doc = "the same rate in all epochs",
             .cite = "standard",
             .rows = constant_rows,
             .n_rows = KIND_COUNT(constant_rows),
             .params_size = sizeof(struct warmup)},
    .warms_up = true,
    .factor = constant_factor,
};

/* cosine -------------------------------------------------------------- */

struct cosine {
    struct warmup warmup;
    double floor;
};

/* The whole rate in the first epoch; `floor` would be reached in the epoch
 * after the last. */
static double cosine_factor(const void *params, struct schedule_time time)
{
    double least = ((const struct cosine *)params)->floor;
    double angle = PI * (double)time.epoch / (double)time.n_epochs;
    return least + (1.0 - least) * 0.5 * (1.0 + cos(angle));
}

static const struct row cosine_rows[] = {
    {.name = "floor", .unit = "1",
     .doc = "share of the rate that is left after the last epoch",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct cosine, floor)},
    WARMUP_ROWS,
};

static const struct schedule cosine = {
    .kind = {.name = "cosine",
             .doc = "half a cosine from 1 to floor over the epochs",
             .cite = "Loshchilov and Hutter, ICLR 2017 (arXiv 1608.03983), "
                     "eq. 5, without restarts",
             .rows = cosine_rows,
             .n_rows = KIND_COUNT(cosine_rows),
             .params_size = sizeof(struct cosine)},
    .warms_up = true,
    .factor = cosine_factor,
};

/* step ---------------------------------------------------------------- */

struct steps {
    struct warmup warmup;
    size_t every;
    double factor;
};

static double step_factor(const void *params, struct schedule_time time)
{
    const struct steps *steps = params;
    return pow(steps->factor, (double)(time.epoch / steps->every));
}

static const struct row step_rows[] = {
    {.name = "every", .unit = "1", .doc = "epochs between two falls",
     .type = ROW_COUNT, .fallback = "30", .minimum = 1, .maximum = 100000,
     .offset = offsetof(struct steps, every)},
    {.name = "factor", .unit = "1", .doc = "what a fall leaves of the rate",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0.0001, .maximum = 1,
     .offset = offsetof(struct steps, factor)},
    WARMUP_ROWS,
};

static const struct schedule step = {
    .kind = {.name = "step",
             .doc = "the rate falls to a share of itself every so many epochs",
             .cite = "standard; as PyTorch's StepLR",
             .rows = step_rows,
             .n_rows = KIND_COUNT(step_rows),
             .params_size = sizeof(struct steps)},
    .warms_up = true,
    .factor = step_factor,
};

/* milestones ---------------------------------------------------------- */

struct milestones {
    struct warmup warmup;
    struct counts epochs;
    double factor;
};

static double milestones_factor(const void *params, struct schedule_time time)
{
    const struct milestones *milestones = params;
    size_t n_passed = 0;
    for (size_t i = 0; i < milestones->epochs.n; i++)
        n_passed += milestones->epochs.at[i] <= time.epoch;
    return pow(milestones->factor, (double)n_passed);
}

static const struct row milestones_rows[] = {
    {.name = "epochs", .unit = "1",
     .doc = "epochs, counted from 0 and after the warm-up, in which the rate falls",
     .type = ROW_COUNTS, .fallback = "[100, 150]", .minimum = 1,
     .maximum = 100000, .offset = offsetof(struct milestones, epochs)},
    {.name = "factor", .unit = "1", .doc = "what a fall leaves of the rate",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0.0001, .maximum = 1,
     .offset = offsetof(struct milestones, factor)},
    WARMUP_ROWS,
};

static const struct schedule milestones = {
    .kind = {.name = "milestones",
             .doc = "the rate falls to a share of itself in given epochs",
             .cite = "standard; as PyTorch's MultiStepLR",
             .rows = milestones_rows,
             .n_rows = KIND_COUNT(milestones_rows),
             .params_size = sizeof(struct milestones)},
    .warms_up = true,
    .factor = milestones_factor,
};

/* one_cycle ----------------------------------------------------------- */

enum anneal { ANNEAL_COSINE, ANNEAL_LINEAR };

struct one_cycle {
    double peak_at, start_divisor, end_divisor;
    int anneal; /* enum anneal */
};

static double move(const struct one_cycle *cycle, double from, double to,
                   double share)
{
    if (cycle->anneal == ANNEAL_LINEAR)
        return from + (to - from) * share;
    return to + (from - to) * 0.5 * (1.0 + cos(PI * share));
}

static double one_cycle_factor(const void *params, struct schedule_time time)
{
    const struct one_cycle *cycle = params;
    double i = (double)(time.epoch * time.n_steps + time.i_step);
    double end = (double)(time.n_epochs * time.n_steps) - 1;
    double peak = cycle->peak_at * (end + 1) - 1;
    double lowest = 1 / cycle->start_divisor;
    if (peak > 0 && i <= peak)
        return move(cycle, lowest, 1, i / peak);
    return move(cycle, 1, lowest / cycle->end_divisor,
                (i - peak) / (end - peak));
}

static const char *const anneals[] = {
    [ANNEAL_COSINE] = "cosine", [ANNEAL_LINEAR] = "linear", NULL};

static const struct row one_cycle_rows[] = {
    {.name = "peak_at", .unit = "1",
     .doc = "share of the steps after which the rate is whole",
     .type = ROW_REAL, .fallback = "0.3", .minimum = 0, .maximum = 0.99,
     .offset = offsetof(struct one_cycle, peak_at)},
    {.name = "start_divisor", .unit = "1",
     .doc = "the first step's rate is the whole rate over this",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "25", .minimum = 1,
     .maximum = 1e6, .offset = offsetof(struct one_cycle, start_divisor)},
    {.name = "end_divisor", .unit = "1",
     .doc = "the last step's rate is the first step's over this",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "10000", .minimum = 1,
     .maximum = 1e8, .offset = offsetof(struct one_cycle, end_divisor)},
    {.name = "anneal", .unit = "1", .doc = "the shape of both ways",
     .type = ROW_CHOICE, .fallback = "cosine", .choices = anneals,
     .offset = offsetof(struct one_cycle, anneal)},
};

static const struct schedule one_cycle = {
    .kind = {.name = "one_cycle",
             .doc = "step by step up to the whole rate and down to next to nothing; momentum stays "
                    "as it is",
             .cite = "Smith and Topin 2019 (arXiv 1708.07120); as PyTorch's OneCycleLR with two "
                     "phases and cycle_momentum=False",
             .rows = one_cycle_rows,
             .n_rows = KIND_COUNT(one_cycle_rows),
             .params_size = sizeof(struct one_cycle)},
    .factor = one_cycle_factor,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&constant.kind, &cosine.kind,
                                           &step.kind, &milestones.kind,
                                           &one_cycle.kind};

const struct axis schedule_axis = {"schedule",
                                   "the learning rate over the epochs", kinds,
                                   KIND_COUNT(kinds), "cosine"};

const struct schedule *schedule_of(const struct kind *kind)
{
    return (const struct schedule *)kind;
}
