#include "io/dataset_parts.h"

/* CIFAR-10's binary version: records of a label and an image, whose three
 * channels (red, green, blue) follow one another; no header. */
enum {
    SIDE = 32,
    N_PIXELS = SIDE * SIDE,
    N_CHANNELS = 3,
    N_CLASSES = 10,
    RECORD_SIZE = 1 + N_CHANNELS * N_PIXELS
};

static enum status find_batches(const struct choice *dataset,
                                struct arena *arena,
                                struct dataset_sources *sources)
{
    static const char *const names[] = {
        "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
    const struct dataset_common *common = dataset->params;
    if (*common->folder == '\0')
        return status_refuse(STATUS_INVALID,
                             "dataset cifar10: folder is empty; it must name "
                             "the folder of CIFAR-10's binary version");
    for (size_t i = 0; i < KIND_COUNT(names); i++)
        TRY(dataset_source_find(
            common->folder, names[i],
            "the folder must hold CIFAR-10's binary version", arena, sources));
    return STATUS_OK;
}

/* [3][32*32] becomes [32*32][3]. */
static void append_record(const unsigned char *record,
                          struct dataset_part *part)
{
    unsigned char image[N_PIXELS * N_CHANNELS];
    for (size_t p = 0; p < N_PIXELS; p++)
        for (size_t c = 0; c < N_CHANNELS; c++)
            image[p * N_CHANNELS + c] = record[1 + c * N_PIXELS + p];
    bytes_append(&part->labels, record, 1);
    bytes_append(&part->images, image, sizeof image);
}

static enum status take_records(const struct dataset_source *source,
                                const struct bytes *bytes,
                                struct dataset_part *part)
{
    if (bytes->n == 0 || bytes->n % RECORD_SIZE != 0)
        return status_refuse(STATUS_DAMAGED,
                             "%s: has %zu bytes, which is not a whole number "
                             "of records of %d bytes, 1 or more",
                             source->path, bytes->n, (int)RECORD_SIZE);
    for (size_t at = 0; at < bytes->n; at += RECORD_SIZE)
        append_record(bytes->at + at, part);
    return dataset_check_labels(&part->labels, N_CLASSES, source->path);
}

static enum status read_batch(const struct dataset_source *source,
                              struct dataset_part *part)
{
    struct bytes bytes = {NULL, 0, 0};
    enum status status = dataset_source_read(source, SIZE_MAX, &bytes);
    if (status == STATUS_OK)
        status = take_records(source, &bytes, part);
    bytes_free(&bytes);
    return status;
}

static enum status read_batches(const struct choice *dataset,
                                const struct dataset_sources *sources,
                                struct dataset_whole *whole)
{
    (void)dataset;
    whole->shape = (struct image_shape){SIDE, SIDE, N_CHANNELS};
    whole->n_classes = N_CLASSES;
    for (size_t i = 0; i + 1 < sources->n; i++)
        TRY(read_batch(&sources->at[i], &whole->train));
    return read_batch(&sources->at[sources->n - 1], &whole->test);
}

const struct dataset_reader dataset_reader_cifar10 = {
    .kind = "cifar10", .find = find_batches, .read = read_batches};
