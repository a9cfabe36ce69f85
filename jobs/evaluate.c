#include "core/training.h"
#include "io/durable.h"
#include "jobs/commands.h"
#include "jobs/model_find.h"
#include "jobs/run_options.h"

#include "core/kind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* the experiment ------------------------------------------------------ */

static bool in_quotes(const struct row *row)
{
    return row->type == ROW_CHOICE;
}

/* axis = { kind = "lif"; leak = 0.5; }; */
static const char *print_section(const struct axis *axis,
                                 const struct choice *choice,
                                 struct arena *arena)
{
    const char *text = arena_print(arena, "%s = { kind = \"%s\";", axis->name,
                                   choice->kind->name);
    for (size_t i = 0; i < choice->kind->n_rows; i++) {
        const struct row *row = &choice->kind->rows[i];
        const char *quote = in_quotes(row) ? "\"" : "";
        text = arena_print(arena, "%s %s = %s%s%s;", text, row->name, quote,
                           row_print(row, choice->params, arena), quote);
    }
    return arena_print(arena, "%s };\n", text);
}

/* What a network computes, and what attacks go back through: the rest tells how
 * it was trained. */
static const char *print_model(const struct spec *spec, struct arena *arena)
{
    static const enum spec_axis axes[] = {
        SPEC_ENCODING,  SPEC_NETWORK, SPEC_NORMALIZATION, SPEC_ATTENTION,
        SPEC_NEURON,    SPEC_SURROGATE, SPEC_GATE};
    const char *text = "";
    for (size_t i = 0; i < KIND_COUNT(axes); i++)
        text = arena_print(arena, "%s%s", text,
                           print_section(spec_axes[axes[i]],
                                         &spec->at[axes[i]], arena));
    return text;
}

static enum status find_path(const char *path, struct arena *arena,
                             const char **absolute)
{
    char *found = realpath(path, NULL);
    if (!found)
        return status_refuse_errno("%s", path);
    *absolute = arena_copy_text(arena, found);
    free(found);
    return STATUS_OK;
}

static enum status print_experiment(const struct named_model *model,
                                    const char *file, struct arena *arena,
                                    const char **text)
{
    char digest[DIGEST_TEXT_SIZE];
    const char *path = "", *included = "";
    TRY(find_path(model->path, arena, &path));
    TRY(find_path(file, arena, &included));
    digest_print(digest_of(model->weights.at, model->weights.n * sizeof(float)),
                 digest);
    *text = arena_print(
        arena,
        "# Written by spikesweep evaluate: the network of a file, under the "
        "attacks of\n# another.\n\n%s"
        "training = { kind = \"given\"; digest = \"%s\";\n"
        "             file = \"%s\"; };\n\n@include \"%s\"\n",
        print_model(&model->spec, arena), digest, path, included);
    return STATUS_OK;
}

/* NAME.cfg for the folder NAME or NAME.sweep. */
static const char *experiment_path(const char *folder, struct arena *arena)
{
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    if (n > 6 && strncmp(folder + n - 6, ".sweep", 6) == 0)
        n -= 6;
    return arena_print(arena, "%.*s.cfg", (int)n, folder);
}

/* A file that somebody wrote stays what it is. */
static enum status write_experiment(const char *path, const char *text)
{
    struct bytes there = {NULL, 0, 0};
    size_t n = strlen(text);
    bool exists = access(path, F_OK) == 0;
    enum status status = exists ? durable_read(path, &there) : STATUS_OK;
    if (status == STATUS_OK && exists &&
        (there.n != n || memcmp(there.at, text, n) != 0))
        status = status_refuse(STATUS_INVALID,
                               "%s is there and says something else; another "
                               "-o DIR names another",
                               path);
    if (status == STATUS_OK && !exists)
        status = durable_write(path, text, n);
    bytes_free(&there);
    return status;
}

static enum status prepare(char *const *arguments, struct arena *arena,
                           const char **path)
{
    char *const name[] = {arguments[0], NULL};
    struct named_model model;
    const char *text = "";
    if (!run_folder())
        return status_refuse(STATUS_INVALID,
                             "-o DIR is missing: the folder of the results");
    TRY(model_find(name, arena, &model));
    TRY(print_experiment(&model, arguments[1], arena, &text));
    *path = experiment_path(run_folder(), arena);
    return write_experiment(*path, text);
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    const char *path = "";
    enum status status = prepare(arguments, &arena, &path);
    if (status == STATUS_OK) {
        char *const file[] = {arena_copy_text(&arena, path), NULL};
        status = command_run.run(file, exit_status);
    }
    arena_close(&arena);
    return status;
}

const struct command command_evaluate = {
    .name = "evaluate",
    .arguments = "MODEL FILE",
    .doc = "attack a trained network, also one of another program, as a sweep "
           "of one cell",
    .more = "MODEL is a file of `spikesweep import`, or of a sweep's models. "
            "FILE is an experiment\nfile that says on which data and by which "
            "attacks, and nothing that the model decides:\n\n"
            "    dataset = { kind = \"fashion_mnist\"; n_test = 1000; };\n"
            "    attacks = ( { kind = \"fgsm\"; }, { kind = \"pgd\"; n_steps = "
            "20; } );\n\n"
            "Both together are written down as DIR.cfg (training = \"given\"), "
            "which is then run.\nOptions are those of run; so are mpirun, "
            "stopping, going on, and all commands on DIR.\n",
    .options = run_options,
    .n_options = RUN_N_OPTIONS,
    .n_arguments_min = 2,
    .n_arguments_max = 2,
    .run = run,
};
