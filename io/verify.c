#include "io/verify_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

/* lines --------------------------------------------------------------- */

void verify_add(struct verify *verify, const char *name,
                enum verify_verdict verdict, const char *figure)
{
    MUST(verify->n < VERIFY_LINES_MAX);
    verify->lines[verify->n++] = (struct verify_line){
        name, verdict, arena_copy_text(verify->arena, figure)};
    verify->n_failed += verdict == VERIFY_FAILS;
    verify->n_open += verdict == VERIFY_OPEN;
}

struct faults faults_open(const struct verifier *verifier)
{
    return (struct faults){.names = "", .arena = verifier->verify->arena};
}

enum { NAMED = 3, TEXT_MAX = 1024 };

void faults_note(struct faults *faults, const char *format, ...)
{
    char text[TEXT_MAX];
    if (faults->n++ >= NAMED)
        return;
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    faults->names =
        arena_print(faults->arena, "%s%s%s", faults->names,
                    *faults->names ? "; " : "", text);
}

void faults_tell(const struct verifier *verifier, const struct faults *faults,
                 const char *name, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (faults->n == 0) {
        verify_add(verifier->verify, name, VERIFY_HOLDS, text);
        return;
    }
    size_t n_more = faults->n > NAMED ? faults->n - NAMED : 0;
    const char *more = n_more ? arena_print(faults->arena, "; %zu more", n_more)
                              : "";
    verify_add(verifier->verify, name, VERIFY_FAILS,
               arena_print(faults->arena, "%s%s", faults->names, more));
}

/* the file as its writer sees it -------------------------------------- */

size_t verify_extent(const struct verifier *verifier,
                     enum store_dimension dimension)
{
    return dimension == STORE_CHECK
               ? verifier->results.n_checks
               : store_extent(&verifier->index, dimension);
}

static const struct store_trial *list_trials(const struct results *results,
                                             struct arena *arena)
{
    struct store_trial *trials =
        ARENA_ARRAY(arena, struct store_trial, results->n_trials + 1);
    for (size_t i = 0; i < results->n_trials; i++) {
        const struct result_trial *from = &results->trials[i];
        trials[i] = (struct store_trial){.id = from->id,
                                         .spec = from->spec,
                                         .settings = from->settings,
                                         .parameters = from->settings,
                                         .label = from->cell};
    }
    return trials;
}

static const struct store_attack *list_attacks(const struct results *results,
                                               struct arena *arena)
{
    struct store_attack *attacks =
        ARENA_ARRAY(arena, struct store_attack, results->n_attacks + 1);
    for (size_t i = 0; i < results->n_attacks; i++) {
        const struct result_attack *from = &results->attacks[i];
        attacks[i] =
            (struct store_attack){from->spec, from->settings, from->name};
    }
    return attacks;
}

static struct store_index index_of(const struct results *results,
                                   struct arena *arena)
{
    return (struct store_index){
        .n_trials = results->n_trials,
        .trials = list_trials(results, arena),
        .n_attacks = results->n_attacks,
        .attacks = list_attacks(results, arena),
        .n_epsilons = results->n_epsilons,
        .epsilons = results->epsilons,
        .extent = {[DIM_EPOCH] = results->n_epochs,
                   [DIM_LAYER] = results->n_layers,
                   [DIM_STEP] = results->n_steps,
                   [DIM_BIN] = results->n_bins,
                   [DIM_EPSILON] = results->n_epsilons,
                   [DIM_SAMPLE] = results->n_samples},
    };
}

static void open_variables(struct verifier *verifier, struct arena *arena)
{
    struct store_file *file = &verifier->file;
    *file = (struct store_file){
        .path = verifier->path,
        .id = verifier->id,
        .index = &verifier->index,
        .schema = store_schema_list(&verifier->index, arena),
    };
    file->datasets = ARENA_ARRAY(arena, hid_t, file->schema.n);
    verifier->blocks =
        ARENA_ARRAY(arena, struct verify_block, file->schema.n);
    for (size_t i = 0; i < file->schema.n; i++) {
        const struct store_variable *variable = &file->schema.variables[i];
        const char *group = store_group_rows[variable->group].name;
        const char *name = arena_print(arena, "%s/%s", group, variable->name);
        bool there = H5Lexists(file->id, group, H5P_DEFAULT) > 0 &&
                     H5Lexists(file->id, name, H5P_DEFAULT) > 0;
        file->datasets[i] =
            there ? H5Dopen2(file->id, name, H5P_DEFAULT) : H5I_INVALID_HID;
    }
}

enum { BLOCK_BYTES = 1 << 16 };

