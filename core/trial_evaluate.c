/* Stage "evaluate": one attack on a trained network, over its epsilons; all
 * samples or a part of them. */
#include "core/attack_source.h"
#include "core/record_join.h"
#include "core/siege.h"

#include <math.h>
#include <string.h>

/* How far it is: samples that are done with, epsilons of those that are not. */
struct place {
    size_t first, e;
};

/* Batch after batch, each at all epsilons. */
struct evaluation {
    struct siege siege;
    const struct attack_common *common;
    const struct trial_hooks *hooks;
    struct siege_sums sums[KIND_LIST_MAX]; /* of each epsilon */
    struct record *record;
    struct place at;
    /* What all that comes depends on; and as it was at the last place. An
     * attack is not left in the middle: it begins again at its epsilon. */
    struct checkpoint now, before;
};

static void lay_out(struct evaluation *evaluation, const struct spec *spec,
                    const struct spec *source, const struct data_set *data,
                    struct span part, struct trial_means means,
                    struct record *record, struct arena *arena)
{
    struct checkpoint *now = &evaluation->now;
    *evaluation = (struct evaluation){.common = spec->at[SPEC_ATTACK].params,
                                      .record = record};
    *record = trial_evaluate_record(spec, part);
    siege_lay_out(&evaluation->siege, spec, source, data, part.n, means,
                  arena);
    record_lay_out(record, arena);
    checkpoint_add(now, &evaluation->at, sizeof evaluation->at);
    checkpoint_add(now, evaluation->sums, sizeof evaluation->sums);
    siege_add_checkpoint(&evaluation->siege, now);
    checkpoint_add_record(now, record);
    evaluation->before = checkpoint_lay_out_copy(now, arena);
}

static void arrive(struct evaluation *evaluation, size_t first, size_t e)
{
    evaluation->at = (struct place){first, e};
    checkpoint_copy(&evaluation->now, &evaluation->before);
    checkpoint_offer(evaluation->hooks->keeper, &evaluation->before);
}

/* Where an earlier attempt was in the middle of the batch, its samples have
 * been attacked at some epsilons. */
static void begin_batch(struct evaluation *evaluation, size_t n)
{
    size_t first = evaluation->record->span.first + evaluation->at.first;
    if (evaluation->at.e == 0) {
        siege_begin(&evaluation->siege, first, n);
        return;
    }
    siege_gather(&evaluation->siege, first, n);
    checkpoint_copy(&evaluation->before, &evaluation->now);
}

static void attack_at(struct evaluation *evaluation, size_t n)
{
    struct siege *siege = &evaluation->siege;
    const struct trial_hooks *hooks = evaluation->hooks;
    struct record *record = evaluation->record;
    size_t n_samples = record->extent[DIM_SAMPLE];
    size_t n_epsilons = record->extent[DIM_EPSILON];
    size_t first = evaluation->at.first, e = evaluation->at.e;
    size_t at = e * n_samples + first;
    double *loss = record_f64(record, FIELD_PART_LOSS) + at;
    siege_attack(siege, siege->sizes.at[e],
                 record_u8(record, FIELD_ROBUST_PREDICTION) + at,
                 &evaluation->sums[e],
                 record_u32(record, FIELD_SAMPLE_FORWARD) + at,
                 record_u32(record, FIELD_SAMPLE_BACKWARD) + at);
    for (size_t i = 0; i < n; i++)
        loss[i] = (double)siege->batch.loss[i];
    hooks->progress(hooks->self, first * n_epsilons + (e + 1) * n,
                    n_epsilons * n_samples, (double)NAN);
}

static void attack_batch(struct evaluation *evaluation, size_t n)
{
    struct siege *siege = &evaluation->siege;
    struct record *record = evaluation->record;
    size_t n_epsilons = record->extent[DIM_EPSILON];
    size_t first = evaluation->at.first;
    begin_batch(evaluation, n);
    attack_at(evaluation, n);
    while (evaluation->at.e + 1 < n_epsilons) {
        arrive(evaluation, first, evaluation->at.e + 1);
        attack_at(evaluation, n);
    }
    siege_shake(siege, record_f64(record, FIELD_LOSS_CHANGE) + first);
    siege_bisect(siege, evaluation->common->n_bisections,
                 record_u32(record, FIELD_BISECTION_FORWARD) + first,
                 record_u32(record, FIELD_BISECTION_BACKWARD) + first);
    memcpy(record_f64(record, FIELD_SAMPLE_DISTANCE) + first, siege->beaten,
           n * sizeof *siege->beaten);
    arrive(evaluation, first + n, 0);
}

