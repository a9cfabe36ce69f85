/* Every value of every variable, read: HDF5 holds each chunk against its
 * checksum on the way. */
#include "io/verify_parts.h"

#include <hdf5.h>
#include <string.h>

enum { TEXTS_AT_ONCE = 4096, DEPTH_MAX = 8 };

struct walk {
    struct verifier *verifier;
    struct faults faults;
    size_t n_variables, n_chunks, n_unchecked;
    double n_bytes;
};

/* A variable and how it lies in the file. */
struct dataset {
    const char *name;
    hid_t id, type, space;
    size_t rank, n_bytes; /* of an element in memory */
    hsize_t extent[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
    bool is_text, is_chunked, has_checksum;
};

static bool has_filter(hid_t list, H5Z_filter_t wanted)
{
    int n = H5Pget_nfilters(list);
    for (int i = 0; i < n; i++) {
        unsigned flags;
        size_t n_values = 0;
        if (H5Pget_filter2(list, (unsigned)i, &flags, &n_values, NULL, 0, NULL,
                           NULL) == wanted)
            return true;
    }
    return false;
}

static struct dataset open_dataset(const char *name, hid_t id)
{
    struct dataset set = {.name = name, .id = id};
    hid_t list = H5Dget_create_plist(id);
    set.type = H5Dget_type(id);
    set.space = H5Dget_space(id);
    set.rank = (size_t)H5Sget_simple_extent_ndims(set.space);
    H5Sget_simple_extent_dims(set.space, set.extent, NULL);
    set.is_text = H5Tis_variable_str(set.type) > 0;
    set.n_bytes = H5Tget_size(set.type);
    set.is_chunked = H5Pget_layout(list) == H5D_CHUNKED &&
                     H5Pget_chunk(list, (int)set.rank, set.chunk) > 0;
    set.has_checksum = has_filter(list, H5Z_FILTER_FLETCHER32);
    H5Pclose(list);
    return set;
}

static size_t count_chunks(const struct dataset *set)
{
    size_t n = 1;
    for (size_t i = 0; i < set->rank; i++)
        n *= (size_t)((set->extent[i] + set->chunk[i] - 1) / set->chunk[i]);
    return n;
}

/* Some rows, `count` of them from `start` on; to nowhere. */
static herr_t read_rows(const struct dataset *set, hsize_t start,
                        hsize_t count, void *room)
{
    hsize_t from[H5S_MAX_RANK] = {start}, n[H5S_MAX_RANK];
    memcpy(n, set->extent, sizeof n);
    n[0] = count;
    hid_t memory = H5Screate_simple((int)set->rank, n, NULL);
    H5Sselect_hyperslab(set->space, H5S_SELECT_SET, from, NULL, n, NULL);
    herr_t result =
        H5Dread(set->id, set->type, memory, set->space, H5P_DEFAULT, room);
    if (set->is_text)
        H5Dvlen_reclaim(set->type, memory, H5P_DEFAULT, room);
    H5Sclose(memory);
    return result;
}

static size_t row_bytes(const struct dataset *set)
{
    size_t n = set->n_bytes;
    for (size_t i = 1; i < set->rank; i++)
        n *= (size_t)set->extent[i];
    return n;
}

/* A row of chunks at a time, so that none is unpacked twice. */
static void read_all(struct walk *walk, const struct dataset *set)
{
    struct arena arena = arena_open();
    hsize_t n = set->rank ? set->extent[0] : 0;
    hsize_t step = set->is_chunked ? set->chunk[0] : TEXTS_AT_ONCE;
    step = step < n ? step : n;
    void *room = arena_take(&arena, (size_t)step * row_bytes(set) + 1);
    for (hsize_t i = 0; i < n; i += step) {
        hsize_t count = n - i < step ? n - i : step;
        memset(room, 0, (size_t)step * row_bytes(set));
        if (read_rows(set, i, count, room) < 0)
            faults_note(&walk->faults, "%s: rows %llu to %llu of %llu are "
                        "damaged", set->name, (unsigned long long)i,
                        (unsigned long long)(i + count - 1),
                        (unsigned long long)n);
    }
    walk->n_bytes += (double)n * (double)row_bytes(set);
    arena_close(&arena);
}

/* Sizes that no writer makes would be asked for as memory. */
static bool is_sane(const struct dataset *set)
{
    double n = (double)set->n_bytes;
    for (size_t i = 0; i < set->rank; i++)
        n *= (double)set->extent[i];
    double row = set->rank ? n / (double)(set->extent[0] + 1) : n;
    if (set->is_chunked)
        row *= (double)set->chunk[0];
    return row < 4e9 && set->type >= 0 && set->space >= 0;
}

static void take_dataset(struct walk *walk, const char *name, hid_t id)
{
    struct dataset set = open_dataset(name, id);
    walk->n_variables++;
    if (is_sane(&set)) {
        walk->n_chunks += set.is_chunked ? count_chunks(&set) : 0;
        walk->n_unchecked += !set.is_text && !set.has_checksum;
        read_all(walk, &set);
    } else {
        faults_note(&walk->faults, "%s: its size makes no sense", name);
    }
    if (!set.is_text && !set.has_checksum)
        faults_note(&walk->faults, "%s: has no checksums", name);
    H5Tclose(set.type);
    H5Sclose(set.space);
}

static const char *name_of(hid_t group, hsize_t i, struct arena *arena)
{
    char name[256] = "";
    H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                       sizeof name, H5P_DEFAULT);
    return arena_copy_text(arena, name);
}

static void take_group(struct walk *walk, const char *path, hid_t group,
                       int depth)
{
    struct arena *arena = walk->verifier->verify->arena;
    H5G_info_t info = {0};
    if (H5Gget_info(group, &info) < 0 || depth > DEPTH_MAX) {
        faults_note(&walk->faults, "%s: cannot be listed", path);
        return;
    }
    for (hsize_t i = 0; i < info.nlinks; i++) {
        const char *name = arena_print(arena, "%s%s%s", path,
                                       *path ? "/" : "",
                                       name_of(group, i, arena));
        hid_t id = H5Oopen_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                  H5P_DEFAULT);
        if (id < 0)
            faults_note(&walk->faults, "%s: cannot be opened", name);
        else if (H5Iget_type(id) == H5I_GROUP)
            take_group(walk, name, id, depth + 1);
        else if (H5Iget_type(id) == H5I_DATASET)
            take_dataset(walk, name, id);
        if (id >= 0)
            H5Oclose(id);
    }
}

void verify_checksums(struct verifier *verifier)
{
    struct walk walk = {.verifier = verifier, .faults = faults_open(verifier)};
    take_group(&walk, "", verifier->id, 0);
    if (walk.n_variables == 0)
        faults_note(&walk.faults, "no variable is there");
    faults_tell(verifier, &walk.faults, "checksums",
                "%zu chunks of %zu variables, %.1f MB, match (texts have none)",
                walk.n_chunks, walk.n_variables, 1e-6 * walk.n_bytes);
}
