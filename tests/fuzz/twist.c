#include "tests/fuzz/twist.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OBJECTS_MAX = 96, NAME_SIZE = 96, CHANGES_MAX = 12, RANK_MAX = 5 };

/* In the order in which they were made. */
struct objects {
    size_t n;
    char names[OBJECTS_MAX][NAME_SIZE];
};

/* What a change is made of. */
struct change {
    uint8_t kind, which, one, other;
};

enum {
    KEPT,
    GONE,
    MADE,
    HARD,
    SOFT,
    EXTERNAL,
    RENAMED,
    REWRITTEN, /* and all above, so that it is frequent */
    N_KINDS = 10
};

static herr_t note(hid_t file, const char *name, const H5L_info_t *link,
                   void *to)
{
    struct objects *objects = to;
    (void)file;
    (void)link;
    if (objects->n < OBJECTS_MAX)
        snprintf(objects->names[objects->n++], NAME_SIZE, "%s", name);
    return 0;
}

/* made anew ------------------------------------------------------------ */

static const double values[] = {
    0,   -1,  1,    2,   3,     0.5,    1e-30, 1e30, -1e30, 255,  256, 65536,
    1e9, 4e9, 1e18, NAN, 1e300, -1e300, 1e-4,  7,    4,     1e10, 64,  65,
};

static const char *const texts[] = {
    "",          "Input",    "Output", "Affine",    "Linear",  "Conv2d", "LIF",
    "IF",        "CubaLIF",  "LI",     "AvgPool2d", "Flatten", "input",  "0",
    "SumPool2d", "NIRGraph", "../x",   "a/../b",    "/x",      "\xff\xfe",
};

static const hsize_t extents[] = {
    0, 1, 2, 3, 4, 5, 8, 16, 1000, 2147483648, 65536, 281474976710656};

static hid_t type_of(uint8_t which)
{
    switch (which % 9) {
    case 0:
        return H5Tcopy(H5T_IEEE_F32LE);
    case 1:
        return H5Tcopy(H5T_IEEE_F64BE);
    case 2:
        return H5Tcopy(H5T_STD_I64LE);
    case 3:
        return H5Tcopy(H5T_STD_U8LE);
    case 4:
        return H5Tcopy(H5T_STD_I16BE);
    case 5:
        return hdf5_text_type();
    case 6: {
        hid_t text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, 5);
        return text;
    }
    case 7:
        return H5Tcreate(H5T_OPAQUE, 3);
    default: {
        hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
        H5Tinsert(pair, "r", 0, H5T_NATIVE_DOUBLE);
        H5Tinsert(pair, "i", 8, H5T_NATIVE_DOUBLE);
        return pair;
    }
    }
}

static hid_t space_of(uint8_t which)
{
    hsize_t extent[RANK_MAX];
    int rank = which % 7;
    if (rank == 6)
        return H5Screate(H5S_NULL);
    if (rank == 0)
        return H5Screate(H5S_SCALAR);
    for (int i = 0; i < rank; i++)
        extent[i] = extents[(which / 7 + 5 * i) % KIND_COUNT(extents)];
    return H5Screate_simple(rank, extent, NULL);
}

/* One number all over; a large one takes no room until it is written. */
static void fill(hid_t dataset, hid_t type, hid_t space, double value)
{
    double numbers[64];
    hssize_t n = H5Sget_simple_extent_npoints(space);
    for (size_t i = 0; i < KIND_COUNT(numbers); i++)
        numbers[i] = value;
    H5T_class_t class = H5Tget_class(type);
    if (n > 0 && n <= (hssize_t)KIND_COUNT(numbers) &&
        (class == H5T_INTEGER || class == H5T_FLOAT))
        H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                 numbers);
}

static void make(hid_t file, const char *name, struct change change)
{
    hid_t type = type_of(change.one), space = space_of(change.other);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT);
    if (dataset >= 0) {
        fill(dataset, type, space,
             values[(change.one / 9 + change.other) % KIND_COUNT(values)]);
        H5Dclose(dataset);
    }
    H5Sclose(space);
    H5Tclose(type);
}

/* One element, or all, of what is there. */
static void write_numbers(hid_t dataset, hid_t space, struct change change)
{
    double numbers[256];
    hssize_t n = H5Sget_simple_extent_npoints(space);
    if (n < 1 || n > (hssize_t)KIND_COUNT(numbers) ||
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                numbers) < 0)
        return;
    double value = values[change.one % KIND_COUNT(values)];
    for (hssize_t i = 0; i < n; i++)
        if (change.other == 255 || i == change.other % n)
            numbers[i] = value;
    H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
             numbers);
}

