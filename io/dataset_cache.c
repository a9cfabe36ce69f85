#include "io/dataset_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A cache file: the words of the header, its checksum, then the images and
 * labels of training, the images and labels of testing. The header's digest
 * of the data is checked before they are used, since a changed bit would change
 * results: at every opening, or, since it takes milliseconds, once by processes
 * that trust each other (io/dataset_trust.c). */
static const char MAGIC[8] = "SPKDATA2";

enum {
    N_WORDS = 10 + 2 * DATA_CHANNELS_MAX,
    HEADER_SIZE = (int)sizeof MAGIC + 8 * N_WORDS + 16
};

/* reading -------------------------------------------------------------- */

static enum status take_words(struct bytes_reader *reader, size_t n,
                              size_t *words)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t word;
        TRY(bytes_take_u64(reader, &word));
        words[i] = word;
    }
    return STATUS_OK;
}

static enum status take_digest(struct bytes_reader *reader,
                               struct digest *digest)
{
    TRY(bytes_take_u64(reader, &digest->high));
    return bytes_take_u64(reader, &digest->low);
}

static enum status take_channels(struct bytes_reader *reader, float *values)
{
    for (size_t c = 0; c < DATA_CHANNELS_MAX; c++) {
        double value;
        TRY(bytes_take_f64(reader, &value));
        values[c] = (float)value;
    }
    return STATUS_OK;
}

static enum status take_header(struct bytes_reader *reader,
                               struct digest *key, struct data_set *data)
{
    size_t words[6];
    const unsigned char *magic;
    TRY(bytes_unseal(reader));
    TRY(bytes_take(reader, sizeof MAGIC, &magic));
    if (memcmp(magic, MAGIC, sizeof MAGIC) != 0)
        return status_refuse(STATUS_DAMAGED, "not a cache file");
    TRY(take_words(reader, 6, words));
    TRY(take_digest(reader, key));
    TRY(take_digest(reader, &data->fingerprint));
    TRY(take_channels(reader, data->mean));
    TRY(take_channels(reader, data->deviation));
    data->shape = (struct image_shape){words[0], words[1], words[2]};
    data->n_classes = words[3];
    data->train.n = words[4];
    data->test.n = words[5];
    return STATUS_OK;
}

static struct digest fingerprint_of(const struct data_set *data,
                                    const unsigned char *content, size_t n)
{
    uint64_t sizes[] = {data->shape.height, data->shape.width,
                        data->shape.n_channels, data->n_classes,
                        data->train.n, data->test.n};
    return digest_fold(digest_of(sizes, sizeof sizes), content, n);
}

/* Whether images and labels are of so many bytes, to the last; products that
 * overflow are no sizes. */
static bool fills(const struct data_set *data, size_t size)
{
    struct image_shape shape = data->shape;
    size_t n, n_bytes;
    return !__builtin_mul_overflow(shape.height, shape.width, &n_bytes) &&
           !__builtin_mul_overflow(n_bytes, shape.n_channels, &n_bytes) &&
           !__builtin_add_overflow(n_bytes, 1, &n_bytes) &&
           !__builtin_add_overflow(data->train.n, data->test.n, &n) &&
           !__builtin_mul_overflow(n, n_bytes, &n_bytes) && n_bytes == size;
}

static bool is_within(size_t n, size_t most)
{
    return n >= 1 && n <= most;
}

static bool is_sound(const struct data_set *data, size_t size)
{
    struct image_shape shape = data->shape;
    return is_within(data->n_classes, DATASET_CLASSES_MAX) &&
           is_within(shape.height, DATASET_SIDE_MAX) &&
           is_within(shape.width, DATASET_SIDE_MAX) &&
           is_within(shape.n_channels, DATA_CHANNELS_MAX) && fills(data, size);
}

static bool has_classes(const struct split *split, size_t n_classes)
{
    for (size_t i = 0; i < split->n; i++)
        if (split->labels[i] >= n_classes)
            return false;
    return true;
}

/* The header is known to be as it was written, but who wrote it is not. */
static bool bind(const unsigned char *file, size_t size, bool trusted,
                 struct digest key, struct data_set *data)
{
    struct digest found;
    struct bytes_reader reader = {file, HEADER_SIZE};
    if (take_header(&reader, &found, data) != STATUS_OK ||
        !digest_equal(found, key) || size < HEADER_SIZE ||
        !is_sound(data, size - HEADER_SIZE))
        return false;
    const unsigned char *content = file + HEADER_SIZE;
    size_t n_pixels = image_size(data->shape);
    data->train.images = content;
    data->train.labels = data->train.images + data->train.n * n_pixels;
    data->test.images = data->train.labels + data->train.n;
    data->test.labels = data->test.images + data->test.n * n_pixels;
    return trusted ||
           (has_classes(&data->train, data->n_classes) &&
            has_classes(&data->test, data->n_classes) &&
            digest_equal(data->fingerprint,
                         fingerprint_of(data, content, size - HEADER_SIZE)));
}