static void read_block(const struct verifier *verifier,
                       const struct store_variable *variable, size_t trial,
                       size_t row_bytes, struct verify_block *block)
{
    size_t start[STORE_RANK_MAX] = {trial}, count[STORE_RANK_MAX];
    size_t n = row_bytes ? BLOCK_BYTES / row_bytes : 1;
    size_t n_left = verifier->results.n_trials - trial;
    n = n < 1 ? 1 : n > n_left ? n_left : n;
    for (size_t i = 0; i < variable->rank; i++)
        count[i] = i ? verify_extent(verifier, variable->dimension[i]) : n;
    arena_close(&block->arena);
    void *values = arena_take(&block->arena, n * row_bytes + 1);
    bool whole = store_file_read(&verifier->file, variable, start, count,
                                 values) == STATUS_OK;
    if (!whole)
        status_forget();
    block->first = trial;
    block->n = n;
    block->values = whole ? values : NULL;
}

const void *verify_row(const struct verifier *verifier,
                       const struct store_variable *variable, size_t trial)
{
    struct verify_block *block =
        &verifier->blocks[variable - verifier->file.schema.variables];
    size_t row_bytes = store_type_size(variable->type);
    for (size_t i = 1; i < variable->rank; i++)
        row_bytes *= verify_extent(verifier, variable->dimension[i]);
    if (trial < block->first || trial >= block->first + block->n)
        read_block(verifier, variable, trial, row_bytes, block);
    return block->values ? block->values + (trial - block->first) * row_bytes
                         : NULL;
}

const void *verify_read(const struct verifier *verifier,
                        enum store_group group, const char *name, size_t trial)
{
    const struct store_variable *variable =
        store_file_find(&verifier->file, group, name);
    return variable ? verify_row(verifier, variable, trial) : NULL;
}

/* Of a file that is open: its rows, and all variables. */
static enum status open_rows(struct verifier *verifier)
{
    struct arena *arena = verifier->verify->arena;
    TRY(results_open(verifier->path, arena, &verifier->results));
    verifier->specs = ARENA_ARRAY(arena, struct spec_memo, 1);
    *verifier->specs = spec_memo_open();
    verifier->index = index_of(&verifier->results, arena);
    open_variables(verifier, arena);
    return STATUS_OK;
}

static void close_rows(struct verifier *verifier)
{
    for (size_t i = 0; i < verifier->file.schema.n; i++)
        if (verifier->file.datasets[i] >= 0)
            H5Dclose(verifier->file.datasets[i]);
    for (size_t i = 0; i < verifier->file.schema.n; i++)
        arena_close(&verifier->blocks[i].arena);
    spec_memo_close(verifier->specs);
    results_close(&verifier->results);
}

enum status verify_open(struct verifier *verifier)
{
    TRY(hdf5_open(verifier->path, &verifier->id));
    enum status status = open_rows(verifier);
    if (status != STATUS_OK)
        H5Fclose(verifier->id);
    return status;
}

void verify_close(struct verifier *verifier)
{
    close_rows(verifier);
    H5Fclose(verifier->id);
}

/* all of it ----------------------------------------------------------- */

/* What stands on rows that this program can read. */
static void verify_rows(struct verifier *verifier)
{
    struct arena *arena = verifier->verify->arena;
    const struct results *results = &verifier->results;
    size_t n_before = verifier->verify->n_failed;
    if (open_rows(verifier) != STATUS_OK) {
        verify_add(verifier->verify, "rows", VERIFY_FAILS, status_reason());
        status_forget();
        return;
    }
    verify_add(verifier->verify, "rows", VERIFY_HOLDS,
               arena_print(arena,
                           "%zu trials, %zu attacks, %zu epsilons, %zu "
                           "samples, %zu checks",
                           results->n_trials, results->n_attacks,
                           results->n_epsilons, results->n_samples,
                           results->n_checks));
    verify_structure(verifier);
    if (verifier->verify->n_failed == n_before) {
        verify_identity(verifier);
        verify_digest(verifier);
        verify_order(verifier);
        verify_ranges(verifier);
        verify_flags(verifier);
        verify_verdicts(verifier);
        verify_histograms(verifier);
    }
    close_rows(verifier);
}

enum status verify_file(const char *path, struct verify *verify)
{
    struct verifier verifier = {.verify = verify, .path = path};
    struct stat about;
    enum status status = hdf5_open(path, &verifier.id);
    if (status == STATUS_NOT_FOUND || status == STATUS_DENIED)
        return status;
    if (status != STATUS_OK || stat(path, &about) != 0) {
        verify_add(verify, "file", VERIFY_FAILS, status_reason());
        status_forget();
        return STATUS_OK;
    }
    verify_add(verify, "file", VERIFY_HOLDS,
               arena_print(verify->arena, "HDF5 of %lld bytes",
                           (long long)about.st_size));
    verify_root(&verifier);
    verify_checksums(&verifier);
    verify_rows(&verifier);
    H5Fclose(verifier.id);
    return STATUS_OK;
}
