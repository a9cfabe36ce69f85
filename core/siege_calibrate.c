/* Surrogates that follow moments, fitted for a whole attack. */
#include "core/model_fit.h"
#include "core/siege.h"
#include "core/surrogate.h"

/* Of draws that no query takes, unless the attacker knows the verdict's. */
static const uint32_t calibration_draw = UINT32_MAX;

bool siege_is_calibrated(const struct siege *siege)
{
    return surrogate_in_attack(siege->attacked->spec).surrogate->fits_moments;
}

void siege_calibrate(struct siege *siege)
{
    enum { N_MAX = 256 };
    size_t n = siege->data->test.n < N_MAX ? siege->data->test.n : N_MAX;
    if (!siege_is_calibrated(siege))
        return;
    model_begin_calibration(siege->attacked);
    for (size_t i = 0; i < n; i++) {
        siege->batch.ids[0] = (uint32_t)i;
        trial_gather(siege->data, &siege->data->test, 1, &siege->batch);
        struct model_batch image =
            siege_batch(siege, 1, siege->batch.images, siege->batch.ids,
                        calibration_draw);
        model_forward_test(siege->attacked, &image, NULL);
    }
    model_end_calibration(siege->attacked, n);
}
