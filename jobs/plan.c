#include "jobs/commands.h"
#include "core/kind.h"
#include "core/settings.h"
#include "core/training.h"
#include "core/trial.h"
#include "sweep/clock.h"
#include "sweep/display.h"
#include "sweep/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool all;

static const struct option_row options[] = {
    {"all", 'a', NULL, "list every cell and every pruned one (default: the first 50)", OPTION_FLAG,
     &all},
};

enum { SHOWN = 50 };

/* Timing stops after so long; cells not measured get the mean of the others,
 * and the plan says so. */
static const double MEASURE_S = 30;

struct cost {
    double seconds;
    size_t n_bytes;
};

struct plan {
    struct study study;
    struct settings *settings; /* [cells.n] */
    struct variation variation;
    struct cost *costs; /* [cells.n]; seconds NaN: not measured */
    double began_s;
    struct arena *arena;
};

/* costs --------------------------------------------------------------- */

static void ignore(void *self, size_t done, size_t total, double loss)
{
    (void)self;
    (void)done;
    (void)total;
    (void)loss;
}

/* One task: memory by laying it out, time by timing one batch. */
static struct cost cost_of_task(const struct spec *spec,
                                const struct data_set *data)
{
    struct trial_hooks hooks = {NULL, clock_for_trial, ignore};
    return (struct cost){trial_estimate(spec, data, &hooks),
                         trial_memory(spec, data)};
}

static struct cost cost_of_cell(const struct plan *plan,
                                const struct cell *cell)
{
    if (cell->spec.at[SPEC_TRAINING].kind == training_kind_dummy) {
        const struct training_dummy *dummy =
            cell->spec.at[SPEC_TRAINING].params;
        return (struct cost){dummy->sleep_s, 0};
    }
    const struct data_set *data = study_find_data(&plan->study, &cell->spec);
    struct cost sum = cost_of_task(&cell->spec, data);
    const struct experiment *experiment = &plan->study.experiment;
    for (size_t k = 0; k < space_count_attacks(experiment); k++) {
        struct arena arena = arena_open();
        struct evaluation evaluation =
            space_evaluation(experiment, cell, k, &arena);
        if (!evaluation.pruned) {
            struct cost cost = cost_of_task(&evaluation.spec, data);
            sum.seconds += cost.seconds;
            if (cost.n_bytes > sum.n_bytes)
                sum.n_bytes = cost.n_bytes;
        }
        arena_close(&arena);
    }
    return sum;
}

/* Cells that differ in the seed or in a weight only take equally long. */
static bool costs_alike(const struct settings *a, const struct settings *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const char *key = a->at[i].key;
        if (strcmp(key, b->at[i].key) != 0)
            return false;
        if (strcmp(a->at[i].value, b->at[i].value) != 0 &&
            strcmp(key, "training.seed") != 0 &&
            strncmp(key, "regularizer.", 12) != 0 &&
            strncmp(key, "surrogate.", 10) != 0 &&
            strncmp(key, "optimizer.", 10) != 0)
            return false;
    }
    return true;
}

static void measure(struct plan *plan)
{
    for (size_t i = 0; i < plan->study.cells.n; i++) {
        size_t k = 0;
        while (k < i && (isnan(plan->costs[k].seconds) ||
                         !costs_alike(&plan->settings[k], &plan->settings[i])))
            k++;
        if (k < i)
            plan->costs[i] = plan->costs[k];
        else if (clock_now_s() - plan->began_s > MEASURE_S)
            plan->costs[i] = (struct cost){(double)NAN, 0};
        else
            plan->costs[i] = cost_of_cell(plan, &plan->study.cells.at[i]);
    }
}

/* printing ------------------------------------------------------------ */

static void print_cells(const struct plan *plan)
{
    const struct cells *cells = &plan->study.cells;
    size_t n = all || cells->n < SHOWN ? cells->n : SHOWN;
    printf("%6s  %-8s  %8s  %9s  %s\n", "cell", "digest", "time", "memory",
           "what varies");
    for (size_t i = 0; i < n; i++) {
        char digest[DIGEST_TEXT_SIZE], time[24], memory[24] = "?";
        struct cost cost = plan->costs[i];
        display_print_time(cost.seconds, time);
        if (!isnan(cost.seconds))
            snprintf(memory, sizeof memory, "%.0f MB",
                     (double)cost.n_bytes * 1e-6);
        printf("%6zu  %.8s  %8s  %9s  %s\n", i,
               digest_print(cells->at[i].digest, digest), time, memory,
               variation_label(&plan->variation, &plan->settings[i],
                               plan->arena));
    }
    if (n < cells->n)
        printf("   ... and %zu more (--all lists them)\n", cells->n - n);
}

