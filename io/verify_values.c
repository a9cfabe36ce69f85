/* What values must be, each by itself and next to others. */
#include "core/checks.h"
#include "io/verify_parts.h"

#include <math.h>
#include <string.h>

/* ranges -------------------------------------------------------------- */

/* Each name stands for its variable in any group. */
static const struct {
    const char *name;
    double lowest, highest;
} ranges[] = {
    {"clean_accuracy", 0, 1},     {"analog_accuracy", 0, 1},
    {"train_accuracy", 0, 1},     {"test_accuracy", 0, 1},
    {"inside_share", 0, 1},       {"generalization_gap", -1, 1},
    {"membrane_inside", 0, 1},    {"membrane_omega", 0, 1},
    {"robust_accuracy", 0, 1},    {"worst_case", 0, 1},
    {"surrogate_worst_case", 0, 1}, {"surrogate_spread", 0, 1},
    {"robust_area", 0, 1},        {"zero_gradient_share", 0, 1},
    {"membrane_deviation", 0, INFINITY}, {"firing_rate", 0, INFINITY},
    {"membrane_gamma", 0, INFINITY}, {"clean_loss", 0, INFINITY},
    {"robust_loss", 0, INFINITY}, {"distance_max", 0, INFINITY},
    {"sample_distance", 0, INFINITY}, {"loss_change", 0, INFINITY},
    {"wall_time", 0, INFINITY},   {"cpu_time", 0, INFINITY},
    {"evaluation_wall_time", 0, INFINITY}, {"evaluation_cpu_time", 0, INFINITY},
    {"epoch_time", 0, INFINITY},  {"started", 0, INFINITY},
    {"evaluation_started", 0, INFINITY},
};

static size_t count_row(const struct verifier *verifier,
                        const struct store_variable *variable)
{
    size_t n = 1;
    for (size_t i = 1; i < variable->rank; i++)
        n *= verify_extent(verifier, variable->dimension[i]);
    return n;
}

static void check_range(const struct verifier *verifier,
                        const struct store_variable *variable, size_t i,
                        struct faults *faults)
{
    size_t n = count_row(verifier, variable);
    for (size_t trial = 0; trial < verifier->results.n_trials; trial++) {
        const double *values = verify_row(verifier, variable, trial);
        for (size_t k = 0; values && k < n; k++) {
            faults->n_looked += isnan(values[k]) ? 0 : 1;
            /* A mean of shares may be rounded beyond 1. */
            if (values[k] < ranges[i].lowest - 1e-9 ||
                values[k] > ranges[i].highest + 1e-9)
                faults_note(faults, "%s of trial %zu is %g", variable->name,
                            trial, values[k]);
        }
    }
}

void verify_ranges(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    const struct store_schema *schema = &verifier->file.schema;
    for (size_t k = 0; k < schema->n; k++)
        for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
            if (!strcmp(schema->variables[k].name, ranges[i].name) &&
                schema->variables[k].type == STORE_F64)
                check_range(verifier, &schema->variables[k], i, &faults);
    faults_tell(verifier, &faults, "ranges",
                "%zu shares, losses, distances and durations",
                faults.n_looked);
}

/* predictions --------------------------------------------------------- */

/* One trial's predictions, and what is said to follow from them. */
struct predictions {
    const struct verifier *verifier;
    size_t trial, n_samples, n_attacks, n_epsilons;
    const uint8_t *label, *clean, *clean_correct, *robust, *robust_correct;
    const double *accuracy, *worst, *surrogate_worst;
    struct faults *flags, *means, *worsts;
};

