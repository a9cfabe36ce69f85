/* Groups, dimension scales and variables of sweep.h5. */
#include "io/store_file.h"

#include <hdf5_hl.h>
#include <math.h>
#include <string.h>

enum {
    CHUNK_BYTES = 1 << 16,
    CACHE_BYTES = 1 << 22, /* rows come in any order of trials */
    CACHE_SLOTS = 12421,   /* a prime well above the chunks that fit */
    DEFLATE_LEVEL = 4
};

static hid_t disk_type(enum store_type type)
{
    switch (type) {
    case STORE_F64:
        return H5T_IEEE_F64LE;
    case STORE_U64:
        return H5T_STD_U64LE;
    case STORE_U32:
        return H5T_STD_U32LE;
    default:
        return H5T_STD_U8LE;
    }
}

/* creation ------------------------------------------------------------ */

/* Chunks are whole rows of the last dimensions, as many as fit. */
static void choose_chunk(const struct store_variable *variable,
                         const hsize_t *extent, hsize_t *chunk)
{
    hsize_t left = CHUNK_BYTES / store_type_size(variable->type);
    for (size_t i = variable->rank; i-- > 0;) {
        chunk[i] = extent[i] < left ? extent[i] : left;
        left /= chunk[i];
        left = left ? left : 1;
    }
}

static hid_t creation_list(const struct store_variable *variable,
                           const hsize_t *extent)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_attr_creation_order(list,
                               H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (variable->type == STORE_TEXT)
        return list; /* its characters lie elsewhere: filters do not reach */
    hsize_t chunk[STORE_RANK_MAX];
    uint64_t none;
    choose_chunk(variable, extent, chunk);
    H5Pset_chunk(list, (int)variable->rank, chunk);
    H5Pset_shuffle(list);
    H5Pset_deflate(list, DEFLATE_LEVEL);
    H5Pset_fletcher32(list);
    store_fill_none(variable->type, 1, &none);
    H5Pset_fill_value(list, store_number_type(variable->type), &none);
    return list;
}

static hid_t create(hid_t group, const struct store_variable *variable,
                    const hsize_t *extent)
{
    hid_t text = hdf5_text_type();
    hid_t type = variable->type == STORE_TEXT
                     ? text
                     : disk_type(variable->type);
    hid_t space = H5Screate_simple((int)variable->rank, extent, NULL);
    hid_t list = creation_list(variable, extent);
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, CACHE_SLOTS, CACHE_BYTES,
                       H5D_CHUNK_CACHE_W0_DEFAULT);
    hid_t id = H5Dcreate2(group, variable->name, type, space, H5P_DEFAULT,
                          list, access);
    H5Pclose(access);
    H5Pclose(list);
    H5Sclose(space);
    H5Tclose(text);
    return id;
}

/* A file's values 0, 1, 2... and what they mean, by the CF conventions. */
static herr_t put_flags(hid_t id, const char *flags)
{
    uint8_t values[STORE_U8_FILL];
    hsize_t n = 1;
    for (const char *at = flags; *at; at++)
        n += *at == ' ';
    for (hsize_t i = 0; i < n; i++)
        values[i] = (uint8_t)i;
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t attribute = H5Acreate2(id, "flag_values", H5T_STD_U8LE, space,
                                 H5P_DEFAULT, H5P_DEFAULT);
    herr_t result = H5Awrite(attribute, H5T_NATIVE_UINT8, values);
    H5Aclose(attribute);
    H5Sclose(space);
    return result < 0 ? result : hdf5_put_text(id, "flag_meanings", flags);
}

static herr_t describe(hid_t id, const struct store_variable *variable)
{
    herr_t worst = hdf5_put_text(id, "long_name", variable->doc);
    if (variable->type != STORE_TEXT && worst >= 0)
        worst = hdf5_put_text(id, "units", variable->unit);
    if (variable->type != STORE_TEXT && !variable->whole && worst >= 0) {
        uint64_t none;
        store_fill_none(variable->type, 1, &none);
        worst = hdf5_put_number(id, "_FillValue",
                                store_number_type(variable->type), &none);
    }
    if (variable->flags && worst >= 0)
        worst = put_flags(id, variable->flags);
    return worst;
}

/* values that the index knows ----------------------------------------- */

static size_t total(const struct store_variable *variable,
                    const struct store_index *index)
{
    size_t n = 1;
    for (size_t i = 0; i < variable->rank; i++)
        n *= store_extent(index, variable->dimension[i]);
    return n;
}

/* The indices of element i of a variable, the last running fastest. */
static void place_element(const struct store_variable *variable,
                          const struct store_index *index, size_t i,
                          size_t *at)
{
    for (size_t d = variable->rank; d-- > 0;) {
        size_t n = store_extent(index, variable->dimension[d]);
        at[d] = i % n;
        i /= n;
    }
}

static const void *collect_texts(struct store_place *place, size_t *at,
                                 size_t n, struct arena *arena)
{
    const char **texts = ARENA_ARRAY(arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        place_element(place->variable, place->index, i, at);
        texts[i] = hdf5_clean_text(place->variable->text(place), arena);
    }
    return texts;
}

static const void *collect_reals(struct store_place *place, size_t *at,
                                 size_t n, struct arena *arena)
{
    double *reals = ARENA_ARRAY(arena, double, n);
    for (size_t i = 0; i < n; i++) {
        place_element(place->variable, place->index, i, at);
        reals[i] = place->variable->number(place);
    }
    return reals;
}

