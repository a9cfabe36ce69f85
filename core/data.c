#include "core/data.h"

void data_gather(const struct data_set *data, const struct split *split,
                 size_t n, const uint32_t *ids, float *images,
                 uint8_t *labels)
{
    size_t n_pixels = image_size(data->shape);
    for (size_t i = 0; i < n; i++) {
        size_t at = split_place(split, ids[i]);
        const uint8_t *from = split->images + at * n_pixels;
        float *to = images + i * n_pixels;
        for (size_t k = 0; k < n_pixels; k++)
            to[k] = (float)from[k] / 255.0f;
        labels[i] = split->labels[at];
    }
}
