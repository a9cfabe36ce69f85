/* What sweep.h5 says about predictions: which are correct, and the checks.
 * Works on the file as far as it is written, one trial at a time, so that no
 * more than a trial's predictions are in memory. */
#include "core/attack.h"
#include "core/checks.h"
#include "core/spec.h"
#include "io/store_file.h"

#include <string.h>

/* One trial, as read back. */
struct bench {
    const struct store_file *file;
    const struct store_trial *trial;
    size_t index;    /* of the trial */
    uint8_t *label, *clean; /* [n_samples] */
    size_t n_samples;
    struct check_curve *curves; /* [n_attacks]; without samples if none */
    size_t (*places)[KIND_LIST_MAX]; /* [n_attacks], where in the file's
                                        epsilons those of the curve are */
    struct arena *arena;
};

/* Reads a field of the trial (and, if it has one, the attack), whole. */
static enum status read_field(const struct bench *bench,
                              enum record_field field, size_t attack,
                              size_t n_samples, void **values)
{
    const struct store_variable *variable = store_file_find(
        bench->file, STORE_ROBUSTNESS, record_rows[field].name);
    MUST(variable != NULL);
    size_t start[STORE_RANK_MAX] = {bench->index};
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

/* one attack ---------------------------------------------------------- */

struct fields {
    void *accuracy, *distance, *low, *high, *n_zero, *n_forward, *prediction;
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
        {FIELD_N_FORWARD, &fields->n_forward},
        {FIELD_ROBUST_PREDICTION, &fields->prediction},
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
    uint8_t *prediction = fields->prediction;
    double *epsilon = ARENA_ARRAY(bench->arena, double, index->n_epsilons);
    size_t n = 0;
    for (size_t e = 0; e < index->n_epsilons && n < KIND_LIST_MAX; e++) {
        if (n_forward[e] == UINT64_MAX)
            continue;
        for (size_t k = 0; k < KIND_COUNT(columns); k++)
            columns[k][n] = columns[k][e];
        n_zero[n] = n_zero[e];
        memmove(prediction + n * n_samples, prediction + e * n_samples,
                n_samples);
        epsilon[n] = index->epsilons[e];
        places[n++] = e;
    }
    curve->n_epsilons = n;
    curve->n_samples = n_samples;
    curve->epsilon = epsilon;
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
        .in_ball = row->norm != NORM_NONE,
        .gradient = row->gradient,
        .single_step = row->single_step,
        .accuracy = fields.accuracy,
        .distance_max = fields.distance,
        .pixel_min = fields.low,
        .pixel_max = fields.high,
        .n_zero_gradient = fields.n_zero,
        .prediction = fields.prediction,
        .label = bench->label,
        .clean_prediction = bench->clean,
    };
    compact(bench, &fields, n_samples, bench->places[attack], curve);
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
    check_curve(bench->curves, bench->file->index->n_attacks, attack, results);
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
        TRY(write_correct(bench, i));
        TRY(write_checks(bench, i));
    }
    return STATUS_OK;
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
    TRY(write_clean_correct(bench));
    return check_attacks(bench);
}

enum status store_file_check(struct store_file *file)
{
    for (size_t i = 0; i < file->index->n_trials; i++) {
        struct arena arena = arena_open();
        struct bench bench = {.file = file,
                              .trial = &file->index->trials[i],
                              .index = i,
                              .arena = &arena};
        enum status status = check_trial(&bench);
        arena_close(&arena);
        TRY(status);
    }
    return STATUS_OK;
}
