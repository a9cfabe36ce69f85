#include "io/segment_merge.h"
#include "io/durable.h"
#include "io/segment_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of the folder. */
struct piece {
    char name[SEGMENT_NAME_SIZE];
    uint32_t number;
    uint64_t n_bytes;
    struct segment_list held; /* itself, if it is one segment's */
    bool ours; /* it may be deleted */
};

struct merging {
    struct segment_writer *writer;
    struct arena arena;
    size_t n;
    struct piece *pieces; /* by name */
};

/* what there is ------------------------------------------------------- */

static bool is_among(uint32_t generation, size_t n, const uint32_t *live)
{
    for (size_t i = 0; i < n; i++)
        if (live[i] == generation)
            return true;
    return false;
}

static enum status look_at(struct merging *merging, const char *name,
                           struct piece *piece)
{
    const char *folder = merging->writer->folder;
    char path[PATH_MAX];
    struct stat about;
    segment_path(path, folder, name);
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s: cannot read", path);
    piece->n_bytes = (uint64_t)about.st_size;
    TRY(segment_table_read(folder, name, &merging->arena, &piece->held));
    if (piece->held.n > 0)
        return STATUS_OK;
    struct segment own = {.n_outcomes = UINT64_MAX};
    memcpy(own.name, name, SEGMENT_NAME_SIZE);
    segment_list_add(&piece->held, &own, &merging->arena);
    return STATUS_OK;
}

/* All files: only_own or not, each can make another one needless. */
static enum status look_around(struct merging *merging, bool only_own,
                               size_t n_live, const uint32_t *live)
{
    struct segment_list files = {0};
    struct arena *arena = &merging->arena;
    TRY(segment_list_files(merging->writer->folder, arena, &files));
    merging->pieces = ARENA_ARRAY(arena, struct piece, files.n);
    for (size_t i = 0; i < files.n; i++) {
        struct piece *piece = &merging->pieces[merging->n];
        uint32_t generation = 0, own = merging->writer->generation;
        const char *name = files.at[i].name;
        *piece = (struct piece){.number = 0};
        memcpy(piece->name, name, SEGMENT_NAME_SIZE);
        MUST(segment_name_is_segment(name, &piece->number, &generation));
        bool later = generation == own && merging->writer->below > 0 &&
                     piece->number >= merging->writer->below;
        piece->ours = (generation == own && !later) ||
                      (!only_own && !is_among(generation, n_live, live));
        if (!piece->ours)
            continue;
        TRY(look_at(merging, name, piece));
        merging->n++;
    }
    return STATUS_OK;
}

/* what is needless ---------------------------------------------------- */

/* A segment in a file; `cut` if that ends before it. */
struct copy {
    const struct segment *segment;
    struct piece *piece;
    bool cut;
};

static int by_segment(const void *a, const void *b)
{
    const struct copy *x = a, *y = b;
    int order = strcmp(x->segment->name, y->segment->name);
    if (order == 0 && x->cut != y->cut)
        return x->cut ? 1 : -1;
    return order ? order : strcmp(y->piece->name, x->piece->name);
}

/* All copies in some pieces, those of one segment side by side, the one that
 * counts first. */
static struct copy *list_copies(size_t n_pieces, struct piece *const *pieces,
                                struct arena *arena, size_t *n_copies)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < n_pieces; i++)
        n += pieces[i]->held.n;
    struct copy *copies = ARENA_ARRAY(arena, struct copy, n);
    for (size_t i = 0; i < n_pieces; i++)
        for (size_t j = 0; j < pieces[i]->held.n; j++, k++) {
            const struct segment *segment = &pieces[i]->held.at[j];
            copies[k] = (struct copy){segment, pieces[i],
                                      segment->n_bytes == UINT64_MAX};
        }
    if (n)
        qsort(copies, n, sizeof *copies, by_segment);
    *n_copies = n;
    return copies;
}

static bool is_needless(const struct copy *copies, size_t i)
{
    return i > 0 && strcmp(copies[i].segment->name,
                           copies[i - 1].segment->name) == 0;
}

static void drop_piece(struct merging *merging, struct piece *piece)
{
    char path[PATH_MAX];
    segment_path(path, merging->writer->folder, piece->name);
    unlink(path);
    piece->ours = false;
}

