#include "jobs/plan_node.h"
#include "sweep/clock.h"

#include <math.h>
#include <stdio.h>

enum { WAYS_MAX = 32 };

/* One way: what a cell's training takes by it, and that times the rounds in
 * which the ranks get through all cells. */
struct way {
    size_t n_threads, n_ranks;
    bool recompute;
    double train_s, all_s;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t count_wanted(const struct plan_node *node, size_t n_threads)
{
    return smaller(node->n_cores / n_threads, node->study->cells.n);
}

/* As many ranks as there are cores, cells and room for, perhaps none. */
static void fill(const struct plan_node *node, size_t n_bytes, struct way *way)
{
    double n_cells = (double)node->study->cells.n;
    size_t n = count_wanted(node, way->n_threads);
    way->n_ranks = smaller(n, node->room_bytes / n_bytes);
    way->all_s = way->train_s * ceil(n_cells / (double)way->n_ranks);
    if (way->n_ranks == 0)
        way->all_s = (double)INFINITY;
}

static void ignore(void *self, size_t done, size_t total, double loss)
{
    (void)self, (void)done, (void)total, (void)loss;
}

/* Training is taken for the largest of a cell's stages. */
static void measure(const struct plan_node *node, struct way *way)
{
    struct trial_hooks hooks = {NULL, clock_for_trial, ignore,
                                node->study->means, NULL, NULL};
    const struct data_set *data = study_find_data(node->study, node->spec);
    hooks.means.n_threads = way->n_threads;
    hooks.means.recompute = way->recompute;
    size_t n_bytes = trial_memory(node->spec, data, hooks.means);
    way->train_s = n_bytes <= node->room_bytes
                       ? trial_estimate(node->spec, data, &hooks)
                       : (double)INFINITY;
    fill(node, n_bytes, way);
}

/* 1, 2, 4 .., and all cores. */
static size_t next_threads(size_t n, size_t n_cores)
{
    return 2 * n < n_cores ? 2 * n : n < n_cores ? n_cores : 0;
}

static size_t measure_all(const struct plan_node *node,
                          struct way ways[WAYS_MAX])
{
    double began_s = clock_now_s();
    size_t n_ways = 0;
    for (size_t n = 1; n > 0 && n_ways + 2 <= WAYS_MAX;
         n = next_threads(n, node->n_cores)) {
        struct way way = {.n_threads = n};
        if (n > 1 && clock_now_s() - began_s > node->budget_s)
            break;
        measure(node, &way);
        ways[n_ways++] = way;
        if (way.n_ranks == count_wanted(node, n))
            continue;
        way.recompute = true;
        measure(node, &way);
        ways[n_ways++] = way;
    }
    return n_ways;
}

static void print_ways(const struct way *ways, size_t n)
{
    printf("training takes");
    for (size_t i = 0; i < n; i++)
        if (isfinite(ways[i].train_s))
            printf("%s %.3g s on %zu thread%s%s", i ? "," : "",
                   ways[i].train_s, ways[i].n_threads,
                   ways[i].n_threads == 1 ? "" : "s",
                   ways[i].recompute ? " with --recompute" : "");
    printf("\n");
}

static void print_command(const struct way *way, const char *path)
{
    printf("best here: ");
    if (way->n_ranks > 1)
        printf("mpirun -n %zu ", way->n_ranks);
    if (way->n_ranks > 1 && way->n_threads > 1)
        printf("--map-by slot:PE=%zu ", way->n_threads);
    printf("spikesweep run ");
    if (way->n_threads > 1)
        printf("--threads %zu ", way->n_threads);
    printf("%s%s\n", way->recompute ? "--recompute " : "", path);
}

/* Of ways that are equally fast the first: fewer threads waste less. */
void plan_node_print(const struct plan_node *node, const char *path)
{
    struct way ways[WAYS_MAX];
    size_t n = measure_all(node, ways), best = 0;
    for (size_t i = 1; i < n; i++)
        if (ways[i].all_s < ways[best].all_s)
            best = i;
    if (ways[best].n_ranks == 0)
        return;
    print_ways(ways, n);
    print_command(&ways[best], path);
}
