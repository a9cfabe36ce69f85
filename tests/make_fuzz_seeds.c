/*
 * Writes what the programs of tests/fuzz/ begin from, FOLDER/NAME/SEED; the
 * folders are there already:
 *
 *     make_fuzz_seeds FOLDER
 */
#include "io/cell_list.h"
#include "io/checkpoint_file.h"
#include "io/dataset_parts.h"
#include "io/durable.h"
#include "io/segment.h"
#include "tests/audience.h"
#include "tests/fake_sweep.h"

#include <stdio.h>
#include <string.h>

enum { SEAL_SIZE = 16 };

static struct arena arena;
static const char *folder;

static void write_seed(const char *name, const void *at, size_t n)
{
    MUST(durable_write(arena_print(&arena, "%s/%s", folder, name), at, n) ==
         STATUS_OK);
}

/* Without the checksum, which the program adds to what it has made of it. */
static void write_unsealed(const char *name, const struct bytes *bytes)
{
    write_seed(name, bytes->at, bytes->n - SEAL_SIZE);
}

/* A training's outcome and its attacks', one by one and as one segment. */
static void write_results(void)
{
    struct segment_writer writer;
    MUST(segment_open(arena_print(&arena, "%s/segment", folder), &writer) ==
         STATUS_OK);
    for (size_t k = 0; k < 1 + FAKE_ATTACKS; k++) {
        const struct fake_sweep *sweep = &fake_sweep_small;
        struct spec spec = k ? fake_sweep_attack(sweep, 0, k - 1, &arena)
                             : fake_sweep_spec(sweep, 0, &arena);
        struct bytes record = {0}, packed = {0};
        struct outcome outcome =
            fake_sweep_outcome(sweep, &spec, &record, &arena);
        outcome_pack(&outcome, &packed);
        segment_append(&writer, &outcome);
        write_unsealed(arena_print(&arena, "record/%zu", k), &record);
        write_unsealed(arena_print(&arena, "outcome/%zu", k), &packed);
        bytes_free(&record);
        bytes_free(&packed);
    }
    MUST(segment_flush(&writer) == STATUS_OK);
    segment_close(&writer);
    audience_write(writer.folder, 0, 3);
}

/* As tests/fuzz/checkpoint.c has it. */
static void write_checkpoint(void)
{
    static unsigned char a[40] = {1}, b[1000] = {2}, c[8] = {3};
    struct checkpoint checkpoint = {
        3, {{a, sizeof a}, {b, sizeof b}, {c, sizeof c}}};
    const char *path = arena_print(&arena, "%s/checkpoint/whole", folder);
    MUST(checkpoint_file_write(path, (struct digest){1, 2}, &checkpoint) ==
         STATUS_OK);
}

/* Of the experiment that tests/fuzz/cells.c has. */
static void write_cells(void)
{
    struct digest cells[] = {{1, 2}, {3, 4}, {5, 6}};
    struct bytes bytes = {0};
    const char *place = arena_print(&arena, "%s/cells", folder);
    const char *path = arena_print(&arena, "%s/cells.list", place);
    MUST(cell_list_write(place, "seeds = 3;\n", 3, cells) == STATUS_OK);
    MUST(durable_read(path, &bytes) == STATUS_OK && remove(path) == 0);
    write_unsealed("cells/whole", &bytes);
    bytes_free(&bytes);
}

/* Of six images of 2 x 2 pixels. */
static void write_cache(void)
{
    enum { HEADER_SIZE = 8 + 8 * (10 + 2 * DATA_CHANNELS_MAX) };
    struct dataset_whole whole = {.shape = {2, 2, 1}, .n_classes = 2};
    struct dataset_part *parts[] = {&whole.train, &whole.test};
    struct bytes bytes = {0}, unsealed = {0};
    for (unsigned i = 0; i < 6; i++) {
        unsigned char pixels[4] = {(unsigned char)i, 2, 3, 4},
                      label = i / 2 % 2;
        bytes_append(&parts[i % 2]->images, pixels, sizeof pixels);
        bytes_append(&parts[i % 2]->labels, &label, 1);
    }
    dataset_cache_pack(&whole, true, (struct digest){1, 2}, &bytes);
    bytes_append(&unsealed, bytes.at, HEADER_SIZE);
    bytes_append(&unsealed, bytes.at + HEADER_SIZE + SEAL_SIZE,
                 bytes.n - HEADER_SIZE - SEAL_SIZE);
    write_seed("cache/whole", unsealed.at, unsealed.n);
    bytes_free(&bytes);
    bytes_free(&unsealed);
    dataset_whole_free(&whole);
}

static void write_data_sets(void)
{
    static const unsigned char images[1 + 16 + 12] = {
        0, 0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 9, 8};
    static const unsigned char labels[1 + 8 + 3] = {1, 0, 0, 8, 1, 0, 0, 0, 3};
    static const unsigned char gzip[1 + 20] = {
        1, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0}; /* of nothing */
    static const unsigned char events[1 + 15] = {0, 3,   4, 128, 0, 1, 5, 6,
                                                 0, 200, 0, 33,  0, 0, 9, 9};
    static const char list[] = "\2# number class\n1 0\n2 1\n";
    static const unsigned char cifar[2 * 3073] = {3};
    write_seed("idx/images", images, sizeof images);
    write_seed("idx/labels", labels, sizeof labels);
    write_seed("idx/gzip", gzip, sizeof gzip);
    write_seed("events/recording", events, sizeof events);
    write_seed("events/list", list, sizeof list - 1);
    write_seed("cifar/two", cifar, sizeof cifar);
}

int main(int n_arguments, char **arguments)
{
    if (n_arguments != 2) {
        fputs("usage: make_fuzz_seeds FOLDER\n", stderr);
        return 2;
    }
    arena = arena_open();
    folder = arguments[1];
    write_results();
    write_checkpoint();
    write_cells();
    write_cache();
    write_data_sets();
    arena_close(&arena);
    return 0;
}
