#include "io/dataset_chunks.h"
#include "core/arena.h"

#include <zlib.h>

enum { N_FILTERS_MOST = 8, RANK_MOST = 4, CHECKSUM_SIZE = 4 };

/* What is needed to unpack a dataset's chunks. */
struct packing {
    hid_t dataset, space;
    size_t n_filters, chunk_size; /* bytes, unpacked */
    H5Z_filter_t filters[N_FILTERS_MOST];
    unsigned char *packed, *unpacked; /* room for the largest */
};

static bool takes_filters(hid_t list, struct packing *packing)
{
    int n = H5Pget_nfilters(list);
    if (n < 0 || n > N_FILTERS_MOST)
        return false;
    packing->n_filters = (size_t)n;
    for (size_t i = 0; i < packing->n_filters; i++) {
        unsigned flags, config;
        size_t n_values = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(list, (unsigned)i, &flags, &n_values, NULL, 0, NULL,
                           &config);
        if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE &&
            filter != H5Z_FILTER_FLETCHER32)
            return false;
        packing->filters[i] = filter;
    }
    return true;
}

/* 0 if a chunk is not of the dataset's rank. */
static hsize_t measure_chunk(hid_t list, hid_t dataset, hid_t space)
{
    hsize_t extent[RANK_MOST];
    int rank = H5Pget_chunk(list, RANK_MOST, extent);
    hid_t type = H5Dget_type(dataset);
    hsize_t size = H5Tget_size(type);
    H5Tclose(type);
    if (rank < 1 || rank != H5Sget_simple_extent_ndims(space))
        return 0;
    for (int i = 0; i < rank; i++)
        size = extent[i] <= UINT32_MAX / (size ? size : 1) ? size * extent[i]
                                                           : 0;
    return size;
}

/* Undoes the filters from the last to the first, as far as sizes go: only the
 * one that deflates changes them, but for the checksum's. */
static bool unpacks_whole(const struct packing *packing, unsigned skipped,
                          size_t size)
{
    for (size_t i = packing->n_filters; i-- > 0;) {
        uLongf n = packing->chunk_size;
        if (skipped >> i & 1)
            continue;
        if (packing->filters[i] == H5Z_FILTER_FLETCHER32) {
            if (size < CHECKSUM_SIZE)
                return false;
            size -= CHECKSUM_SIZE;
        }
        if (packing->filters[i] != H5Z_FILTER_DEFLATE)
            continue;
        if (uncompress(packing->unpacked, &n, packing->packed, size) != Z_OK)
            return false;
        size = n;
    }
    return size == packing->chunk_size;
}

static bool is_whole(const struct packing *packing, hsize_t i,
                     hsize_t packed_most)
{
    hsize_t offset[RANK_MOST], size;
    unsigned skipped, again;
    haddr_t address;
    if (H5Dget_chunk_info(packing->dataset, packing->space, i, offset,
                          &skipped, &address, &size) < 0 ||
        size > packed_most)
        return false;
    return H5Dread_chunk(packing->dataset, H5P_DEFAULT, offset, &again,
                         packing->packed) >= 0 &&
           unpacks_whole(packing, again, size);
}

static enum status check_all(const char *path, const char *name,
                             struct packing *packing, hsize_t packed_most)
{
    hsize_t n = 0;
    struct arena arena = arena_open();
    enum status status = STATUS_OK;
    packing->packed = ARENA_ARRAY(&arena, unsigned char, packed_most);
    packing->unpacked =
        ARENA_ARRAY(&arena, unsigned char, packing->chunk_size);
    if (H5Dget_num_chunks(packing->dataset, packing->space, &n) < 0)
        status = hdf5_refuse(STATUS_DAMAGED, "%s: \"%s\" is damaged", path,
                             name);
    for (hsize_t i = 0; i < n && status == STATUS_OK; i++)
        if (!is_whole(packing, i, packed_most))
            status = status_refuse(STATUS_DAMAGED,
                                   "%s: \"%s\" is damaged: its piece %llu does "
                                   "not unpack to %zu bytes",
                                   path, name, (unsigned long long)i,
                                   packing->chunk_size);
    arena_close(&arena);
    return status;
}

static enum status check_packing(const char *path, const char *name,
                                 hid_t list, struct packing *packing,
                                 hsize_t claimed_most)
{
    if (H5Pget_layout(list) != H5D_CHUNKED)
        return STATUS_OK;
    if (!takes_filters(list, packing))
        return status_refuse(STATUS_INVALID,
                             "%s: \"%s\" is packed by filters other than "
                             "shuffle, deflate and Fletcher32",
                             path, name);
    packing->chunk_size =
        measure_chunk(list, packing->dataset, packing->space);
    if (packing->chunk_size == 0 || packing->chunk_size > claimed_most)
        return status_refuse(STATUS_DAMAGED,
                             "%s: \"%s\" is damaged: its pieces cannot be of "
                             "%zu bytes",
                             path, name, packing->chunk_size);
    /* What does not deflate grows by less than this. */
    hsize_t packed_most = packing->chunk_size + packing->chunk_size / 100 + 64;
    return check_all(path, name, packing, packed_most);
}

enum status dataset_check_chunks(const char *path, const char *name,
                                 hid_t dataset, hsize_t claimed_most)
{
    hid_t list = H5Dget_create_plist(dataset);
    struct packing packing = {.dataset = dataset,
                              .space = H5Dget_space(dataset)};
    enum status status =
        check_packing(path, name, list, &packing, claimed_most);
    H5Sclose(packing.space);
    H5Pclose(list);
    return status;
}
