/* The sparse dynamic attack on nets of which the fewest flips are known. */
#include "tests/data_scene.h"
#include "tests/fake_victim.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include "core/rng.h"
#include "core/siege.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 40, N_PIXELS = 150, N_CLASSES = 3, N_ALL = N * N_PIXELS };

/* a linear net -------------------------------------------------------- */

/* Logits are weighted sums of the entries, and a bias for the label: it is the
 * margin of an empty image. */
struct linear {
    float weight[N_CLASSES][N_PIXELS];
    float bias;
    size_t n_used, n_asked;
    bool stubborn;
};

static void find_logits(const struct linear *net, const float *image,
                        uint8_t label, float *logits)
{
    for (size_t k = 0; k < net->n_used; k++) {
        logits[k] = k == label ? net->bias : 0;
        for (size_t i = 0; i < N_PIXELS; i++)
            logits[k] += net->weight[k][i] * image[i];
    }
    for (size_t k = net->n_used; k < N_CLASSES; k++)
        logits[k] = -1000;
}

static uint8_t class_of(const struct linear *net, const float *image,
                        uint8_t label)
{
    float logits[N_CLASSES];
    uint8_t best = 0;
    find_logits(net, image, label, logits);
    for (uint8_t k = 1; k < N_CLASSES; k++)
        best = logits[k] > logits[best] ? k : best;
    return net->stubborn ? label : best;
}

static void linear_ask(void *self, const struct query *query)
{
    struct linear *net = self;
    net->n_asked += query->n;
    for (size_t i = 0; i < query->n; i++) {
        const float *image = query->images + i * N_PIXELS;
        float *logits = query->logits + i * N_CLASSES, d_logits[N_CLASSES];
        find_logits(net, image, query->labels[i], logits);
        query->predicted[i] = class_of(net, image, query->labels[i]);
        query->objective->find(1, N_CLASSES, logits, query->labels + i, NULL,
                               query->loss + i, d_logits);
        for (size_t k = 0; query->d_images && k < N_PIXELS; k++) {
            float slope = 0;
            for (size_t c = 0; c < N_CLASSES; c++)
                slope += d_logits[c] * net->weight[c][k];
            query->d_images[i * N_PIXELS + k] = slope;
        }
    }
}

/* Sums of multiples of 1/64 are exact. */
static void open_linear(struct stage *stage, struct linear *net,
                        size_t n_used, float bias)
{
    struct rng_stream stream = {5, RNG_SYNTHETIC, 1};
    stage_open(stage, FAKE_LINEAR, N, N_PIXELS);
    *net = (struct linear){.bias = bias, .n_used = n_used};
    for (size_t k = 0; k < N_CLASSES; k++)
        for (size_t i = 0; i < N_PIXELS; i++)
            net->weight[k][i] =
                (float)(rng_word(stream, k * N_PIXELS + i) % 129) / 64 - 1;
    for (size_t i = 0; i < N_ALL; i++)
        stage->clean[i] = rng_word(stream, 4000 + i) % 4 == 0;
    stage->victim.self = net;
    stage->victim.n_classes = N_CLASSES;
    stage->victim.ask = linear_ask;
    for (size_t i = 0; i < N; i++) /* right as they are, if anything is */
        for (uint8_t k = 0; k < n_used; k++)
            if (class_of(net, stage->clean + i * N_PIXELS, k) == k)
                stage->labels[i] = k;
}

static void run(struct stage *stage, const char *name, const char *value)
{
    const struct attack *sda = stage_attack("sda");
    stage_run(stage, sda, stage_params(stage, sda, name, value), 800);
}

static size_t count_flips(const struct stage *stage, size_t i)
{
    size_t n = 0;
    for (size_t k = i * N_PIXELS; k < (i + 1) * N_PIXELS; k++)
        n += stage->clean[k] != stage->batch.adversarial[k];
    return n;
}

static bool is_beaten(const struct stage *stage, const struct linear *net,
                      const float *image, size_t i)
{
    return class_of(net, image, stage->labels[i]) != stage->labels[i];
}

/* what is known ------------------------------------------------------- */

static int compare_falling(const void *a, const void *b)
{
    float one = *(const float *)a, other = *(const float *)b;
    return one > other ? -1 : one < other;
}

/* Of two classes: those of the largest effect, until the margin is gone. */
static size_t fewest_flips(const struct stage *stage,
                           const struct linear *net, size_t i)
{
    const float *clean = stage->clean + i * N_PIXELS;
    uint8_t label = stage->labels[i];
    float effect[N_PIXELS], logits[N_CLASSES];
    find_logits(net, clean, label, logits);
    float margin = logits[label] - logits[!label];
    for (size_t k = 0; k < N_PIXELS; k++) {
        float fall = net->weight[!label][k] - net->weight[label][k];
        effect[k] = clean[k] == 0 ? fall : -fall;
    }
    qsort(effect, N_PIXELS, sizeof *effect, compare_falling);
    size_t n = 0;
    /* equal logits: the lower class is predicted */
    while (n < N_PIXELS && (label ? margin > 0 : margin >= 0))
        margin -= effect[n++];
    return n;
}

