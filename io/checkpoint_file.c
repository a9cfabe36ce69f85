#include "io/checkpoint_file.h"
#include "io/durable.h"
#include "io/provenance.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "SPKCHK01"

enum { PIECE = 1 << 18 };

struct header {
    char magic[8];
    struct digest key, digest;
    uint64_t n;
    uint64_t n_bytes[CHECKPOINT_REGIONS_MAX]; /* the first n of them */
};

static size_t header_size(size_t n)
{
    return offsetof(struct header, n_bytes) + n * sizeof(uint64_t);
}

struct digest checkpoint_file_key(const struct spec *spec, struct span span)
{
    struct arena arena = arena_open();
    struct provenance build = provenance_of_build();
    const char *text = arena_print(
        &arena, "%s\n%zu %zu %zu\n%s\n%s\n%s\n%s\n%s\n",
        spec_print(spec, false, &arena), span.first, span.n, span.total,
        build.version, build.revision, build.compiler, build.flags,
        build.engine);
    struct digest key = digest_of(text, strlen(text));
    arena_close(&arena);
    return key;
}

static struct header describe(struct digest key,
                              const struct checkpoint *checkpoint)
{
    struct header header = {.key = key, .n = checkpoint->n};
    memcpy(header.magic, MAGIC, sizeof header.magic);
    for (size_t i = 0; i < checkpoint->n; i++)
        header.n_bytes[i] = checkpoint->at[i].n_bytes;
    return header;
}

/* Piece by piece, as it is read again. */
static struct digest fold(struct digest digest, const unsigned char *at,
                          size_t n)
{
    for (size_t i = 0; i < n; i += PIECE)
        digest = digest_fold(digest, at + i, n - i < PIECE ? n - i : PIECE);
    return digest;
}

/* writing ------------------------------------------------------------- */

static enum status put(FILE *file, const char *path, const void *at, size_t n)
{
    if (fwrite(at, 1, n, file) == n)
        return STATUS_OK;
    return status_refuse_errno("%s: cannot write", path);
}

static enum status put_all(FILE *file, const char *path,
                           const struct header *header,
                           const struct checkpoint *checkpoint)
{
    TRY(put(file, path, header, header_size(checkpoint->n)));
    for (size_t i = 0; i < checkpoint->n; i++)
        TRY(put(file, path, checkpoint->at[i].at, checkpoint->at[i].n_bytes));
    return STATUS_OK;
}

static enum status write_temporary(const char *temporary, const char *path,
                                   const struct header *header,
                                   const struct checkpoint *checkpoint)
{
    FILE *file = fopen(temporary, "wbxe");
    if (!file)
        return status_refuse_errno("%s: cannot write", path);
    enum status status = put_all(file, path, header, checkpoint);
    if (fclose(file) != 0 && status == STATUS_OK)
        status = status_refuse_errno("%s: cannot write", path);
    if (status != STATUS_OK)
        remove(temporary);
    return status;
}

enum status checkpoint_file_write(const char *path, struct digest key,
                                  const struct checkpoint *checkpoint)
{
    char temporary[PATH_MAX];
    struct header header = describe(key, checkpoint);
    for (size_t i = 0; i < checkpoint->n; i++)
        header.digest = fold(header.digest, checkpoint->at[i].at,
                             checkpoint->at[i].n_bytes);
    durable_temporary(path, temporary, sizeof temporary);
    TRY(write_temporary(temporary, path, &header, checkpoint));
    return durable_commit(temporary, path);
}

/* reading ------------------------------------------------------------- */

static enum status take(FILE *file, const char *path, void *at, size_t n)
{
    if (fread(at, 1, n, file) == n)
        return STATUS_OK;
    return status_refuse(STATUS_DAMAGED, "%s: is cut short", path);
}

static enum status check_header(FILE *file, const char *path,
                                const struct header *expected,
                                struct digest *digest)
{
    struct header header = {0};
    TRY(take(file, path, &header, header_size(0)));
    if (memcmp(header.magic, expected->magic, sizeof header.magic) != 0 ||
        !digest_equal(header.key, expected->key) || header.n != expected->n)
        return status_refuse(STATUS_INVALID,
                             "%s: is of another stage or another program",
                             path);
    TRY(take(file, path, header.n_bytes, header.n * sizeof *header.n_bytes));
    if (memcmp(header.n_bytes, expected->n_bytes,
               header.n * sizeof *header.n_bytes) != 0)
        return status_refuse(STATUS_INVALID, "%s: is of other sizes", path);
    *digest = header.digest;
    return STATUS_OK;
}

static enum status fold_region(FILE *file, const char *path, size_t n,
                               struct digest *digest)
{
    unsigned char piece[PIECE];
    for (size_t left = n; left > 0;) {
        size_t n_piece = left < PIECE ? left : PIECE;
        TRY(take(file, path, piece, n_piece));
        *digest = digest_fold(*digest, piece, n_piece);
        left -= n_piece;
    }
    return STATUS_OK;
}

static enum status check_regions(FILE *file, const char *path,
                                 const struct checkpoint *checkpoint,
                                 struct digest expected)
{
    struct digest digest = {0, 0};
    for (size_t i = 0; i < checkpoint->n; i++)
        TRY(fold_region(file, path, checkpoint->at[i].n_bytes, &digest));
    if (digest_equal(digest, expected) && fgetc(file) == EOF)
        return STATUS_OK;
    return status_refuse(STATUS_DAMAGED, "%s: fails its checksum", path);
}

/* What has been checked is read once more; nobody writes into a file that is
 * there. */
static enum status take_regions(FILE *file, const char *path,
                                const struct checkpoint *checkpoint)
{
    if (fseek(file, (long)header_size(checkpoint->n), SEEK_SET) != 0)
        return status_refuse_errno("%s: cannot read", path);
    for (size_t i = 0; i < checkpoint->n; i++)
        if (take(file, path, checkpoint->at[i].at,
                 checkpoint->at[i].n_bytes) != STATUS_OK)
            MUST(!"a checkpoint can be read twice");
    return STATUS_OK;
}

enum status checkpoint_file_read(const char *path, struct digest key,
                                 const struct checkpoint *checkpoint)
{
    struct header expected = describe(key, checkpoint);
    struct digest digest;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return status_refuse_errno("%s: cannot open", path);
    enum status status = check_header(file, path, &expected, &digest);
    if (status == STATUS_OK)
        status = check_regions(file, path, checkpoint, digest);
    if (status == STATUS_OK)
        status = take_regions(file, path, checkpoint);
    fclose(file);
    return status;
}
