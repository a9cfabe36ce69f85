/* Images and labels in HDF5 files, as anybody may have written them. What is
 * cut short or lies about its sizes is refused; but HDF5 1.10 itself does not
 * survive every flipped bit in its own structures (a chunk's side of 0). */
#include "io/dataset_chunks.h"
#include "io/dataset_parts.h"
#include "io/hdf5_util.h"

#include <string.h>

enum { IMAGES_MOST = 100000000, PIECE_SIZE = 1 << 20 };

/* Deflate packs a byte into no less than this share of one; what claims more
 * than its file can hold has never been written. */
enum { PACKING_MOST = 1100 };

/* One file on its way in. */
struct hdf5_set {
    const char *path;
    size_t file_size;
    hid_t file;
    size_t n;
    struct image_shape shape;
};

struct array {
    hid_t id, type, space;
    int n_dimensions;
    hsize_t extent[4];
};

static void close_array(struct array *array)
{
    H5Sclose(array->space);
    H5Tclose(array->type);
    H5Dclose(array->id);
}

static enum status open_array(const struct hdf5_set *set, const char *name,
                              int least, int most, struct array *array)
{
    struct array opened = {.id = H5Dopen2(set->file, name, H5P_DEFAULT)};
    if (opened.id < 0)
        return hdf5_refuse(STATUS_INVALID,
                           "%s: has no dataset \"%s\" that can be read",
                           set->path, name);
    opened.type = H5Dget_type(opened.id);
    opened.space = H5Dget_space(opened.id);
    opened.n_dimensions = H5Sget_simple_extent_ndims(opened.space);
    if (opened.n_dimensions >= least && opened.n_dimensions <= most) {
        H5Sget_simple_extent_dims(opened.space, opened.extent, NULL);
        *array = opened;
        return STATUS_OK;
    }
    close_array(&opened);
    return status_refuse(STATUS_INVALID,
                         "%s: \"%s\" has %d dimensions, allowed are %d to %d",
                         set->path, name, opened.n_dimensions, least, most);
}

static enum status check_chunks(const struct hdf5_set *set, const char *name,
                                const struct array *array)
{
    return dataset_check_chunks(set->path, name, array->id,
                                (hsize_t)set->file_size * PACKING_MOST);
}

/* images --------------------------------------------------------------- */

static bool is_byte(hid_t type)
{
    return H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == 1 &&
           H5Tget_sign(type) == H5T_SGN_NONE;
}

static enum status check_images(struct hdf5_set *set,
                                const struct array *array)
{
    static const char *const sides[] = {"images", "rows", "columns",
                                        "channels"};
    static const hsize_t most[] = {IMAGES_MOST, DATASET_SIDE_MAX,
                                   DATASET_SIDE_MAX, DATA_CHANNELS_MAX};
    hsize_t claimed = 1;
    if (!is_byte(array->type))
        return status_refuse(STATUS_INVALID,
                             "%s: \"images\" must hold unsigned bytes, 0 to "
                             "255 for 0 to 1",
                             set->path);
    for (int i = 0; i < array->n_dimensions; i++) {
        hsize_t extent = array->extent[i];
        if (extent < 1 || extent > most[i])
            return status_refuse(STATUS_INVALID,
                                 "%s: \"images\" claims %llu %s, allowed are "
                                 "1 to %llu",
                                 set->path, (unsigned long long)extent,
                                 sides[i], (unsigned long long)most[i]);
        claimed *= extent;
    }
    if (claimed / PACKING_MOST > set->file_size)
        return status_refuse(STATUS_DAMAGED,
                             "%s: \"images\" claims %llu bytes, more than a "
                             "file of %zu bytes can hold",
                             set->path, (unsigned long long)claimed,
                             set->file_size);
    set->n = array->extent[0];
    set->shape = (struct image_shape){
        array->extent[1], array->extent[2],
        array->n_dimensions == 4 ? array->extent[3] : 1};
    return STATUS_OK;
}

/* In pieces of some images: memory grows with what is there. */
static enum status take_images(const struct hdf5_set *set,
                               const struct array *array, struct bytes *images)
{
    size_t size = image_size(set->shape);
    size_t n_piece = size < PIECE_SIZE ? PIECE_SIZE / size : 1;
    struct arena arena = arena_open();
    unsigned char *piece = ARENA_ARRAY(&arena, unsigned char, n_piece * size);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < set->n && status == STATUS_OK; i += n_piece) {
        hsize_t start[4] = {i}, count[4];
        memcpy(count, array->extent, sizeof count);
        count[0] = set->n - i < n_piece ? set->n - i : n_piece;
        hsize_t n_bytes = count[0] * size;
        hid_t memory = H5Screate_simple(1, &n_bytes, NULL);
        H5Sselect_hyperslab(array->space, H5S_SELECT_SET, start, NULL, count,
                            NULL);
        status = hdf5_check(H5Dread(array->id, H5T_NATIVE_UCHAR, memory,
                                    array->space, H5P_DEFAULT, piece),
                            STATUS_DAMAGED, set->path, "read \"images\"");
        H5Sclose(memory);
        if (status == STATUS_OK)
            bytes_append(images, piece, n_bytes);
    }
    arena_close(&arena);
    return status;
}