static void of_two_classes_the_fewest_flips_are_found(void **state)
{
    (void)state;
    static const float biases[] = {1, 4, 16, 40};
    size_t n_many = 0, n_single = 0;
    for (size_t b = 0; b < 4; b++) {
        struct stage stage;
        struct linear net;
        open_linear(&stage, &net, 2, biases[b]);
        run(&stage, NULL, NULL);
        for (size_t i = 0; i < N; i++) {
            size_t n = fewest_flips(&stage, &net, i);
            const float *found = stage.batch.adversarial + i * N_PIXELS;
            assert_int_equal(count_flips(&stage, i), n);
            assert_true(is_beaten(&stage, &net, found, i));
            n_many += n > 30;
            n_single += n == 1;
        }
        stage_close(&stage);
    }
    assert_true(n_many > 5 && n_single > 5);
}

/* By brute force: every single flip of every image. */
static bool can_be_single(const struct stage *stage,
                          const struct linear *net, size_t i)
{
    float image[N_PIXELS];
    memcpy(image, stage->clean + i * N_PIXELS, sizeof image);
    bool can = false;
    for (size_t k = 0; k < N_PIXELS; k++) {
        image[k] = 1 - image[k];
        can = can || is_beaten(stage, net, image, i);
        image[k] = 1 - image[k];
    }
    return can;
}

static void a_flip_that_does_alone_is_found_among_more_classes(void **state)
{
    (void)state;
    struct stage stage;
    struct linear net;
    size_t n_single = 0;
    open_linear(&stage, &net, 3, 0.5f);
    run(&stage, "k_init", "150");
    for (size_t i = 0; i < N; i++) {
        const float *found = stage.batch.adversarial + i * N_PIXELS;
        bool single = can_be_single(&stage, &net, i);
        assert_true(is_beaten(&stage, &net, found, i));
        assert_true(!single || count_flips(&stage, i) <= 1);
        assert_true(single || count_flips(&stage, i) > 1);
        n_single += single;
    }
    assert_true(n_single > 3 && n_single < N - 3);
    stage_close(&stage);
}

/* what must hold ------------------------------------------------------ */

static void entries_that_are_no_ones_or_zeros_are_left_alone(void **state)
{
    (void)state;
    struct stage stage;
    struct linear net;
    open_linear(&stage, &net, 3, 4);
    for (size_t i = 0; i < N_ALL; i += 3)
        stage.clean[i] = 0.25f;
    run(&stage, NULL, NULL);
    size_t n_flips = 0;
    for (size_t i = 0; i < N_ALL; i++) {
        float out = stage.batch.adversarial[i];
        assert_true(out == stage.clean[i] ||
                    (i % 3 && out + stage.clean[i] == 1));
        n_flips += out != stage.clean[i];
    }
    assert_true(n_flips > N);
    stage_close(&stage);
}

/* A query of the clean image; an iteration tries k entries and asks about what
 * it has flipped. */
static void a_sample_that_holds_out_costs_what_the_source_says(void **state)
{
    (void)state;
    struct stage stage;
    struct linear net;
    open_linear(&stage, &net, 2, 4);
    net.stubborn = true;
    run(&stage, "n_iterations", "3");
    assert_int_equal(stage.n_forward, N * (1 + 11 + 21 + 31));
    assert_int_equal(stage.n_backward, N * 3);
    assert_int_equal(net.n_asked, stage.n_forward);
    stage_close(&stage);
}

/* Without any slope it is left to chance which entries are tried. */
static void without_a_gradient_entries_are_tried_at_random(void **state)
{
    (void)state;
    struct stage stage;
    struct linear net;
    size_t n_flips = 0;
    open_linear(&stage, &net, 2, 1);
    memset(net.weight, 0, sizeof net.weight);
    net.weight[0][7] = net.weight[1][9] = 2;
    for (size_t i = 0; i < N; i++) {
        stage.labels[i] = (uint8_t)(i % 2);
        stage.clean[i * N_PIXELS + 7] = stage.clean[i * N_PIXELS + 9] = 0;
    }
    run(&stage, NULL, NULL);
    for (size_t i = 0; i < N; i++)
        n_flips += count_flips(&stage, i);
    assert_int_equal(n_flips, N);
    stage_close(&stage);
}

