/* Stage "train": from a seed to trained weights and what they do on clean
 * data. */
#include "core/augmentation.h"
#include "core/conversion.h"
#include "core/dataset.h"
#include "core/schedule.h"
#include "core/trial_course.h"

#include <math.h>
#include <string.h>

size_t trial_train_batch(const struct spec *spec, const struct data_set *data)
{
    const struct training_bptt *training = spec->at[SPEC_TRAINING].params;
    size_t n = data->train.n;
    return training->batch_size < n ? training->batch_size : n;
}

static void take_membranes(struct course *course, struct trial_means means,
                           struct arena *arena)
{
    size_t n_workers = means.n_threads > 0 ? means.n_threads : 1;
    course->membrane = trial_membrane(course->spec);
    membrane_lay_out(&course->membrane, arena);
    course->parts = ARENA_ARRAY(arena, struct membrane, n_workers);
    for (size_t i = 0; i < n_workers; i++) {
        struct membrane part = trial_membrane(course->spec);
        part.n_layers = 1;
        membrane_lay_out(&part, arena);
        if (course->parts)
            course->parts[i] = part;
    }
}

/* Of a normalization of every step. */
static bool is_scale(const struct tensor_place *place)
{
    const char *dot = strrchr(place->name, '.');
    return dot && strcmp(dot, ".scale") == 0;
}

/* The matrices and kernels, and what neurons learn one by one, if there is a
 * penalty on them. */
static void take_places(struct course *course, struct arena *arena)
{
    const struct training_bptt *training = course->training;
    struct tensor_place places[TRIAL_TENSORS_MAX];
    if (!(training->l1_penalty > 0) && !(training->l2_penalty > 0))
        return;
    size_t n = trial_places(course->spec, course->data, places);
    size_t n_weights = model_count_weights(course->spec, course->data);
    course->places = ARENA_ARRAY(arena, struct tensor_place, n);
    for (size_t i = 0; i < n && course->places; i++)
        if (places[i].rank > 1 && places[i].offset < n_weights &&
            !is_scale(&places[i]))
            course->places[course->n_places++] = places[i];
}

/* All that the stage takes, but the record. */
static struct course open_course(const struct spec *spec,
                                 const struct data_set *data,
                                 struct trial_means means,
                                 struct arena *arena)
{
    const struct choice *optimizer = &spec->at[SPEC_OPTIMIZER];
    struct course course = {
        .spec = spec,
        .data = data,
        .training = spec->at[SPEC_TRAINING].params,
        .optimizer = optimizer_of(optimizer->kind),
        .optimizer_params = optimizer->params,
    };
    size_t n = trial_train_batch(spec, data);
    course.model = model_lay_out(spec, data, n, MODEL_TRAIN, means, arena);
    course.tested = course.model;
    if (conversion_count_levels(spec) > 0)
        course.tested =
            model_lay_out(spec, data, n, MODEL_ATTACK, means, arena);
    course.batch = trial_batch_lay_out(data, n, arena);
    course.order = ARENA_ARRAY(arena, uint32_t, data->train.n);
    course.n_batches = data->train.n / n;
    course.state = ARENA_ARRAY(arena, float,
                               course.optimizer->n_slots *
                                   model_count_parameters(spec, data));
    course.undecayed = course_take_undecayed(spec, arena);
    course_meet_opponent(&course, arena);
    course_take_passes(&course, arena);
    course.weaver = course_weave(spec, data, arena);
    take_membranes(&course, means, arena);
    take_places(&course, arena);
    course_take_curvature(&course, arena);
    if (course.training->keep == KEEP_BEST)
        course.best =
            ARENA_ARRAY(arena, float, model_count_values(spec, data));
    return course;
}

