/* What sweep.h5 says about predictions: which are correct, and the checks.
 * Works on the file as far as it is written, one trial at a time, so that no
 * more than a trial's predictions are in memory. */
#include "core/attack.h"
#include "core/checks.h"
#include "core/dataset.h"
#include "core/spec.h"
#include "core/trial.h"
#include "io/store_file.h"
#include "io/twins.h"

#include <math.h>
#include <string.h>

/* One trial, as read back. */
struct bench {
    const struct store_file *file;
    const struct store_trial *trial;
    size_t index;    /* of the trial */
    uint8_t *label, *clean; /* [n_samples] */
    size_t n_samples;
    struct check_cell cell;
    const size_t *twins; /* [n_trials], TWINS_NONE if there is none */
    struct check_curve *curves; /* [n_attacks]; without samples if none */
    size_t (*places)[KIND_LIST_MAX]; /* [n_attacks], where in the file's
                                        epsilons those of the curve are */
    struct arena *arena;
};

/* Reads a field of a trial (and, if it has one, the attack), whole. */
static enum status read_field_of(const struct bench *bench, size_t trial,
                                 enum record_field field, size_t attack,
                                 size_t n_samples, void **values)
{
    const struct store_variable *variable = store_file_find(
        bench->file, STORE_ROBUSTNESS, record_rows[field].name);
    MUST(variable != NULL);
    size_t start[STORE_RANK_MAX] = {trial};
    size_t count[STORE_RANK_MAX] = {1}, n = 1;
    for (size_t i = 1; i < variable->rank; i++) {
        enum store_dimension dimension = variable->dimension[i];
        start[i] = dimension == STORE_ATTACK ? attack : 0;
        count[i] = dimension == STORE_ATTACK ? 1
                   : dimension == STORE_SAMPLE
                       ? n_samples
                       : store_extent(bench->file->index, dimension);
        n *= count[i];
    }
    void *read = arena_take(bench->arena, n * store_type_size(variable->type));
    TRY(store_file_read(bench->file, variable, start, count, read));
    *values = read;
    return STATUS_OK;
}

static enum status read_field(const struct bench *bench,
                              enum record_field field, size_t attack,
                              size_t n_samples, void **values)
{
    return read_field_of(bench, bench->index, field, attack, n_samples,
                         values);
}

/* one attack ---------------------------------------------------------- */

struct fields {
    void *accuracy, *distance, *low, *high, *n_zero, *n_between, *n_forward;
    void *prediction, *forward, *backward, *change;
};

static enum status read_fields(const struct bench *bench, size_t attack,
                               size_t n, struct fields *fields)
{
    struct {
        enum record_field field;
        void **at;
    } wanted[] = {
        {FIELD_ROBUST_ACCURACY, &fields->accuracy},
        {FIELD_DISTANCE_MAX, &fields->distance},
        {FIELD_PIXEL_MIN, &fields->low},
        {FIELD_PIXEL_MAX, &fields->high},
        {FIELD_N_ZERO_GRADIENT, &fields->n_zero},
        {FIELD_N_BETWEEN, &fields->n_between},
        {FIELD_N_FORWARD, &fields->n_forward},
        {FIELD_ROBUST_PREDICTION, &fields->prediction},
        {FIELD_SAMPLE_FORWARD, &fields->forward},
        {FIELD_SAMPLE_BACKWARD, &fields->backward},
        {FIELD_LOSS_CHANGE, &fields->change},
    };
    for (size_t i = 0; i < KIND_COUNT(wanted); i++)
        TRY(read_field(bench, wanted[i].field, attack, n, wanted[i].at));
    return STATUS_OK;
}

/* Keeps of the file's epsilons those that this attack has: only there passes
 * are counted. They move to the front of each array. */
