#include "io/dataset.h"
#include "io/dataset_parts.h"
#include "io/durable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct dataset_reader *const readers[] = {
    &dataset_reader_fashion_mnist, &dataset_reader_idx,
    &dataset_reader_cifar10, &dataset_reader_cifar100,
    &dataset_reader_nmnist,  &dataset_reader_hdf5,
    &dataset_reader_synthetic};

/* Part of every key: a change of what is in cache files makes new ones. */
static const char CACHE_VERSION[] = "spikesweep data set, version 2";

/* shared by the readers ------------------------------------------------ */

void dataset_whole_free(struct dataset_whole *whole)
{
    bytes_free(&whole->train.images);
    bytes_free(&whole->train.labels);
    bytes_free(&whole->test.images);
    bytes_free(&whole->test.labels);
}

enum status dataset_check_labels(const struct bytes *labels, size_t n_classes,
                                 const char *path)
{
    for (size_t i = 0; i < labels->n; i++)
        if (labels->at[i] >= n_classes)
            return status_refuse(STATUS_INVALID,
                                 "%s: a label is %d, allowed are 0 to %zu",
                                 path, labels->at[i], n_classes - 1);
    return STATUS_OK;
}

enum status dataset_count_classes(struct dataset_whole *whole,
                                  const char *train, const char *test)
{
    const struct bytes *labels = &whole->train.labels;
    size_t largest = 0;
    for (size_t i = 0; i < labels->n; i++)
        largest = labels->at[i] > largest ? labels->at[i] : largest;
    if (largest == 0)
        return status_refuse(STATUS_INVALID,
                             "%s: all labels are 0; at least 2 classes are "
                             "needed",
                             train);
    if (largest >= DATASET_CLASSES_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: a label is %zu, allowed are 0 to %d", train,
                             largest, DATASET_CLASSES_MAX - 1);
    whole->n_classes = largest + 1;
    return dataset_check_labels(&whole->test.labels, whole->n_classes, test);
}

/* places of the cache -------------------------------------------------- */

struct place {
    const char *folder;
    bool in_public; /* anybody could have made it: must be ours */
};

enum { PLACES_MAX = 4 };

static void add_place(struct place *places, size_t *n, const char *folder,
                      bool in_public)
{
    places[(*n)++] = (struct place){folder, in_public};
}

static size_t list_places(struct arena *arena,
                          struct place places[PLACES_MAX])
{
    size_t n = 0;
    const char *own = getenv("SPIKESWEEP_CACHE");
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (own && *own)
        add_place(places, &n, arena_copy_text(arena, own), false);
    if (cache && *cache)
        add_place(places, &n, arena_print(arena, "%s/spikesweep", cache),
                  false);
    if (home && *home)
        add_place(places, &n, arena_print(arena, "%s/.cache/spikesweep", home),
                  false);
    add_place(places, &n,
              arena_print(arena, "/tmp/spikesweep-%ld", (long)geteuid()),
              true);
    return n;
}

/* With all folders above it. */
static enum status make_folders(const char *path, struct arena *arena)
{
    struct stat found;
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return STATUS_OK;
    char *above = arena_copy_text(arena, path);
    char *slash = strrchr(above, '/');
    if (slash && slash != above) {
        *slash = '\0';
        TRY(make_folders(above, arena));
    }
    return durable_make_folder(path);
}

static bool may_be_read(const struct place *place)
{
    struct stat found;
    if (!place->in_public)
        return true;
    return lstat(place->folder, &found) == 0 && S_ISDIR(found.st_mode) &&
           found.st_uid == geteuid() && (found.st_mode & 022) == 0;
}

static enum status make_place(const struct place *place, struct arena *arena)
{
    if (!place->in_public)
        return make_folders(place->folder, arena);
    if (mkdir(place->folder, 0700) != 0 && errno != EEXIST)
        return status_refuse_errno("%s: cannot make the folder",
                                   place->folder);
    if (!may_be_read(place))
        return status_refuse(STATUS_DENIED,
                             "%s: is not a folder that is ours alone",
                             place->folder);
    return STATUS_OK;
}

/* one opening ---------------------------------------------------------- */

struct opening {
    const struct choice *dataset;
    const struct dataset_reader *reader;
    struct arena *arena;
    struct dataset_sources sources;
    struct digest key; /* of all that the decoded data depend on */
};

static const struct dataset_reader *reader_of(const struct kind *kind)
{
    for (size_t i = 0; i < KIND_COUNT(readers); i++)
        if (!strcmp(readers[i]->kind, kind->name))
            return readers[i];
    MUST(!"a data set's kind without a reader");
    return NULL;
}

/* What is made depends on all of its parameters, what is read on its files and
 * on the parameters that are its kind's alone. */
static bool is_decoded(const struct opening *opening, const struct row *row)
{
    return !row->aside && (!opening->reader->find ||
                           row->offset >= sizeof(struct dataset_common));
}

static const char *describe(const struct opening *opening)
{
    const struct kind *kind = opening->dataset->kind;
    struct arena *arena = opening->arena;
    const char *text = arena_print(arena, "%s\n%s\n", CACHE_VERSION,
                                   kind->name);
    for (size_t i = 0; i < opening->sources.n; i++) {
        const struct dataset_source *source = &opening->sources.at[i];
        text = arena_print(arena, "%s%s %" PRIu64 " %" PRId64 "\n", text,
                           source->path, source->size, source->modified_ns);
    }
    for (size_t i = 0; i < kind->n_rows; i++)
        if (is_decoded(opening, &kind->rows[i]))
            text = arena_print(arena, "%s%s = %s\n", text, kind->rows[i].name,
                               row_print(&kind->rows[i],
                                         opening->dataset->params, arena));
    return text;
}