/* what it adds up to -------------------------------------------------- */

static void write_sums(const struct evaluation *evaluation, size_t e)
{
    struct record *record = evaluation->record;
    const struct siege_sums *sums = &evaluation->sums[e];
    record_f64(record, FIELD_EPSILON)[e] =
        evaluation->siege.sizes.at[e];
    record_u64(record, FIELD_PART_CORRECT)[e] = sums->n_correct;
    record_u64(record, FIELD_N_ZERO_GRADIENT)[e] = sums->n_zero_samples;
    record_u64(record, FIELD_PART_ZERO_PIXELS)[e] = sums->n_zero_pixels;
    record_u64(record, FIELD_N_BETWEEN)[e] = sums->n_between;
    record_f64(record, FIELD_DISTANCE_MAX)[e] = sums->distance;
    record_f64(record, FIELD_PIXEL_MIN)[e] = (double)sums->low;
    record_f64(record, FIELD_PIXEL_MAX)[e] = (double)sums->high;
}

/* all of it ----------------------------------------------------------- */

static void open_sums(struct evaluation *evaluation)
{
    for (size_t e = 0; e < KIND_LIST_MAX; e++)
        evaluation->sums[e] =
            (struct siege_sums){.low = INFINITY, .high = -INFINITY};
}

/* Where an earlier attempt was, or at the beginning. */
static void set_out(struct evaluation *evaluation)
{
    const struct checkpoint_keeper *keeper = evaluation->hooks->keeper;
    if (!checkpoint_restore(keeper, &evaluation->now))
        open_sums(evaluation);
    checkpoint_copy(&evaluation->now, &evaluation->before);
    evaluation->siege.keeper = keeper;
    evaluation->siege.before = &evaluation->before;
}

static void attack_all(struct evaluation *evaluation)
{
    struct record *record = evaluation->record;
    size_t n_samples = record->extent[DIM_SAMPLE];
    size_t n_max = evaluation->siege.victim.n_max;
    while (evaluation->at.first < n_samples) {
        size_t left = n_samples - evaluation->at.first;
        attack_batch(evaluation, n_max < left ? n_max : left);
    }
    for (size_t e = 0; e < record->extent[DIM_EPSILON]; e++)
        write_sums(evaluation, e);
    *record_u64(record, FIELD_PART_PIXELS) = evaluation->siege.victim.n_pixels;
    record_derive(record);
}

/* The whole is a part of all samples. */
static struct span span_of(const struct spec *spec,
                           const struct data_set *data, struct span span)
{
    size_t n = trial_attack_samples(spec, data->test.n);
    return span_is_whole(span) ? (struct span){0, n, n} : span;
}

static enum status check_weights(const struct spec *spec, const char *whose,
                                 const struct data_set *data,
                                 const struct weights *weights)
{
    size_t n_values = model_count_values(spec, data);
    if (weights->n == n_values)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "the model has %zu values, the %s network needs %zu",
                         weights->n, whose, n_values);
}

static enum status check_span(const struct spec *spec,
                              const struct data_set *data, struct span span)
{
    size_t n_samples = trial_attack_samples(spec, data->test.n);
    if (!span_is_sound(span) || span.total != n_samples)
        return status_refuse(STATUS_INVALID,
                             "samples %zu to %zu of %zu are no part of the "
                             "%zu that the attack is run on",
                             span.first, span.first + span.n, span.total,
                             n_samples);
    return STATUS_OK;
}

/* The cell that the attack is made on if that is another, in `arena`; else
 * NULL. Who hands a spec in has seen that it can be. */
static const struct spec *find_source(const struct spec *spec,
                                      struct arena *arena)
{
    if (!attack_source_is_other(spec))
        return NULL;
    struct spec *source = ARENA_ARRAY(arena, struct spec, 1);
    MUST(attack_source_find(spec, source, arena) == STATUS_OK);
    return source;
}

static void put_weights(struct model *model, const struct weights *weights)
{
    memcpy(model->weights, weights->at, weights->n * sizeof(float));
}

