/* What a trained network does on clean data. */
#include "core/loss.h"
#include "core/trial_course.h"

#include <string.h>

static void add_tile(void *self, size_t worker, size_t layer, size_t n_steps,
                     size_t n, const float *x, const float *s)
{
    (void)layer;
    const struct course *course = self;
    membrane_add(&course->parts[worker], 0, n_steps, n, x, s);
}

static void settle_tiles(void *self, size_t worker, size_t layer)
{
    struct course *course = self;
    membrane_move(&course->parts[worker], layer, &course->membrane);
}

/* What batches of the test split add up to. */
struct test_sums {
    double loss;
    size_t n_correct;
};

/* Potentials are those of the network that is tested. */
static void measure_batch(struct course *course, struct model *model,
                          size_t first, size_t n, struct test_sums *sums)
{
    struct trial_batch *batch = &course->batch;
    struct model_watch watch = {course, add_tile, settle_tiles};
    for (size_t i = 0; i < n; i++)
        batch->ids[i] = (uint32_t)(first + i);
    trial_gather(course->data, &course->data->test, n, batch);
    struct model_batch input =
        trial_model_batch(batch, n, course->training->common.seed,
                          RNG_ENCODE_TEST, 0);
    model_forward_test(model, &input, model == course->tested ? &watch : NULL);
    loss_cross_entropy(n, model->n_classes, model->logits, batch->labels, 1.0f,
                       batch->loss, batch->predicted, model->d_logits);
    for (size_t i = 0; i < n; i++) {
        sums->loss += (double)batch->loss[i];
        sums->n_correct += batch->predicted[i] == batch->labels[i];
    }
}

static void note_batch(const struct trial_batch *batch, size_t first, size_t n,
                       struct record *record)
{
    memcpy(record_u8(record, FIELD_CLEAN_PREDICTION) + first, batch->predicted,
           n);
    memcpy(record_u8(record, FIELD_LABEL) + first, batch->labels, n);
}

/* Each sample's prediction goes to the record, if that is not NULL. */
static struct test_sums measure(struct course *course, struct model *model,
                                struct record *record)
{
    struct test_sums sums = {0, 0};
    size_t n_test = course->data->test.n;
    membrane_clear(&course->membrane);
    for (size_t i = 0; i < n_test; i += course->model->n_images) {
        size_t left = n_test - i, most = course->model->n_images;
        size_t n = left < most ? left : most;
        measure_batch(course, model, i, n, &sums);
        if (record)
            note_batch(&course->batch, i, n, record);
        checkpoint_offer(course->hooks->keeper, &course->checkpoint);
    }
    return sums;
}

/* The network that is tested gets the trained one's weights. */
static void convert(const struct course *course)
{
    const struct model *trained = course->model;
    if (course->tested != trained)
        memcpy(course->tested->weights, trained->weights,
               trained->n_values * sizeof *trained->weights);
}

void course_measure_clean(struct course *course, struct record *record)
{
    double n_test = (double)course->data->test.n;
    if (course->tested != course->model)
        *record_f64(record, FIELD_ANALOG_ACCURACY) =
            (double)measure(course, course->model, NULL).n_correct / n_test;
    convert(course);
    struct test_sums sums = measure(course, course->tested, record);
    *record_f64(record, FIELD_CLEAN_ACCURACY) = (double)sums.n_correct / n_test;
    *record_f64(record, FIELD_CLEAN_LOSS) = sums.loss / n_test;
    membrane_write(&course->membrane, record);
}

void course_measure_epoch(struct course *course, size_t epoch,
                          struct record *record)
{
    double n_test = (double)course->data->test.n;
    convert(course);
    struct test_sums sums = measure(course, course->tested, NULL);
    double accuracy = (double)sums.n_correct / n_test;
    size_t n_layers = course->membrane.n_layers;
    record_f64(record, FIELD_TEST_ACCURACY)[epoch] = accuracy;
    record_f64(record, FIELD_TEST_LOSS)[epoch] = sums.loss / n_test;
    record_f64(record, FIELD_GENERALIZATION_GAP)[epoch] =
        record_f64(record, FIELD_TRAIN_ACCURACY)[epoch] - accuracy;
    for (size_t i = 0; i < n_layers; i++)
        record_f64(record, FIELD_INSIDE_SHARE)[epoch * n_layers + i] =
            membrane_inside(&course->membrane, i);
}
