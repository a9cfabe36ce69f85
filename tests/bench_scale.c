/*
 * What the one coordinator costs at scale: real cells by the hundred thousand,
 * real coordinator and ledger, a wire that only counts. Prints figures.
 *
 *     bench_scale tasks N          N tasks that do nothing, on 1,000 ranks
 *     bench_scale ranks N          jobs of N/100, N/10 and N ranks, simulated
 *     bench_scale pack N           sweep.h5 of N trials
 *     mpirun bench_scale mpi N     the same over MPI, as far as it goes
 */
#include "tests/bench_scale.h"
#include "tests/bench_clock.h"
#include "tests/fake_job.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ATTACKS = 4, N_CHOICES = 20 };

/* 20 combinations times seeds, each with four attacks. */
static const char experiment_format[] =
    "dataset     = { kind = \"synthetic\"; n_train = 100; n_test = 100; };\n"
    "network     = { kind = \"csnn\"; n_steps = 4; };\n"
    "surrogate   = [ \"triangular\", \"rectangular\" ];\n"
    "regularizer = ( { kind = \"none\"; },\n"
    "                { kind = \"mpd_sgr\"; weight = [0.1, 0.2, 0.4, 0.8]; } );\n"
    "encoding    = [ \"direct\", \"poisson\" ];\n"
    "seeds       = %zu;\n"
    "attacks     = ( { kind = \"fgsm\"; }, { kind = \"pgd\"; n_steps = [7, 20]; },\n"
    "                { kind = \"gaussian\"; } );\n";

uint64_t bench_scale_need(void *self, const struct spec *spec,
                          struct span span, bool least)
{
    const struct study *study = self;
    return least ? study_least_memory(study, spec, span)
                 : study_memory(study, spec, span);
}

static void open_study(size_t n_tasks, struct arena *arena,
                       struct study *study)
{
    struct scratch scratch = scratch_make();
    size_t n_seeds = n_tasks / (N_CHOICES * (N_ATTACKS + 1));
    const char *path = scratch_path(&scratch, "scale.cfg");
    const char *text = arena_print(arena, experiment_format, n_seeds);
    scratch_write(path, text, strlen(text));
    MUST(study_open(path, arena, study) == STATUS_OK);
    scratch_remove(&scratch);
}

void bench_scale_open(size_t n_tasks, struct arena *arena,
                      struct study *study, struct ledger *ledger)
{
    open_study(n_tasks, arena, study);
    ledger_open(&study->experiment, &study->cells, 3, arena, ledger);
    ledger_start(ledger);
}

static double us_each(double seconds, size_t n)
{
    return 1e6 * seconds / (double)n;
}

static void tell_opening(const struct study *study,
                         const struct ledger *ledger, double study_s,
                         double ledger_s, double mb)
{
    printf("%zu cells, %zu tasks\n", study->cells.n, ledger->n_tasks);
    printf("  reading the experiment         %7.1f us of CPU a cell\n",
           us_each(study_s, study->cells.n));
    printf("  opening the ledger             %7.1f us of CPU a task\n",
           us_each(ledger_s, ledger->n_tasks));
    printf("  memory before the first task   %7.0f bytes a cell at most\n",
           1e6 * mb / (double)study->cells.n);
}

static int bench_tasks(size_t n)
{
    static const struct job_terms terms = {.n_ranks = 1000,
                                           .latency_s = 1e-5,
                                           .message_s = 1e-6,
                                           .hand_out_s = 1e-5,
                                           .flush_s = 5e-3,
                                           .nap_s = 5e-3,
                                           .median_s = 10e-3,
                                           .sigma = 0.3,
                                           .training_factor = 1};
    struct arena arena = arena_open();
    struct study study;
    struct ledger ledger;
    double before_mb = bench_peak_mb();
    struct bench_times start = bench_now();
    open_study(n, &arena, &study);
    double study_s = bench_since(start).cpu_s;
    start = bench_now();
    ledger_open(&study.experiment, &study.cells, 3, &arena, &ledger);
    ledger_start(&ledger);
    double ledger_s = bench_since(start).cpu_s;
    tell_opening(&study, &ledger, study_s, ledger_s,
                 bench_peak_mb() - before_mb);
    struct job_figures figures = fake_job_run(
        &terms, &ledger, (struct demand){&study, bench_scale_need});
    MUST(figures.n_outcomes == ledger.n_tasks);
    printf("  coordinating                   %7.1f us of CPU a task "
           "(%zu messages, %zu flushes, %zu steps)\n",
           us_each(figures.cpu_s, ledger.n_tasks), figures.n_messages,
           figures.n_flushes, figures.n_steps);
    printf("  memory after the last task     %7.0f bytes a cell at most\n",
           1e6 * (bench_peak_mb() - before_mb) / (double)study.cells.n);
    arena_close(&arena);
    return 0;
}

