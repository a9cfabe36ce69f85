#include "tests/bench_commands.h"
#include "core/linalg.h"
#include "tests/bench_case.h"
#include "tests/bench_work.h"

#include <stdio.h>
#include <stdlib.h>

/* A case with all its measurements. */
struct column {
    struct bench_scene scene;
    double cpu[BENCH_MEASURED_MAX], wall[BENCH_MEASURED_MAX];
    struct bench_summary cpu_s, wall_s;
    struct bench_profile profile;
    double shares[WORK_N];
};

struct table {
    size_t n;
    struct column *at[BENCH_N_CASES];
};

static struct table open_table(void)
{
    struct table table = {0};
    for (size_t i = 0; i < BENCH_N_CASES; i++) {
        if (bench_cases[i].n_measured == 0)
            continue;
        struct column *column = calloc(1, sizeof *column);
        if (!column)
            abort();
        bench_case_open(&bench_cases[i], &column->scene);
        table.at[table.n++] = column;
    }
    return table;
}

static void close_table(struct table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        bench_case_close(&table->at[i]->scene);
        free(table->at[i]);
    }
}

/* measuring ----------------------------------------------------------- */

static void measure(struct column *column, size_t i_round)
{
    size_t n = column->scene.the->n_measured;
    if (i_round >= n)
        return;
    bench_profile_start(&column->profile);
    struct bench_times times = bench_case_measure(&column->scene);
    bench_profile_stop();
    column->cpu[i_round] = times.cpu_s;
    column->wall[i_round] = times.wall_s;
}

static void sum_up(struct table *table)
{
    struct bench_symbols symbols = bench_symbols_read();
    for (size_t i = 0; i < table->n; i++) {
        struct column *column = table->at[i];
        size_t n = column->scene.the->n_measured;
        column->cpu_s = bench_summarize(n, column->cpu);
        column->wall_s = bench_summarize(n, column->wall);
        bench_profile_share(&column->profile, &symbols, column->shares);
    }
    bench_symbols_free(&symbols);
}

/* All cases in turn, again and again: what disturbs one disturbs all. */
static void run_rounds(struct table *table)
{
    for (size_t i = 0; i < BENCH_MEASURED_MAX; i++)
        for (size_t k = 0; k < table->n; k++)
            measure(table->at[k], i);
    sum_up(table);
}

/* printing ------------------------------------------------------------ */

static void print_times(const struct table *table)
{
    const struct column *first = table->at[0];
    double peak = bench_case_flop(&first->scene) / first->cpu_s.median;
    printf("%-44s %8s  %20s %8s %8s %8s\n", "", "CPU ms", "quartiles   ",
           "wall ms", "GFLOP/s", "of peak");
    for (size_t i = 0; i < table->n; i++) {
        const struct column *column = table->at[i];
        struct bench_summary cpu = column->cpu_s;
        double speed = bench_case_flop(&column->scene) / cpu.median;
        printf("%-44s %8.2f  %8.2f .. %-8.2f %8.2f", column->scene.the->doc,
               1e3 * cpu.median, 1e3 * cpu.low, 1e3 * cpu.high,
               1e3 * column->wall_s.median);
        if (speed > 0)
            printf(" %8.1f %6.0f %%", speed / 1e9, 100 * speed / peak);
        printf("\n");
    }
}

/* What the sparse products save depends on them. */
static void print_densities(const struct table *table)
{
    printf("\nOutputs of the layers, pooled, that are not zero, in per "
           "cent:\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct bench_scene *scene = &table->at[i]->scene;
        if (!scene->the->net)
            continue;
        printf("  %-8s", scene->the->name);
        for (size_t k = 0; k < scene->net.model->n_layers; k++)
            printf(" %3.0f", 100 * bench_net_density(&scene->net, k));
        printf("\n");
    }
}

static void print_work(const struct table *table, size_t work)
{
    double largest = 0;
    for (size_t i = 1; i < table->n; i++)
        if (table->at[i]->shares[work] > largest)
            largest = table->at[i]->shares[work];
    if (largest < 0.0005)
        return;
    printf("%-44s", bench_work_names[work]);
    for (size_t i = 1; i < table->n; i++)
        printf(" %7.1f", 100 * table->at[i]->shares[work]);
    printf("\n");
}

static void print_neurons(const struct table *table)
{
    printf("%-44s", "ns a neuron and step, forward and backward");
    for (size_t i = 1; i < table->n; i++) {
        const struct column *column = table->at[i];
        const double *shares = column->shares;
        double share = shares[WORK_NEURONS_FORWARD] +
                       shares[WORK_NEURONS_BACKWARD] + shares[WORK_STATISTICS];
        double n = bench_net_neuron_steps(&column->scene.net);
        if (column->scene.the->attacks)
            printf(" %7s", "");
        else
            printf(" %7.2f", 1e9 * share * column->cpu_s.median / n);
    }
    printf("\n");
}

static void print_shares(const struct table *table)
{
    size_t fewest = SIZE_MAX;
    printf("\n%-44s", "Share of each kind of work, in per cent:");
    for (size_t i = 1; i < table->n; i++) {
        printf(" %7s", table->at[i]->scene.the->name);
        if (table->at[i]->profile.n < fewest)
            fewest = table->at[i]->profile.n;
    }
    printf("\n");
    for (size_t i = 0; i < WORK_N; i++)
        print_work(table, i);
    print_neurons(table);
    printf("(sampled while the times above were taken, at least %zu samples "
           "a case;\nneurons with normalization and pooling)\n",
           fewest);
}

void bench_table_print(void)
{
    const char *folder = getenv("CIFAR10");
    struct table table = open_table();
    run_rounds(&table);
    printf("One thread, %s; medians, with quartiles.\nImages: Fashion-MNIST "
           "(a, b), %s (c, d).\n\n",
           linalg_version(),
           folder && *folder ? "CIFAR-10" : "synthetic, 32 x 32 x 3");
    print_times(&table);
    printf("\nGFLOP/s: 2 for each multiply-add of the dense net at all T "
           "steps; what need not be\ncomputed, because it is zero or the same "
           "at every step, counts, too.\n");
    print_densities(&table);
    print_shares(&table);
    close_table(&table);
}
