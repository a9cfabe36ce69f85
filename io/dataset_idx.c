#include "io/dataset_parts.h"

#include <endian.h>
#include <string.h>

/* The IDX format: big-endian words, first 0x00000800 + the number of
 * dimensions (08 stands for unsigned bytes), then the dimensions, then the
 * bytes. Images have three dimensions, labels one. */
enum { N_DIMENSIONS_MAX = 3, ITEMS_MAX = 100000000 };

struct idx {
    const struct dataset_source *source;
    size_t n_dimensions;
    size_t extent[N_DIMENSIONS_MAX]; /* those that it has not are 1 */
};

static uint32_t word_at(const struct bytes *bytes, size_t i)
{
    uint32_t word;
    memcpy(&word, bytes->at + i * sizeof word, sizeof word);
    return be32toh(word);
}

static size_t header_size(const struct idx *idx)
{
    return (idx->n_dimensions + 1) * sizeof(uint32_t);
}

static enum status check_header(struct idx *idx, const struct bytes *bytes)
{
    const char *path = idx->source->path;
    const char *what = idx->n_dimensions == 1 ? "labels" : "images";
    uint32_t magic = 0x800 + (uint32_t)idx->n_dimensions;
    if (bytes->n < header_size(idx))
        return status_refuse(STATUS_DAMAGED,
                             "%s: cut short: has %zu bytes, and the header of "
                             "an IDX file of %s %zu",
                             path, bytes->n, what, header_size(idx));
    if (word_at(bytes, 0) != magic)
        return status_refuse(STATUS_INVALID,
                             "%s: begins with 0x%08x, and an IDX file of %s "
                             "begins with 0x%08x",
                             path, word_at(bytes, 0), what, magic);
    for (size_t i = 0; i < N_DIMENSIONS_MAX; i++) {
        size_t most = i == 0 ? ITEMS_MAX : DATASET_SIDE_MAX;
        size_t extent = i < idx->n_dimensions ? word_at(bytes, i + 1) : 1;
        if (extent < 1 || extent > most)
            return status_refuse(STATUS_INVALID,
                                 "%s: the header claims %zu %s, allowed are 1 "
                                 "to %zu",
                                 path, extent, i == 0 ? what : "pixels a side",
                                 most);
        idx->extent[i] = extent;
    }
    return STATUS_OK;
}

static enum status refuse_size(const struct idx *idx, size_t claimed,
                               size_t found)
{
    const char *path = idx->source->path;
    if (found > claimed)
        return status_refuse(STATUS_INVALID,
                             "%s: too long: the header claims %zu items of "
                             "%zu bytes, but more than %zu bytes follow it",
                             path, idx->extent[0], claimed / idx->extent[0],
                             claimed);
    return status_refuse(STATUS_DAMAGED,
                         "%s: cut short: the header claims %zu items of %zu "
                         "bytes, but only %zu bytes follow it",
                         path, idx->extent[0], claimed / idx->extent[0],
                         found);
}

/* Reads one byte more than is claimed, to see that there is none. */
static enum status read_content(const struct idx *idx, struct bytes *bytes)
{
    size_t claimed = idx->extent[0] * idx->extent[1] * idx->extent[2];
    size_t n_header = header_size(idx);
    bytes->n = 0;
    TRY(dataset_source_read(idx->source, n_header + claimed + 1, bytes));
    if (bytes->n != n_header + claimed)
        return refuse_size(idx, claimed,
                           bytes->n > n_header ? bytes->n - n_header : 0);
    memmove(bytes->at, bytes->at + n_header, claimed);
    bytes->n = claimed;
    return STATUS_OK;
}

static enum status read_file(const struct dataset_source *source,
                             size_t n_dimensions, struct idx *idx,
                             struct bytes *bytes)
{
    *idx = (struct idx){.source = source, .n_dimensions = n_dimensions};
    TRY(dataset_source_read(source, header_size(idx), bytes));
    TRY(check_header(idx, bytes));
    return read_content(idx, bytes);
}