static enum status find_sources(struct opening *opening)
{
    opening->sources.n = 0;
    if (opening->reader->find)
        TRY(opening->reader->find(opening->dataset, opening->arena,
                                  &opening->sources));
    const char *text = describe(opening);
    opening->key = digest_of(text, strlen(text));
    return STATUS_OK;
}

static const char *path_at(const struct opening *opening,
                           const struct place *place)
{
    char text[DIGEST_TEXT_SIZE];
    return arena_print(opening->arena, "%s/%s.data", place->folder,
                       digest_print(opening->key, text));
}

static bool map_anywhere(const struct opening *opening,
                         const struct place *places, size_t n_places,
                         struct data_set *data)
{
    for (size_t i = 0; i < n_places; i++)
        if (may_be_read(&places[i]) &&
            dataset_cache_map(path_at(opening, &places[i]), opening->key,
                              data))
            return true;
    return false;
}

static enum status decode(struct opening *opening, struct bytes *bytes)
{
    struct dataset_whole whole = {.n_classes = 0};
    struct digest key = opening->key;
    enum status status = opening->reader->read(opening->dataset,
                                               &opening->sources, &whole);
    if (status == STATUS_OK)
        status = find_sources(opening);
    if (status == STATUS_OK && !digest_equal(key, opening->key))
        status = status_refuse(STATUS_INVALID,
                               "%s: changed while the data set was read",
                               opening->sources.at[0].path);
    if (status == STATUS_OK)
        dataset_cache_pack(&whole, opening->reader->find != NULL, key, bytes);
    dataset_whole_free(&whole);
    return status;
}

static enum status write_and_map(const struct opening *opening,
                                 const struct place *place,
                                 const struct bytes *bytes,
                                 struct data_set *data)
{
    const char *path = path_at(opening, place);
    TRY(make_place(place, opening->arena));
    dataset_cache_clean(place->folder);
    TRY(durable_write(path, bytes->at, bytes->n));
    if (!dataset_cache_map(path, opening->key, data))
        return status_refuse(STATUS_SYSTEM, "%s: cannot map what was written",
                             path);
    return STATUS_OK;
}

/* The first place that takes it; if there is none, all their reasons. */
static enum status write_anywhere(const struct opening *opening,
                                  const struct place *places, size_t n_places,
                                  const struct bytes *bytes,
                                  struct data_set *data)
{
    enum status status = STATUS_OK;
    const char *reasons = "";
    for (size_t i = 0; i < n_places; i++) {
        status = write_and_map(opening, &places[i], bytes, data);
        if (status == STATUS_OK)
            return status;
        reasons = arena_print(opening->arena, "%s%s%s", reasons,
                              i ? "; " : "", status_reason());
    }
    return status_refuse(status,
                         "dataset %s: no folder takes the %zu bytes of the "
                         "decoded data (%s); set SPIKESWEEP_CACHE to one that "
                         "does",
                         opening->dataset->kind->name, bytes->n, reasons);
}

static enum status make_cache(struct opening *opening,
                              const struct place *places, size_t n_places,
                              struct data_set *data)
{
    struct bytes bytes = {NULL, 0, 0};
    enum status status = decode(opening, &bytes);
    if (status == STATUS_OK)
        status = write_anywhere(opening, places, n_places, &bytes, data);
    bytes_free(&bytes);
    return status;
}

/* Samples lie in an order in which the first ones are balanced. */
static enum status narrow(const struct kind *kind, const char *row,
                          size_t n_wanted, struct split *split)
{
    if (n_wanted > split->n)
        return status_refuse(STATUS_INVALID,
                             "dataset %s: %s is %zu, but there are %zu such "
                             "samples; allowed are 0 (all) to %zu",
                             kind->name, row, n_wanted, split->n, split->n);
    if (n_wanted > 0)
        split->n = n_wanted;
    return STATUS_OK;
}

static enum status hold_out(const struct choice *dataset, struct arena *arena,
                            struct data_set *data)
{
    const struct dataset_common *common = dataset->params;
    size_t n_held = common->n_validation, n = data->train.n;
    if (n_held == 0)
        return STATUS_OK;
    if (n_held >= n)
        return status_refuse(STATUS_INVALID,
                             "dataset %s: n_validation is %zu, but there are "
                             "%zu training samples; allowed are 0 to %zu",
                             dataset->kind->name, n_held, n, n - 1);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n);
    dataset_order(data->train.labels, n, common->validation_seed, 2, order);
    data->test = data->train;
    data->test.n = n_held;
    data->test.index = order;
    data->train.n = n - n_held;
    data->train.index = order + n_held;
    return STATUS_OK;
}

enum status dataset_open(const struct choice *dataset, struct arena *arena,
                         struct data_set *data)
{
    const struct dataset_common *common = dataset->params;
    struct place places[PLACES_MAX];
    size_t n_places = list_places(arena, places);
    struct data_set opened;
    struct opening opening = {.dataset = dataset, .arena = arena,
                              .reader = reader_of(dataset->kind)};
    TRY(find_sources(&opening));
    if (!map_anywhere(&opening, places, n_places, &opened))
        TRY(make_cache(&opening, places, n_places, &opened));
    status_forget();
    TRY(hold_out(dataset, arena, &opened));
    TRY(narrow(dataset->kind, "n_train", common->n_train, &opened.train));
    TRY(narrow(dataset->kind, "n_test", common->n_test, &opened.test));
    *data = opened;
    return STATUS_OK;
}
