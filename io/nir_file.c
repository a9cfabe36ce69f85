/* The nodes and edges of a NIR file, as anybody may have written it. */
#include "io/bytes.h"
#include "io/hdf5_util.h"
#include "io/nir_parts.h"

#include <string.h>
#include <sys/stat.h>

enum { NAME_MOST = 1 << 20 };

/* text ---------------------------------------------------------------- */

static const char *read_text(hid_t file, const char *path, struct arena *arena)
{
    hid_t dataset = hdf5_open_dataset(file, path);
    if (dataset < 0)
        return NULL;
    const char **texts = hdf5_take_texts(dataset, 1, arena);
    H5Dclose(dataset);
    return texts ? texts[0] : NULL;
}

/* nodes --------------------------------------------------------------- */

static const char *node_path(const struct nir_node *node, const char *name,
                             struct arena *arena)
{
    return arena_print(arena, "/node/nodes/%s/%s", node->name, name);
}

static enum status add_node(struct nir_file *file, hid_t group, hsize_t i)
{
    struct nir_node *node = &file->nodes[file->n];
    ssize_t n = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                   NULL, 0, H5P_DEFAULT);
    if (n < 1 || n > NAME_MOST)
        return hdf5_refuse(STATUS_DAMAGED, "%s: node %llu has no name",
                           file->path, (unsigned long long)i);
    char *name = arena_take(file->arena, (size_t)n + 1);
    TRY(hdf5_check(H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC,
                                      i, name, (size_t)n + 1, H5P_DEFAULT),
                   STATUS_DAMAGED, file->path, "read a node's name"));
    *node = (struct nir_node){.name = name, .next = SIZE_MAX};
    node->type = hdf5_has(group, name)
                     ? read_text(file->file,
                                 node_path(node, "type", file->arena),
                                 file->arena)
                     : NULL;
    if (!node->type)
        return status_refuse(STATUS_INVALID,
                             "%s: node %s has no type, which must be a text",
                             file->path, name);
    file->n++;
    return STATUS_OK;
}

static enum status read_nodes(struct nir_file *file)
{
    H5G_info_t info;
    hid_t group = hdf5_has(file->file, "/node") &&
                          hdf5_has(file->file, "/node/nodes")
                      ? H5Gopen2(file->file, "/node/nodes", H5P_DEFAULT)
                      : -1;
    if (group < 0 || H5Gget_info(group, &info) < 0)
        return hdf5_refuse(STATUS_INVALID,
                           "%s: has no group /node/nodes, as a graph of NIR "
                           "has it",
                           file->path);
    enum status status = STATUS_OK;
    if (info.nlinks > NIR_NODES_MAX)
        status = status_refuse(STATUS_INVALID,
                               "%s: has %llu nodes, allowed are %d",
                               file->path, (unsigned long long)info.nlinks,
                               NIR_NODES_MAX);
    for (hsize_t i = 0; status == STATUS_OK && i < info.nlinks; i++)
        status = add_node(file, group, i);
    H5Gclose(group);
    return status;
}

/* edges --------------------------------------------------------------- */

