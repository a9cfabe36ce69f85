/* Attributes of the root of sweep.h5, as rows. */
#include "core/kind.h"
#include "io/store.h"
#include "io/store_file.h"

#include <time.h>

static const char *title(const struct store_root *root)
{
    (void)root;
    return "results of a spikesweep experiment";
}

static uint64_t schema_version(const struct store_root *root)
{
    (void)root;
    return STORE_SCHEMA_VERSION;
}

static const char *date(const struct store_root *root)
{
    char text[32];
    struct tm parts;
    time_t now = time(NULL);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    return arena_copy_text(root->arena, text);
}

static const char *results_digest(const struct store_root *root)
{
    char text[DIGEST_TEXT_SIZE];
    return arena_copy_text(root->arena,
                           digest_print(root->index->results, text));
}

static uint64_t n_outcomes(const struct store_root *root)
{
    return root->index->n_outcomes;
}

static const char *segments(const struct store_root *root)
{
    return segment_list_print(&root->index->segments, root->arena);
}

static const char *damage(const struct store_root *root)
{
    return root->index->damage;
}

static const char *hosts(const struct store_root *root)
{
    return root->index->hosts;
}

static const char *builds(const struct store_root *root)
{
    return root->index->builds;
}

static const char *program_version(const struct store_root *root)
{
    return root->provenance.version;
}

static const char *git_revision(const struct store_root *root)
{
    return root->provenance.revision;
}

static const char *compiler(const struct store_root *root)
{
    return root->provenance.compiler;
}

static const char *compiler_flags(const struct store_root *root)
{
    return root->provenance.flags;
}

static const char *libraries(const struct store_root *root)
{
    return arena_print(root->arena, "%s%s", provenance_libraries(root->arena),
                       root->libraries);
}

static const char *experiment(const struct store_root *root)
{
    return root->experiment.text;
}

static const char *tuning(const struct store_root *root)
{
    return tuning_file_print(&root->tuning, root->arena);
}

static const char *keys_set(const struct store_root *root)
{
    return root->experiment.keys_set;
}

static const char *keys_defaulted(const struct store_root *root)
{
    return root->experiment.keys_defaulted;
}

const struct store_root_row store_root_rows[] = {
    {"title", "what the file is", .text = title},
    {"schema_version", "version of what is described here", .number = schema_version},
    {"date", "when the file was made (UTC)", .text = date},
    {"results_digest", "sum over all finished tasks of the digests of their results: the same for "
        "the same results, whatever the number of ranks, the order and the interruptions",
        .text = results_digest},
    {"n_outcomes", "outcomes in the segments, attempts that failed included",
        .number = n_outcomes},
    {"segments", "what the file was made from: a line NAME, LENGTH, CHECKSUM of the end, "
        "OUTCOMES for each segment", .text = segments},
    {"damage", "a line for each segment or outcome that could not be read; empty if there is none",
        .text = damage},
    {"hosts", "machines that computed, one a line", .text = hosts},
    {"builds", "programs that computed the results, a line VERSION REVISION, COMPILER, FLAGS, "
        "ENGINE each; more than one: the results may differ for that reason alone", .text = builds},
    {"program_version", "version of the spikesweep that made this file of the results",
        .text = program_version},
    {"git_revision", "revision of that program's source", .text = git_revision},
    {"compiler", "what that was compiled with", .text = compiler},
    {"compiler_flags", "and how", .text = compiler_flags},
    {"libraries", "a line NAME VERSION for each of its libraries", .text = libraries},
    {"experiment", "the whole text of the experiment file", .text = experiment},
    {"tuning", "tuning.txt: up to which densities the cells' products went by lists",
        .text = tuning},
    {"keys_set", "used keys: parameters `axis.row` that the experiment file sets, one a line",
        .text = keys_set},
    {"keys_defaulted", "unused keys: parameters that it leaves at their defaults, one a line",
        .text = keys_defaulted},
};

const size_t store_n_root_rows = KIND_COUNT(store_root_rows);

static enum status put(const struct store_file *file,
                       const struct store_root_row *row,
                       const struct store_root *root)
{
    herr_t result;
    if (row->text) {
        result = hdf5_put_text(file->id, row->name, row->text(root));
    } else {
        uint64_t number = row->number(root);
        result = hdf5_put_number(file->id, row->name, H5T_NATIVE_UINT64,
                                 &number);
    }
    return hdf5_check(result, STATUS_SYSTEM, file->path, "write an attribute");
}

static enum status put_all(const struct store_file *file, const char *folder,
                           struct store_root *root)
{
    const char *path = arena_print(root->arena, "%s/experiment.cfg", folder);
    const char *tuned = arena_print(root->arena, "%s/tuning.txt", folder);
    TRY(experiment_read(path, root->arena, &root->experiment));
    TRY(tuning_file_find(tuned, root->arena, &root->tuning));
    for (size_t i = 0; i < store_n_root_rows; i++)
        TRY(put(file, &store_root_rows[i], root));
    return STATUS_OK;
}

enum status store_file_annotate(const struct store_file *file,
                                const char *folder, const char *more_libraries)
{
    struct arena arena = arena_open();
    struct store_root root = {
        .index = file->index,
        .provenance = provenance_of_build(),
        .libraries = more_libraries ? more_libraries : "",
        .arena = &arena,
    };
    enum status status = put_all(file, folder, &root);
    arena_close(&arena);
    return status;
}