/* What the plan of a run counts on. */
static void it_takes_the_memory_that_was_foretold(void **state)
{
    (void)state;
    const struct attack *sda = stage_attack("sda");
    struct stage stage;
    struct linear net;
    struct arena scratch = arena_open();
    open_linear(&stage, &net, 2, 4);
    void *params = stage_params(&stage, sda, NULL, NULL);
    for (size_t i = 0; i < N; i++)
        stage.epsilon[i] = 800;
    stage.batch.scratch = &scratch;
    sda->run(params, &stage.victim, &stage.batch);
    assert_int_equal(scratch.n_bytes,
                     attack_memory(sda, params, &stage.victim));
    assert_true(scratch.n_bytes > N_ALL * 8 * sizeof(float));
    arena_close(&scratch);
    stage_close(&stage);
}

/* which data it is for ------------------------------------------------ */

static void data_that_is_not_of_ones_and_zeros_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"attack = sda\n", "event recordings"},
        {"dataset = nmnist\ndataset.saturation = 2\nattack = sda\n",
         "saturation"},
        {"dataset = nmnist\nattack = sda\n", NULL}};
    struct arena arena = arena_open();
    for (size_t i = 0; i < 3; i++) {
        struct spec spec = small_spec(cases[i].text, &arena);
        const char *objection = spec_objection(&spec, &arena);
        assert_true(!objection == !cases[i].part);
        assert_true(!objection || strstr(objection, cases[i].part));
    }
    arena_close(&arena);
}

/* A budget takes what was found within it, and frames stay frames. */
static void check_budget(const struct siege *siege, double budget)
{
    size_t n = siege->victim.n_pixels;
    for (size_t i = 0; i < siege->n; i++) {
        double n_flips = 0;
        for (size_t k = i * n; k < (i + 1) * n; k++) {
            float out = siege->adversarial[k];
            assert_true(out == 0 || out == 1);
            n_flips += out != siege->batch.images[k];
        }
        assert_true(n_flips <= budget);
        assert_true(n_flips == 0 || n_flips == siege->found_at[i]);
    }
}

static void attack_frames(const struct spec *spec,
                          const struct data_set *data, struct arena *arena)
{
    static const double budgets[] = {0, 10, 50, 400};
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    struct spec cell = spec_without_attack(*spec);
    struct weights weights;
    struct record record;
    struct siege siege;
    uint8_t predicted[20];
    uint32_t n_forward[20] = {0}, n_backward[20] = {0};
    size_t n_before = 21;
    trial_train(&cell, data, &hooks, arena, &weights, &record);
    siege_lay_out(&siege, spec, NULL, data, 20, hooks.means, arena);
    memcpy(siege.model->weights, weights.at, weights.n * sizeof(float));
    siege_begin(&siege, 0, 20);
    for (size_t e = 0; e < 4; e++) {
        struct siege_sums sums = {0};
        siege_attack(&siege, budgets[e], predicted, &sums, n_forward,
                     n_backward);
        check_budget(&siege, budgets[e]);
        assert_true(sums.n_correct <= n_before);
        n_before = sums.n_correct;
        assert_true(e != 0 || sums.n_correct > 12);
    }
    assert_true(n_before < 3);
}

/* Events binned into frames, a net that has learned a little. */
static void frames_of_real_recordings_stay_ones_and_zeros(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    const char *folder = data_scene_real(&scene, "nmnist", "train1K.txt");
    if (!folder) {
        data_scene_remove(&scene);
        skip();
    }
    const char *text = arena_print(
        &scene.arena,
        "dataset = nmnist\ndataset.folder = \"%s\"\n"
        "dataset.n_train = 300\ndataset.n_test = 20\ndataset.n_frames = 3\n"
        "encoding = events\nnetwork = mlp\nnetwork.hidden = [16]\n"
        "network.normalize_linear = true\nnetwork.n_steps = 3\n"
        "training.n_epochs = 8\ntraining.batch_size = 10\nattack = sda\n"
        "attack.epsilons = [0, 10, 50, 400]\nattack.n_iterations = 12\n",
        folder);
    struct spec spec = small_spec(text, &scene.arena);
    struct data_set data =
        data_scene_open(&scene, spec.at[SPEC_DATASET]);
    attack_frames(&spec, &data, &scene.arena);
    data_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_classes_the_fewest_flips_are_found),
        cmocka_unit_test(a_flip_that_does_alone_is_found_among_more_classes),
        cmocka_unit_test(entries_that_are_no_ones_or_zeros_are_left_alone),
        cmocka_unit_test(a_sample_that_holds_out_costs_what_the_source_says),
        cmocka_unit_test(without_a_gradient_entries_are_tried_at_random),
        cmocka_unit_test(it_takes_the_memory_that_was_foretold),
        cmocka_unit_test(data_that_is_not_of_ones_and_zeros_is_refused),
        cmocka_unit_test(frames_of_real_recordings_stay_ones_and_zeros),
    };
    return cmocka_run_group_tests_name("attack_sda", tests, NULL, NULL);
}