static double rate_of(const struct course *course, size_t epoch, size_t i)
{
    const struct choice *schedule = &course->spec->at[SPEC_SCHEDULE];
    struct schedule_time time = {epoch, course->training->n_epochs, i,
                                 course->n_batches};
    return course->optimizer->learning_rate(course->optimizer_params) *
           schedule_factor(schedule_of(schedule->kind), schedule->params,
                           time);
}

/* The samples whose ids are in the batch, as this epoch sees them. */
static void gather(struct course *course, size_t epoch)
{
    struct trial_batch *batch = &course->batch;
    const struct choice *choice = &course->spec->at[SPEC_AUGMENTATION];
    const struct augmentation *augmentation = augmentation_of(choice->kind);
    size_t n = course->model->n_images;
    trial_gather(course->data, &course->data->train, n, batch);
    struct augmentation_batch drawn = {
        course->data, n,           batch->ids, course->training->common.seed,
        (uint32_t)epoch, batch->images};
    if (augmentation->draw)
        augmentation->draw(choice->params, &drawn);
}

static void run_batch(struct course *course)
{
    struct course_place *at = &course->at;
    const struct trial_hooks *hooks = course->hooks;
    size_t n = course->model->n_images;
    size_t n_all = course->n_batches * course->training->n_epochs;
    double start = hooks->now_s(hooks->self);
    memcpy(course->batch.ids, course->order + at->i_batch * n,
           n * sizeof *course->order);
    gather(course, at->epoch);
    course_take_step(course, at->epoch,
                     rate_of(course, at->epoch, at->i_batch), &at->sums);
    at->i_batch++;
    at->spent_s += hooks->now_s(hooks->self) - start;
    hooks->progress(hooks->self, at->epoch * course->n_batches + at->i_batch,
                    n_all, at->sums.loss / (double)(at->i_batch * n));
    checkpoint_offer(hooks->keeper, &course->checkpoint);
}

/* What is left of it. */
static void run_epoch(struct course *course)
{
    struct rng_stream stream = {course->training->common.seed, RNG_ORDER,
                                course->at.epoch};
    rng_permute(stream, course->data->train.n, course->order);
    while (course->at.i_batch < course->n_batches &&
           isfinite(course->at.sums.loss))
        run_batch(course);
}

/* A layer whose weights are no longer finite is silent, and the loss of what
 * the read-out still hears is finite: the loss alone would not tell. */
static bool all_finite(const struct model *model)
{
    float sum = 0;
    for (size_t i = 0; i < model->n_values; i++)
        sum += 0.0f * model->weights[i];
    return sum == 0.0f;
}

static void write_epoch(const struct course *course, struct record *record)
{
    const struct epoch_sums *sums = &course->at.sums;
    size_t epoch = course->at.epoch;
    double n_batches = (double)course->n_batches;
    double n_samples = n_batches * (double)course->model->n_images;
    record_f64(record, FIELD_TRAIN_LOSS)[epoch] = sums->loss / n_samples;
    record_f64(record, FIELD_TRAIN_ACCURACY)[epoch] =
        (double)sums->n_correct / n_samples;
    record_f64(record, FIELD_REGULARIZER)[epoch] =
        sums->regularizer / n_batches;
    record_f64(record, FIELD_LEARNING_RATE)[epoch] =
        rate_of(course, epoch, 0);
    record_f64(record, FIELD_EPOCH_TIME)[epoch] = course->at.spent_s;
    record_f64(record, FIELD_GRADIENT_NORM)[epoch] =
        sums->gradient_norm / n_batches;
    record_f64(record, FIELD_WEIGHT_PENALTY)[epoch] =
        sums->penalty / n_batches;
    if (course->weaver.deflation->change)
        record_f64(record, FIELD_DEFLATION_RESIDUAL)[epoch] =
            sums->deflation_residual;
    *record_u64(record, FIELD_EPOCHS_RUN) = epoch + 1;
}

/* Whether held-out samples, which are then in the test split's place, tell when
 * to end, or which epoch was the best. */
