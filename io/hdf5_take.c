#include "io/hdf5_take.h"
#include "io/dataset_chunks.h"
#include "io/hdf5_util.h"

#include <math.h>

/* Deflate packs a byte into no less than this share of one; what claims more
 * than its file can hold has never been written. */
enum { PACKING_MOST = 1100 };

/* A link that leads elsewhere, to another file say, is no part of a file. */
bool hdf5_has(hid_t file, const char *path)
{
    H5L_info_t info;
    return H5Lexists(file, path, H5P_DEFAULT) > 0 &&
           H5Lget_info(file, path, &info, H5P_DEFAULT) >= 0 &&
           info.type == H5L_TYPE_HARD;
}

hid_t hdf5_open_dataset(hid_t file, const char *path)
{
    hid_t object =
        hdf5_has(file, path) ? H5Oopen(file, path, H5P_DEFAULT) : -1;
    if (object < 0 || H5Iget_type(object) == H5I_DATASET)
        return object;
    H5Oclose(object);
    return -1;
}

static bool is_number(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static bool take_extents(hid_t space, size_t most_bytes,
                         struct hdf5_numbers *array)
{
    hsize_t extents[HDF5_NUMBERS_RANK_MAX] = {0};
    int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > HDF5_NUMBERS_RANK_MAX)
        return false;
    H5Sget_simple_extent_dims(space, extents, NULL);
    *array = (struct hdf5_numbers){.rank = (size_t)rank, .n = 1};
    for (int i = 0; i < rank; i++) {
        if (extents[i] < 1 || extents[i] > most_bytes / array->n)
            return false;
        array->extent[i] = extents[i];
        array->n *= extents[i];
    }
    return true;
}

/* Whether it can be read, and how large it is. */
static enum status check_open(const struct hdf5_source *source,
                              const char *name, hid_t dataset,
                              struct hdf5_numbers *array)
{
    size_t most = source->size * PACKING_MOST;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    bool fits = is_number(type) && take_extents(space, most, array);
    H5Sclose(space);
    H5Tclose(type);
    if (!fits)
        return status_refuse(STATUS_INVALID,
                             "%s: %s is no array of numbers that a file of "
                             "%zu bytes can hold",
                             source->path, name, source->size);
    return dataset_check_chunks(source->path, name, dataset, most);
}

/* Of a dataset the n numbers that `space` selects. */
static enum status read_numbers(const struct hdf5_source *source,
                                const struct hdf5_vector *from, hid_t memory,
                                hid_t space, size_t first, double *to)
{
    TRY(hdf5_check(H5Dread(from->id, H5T_NATIVE_DOUBLE, memory, space,
                           H5P_DEFAULT, to),
                   STATUS_DAMAGED, source->path, "read an array"));
    for (size_t i = 0; i < from->n; i++)
        if (!isfinite(to[i]))
            return status_refuse(STATUS_INVALID,
                                 "%s: number %zu of %s is %g, allowed are "
                                 "finite ones",
                                 source->path, first + i, from->name, to[i]);
    return STATUS_OK;
}

static enum status open_numbers(const struct hdf5_source *source,
                                const char *name, hid_t *dataset,
                                struct hdf5_numbers *array)
{
    hid_t id = hdf5_open_dataset(source->file, name);
    if (id < 0)
        return hdf5_refuse(STATUS_INVALID, "%s: has no dataset %s",
                           source->path, name);
    enum status status = check_open(source, name, id, array);
    if (status != STATUS_OK)
        H5Dclose(id);
    else
        *dataset = id;
    return status;
}

enum status hdf5_take_numbers(const struct hdf5_source *source,
                              const char *name, struct arena *arena,
                              struct hdf5_numbers *array)
{
    hid_t id;
    TRY(open_numbers(source, name, &id, array));
    struct hdf5_vector all = {name, id, array->n};
    array->at = ARENA_ARRAY(arena, double, array->n);
    enum status status =
        read_numbers(source, &all, H5S_ALL, H5S_ALL, 0, array->at);
    H5Dclose(id);
    return status;
}

/* in parts ------------------------------------------------------------ */

enum status hdf5_open_vector(const struct hdf5_source *source,
                             const char *name, struct hdf5_vector *vector)
{
    struct hdf5_numbers numbers;
    hid_t id;
    TRY(open_numbers(source, name, &id, &numbers));
    *vector = (struct hdf5_vector){name, id, numbers.n};
    if (numbers.rank == 1)
        return STATUS_OK;
    hdf5_close_vector(vector);
    return status_refuse(STATUS_INVALID, "%s: %s has %zu dimensions, allowed "
                         "is one", source->path, name, numbers.rank);
}

enum status hdf5_read_part(const struct hdf5_source *source,
                           const struct hdf5_vector *vector, size_t first,
                           size_t n, double *to)
{
    hsize_t from = first, extent = n;
    struct hdf5_vector part = {vector->name, vector->id, n};
    MUST(first <= vector->n && n <= vector->n - first);
    if (n == 0)
        return STATUS_OK;
    hid_t space = H5Dget_space(vector->id);
    hid_t memory = H5Screate_simple(1, &extent, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL, &extent, NULL);
    enum status status =
        read_numbers(source, &part, memory, space, first, to);
    H5Sclose(memory);
    H5Sclose(space);
    return status;
}

void hdf5_close_vector(struct hdf5_vector *vector)
{
    if (vector->id > 0)
        H5Dclose(vector->id);
    vector->id = 0;
}

/* texts --------------------------------------------------------------- */

enum { TEXT_MOST = 1 << 20 };

const char **hdf5_take_texts(hid_t dataset, size_t n, struct arena *arena)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    size_t size = H5Tget_size(type);
    const char **texts = ARENA_ARRAY(arena, const char *, n + 1);
    bool is_text = H5Tget_class(type) == H5T_STRING;
    bool varies = is_text && H5Tis_variable_str(type) > 0;
    bool fails = !is_text || size < 1 || size > TEXT_MOST ||
                 H5Sget_simple_extent_npoints(space) != (hssize_t)n;
    char *at = fails ? NULL
                     : arena_take(arena, n * (varies ? sizeof(char *) : size));
    hid_t memory = varies ? hdf5_text_type() : H5Tcopy(type);
    if (!fails)
        fails = H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, at) < 0;
    for (size_t i = 0; !fails && i < n; i++) {
        if (varies) {
            const char *text = ((char **)(void *)at)[i];
            texts[i] = arena_copy_text(arena, text ? text : "");
        } else {
            texts[i] = arena_print(arena, "%.*s", (int)size, at + i * size);
        }
    }
    if (!fails && varies)
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, at);
    H5Tclose(memory);
    H5Sclose(space);
    H5Tclose(type);
    return fails ? NULL : texts;
}
