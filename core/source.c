#include "core/source.h"

#include <string.h>

void source_load(const struct source *source, size_t b, size_t t, size_t first,
                 size_t n, float *out)
{
    size_t at = b * source->stride_image + t * source->stride_step + first;
    if (source->floats) {
        memcpy(out, source->floats + at, n * sizeof *out);
        return;
    }
    const uint8_t *restrict counts = source->counts + at;
    float scale = source->scale;
    for (size_t i = 0; i < n; i++)
        out[i] = scale * (float)counts[i];
}
