/*
 * How fast the engine is on one thread: training steps of nets a and b of
 * docs/performance.md and PGD-10 on net b, on images of Fashion-MNIST, beside
 * BLIS' best in the same run.
 *
 *     bench_engine                 a table, in less than a minute
 *     bench_engine serve           reads names of cases from standard input, a
 *                                  line each, and answers each with its CPU and
 *                                  wall seconds (for tests/bench_peers.py)
 *
 * Times are CPU seconds of this process: on one thread the same as wall seconds
 * on an idle machine, and not disturbed by others on a busy one.
 */
#include "core/linalg.h"
#include "core/loss.h"
#include "core/model.h"
#include "core/optimizer.h"
#include "io/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    N_TIMES = 9,
    N_BATCHES = 8,
    N_CLASSES = 10,
    BATCH_MAX = 128
};

struct times {
    double cpu_s, wall_s;
};

static double read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct times now(void)
{
    return (struct times){read_clock(CLOCK_PROCESS_CPUTIME_ID),
                          read_clock(CLOCK_MONOTONIC)};
}

/* nets ---------------------------------------------------------------- */

#define NET_COMMON                                                             \
    "neuron = lif\nneuron.leak = 0.5\nsurrogate = atan\nsurrogate.slope = 2\n" \
    "optimizer = sgd\noptimizer.momentum = 0.9\n"               \
    "optimizer.weight_decay = 0\n"

static const char net_a[] =
    NET_COMMON "network = mlp\nnetwork.hidden = [800]\nnetwork.n_steps = 8\n";
static const char net_b[] = NET_COMMON
    "network = csnn\nnetwork.channels = [32, 64]\nnetwork.hidden = [128]\n"
    "network.n_steps = 4\n";
static const char attack[] =
    "attack = pgd\nattack.n_steps = 10\nattack.epsilons = [0.03]\n"
    "attack.n_samples = 64\nattack.batch_size = 64\n";

struct net {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    size_t n_images, i_step;
    struct model *model;
    float *state; /* the optimizer's */
    float *images[N_BATCHES];
    uint8_t *labels[N_BATCHES];
    uint32_t *ids[N_BATCHES];
    struct weights weights; /* for the attack */
};

static void must(enum status status)
{
    if (status != STATUS_OK)
        status_abort(status_reason(), __FILE__, __LINE__);
}

static void gather_batches(struct net *net)
{
    size_t n = net->n_images;
    for (size_t i = 0; i < N_BATCHES; i++) {
        net->images[i] =
            ARENA_ARRAY(&net->arena, float, n * image_size(net->data.shape));
        net->labels[i] = ARENA_ARRAY(&net->arena, uint8_t, n);
        net->ids[i] = ARENA_ARRAY(&net->arena, uint32_t, n);
        for (size_t k = 0; k < n; k++)
            net->ids[i][k] = (uint32_t)(i * n + k);
        data_gather(&net->data, &net->data.train, n, net->ids[i],
                    net->images[i], net->labels[i]);
    }
}

static void open_net(struct net *net, const char *text, const char *more,
                     size_t n_images)
{
    *net = (struct net){.arena = arena_open(), .n_images = n_images};
    struct arena *arena = &net->arena;
    text = arena_print(arena, "%s%s", text, more);
    must(spec_parse(text, &net->spec, arena));
    must(dataset_open(&net->spec.at[SPEC_DATASET], arena, &net->data));
    net->model =
        model_lay_out(&net->spec, &net->data, n_images, MODEL_TRAIN, arena);
    net->state = ARENA_ARRAY(arena, float, net->model->n_parameters);
    model_initialize(net->model, 1);
    gather_batches(net);
}

/* The same as a step of core/trial_train.c, without loading the images. */
static void train(struct net *net, size_t n_steps)
{
    const struct choice *optimizer = &net->spec.at[SPEC_OPTIMIZER];
    const struct optimizer *kind = optimizer_of(optimizer->kind);
    struct model *model = net->model;
    float loss[BATCH_MAX];
    uint8_t predicted[BATCH_MAX];
    for (size_t i = 0; i < n_steps; i++, net->i_step++) {
        size_t at = net->i_step % N_BATCHES, n = net->n_images;
        struct model_batch batch = {n, net->images[at], net->ids[at],
                                    1, RNG_ENCODE_TRAIN, 0};
        model_forward_train(model, &batch);
        loss_cross_entropy(n, N_CLASSES, model->logits, net->labels[at],
                           1.0f / (float)n, loss, predicted, model->d_logits);
        model_backward_train(model, &batch);
        kind->step(optimizer->params, 0.05, net->i_step, model->n_parameters,
                   model->gradients, model->weights, net->state);
    }
}

