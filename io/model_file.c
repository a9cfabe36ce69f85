#include "io/model_file.h"
#include "io/durable.h"
#include "io/hdf5_util.h"

#include <math.h>
#include <string.h>

static const char SPEC_NAME[] = "spec", SHAPE_NAME[] = "shape",
                  CLASSES_NAME[] = "n_classes", MEAN_NAME[] = "mean",
                  DEVIATION_NAME[] = "deviation";

/* Where the tensors lie in the flat vector, and how long that is. */
struct layout {
    struct tensor_place *places;
    size_t n, n_values;
};

static size_t count_values(const struct tensor_place *place)
{
    size_t n = 1;
    for (size_t i = 0; i < place->rank; i++)
        n *= place->extent[i];
    return n;
}

static struct layout lay_out(const struct spec *spec,
                             const struct data_set *data, struct arena *arena)
{
    struct layout layout = {.n_values = 0};
    layout.places =
        ARENA_ARRAY(arena, struct tensor_place, TRIAL_TENSORS_MAX);
    layout.n = trial_places(spec, data, layout.places);
    for (size_t i = 0; i < layout.n; i++) {
        const struct tensor_place *place = &layout.places[i];
        size_t end = place->offset + count_values(place);
        layout.n_values = end > layout.n_values ? end : layout.n_values;
    }
    return layout;
}

static const char *cell_text(const struct spec *spec, struct arena *arena)
{
    struct spec cell = spec_without_attack(*spec);
    return spec_print(&cell, false, arena);
}

static hid_t make_space(const struct tensor_place *place)
{
    hsize_t extent[4];
    for (size_t i = 0; i < place->rank; i++)
        extent[i] = place->extent[i];
    return H5Screate_simple((int)place->rank, extent, NULL);
}

/* writing -------------------------------------------------------------- */

/* Without times, so that equal weights make equal files. */
static enum status put_tensor(hid_t file, const char *path,
                              const struct tensor_place *place,
                              const float *values)
{
    hid_t space = make_space(place), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, false);
    hid_t dataset = H5Dcreate2(file, place->name, H5T_IEEE_F32LE, space,
                               H5P_DEFAULT, list, H5P_DEFAULT);
    herr_t result = dataset < 0 ? -1
                                : H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL,
                                           H5S_ALL, H5P_DEFAULT, values);
    if (dataset >= 0 && H5Dclose(dataset) < 0)
        result = -1;
    H5Pclose(list);
    H5Sclose(space);
    return hdf5_check(result, STATUS_SYSTEM, path, "write a tensor");
}

static herr_t put_vector(hid_t file, const char *name, hid_t type,
                         hid_t memory, hsize_t n, const void *values)
{
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t attribute =
        H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    herr_t result = attribute < 0 ? -1 : H5Awrite(attribute, memory, values);
    if (attribute >= 0 && H5Aclose(attribute) < 0)
        result = -1;
    H5Sclose(space);
    return result;
}

static enum status put_data(hid_t file, const char *path,
                            const struct data_set *data)
{
    uint64_t shape[] = {data->shape.height, data->shape.width,
                        data->shape.n_channels};
    uint64_t n_classes = data->n_classes;
    bool fails =
        put_vector(file, SHAPE_NAME, H5T_STD_U64LE, H5T_NATIVE_UINT64, 3,
                   shape) < 0 ||
        put_vector(file, CLASSES_NAME, H5T_STD_U64LE, H5T_NATIVE_UINT64, 1,
                   &n_classes) < 0 ||
        put_vector(file, MEAN_NAME, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT,
                   shape[2], data->mean) < 0 ||
        put_vector(file, DEVIATION_NAME, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT,
                   shape[2], data->deviation) < 0;
    return hdf5_check(fails ? -1 : 0, STATUS_SYSTEM, path,
                      "write an attribute");
}

static enum status put_all(hid_t file, const char *path, const char *text,
                           const struct data_set *data,
                           const struct layout *layout,
                           const struct weights *weights, struct bytes *bytes)
{
    TRY(hdf5_check(hdf5_put_text(file, SPEC_NAME, text), STATUS_SYSTEM, path,
                   "write an attribute"));
    TRY(put_data(file, path, data));
    for (size_t i = 0; i < layout->n; i++)
        TRY(put_tensor(file, path, &layout->places[i],
                       weights->at + layout->places[i].offset));
    return hdf5_append_image(file, path, bytes);
}

static enum status pack(const char *path, const char *text,
                        const struct data_set *data,
                        const struct layout *layout,
                        const struct weights *weights, struct bytes *bytes)
{
    hid_t file = -1;
    TRY(hdf5_create_image(path, &file));
    enum status status =
        put_all(file, path, text, data, layout, weights, bytes);
    H5Fclose(file);
    if (status == STATUS_OK)
        bytes_seal(bytes, 0);
    return status;
}