static const void *collect_counts(struct store_place *place, size_t *at,
                                  size_t n, struct arena *arena)
{
    uint64_t *counts = ARENA_ARRAY(arena, uint64_t, n);
    store_fill_none(STORE_U64, n, counts);
    for (size_t i = 0; i < n; i++) {
        place_element(place->variable, place->index, i, at);
        double number = place->variable->number(place);
        if (!isnan(number))
            counts[i] = (uint64_t)number;
    }
    return counts;
}

static herr_t write_known(hid_t id, const struct store_variable *variable,
                          const struct store_index *index)
{
    struct arena arena = arena_open();
    size_t at[STORE_RANK_MAX] = {0}, near = 0;
    struct store_place place = {index, variable, at, &near};
    size_t n = total(variable, index);
    const void *values =
        variable->type == STORE_TEXT  ? collect_texts(&place, at, n, &arena)
        : variable->type == STORE_F64 ? collect_reals(&place, at, n, &arena)
                                      : collect_counts(&place, at, n, &arena);
    hid_t text = hdf5_text_type();
    hid_t type = variable->type == STORE_TEXT
                     ? text
                     : store_number_type(variable->type);
    herr_t result = H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Tclose(text);
    arena_close(&arena);
    return result;
}

/* the file ------------------------------------------------------------ */

static enum status make_variable(struct store_file *file, hid_t group,
                                 const struct store_variable *variable,
                                 hid_t *id)
{
    hsize_t extent[STORE_RANK_MAX];
    for (size_t i = 0; i < variable->rank; i++)
        extent[i] = store_extent(file->index, variable->dimension[i]);
    hid_t made = create(group, variable, extent);
    TRY(hdf5_check(made, STATUS_SYSTEM, file->path, variable->name));
    TRY(hdf5_check(describe(made, variable), STATUS_SYSTEM, file->path,
                   "describe a variable"));
    if (variable->source == FROM_INDEX)
        TRY(hdf5_check(write_known(made, variable, file->index), STATUS_SYSTEM,
                       file->path, "write a variable"));
    *id = made;
    return STATUS_OK;
}

static enum status make_scales(struct store_file *file, hid_t group,
                               const struct store_group_row *row,
                               hid_t scales[STORE_N_DIMENSIONS])
{
    for (size_t i = 0; i < row->n_dimensions; i++) {
        enum store_dimension dimension = row->dimension[i];
        const struct store_variable *coordinate =
            &store_coordinates[dimension];
        if (store_extent(file->index, dimension) == 0)
            continue;
        TRY(make_variable(file, group, coordinate, &scales[dimension]));
        TRY(hdf5_check(H5DSset_scale(scales[dimension], coordinate->name),
                       STATUS_SYSTEM, file->path, "make a dimension scale"));
    }
    return STATUS_OK;
}

static bool is_empty(const struct store_file *file,
                     const struct store_variable *variable)
{
    return total(variable, file->index) == 0;
}

static enum status attach_scales(struct store_file *file,
                                 const struct store_variable *variable,
                                 hid_t id,
                                 const hid_t scales[STORE_N_DIMENSIONS])
{
    for (size_t i = 0; i < variable->rank; i++)
        TRY(hdf5_check(H5DSattach_scale(id, scales[variable->dimension[i]],
                                        (unsigned)i),
                       STATUS_SYSTEM, file->path, "attach a dimension"));
    return STATUS_OK;
}

static enum status make_group(struct store_file *file, enum store_group index)
{
    const struct store_group_row *row = &store_group_rows[index];
    hid_t scales[STORE_N_DIMENSIONS];
    hid_t group = hdf5_make_group(file->id, row->name);
    TRY(hdf5_check(group, STATUS_SYSTEM, file->path, "make a group"));
    TRY(hdf5_check(hdf5_put_text(group, "title", row->doc), STATUS_SYSTEM,
                   file->path, "describe a group"));
    TRY(hdf5_check(hdf5_put_text(group, "coordinates", "cell seed"),
                   STATUS_SYSTEM, file->path, "describe a group"));
    TRY(make_scales(file, group, row, scales));
    for (size_t i = 0; i < file->schema.n; i++) {
        const struct store_variable *variable = &file->schema.variables[i];
        if (variable->group != index || is_empty(file, variable))
            continue;
        TRY(make_variable(file, group, variable, &file->datasets[i]));
        TRY(attach_scales(file, variable, file->datasets[i], scales));
    }
    return STATUS_OK;
}

static enum status make_groups(struct store_file *file)
{
    for (int i = 0; i < STORE_N_GROUPS; i++)
        TRY(make_group(file, (enum store_group)i));
    return STATUS_OK;
}

enum status store_file_make(const char *path, const struct store_index *index,
                            struct arena *arena, struct store_file *file)
{
    struct store_file made = {.path = path, .index = index};
    made.schema = store_schema_list(index, arena);
    made.datasets = ARENA_ARRAY(arena, hid_t, made.schema.n);
    for (size_t i = 0; i < made.schema.n; i++)
        made.datasets[i] = -1;
    TRY(hdf5_create(path, path, &made.id));
    enum status status = make_groups(&made);
    if (status != STATUS_OK) {
        H5Fclose(made.id);
        return status;
    }
    *file = made;
    return STATUS_OK;
}