/* Of what lies in several files all but the one of the greatest name. */
static void drop_needless(struct merging *merging)
{
    size_t n;
    struct arena arena = arena_open();
    struct piece **all = ARENA_ARRAY(&arena, struct piece *, merging->n);
    size_t *n_needless = ARENA_ARRAY(&arena, size_t, merging->n);
    for (size_t i = 0; i < merging->n; i++)
        all[i] = &merging->pieces[i];
    struct copy *copies = list_copies(merging->n, all, &arena, &n);
    for (size_t i = 0; i < n; i++)
        n_needless[copies[i].piece - merging->pieces] +=
            is_needless(copies, i);
    for (size_t i = 0; i < merging->n; i++)
        if (n_needless[i] == all[i]->held.n)
            drop_piece(merging, all[i]);
    arena_close(&arena);
}

/* putting together ---------------------------------------------------- */

struct together {
    struct segment_list held;
    struct bytes outcomes, file;
    const struct piece *piece; /* that is in `file` */
};

/* Only what is whole to the last bit is put together with others. */
static enum status check_outcomes(const unsigned char *at, size_t n,
                                  uint64_t n_outcomes)
{
    struct bytes_reader left = {at, n};
    uint64_t n_whole = 0;
    for (; left.left > 0; n_whole++) {
        struct arena arena = arena_open();
        struct outcome outcome;
        const unsigned char *one = NULL;
        uint64_t n_bytes = 0;
        TRY(bytes_take_u64(&left, &n_bytes));
        TRY(bytes_take(&left, n_bytes, &one));
        enum status status = outcome_unpack(one, n_bytes, &arena, &outcome);
        arena_close(&arena);
        TRY(status);
    }
    if (n_whole != n_outcomes)
        return status_refuse(STATUS_DAMAGED, "outcomes are missing");
    return STATUS_OK;
}

static enum status add_segment(struct together *together,
                               struct segment segment, struct arena *arena)
{
    const struct bytes *file = &together->file;
    if (*segment.holder == '\0') {
        struct bytes_reader reader = {file->at, file->n};
        uint64_t numbers[2] = {0, 0};
        TRY(segment_header_read(&reader, SEGMENT_MAGIC, numbers));
        segment_measure(file->at, file->n, &segment);
        segment.n_outcomes = numbers[0];
        segment.n_inside = numbers[1];
        segment.offset = SEGMENT_HEADER_SIZE;
    }
    if (segment.offset > file->n ||
        segment.n_inside > file->n - segment.offset)
        return status_refuse(STATUS_DAMAGED, "cut short");
    const unsigned char *at = file->at + segment.offset;
    TRY(check_outcomes(at, segment.n_inside, segment.n_outcomes));
    bytes_append(&together->outcomes, at, segment.n_inside);
    segment_list_add(&together->held, &segment, arena);
    return STATUS_OK;
}

static enum status add_copy(struct merging *merging, const struct copy *copy,
                            struct together *together)
{
    char path[PATH_MAX];
    if (together->piece != copy->piece) {
        together->piece = copy->piece;
        together->file.n = 0;
        segment_path(path, merging->writer->folder, copy->piece->name);
        TRY(durable_read(path, &together->file));
    }
    return add_segment(together, *copy->segment, &merging->arena);
}

static enum status write_together(struct segment_writer *writer,
                                  uint32_t last_number,
                                  const struct together *together)
{
    char name[SEGMENT_NAME_SIZE], path[PATH_MAX];
    if (writer->next_number <= last_number)
        writer->next_number = last_number + UINT64_C(1);
    if (writer->below > 0 && writer->next_number >= writer->below)
        return status_refuse(STATUS_FULL, "no numbers are left"); /* later */
    MUST(writer->next_number <= UINT32_MAX);
    segment_print_name((uint32_t)writer->next_number++, writer->generation,
                       name);
    segment_path(path, writer->folder, name);
    struct bytes file = {NULL, 0, 0};
    segment_table_write(&together->held, &file);
    bytes_append(&file, together->outcomes.at, together->outcomes.n);
    enum status status = durable_write(path, file.at, file.n);
    bytes_free(&file);
    return status;
}

static uint32_t last_number(size_t n, struct piece *const *pieces)
{
    uint32_t last = 0;
    for (size_t i = 0; i < n; i++)
        last = pieces[i]->number > last ? pieces[i]->number : last;
    return last;
}

