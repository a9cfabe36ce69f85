#include "tests/bench_case.h"
#include "core/linalg.h"

#include <string.h>

enum { PEAK_ROWS = 512, PEAK_WIDTH = 1024 };

const struct bench_case bench_cases[BENCH_N_CASES] = {
    {.name = "peak", .doc = "sgemm 512 x 1024 x 1024", .n_units = 10,
     .n_measured = 9},
    {.name = "a", .doc = "net a, training step (T 8, B 128)", .net = "a",
     .n_warm = 40, .n_units = 20, .n_measured = 9},
    {.name = "b", .doc = "net b, training step (T 4, B 64)", .net = "b",
     .n_warm = 40, .n_units = 2, .n_measured = 9},
    {.name = "b8", .doc = "net b, training step (T 8, B 64)", .net = "b",
     .more = "network.n_steps = 8\n", .n_warm = 20, .n_units = 1},
    {.name = "c", .doc = "net c, VGG-11, training step (T 4, B 32)",
     .net = "c", .n_warm = 6, .n_units = 1, .n_measured = 5},
    {.name = "d", .doc = "net d, WRN-16-4, training step (T 4, B 32)",
     .net = "d", .n_warm = 4, .n_units = 1, .n_measured = 4},
    {.name = "pgd-b", .doc = "net b, PGD-10 of 64 images (T 4)", .net = "b",
     .attacks = true, .n_warm = 40, .n_units = 1, .n_measured = 6},
    {.name = "pgd-c", .doc = "net c, PGD-10 of 32 images (T 4)", .net = "c",
     .attacks = true, .n_warm = 6, .n_units = 1, .n_measured = 2},
    {.name = "pgd-sgr", .doc = "net b of MPD-SGR, PGD-10 of 64 images (T 4)",
     .net = "sgr", .attacks = true, .trains_all = true, .n_units = 1},
};

const struct bench_case *bench_case_find(const char *name)
{
    for (size_t i = 0; i < BENCH_N_CASES; i++)
        if (strcmp(name, bench_cases[i].name) == 0)
            return &bench_cases[i];
    return NULL;
}

/* BLIS' best ---------------------------------------------------------- */

static void open_peak(struct bench_scene *scene)
{
    struct arena *arena = &scene->net.arena;
    *arena = arena_open();
    scene->left = ARENA_ARRAY(arena, float, PEAK_ROWS * PEAK_WIDTH);
    scene->right = ARENA_ARRAY(arena, float, PEAK_WIDTH * PEAK_WIDTH);
    scene->product = ARENA_ARRAY(arena, float, PEAK_ROWS * PEAK_WIDTH);
    for (size_t i = 0; i < PEAK_WIDTH * PEAK_WIDTH; i++)
        scene->right[i] = (float)(i % 7) - 3.0f;
    for (size_t i = 0; i < PEAK_ROWS * PEAK_WIDTH; i++)
        scene->left[i] = (float)(i % 5) - 2.0f;
}

static void run_peak(struct bench_scene *scene)
{
    linalg_product_by_blis(PEAK_ROWS, PEAK_WIDTH, PEAK_WIDTH,
                           (struct matrix){scene->left, PEAK_WIDTH},
                           (struct matrix){scene->right, PEAK_WIDTH}, 0.0f,
                           scene->product, PEAK_WIDTH);
}

/* all ----------------------------------------------------------------- */

void bench_case_open(const struct bench_case *the, struct bench_scene *scene)
{
    *scene = (struct bench_scene){.the = the};
    if (!the->net) {
        open_peak(scene);
        return;
    }
    bench_net_open(&scene->net, the->net, the->more ? the->more : "");
    if (the->trains_all)
        scene->trained = bench_net_train_all(&scene->net);
    bench_net_train(&scene->net, the->n_warm);
    if (the->attacks)
        bench_net_test(&scene->net);
}

void bench_case_close(struct bench_scene *scene)
{
    bench_net_close(&scene->net);
}

struct bench_times bench_case_measure(struct bench_scene *scene)
{
    const struct bench_case *the = scene->the;
    struct bench_times start = bench_now();
    for (size_t i = 0; i < the->n_units; i++) {
        if (!the->net)
            run_peak(scene);
        else if (the->attacks)
            scene->robust_accuracy = bench_net_attack(&scene->net);
        else
            bench_net_train(&scene->net, 1);
    }
    struct bench_times times = bench_since(start);
    return (struct bench_times){times.cpu_s / (double)the->n_units,
                                times.wall_s / (double)the->n_units};
}

double bench_case_flop(const struct bench_scene *scene)
{
    if (!scene->the->net)
        return 2.0 * PEAK_ROWS * PEAK_WIDTH * PEAK_WIDTH;
    return scene->the->attacks ? 0.0 : bench_net_flop(&scene->net);
}
