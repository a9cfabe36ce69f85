#include "jobs/commands.h"
#include "core/kind.h"
#include "core/settings.h"
#include "core/training.h"
#include "core/trial.h"
#include "io/tuning_file.h"
#include "jobs/plan_alike.h"
#include "jobs/plan_node.h"
#include "jobs/plan_pruned.h"
#include "sweep/clock.h"
#include "sweep/cores.h"
#include "sweep/display.h"
#include "sweep/ledger.h"
#include "sweep/memory.h"
#include "sweep/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool all, untimed;

static const struct option_row options[] = {
    {"all", 'a', NULL, "list every cell and every pruned one (default: the first 50)", OPTION_FLAG,
     &all},
    {"untimed", 0, NULL, "measure no times: nothing is computed, as is fit for a login node",
     OPTION_FLAG, &untimed},
};

enum { SHOWN = 50 };

/* Timing stops after so long; cells not measured get the mean of the others,
 * and the plan says so. */
static const double MEASURE_S = 30;

struct cost {
    double seconds;  /* NaN: not measured */
    double attack_s; /* of these, at most, in evaluations */
    size_t n_bytes; /* of the largest task; */
    size_t n_least; /* with recomputation */
};

struct plan {
    struct study study;
    struct tuning_file tuning; /* that a new sweep of this user goes by */
    struct settings *settings; /* [cells.n] */
    struct variation variation;
    struct cost *costs; /* [cells.n] */
    size_t room_bytes;  /* of memory, on this machine; SIZE_MAX: not known */
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

/* A training or an evaluation: memory of a task (of the largest of an
 * evaluation's parts) by laying it out, time of all by timing one batch. It
 * recomputes if it would not fit else, as in a run; what does not fit even so
 * is not timed. */
static struct cost cost_of_task(const struct plan *plan,
                                const struct spec *spec, struct span span,
                                bool timed)
{
    struct cost cost = {(double)NAN, 0, study_memory(&plan->study, spec, span),
                        study_least_memory(&plan->study, spec, span)};
    struct trial_hooks hooks = {NULL, clock_for_trial, ignore,
                                plan->study.means, NULL, NULL};
    if (cost.n_bytes > plan->room_bytes)
        hooks.means.recompute = true;
    if (timed && cost.n_least <= plan->room_bytes)
        cost.seconds = trial_estimate(
            spec, study_find_data(&plan->study, spec), &hooks);
    return cost;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct cost cost_of_cell(const struct plan *plan,
                                const struct cell *cell, bool timed)
{
    if (cell->spec.at[SPEC_TRAINING].kind == training_kind_dummy) {
        const struct training_dummy *dummy =
            cell->spec.at[SPEC_TRAINING].params;
        return (struct cost){dummy->sleep_s, 0, 0, 0};
    }
    struct cost sum =
        cost_of_task(plan, &cell->spec, (struct span){0}, timed);
    const struct experiment *experiment = &plan->study.experiment;
    for (size_t k = 0; k < space_count_attacks(experiment); k++) {
        struct arena arena = arena_open();
        struct evaluation evaluation =
            study_evaluation(&plan->study, cell, k, &arena);
        if (!evaluation.pruned) {
            struct span span = study_first_part(cell, &evaluation.spec);
            struct cost cost =
                cost_of_task(plan, &evaluation.spec, span, timed);
            sum.seconds += cost.seconds;
            sum.attack_s += cost.seconds;
            sum.n_bytes = larger(sum.n_bytes, cost.n_bytes);
            sum.n_least = larger(sum.n_least, cost.n_least);
        }
        arena_close(&arena);
    }
    return sum;
}

static void measure(struct plan *plan)
{
    const size_t *first = plan_alike_find(&plan->study.cells, plan->arena);
    for (size_t i = 0; i < plan->study.cells.n; i++)
        plan->costs[i] =
            first[i] < i
                ? plan->costs[first[i]]
                : cost_of_cell(plan, &plan->study.cells.at[i],
                               !untimed && clock_now_s() - plan->began_s <=
                                               MEASURE_S);
}

/* printing ------------------------------------------------------------ */

static const char *note_of(const struct plan *plan, struct cost cost)
{
    if (cost.n_least > plan->room_bytes)
        return "  (does not fit)";
    return cost.n_bytes > plan->room_bytes ? "  (fits with --recompute)" : "";
}

static void print_cells(const struct plan *plan)
{
    const struct cells *cells = &plan->study.cells;
    size_t n = all || cells->n < SHOWN ? cells->n : SHOWN;
    printf("%6s  %-8s  %8s  %9s  %s\n", "cell", "digest", "time", "memory",
           "what varies");
    for (size_t i = 0; i < n; i++) {
        char digest[DIGEST_TEXT_SIZE], time[24], memory[MEMORY_TEXT_SIZE];
        struct cost cost = plan->costs[i];
        display_print_time(cost.seconds, time);
        printf("%6zu  %.8s  %8s  %9s  %s%s\n", i,
               digest_print(cells->at[i].digest, digest), time,
               memory_print(cost.n_bytes, memory),
               variation_label(&plan->variation, &plan->settings[i],
                               plan->arena),
               note_of(plan, cost));
    }
    if (n < cells->n)
        printf("   ... and %zu more (--all lists them)\n", cells->n - n);
}

static void print_attacks(const struct plan *plan)
{
    const struct cell *first = &plan->study.cells.at[0];
    for (size_t k = 0; k < space_count_attacks(&plan->study.experiment); k++) {
        struct evaluation evaluation =
            study_evaluation(&plan->study, first, k, plan->arena);
        if (evaluation.pruned)
            printf("attack %zu: pruned in the first cell: %s\n", k,
                   evaluation.pruned);
    }
}

static void print_time(const struct plan *plan)
{
    double sum = 0, attack_s = 0;
    size_t n_measured = 0, n = plan->study.cells.n;
    for (size_t i = 0; i < n; i++)
        if (!isnan(plan->costs[i].seconds)) {
            n_measured++;
            sum += plan->costs[i].seconds;
            attack_s += plan->costs[i].attack_s;
        }
    char time[24], attacks[24];
    double scale = (double)n / (double)n_measured;
    display_print_time(sum * scale, time);
    display_print_time(attack_s * scale, attacks);
    printf("about %s on one core, divided by the number of ranks\n", time);
    if (attack_s > 0)
        printf("%s of that are attacks, at most: as if no sample fell before "
               "their end\n", attacks);
    if (n_measured < n)
        printf("%zu cell%s not timed and taken for as long as the others\n",
               n - n_measured, n - n_measured == 1 ? " was" : "s were");
}

static void print_memory(const struct plan *plan)
{
    char need[MEMORY_TEXT_SIZE], room[MEMORY_TEXT_SIZE] = "?";
    size_t n_bytes = 0, n_tight = 0, n_unfit = 0;
    for (size_t i = 0; i < plan->study.cells.n; i++) {
        struct cost cost = plan->costs[i];
        n_bytes = larger(n_bytes, cost.n_bytes);
        n_unfit += cost.n_least > plan->room_bytes;
        n_tight += cost.n_bytes > plan->room_bytes &&
                   cost.n_least <= plan->room_bytes;
    }
    if (plan->room_bytes < SIZE_MAX)
        memory_print(plan->room_bytes, room);
    printf("at most %s of memory a rank besides the data, of %s that this "
           "machine has left\n",
           memory_print(n_bytes, need), room);
    if (n_tight > 0)
        printf("%zu cell%s in it with --recompute only, which a run here "
               "adds\n",
               n_tight, n_tight == 1 ? " fits" : "s fit");
    if (n_unfit > 0)
        printf("%zu cell%s not fit in it: a run here does not start what is "
               "too large\n",
               n_unfit, n_unfit == 1 ? " does" : "s do");
}

static void print_sum(const struct plan *plan)
{
    const struct cells *cells = &plan->study.cells;
    struct ledger ledger;
    ledger_open(&plan->study.experiment, cells, 1, plan->arena, &ledger);
    if (plan->study.experiment.sampling)
        printf("%s\n", plan->study.experiment.sampling);
    const char *outside =
        cells->n_outside
            ? arena_print(plan->arena, ", %zu outside of `when`",
                          cells->n_outside)
            : "";
    printf("%zu cells (%zu pruned, %zu double%s), %zu attacks each, %zu "
           "tasks\n",
           cells->n, cells->n_pruned + plan->study.n_misfits, cells->n_doubled,
           outside, space_count_attacks(&plan->study.experiment),
           ledger.n_tasks);
    if (cells->n_beyond)
        printf("%zu more cell%s beyond the budget of %zu trials\n",
               cells->n_beyond, cells->n_beyond == 1 ? " is" : "s are",
               plan->study.experiment.budget.n_trials);
    if (!untimed)
        print_time(plan);
    print_memory(plan);
}

/* The cell that takes longest stands for all. */
static void print_node(const struct plan *plan, const char *path)
{
    const struct cell *longest = NULL;
    double seconds = 0;
    for (size_t i = 0; i < plan->study.cells.n; i++)
        if (plan->costs[i].seconds > seconds) {
            longest = &plan->study.cells.at[i];
            seconds = plan->costs[i].seconds;
        }
    if (!longest || !study_find_data(&plan->study, &longest->spec))
        return;
    struct plan_node node = {&plan->study, &longest->spec, cores_available(),
                             plan->room_bytes, MEASURE_S};
    plan_node_print(&node, path);
}

static enum status make_plan(const char *path, struct plan *plan)
{
    TRY(study_open(path, plan->arena, &plan->study));
    TRY(tuning_file_choose(NULL, plan->arena, &plan->tuning));
    plan->study.means.tuning = &plan->tuning.tuning;
    size_t n = plan->study.cells.n;
    plan->settings = ARENA_ARRAY(plan->arena, struct settings, n);
    plan->costs = ARENA_ARRAY(plan->arena, struct cost, n);
    for (size_t i = 0; i < n; i++)
        plan->settings[i] = settings_parse(
            spec_print(&plan->study.cells.at[i].spec, false, plan->arena),
            plan->arena);
    plan->variation = settings_vary(n, plan->settings, plan->arena);
    uint64_t room = memory_available("");
    plan->room_bytes = room ? room : SIZE_MAX;
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
        plan_print_pruned(&plan.study, plan.settings, all ? SIZE_MAX : SHOWN,
                          &arena);
        print_attacks(&plan);
        print_sum(&plan);
        if (!untimed)
            print_node(&plan, arguments[0]);
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
            "batch of each sort of task. What does not fit into the memory "
            "that this machine\nhas left (control groups' limits included) is "
            "marked, not timed, and never started\nby a run here, where the "
            "ranks of a node share it in equal parts. The last lines measure "
            "training on 1, 2, 4\n.. threads and name the ranks and threads "
            "by which this machine is done first.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .has_threads = true,
    .run = run,
};
