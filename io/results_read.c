#include "io/results_read.h"

#include <string.h>

static size_t count_of(const struct results_variable *variable)
{
    size_t n = variable->one && variable->n ? variable->n : 1;
    for (size_t i = variable->one ? 1 : 0; i < variable->rank; i++)
        n *= variable->extent[i];
    return n;
}

static enum status refuse(const struct results_file *file, const char *name,
                          const char *why)
{
    return status_refuse(STATUS_DAMAGED,
                         "%s: not a whole result file: variable %s %s",
                         file->path, name, why);
}

/* Rank and extents of an open dataset; false if there are too many. */
static bool read_extents(hid_t dataset, size_t *rank,
                         hsize_t extent[RESULTS_RANK_MAX])
{
    hid_t space = H5Dget_space(dataset);
    int n = H5Sget_simple_extent_ndims(space);
    bool fits = n >= 0 && n <= RESULTS_RANK_MAX;
    if (fits) {
        *rank = (size_t)n;
        H5Sget_simple_extent_dims(space, extent, NULL);
    }
    H5Sclose(space);
    return fits;
}

static bool has_class(hid_t dataset, H5T_class_t class)
{
    hid_t type = H5Dget_type(dataset);
    bool yes = H5Tget_class(type) == class;
    if (class == H5T_STRING)
        yes = yes && H5Tis_variable_str(type) > 0;
    H5Tclose(type);
    return yes;
}

static bool has_extents(hid_t dataset, const struct results_variable *variable)
{
    size_t rank = 0;
    hsize_t extent[RESULTS_RANK_MAX] = {0};
    if (!read_extents(dataset, &rank, extent) || rank != variable->rank)
        return false;
    for (size_t i = 0; i < rank; i++)
        if (extent[i] != variable->extent[i])
            return false;
    return true;
}

static bool is_there(hid_t file, const char *name)
{
    char group[64] = "";
    size_t n = strcspn(name, "/");
    memcpy(group, name, n < sizeof group ? n : 0);
    return H5Lexists(file, group, H5P_DEFAULT) > 0 &&
           H5Lexists(file, name, H5P_DEFAULT) > 0;
}

static enum status open_variable(const struct results_file *file,
                                 const struct results_variable *variable,
                                 H5T_class_t class, hid_t *dataset)
{
    if (!is_there(file->id, variable->name))
        return refuse(file, variable->name, "is not there");
    hid_t id = H5Dopen2(file->id, variable->name, H5P_DEFAULT);
    TRY(hdf5_check(id, STATUS_DAMAGED, file->path, "open a variable"));
    bool fits = has_extents(id, variable), is_type = has_class(id, class);
    if (fits && is_type) {
        *dataset = id;
        return STATUS_OK;
    }
    H5Dclose(id);
    return refuse(file, variable->name,
                  fits ? "has another type" : "has another shape");
}

enum status results_extent(const struct results_file *file, const char *name,
                           size_t *extent)
{
    size_t rank = 0;
    hsize_t extents[RESULTS_RANK_MAX] = {0};
    if (!is_there(file->id, name)) {
        *extent = 0;
        return STATUS_OK;
    }
    hid_t id = H5Dopen2(file->id, name, H5P_DEFAULT);
    TRY(hdf5_check(id, STATUS_DAMAGED, file->path, "open a variable"));
    bool fits = read_extents(id, &rank, extents) && rank == 1;
    H5Dclose(id);
    if (!fits || extents[0] > UINT32_MAX)
        return refuse(file, name, "has another shape");
    *extent = (size_t)extents[0];
    return STATUS_OK;
}

/* reading ------------------------------------------------------------- */

/* The part that is wanted, selected in the file and as it lies in memory. */
struct selection {
    hid_t file, memory;
};

static struct selection select_part(hid_t dataset,
                                    const struct results_variable *variable)
{
    hsize_t start[RESULTS_RANK_MAX] = {0}, count[RESULTS_RANK_MAX];
    for (size_t i = 0; i < variable->rank; i++)
        count[i] = variable->extent[i];
    if (variable->one) {
        start[0] = variable->index;
        count[0] = variable->n ? variable->n : 1;
    }
    struct selection selection = {
        H5Dget_space(dataset),
        H5Screate_simple((int)variable->rank, count, NULL)};
    H5Sselect_hyperslab(selection.file, H5S_SELECT_SET, start, NULL, count,
                        NULL);
    return selection;
}

static enum status read_into(const struct results_file *file,
                             const struct results_variable *variable,
                             H5T_class_t class, hid_t type, void *values)
{
    hid_t dataset = -1;
    if (count_of(variable) == 0)
        return STATUS_OK;
    TRY(open_variable(file, variable, class, &dataset));
    struct selection selection = select_part(dataset, variable);
    herr_t result = H5Dread(dataset, type, selection.memory, selection.file,
                            H5P_DEFAULT, values);
    H5Sclose(selection.memory);
    H5Sclose(selection.file);
    H5Dclose(dataset);
    return hdf5_check(result, STATUS_DAMAGED, file->path, variable->name);
}

enum status results_read_f64(const struct results_file *file,
                             const struct results_variable *variable,
                             const double **values)
{
    double *read = ARENA_ARRAY(file->arena, double, count_of(variable));
    TRY(read_into(file, variable, H5T_FLOAT, H5T_NATIVE_DOUBLE, read));
    *values = read;
    return STATUS_OK;
}

bool results_has(const struct results_file *file, const char *name)
{
    return H5Lexists(file->id, name, H5P_DEFAULT) > 0;
}

enum status results_read_u64(const struct results_file *file,
                             const struct results_variable *variable,
                             const uint64_t **values)
{
    uint64_t *read = ARENA_ARRAY(file->arena, uint64_t, count_of(variable));
    TRY(read_into(file, variable, H5T_INTEGER, H5T_NATIVE_UINT64, read));
    *values = read;
    return STATUS_OK;
}

enum status results_read_u8(const struct results_file *file,
                            const struct results_variable *variable,
                            const uint8_t **values)
{
    uint8_t *read = ARENA_ARRAY(file->arena, uint8_t, count_of(variable));
    TRY(read_into(file, variable, H5T_INTEGER, H5T_NATIVE_UINT8, read));
    *values = read;
    return STATUS_OK;
}

/* HDF5 allocates the texts; they move into the arena. */
enum status results_read_texts(const struct results_file *file,
                               const struct results_variable *variable,
                               const char *const **texts)
{
    size_t n = count_of(variable);
    char **read = ARENA_ARRAY(file->arena, char *, n);
    hid_t type = hdf5_text_type();
    enum status status = read_into(file, variable, H5T_STRING, type, read);
    H5Tclose(type);
    for (size_t i = 0; i < n; i++) {
        char *text = read[i];
        read[i] = arena_copy_text(file->arena, text ? text : "");
        H5free_memory(text);
    }
    if (status == STATUS_OK)
        *texts = (const char *const *)read;
    return status;
}
