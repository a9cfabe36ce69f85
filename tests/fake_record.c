#include "tests/fake_record.h"
#include "core/attack.h"
#include "core/regularizer.h"
#include "core/settings.h"

#include <math.h>
#include <string.h>

enum { N_STEPS = 4, N_CLASSES = 10, N_BINS = 80, N_NEURONS = 5000 };

const struct fake_attack fake_attacks[FAKE_ATTACKS] = {
    {"fgsm", NULL, 0.75},
    {"pgd", "7", 1.0},
    {"pgd", "20", 1.05},
    {"gaussian", NULL, 0.15},
};

/* numbers ------------------------------------------------------------- */

/* The i-th number in [0, 1) of what has this digest. */
static double chance(struct digest digest, size_t i)
{
    digest = digest_fold(digest, &i, sizeof i);
    return (double)(digest.low >> 11) * 0x1p-53;
}

/* How much a cell's regularizer helps: 0, 1 or 2. */
static double strength_of(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_REGULARIZER];
    const struct regularizer *regularizer = regularizer_of(choice->kind);
    double weight = regularizer->weight(choice->params, 1);
    return weight == 0 ? 0 : weight < 0.5 ? 1 : 2;
}

static uint8_t label_of(size_t i)
{
    return (uint8_t)(i % N_CLASSES);
}

/* The perturbations that the cell's samples stand; 0 where one is wrong
 * anyway. */
static const double *margins_of(const struct spec *spec, size_t n,
                                struct arena *arena)
{
    struct spec cell = spec_without_attack(*spec);
    struct digest digest = spec_digest(&cell);
    double strength = strength_of(spec), scale = 0.01 * (1 + 0.8 * strength);
    double *margins = ARENA_ARRAY(arena, double, n);
    for (size_t i = 0; i < n; i++) {
        bool wrong = chance(digest, 2 * i) < 0.12 + 0.02 * strength;
        margins[i] = wrong ? 0 : -scale * log(1 - chance(digest, 2 * i + 1));
    }
    return margins;
}

/* records ------------------------------------------------------------- */

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2.0));
}

static void fill_step(struct record *record, const struct spec *spec,
                      size_t at, double depth, double t)
{
    size_t n_bins = record->extent[DIM_BIN];
    const double *edges = record_f64(record, FIELD_MEMBRANE_EDGE);
    double strength = strength_of(spec), gamma = 1;
    double mean = -0.5 - 0.6 * strength - 0.2 * depth + 0.05 * t;
    double deviation = 0.8 - 0.1 * strength + 0.1 * t;
    record_f64(record, FIELD_MEMBRANE_MEAN)[at] = mean;
    record_f64(record, FIELD_MEMBRANE_DEVIATION)[at] = deviation;
    record_f64(record, FIELD_MEMBRANE_OMEGA)[at] =
        omega_value(mean, deviation, gamma);
    record_f64(record, FIELD_MEMBRANE_INSIDE)[at] =
        omega_value(mean, deviation, gamma) * 0.97;
    record_f64(record, FIELD_FIRING_RATE)[at] =
        normal_cdf(mean / deviation);
    double n = N_NEURONS * (double)record->extent[DIM_SAMPLE];
    uint64_t below = 0; /* rounded so that all of them add up to n */
    for (size_t b = 0; b < n_bins; b++) {
        double high = b + 1 < n_bins
                          ? normal_cdf((edges[b + 1] - mean) / deviation)
                          : 1;
        record_u64(record, FIELD_MEMBRANE_COUNT)[at * n_bins + b] =
            (uint64_t)(n * high) - below;
        below = (uint64_t)(n * high);
    }
}

static void fill_membrane(struct record *record, const struct spec *spec)
{
    double *edges = record_f64(record, FIELD_MEMBRANE_EDGE);
    *record_f64(record, FIELD_MEMBRANE_GAMMA) = 1;
    edges[0] = -(double)INFINITY;
    for (size_t b = 0; b <= N_BINS; b++)
        edges[b + 1] = -4 + 8.0 * (double)b / N_BINS;
    for (size_t layer = 0; layer < record->extent[DIM_LAYER]; layer++)
        for (size_t t = 0; t < N_STEPS; t++)
            fill_step(record, spec, layer * N_STEPS + t, (double)layer,
                      (double)t);
}

static void fill_epochs(struct record *record, const struct spec *spec)
{
    for (size_t e = 0; e < record->extent[DIM_EPOCH]; e++) {
        double share = 1.0 / (double)(e + 1);
        record_f64(record, FIELD_TRAIN_LOSS)[e] = 0.4 + share;
        record_f64(record, FIELD_TRAIN_ACCURACY)[e] = 0.9 - 0.4 * share;
        record_f64(record, FIELD_REGULARIZER)[e] =
            strength_of(spec) > 0 ? 0.5 * share : 0;
        record_f64(record, FIELD_LEARNING_RATE)[e] = 0.1 * share;
        record_f64(record, FIELD_EPOCH_TIME)[e] = 2.5;
        record_f64(record, FIELD_GRADIENT_NORM)[e] = share;
        record_f64(record, FIELD_DEFLATION_RESIDUAL)[e] = 1e-4 * share;
    }
}