static void compact(const struct bench *bench, const struct fields *fields,
                    size_t n_samples, size_t *places,
                    struct check_curve *curve)
{
    const struct store_index *index = bench->file->index;
    double *columns[] = {fields->accuracy, fields->distance, fields->low,
                         fields->high};
    uint64_t *n_forward = fields->n_forward, *n_zero = fields->n_zero;
    uint64_t *n_between = fields->n_between;
    uint8_t *prediction = fields->prediction;
    uint32_t *forward = fields->forward, *backward = fields->backward;
    double *epsilon = ARENA_ARRAY(bench->arena, double, index->n_epsilons);
    size_t n = 0;
    for (size_t e = 0; e < index->n_epsilons && n < KIND_LIST_MAX; e++) {
        if (n_forward[e] == UINT64_MAX)
            continue;
        for (size_t k = 0; k < KIND_COUNT(columns); k++)
            columns[k][n] = columns[k][e];
        n_zero[n] = n_zero[e];
        n_between[n] = n_between[e];
        memmove(prediction + n * n_samples, prediction + e * n_samples,
                n_samples);
        memmove(forward + n * n_samples, forward + e * n_samples,
                n_samples * sizeof *forward);
        memmove(backward + n * n_samples, backward + e * n_samples,
                n_samples * sizeof *backward);
        epsilon[n] = index->epsilons[e];
        places[n++] = e;
    }
    curve->n_epsilons = n;
    curve->n_samples = n_samples;
    curve->epsilon = epsilon;
}

/* What an older program did not store. */
static void forget_missing(struct check_curve *curve)
{
    if (curve->n_epsilons == 0)
        return;
    if (curve->n_between[0] == UINT64_MAX)
        curve->n_between = NULL;
    if (curve->n_forward[0] == UINT32_MAX)
        curve->n_forward = curve->n_backward = NULL;
    if (isnan(curve->loss_change[0]))
        curve->loss_change = NULL;
}

static enum status read_curve(struct bench *bench, size_t attack,
                              size_t n_samples)
{
    struct check_curve *curve = &bench->curves[attack];
    const char *kind =
        settings_get(&bench->file->index->attacks[attack].settings, "attack");
    const struct attack *row = attack_of(kind_find(&attack_axis, kind));
    struct fields fields = {0};
    TRY(read_fields(bench, attack, n_samples, &fields));
    *curve = (struct check_curve){
        .attack = row,
        .settings = &bench->file->index->attacks[attack].settings,
        .accuracy = fields.accuracy,
        .distance_max = fields.distance,
        .pixel_min = fields.low,
        .pixel_max = fields.high,
        .n_zero_gradient = fields.n_zero,
        .prediction = fields.prediction,
        .n_between = fields.n_between,
        .n_forward = fields.forward,
        .n_backward = fields.backward,
        .loss_change = fields.change,
        .twin_accuracy = NAN,
        .label = bench->label,
        .clean_prediction = bench->clean,
    };
    compact(bench, &fields, n_samples, bench->places[attack], curve);
    forget_missing(curve);
    return STATUS_OK;
}

/* What the same attack leaves of the undefended twin at the largest epsilon; a
 * twin that shares a defence is none. */
static enum status find_twin_accuracy(const struct bench *bench, size_t attack)
{
    struct check_curve *curve = &bench->curves[attack];
    size_t twin = bench->twins[bench->index];
    void *accuracy = NULL;
    if (twin == TWINS_NONE || curve->n_epsilons == 0 ||
        twins_is_defended(&bench->file->index->trials[twin].settings))
        return STATUS_OK;
    TRY(read_field_of(bench, twin, FIELD_ROBUST_ACCURACY, attack, 0,
                      &accuracy));
    size_t last = bench->places[attack][curve->n_epsilons - 1];
    curve->twin_accuracy = ((const double *)accuracy)[last];
    return STATUS_OK;
}

