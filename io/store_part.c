/* Parts of the variables of sweep.h5, to and from memory. */
#include "io/store_file.h"

#include <math.h>
#include <string.h>

size_t store_type_size(enum store_type type)
{
    switch (type) {
    case STORE_U8:
        return 1;
    case STORE_U32:
        return 4;
    case STORE_TEXT:
        return sizeof(char *);
    default:
        return 8;
    }
}

void store_fill_none(enum store_type type, size_t n, void *values)
{
    if (type == STORE_F64)
        for (size_t i = 0; i < n; i++)
            ((double *)values)[i] = NAN;
    else
        memset(values, 0xff, n * store_type_size(type));
}

hid_t store_number_type(enum store_type type)
{
    switch (type) {
    case STORE_F64:
        return H5T_NATIVE_DOUBLE;
    case STORE_U64:
        return H5T_NATIVE_UINT64;
    case STORE_U32:
        return H5T_NATIVE_UINT32;
    default:
        return H5T_NATIVE_UINT8;
    }
}

const struct store_variable *store_file_find(const struct store_file *file,
                                             enum store_group group,
                                             const char *name)
{
    for (size_t i = 0; i < file->schema.n; i++) {
        const struct store_variable *variable = &file->schema.variables[i];
        if (variable->group == group && file->datasets[i] >= 0 &&
            !strcmp(variable->name, name))
            return variable;
    }
    return NULL;
}

/* The same part of a variable, in the file and in memory. */
struct part {
    hid_t dataset, file_space, memory_space, type;
};

static struct part open_part(const struct store_file *file,
                             const struct store_variable *variable,
                             const size_t *start, const size_t *count)
{
    hsize_t from[STORE_RANK_MAX], n[STORE_RANK_MAX];
    for (size_t i = 0; i < variable->rank; i++) {
        from[i] = start[i];
        n[i] = count[i];
    }
    struct part part = {
        .dataset = file->datasets[variable - file->schema.variables],
        .type = store_number_type(variable->type),
    };
    part.memory_space = H5Screate_simple((int)variable->rank, n, NULL);
    part.file_space = H5Dget_space(part.dataset);
    H5Sselect_hyperslab(part.file_space, H5S_SELECT_SET, from, NULL, n, NULL);
    return part;
}

static void close_part(struct part *part)
{
    H5Sclose(part->file_space);
    H5Sclose(part->memory_space);
}

enum status store_file_write(const struct store_file *file,
                             const struct store_variable *variable,
                             const size_t *start, const size_t *count,
                             const void *values)
{
    struct part part = open_part(file, variable, start, count);
    herr_t result = H5Dwrite(part.dataset, part.type, part.memory_space,
                             part.file_space, H5P_DEFAULT, values);
    close_part(&part);
    return hdf5_check(result, STATUS_SYSTEM, file->path, "write a variable");
}

enum status store_file_read(const struct store_file *file,
                            const struct store_variable *variable,
                            const size_t *start, const size_t *count,
                            void *values)
{
    struct part part = open_part(file, variable, start, count);
    herr_t result = H5Dread(part.dataset, part.type, part.memory_space,
                            part.file_space, H5P_DEFAULT, values);
    close_part(&part);
    return hdf5_check(result, STATUS_SYSTEM, file->path, "read a variable");
}