static size_t find_node(const struct nir_file *file, const char *name)
{
    for (size_t i = 0; i < file->n; i++)
        if (strcmp(file->nodes[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static enum status add_edge(struct nir_file *file, const char *from_name,
                            const char *to_name)
{
    size_t from = find_node(file, from_name), to = find_node(file, to_name);
    if (from == SIZE_MAX || to == SIZE_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: an edge goes from %s to %s, which are not "
                             "both nodes",
                             file->path, from_name, to_name);
    struct nir_node *node = &file->nodes[from];
    if (node->next == to)
        return STATUS_OK;
    if (node->next != SIZE_MAX || file->nodes[to].n_before > 0)
        return status_refuse(STATUS_INVALID,
                             "%s: node %s has two nodes %s it; allowed is a "
                             "chain, without shortcuts and recurrence",
                             file->path,
                             node->next != SIZE_MAX ? from_name : to_name,
                             node->next != SIZE_MAX ? "after" : "before");
    node->next = to;
    file->nodes[to].n_before++;
    return STATUS_OK;
}

static enum status read_edges(struct nir_file *file)
{
    hsize_t extents[2] = {0, 0};
    hid_t dataset = hdf5_open_dataset(file->file, "/node/edges");
    hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    bool fits = space >= 0 && H5Sget_simple_extent_ndims(space) == 2 &&
                H5Sget_simple_extent_dims(space, extents, NULL) == 2 &&
                extents[1] == 2 && extents[0] <= 4 * NIR_NODES_MAX;
    const char **names =
        fits ? hdf5_take_texts(dataset, 2 * extents[0], file->arena) : NULL;
    if (space >= 0)
        H5Sclose(space);
    if (dataset >= 0)
        H5Dclose(dataset);
    if (!names)
        return hdf5_refuse(STATUS_INVALID,
                           "%s: has no dataset /node/edges, an array of n x 2 "
                           "names",
                           file->path);
    for (size_t i = 0; i < extents[0]; i++)
        TRY(add_edge(file, names[2 * i], names[2 * i + 1]));
    return STATUS_OK;
}

enum status nir_file_open(const char *path, struct arena *arena,
                          struct nir_file *file)
{
    struct stat about;
    *file = (struct nir_file){.path = path, .arena = arena, .file = -1};
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    file->size = (size_t)about.st_size;
    TRY(hdf5_open(path, &file->file));
    enum status status = read_nodes(file);
    if (status == STATUS_OK)
        status = read_edges(file);
    if (status != STATUS_OK)
        nir_file_close(file);
    return status;
}

void nir_file_close(struct nir_file *file)
{
    if (file->file >= 0)
        H5Fclose(file->file);
    file->file = -1;
}

/* numbers ------------------------------------------------------------- */

static enum status take(const struct nir_file *file, const char *name,
                        struct hdf5_numbers *array)
{
    struct hdf5_source source = {file->path, file->size, file->file};
    return hdf5_take_numbers(&source, name, file->arena, array);
}

enum status nir_file_get(const struct nir_file *file,
                         const struct nir_node *node, const char *name,
                         size_t least_rank, size_t most_rank,
                         struct hdf5_numbers *array)
{
    struct hdf5_numbers read;
    TRY(take(file, node_path(node, name, file->arena), &read));
    if (read.rank < least_rank || read.rank > most_rank)
        return status_refuse(STATUS_INVALID,
                             "%s: %s of node %s has %zu dimensions, allowed "
                             "are %zu to %zu",
                             file->path, name, node->name, read.rank,
                             least_rank, most_rank);
    *array = read;
    return STATUS_OK;
}

bool nir_file_has(const struct nir_file *file, const struct nir_node *node,
                  const char *name)
{
    return hdf5_has(file->file, node_path(node, name, file->arena));
}

/* metadata ------------------------------------------------------------ */

static const char *note_path(const struct nir_file *file,
                             const struct nir_node *node, const char *key)
{
    return node ? arena_print(file->arena, "/node/nodes/%s/metadata/%s",
                              node->name, key)
                : arena_print(file->arena, "/node/metadata/%s", key);
}

static bool has_notes(const struct nir_file *file, const struct nir_node *node)
{
    const char *group =
        node ? node_path(node, "metadata", file->arena) : "/node/metadata";
    return hdf5_has(file->file, group);
}

static bool read_note(const struct nir_file *file, const struct nir_node *node,
                      const char *key, struct hdf5_numbers *array)
{
    struct hdf5_numbers read;
    const char *path = note_path(file, node, key);
    if (!has_notes(file, node) || !hdf5_has(file->file, path))
        return false;
    if (take(file, path, &read) != STATUS_OK) {
        status_forget();
        return false;
    }
    *array = read;
    return true;
}

void nir_file_note(const struct nir_file *file, const struct nir_node *node,
                   const char *key, double *value)
{
    struct hdf5_numbers array;
    if (read_note(file, node, key, &array) && array.n == 1)
        *value = array.at[0];
}

const char *nir_file_note_text(const struct nir_file *file, const char *key)
{
    return has_notes(file, NULL)
               ? read_text(file->file, note_path(file, NULL, key), file->arena)
               : NULL;
}

bool nir_file_note_array(const struct nir_file *file, const char *key,
                         struct hdf5_numbers *array)
{
    return read_note(file, NULL, key, array);
}

enum status nir_is_graph(const char *path, bool *is_graph)
{
    hid_t file = -1;
    TRY(hdf5_open(path, &file));
    *is_graph = hdf5_has(file, "/node");
    H5Fclose(file);
    return STATUS_OK;
}
