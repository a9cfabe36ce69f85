#include "jobs/commands.h"
#include "analysis/summary.h"
#include "core/kind.h"
#include "jobs/folder_state.h"
#include "jobs/results_folder.h"
#include "jobs/watch.h"
#include "sweep/aside.h"

#include <stdio.h>
#include <sys/stat.h>

static struct option_period watch;

static const struct option_row options[] = {
    {"watch", 'w', "[TIME]", "go on showing it until the run ends, anew each second, or so often",
     OPTION_PERIOD, &watch},
};

/* How much of the experiment is done, which sweep.h5 alone does not know. */

/* Nothing is spared but by halving. */
static bool has_column(const struct coverage *coverage, int state)
{
    return state != COVERAGE_SPARED ||
           coverage->trainings[state] + coverage->attacks[state] > 0;
}

static void print_row(const struct coverage *coverage, const char *title,
                      const size_t counts[COVERAGE_N])
{
    size_t n = 0;
    printf("%-12s", title);
    for (int i = 0; i < COVERAGE_N; i++) {
        if (has_column(coverage, i))
            printf(" %11zu", counts[i]);
        n += counts[i];
    }
    printf(" %11zu\n", n);
}

/* Every task once, in the state that counts: it adds up, or is said not to. */
static void print_sum(const struct coverage *coverage)
{
    size_t counts[COVERAGE_N], n = 0;
    for (int i = 0; i < COVERAGE_N; i++) {
        counts[i] = coverage->trainings[i] + coverage->attacks[i];
        n += counts[i];
    }
    print_row(coverage, "all", counts);
    if (coverage->n_uncovered > 0 || n != coverage->n_tasks)
        printf("NOT accounted for: %zu of %zu tasks have a state, %zu cells or "
               "attacks are not covered once; please report this\n",
               n, coverage->n_tasks, coverage->n_uncovered);
    else
        printf("every one of %zu cells and %zu tasks is accounted for, none "
               "twice\n",
               coverage->n_cells, n);
    if (coverage->n_twice)
        printf("%zu result%s of tasks that have a later one: computed twice, "
               "counted once\n",
               coverage->n_twice, coverage->n_twice == 1 ? " is" : "s are");
}

static void print_gone(const struct coverage *coverage)
{
    size_t n_cells = coverage->n_gone_cells;
    if (coverage->n_gone)
        printf("no longer in the experiment, and kept: %zu result%s of %zu "
               "cell%s\n",
               coverage->n_gone, coverage->n_gone == 1 ? "" : "s", n_cells,
               n_cells == 1 ? "" : "s");
    if (coverage->n_gone_attacks)
        printf("no longer in the experiment, and kept: %zu result%s of other "
               "attacks on its cells\n",
               coverage->n_gone_attacks,
               coverage->n_gone_attacks == 1 ? "" : "s");
}

static void print_table(const struct coverage *coverage)
{
    printf("experiment: %zu cells, %zu tasks; %zu have a result, %zu do not\n",
           coverage->n_cells, coverage->n_tasks, coverage->n_results,
           coverage->n_tasks - coverage->n_results);
    printf("%-12s", "");
    for (int i = 0; i < COVERAGE_N; i++)
        if (has_column(coverage, i))
            printf(" %11s", coverage_name(i));
    printf(" %11s\n", "all");
    print_row(coverage, "trainings", coverage->trainings);
    print_row(coverage, "evaluations", coverage->attacks);
    print_sum(coverage);
    print_gone(coverage);
}

static void print_budget(const struct study *study,
                         const struct ledger_spending *spending)
{
    const struct experiment_budget *budget = &study->experiment.budget;
    size_t n_beyond = study->cells.n_beyond;
    if (budget->n_trials)
        printf("budget: the first %zu trials; %zu cell%s beyond it\n",
               budget->n_trials, n_beyond, n_beyond == 1 ? " is" : "s are");
    if (budget->core_hours > 0)
        printf("budget: %.4g of %g core-hours are used%s\n",
               spending->used_s / 3600, budget->core_hours,
               spending->used_s >= spending->limit_s
                   ? ", so no more cells are begun"
                   : "");
}

static void print_runs(const struct presences *presences, struct arena *arena)
{
    for (size_t i = 0; i < presences->n; i++) {
        const struct presence *one = &presences->at[i];
        printf("a run goes on: %s, %zu rank%s\n", presence_describe(one, arena),
               one->n_ranks, one->n_ranks == 1 ? "" : "s");
    }
}

static void print_damage(const struct coverage *coverage)
{
    if (*coverage->damage)
        printf("\nDamaged; what was lost in it %s:\n%s",
               coverage_is_complete(coverage)
                   ? "was computed again, as far as this experiment needs it"
                   : "will be computed again by the next run",
               coverage->damage);
}

static void print_aside(const struct coverage *coverage,
                        const struct ledger *ledger, const char *folder,
                        struct arena *arena)
{
    if (coverage->n_aside)
        printf("\nSet aside, and left alone until run --only names the cell "
               "(%zu):\n",
               coverage->n_aside);
    for (size_t i = 0; i < coverage->n_aside; i++) {
        const struct task *task = coverage->aside[i];
        struct spec spec = ledger_spec(ledger, task);
        const struct kind *attack = spec.at[SPEC_ATTACK].kind;
        printf("  cell %u, %s%s: %s\n", task->cell,
               attack ? attack->name : "training",
               span_print(task->span, arena),
               aside_path(folder, task->digest, task->span, arena));
    }
}

static enum status print_coverage(const char *folder, struct arena *arena)
{
    struct folder_state state;
    TRY(folder_state_read(folder, stdout, arena, &state));
    print_table(&state.coverage);
    print_budget(&state.study, &state.ledger.spending);
    print_runs(&state.presences, arena);
    print_damage(&state.coverage);
    print_aside(&state.coverage, &state.ledger, folder, arena);
    return STATUS_OK;
}

static enum status print_all(const char *path, struct arena *arena)
{
    struct stat about;
    struct results results;
    TRY(results_folder_open(path, arena, &results));
    enum status status = STATUS_OK;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        status = print_coverage(path, arena);
        summary_print_builds(&results, stdout);
        summary_print_failures(&results, stdout);
    } else {
        status = summary_print(&results, stdout);
    }
    results_close(&results);
    return status;
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    *exit_status = EXIT_DONE;
    enum status status = watch.given
                             ? watch_sweep(arguments[0], watch.seconds)
                             : print_all(arguments[0], &arena);
    arena_close(&arena);
    return status;
}

const struct command command_status = {
    .name = "status",
    .arguments = "DIR",
    .doc = "how far a sweep is, also while it runs; what failed and why",
    .more = "DIR is a sweep's folder or a sweep.h5.\n\n"
            "--watch takes over the terminal: how far the run is and when it "
            "will be done, what\neach rank computes, the best cells so far "
            "and what went wrong. q or ctrl-C leaves\nit; the sweep goes on. "
            "Where standard output is no terminal it prints a line\nevery ten "
            "seconds, or TIME. It needs the folder, not just sweep.h5, and may "
            "run on\nanother machine that sees it.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