enum status model_file_write(const char *path, const struct spec *spec,
                             const struct data_set *data,
                             const struct weights *weights)
{
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct layout layout = lay_out(spec, data, &arena);
    MUST(weights->n == layout.n_values);
    enum status status = pack(path, cell_text(spec, &arena), data, &layout,
                              weights, &bytes);
    if (status == STATUS_OK)
        status = durable_write(path, bytes.at, bytes.n);
    bytes_free(&bytes);
    arena_close(&arena);
    return status;
}

/* reading -------------------------------------------------------------- */

static bool has_shape(hid_t dataset, const struct tensor_place *place)
{
    hsize_t extent[4] = {0};
    hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    bool same = H5Tget_class(type) == H5T_FLOAT &&
                H5Sget_simple_extent_ndims(space) == (int)place->rank;
    if (same)
        H5Sget_simple_extent_dims(space, extent, NULL);
    for (size_t i = 0; same && i < place->rank; i++)
        same = extent[i] == place->extent[i];
    H5Tclose(type);
    H5Sclose(space);
    return same;
}

static const char *print_shape(const struct tensor_place *place,
                               struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < place->rank; i++)
        text = arena_print(arena, "%s%s%zu", text, i ? " x " : "",
                           place->extent[i]);
    return text;
}

static enum status check_finite(const char *path,
                                const struct tensor_place *place,
                                const float *values)
{
    for (size_t i = 0; i < count_values(place); i++)
        if (!isfinite(values[i]))
            return status_refuse(STATUS_INVALID,
                                 "%s: value %zu of tensor %s is %g, allowed "
                                 "are finite numbers",
                                 path, i, place->name, (double)values[i]);
    return STATUS_OK;
}

static enum status read_open(hid_t dataset, const char *path,
                             const struct tensor_place *place,
                             struct arena *arena, float *values)
{
    if (!has_shape(dataset, place))
        return status_refuse(STATUS_INVALID,
                             "%s: tensor %s is not an array of %s real "
                             "numbers, as the network of this cell has it",
                             path, place->name, print_shape(place, arena));
    herr_t result = H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL,
                            H5P_DEFAULT, values);
    TRY(hdf5_check(result, STATUS_DAMAGED, path, "read a tensor"));
    return check_finite(path, place, values);
}

static enum status read_tensor(hid_t file, const char *path,
                               const struct tensor_place *place,
                               struct arena *arena, float *values)
{
    if (H5Lexists(file, place->name, H5P_DEFAULT) <= 0)
        return status_refuse(STATUS_INVALID,
                             "%s: lacks the tensor %s that the network of "
                             "this cell has",
                             path, place->name);
    hid_t dataset = H5Dopen2(file, place->name, H5P_DEFAULT);
    TRY(hdf5_check(dataset, STATUS_DAMAGED, path, "open a tensor"));
    enum status status = read_open(dataset, path, place, arena, values);
    H5Dclose(dataset);
    return status;
}

/* Whether a text is that of the spec's cell; where it was written by a program
 * that knew of less, rows are missing. */
static bool is_of(const char *text, const struct spec *spec,
                  struct arena *arena)
{
    struct spec cell = spec_without_attack(*spec), written;
    if (spec_parse(text, &written, arena) != STATUS_OK) {
        status_forget();
        return false;
    }
    return digest_equal(spec_digest(&written), spec_digest(&cell));
}

static enum status read_tensors(hid_t file, const char *path,
                                const struct layout *layout,
                                struct arena *arena, float *values)
{
    for (size_t i = 0; i < layout->n; i++)
        TRY(read_tensor(file, path, &layout->places[i], arena,
                        values + layout->places[i].offset));
    return STATUS_OK;
}

static enum status read_all(hid_t file, const char *path,
                            const struct spec *spec,
                            const struct layout *layout, struct arena *arena,
                            float *values)
{
    const char *text = "";
    TRY(hdf5_get_text(file, SPEC_NAME, path, arena, &text));
    if (!is_of(text, spec, arena))
        return status_refuse(STATUS_INVALID,
                             "%s: holds the network of another cell; its "
                             "attribute %s says of which",
                             path, SPEC_NAME);
    return read_tensors(file, path, layout, arena, values);
}

/* What is sealed is whole: HDF5 may have it. */
static enum status open_sealed(const char *path, const struct bytes *bytes,
                               hid_t *file)
{
    struct bytes_reader reader = {bytes->at, bytes->n};
    enum status status = bytes_unseal(&reader);
    if (status != STATUS_OK)
        return status_refuse(status, "%s: %s", path, status_reason());
    return hdf5_open_image(path, reader.at, reader.left, file);
}

