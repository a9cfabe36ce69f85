#include "io/dataset_parts.h"

/* The binary versions of CIFAR-10 and CIFAR-100: records of a label (10) or of
 * a coarse and a fine one (100) and an image, whose three channels (red, green,
 * blue) follow one another; no header. */
enum { SIDE = 32, N_PIXELS = SIDE * SIDE, N_CHANNELS = 3 };

struct format {
    size_t n_labels, i_label; /* of a record; the one that is taken */
    size_t n_classes;
};

static size_t record_size(const struct format *format)
{
    return format->n_labels + N_CHANNELS * N_PIXELS;
}

/* cifar10 -------------------------------------------------------------- */

/* The last one is for testing. */
static enum status find_files(const struct choice *dataset,
                              const char *const *names, size_t n_names,
                              const char *version, struct arena *arena,
                              struct dataset_sources *sources)
{
    const struct dataset_common *common = dataset->params;
    if (*common->folder == '\0')
        return status_refuse(STATUS_INVALID,
                             "dataset %s: folder is empty; it must name the "
                             "folder of %s's binary version",
                             dataset->kind->name, version);
    const char *hint = arena_print(
        arena, "the folder must hold %s's binary version", version);
    for (size_t i = 0; i < n_names; i++)
        TRY(dataset_source_find(common->folder, names[i], hint, arena,
                                sources));
    return STATUS_OK;
}

static enum status find_batches(const struct choice *dataset,
                                struct arena *arena,
                                struct dataset_sources *sources)
{
    static const char *const names[] = {
        "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
    return find_files(dataset, names, KIND_COUNT(names), "CIFAR-10", arena,
                      sources);
}

/* [3][32*32] becomes [32*32][3]. */
static void append_record(const struct format *format,
                          const unsigned char *record,
                          struct dataset_part *part)
{
    const unsigned char *planes = record + format->n_labels;
    unsigned char image[N_PIXELS * N_CHANNELS];
    for (size_t p = 0; p < N_PIXELS; p++)
        for (size_t c = 0; c < N_CHANNELS; c++)
            image[p * N_CHANNELS + c] = planes[c * N_PIXELS + p];
    bytes_append(&part->labels, record + format->i_label, 1);
    bytes_append(&part->images, image, sizeof image);
}

static enum status take_records(const struct format *format,
                                const struct dataset_source *source,
                                const struct bytes *bytes,
                                struct dataset_part *part)
{
    size_t size = record_size(format);
    if (bytes->n == 0 || bytes->n % size != 0)
        return status_refuse(STATUS_DAMAGED,
                             "%s: has %zu bytes, which is not a whole number "
                             "of records of %zu bytes, 1 or more",
                             source->path, bytes->n, size);
    for (size_t at = 0; at < bytes->n; at += size)
        append_record(format, bytes->at + at, part);
    return dataset_check_labels(&part->labels, format->n_classes,
                                source->path);
}

static enum status read_file(const struct format *format,
                             const struct dataset_source *source,
                             struct dataset_part *part)
{
    struct bytes bytes = {NULL, 0, 0};
    enum status status = dataset_source_read(source, SIZE_MAX, &bytes);
    if (status == STATUS_OK)
        status = take_records(format, source, &bytes, part);
    bytes_free(&bytes);
    return status;
}

static enum status read_files(const struct format *format,
                              const struct dataset_sources *sources,
                              struct dataset_whole *whole)
{
    whole->shape = (struct image_shape){SIDE, SIDE, N_CHANNELS};
    whole->n_classes = format->n_classes;
    for (size_t i = 0; i + 1 < sources->n; i++)
        TRY(read_file(format, &sources->at[i], &whole->train));
    return read_file(format, &sources->at[sources->n - 1], &whole->test);
}

static enum status read_batches(const struct choice *dataset,
                                const struct dataset_sources *sources,
                                struct dataset_whole *whole)
{
    (void)dataset;
    static const struct format format = {1, 0, 10};
    return read_files(&format, sources, whole);
}

const struct dataset_reader dataset_reader_cifar10 = {
    .kind = "cifar10", .find = find_batches, .read = read_batches};

/* cifar100 ------------------------------------------------------------- */

static enum status find_100(const struct choice *dataset, struct arena *arena,
                            struct dataset_sources *sources)
{
    static const char *const names[] = {"train.bin", "test.bin"};
    return find_files(dataset, names, KIND_COUNT(names), "CIFAR-100", arena,
                      sources);
}

static enum status read_100(const struct choice *dataset,
                            const struct dataset_sources *sources,
                            struct dataset_whole *whole)
{
    static const struct format formats[] = {[LABELS_FINE] = {2, 1, 100},
                                            [LABELS_COARSE] = {2, 0, 20}};
    const struct dataset_cifar100 *params = dataset->params;
    return read_files(&formats[params->labels], sources, whole);
}

const struct dataset_reader dataset_reader_cifar100 = {
    .kind = "cifar100", .find = find_100, .read = read_100};