/* A piece that is damaged is left as it is. */
static enum status put_together(struct merging *merging, size_t n,
                                struct piece *const *pieces)
{
    struct together together = {.piece = NULL};
    struct arena arena = arena_open();
    enum status status = STATUS_OK;
    size_t n_copies;
    struct copy *copies = list_copies(n, pieces, &arena, &n_copies);
    for (size_t i = 0; i < n_copies && status == STATUS_OK; i++) {
        if (!is_needless(copies, i))
            status = add_copy(merging, &copies[i], &together);
        if (status == STATUS_DAMAGED)
            copies[i].piece->ours = false;
    }
    if (status == STATUS_OK)
        status = write_together(merging->writer, last_number(n, pieces),
                                &together);
    for (size_t i = 0; i < n && status == STATUS_OK; i++)
        drop_piece(merging, pieces[i]);
    bytes_free(&together.outcomes);
    bytes_free(&together.file);
    arena_close(&arena);
    return status;
}

/* tiers --------------------------------------------------------------- */

static size_t tier_of(const struct piece *piece, size_t fan)
{
    size_t tier = 0;
    for (size_t n = piece->held.n; n >= fan; n /= fan)
        tier++;
    return tier;
}

static bool is_open(const struct merging *merging, const struct piece *piece)
{
    return piece->ours && piece->n_bytes < merging->writer->most_bytes / 2;
}

/* Those of a tier that can be put together, in the order of names. */
static size_t choose(struct merging *merging, size_t tier,
                     struct piece **chosen)
{
    size_t n = 0;
    for (size_t i = 0; i < merging->n; i++) {
        struct piece *piece = &merging->pieces[i];
        if (is_open(merging, piece) &&
            tier_of(piece, merging->writer->fan) == tier)
            chosen[n++] = piece;
    }
    return n;
}

/* The first of these that fit into a file. */
static size_t fit(const struct merging *merging, size_t n,
                  struct piece *const *pieces)
{
    uint64_t n_bytes = 0;
    size_t k = 0;
    while (k < n &&
           n_bytes + pieces[k]->n_bytes <= merging->writer->most_bytes)
        n_bytes += pieces[k++]->n_bytes;
    return k;
}

static enum status merge_once(struct merging *merging, size_t tier,
                              bool *merged)
{
    struct arena arena = arena_open();
    struct piece **chosen =
        ARENA_ARRAY(&arena, struct piece *, merging->n + 1);
    size_t n = choose(merging, tier, chosen);
    enum status status = STATUS_OK;
    bool full = n >= merging->writer->fan;
    for (size_t first = 0, k; full && first + 1 < n && status == STATUS_OK;
         first += k) {
        k = fit(merging, n - first, chosen + first);
        status = put_together(merging, k, chosen + first);
        *merged |= status == STATUS_OK;
    }
    arena_close(&arena);
    return status;
}

/* Without those that turn out to be damaged. */
static enum status merge_tier(struct merging *merging, size_t tier,
                              bool *merged)
{
    enum status status;
    while ((status = merge_once(merging, tier, merged)) == STATUS_DAMAGED)
        status_forget();
    return status;
}

/* Again as long as a tier was full: what came of it may fill the next. */
static enum status merge(struct segment_writer *writer, bool only_own,
                         size_t n_live, const uint32_t *live)
{
    enum { TIERS = 8 };
    enum status status = STATUS_OK;
    for (size_t tier = 0; tier < TIERS && status == STATUS_OK; tier++) {
        struct merging merging = {.writer = writer, .arena = arena_open()};
        bool merged = false;
        status = look_around(&merging, only_own, n_live, live);
        if (status == STATUS_OK) {
            drop_needless(&merging);
            status = merge_tier(&merging, tier, &merged);
        }
        arena_close(&merging.arena);
        if (!merged && only_own)
            break;
    }
    return status;
}

void segment_merge_own(struct segment_writer *writer)
{
    if (++writer->n_loose < writer->fan)
        return;
    writer->n_loose = 0;
    if (writer->apart)
        writer->due = true;
    else if (merge(writer, true, 0, NULL) != STATUS_OK)
        status_forget();
}

void segment_merge_reserved(const char *folder, uint32_t generation,
                            uint64_t number)
{
    struct segment_writer writer = {.folder = folder,
                                    .generation = generation,
                                    .next_number = number,
                                    .below = number + SEGMENT_MERGE_NUMBERS,
                                    .fan = SEGMENT_FAN,
                                    .most_bytes = SEGMENT_MOST_BYTES};
    if (merge(&writer, true, 0, NULL) != STATUS_OK)
        status_forget();
}

void segment_merge_all(struct segment_writer *writer, size_t n,
                       const uint32_t *live)
{
    if (merge(writer, false, n, live) != STATUS_OK)
        status_forget();
}