/* A job as clusters know it. The coordinator's costs are those that
 * `bench_scale mpi` measures, rounded up: 45 us a task in messages and handing
 * out, and a file that is flushed to a network's disk. */
static struct job_terms cluster(size_t n_ranks, double median_s)
{
    return (struct job_terms){.n_ranks = n_ranks,
                              .seed = 1,
                              .latency_s = 20e-6,
                              .message_s = 15e-6,
                              .hand_out_s = 30e-6,
                              .flush_s = 20e-3,
                              .step_s = 5e-6,
                              .nap_s = 5e-3,
                              .start_s = 15e-3,
                              .median_s = median_s,
                              .sigma = 2.302585 / 2, /* four: two decades */
                              .training_factor = 2,
                              .straggler_share = 0.01,
                              .straggler_factor = 10,
                              .slow_share = 0.02,
                              .slow_factor = 1.5,
                              .failing_share = 0.005,
                              .dying_share = 0.01,
                              .dying_within_s = 40 * median_s,
                              .leave_s = 15,
                              .progress = true};
}

enum { TASKS_A_RANK = 20 };

static void simulate(size_t n_ranks, double median_s, double stop_s)
{
    struct arena arena = arena_open();
    struct study study;
    struct ledger ledger;
    struct job_terms terms = cluster(n_ranks, median_s);
    terms.stop_s = stop_s;
    bench_scale_open(TASKS_A_RANK * n_ranks, &arena, &study, &ledger);
    struct job_figures figures = fake_job_run(
        &terms, &ledger, (struct demand){&study, bench_scale_need});
    printf("%8zu %8g %9zu %8.0f %8.0f %9.2f %9.2f %7zu %5zu %8zu\n", n_ranks,
           median_s, ledger.n_tasks, figures.tail_s, figures.end_s,
           100 * fake_job_utilisation(&figures),
           100 * figures.coordinating_s / figures.tail_s, figures.n_flushes,
           figures.n_lost, figures.backlog);
    arena_close(&arena);
}

/* Up to so many ranks, the last of them under a time limit as well. */
static int bench_ranks(size_t most)
{
    static const double medians[] = {60, 6, 1};
    printf("   ranks median_s     tasks   tail_s    end_s util_%% "
           "coordin_%% flushes  lost  backlog\n");
    for (size_t k = 0; k < sizeof medians / sizeof *medians; k++)
        for (size_t n = most / 100; n <= most; n *= 10)
            simulate(n, medians[k], 0);
    /* Where the coordinator is what ranks wait for. */
    simulate(most, 0.3, 0);
    simulate(most, 0.1, 0);
    simulate(most, 60, 1200);
    return 0;
}

int main(int n_arguments, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (n_arguments == 3 && !strcmp(arguments[1], "tasks"))
        return bench_tasks(strtoul(arguments[2], NULL, 10));
    if (n_arguments == 3 && !strcmp(arguments[1], "mpi"))
        return bench_scale_mpi(strtoul(arguments[2], NULL, 10));
    if (n_arguments == 3 && !strcmp(arguments[1], "ranks"))
        return bench_ranks(strtoul(arguments[2], NULL, 10));
    if (n_arguments == 3 && !strcmp(arguments[1], "pack"))
        return bench_scale_pack(strtoul(arguments[2], NULL, 10));
    fprintf(stderr, "usage: bench_scale tasks|mpi|ranks|pack N\n");
    return 2;
}