static void fill_clean(struct record *record, const struct spec *spec,
                       struct arena *arena)
{
    size_t n = record->extent[DIM_SAMPLE], n_correct = 0;
    const double *margins = margins_of(spec, n, arena);
    for (size_t i = 0; i < n; i++) {
        bool correct = margins[i] > 0;
        record_u8(record, FIELD_LABEL)[i] = label_of(i);
        record_u8(record, FIELD_CLEAN_PREDICTION)[i] =
            (uint8_t)((label_of(i) + !correct) % N_CLASSES);
        n_correct += correct;
    }
    *record_f64(record, FIELD_CLEAN_ACCURACY) = (double)n_correct / (double)n;
    *record_f64(record, FIELD_CLEAN_LOSS) = 0.5;
    *record_u64(record, FIELD_N_PARAMETERS) = 421642;
    *record_u64(record, FIELD_EPOCHS_RUN) = record->extent[DIM_EPOCH];
    struct digest digest = spec_digest(spec);
    *record_u64(record, FIELD_MODEL_DIGEST_HIGH) = digest.low;
    *record_u64(record, FIELD_MODEL_DIGEST_LOW) = digest.high;
    *record_u64(record, FIELD_DATA_DIGEST_HIGH) = 1;
    *record_u64(record, FIELD_DATA_DIGEST_LOW) = 2;
}

struct record fake_record_train(const struct fake_sweep *sweep,
                                const struct spec *spec, struct arena *arena)
{
    struct record record = {
        .stage = STAGE_TRAIN,
        .extent = {[DIM_EPOCH] = sweep->n_epochs,
                   [DIM_LAYER] = sweep->n_hidden,
                   [DIM_STEP] = N_STEPS,
                   [DIM_BIN] = N_BINS + 2,
                   [DIM_SAMPLE] = sweep->n_test}};
    record_lay_out(&record, arena);
    fill_epochs(&record, spec);
    fill_clean(&record, spec, arena);
    fill_membrane(&record, spec);
    return record;
}

static double strength_of_attack(const struct fake_sweep *sweep,
                                 const struct spec *spec, struct arena *arena)
{
    const char *text = spec_print(spec, false, arena);
    struct settings settings = settings_parse(text, arena);
    const char *kind = settings_get(&settings, "attack");
    const char *steps = settings_get(&settings, "attack.n_steps");
    for (size_t k = 0; k < FAKE_ATTACKS; k++)
        if (!strcmp(kind, fake_attacks[k].kind) &&
            (!steps || !strcmp(steps, fake_attacks[k].steps)))
            return sweep->unsound && k == 0 && strength_of(spec) == 2
                       ? 1.5
                       : fake_attacks[k].strength;
    MUST(!"an attack of another sweep");
    return 0;
}

/* One epsilon of an attack; an unsound fgsm gives back what it found. */
static void fill_epsilon(const struct fake_sweep *sweep,
                         const struct spec *spec, const double *margins,
                         struct record *record, size_t e, double strength)
{
    size_t n = record->extent[DIM_SAMPLE], n_correct = 0;
    double epsilon = record_f64(record, FIELD_EPSILON)[e];
    uint8_t *prediction = record_u8(record, FIELD_ROBUST_PREDICTION) + e * n;
    if (sweep->unsound && e + 1 == record->extent[DIM_EPSILON] &&
        strength > 1.4)
        strength = 0.1;
    for (size_t i = 0; i < n; i++) {
        bool correct = margins[i] > 0 && epsilon * strength < margins[i];
        prediction[i] = (uint8_t)((label_of(i) + !correct) % N_CLASSES);
        n_correct += correct;
    }
    double out = sweep->unsound && strength_of(spec) == 1 ? 0.01 : 0;
    record_f64(record, FIELD_ROBUST_ACCURACY)[e] =
        (double)n_correct / (double)n;
    record_f64(record, FIELD_ROBUST_LOSS)[e] = 0.5 + 30 * epsilon;
    record_f64(record, FIELD_DISTANCE_MAX)[e] = epsilon > 0 ? epsilon + out : 0;
    record_f64(record, FIELD_PIXEL_MAX)[e] = 1;
    for (size_t i = 0; i < n; i++) {
        bool is_wrong = prediction[i] != label_of(i);
        record_u32(record, FIELD_SAMPLE_FORWARD)[e * n + i] = is_wrong ? 3 : 8;
        record_u32(record, FIELD_SAMPLE_BACKWARD)[e * n + i] =
            is_wrong ? 2 : 7;
    }
    record_u64(record, FIELD_N_FORWARD)[e] = 8;
    record_u64(record, FIELD_N_BACKWARD)[e] = 7;
}

struct record fake_record_attack(const struct fake_sweep *sweep,
                                 const struct spec *spec,
                                 struct arena *arena)
{
    const struct attack_common *attack = spec->at[SPEC_ATTACK].params;
    struct record record = {
        .stage = STAGE_EVALUATE,
        .extent = {[DIM_EPSILON] = attack->epsilons.n,
                   [DIM_SAMPLE] = attack->n_samples ? attack->n_samples
                                                    : sweep->n_test}};
    record_lay_out(&record, arena);
    double strength = strength_of_attack(sweep, spec, arena);
    const double *margins =
        margins_of(spec, record.extent[DIM_SAMPLE], arena);
    for (size_t e = 0; e < attack->epsilons.n; e++) {
        record_f64(&record, FIELD_EPSILON)[e] = attack->epsilons.at[e];
        fill_epsilon(sweep, spec, margins, &record, e, strength);
    }
    return record;
}
