/* DeepFool and cw_l2 on a smooth network against an independent implementation:
 * tests/oracle/minimal.py, which says how it is made, and
 * tests/oracle/minimal.txt. */
#include "core/attack.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_PIXELS = 12, N_HIDDEN = 8, N_CLASSES = 4, N = 8 };

static double noise(int tensor, int j)
{
    double wave =
        43758.5453 * sin(12.9898 * (j + 1) + 78.233 * (tensor + 1));
    return 2 * (wave - floor(wave)) - 1;
}

static double weight_in(int pixel, int hidden)
{
    return 2 * noise(0, pixel * N_HIDDEN + hidden);
}

static double weight_out(int hidden, int class)
{
    return 2 * noise(1, hidden * N_CLASSES + class);
}

/* the network --------------------------------------------------------- */

static void find_hidden(const float *image, double hidden[N_HIDDEN])
{
    for (int h = 0; h < N_HIDDEN; h++) {
        double sum = 0;
        for (int k = 0; k < N_PIXELS; k++)
            sum += weight_in(k, h) * ((double)image[k] - 0.5);
        hidden[h] = tanh(sum);
    }
}

static void find_logits(const double hidden[N_HIDDEN], float *logits)
{
    for (int c = 0; c < N_CLASSES; c++) {
        double sum = 0;
        for (int h = 0; h < N_HIDDEN; h++)
            sum += weight_out(h, c) * hidden[h];
        logits[c] = (float)sum;
    }
}

static uint8_t largest(const float *logits)
{
    uint8_t best = 0;
    for (uint8_t c = 1; c < N_CLASSES; c++)
        best = logits[c] > logits[best] ? c : best;
    return best;
}

static void go_back(const double hidden[N_HIDDEN], const float *d_logits,
                    float *d_image)
{
    double d_image_sum[N_PIXELS] = {0};
    for (int h = 0; h < N_HIDDEN; h++) {
        double d = 0;
        for (int c = 0; c < N_CLASSES; c++)
            d += weight_out(h, c) * (double)d_logits[c];
        for (int k = 0; k < N_PIXELS; k++)
            d_image_sum[k] +=
                d * (1 - hidden[h] * hidden[h]) * weight_in(k, h);
    }
    for (int k = 0; k < N_PIXELS; k++)
        d_image[k] = (float)d_image_sum[k];
}

static void ask(void *self, const struct query *query)
{
    (void)self;
    for (size_t i = 0; i < query->n; i++) {
        double hidden[N_HIDDEN];
        float logits[N_CLASSES], d_logits[N_CLASSES];
        find_hidden(query->images + i * N_PIXELS, hidden);
        find_logits(hidden, logits);
        query->predicted[i] = largest(logits);
        query->objective->find(1, N_CLASSES, logits, query->labels + i,
                               query->targets ? query->targets + i : NULL,
                               query->loss + i, d_logits);
        if (query->logits)
            memcpy(query->logits + i * N_CLASSES, logits, sizeof logits);
        if (query->d_images)
            go_back(hidden, d_logits, query->d_images + i * N_PIXELS);
    }
}

/* the attacks --------------------------------------------------------- */

struct outcome {
    int image, label;
    double distance[2]; /* of deepfool, cw_l2 */
    int n_steps[2];
};

static void read_outcomes(struct outcome outcomes[N])
{
    FILE *file = fopen("tests/oracle/minimal.txt", "r");
    assert_non_null(file);
    for (int i = 0; i < N; i++) {
        struct outcome *outcome = &outcomes[i];
        assert_int_equal(fscanf(file, "%d %d %lf %d %lf %d", &outcome->image,
                                &outcome->label, &outcome->distance[0],
                                &outcome->n_steps[0], &outcome->distance[1],
                                &outcome->n_steps[1]),
                         6);
    }
    assert_int_equal(fgetc(file), '\n');
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
}

struct scene {
    float clean[N * N_PIXELS], found[N * N_PIXELS], epsilon[N];
    uint8_t labels[N];
    uint32_t ids[N], n_zero[N], n_forward[N], n_backward[N];
};

static void open_scene(struct scene *scene, const struct outcome outcomes[N])
{
    *scene = (struct scene){0};
    for (int i = 0; i < N; i++) {
        int first = outcomes[i].image * N_PIXELS;
        for (int k = 0; k < N_PIXELS; k++)
            scene->clean[i * N_PIXELS + k] =
                (float)(0.5 + 0.45 * noise(2, first + k));
        scene->labels[i] = (uint8_t)outcomes[i].label;
        scene->ids[i] = (uint32_t)i;
        scene->epsilon[i] = 100;
    }
}

static void run(struct scene *scene, const char *name)
{
    const struct kind *kind = kind_find(&attack_axis, name);
    struct arena arena = arena_open();
    struct victim victim = {.shape = {1, N_PIXELS, 1},
                            .n_pixels = N_PIXELS,
                            .n_classes = N_CLASSES,
                            .n_max = N,
                            .ask = ask};
    struct attack_batch batch = {.n = N,
                                 .n_pixels = N_PIXELS,
                                 .clean = scene->clean,
                                 .labels = scene->labels,
                                 .ids = scene->ids,
                                 .epsilon = scene->epsilon,
                                 .adversarial = scene->found,
                                 .n_zero_pixels = scene->n_zero,
                                 .n_forward = scene->n_forward,
                                 .n_backward = scene->n_backward,
                                 .scratch = &arena};
    assert_non_null(kind);
    attack_of(kind)->run(kind_defaults(kind, &arena), &victim, &batch);
    arena_close(&arena);
}

static double distance_of(const struct scene *scene, int i)
{
    return norm_distance(NORM_L2, N_PIXELS, scene->clean + i * N_PIXELS,
                         scene->found + i * N_PIXELS);
}

static void deepfool_takes_the_steps_of_another_implementation(void **state)
{
    (void)state;
    struct outcome outcomes[N];
    struct scene scene;
    read_outcomes(outcomes);
    open_scene(&scene, outcomes);
    run(&scene, "deepfool");
    for (int i = 0; i < N; i++) {
        double distance = outcomes[i].distance[0];
        assert_true(fabs(distance_of(&scene, i) - distance) < 1e-5 * distance);
        assert_int_equal(scene.n_forward[i],
                         1 + N_CLASSES * outcomes[i].n_steps[0]);
        assert_int_equal(scene.n_backward[i],
                         1 + (N_CLASSES - 1) * outcomes[i].n_steps[0]);
    }
}

/* Thousands of steps of Adam, each of which stands on those before. */
static void cw_l2_finds_what_another_implementation_finds(void **state)
{
    (void)state;
    struct outcome outcomes[N];
    struct scene scene;
    read_outcomes(outcomes);
    open_scene(&scene, outcomes);
    run(&scene, "cw_l2");
    for (int i = 0; i < N; i++) {
        double distance = outcomes[i].distance[1];
        assert_true(fabs(distance_of(&scene, i) - distance) < 1e-4 * distance);
        assert_int_equal(scene.n_forward[i], 1 + outcomes[i].n_steps[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deepfool_takes_the_steps_of_another_implementation),
        cmocka_unit_test(cw_l2_finds_what_another_implementation_finds),
    };
    return cmocka_run_group_tests_name("attack_minimal_oracle", tests, NULL,
                                       NULL);
}
