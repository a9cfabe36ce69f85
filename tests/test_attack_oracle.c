/* Attacks against numbers of an independent implementation in PyTorch:
 * tests/oracle/torch_attacks.py, which says what is computed on which network,
 * and tests/oracle/torch_attacks.txt. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 3, N_PIXELS = 20, N_HIDDEN = 8, N_CLASSES = 4 };

static struct smooth_net {
    double w[N_HIDDEN][N_PIXELS], v[N_CLASSES][N_HIDDEN];
} net;

static double worst;

static double noise(size_t tensor, size_t j)
{
    double wave = 43758.5453 * sin(12.9898 * ((double)j + 1) +
                                   78.233 * ((double)tensor + 1));
    return 2 * (wave - floor(wave)) - 1;
}

static void make_net(void)
{
    for (size_t h = 0; h < N_HIDDEN; h++)
        for (size_t k = 0; k < N_PIXELS; k++)
            net.w[h][k] = 0.8 * noise(0, h * N_PIXELS + k);
    for (size_t c = 0; c < N_CLASSES; c++)
        for (size_t h = 0; h < N_HIDDEN; h++)
            net.v[c][h] = noise(1, c * N_HIDDEN + h);
}

static void find_logits(const float *image, double *hidden, float *logits)
{
    for (size_t h = 0; h < N_HIDDEN; h++) {
        double sum = 0;
        for (size_t k = 0; k < N_PIXELS; k++)
            sum += net.w[h][k] * (double)image[k];
        hidden[h] = tanh(sum);
    }
    for (size_t c = 0; c < N_CLASSES; c++) {
        double sum = 0;
        for (size_t h = 0; h < N_HIDDEN; h++)
            sum += net.v[c][h] * hidden[h];
        logits[c] = (float)sum;
    }
}

static void find_slope(const double *hidden, const float *d_logits,
                       float *d_image)
{
    for (size_t k = 0; k < N_PIXELS; k++) {
        double sum = 0;
        for (size_t h = 0; h < N_HIDDEN; h++)
            for (size_t c = 0; c < N_CLASSES; c++)
                sum += (double)d_logits[c] * net.v[c][h] *
                       (1 - hidden[h] * hidden[h]) * net.w[h][k];
        d_image[k] = (float)sum;
    }
}

static void ask(void *self, const struct query *query)
{
    (void)self;
    for (size_t i = 0; i < query->n; i++) {
        double hidden[N_HIDDEN];
        float logits[N_CLASSES], d_logits[N_CLASSES];
        find_logits(query->images + i * N_PIXELS, hidden, logits);
        query->objective->find(1, N_CLASSES, logits, query->labels + i, NULL,
                               query->loss + i, d_logits);
        query->predicted[i] = 0;
        for (uint8_t c = 1; c < N_CLASSES; c++)
            if (logits[c] > logits[query->predicted[i]])
                query->predicted[i] = c;
        memcpy(query->logits + i * N_CLASSES, logits, sizeof logits);
        if (query->d_images)
            find_slope(hidden, d_logits, query->d_images + i * N_PIXELS);
    }
}

/* the attack ---------------------------------------------------------- */

static void open_stage(struct stage *stage)
{
    make_net();
    stage_open(stage, FAKE_LINEAR, N, N_PIXELS);
    for (size_t j = 0; j < (size_t)N * N_PIXELS; j++)
        stage->clean[j] =
            (float)fmin(fmax(0.5 + 0.6 * noise(2, j), 0), 1);
    stage->victim.ask = ask;
    stage->victim.n_classes = N_CLASSES;
    stage->batch.only_last = true;
}

static void *params_of(struct stage *stage, const struct attack *attack,
                       const char *objective)
{
    void *params = stage_params(stage, attack, "objective", objective);
    if (kind_find_row(&attack->kind, "n_steps"))
        stage_set(stage, attack, params, "n_steps", "20");
    if (kind_find_row(&attack->kind, "random_start"))
        stage_set(stage, attack, params, "random_start", "false");
    return params;
}

/* An attack is found as the file's, image by image. */
static void expect_deltas(const struct stage *stage, const char *name,
                          const double *expected)
{
    for (size_t j = 0; j < (size_t)N * N_PIXELS; j++) {
        double clean = (double)stage->clean[j];
        double found = (double)stage->batch.adversarial[j] - clean;
        double error = fabs(found - expected[j]);
        worst = fmax(worst, error);
        bool same_sign = fabs(expected[j]) < 1e-6 ||
                         (found > 0) == (expected[j] > 0);
        if (!(error < 1e-5) || !same_sign)
            fail_msg("%s: entry %zu moves by %.7f instead of %.7f", name, j,
                     found, expected[j]);
    }
}

static void check_attack(FILE *file)
{
    char name[16], objective[16];
    struct stage stage;
    double expected[N * N_PIXELS];
    assert_int_equal(fscanf(file, "%15s %15s", name, objective), 2);
    open_stage(&stage);
    for (size_t i = 0; i < N; i++) {
        unsigned label;
        assert_int_equal(fscanf(file, "%u", &label), 1);
        stage.labels[i] = (uint8_t)label;
        for (size_t k = 0; k < N_PIXELS; k++)
            assert_int_equal(fscanf(file, "%lf", &expected[i * N_PIXELS + k]),
                             1);
    }
    const struct attack *attack = stage_attack(name);
    void *params = params_of(&stage, attack, objective);
    stage_run(&stage, attack, params, attack->norm == NORM_L2 ? 0.5f : 0.1f);
    expect_deltas(&stage, name, expected);
    stage_close(&stage);
}

static void attacks_move_pixels_as_an_independent_implementation(void **state)
{
    (void)state;
    FILE *file = fopen("tests/oracle/torch_attacks.txt", "r");
    char word[16];
    size_t n_attacks = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "#%*[^\n] %15s", word), 1);
    for (; !strcmp(word, "attack"); n_attacks++) {
        check_attack(file);
        assert_int_equal(fscanf(file, "%15s", word), 1);
    }
    assert_string_equal(word, "end");
    assert_int_equal(n_attacks, 8);
    fclose(file);
}

static int print_worst(void **state)
{
    (void)state;
    print_message("largest difference: %.1e\n", worst);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_move_pixels_as_an_independent_implementation),
    };
    return cmocka_run_group_tests_name("attack oracle", tests, NULL,
                                       print_worst);
}
