#include "io/weights_file.h"
#include "io/exchange_parts.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "io/tensor_order.h"

#include <string.h>

/* A tensor as others order it. */
struct ordered {
    const float *at;
    size_t rank, extent[4];
    const char *layout;
};

static struct ordered order(const struct tensor_place *place,
                            const float *values, struct arena *arena)
{
    static const char *const plain[] = {"", "C", "TC", "HWC", "THWC"};
    const size_t *extent = place->extent;
    size_t n = 1;
    for (size_t i = 0; i < place->rank; i++)
        n *= extent[i];
    const char *dot = strrchr(place->name, '.');
    bool is_weight = dot && strcmp(dot, ".weight") == 0;
    float *to = is_weight ? ARENA_ARRAY(arena, float, n) : NULL;
    if (is_weight && place->rank == 4) {
        tensor_order_kernel(extent[0], extent[2], extent[3], values, to);
        return (struct ordered){
            to, 4, {extent[3], extent[2], extent[0], extent[1]}, "OIHW"};
    }
    if (is_weight) {
        tensor_order_linear(place->of, extent[1], values, to);
        return (struct ordered){to, 2, {extent[1], extent[0]}, "OI"};
    }
    struct ordered same = {values, place->rank, {0}, plain[place->rank]};
    if (place->rank == 2 && strncmp(place->name, "attention", 9) == 0)
        same.layout = "IO";
    memcpy(same.extent, extent, sizeof same.extent);
    return same;
}

static herr_t put_tensor(hid_t group, const struct tensor_place *place,
                         const float *values)
{
    struct arena arena = arena_open();
    struct ordered tensor = order(place, values, &arena);
    herr_t result = hdf5_put_floats(group, place->name, tensor.rank,
                                    tensor.extent, tensor.at);
    hid_t dataset =
        result < 0 ? -1 : H5Dopen2(group, place->name, H5P_DEFAULT);
    if (dataset < 0 || hdf5_put_text(dataset, "layout", tensor.layout) < 0)
        result = -1;
    if (dataset >= 0)
        H5Dclose(dataset);
    arena_close(&arena);
    return result;
}

herr_t weights_put(hid_t file, const struct spec *spec,
                   const struct data_set *data, const struct weights *weights)
{
    struct arena arena = arena_open();
    struct tensor_place *places =
        ARENA_ARRAY(&arena, struct tensor_place, TRIAL_TENSORS_MAX);
    size_t n = trial_places(spec, data, places);
    hid_t group = hdf5_make_group(file, "weights");
    herr_t result =
        hdf5_put_text(file, "spec", spec_print(spec, false, &arena));
    for (size_t i = 0; i < n && result >= 0; i++)
        result =
            put_tensor(group, &places[i], weights->at + places[i].offset);
    H5Gclose(group);
    arena_close(&arena);
    return result;
}

struct all {
    const struct spec *spec;
    const struct data_set *data;
    const struct weights *weights;
};

static herr_t put(hid_t file, void *self)
{
    const struct all *all = self;
    return weights_put(file, all->spec, all->data, all->weights);
}

enum status weights_file_write(const char *path, const struct spec *spec,
                               const struct data_set *data,
                               const struct weights *weights)
{
    struct all all = {spec, data, weights};
    return exchange_write(path, put, &all);
}
