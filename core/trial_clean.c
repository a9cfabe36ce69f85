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

static void measure_batch(struct course *course, size_t first, size_t n,
                          struct record *record, double *loss)
{
    struct model *model = course->model;
    struct trial_batch *batch = &course->batch;
    struct model_watch watch = {course, add_tile, settle_tiles};
    for (size_t i = 0; i < n; i++)
        batch->ids[i] = (uint32_t)(first + i);
    trial_gather(course->data, &course->data->test, n, batch);
    struct model_batch input =
        trial_model_batch(batch, n, course->training->common.seed,
                          RNG_ENCODE_TEST, 0);
    model_forward_test(model, &input, &watch);
    loss_cross_entropy(n, model->n_classes, model->logits, batch->labels, 1.0f,
                       batch->loss, batch->predicted, model->d_logits);
    memcpy(record_u8(record, FIELD_CLEAN_PREDICTION) + first, batch->predicted,
           n);
    memcpy(record_u8(record, FIELD_LABEL) + first, batch->labels, n);
    for (size_t i = 0; i < n; i++)
        *loss += (double)batch->loss[i];
}

void course_measure_clean(struct course *course, struct record *record)
{
    size_t n_test = course->data->test.n, n_correct = 0;
    double loss = 0;
    for (size_t i = 0; i < n_test; i += course->model->n_images) {
        size_t left = n_test - i, n = course->model->n_images;
        measure_batch(course, i, left < n ? left : n, record, &loss);
    }
    const uint8_t *label = record_u8(record, FIELD_LABEL);
    const uint8_t *predicted = record_u8(record, FIELD_CLEAN_PREDICTION);
    for (size_t i = 0; i < n_test; i++)
        n_correct += label[i] == predicted[i];
    *record_f64(record, FIELD_CLEAN_ACCURACY) =
        (double)n_correct / (double)n_test;
    *record_f64(record, FIELD_CLEAN_LOSS) = loss / (double)n_test;
    membrane_write(&course->membrane, record);
}