/* cases --------------------------------------------------------------- */

struct bench {
    struct net a, b, pgd; /* pgd: net b's text with an attack */
    float *left, *right, *product;
};

enum { PEAK_ROWS = 512, PEAK_WIDTH = 1024 };

static void run_peak(struct bench *bench)
{
    for (size_t i = 0; i < 10; i++)
        linalg_product_by_blis(PEAK_ROWS, PEAK_WIDTH, PEAK_WIDTH,
                               (struct matrix){bench->left, PEAK_WIDTH},
                               (struct matrix){bench->right, PEAK_WIDTH}, 0.0f,
                               bench->product, PEAK_WIDTH);
}

static void run_a(struct bench *bench)
{
    train(&bench->a, 20);
}

static void run_b(struct bench *bench)
{
    train(&bench->b, 2);
}

static double no_clock(void *self)
{
    (void)self;
    return 0.0;
}

static void no_progress(void *self, size_t done, size_t total, double loss)
{
    (void)self, (void)done, (void)total, (void)loss;
}

/* All that a sweep does for an attack: gradient of the clean image, random
 * start, 10 steps, the best iterate kept, and the verdict. */
static void run_pgd(struct bench *bench)
{
    struct net *net = &bench->pgd;
    struct trial_hooks hooks = {NULL, no_clock, no_progress};
    struct arena arena = arena_open();
    struct record record;
    must(trial_evaluate(&net->spec, &net->data, &net->weights, &hooks, &arena,
                        &record));
    arena_close(&arena);
}

static const struct bench_case {
    const char *name, *doc;
    void (*run)(struct bench *bench);
    double n_units; /* of a run: steps, batches of images */
    /* Recorded speed of SpikingJelly 0.14 and the BLIS' speed that goes with
     * it, the lower end of its range: in the peer's favour. */
    double peer_gflops, peer_peak;
} cases[] = {
    {"peak", "sgemm 512 x 1024 x 1024", run_peak, 10, 0, 0},
    {"a", "net a, training step (T 8, B 128)", run_a, 20, 72, 105},
    {"b", "net b, training step (T 4, B 64)", run_b, 2, 26, 105},
    {"pgd", "net b, PGD-10 of 64 images (T 4)", run_pgd, 1, 0, 0},
};

enum { N_CASES = sizeof cases / sizeof cases[0] };

static void open_bench(struct bench *bench, struct arena *arena)
{
    open_net(&bench->a, net_a, "", 128);
    open_net(&bench->b, net_b, "", 64);
    open_net(&bench->pgd, net_b, attack, 64);
    train(&bench->a, 40);
    train(&bench->b, 40);
    train(&bench->pgd, 40);
    struct model *model = bench->pgd.model;
    bench->pgd.weights = (struct weights){model->n_values, model->weights};
    bench->left = ARENA_ARRAY(arena, float, PEAK_ROWS * PEAK_WIDTH);
    bench->right = ARENA_ARRAY(arena, float, PEAK_WIDTH * PEAK_WIDTH);
    bench->product = ARENA_ARRAY(arena, float, PEAK_ROWS * PEAK_WIDTH);
    for (size_t i = 0; i < PEAK_WIDTH * PEAK_WIDTH; i++)
        bench->right[i] = (float)(i % 7) - 3.0f;
    for (size_t i = 0; i < PEAK_ROWS * PEAK_WIDTH; i++)
        bench->left[i] = (float)(i % 5) - 2.0f;
}

static void close_bench(struct bench *bench)
{
    arena_close(&bench->a.arena);
    arena_close(&bench->b.arena);
    arena_close(&bench->pgd.arena);
}

/* Seconds of one unit. */
static struct times measure(struct bench *bench, const struct bench_case *the)
{
    struct times start = now();
    the->run(bench);
    struct times end = now();
    return (struct times){(end.cpu_s - start.cpu_s) / the->n_units,
                          (end.wall_s - start.wall_s) / the->n_units};
}

/* table --------------------------------------------------------------- */

/* Multiply-adds of the dense net at all T steps, forward plus a weight gradient
 * and a gradient of the input per layer; the first layer has one of the two. */
static double count_flop(const struct net *net)
{
    const struct model *model = net->model;
    size_t n_image = 3 * model->n_features * N_CLASSES;
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        n_image += (i == 0 ? 2 : 3) * layer->n_pixels * layer->main.n_weights;
    }
    return 2.0 * (double)(n_image * model->n_steps * net->n_images);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct summary {
    double median, low, high; /* the quartiles */
};

static struct summary summarize(double times[N_TIMES])
{
    qsort(times, N_TIMES, sizeof *times, compare);
    return (struct summary){times[N_TIMES / 2], times[N_TIMES / 4],
                            times[N_TIMES - 1 - N_TIMES / 4]};
}