static bool validates(const struct spec *spec)
{
    const struct training_bptt *training = spec->at[SPEC_TRAINING].params;
    const struct dataset_common *dataset = spec->at[SPEC_DATASET].params;
    bool compares = training->patience > 0 || training->keep == KEEP_BEST;
    return compares && dataset->n_validation > 0;
}

/* What is only measured where it is asked for. */
static void measure_epoch(struct course *course, size_t epoch,
                          struct record *record)
{
    if (course->training->test_each_epoch || validates(course->spec))
        course_measure_epoch(course, epoch, record);
    if (course->training->hessian_iterations > 0)
        record_f64(record, FIELD_HESSIAN_EIGENVALUE)[epoch] =
            course_measure_curvature(course);
}

/* The epoch, of those so far, that reached the last new least loss. */
static size_t find_best(const struct training_bptt *training, size_t epoch,
                        const double *loss)
{
    size_t best = 0;
    for (size_t i = 1; i <= epoch; i++)
        if (loss[i] < loss[best] - training->min_improvement)
            best = i;
    return best;
}

/* Keeps the weights of a new best epoch; true if there was none for too long.
 */
static bool loses_patience(struct course *course, size_t epoch,
                           const double *loss)
{
    const struct training_bptt *training = course->training;
    const struct model *model = course->model;
    size_t best = find_best(training, epoch, loss);
    if (course->best && best == epoch)
        memcpy(course->best, model->weights,
               model->n_values * sizeof *model->weights);
    return training->patience > 0 && epoch - best >= training->patience;
}

/* What a longer training of the same kind can go on from. */
static void offer_milestone(const struct course *course)
{
    const struct checkpoint_keeper *keeper = course->hooks->keeper;
    const struct training_bptt *training = course->training;
    if (keeper && keeper->milestone &&
        training_count_epochs(training) < training->n_epochs)
        keeper->milestone(keeper->self, &course->checkpoint);
}

/* All epochs; false if the loss or a weight stopped being finite. */
static bool run_epochs(struct course *course, struct record *record)
{
    const double *loss =
        record_f64(record, validates(course->spec) ? FIELD_TEST_LOSS
                                                   : FIELD_TRAIN_LOSS);
    struct course_place *at = &course->at;
    size_t n_epochs = course->training->n_epochs;
    size_t end = training_count_epochs(course->training);
    while (at->epoch < end) {
        run_epoch(course);
        write_epoch(course, record);
        if (!isfinite(at->sums.loss) || !all_finite(course->model))
            return false;
        measure_epoch(course, at->epoch, record);
        bool ends = loses_patience(course, at->epoch, loss);
        *at = (struct course_place){.epoch = ends ? n_epochs : at->epoch + 1};
    }
    offer_milestone(course);
    if (course->best)
        memcpy(course->model->weights, course->best,
               course->model->n_values * sizeof *course->best);
    return true;
}

/* What has no value since training ended early says so: not a number. */
static void fill_unknown(struct record *record)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        enum record_field field = (enum record_field)i;
        if (!record->at[i] || record_rows[i].type != RECORD_F64)
            continue;
        for (size_t k = 0; k < record_count(record, field); k++)
            record_f64(record, field)[k] = NAN;
    }
}

static void write_identity(const struct course *course, struct record *record)
{
    const struct model *model = course->model;
    struct digest digest =
        digest_of(model->weights, model->n_values * sizeof(float));
    struct digest data = course->data->fingerprint;
    *record_u64(record, FIELD_N_PARAMETERS) = model->n_parameters;
    *record_u64(record, FIELD_MODEL_DIGEST_HIGH) = digest.high;
    *record_u64(record, FIELD_MODEL_DIGEST_LOW) = digest.low;
    *record_u64(record, FIELD_DATA_DIGEST_HIGH) = data.high;
    *record_u64(record, FIELD_DATA_DIGEST_LOW) = data.low;
}