/* Reasons, each once, with the number of combinations. */
static void print_pruned(const struct plan *plan)
{
    const struct experiment *experiment = &plan->study.experiment;
    size_t n = space_count(experiment), n_shown = 0, n_pruned = 0;
    for (size_t i = 0; i < n; i++) {
        struct arena arena = arena_open();
        struct cell cell = space_cell(experiment, i, &arena);
        if (cell.pruned && (all || n_shown < SHOWN)) {
            printf("pruned combination %zu: %s\n", i, cell.pruned);
            n_shown++;
        }
        n_pruned += cell.pruned != NULL;
        arena_close(&arena);
    }
    if (n_shown < n_pruned)
        printf("   ... and %zu more pruned (--all lists them)\n",
               n_pruned - n_shown);
    for (size_t i = 0; i < plan->study.n_misfits; i++)
        printf("pruned: %s\n", plan->study.misfits[i].cell.pruned);
}

static void print_attacks(const struct plan *plan)
{
    const struct cell *first = &plan->study.cells.at[0];
    for (size_t k = 0; k < space_count_attacks(&plan->study.experiment); k++) {
        struct evaluation evaluation = space_evaluation(
            &plan->study.experiment, first, k, plan->arena);
        if (evaluation.pruned)
            printf("attack %zu: pruned in the first cell: %s\n", k,
                   evaluation.pruned);
    }
}

static void print_sum(const struct plan *plan)
{
    double sum = 0;
    size_t n_measured = 0, n_bytes = 0, n = plan->study.cells.n;
    for (size_t i = 0; i < n; i++) {
        if (isnan(plan->costs[i].seconds))
            continue;
        n_measured++;
        sum += plan->costs[i].seconds;
        if (plan->costs[i].n_bytes > n_bytes)
            n_bytes = plan->costs[i].n_bytes;
    }
    char time[24];
    display_print_time(sum * (double)n / (double)n_measured, time);
    const struct cells *cells = &plan->study.cells;
    printf("%zu cells (%zu pruned, %zu double), %zu attacks each\n", cells->n,
           cells->n_pruned + plan->study.n_misfits, cells->n_doubled,
           space_count_attacks(&plan->study.experiment));
    printf("about %s on one core, divided by the number of ranks; at most "
           "%.0f MB a rank besides the data\n",
           time, (double)n_bytes * 1e-6);
    if (n_measured < n)
        printf("%zu cells were not timed, they are taken for as long as the "
               "others\n",
               n - n_measured);
}

static enum status make_plan(const char *path, struct plan *plan)
{
    TRY(study_open(path, plan->arena, &plan->study));
    size_t n = plan->study.cells.n;
    plan->settings = ARENA_ARRAY(plan->arena, struct settings, n);
    plan->costs = ARENA_ARRAY(plan->arena, struct cost, n);
    for (size_t i = 0; i < n; i++)
        plan->settings[i] = settings_parse(
            spec_print(&plan->study.cells.at[i].spec, false, plan->arena),
            plan->arena);
    plan->variation = settings_vary(n, plan->settings, plan->arena);
    plan->began_s = clock_now_s();
    measure(plan);
    return STATUS_OK;
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    struct plan plan = {.arena = &arena};
    *exit_status = EXIT_DONE;
    enum status status = make_plan(arguments[0], &plan);
    if (status == STATUS_OK) {
        print_cells(&plan);
        print_pruned(&plan);
        print_attacks(&plan);
        print_sum(&plan);
    }
    arena_close(&arena);
    return status;
}

const struct command command_plan = {
    .name = "plan",
    .arguments = "FILE",
    .doc = "what a run would do: cells, pruned ones with the reason, memory "
           "and time",
    .more = "Memory is exact (the trial's own layout), time is measured: one "
            "batch of each sort of task.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
