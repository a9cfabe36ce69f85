#include "sweep/reuse.h"
#include "io/durable.h"
#include "sweep/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* So much is written at once. */
enum { BATCH_BYTES = 64 << 20 };

/* checking ------------------------------------------------------------ */

/* True for two names of one folder. */
static bool is_same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

static bool has_result(const struct outcome *outcome)
{
    return outcome->state == OUTCOME_DONE || outcome->state == OUTCOME_DIVERGED;
}

struct checking {
    const char *other;
    struct arena arena;
    const char *damage; /* what is damaged, and why; NULL: nothing */
};

/* An outcome that names a task has to be of it. What this program cannot read
 * is none of its tasks. */
static enum status check_outcome(void *self, const struct outcome *outcome,
                                 struct arena *arena)
{
    const struct checking *checking = self;
    struct spec spec;
    if (!has_result(outcome))
        return STATUS_OK;
    if (spec_parse(outcome->spec, &spec, arena) != STATUS_OK) {
        status_forget();
        return STATUS_OK;
    }
    struct spec cell = spec_without_attack(spec);
    if (digest_equal(spec_digest(&spec), outcome->task) &&
        digest_equal(spec_digest(&cell), outcome->cell))
        return STATUS_OK;
    char text[DIGEST_TEXT_SIZE];
    return status_refuse(STATUS_DAMAGED,
                         "--reuse %s: a result there names task %s and is of "
                         "another one; nothing is taken over",
                         checking->other, digest_print(outcome->task, text));
}

static void note_damage(void *self, const char *path, const char *reason)
{
    struct checking *checking = self;
    if (!checking->damage)
        checking->damage =
            arena_print(&checking->arena, "%s: %s", path, reason);
}

static enum status check_results(const char *other)
{
    struct checking checking = {other, arena_open(), NULL};
    struct segment_visitor visitor = {&checking, check_outcome, note_damage,
                                      NULL, NULL};
    enum status status =
        segment_read_all(folder_segments(other, &checking.arena), &visitor);
    if (status == STATUS_OK && checking.damage)
        status = status_refuse(STATUS_DAMAGED,
                               "--reuse %s: %s; nothing is taken over", other,
                               checking.damage);
    arena_close(&checking.arena);
    return status;
}

static enum status check_tuning(const char *other,
                                const struct tuning_file *tuning)
{
    struct arena arena = arena_open();
    struct tuning_file theirs;
    enum status status = folder_read_tuning(other, &arena, &theirs);
    if (status == STATUS_OK && !tuning_file_agrees(&theirs, tuning))
        status = status_refuse(STATUS_INVALID,
                               "--reuse %s: the sweep there goes by another "
                               "tuning (%s), so that results might differ in "
                               "their last bits; nothing is taken over",
                               other, theirs.origin);
    arena_close(&arena);
    return status;
}

enum status reuse_check(const char *other, const char *folder,
                        const struct tuning_file *tuning)
{
    struct stat about;
    if (stat(other, &about) != 0)
        return status_refuse_errno("--reuse %s", other);
    if (!S_ISDIR(about.st_mode))
        return status_refuse(STATUS_INVALID,
                             "--reuse %s: not a folder; results are taken over "
                             "from the folder of a sweep",
                             other);
    if (is_same_folder(other, folder))
        return status_refuse(STATUS_INVALID,
                             "--reuse %s: this is the folder of the sweep "
                             "itself",
                             other);
    TRY(folder_check(other));
    TRY(check_tuning(other, tuning));
    return check_results(other);
}

/* networks ------------------------------------------------------------ */

/* A network that is not there, or not whole, is trained again if it is needed:
 * the trial that reads it holds it against its cell. */
static enum status copy_network(const char *other, const char *folder,
                                struct digest cell)
{
    struct arena arena = arena_open();
    struct bytes bytes = {0};
    struct stat about;
    const char *from = folder_model(other, cell, &arena);
    const char *to = folder_model(folder, cell, &arena);
    enum status status = STATUS_OK;
    bool there = stat(to, &about) == 0;
    if (!there && lstat(from, &about) == 0 && S_ISREG(about.st_mode) &&
        durable_read(from, &bytes) == STATUS_OK) {
        struct bytes_reader reader = {bytes.at, bytes.n};
        if (bytes_unseal(&reader) == STATUS_OK)
            status = durable_write(to, bytes.at, bytes.n);
    }
    if (status == STATUS_OK)
        status_forget();
    bytes_free(&bytes);
    arena_close(&arena);
    return status;
}

/* taking -------------------------------------------------------------- */

struct taking {
    const char *other, *folder;
    const char *origin; /* the other's path, from the root */
    struct ledger *ledger;
    struct segment_writer *writer;
    size_t n;
};

static enum status take(void *self, const struct outcome *outcome,
                        struct arena *arena)
{
    struct taking *taking = self;
    struct outcome taken = *outcome;
    if (!has_result(outcome) ||
        !ledger_lacks(taking->ledger, outcome->task, outcome->span))
        return STATUS_OK;
    taken.origin = *outcome->origin
                       ? arena_print(arena, "%s, which has it from %s",
                                     taking->origin, outcome->origin)
                       : taking->origin;
    if (outcome->state == OUTCOME_DONE &&
        digest_equal(outcome->task, outcome->cell))
        TRY(copy_network(taking->other, taking->folder, outcome->cell));
    segment_append(taking->writer, &taken);
    ledger_recall(taking->ledger, &taken);
    taking->n++;
    return taking->writer->waiting.n > BATCH_BYTES
               ? segment_flush(taking->writer)
               : STATUS_OK;
}

/* It was sound a moment ago: what is not any more is left. */
static void leave_damage(void *self, const char *path, const char *reason)
{
    (void)self;
    (void)path;
    (void)reason;
}

enum status reuse_take(const char *other, const char *folder,
                       struct ledger *ledger, struct segment_writer *writer,
                       size_t *n_taken)
{
    struct arena arena = arena_open();
    char *whole = realpath(other, NULL);
    struct taking taking = {other,  folder, whole ? whole : other,
                            ledger, writer, 0};
    struct segment_visitor visitor = {&taking, take, leave_damage, NULL, NULL};
    enum status status =
        segment_read_all(folder_segments(other, &arena), &visitor);
    if (status == STATUS_OK)
        status = segment_flush(writer);
    ledger_cut(ledger);
    free(whole);
    arena_close(&arena);
    *n_taken = taking.n;
    return status;
}
