/*
 * What the one coordinator costs at scale: real cells by the hundred thousand,
 * real coordinator and ledger, a wire that only counts. Prints figures.
 *
 *     bench_scale tasks N        N tasks that do nothing, on 1,000 ranks
 */
#include "tests/bench_clock.h"
#include "tests/fake_job.h"
#include "tests/scratch.h"
#include "sweep/study.h"

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

static uint64_t need(void *self, const struct spec *spec, struct span span,
                     bool least)
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
    struct job_figures figures =
        fake_job_run(&terms, &ledger, (struct demand){&study, need});
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

int main(int n_arguments, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (n_arguments == 3 && !strcmp(arguments[1], "tasks"))
        return bench_tasks(strtoul(arguments[2], NULL, 10));
    fprintf(stderr, "usage: bench_scale tasks N\n");
    return 2;
}