/* Everything else follows from the seed and these. */
static void take_checkpoint(struct course *course, const struct record *record)
{
    struct checkpoint *checkpoint = &course->checkpoint;
    const struct model *model = course->model;
    size_t n_slots = course->optimizer->n_slots * model->n_parameters;
    size_t n_values = model->n_values * sizeof *model->weights;
    checkpoint_add(checkpoint, &course->at, sizeof course->at);
    checkpoint_add(checkpoint, &course->i_step, sizeof course->i_step);
    checkpoint_add(checkpoint, model->weights, n_values);
    checkpoint_add(checkpoint, course->state, n_slots * sizeof *course->state);
    checkpoint_add(checkpoint, course->best, course->best ? n_values : 0);
    checkpoint_add_record(checkpoint, record);
}

/* The weights that the stage begins with. */
static void begin_weights(struct course *course)
{
    struct model *model = course->model;
    const struct weights *given = course->hooks->given;
    if (course->spec->at[SPEC_TRAINING].kind != training_kind_given) {
        model_initialize(model, course->training->common.seed);
        return;
    }
    MUST(given && given->n == model->n_values);
    memcpy(model->weights, given->at, given->n * sizeof *given->at);
}

void trial_train(const struct spec *spec, const struct data_set *data,
                 const struct trial_hooks *hooks, struct arena *arena,
                 struct weights *weights, struct record *record)
{
    struct course course = open_course(spec, data, hooks->means, arena);
    course.hooks = hooks;
    *record = trial_train_record(spec, data);
    record_lay_out(record, arena);
    fill_unknown(record);
    take_checkpoint(&course, record);
    if (!checkpoint_restore(hooks->keeper, &course.checkpoint))
        begin_weights(&course);
    record->diverged = !run_epochs(&course, record);
    write_identity(&course, record);
    if (!record->diverged)
        course_measure_clean(&course, record);
    if (!isfinite(*record_f64(record, FIELD_CLEAN_LOSS)))
        record->diverged = true;
    *weights = (struct weights){course.model->n_values, course.model->weights};
}

size_t trial_train_memory(const struct spec *spec, const struct data_set *data,
                          struct trial_means means)
{
    struct arena arena = arena_open_counting();
    struct record record = trial_train_record(spec, data);
    struct course course = open_course(spec, data, means, &arena);
    record_lay_out(&record, &arena);
    if (spec->at[SPEC_TRAINING].kind == training_kind_given)
        arena_take(&arena, model_count_values(spec, data) * sizeof(float));
    return arena.n_bytes + course_count_scratch(&course);
}

/* One step to warm up, one to time; clean data costs about a third of a step
 * a sample, of every time step where training has but one. */
double trial_train_estimate(const struct spec *spec,
                            const struct data_set *data,
                            const struct trial_hooks *hooks)
{
    struct arena own = arena_open();
    struct course course = open_course(spec, data, hooks->means, &own);
    struct epoch_sums sums = {0};
    size_t n = course.model->n_images;
    model_initialize(course.model, course.training->common.seed);
    for (size_t i = 0; i < n; i++)
        course.batch.ids[i] = (uint32_t)i;
    gather(&course, 0);
    course_take_step(&course, 0, 0.0, &sums);
    double start = hooks->now_s(hooks->self);
    course_take_step(&course, 0, 0.0, &sums);
    double step_s = hooks->now_s(hooks->self) - start;
    size_t n_slower = course.tested->n_steps / course.model->n_steps;
    arena_close(&own);
    const struct training_bptt *training = course.training;
    bool tests = training->test_each_epoch || validates(spec);
    size_t n_epochs = training_count_epochs(training);
    size_t n_tests = n_slower * (tests ? n_epochs + 1 : 1);
    size_t n_steps = n_epochs *
                     (course.n_batches + 2 * training->hessian_iterations);
    return step_s * ((double)n_steps + (double)n_tests *
                                           (double)data->test.n /
                                           (3.0 * (double)n));
}
