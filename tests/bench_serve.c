/* The engine's side of tests/bench_peers.py and tests/bench_growth.sh. */
#include "io/model_file.h"
#include "tests/bench_case.h"
#include "tests/bench_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* answers ------------------------------------------------------------- */

static void answer_time(struct bench_scene *scene)
{
    struct bench_times times = bench_case_measure(scene);
    printf("%.9f %.9f\n", times.cpu_s, times.wall_s);
}

static void answer_what(const struct bench_scene *scene)
{
    const struct model *model = scene->net.model;
    printf("%.4f %.4f %.4f", scene->robust_accuracy, scene->trained.accuracy,
           scene->trained.inside);
    for (size_t i = 0; model && i < model->n_layers; i++)
        printf(" %.4f", bench_net_density(&scene->net, i));
    printf("\n");
}

static void write_file(const char *folder, const char *name, const void *at,
                       size_t n_bytes)
{
    struct arena arena = arena_open();
    const char *path = arena_print(&arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(at, 1, n_bytes, file) != n_bytes || fclose(file) != 0)
        bench_must(status_refuse_errno(path));
    arena_close(&arena);
}

/* The first test images, and what the net as it is now makes of them. */
static void write_batch(struct bench_net *net, const char *folder)
{
    size_t n = net->n_images;
    size_t n_pixels = n * image_size(net->data.shape);
    struct arena arena = arena_open();
    float *images = ARENA_ARRAY(&arena, float, n_pixels);
    uint8_t *labels = ARENA_ARRAY(&arena, uint8_t, n);
    uint32_t *ids = ARENA_ARRAY(&arena, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = (uint32_t)i;
    data_gather(&net->data, &net->data.test, n, ids, images, labels);
    struct model_batch batch = {n, images, ids, 1, RNG_ENCODE_TEST, 0};
    model_forward_test(net->model, &batch, NULL);
    write_file(folder, "images", images, n_pixels * sizeof *images);
    write_file(folder, "labels", labels, n);
    write_file(folder, "logits", net->model->logits,
               n * net->model->n_classes * sizeof *net->model->logits);
    arena_close(&arena);
}

static void answer_give(struct bench_scene *scene, const char *folder)
{
    struct bench_net *net = &scene->net;
    struct image_shape shape = net->data.shape;
    struct arena arena = arena_open();
    struct spec spec = spec_without_attack(net->spec);
    struct weights weights = {net->model->n_values, net->model->weights};
    bench_must(model_file_write(arena_print(&arena, "%s/model.h5", folder),
                                &spec, &net->data, &weights));
    write_batch(net, folder);
    printf("%zu %zu %zu %zu %zu", net->n_images, shape.height, shape.width,
           shape.n_channels, net->model->n_classes);
    for (size_t i = 0; i < shape.n_channels; i++)
        printf(" %.9g %.9g", (double)net->data.mean[i],
               (double)net->data.deviation[i]);
    printf("\n");
    arena_close(&arena);
}

/* requests ------------------------------------------------------------ */

static struct bench_scene *find_scene(struct bench_scene *scenes,
                                      const char *name)
{
    const struct bench_case *the = bench_case_find(name);
    if (!the)
        bench_must(status_refuse(STATUS_INVALID, "no case is called %s", name));
    struct bench_scene *scene = &scenes[the - bench_cases];
    if (!scene->the)
        bench_case_open(the, scene);
    return scene;
}

static void drop(struct bench_scene *scene)
{
    bench_case_close(scene);
    scene->the = NULL;
    printf("dropped\n");
}

static void answer(struct bench_scene *scenes, char *line)
{
    const char *what = strtok(line, " \n"), *name = strtok(NULL, " \n");
    const char *folder = strtok(NULL, "\n");
    if (!what || !name)
        bench_must(status_refuse(STATUS_INVALID, "a request names a case"));
    struct bench_scene *scene = find_scene(scenes, name);
    if (strcmp(what, "time") == 0)
        answer_time(scene);
    else if (strcmp(what, "what") == 0)
        answer_what(scene);
    else if (strcmp(what, "give") == 0 && folder && scene->net.model)
        answer_give(scene, folder);
    else if (strcmp(what, "drop") == 0)
        drop(scene);
    else
        bench_must(status_refuse(STATUS_INVALID, "what is \"%s\"?", what));
    fflush(stdout);
}

void bench_serve(void)
{
    static struct bench_scene scenes[BENCH_N_CASES];
    char line[1024];
    while (fgets(line, sizeof line, stdin))
        answer(scenes, line);
    for (size_t i = 0; i < BENCH_N_CASES; i++)
        if (scenes[i].the)
            bench_case_close(&scenes[i]);
}

/* one step ------------------------------------------------------------ */

/* "network.n_steps=8" becomes a line of the spec. */
static const char *write_settings(char *const *settings, struct arena *arena)
{
    const char *lines = "";
    for (; *settings; settings++) {
        const char *sign = strchr(*settings, '=');
        if (!sign)
            bench_must(status_refuse(STATUS_INVALID, "%s: there is no =",
                                     *settings));
        lines = arena_print(arena, "%s%.*s = %s\n", lines,
                            (int)(sign - *settings), *settings, sign + 1);
    }
    return lines;
}

void bench_step(const char *name, unsigned long n_steps, char *const *settings)
{
    struct arena arena = arena_open();
    struct bench_net net;
    bench_net_open(&net, name, write_settings(settings, &arena));
    double *cpu_s = ARENA_ARRAY(&arena, double, n_steps);
    for (size_t i = 0; i < n_steps; i++) {
        struct bench_times start = bench_now();
        bench_net_train(&net, 1);
        cpu_s[i] = bench_since(start).cpu_s;
    }
    printf("%zu %.9f %.3f %.3f\n", net.n_images,
           n_steps ? bench_summarize(n_steps, cpu_s).low : 0,
           bench_peak_mb(), bench_files_mb());
    bench_net_close(&net);
    arena_close(&arena);
}