static enum status write_correct(const struct bench *bench, size_t attack)
{
    const struct check_curve *curve = &bench->curves[attack];
    const struct store_variable *variable =
        store_file_find(bench->file, STORE_ROBUSTNESS, store_name_correct);
    size_t n = curve->n_samples;
    uint8_t *correct = arena_take(bench->arena, n);
    MUST(variable != NULL);
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        const size_t start[] = {bench->index, attack,
                                bench->places[attack][e], 0};
        const size_t count[] = {1, 1, 1, n};
        for (size_t i = 0; i < n; i++)
            correct[i] = curve->prediction[e * n + i] == bench->label[i];
        TRY(store_file_write(bench->file, variable, start, count, correct));
    }
    return STATUS_OK;
}

/* The values of all of the file's epsilons: a call for each of them would cost
 * more than what it writes. */
static enum status write_curve(const struct bench *bench, size_t attack,
                               const char *name, const void *values)
{
    const struct store_variable *variable =
        store_file_find(bench->file, STORE_ROBUSTNESS, name);
    const size_t start[] = {bench->index, attack, 0};
    const size_t count[] = {1, 1, bench->file->index->n_epsilons};
    MUST(variable != NULL);
    return store_file_write(bench->file, variable, start, count, values);
}

/* Of the file's epsilons those that the curve has not are none. */
struct together {
    double *worst, *surrogate_worst, *spread;
    uint64_t *n_surrogates;
};

static struct together open_together(const struct bench *bench)
{
    size_t n = bench->file->index->n_epsilons;
    struct together all = {ARENA_ARRAY(bench->arena, double, n),
                           ARENA_ARRAY(bench->arena, double, n),
                           ARENA_ARRAY(bench->arena, double, n),
                           ARENA_ARRAY(bench->arena, uint64_t, n)};
    store_fill_none(STORE_F64, n, all.worst);
    store_fill_none(STORE_F64, n, all.surrogate_worst);
    store_fill_none(STORE_F64, n, all.spread);
    store_fill_none(STORE_U64, n, all.n_surrogates);
    return all;
}

/* All attacks together: of the curve's norm, and through other surrogates. */
static enum status write_together(const struct bench *bench, size_t attack)
{
    struct check_curve *curve = &bench->curves[attack];
    size_t n = bench->file->index->n_attacks;
    double *worst = ARENA_ARRAY(bench->arena, double, curve->n_epsilons);
    struct together all = open_together(bench);
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        size_t place = bench->places[attack][e];
        struct check_together over =
            check_over_surrogates(bench->curves, n, attack, e);
        worst[e] = check_over_norm(bench->curves, n, attack, e).worst;
        all.worst[place] = worst[e];
        all.n_surrogates[place] = over.n;
        all.surrogate_worst[place] = over.worst;
        all.spread[place] = over.highest - over.lowest;
    }
    curve->worst_case = worst;
    TRY(write_curve(bench, attack, store_name_worst, all.worst));
    TRY(write_curve(bench, attack, store_name_n_surrogates, all.n_surrogates));
    TRY(write_curve(bench, attack, store_name_surrogate_worst,
                    all.surrogate_worst));
    return write_curve(bench, attack, store_name_surrogate_spread, all.spread);
}

static enum status write_checks(const struct bench *bench, size_t attack)
{
    const struct store_variable *verdict =
        store_file_find(bench->file, STORE_ROBUSTNESS, store_name_verdict);
    const struct store_variable *figure =
        store_file_find(bench->file, STORE_ROBUSTNESS, store_name_figure);
    MUST(verdict != NULL && figure != NULL);
    struct check_result results[CHECK_N];
    uint8_t verdicts[CHECK_N];
    double figures[CHECK_N];
    check_curve(&bench->cell, bench->curves, bench->file->index->n_attacks,
                attack, results);
    for (size_t i = 0; i < CHECK_N; i++) {
        verdicts[i] = (uint8_t)results[i].verdict;
        figures[i] = results[i].figure;
    }
    const size_t start[] = {bench->index, attack, 0};
    const size_t count[] = {1, 1, CHECK_N};
    TRY(store_file_write(bench->file, verdict, start, count, verdicts));
    return store_file_write(bench->file, figure, start, count, figures);
}

/* one trial ----------------------------------------------------------- */