static enum status read_images(struct hdf5_set *set, struct bytes *images)
{
    struct array array;
    TRY(open_array(set, "images", 3, 4, &array));
    enum status status = check_images(set, &array);
    if (status == STATUS_OK)
        status = check_chunks(set, "images", &array);
    if (status == STATUS_OK)
        status = take_images(set, &array, images);
    close_array(&array);
    return status;
}

/* labels --------------------------------------------------------------- */

static enum status take_labels(const struct hdf5_set *set,
                               const struct array *array, struct bytes *labels)
{
    struct arena arena = arena_open();
    long long *numbers = ARENA_ARRAY(&arena, long long, set->n);
    enum status status = hdf5_check(
        H5Dread(array->id, H5T_NATIVE_LLONG, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                numbers),
        STATUS_DAMAGED, set->path, "read \"labels\"");
    for (size_t i = 0; i < set->n && status == STATUS_OK; i++) {
        unsigned char label = (unsigned char)numbers[i];
        if (numbers[i] < 0 || numbers[i] >= DATASET_CLASSES_MAX)
            status = status_refuse(STATUS_INVALID,
                                   "%s: a label is %lld, allowed are 0 to %d",
                                   set->path, numbers[i],
                                   DATASET_CLASSES_MAX - 1);
        else
            bytes_append(labels, &label, 1);
    }
    arena_close(&arena);
    return status;
}

static enum status read_labels(const struct hdf5_set *set,
                               struct bytes *labels)
{
    struct array array;
    enum status status = STATUS_OK;
    TRY(open_array(set, "labels", 1, 1, &array));
    if (H5Tget_class(array.type) != H5T_INTEGER)
        status = status_refuse(STATUS_INVALID,
                               "%s: \"labels\" must hold integers", set->path);
    else if (array.extent[0] != set->n)
        status = status_refuse(STATUS_INVALID,
                               "%s: has %llu labels, but %zu images; they "
                               "must be as many",
                               set->path, (unsigned long long)array.extent[0],
                               set->n);
    else
        status = check_chunks(set, "labels", &array);
    if (status == STATUS_OK)
        status = take_labels(set, &array, labels);
    close_array(&array);
    return status;
}

/* files ---------------------------------------------------------------- */

static enum status read_open(struct hdf5_set *set, struct dataset_part *part)
{
    TRY(read_images(set, &part->images));
    return read_labels(set, &part->labels);
}

/* Through memory, so that a packed file is read like any other. */
static enum status read_file(const struct dataset_source *source,
                             struct dataset_part *part,
                             struct image_shape *shape)
{
    struct bytes bytes = {NULL, 0, 0};
    struct hdf5_set set = {.path = source->path};
    enum status status = dataset_source_read(source, SIZE_MAX, &bytes);
    if (status == STATUS_OK && bytes.n == 0)
        status = status_refuse(STATUS_DAMAGED, "%s: is empty", source->path);
    if (status == STATUS_OK)
        status = hdf5_open_image(source->path, bytes.at, bytes.n, &set.file);
    if (status == STATUS_OK) {
        set.file_size = bytes.n;
        status = read_open(&set, part);
        H5Fclose(set.file);
    }
    bytes_free(&bytes);
    *shape = set.shape;
    return status;
}

static enum status find_hdf5(const struct choice *dataset, struct arena *arena,
                             struct dataset_sources *sources)
{
    static const char *const names[] = {"train.h5", "test.h5"};
    const struct dataset_common *common = dataset->params;
    if (*common->folder == '\0')
        return status_refuse(STATUS_INVALID,
                             "dataset hdf5: folder is empty; it must name the "
                             "folder of train.h5 and test.h5");
    for (size_t i = 0; i < KIND_COUNT(names); i++)
        TRY(dataset_source_find(common->folder, names[i],
                                "the folder must hold train.h5 and test.h5",
                                arena, sources));
    return STATUS_OK;
}

static enum status read_hdf5(const struct choice *dataset,
                             const struct dataset_sources *sources,
                             struct dataset_whole *whole)
{
    (void)dataset;
    struct image_shape test, *train = &whole->shape;
    TRY(read_file(&sources->at[0], &whole->train, train));
    TRY(read_file(&sources->at[1], &whole->test, &test));
    if (memcmp(&test, train, sizeof test) != 0)
        return status_refuse(STATUS_INVALID,
                             "%s: images of %zu x %zu x %zu, but those of %s "
                             "have %zu x %zu x %zu; they must be equal",
                             sources->at[1].path, test.height, test.width,
                             test.n_channels, sources->at[0].path,
                             train->height, train->width, train->n_channels);
    return dataset_count_classes(whole, sources->at[0].path,
                                 sources->at[1].path);
}

const struct dataset_reader dataset_reader_hdf5 = {
    .kind = "hdf5", .find = find_hdf5, .read = read_hdf5};
