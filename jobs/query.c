#include "analysis/query.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

#include <stdint.h>

static struct search query;
static struct option_list show;
static struct output output;

static const struct option_row options[] = {
    {"where", 'w', "EXPRESSION", "only trials for which it holds", OPTION_TEXT, &query.where},
    {"show", 's', "LIST", "columns: axes, figures, expressions; may be given again", OPTION_LIST,
     &show},
    {"sort", 0, "EXPRESSION", "the smallest first; -clean: the largest", OPTION_TEXT, &query.sort},
    {"limit", 'n', "N", "rows at most", OPTION_COUNT, &query.limit},
    OUTPUT_OPTIONS(output),
};

static enum status print(const struct results *results, struct arena *arena)
{
    enum sheet_format format;
    struct sheet sheet;
    query.show = show.at;
    query.n_show = show.n;
    TRY(output_format(&output, &format));
    TRY(query_make(results, &query, arena, &sheet));
    return output_sheet(&output, &sheet);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_query = {
    .name = "query",
    .arguments = "DIR...",
    .doc = "trials by an expression over axes and figures: columns of choice, sorted",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "\n"
        "An EXPRESSION has figures (clean, pgd@8/255; `spikesweep list figures`), axes\n"
        "(surrogate, regularizer.weight, seed, state, file), numbers, and, compared to an axis,\n"
        "its levels; names with blanks or signs stand in [..]. Signs, the weakest first: or, and,\n"
        "not, = != < <= > >=, + -, * /. Accuracies are in 0 to 1. What has no value fulfils no\n"
        "comparison.\n"
        "LIST is expressions with commas between, id and cell.\n"
        "\n"
        "  spikesweep query out --where 'clean > 0.8 and encoding = poisson' --sort -pgd@8/255\n"
        "  spikesweep query out -w 'state != done' -s id,cell,state,host\n"
        "  spikesweep query out -s 'cell,clean,pgd@8/255,clean - pgd@8/255' -n 10 --csv\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};