static enum status read_clean(struct bench *bench)
{
    void *label = NULL, *clean = NULL;
    size_t n = bench->n_samples;
    TRY(read_field(bench, FIELD_LABEL, 0, n, &label));
    TRY(read_field(bench, FIELD_CLEAN_PREDICTION, 0, n, &clean));
    bench->label = label;
    bench->clean = clean;
    return STATUS_OK;
}

static enum status write_clean_correct(const struct bench *bench)
{
    const struct store_variable *variable = store_file_find(
        bench->file, STORE_ROBUSTNESS, store_name_clean_correct);
    const size_t start[] = {bench->index, 0}, count[] = {1, bench->n_samples};
    uint8_t *correct = arena_take(bench->arena, bench->n_samples);
    MUST(variable != NULL);
    for (size_t i = 0; i < bench->n_samples; i++)
        correct[i] = bench->clean[i] == bench->label[i];
    return store_file_write(bench->file, variable, start, count, correct);
}

static enum status check_attacks(struct bench *bench)
{
    const struct store_index *index = bench->file->index;
    bench->curves =
        ARENA_ARRAY(bench->arena, struct check_curve, index->n_attacks + 1);
    bench->places = arena_take(bench->arena, (index->n_attacks + 1) *
                                                 sizeof *bench->places);
    for (size_t i = 0; i < index->n_attacks; i++) {
        const struct store_task *task = bench->trial->evaluations[i];
        size_t n = task && task->has_record ? task->extent[DIM_SAMPLE] : 0;
        if (n > 0 && n <= bench->n_samples && index->n_epsilons > 0)
            TRY(read_curve(bench, i, n));
    }
    for (size_t i = 0; i < index->n_attacks; i++) {
        if (bench->curves[i].n_samples == 0)
            continue;
        TRY(find_twin_accuracy(bench, i));
        TRY(write_correct(bench, i));
        TRY(write_together(bench, i));
        TRY(write_checks(bench, i));
    }
    return STATUS_OK;
}

/* A cell that this version cannot read any more is taken for one whose answers
 * are not drawn. */
static struct check_cell describe_cell(const struct bench *bench)
{
    struct check_cell cell = {.n_classes = 0};
    struct spec spec;
    for (size_t i = 0; i < bench->n_samples; i++)
        if (bench->label[i] >= cell.n_classes)
            cell.n_classes = bench->label[i] + (size_t)1;
    if (spec_parse(bench->trial->spec, &spec, bench->arena) == STATUS_OK) {
        cell.random = trial_is_random(&spec);
        cell.events = dataset_count_frames(&spec.at[SPEC_DATASET]) > 0;
    }
    return cell;
}

/* Without a training's record there are no labels to judge by. */
static enum status check_trial(struct bench *bench)
{
    const struct store_task *train = bench->trial->train;
    bench->n_samples =
        train && train->has_record ? train->extent[DIM_SAMPLE] : 0;
    if (bench->n_samples == 0)
        return STATUS_OK;
    TRY(read_clean(bench));
    bench->cell = describe_cell(bench);
    TRY(write_clean_correct(bench));
    return check_attacks(bench);
}

static const size_t *find_twins(const struct store_index *index,
                                struct arena *arena)
{
    struct settings *settings =
        ARENA_ARRAY(arena, struct settings, index->n_trials + 1);
    for (size_t i = 0; i < index->n_trials; i++)
        settings[i] = index->trials[i].settings;
    return twins_find(index->n_trials, settings, arena);
}

enum status store_file_check(struct store_file *file)
{
    struct arena own = arena_open();
    const size_t *twins = find_twins(file->index, &own);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < file->index->n_trials; i++) {
        struct arena arena = arena_open();
        struct bench bench = {.file = file,
                              .trial = &file->index->trials[i],
                              .index = i,
                              .twins = twins,
                              .arena = &arena};
        status = check_trial(&bench);
        arena_close(&arena);
    }
    arena_close(&own);
    return status;
}
