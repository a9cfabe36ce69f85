#include "core/objective.h"
#include "core/loss.h"

#include <math.h>
#include <string.h>

/* A gradient of one sample is a few entries of its row: class k adds `part`. */
static void add_part(float *row, size_t k, double part)
{
    if (row)
        row[k] += (float)part;
}

static float *clear_row(float *d_logits, size_t b, size_t n_classes)
{
    if (!d_logits)
        return NULL;
    memset(d_logits + b * n_classes, 0, n_classes * sizeof *d_logits);
    return d_logits + b * n_classes;
}

static bool has_nan(size_t n, const float *logits)
{
    for (size_t k = 0; k < n; k++)
        if (isnan(logits[k]))
            return true;
    return false;
}

/* ce ------------------------------------------------------------------ */

static void find_ce(size_t n_samples, size_t n_classes, const float *logits,
                    const uint8_t *labels, const uint8_t *targets, float *loss,
                    float *d_logits)
{
    (void)targets;
    loss_cross_entropy(n_samples, n_classes, logits, labels, 1.0f, loss, NULL,
                       d_logits);
}

static void find_ce_target(size_t n_samples, size_t n_classes,
                           const float *logits, const uint8_t *labels,
                           const uint8_t *targets, float *loss,
                           float *d_logits)
{
    (void)labels;
    loss_cross_entropy(n_samples, n_classes, logits, targets, -1.0f, loss, NULL,
                       d_logits);
    for (size_t b = 0; b < n_samples; b++)
        loss[b] = -loss[b];
}

/* margin -------------------------------------------------------------- */

/* The class that is to win: the target, or the largest but the label. */
static size_t find_rival(size_t n_classes, const float *logits, size_t label)
{
    size_t rival = label;
    for (size_t k = 0; k < n_classes; k++)
        if (k != label && (rival == label || logits[k] > logits[rival]))
            rival = k;
    return rival;
}

static void find_margins(size_t n_samples, size_t n_classes,
                         const float *logits, const uint8_t *labels,
                         const uint8_t *targets, float *loss, float *d_logits)
{
    for (size_t b = 0; b < n_samples; b++) {
        const float *z = logits + b * n_classes;
        float *d_z = clear_row(d_logits, b, n_classes);
        size_t label = labels[b];
        size_t rival = targets ? targets[b] : find_rival(n_classes, z, label);
        loss[b] = has_nan(n_classes, z)
                      ? NAN
                      : (float)((double)z[rival] - (double)z[label]);
        add_part(d_z, rival, 1);
        add_part(d_z, label, -1);
    }
}

static void find_margin(size_t n_samples, size_t n_classes, const float *logits,
                        const uint8_t *labels, const uint8_t *targets,
                        float *loss, float *d_logits)
{
    (void)targets;
    find_margins(n_samples, n_classes, logits, labels, NULL, loss, d_logits);
}

/* dlr ----------------------------------------------------------------- */

enum { N_PLACES = 4 };

/* The classes of the largest logits, in falling order; the lowest class first
 * where they are equal. With fewer classes the last is repeated. */
static void find_places(size_t n_classes, const float *z,
                        size_t place[N_PLACES])
{
    for (size_t i = 0; i < N_PLACES; i++) {
        size_t best = n_classes;
        for (size_t k = 0; k < n_classes; k++) {
            bool taken = false;
            for (size_t j = 0; j < i; j++)
                taken = taken || place[j] == k;
            if (!taken && (best == n_classes || z[k] > z[best]))
                best = k;
        }
        place[i] = best == n_classes ? place[i - 1] : best;
    }
}

/* Keeps the quotient finite where all logits are equal, as in the authors'
 * code. */
static const double dlr_floor = 1e-12;

/* (z_rival - z_label) / (z_first - (z_c + z_d) / 2). */
static void find_ratio(size_t n_classes, const float *z, size_t label,
                       size_t rival, const size_t ends[3], float *loss,
                       float *d_z)
{
    double above = (double)z[rival] - (double)z[label];
    double width = (double)z[ends[0]] + dlr_floor -
                   ((double)z[ends[1]] + (double)z[ends[2]]) / 2;
    *loss = has_nan(n_classes, z) ? NAN : (float)(above / width);
    add_part(d_z, rival, 1 / width);
    add_part(d_z, label, -1 / width);
    double by_width = -above / (width * width);
    add_part(d_z, ends[0], by_width);
    add_part(d_z, ends[1], -by_width / 2);
    add_part(d_z, ends[2], -by_width / 2);
}

static void find_dlr(size_t n_samples, size_t n_classes, const float *logits,
                     const uint8_t *labels, const uint8_t *targets, float *loss,
                     float *d_logits)
{
    (void)targets;
    for (size_t b = 0; b < n_samples; b++) {
        const float *z = logits + b * n_classes;
        size_t place[N_PLACES];
        find_places(n_classes, z, place);
        find_ratio(n_classes, z, labels[b],
                   find_rival(n_classes, z, labels[b]),
                   (size_t[3]){place[0], place[2], place[2]}, &loss[b],
                   clear_row(d_logits, b, n_classes));
    }
}

static void find_dlr_target(size_t n_samples, size_t n_classes,
                            const float *logits, const uint8_t *labels,
                            const uint8_t *targets, float *loss,
                            float *d_logits)
{
    for (size_t b = 0; b < n_samples; b++) {
        const float *z = logits + b * n_classes;
        size_t place[N_PLACES];
        find_places(n_classes, z, place);
        find_ratio(n_classes, z, labels[b], targets[b],
                   (size_t[3]){place[0], place[2], place[3]}, &loss[b],
                   clear_row(d_logits, b, n_classes));
    }
}

/* table of contents --------------------------------------------------- */

const struct objective objectives[OBJECTIVE_N] = {
    [OBJECTIVE_CE] = {"ce", "cross-entropy", false, find_ce},
    [OBJECTIVE_MARGIN] = {"margin", "largest other logit minus the label's",
                          false, find_margin},
    [OBJECTIVE_DLR] = {"dlr", "difference of logits ratio", false, find_dlr},
    [OBJECTIVE_CE_TARGET] = {"ce_target", "log probability of a target", true,
                             find_ce_target},
    [OBJECTIVE_MARGIN_TARGET] = {"margin_target",
                                 "a target's logit minus the label's", true,
                                 find_margins},
    [OBJECTIVE_DLR_TARGET] = {"dlr_target",
                              "difference of logits ratio to a target", true,
                              find_dlr_target},
};

const char *const objective_choices[] = {"ce", "margin", "dlr", NULL};

enum objective_name objective_targeted(enum objective_name name)
{
    return name == OBJECTIVE_CE       ? OBJECTIVE_CE_TARGET
           : name == OBJECTIVE_MARGIN ? OBJECTIVE_MARGIN_TARGET
                                      : OBJECTIVE_DLR_TARGET;
}