static void print_row(const struct bench_case *the, struct summary cpu,
                      struct summary wall, double flop, double peak)
{
    printf("%-34s %8.2f  %8.2f .. %-8.2f %8.2f", the->doc, 1e3 * cpu.median,
           1e3 * cpu.low, 1e3 * cpu.high, 1e3 * wall.median);
    double speed = flop / cpu.median / 1e9;
    if (flop > 0)
        printf(" %8.1f %6.0f %%", speed, 100 * speed / peak);
    printf("\n");
}

static void print_peer(const struct bench_case *the, double flop,
                       double median_s, double peak)
{
    double share = the->peer_gflops / the->peer_peak;
    double peer_s = flop / (share * peak * 1e9);
    printf("  net %s: %.0f %% of BLIS' best, hence %.1f ms here: "
           "%.1f times as fast as that\n",
           the->name, 100 * share, 1e3 * peer_s, peer_s / median_s);
}

/* What the sparse products save depends on it. */
static void print_densities(const struct net *net, const char *name)
{
    const struct model *model = net->model;
    printf("Net %s, outputs of its layers that are not zero:", name);
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        size_t n = net->n_images * model->n_steps * layer->n_out, n_other = 0;
        for (size_t k = 0; k < n; k++)
            n_other += layer->counts[k] != 0;
        printf(" %.0f %%", 100 * (double)n_other / (double)n);
    }
    printf("\n");
}

static void print_table(struct bench *bench, double cpu[N_CASES][N_TIMES],
                        double wall[N_CASES][N_TIMES])
{
    double flop[N_CASES] = {2.0 * PEAK_ROWS * PEAK_WIDTH * PEAK_WIDTH,
                            count_flop(&bench->a), count_flop(&bench->b), 0};
    struct summary times[N_CASES];
    printf("One thread, %s; medians of %d, with quartiles.\n\n",
           linalg_version(), N_TIMES);
    printf("%-34s %8s  %20s %8s %8s %8s\n", "", "CPU ms", "quartiles   ",
           "wall ms", "GFLOP/s", "of peak");
    for (size_t i = 0; i < N_CASES; i++) {
        times[i] = summarize(cpu[i]);
        print_row(&cases[i], times[i], summarize(wall[i]), flop[i],
                  flop[0] / times[0].median / 1e9);
    }
    printf("\nGFLOP/s: 2 for each multiply-add of the dense net at all T steps "
           "(what is not\ncomputed because it is the same at every step "
           "counts, too).\nPGD-10: %.2f s per 100 images.\n",
           times[3].median * 100 / 64);
    print_densities(&bench->a, "a");
    print_densities(&bench->b, "b");
    double peak = flop[0] / times[0].median / 1e9;
    printf("\nSpikingJelly 0.14, against the recorded ratio to peak "
           "(docs/performance.md; make\nbench-peers measures it side by "
           "side):\n");
    for (size_t i = 0; i < N_CASES; i++)
        if (cases[i].peer_gflops > 0)
            print_peer(&cases[i], flop[i], times[i].median, peak);
}

/* All cases in turn, again and again, so that what disturbs one disturbs all;
 * the first round warms up. */
static void run_table(struct bench *bench)
{
    static double cpu[N_CASES][N_TIMES], wall[N_CASES][N_TIMES];
    for (size_t i = 0; i <= N_TIMES; i++)
        for (size_t k = 0; k < N_CASES; k++) {
            struct times times = measure(bench, &cases[k]);
            if (i == 0)
                continue;
            cpu[k][i - 1] = times.cpu_s;
            wall[k][i - 1] = times.wall_s;
        }
    print_table(bench, cpu, wall);
}

static int serve(struct bench *bench)
{
    char name[16];
    while (scanf("%15s", name) == 1)
        for (size_t i = 0; i < N_CASES; i++)
            if (strcmp(name, cases[i].name) == 0) {
                struct times times = measure(bench, &cases[i]);
                printf("%.9f %.9f\n", times.cpu_s, times.wall_s);
                fflush(stdout);
            }
    return 0;
}

int main(int n_arguments, char **arguments)
{
    struct arena arena = arena_open();
    static struct bench bench;
    bool serves = n_arguments == 2 && strcmp(arguments[1], "serve") == 0;
    if (n_arguments > 1 && !serves) {
        fprintf(stderr, "usage: %s [serve]\n", arguments[0]);
        return 2;
    }
    open_bench(&bench, &arena);
    if (serves)
        serve(&bench);
    else
        run_table(&bench);
    close_bench(&bench);
    arena_close(&arena);
    return 0;
}