static void *map_file(const char *path, struct stat *found)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return MAP_FAILED;
    void *at = MAP_FAILED;
    if (fstat(file, found) == 0 && found->st_size > HEADER_SIZE)
        at = mmap(NULL, (size_t)found->st_size, PROT_READ,
                  MAP_SHARED | (dataset_trust_knows(found) ? 0 : MAP_POPULATE),
                  file, 0);
    close(file);
    return at;
}

bool dataset_cache_map(const char *path, struct digest key,
                       struct data_set *data)
{
    struct stat found;
    struct data_set mapped = {.n_classes = 0};
    void *at = map_file(path, &found);
    if (at == MAP_FAILED)
        return false;
    size_t size = (size_t)found.st_size;
    if (!bind(at, size, dataset_trust_knows(&found), key, &mapped)) {
        munmap(at, size);
        return false;
    }
    dataset_trust_note(&found);
    *data = mapped;
    return true;
}

/* writing -------------------------------------------------------------- */

static void append_part(const struct dataset_part *part, uint64_t lane,
                        bool ordered, struct bytes *bytes)
{
    size_t n = part->labels.n, size = part->images.n / n;
    struct arena arena = arena_open();
    uint32_t *order = ARENA_ARRAY(&arena, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    if (ordered)
        dataset_order(part->labels.at, n, 0, lane, order);
    for (size_t i = 0; i < n; i++)
        bytes_append(bytes, part->images.at + order[i] * size, size);
    for (size_t i = 0; i < n; i++)
        bytes_append(bytes, part->labels.at + order[i], 1);
    arena_close(&arena);
}

/* Sums of integers, so exact. A channel that is the same everywhere has the
 * deviation 1, since images are divided by it. */
static void measure_channel(const struct bytes *images, size_t channel,
                            size_t n_channels, float *mean, float *deviation)
{
    uint64_t sum = 0, squares = 0;
    size_t n = images->n / n_channels;
    for (size_t i = channel; i < images->n; i += n_channels) {
        uint64_t pixel = images->at[i];
        sum += pixel;
        squares += pixel * pixel;
    }
    double middle = (double)sum / (double)n;
    double variance = (double)squares / (double)n - middle * middle;
    *mean = (float)(middle / 255.0);
    *deviation = variance > 0 ? (float)(sqrt(variance) / 255.0) : 1.0f;
}

static void append_header(const struct data_set *data, struct digest key,
                          struct bytes *bytes)
{
    uint64_t words[] = {data->shape.height,    data->shape.width,
                        data->shape.n_channels, data->n_classes,
                        data->train.n,         data->test.n,
                        key.high,              key.low,
                        data->fingerprint.high, data->fingerprint.low};
    bytes_append(bytes, MAGIC, sizeof MAGIC);
    for (size_t i = 0; i < KIND_COUNT(words); i++)
        bytes_append_u64(bytes, words[i]);
    for (size_t c = 0; c < DATA_CHANNELS_MAX; c++)
        bytes_append_f64(bytes, data->mean[c]);
    for (size_t c = 0; c < DATA_CHANNELS_MAX; c++)
        bytes_append_f64(bytes, data->deviation[c]);
    bytes_seal(bytes, 0);
}

/* The header is written last, over the room that was left for it. */
void dataset_cache_pack(const struct dataset_whole *whole, bool ordered,
                        struct digest key, struct bytes *bytes)
{
    unsigned char room[HEADER_SIZE] = {0};
    struct bytes header = {NULL, 0, 0};
    struct data_set data = {.shape = whole->shape,
                            .n_classes = whole->n_classes,
                            .train.n = whole->train.labels.n,
                            .test.n = whole->test.labels.n};
    MUST(bytes->n == 0);
    bytes_append(bytes, room, sizeof room);
    append_part(&whole->train, 0, ordered, bytes);
    append_part(&whole->test, 1, ordered, bytes);
    data.fingerprint = fingerprint_of(&data, bytes->at + HEADER_SIZE,
                                      bytes->n - HEADER_SIZE);
    for (size_t c = 0; c < data.shape.n_channels; c++)
        measure_channel(&whole->train.images, c, data.shape.n_channels,
                        &data.mean[c], &data.deviation[c]);
    append_header(&data, key, &header);
    MUST(header.n == HEADER_SIZE);
    memcpy(bytes->at, header.at, header.n);
    bytes_free(&header);
}

/* leftovers ------------------------------------------------------------ */

static bool is_leftover(int folder, const char *name)
{
    enum { DAY_S = 24 * 60 * 60 };
    struct stat found;
    size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".tmp") &&
           fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           found.st_mtim.tv_sec + DAY_S < time(NULL);
}

/* Housekeeping: what cannot be deleted stays. */
void dataset_cache_clean(const char *path)
{
    struct dirent *entry;
    DIR *folder = opendir(path);
    if (!folder)
        return;
    while ((entry = readdir(folder)))
        if (is_leftover(dirfd(folder), entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
}