static enum status run(const struct spec *spec, const struct spec *source,
                       const struct data_set *data, struct span span,
                       const struct trial_networks *networks,
                       const struct trial_hooks *hooks, struct arena *arena,
                       struct record *record)
{
    struct evaluation evaluation;
    struct span part = span_of(spec, data, span);
    TRY(check_weights(spec, "cell's", data, &networks->own));
    if (source)
        TRY(check_weights(source, "source's", data, &networks->source));
    TRY(check_span(spec, data, part));
    lay_out(&evaluation, spec, source, data, part, hooks->means, record,
            arena);
    evaluation.hooks = hooks;
    put_weights(evaluation.siege.model, &networks->own);
    if (source)
        put_weights(evaluation.siege.attacked, &networks->source);
    siege_calibrate(&evaluation.siege);
    set_out(&evaluation);
    attack_all(&evaluation);
    if (span_is_whole(span))
        record_make_whole(record);
    return STATUS_OK;
}

enum status trial_transfer_part(const struct spec *spec,
                                const struct data_set *data, struct span span,
                                const struct trial_networks *networks,
                                const struct trial_hooks *hooks,
                                struct arena *arena, struct record *record)
{
    struct arena own = arena_open();
    enum status status = run(spec, find_source(spec, &own), data, span,
                             networks, hooks, arena, record);
    arena_close(&own);
    return status;
}

enum status trial_evaluate_part(const struct spec *spec,
                                const struct data_set *data, struct span span,
                                const struct weights *weights,
                                const struct trial_hooks *hooks,
                                struct arena *arena, struct record *record)
{
    struct trial_networks networks = {*weights, {0, NULL}};
    return trial_transfer_part(spec, data, span, &networks, hooks, arena,
                               record);
}

enum status trial_evaluate(const struct spec *spec,
                           const struct data_set *data,
                           const struct weights *weights,
                           const struct trial_hooks *hooks,
                           struct arena *arena, struct record *record)
{
    return trial_evaluate_part(spec, data, (struct span){0}, weights, hooks,
                               arena, record);
}

size_t trial_part_memory(const struct spec *spec, const struct data_set *data,
                         struct span span, struct trial_means means)
{
    struct arena arena = arena_open_counting(), own = arena_open();
    struct evaluation evaluation;
    struct record record;
    lay_out(&evaluation, spec, find_source(spec, &own), data,
            span_of(spec, data, span), means, &record, &arena);
    arena_close(&own);
    const struct siege *siege = &evaluation.siege;
    return arena.n_bytes +
           attack_memory(siege->attack, siege->attack_params, &siege->victim);
}

static double time_calibration(struct siege *siege,
                               const struct trial_hooks *hooks)
{
    if (!siege_is_calibrated(siege))
        return 0;
    double start = hooks->now_s(hooks->self);
    siege_calibrate(siege);
    return hooks->now_s(hooks->self) - start;
}

/* The first batch at the largest epsilon, on untrained weights, stands for
 * all: no sample leaves it, so that attacks take no more passes than this. */
double trial_evaluate_estimate(const struct spec *spec,
                               const struct data_set *data,
                               const struct trial_hooks *hooks)
{
    struct arena own = arena_open();
    struct siege siege;
    size_t n_samples = trial_attack_samples(spec, data->test.n);
    siege_lay_out(&siege, spec, find_source(spec, &own), data, n_samples,
                  hooks->means, &own);
    const struct attack_common *common = siege.attack_params;
    size_t n = siege.victim.n_max, n_epsilons = siege.sizes.n;
    model_initialize(siege.model, siege.seed);
    double calibration_s = time_calibration(&siege, hooks);
    if (siege.attacked != siege.model)
        model_initialize(siege.attacked, siege.seed);
    double start = hooks->now_s(hooks->self);
    double share =
        siege_rehearse(&siege, n, siege.sizes.at[n_epsilons - 1]);
    double time_s = (hooks->now_s(hooks->self) - start) / share;
    double per_sample = time_s / (double)n;
    arena_close(&own);
    size_t n_runs =
        siege.attack->minimal ? 1 : n_epsilons + common->n_bisections;
    size_t size = trial_part_size(spec, data->test.n);
    size_t n_parts = (n_samples + size - 1) / size;
    return per_sample * (double)(n_samples * n_runs) +
           calibration_s * (double)n_parts;
}