static void write_texts(hid_t dataset, hid_t space, struct change change,
                        const struct objects *objects)
{
    char *strings[64] = {0};
    hssize_t n = H5Sget_simple_extent_npoints(space);
    hid_t type = hdf5_text_type();
    if (n < 1 || n > (hssize_t)KIND_COUNT(strings) ||
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, strings) < 0) {
        H5Tclose(type);
        return;
    }
    size_t i = change.other % (size_t)n;
    const char *name = objects->names[change.one % objects->n];
    const char *last = strrchr(name, '/');
    free(strings[i]);
    strings[i] = strdup(change.one % 2
                            ? texts[change.one / 2 % KIND_COUNT(texts)]
                            : (last ? last + 1 : name));
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, strings);
    for (hssize_t k = 0; k < n; k++)
        free(strings[k]);
    H5Tclose(type);
}

static void rewrite(hid_t file, const char *name, struct change change,
                    const struct objects *objects)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (dataset < 0)
        return;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    if (H5Tget_class(type) == H5T_STRING)
        write_texts(dataset, space, change, objects);
    else
        write_numbers(dataset, space, change);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
}

/* the changes ---------------------------------------------------------- */

static bool is_group(hid_t base, const char *name)
{
    H5O_info_t about;
    MUST(H5Oget_info_by_name(base, name, &about, H5P_DEFAULT) >= 0);
    return about.type == H5O_TYPE_GROUP;
}

/* Below a group that is not there it fails, as it should. */
static void copy(hid_t base, hid_t file, const char *from, const char *to)
{
    if (!is_group(base, from)) {
        H5Ocopy(base, from, file, to, H5P_DEFAULT, H5P_DEFAULT);
        return;
    }
    hid_t group = hdf5_make_group(file, to);
    if (group >= 0)
        H5Gclose(group);
}

/* At the place of an object of the base. */
static void put(hid_t base, hid_t file, const char *name,
                struct change change, const struct objects *objects)
{
    const char *other = objects->names[change.one % objects->n];
    char beside[NAME_SIZE + 8];
    switch (change.kind) {
    case GONE:
    case HARD: /* what it leads to may not be there yet */
        break;
    case MADE:
        make(file, name, change);
        break;
    case SOFT:
        H5Lcreate_soft(other, file, name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case EXTERNAL:
        H5Lcreate_external("/dev/null", other, file, name, H5P_DEFAULT,
                           H5P_DEFAULT);
        break;
    case RENAMED:
        snprintf(beside, sizeof beside, "%s%u", name, change.one % 4u);
        copy(base, file, name, beside);
        break;
    default:
        copy(base, file, name, name);
    }
}

static void build(hid_t base, hid_t file, const struct objects *objects,
                  const struct change *changes, size_t n)
{
    struct change last[OBJECTS_MAX] = {{KEPT, 0, 0, 0}};
    for (size_t i = 0; i < n; i++)
        if (changes[i].kind < REWRITTEN)
            last[changes[i].which] = changes[i];
    for (size_t i = 0; i < objects->n; i++)
        put(base, file, objects->names[i], last[i], objects);
    for (size_t i = 0; i < objects->n; i++)
        if (last[i].kind == HARD)
            H5Lcreate_hard(file, objects->names[last[i].one % objects->n],
                           file, objects->names[i], H5P_DEFAULT, H5P_DEFAULT);
    for (size_t i = 0; i < n; i++)
        if (changes[i].kind >= REWRITTEN)
            rewrite(file, objects->names[changes[i].which], changes[i],
                    objects);
}

static hid_t open_base(twist_base *write, struct objects *objects)
{
    const char *path = fuzz_path("base.h5");
    hid_t file;
    write(path);
    MUST(hdf5_open(path, &file) == STATUS_OK);
    MUST(H5Lvisit(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, note, objects) >= 0);
    MUST(objects->n > 0);
    return file;
}

/* Built anew: HDF5 1.10 stumbles over what it leaves of links that it deletes,
 * in files that it has written alone. */
void twist(twist_base *write, const char *name, const uint8_t *data, size_t n)
{
    static struct objects objects;
    static hid_t base = -1;
    struct change changes[CHANGES_MAX];
    const char *path = fuzz_path(name);
    hid_t file;
    if (base < 0)
        base = open_base(write, &objects);
    n = n / 4 < CHANGES_MAX ? n / 4 : CHANGES_MAX;
    for (size_t i = 0; i < n; i++, data += 4)
        changes[i] = (struct change){data[0] % N_KINDS,
                                     (uint8_t)(data[1] % objects.n), data[2],
                                     data[3]};
    unlink(path);
    MUST(hdf5_create(path, path, &file) == STATUS_OK);
    build(base, file, &objects, changes, n);
    MUST(hdf5_close(file, path) == STATUS_OK);
}
