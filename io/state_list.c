/* The tensors of a PyTorch state, in order. */
#include "io/hdf5_util.h"
#include "io/state_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, LINK_NAME_MAX = 1024 };

/* A group on the way down. */
struct place {
    const char *path, *name; /* name: "features.", or "" */
    size_t depth;
};

static enum status list_group(struct state *state, struct place place);

static enum status add(struct state *state, hid_t dataset,
                       struct place place)
{
    hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    H5Sclose(space);
    if (rank < 0 || (class != H5T_FLOAT && class != H5T_INTEGER))
        return STATUS_OK;
    if (state->n == STATE_ENTRIES_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: has more than %d tensors, allowed are so "
                             "many",
                             state->source.path, STATE_ENTRIES_MAX);
    state->entries[state->n++] = (struct state_entry){
        .name = place.name, .path = place.path, .rank = (size_t)rank};
    return STATUS_OK;
}

static enum status add_object(struct state *state, struct place place)
{
    hid_t file = state->source.file;
    if (!hdf5_has(file, place.path))
        return STATUS_OK;
    hid_t object = H5Oopen(file, place.path, H5P_DEFAULT);
    H5I_type_t type = object < 0 ? H5I_BADID : H5Iget_type(object);
    enum status status = STATUS_OK;
    if (type == H5I_DATASET)
        status = add(state, object, place);
    if (object >= 0)
        H5Oclose(object);
    if (type != H5I_GROUP || place.depth == DEPTH_MAX)
        return status;
    place.name = arena_print(state->arena, "%s.", place.name);
    return list_group(state, place);
}

/* By creation where the group keeps that, else by name. */
static H5_index_t find_order(hid_t group)
{
    unsigned flags = 0;
    hid_t list = H5Gget_create_plist(group);
    H5Pget_link_creation_order(list, &flags);
    H5Pclose(list);
    return flags & H5P_CRT_ORDER_INDEXED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

static enum status list_group(struct state *state, struct place place)
{
    H5G_info_t info = {.nlinks = 0};
    char name[LINK_NAME_MAX];
    hid_t group = H5Gopen2(state->source.file, place.path, H5P_DEFAULT);
    if (group < 0 || H5Gget_info(group, &info) < 0)
        return hdf5_refuse(STATUS_DAMAGED, "%s: cannot open its group %s",
                           state->source.path, place.path);
    H5_index_t order = find_order(group);
    enum status status = STATUS_OK;
    for (hsize_t i = 0; i < info.nlinks && status == STATUS_OK; i++) {
        if (H5Lget_name_by_idx(group, ".", order, H5_ITER_INC, i, name,
                               sizeof name, H5P_DEFAULT) < 1)
            continue;
        name[sizeof name - 1] = '\0';
        struct place below = {
            arena_print(state->arena, "%s/%s",
                        strcmp(place.path, "/") == 0 ? "" : place.path, name),
            arena_print(state->arena, "%s%s", place.name, name),
            place.depth + 1};
        status = add_object(state, below);
    }
    H5Gclose(group);
    return status;
}

/* Numbers in names count as numbers: layer.2 before layer.10. */
static int compare_names(const void *a, const void *b)
{
    const char *x = ((const struct state_entry *)a)->name;
    const char *y = ((const struct state_entry *)b)->name;
    while (*x && *y) {
        if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
            char *x_end, *y_end;
            unsigned long i = strtoul(x, &x_end, 10);
            unsigned long j = strtoul(y, &y_end, 10);
            if (i != j)
                return i < j ? -1 : 1;
            x = x_end;
            y = y_end;
        } else if (*x != *y) {
            return *x < *y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    return *x ? 1 : *y ? -1 : 0;
}

static bool keeps_order(const struct state *state, const char *path)
{
    hid_t group = H5Gopen2(state->source.file, path, H5P_DEFAULT);
    bool keeps = group >= 0 && find_order(group) == H5_INDEX_CRT_ORDER;
    if (group >= 0)
        H5Gclose(group);
    return keeps;
}

enum status state_list(struct state *state)
{
    static const char *const groups[] = {"/weights", "/state_dict"};
    struct place root = {"/", "", 0};
    for (size_t i = 0; i < 2; i++)
        if (hdf5_has(state->source.file, groups[i]))
            root.path = groups[i];
    TRY(list_group(state, root));
    if (!keeps_order(state, root.path))
        qsort(state->entries, state->n, sizeof *state->entries, compare_names);
    return STATUS_OK;
}

struct state_entry *state_find(const struct state *state, const char *name)
{
    for (size_t i = 0; i < state->n; i++)
        if (strcmp(state->entries[i].name, name) == 0)
            return &state->entries[i];
    return NULL;
}

const char *state_module(const struct state *state, const char *what,
                         size_t least_rank, size_t i)
{
    for (size_t k = 0; k < state->n; k++) {
        const struct state_entry *entry = &state->entries[k];
        const char *dot = strrchr(entry->name, '.');
        const char *leaf = dot ? dot + 1 : entry->name;
        if (strcmp(leaf, what) != 0 || entry->rank < least_rank || i-- > 0)
            continue;
        return arena_print(state->arena, "%.*s",
                           dot ? (int)(dot - entry->name) : 0, entry->name);
    }
    return NULL;
}
