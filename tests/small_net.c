#include "tests/small_net.h"
#include "core/rng.h"
#include "core/trial.h"

#include <math.h>
#include <string.h>

struct spec small_spec(const char *text, struct arena *arena)
{
    struct spec spec;
    const char *all = "";
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        all = arena_print(arena, "%s%s = %s\n", all, spec_axes[i]->name,
                          spec_axes[i]->fallback);
    all = arena_print(arena, "%s%s", all, text);
    enum status status = spec_parse(all, &spec, arena);
    if (status != STATUS_OK)
        status_abort(status_reason(), __FILE__, __LINE__);
    return spec;
}

/* data ---------------------------------------------------------------- */

static struct split make_split(struct image_shape shape, size_t n_classes,
                               size_t n, uint64_t lane, double noise,
                               struct arena *arena)
{
    size_t n_pixels = image_size(shape);
    uint8_t *images = ARENA_ARRAY(arena, uint8_t, n * n_pixels);
    uint8_t *labels = ARENA_ARRAY(arena, uint8_t, n);
    struct rng_stream patterns = {0, RNG_SYNTHETIC, 0};
    struct rng_stream own = {1, RNG_SYNTHETIC, lane};
    for (size_t i = 0; i < n * n_pixels; i++) {
        size_t label = i / n_pixels % n_classes;
        uint32_t pattern =
            rng_word(patterns, label * n_pixels + i % n_pixels) >> 24;
        uint32_t other = rng_word(own, i) >> 24;
        images[i] = (uint8_t)((1 - noise) * pattern + noise * other);
        labels[i / n_pixels] = (uint8_t)label;
    }
    return (struct split){n, images, labels, NULL};
}

static void take_moments(struct data_set *data)
{
    size_t n = data->train.n * image_size(data->shape);
    size_t n_channels = data->shape.n_channels;
    for (size_t c = 0; c < n_channels; c++) {
        double sum = 0, squares = 0, count = (double)(n / n_channels);
        for (size_t i = c; i < n; i += n_channels) {
            double pixel = data->train.images[i] / 255.0;
            sum += pixel;
            squares += pixel * pixel;
        }
        double mean = sum / count;
        data->mean[c] = (float)mean;
        data->deviation[c] = (float)sqrt(squares / count - mean * mean);
    }
}

struct data_set small_data(struct image_shape shape, size_t n_classes,
                           size_t n_train, size_t n_test, double noise,
                           struct arena *arena)
{
    struct data_set data = {
        .shape = shape,
        .n_classes = n_classes,
        .train = make_split(shape, n_classes, n_train, 0, noise, arena),
        .test = make_split(shape, n_classes, n_test, 1, noise, arena),
    };
    take_moments(&data);
    data.fingerprint =
        digest_of(data.train.images, n_train * image_size(shape));
    return data;
}

/* weights ------------------------------------------------------------- */

static size_t count_entries(const struct tensor_place *place)
{
    size_t n = 1;
    for (size_t i = 0; i < place->rank; i++)
        n *= place->extent[i];
    return n;
}

size_t small_count_values(const struct spec *spec, const struct data_set *data)
{
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n_places = trial_places(spec, data, places), n = 0;
    for (size_t i = 0; i < n_places; i++)
        n += count_entries(&places[i]);
    return n;
}

/* From a number in [-1, 1) to an entry of a tensor. */
static double entry_of(const struct tensor_place *place, double spread,
                       double number)
{
    const char *what = strchr(place->name, '.') + 1;
    if (!strcmp(what, "scale") || !strcmp(what, "running_variance"))
        return 1 + 0.4 * number;
    if (!strcmp(what, "keep"))
        return 0.55 + 0.44 * number;
    if (!strncmp(place->name, "neuron", 6))
        return 0.7 + 0.4 * number;
    if (strcmp(what, "weight") != 0)
        return 0.3 * number;
    double n_out = (double)place->extent[place->rank - 1];
    return number * spread * sqrt(3 * n_out / (double)count_entries(place));
}

void small_fill_values(const struct spec *spec, const struct data_set *data,
                       uint64_t seed, double spread, double *values)
{
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n_places = trial_places(spec, data, places);
    for (size_t i = 0; i < n_places; i++)
        for (size_t k = 0; k < count_entries(&places[i]); k++) {
            struct rng_stream stream = {seed, RNG_WEIGHTS, i};
            double number = 2 * (rng_word(stream, k) * 0x1p-32) - 1;
            values[places[i].offset + k] =
                (double)(float)entry_of(&places[i], spread, number);
        }
}
