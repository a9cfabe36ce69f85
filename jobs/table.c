#include "analysis/table.h"
#include "analysis/pivot.h"
#include "analysis/query.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

#include <stdint.h>
#include <string.h>

static const char *rows, *columns, *test, *correction, *where;
static struct option_list figures, baselines;
static struct output output;

static const struct option_row options[] = {
    {"rows", 'r', "AXES", "axes that make the rows, with commas between (default: all that vary)",
     OPTION_TEXT, &rows},
    {"columns", 'c', "AXES", "axes that make columns", OPTION_TEXT, &columns},
    {"figure", 'f', "FIGURES", "what to show, with commas between; may be given again",
     OPTION_LIST, &figures},
    {"baseline", 'b', "AXIS=VALUE",
     "paired differences to trials that are so; may be given again", OPTION_LIST, &baselines},
    {"where", 'w', "EXPRESSION", "only trials for which it holds, see query --help", OPTION_TEXT,
     &where},
    {"test", 0, "TEST", "of the differences: t (default) or wilcoxon", OPTION_TEXT, &test},
    {"correction", 0, "NAME", "for many comparisons: holm (default), bh or none", OPTION_TEXT,
     &correction},
    OUTPUT_OPTIONS(output),
};

/* One of a few words; the first where none is given. */
static enum status choose(const char *option, const char *word, size_t n,
                          const char *const *words, size_t *choice)
{
    for (size_t i = 0; i < n; i++)
        if (!word || !strcmp(word, words[i])) {
            *choice = i;
            return STATUS_OK;
        }
    return status_refuse(STATUS_INVALID, "--%s %s: allowed are %s, %s%s%s",
                         option, word, words[0], words[1], n > 2 ? ", " : "",
                         n > 2 ? words[2] : "");
}

static enum status read_choices(struct pivot *pivot)
{
    static const char *const tests[] = {
        [PIVOT_T] = "t", [PIVOT_WILCOXON] = "wilcoxon"};
    static const char *const corrections[] = {
        [PIVOT_HOLM] = "holm",
        [PIVOT_BENJAMINI_HOCHBERG] = "bh",
        [PIVOT_UNCORRECTED] = "none"};
    size_t i = 0;
    TRY(choose("test", test, KIND_COUNT(tests), tests, &i));
    pivot->test = (enum pivot_test)i;
    TRY(choose("correction", correction, KIND_COUNT(corrections), corrections,
               &i));
    pivot->correction = (enum pivot_correction)i;
    return STATUS_OK;
}

static enum status read_baselines(struct pivot *pivot, struct arena *arena)
{
    struct pick *picks = ARENA_ARRAY(arena, struct pick, baselines.n + 1);
    for (size_t i = 0; i < baselines.n; i++)
        TRY(pick_read(baselines.at[i], arena, &picks[i]));
    pivot->n_baselines = baselines.n;
    pivot->baselines = picks;
    return STATUS_OK;
}

static enum status print_pivot(const struct results *results,
                               struct arena *arena)
{
    enum sheet_format format;
    struct pivot pivot = {.rows = rows, .columns = columns};
    struct sheet sheet;
    TRY(output_format(&output, &format));
    TRY(read_choices(&pivot));
    TRY(read_baselines(&pivot, arena));
    TRY(figures_read_all(results, figures.at, figures.n, arena,
                         &pivot.figures));
    TRY(pivot_make(results, &pivot, arena, &sheet));
    return output_sheet(&output, &sheet);
}

/* Whoever asks for nothing gets the table of twins. */
static bool is_plain(void)
{
    return !rows && !columns && !test && !correction && figures.n == 0 &&
           baselines.n == 0 && !output.csv && !output.json && !output.latex;
}

static enum status print(const struct results *all, struct arena *arena)
{
    struct results results;
    TRY(query_select(all, where, arena, &results));
    return is_plain() ? table_print(&results, stdout)
                      : print_pivot(&results, arena);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_table = {
    .name = "table",
    .arguments = "DIR...",
    .doc = "clean and robust accuracy of every cell beside its undefended twin, and the checks; "
           "or any figures over any axes",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "Without options: every cell beside its undefended twin, and the checks. With them: a\n"
        "table of figures over axes.\n"
        "\n"
        "AXES are kinds (surrogate), parameters (regularizer.weight), kinds with all their\n"
        "parameters that vary (regularizer.*), seed, file, state, cause, host and\n"
        "in_experiment (no: of a cell that was taken out of it). What is\n"
        "neither row nor column is pooled, and a line below says so.\n"
        "FIGURES: clean, omega, wall_time...; pgd@8/255 is accuracy under an attack, pgd its mean\n"
        "over epsilons above 0, pgd@* all of them, *@8/255 all attacks, worst@8/255 a sample that\n"
        "withstands all. `spikesweep list figures` names all.\n"
        "\n"
        "  spikesweep table out --rows 'regularizer.*' --columns encoding --figure pgd@8/255\n"
        "  spikesweep table out -r surrogate -f clean,pgd@8/255 -b surrogate=atan --latex\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};
