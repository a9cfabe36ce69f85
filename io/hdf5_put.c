#include "io/hdf5_put.h"
#include "io/hdf5_util.h"

enum { RANK_MAX = 4, SMALL = 1024, DEFLATE_LEVEL = 4 };

static hid_t make(hid_t parent, const char *name, hid_t space, hid_t list,
                  hid_t type)
{
    H5Pset_obj_track_times(list, false);
    hid_t dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, list,
                               H5P_DEFAULT);
    H5Pclose(list);
    H5Sclose(space);
    return dataset;
}

static herr_t put(hid_t parent, const char *name, hid_t space, hid_t list,
                  hid_t type, hid_t memory, const void *values)
{
    hid_t dataset = make(parent, name, space, list, type);
    herr_t result = dataset < 0 ? -1
                                : H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL,
                                           H5P_DEFAULT, values);
    if (dataset >= 0 && H5Dclose(dataset) < 0)
        result = -1;
    return result;
}

static herr_t put_scalar(hid_t parent, const char *name, hid_t type,
                         hid_t memory, const void *value)
{
    return put(parent, name, H5Screate(H5S_SCALAR),
               H5Pcreate(H5P_DATASET_CREATE), type, memory, value);
}

herr_t hdf5_put_text_dataset(hid_t parent, const char *name, const char *text)
{
    struct arena arena = arena_open();
    const char *clean = hdf5_clean_text(text, &arena);
    hid_t type = hdf5_text_type();
    herr_t result = put_scalar(parent, name, type, type, &clean);
    H5Tclose(type);
    arena_close(&arena);
    return result;
}

herr_t hdf5_put_integer(hid_t parent, const char *name, int64_t value)
{
    return put_scalar(parent, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

herr_t hdf5_put_real(hid_t parent, const char *name, double value)
{
    return put_scalar(parent, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

/* How an array lies in its file. */
static hid_t lay_out(size_t rank, const hsize_t *extents)
{
    hsize_t chunk[RANK_MAX], n = 1;
    for (size_t i = 0; i < rank; i++) {
        chunk[i] = extents[i];
        n *= extents[i];
    }
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (n > SMALL) {
        if (rank == 1 && n > HDF5_PART)
            chunk[0] = HDF5_PART;
        H5Pset_chunk(list, (int)rank, chunk);
        H5Pset_shuffle(list);
        H5Pset_deflate(list, DEFLATE_LEVEL);
    }
    return list;
}

static herr_t put_array(hid_t parent, const char *name, size_t rank,
                        const size_t *extents, hid_t type, hid_t memory,
                        const void *values)
{
    hsize_t of[RANK_MAX];
    MUST(rank >= 1 && rank <= RANK_MAX);
    for (size_t i = 0; i < rank; i++)
        of[i] = extents[i];
    return put(parent, name, H5Screate_simple((int)rank, of, NULL),
               lay_out(rank, of), type, memory, values);
}

hid_t hdf5_make_vector(hid_t parent, const char *name, size_t n, hid_t type)
{
    hsize_t extent = n;
    return make(parent, name, H5Screate_simple(1, &extent, NULL),
                lay_out(1, &extent), type);
}

herr_t hdf5_put_part(hid_t vector, size_t first, size_t n, hid_t memory,
                     const void *values)
{
    hsize_t from = first, extent = n;
    hid_t space = H5Dget_space(vector);
    hid_t part = H5Screate_simple(1, &extent, NULL);
    herr_t result = H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL,
                                        &extent, NULL);
    if (result >= 0)
        result = H5Dwrite(vector, memory, part, space, H5P_DEFAULT, values);
    H5Sclose(part);
    H5Sclose(space);
    return result;
}

herr_t hdf5_put_integers(hid_t parent, const char *name, size_t n,
                         const int64_t *values)
{
    return put_array(parent, name, 1, &n, H5T_STD_I64LE, H5T_NATIVE_INT64,
                     values);
}

herr_t hdf5_put_floats(hid_t parent, const char *name, size_t rank,
                       const size_t *extents, const float *values)
{
    return put_array(parent, name, rank, extents, H5T_IEEE_F32LE,
                     H5T_NATIVE_FLOAT, values);
}

herr_t hdf5_put_bytes(hid_t parent, const char *name, size_t rank,
                      const size_t *extents, const unsigned char *values)
{
    return put_array(parent, name, rank, extents, H5T_STD_U8LE,
                     H5T_NATIVE_UCHAR, values);
}

herr_t hdf5_put_texts(hid_t parent, const char *name, size_t n,
                      const char *const *texts)
{
    hsize_t extent = n;
    hid_t type = hdf5_text_type();
    herr_t result = put(parent, name, H5Screate_simple(1, &extent, NULL),
                        H5Pcreate(H5P_DATASET_CREATE), type, type, texts);
    H5Tclose(type);
    return result;
}

herr_t hdf5_put_same(hid_t parent, const char *name, size_t rank,
                     const size_t *extents, float value)
{
    struct arena arena = arena_open();
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= extents[i];
    float *values = ARENA_ARRAY(&arena, float, n);
    for (size_t i = 0; i < n; i++)
        values[i] = value;
    herr_t result = hdf5_put_floats(parent, name, rank, extents, values);
    arena_close(&arena);
    return result;
}