static enum status unpack(const char *path, const struct bytes *bytes,
                          const struct spec *spec,
                          const struct layout *layout, struct arena *arena,
                          float *values)
{
    hid_t file = -1;
    TRY(open_sealed(path, bytes, &file));
    enum status status = read_all(file, path, spec, layout, arena, values);
    H5Fclose(file);
    return status;
}

enum status model_file_read(const char *path, const struct spec *spec,
                            const struct data_set *data, struct arena *arena,
                            struct weights *weights)
{
    struct arena own = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct layout layout = lay_out(spec, data, &own);
    float *values = ARENA_ARRAY(arena, float, layout.n_values);
    enum status status = durable_read(path, &bytes);
    if (status == STATUS_OK)
        status = unpack(path, &bytes, spec, &layout, &own, values);
    if (status == STATUS_OK)
        *weights = (struct weights){layout.n_values, values};
    bytes_free(&bytes);
    arena_close(&own);
    return status;
}

/* by itself ------------------------------------------------------------ */

static enum status get_vector(hid_t file, const char *name, const char *path,
                              hid_t memory, size_t n, void *values)
{
    hid_t attribute = H5Aexists(file, name) > 0
                          ? H5Aopen(file, name, H5P_DEFAULT)
                          : -1;
    if (attribute < 0)
        return status_refuse(STATUS_INVALID,
                             "%s: has no attribute %s: it was written by a "
                             "program of an earlier time; train the cell anew",
                             path, name);
    hid_t space = H5Aget_space(attribute);
    bool fits = H5Sget_simple_extent_npoints(space) == (hssize_t)n;
    herr_t result = fits ? H5Aread(attribute, memory, values) : -1;
    H5Sclose(space);
    H5Aclose(attribute);
    return hdf5_check(result, STATUS_DAMAGED, path, "read an attribute");
}

enum { SIDE_MAX = 65536, CLASSES_MAX = 256 };

static enum status get_data(hid_t file, const char *path,
                            struct data_set *data)
{
    uint64_t shape[3], n_classes;
    TRY(get_vector(file, SHAPE_NAME, path, H5T_NATIVE_UINT64, 3, shape));
    TRY(get_vector(file, CLASSES_NAME, path, H5T_NATIVE_UINT64, 1,
                   &n_classes));
    if (shape[0] - 1 >= SIDE_MAX || shape[1] - 1 >= SIDE_MAX ||
        shape[2] - 1 >= DATA_CHANNELS_MAX || n_classes - 1 >= CLASSES_MAX)
        return status_refuse(STATUS_DAMAGED,
                             "%s: its network is for what no data set has: "
                             "%llu x %llu x %llu, %llu classes",
                             path, (unsigned long long)shape[0],
                             (unsigned long long)shape[1],
                             (unsigned long long)shape[2],
                             (unsigned long long)n_classes);
    data->shape = (struct image_shape){shape[0], shape[1], shape[2]};
    data->n_classes = n_classes;
    TRY(get_vector(file, MEAN_NAME, path, H5T_NATIVE_FLOAT, shape[2],
                   data->mean));
    return get_vector(file, DEVIATION_NAME, path, H5T_NATIVE_FLOAT, shape[2],
                      data->deviation);
}

/* A file's tensors are not packed: more than it is long it cannot hold. */
static enum status load_all(hid_t file, const char *path, size_t n_bytes,
                            struct arena *arena, struct spec *spec,
                            struct data_set *data, struct weights *weights)
{
    const char *text = "";
    TRY(hdf5_get_text(file, SPEC_NAME, path, arena, &text));
    TRY(spec_parse(text, spec, arena));
    TRY(get_data(file, path, data));
    const char *objection = spec_objection(spec, arena);
    if (objection)
        return status_refuse(STATUS_INVALID, "%s: %s", path, objection);
    TRY(trial_check_shape(spec, data));
    struct layout layout = lay_out(spec, data, arena);
    if (layout.n_values > n_bytes / sizeof(float))
        return status_refuse(STATUS_INVALID,
                             "%s: lacks tensors that the network of its spec "
                             "has",
                             path);
    float *values = ARENA_ARRAY(arena, float, layout.n_values);
    TRY(read_tensors(file, path, &layout, arena, values));
    *weights = (struct weights){layout.n_values, values};
    return STATUS_OK;
}

enum status model_file_load(const char *path, struct arena *arena,
                            struct spec *spec, struct data_set *data,
                            struct weights *weights)
{
    struct bytes bytes = {NULL, 0, 0};
    struct data_set of = {.n_classes = 0};
    hid_t file = -1;
    enum status status = durable_read(path, &bytes);
    if (status == STATUS_OK)
        status = open_sealed(path, &bytes, &file);
    size_t n_bytes = bytes.n;
    bytes_free(&bytes);
    TRY(status);
    status = load_all(file, path, n_bytes, arena, spec, &of, weights);
    H5Fclose(file);
    if (status == STATUS_OK)
        *data = of;
    return status;
}