/* Images and labels of one split. */
static enum status read_part(const struct dataset_source sources[2],
                             struct dataset_part *part,
                             struct image_shape *shape)
{
    struct idx images, labels;
    TRY(read_file(&sources[0], 3, &images, &part->images));
    TRY(read_file(&sources[1], 1, &labels, &part->labels));
    if (images.extent[0] != labels.extent[0])
        return status_refuse(STATUS_INVALID,
                             "%s: has %zu labels, but %s has %zu images; they "
                             "must be as many",
                             sources[1].path, labels.extent[0],
                             sources[0].path, images.extent[0]);
    *shape = (struct image_shape){images.extent[1], images.extent[2], 1};
    return STATUS_OK;
}

static enum status read_parts(const struct dataset_sources *sources,
                              struct dataset_whole *whole)
{
    struct image_shape test;
    struct image_shape *train = &whole->shape;
    TRY(read_part(&sources->at[0], &whole->train, train));
    TRY(read_part(&sources->at[2], &whole->test, &test));
    if (test.height != train->height || test.width != train->width)
        return status_refuse(STATUS_INVALID,
                             "%s: images of %zu x %zu pixels, but those of %s "
                             "have %zu x %zu; they must be equal",
                             sources->at[2].path, test.height, test.width,
                             sources->at[0].path, train->height,
                             train->width);
    return STATUS_OK;
}

static enum status find_four(const char *folder, const char *hint,
                             struct arena *arena,
                             struct dataset_sources *sources)
{
    static const char *const names[] = {
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    for (size_t i = 0; i < KIND_COUNT(names); i++)
        TRY(dataset_source_find(folder, names[i], hint, arena, sources));
    return STATUS_OK;
}

/* idx ------------------------------------------------------------------ */

static enum status find_idx(const struct choice *dataset, struct arena *arena,
                            struct dataset_sources *sources)
{
    const struct dataset_common *common = dataset->params;
    if (*common->folder == '\0')
        return status_refuse(STATUS_INVALID,
                             "dataset idx: folder is empty; it must name the "
                             "folder of the four IDX files");
    return find_four(common->folder,
                     "the folder must hold the four IDX files of the set",
                     arena, sources);
}

/* The classes are those of the training labels. */
static enum status read_idx(const struct choice *dataset,
                            const struct dataset_sources *sources,
                            struct dataset_whole *whole)
{
    (void)dataset;
    TRY(read_parts(sources, whole));
    return dataset_count_classes(whole, sources->at[1].path,
                                 sources->at[3].path);
}

const struct dataset_reader dataset_reader_idx = {
    .kind = "idx", .find = find_idx, .read = read_idx};

/* fashion_mnist -------------------------------------------------------- */

enum { FASHION_SIDE = 28, FASHION_CLASSES = 10 };

static enum status find_fashion(const struct choice *dataset,
                                struct arena *arena,
                                struct dataset_sources *sources)
{
    const struct dataset_common *common = dataset->params;
    const char *folder = *common->folder ? common->folder
                                         : "/usr/share/datasets/fashion-mnist";
    return find_four(folder,
                     "Fashion-MNIST comes with Debian's package "
                     "dataset-fashion-mnist, or set folder to your copy",
                     arena, sources);
}

static enum status read_fashion(const struct choice *dataset,
                                const struct dataset_sources *sources,
                                struct dataset_whole *whole)
{
    (void)dataset;
    TRY(read_parts(sources, whole));
    struct image_shape shape = whole->shape;
    if (shape.height != FASHION_SIDE || shape.width != FASHION_SIDE)
        return status_refuse(STATUS_INVALID,
                             "%s: images of %zu x %zu pixels, but those of "
                             "Fashion-MNIST have 28 x 28 (kind idx takes any)",
                             sources->at[0].path, shape.height, shape.width);
    whole->n_classes = FASHION_CLASSES;
    TRY(dataset_check_labels(&whole->train.labels, FASHION_CLASSES,
                             sources->at[1].path));
    return dataset_check_labels(&whole->test.labels, FASHION_CLASSES,
                                sources->at[3].path);
}

const struct dataset_reader dataset_reader_fashion_mnist = {
    .kind = "fashion_mnist", .find = find_fashion, .read = read_fashion};
