#include "core/schedule.h"

#include <math.h>

/* constant ------------------------------------------------------------ */

static double constant_factor(const void *params, size_t epoch,
                              size_t n_epochs)
{
    (void)params;
    (void)epoch;
    (void)n_epochs;
    return 1.0;
}

static const struct schedule constant = {
    .kind = {.name = "constant", .doc = "the same rate in all epochs",
             .cite = "standard"},
    .factor = constant_factor,
};

/* cosine -------------------------------------------------------------- */

struct cosine {
    double floor;
};

static const double PI = 3.14159265358979323846;

/* The whole rate in the first epoch; `floor` would be reached in the epoch
 * after the last. */
static double cosine_factor(const void *params, size_t epoch, size_t n_epochs)
{
    double least = ((const struct cosine *)params)->floor;
    double angle = PI * (double)epoch / (double)n_epochs;
    return least + (1.0 - least) * 0.5 * (1.0 + cos(angle));
}

static const struct row cosine_rows[] = {
    {.name = "floor", .unit = "1",
     .doc = "share of the rate that is left after the last epoch",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct cosine, floor)},
};

static const struct schedule cosine = {
    .kind = {.name = "cosine",
             .doc = "half a cosine from 1 to floor over the epochs",
             .cite = "Loshchilov and Hutter, ICLR 2017 (arXiv 1608.03983), "
                     "eq. 5, without restarts",
             .rows = cosine_rows,
             .n_rows = KIND_COUNT(cosine_rows),
             .params_size = sizeof(struct cosine)},
    .factor = cosine_factor,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&constant.kind, &cosine.kind};

const struct axis schedule_axis = {"schedule",
                                   "the learning rate over the epochs", kinds,
                                   KIND_COUNT(kinds), "cosine"};

const struct schedule *schedule_of(const struct kind *kind)
{
    return (const struct schedule *)kind;
}