static void read_predictions(struct predictions *at)
{
    const struct verifier *verifier = at->verifier;
    struct {
        const void **to;
        const char *name;
    } wanted[] = {
        {(const void **)&at->label, "label"},
        {(const void **)&at->clean, "clean_prediction"},
        {(const void **)&at->clean_correct, "clean_correct"},
        {(const void **)&at->robust, "robust_prediction"},
        {(const void **)&at->robust_correct, "robust_correct"},
        {(const void **)&at->accuracy, "robust_accuracy"},
        {(const void **)&at->worst, "worst_case"},
        {(const void **)&at->surrogate_worst, "surrogate_worst_case"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        *wanted[i].to = verify_read(verifier, STORE_ROBUSTNESS, wanted[i].name,
                                    at->trial);
    at->n_samples = verifier->results.n_samples;
    at->n_attacks = verifier->results.n_attacks;
    at->n_epsilons = verifier->results.n_epsilons;
}

/* Samples that are there, correct by flag, and flags that are not so. */
struct count {
    size_t n, n_correct, n_wrong;
};

static struct count count_flags(const struct predictions *at,
                                const uint8_t *prediction,
                                const uint8_t *correct)
{
    struct count count = {0};
    for (size_t i = 0; i < at->n_samples; i++) {
        bool known = prediction[i] != STORE_U8_FILL &&
                     at->label[i] != STORE_U8_FILL;
        uint8_t wanted = known ? prediction[i] == at->label[i] : STORE_U8_FILL;
        count.n += known;
        count.n_correct += known && correct[i] == 1;
        count.n_wrong += correct[i] != wanted;
    }
    return count;
}

static void check_clean(const struct predictions *at)
{
    if (!at->label || !at->clean || !at->clean_correct)
        return;
    struct count count = count_flags(at, at->clean, at->clean_correct);
    double said = at->verifier->results.trials[at->trial].clean_accuracy;
    double found = (double)count.n_correct / (double)count.n;
    at->flags->n_looked += count.n;
    if (count.n_wrong)
        faults_note(at->flags, "%zu of clean_correct of trial %zu are not so",
                    count.n_wrong, at->trial);
    if (count.n == 0 ||
        !strcmp(at->verifier->results.trials[at->trial].state, "diverged"))
        return;
    at->means->n_looked++;
    if (!(fabs(said - found) <= 1e-9))
        faults_note(at->means, "clean_accuracy of trial %zu is %.9g, its mean "
                    "%.9g", at->trial, said, found);
}

/* One epsilon of an attack. */
static void check_robust(const struct predictions *at, size_t attack, size_t e)
{
    size_t i = attack * at->n_epsilons + e;
    struct count count = count_flags(at, at->robust + i * at->n_samples,
                                     at->robust_correct + i * at->n_samples);
    double found = (double)count.n_correct / (double)count.n;
    at->flags->n_looked += count.n;
    if (count.n_wrong)
        faults_note(at->flags, "%zu of robust_correct of trial %zu, attack "
                    "%zu, epsilon %zu are not so", count.n_wrong, at->trial,
                    attack, e);
    if (count.n == 0)
        return;
    at->means->n_looked++;
    if (!(fabs(at->accuracy[i] - found) <= 1e-9))
        faults_note(at->means, "robust_accuracy of trial %zu, attack %zu, "
                    "epsilon %zu is %.9g, its mean %.9g", at->trial, attack, e,
                    at->accuracy[i], found);
    const double *worst[] = {at->worst, at->surrogate_worst};
    for (size_t k = 0; k < 2; k++) {
        at->worsts->n_looked += worst[k] && !isnan(worst[k][i]);
        if (worst[k] && worst[k][i] > at->accuracy[i] + 1e-9)
            faults_note(at->worsts, "%s of trial %zu, attack %zu, epsilon %zu "
                        "is %.9g, the accuracy %.9g",
                        k ? "surrogate_worst_case" : "worst_case", at->trial,
                        attack, e, worst[k][i], at->accuracy[i]);
    }
}

static void check_predictions(struct predictions *at)
{
    read_predictions(at);
    check_clean(at);
    if (at->label && at->robust && at->robust_correct && at->accuracy)
        for (size_t k = 0; k < at->n_attacks; k++)
            for (size_t e = 0; e < at->n_epsilons; e++)
                check_robust(at, k, e);
}

void verify_flags(struct verifier *verifier)
{
    struct faults flags = faults_open(verifier), means = faults_open(verifier);
    struct faults worsts = faults_open(verifier);
    for (size_t i = 0; i < verifier->results.n_trials; i++) {
        struct predictions at = {.verifier = verifier,
                                 .trial = i,
                                 .flags = &flags,
                                 .means = &means,
                                 .worsts = &worsts};
        check_predictions(&at);
    }
    faults_tell(verifier, &flags, "flags",
                "%zu predictions are called correct where they are",
                flags.n_looked);
    faults_tell(verifier, &means, "accuracies",
                "%zu are the means of these flags", means.n_looked);
    faults_tell(verifier, &worsts, "worst case",
                "%zu are no larger than the accuracies they are over",
                worsts.n_looked);
}

/* verdicts ------------------------------------------------------------ */

static uint8_t judge(const struct result_check *check, double figure)
{
    return isnan(figure)                ? VERDICT_NOT_APPLICABLE
           : figure > check->fail_above ? VERDICT_FAIL
           : figure > check->warn_above ? VERDICT_WARN
                                        : VERDICT_PASS;
}

void verify_verdicts(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    const struct results *results = &verifier->results;
    size_t n = results->n_trials * results->n_attacks;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < results->n_checks; k++) {
            uint8_t said = results->verdicts[i * results->n_checks + k];
            double figure = results->figures[i * results->n_checks + k];
            faults.n_looked += said != STORE_U8_FILL;
            if (said == STORE_U8_FILL
                    ? !isnan(figure)
                    : said != judge(&results->checks[k], figure))
                faults_note(&faults, "%s of trial %zu, attack %zu: verdict "
                            "%d, figure %g", results->checks[k].name,
                            i / results->n_attacks, i % results->n_attacks,
                            said, figure);
        }
    faults_tell(verifier, &faults, "verdicts",
                "%zu are what figures and thresholds say", faults.n_looked);
}

/* histograms ---------------------------------------------------------- */

static size_t count_labels(const struct verifier *verifier, size_t trial)
{
    size_t n = 0;
    const uint8_t *label =
        verify_read(verifier, STORE_ROBUSTNESS, "label", trial);
    for (size_t i = 0; label && i < verifier->results.n_samples; i++)
        n += label[i] != STORE_U8_FILL;
    return n;
}

/* The sum over a histogram's bins; 0 if there is none. */
static uint64_t sum_bins(const uint64_t *counts, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += counts[i] == UINT64_MAX ? 0 : counts[i];
    return sum;
}

static void check_histograms(const struct verifier *verifier, size_t trial,
                             struct faults *faults)
{
    const struct results *results = &verifier->results;
    size_t n_samples = count_labels(verifier, trial);
    const uint64_t *counts =
        verify_read(verifier, STORE_MEMBRANE, "membrane_count", trial);
    for (size_t l = 0; counts && n_samples && l < results->n_layers; l++) {
        uint64_t first = 0;
        for (size_t t = 0; t < results->n_steps; t++) {
            const uint64_t *at =
                counts + (l * results->n_steps + t) * results->n_bins;
            uint64_t sum = sum_bins(at, results->n_bins);
            if (at[0] == UINT64_MAX)
                continue;
            first = t == 0 ? sum : first;
            faults->n_looked++;
            if (sum != first || sum % n_samples)
                faults_note(faults, "that of trial %zu, layer %zu, step %zu "
                            "sums to %llu", trial, l, t,
                            (unsigned long long)sum);
        }
    }
}

void verify_histograms(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    for (size_t i = 0; i < verifier->results.n_trials; i++)
        check_histograms(verifier, i, &faults);
    faults_tell(verifier, &faults, "histograms",
                "%zu sum to the samples times a layer's neurons",
                faults.n_looked);
}
