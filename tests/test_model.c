/* The engine against its plain twin, over a matrix of networks. */
#include "tests/test.h"

#include "tests/plain_parts.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

static struct twins_errors worst;

static void note(struct twins_errors errors)
{
    worst.logits = fmax(worst.logits, errors.logits);
    worst.loss = fmax(worst.loss, errors.loss);
    worst.parameters = fmax(worst.parameters, errors.parameters);
    worst.images = fmax(worst.images, errors.images);
    worst.statistics = fmax(worst.statistics, errors.statistics);
}

static bool all_small(struct twins_errors errors)
{
    return errors.logits < 1e-5 && errors.loss < 1e-5 &&
           errors.parameters < 1e-4 && errors.images < 1e-4 &&
           errors.statistics < 1e-5;
}

static void run_and_compare(struct twins *twins)
{
    twins_run(twins);
    size_t n_other = twins_count_other_spikes(twins);
    struct twins_errors errors = twins_compare(twins);
    note(errors);
    if (n_other > 0 || !all_small(errors))
        fail_msg("%zu images, %s: %zu other spikes, errors of logits %g, loss "
                 "%g, parameters %g, images %g, statistics %g in\n%s",
                 twins->batch.n, twins->train ? "train" : "test", n_other,
                 errors.logits, errors.loss, errors.parameters, errors.images,
                 errors.statistics, spec_print(&twins->spec, false,
                                               &twins->arena));
}

static void expect_twins(const char *text, struct image_shape shape,
                         size_t n_images, bool train)
{
    struct twins twins;
    twins_open(&twins, text, shape, n_images, train);
    run_and_compare(&twins);
    twins_close(&twins);
}

/* the matrix ---------------------------------------------------------- */

static const char *const encodings[] = {
    "encoding = direct\n", "encoding = poisson\n", "encoding = latency\n"};
static const char *const normalizations[] = {
    "normalization = none\n", "normalization = batch\n",
    "normalization = tdbn\nnormalization.alpha = 1.2\n"};
static const char *const neurons[] = {
    "neuron = lif\n", "neuron = lif\nneuron.reset = soft\n",
    "neuron = if\nneuron.detach_reset = true\n",
    "neuron = if\nneuron.reset = soft\nneuron.detach_reset = true\n"
    "neuron.threshold = 0.7\n"};
static const char *const surrogates[] = {
    "surrogate = triangular\n", "surrogate = rectangular\n",
    "surrogate = sigmoid\n", "surrogate = superspike\nsurrogate.slope = 10\n",
    "surrogate = atan\n"};
static const char *const regularizers[] = {
    "regularizer = none\n",
    "regularizer = mpd_sgr\nregularizer.weight = 0.5\n"
    "regularizer.range = 0.6\n"};
static const struct {
    size_t n_steps, n_images;
} sizes[] = {{1, 3}, {4, 1}, {5, 3}, {4, 3}};

/* All pairs of encoding, normalization, neuron and size; surrogates and
 * regularizers take turns. Where all rows of a batch are one and the same row
 * (a linear layer of one image; the latency code of a single step, which is
 * 1 everywhere) normalization divides rounding errors by nothing: left out. */
static void run_matrix(const char *network, struct image_shape shape)
{
    for (size_t i = 0; i < 3 * 3 * 4 * 4; i++) {
        struct arena arena = arena_open();
        size_t n_steps = sizes[i / 36].n_steps;
        size_t n_images = sizes[i / 36].n_images;
        bool same = i % 3 == 2 && n_steps == 1;
        const char *text = arena_print(
            &arena,
            "%s%s%s%s%s%snetwork.n_steps = %zu\n"
            "network.normalize_linear = %s\n",
            network, encodings[i % 3],
            normalizations[same ? 0 : i / 3 % 3], neurons[i / 9 % 4],
            surrogates[i % 5], regularizers[i / 2 % 2], n_steps,
            n_images > 1 ? "true" : "false");
        expect_twins(text, shape, n_images, true);
        expect_twins(text, shape, n_images, false);
        arena_close(&arena);
    }
}

static const struct image_shape odd = {7, 9, 3};

static void an_mlp_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = mlp\nnetwork.hidden = [33, 5]\n", odd);
}

static void a_csnn_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = csnn\nnetwork.channels = [5, 33]\n"
               "network.hidden = [6]\n",
               odd);
}

static void a_csnn_of_maxima_does_what_its_plain_twin_does(void **state)
{
    (void)state;
    run_matrix("network = csnn\nnetwork.channels = [3]\nnetwork.pool = max\n"
               "network.hidden = [5]\n",
               odd);
}

/* sizes --------------------------------------------------------------- */

/* Sizes at which tiles, chunks and products come in several pieces, the last
 * of them incomplete. */
static void sizes_beyond_a_tile_are_no_exception(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct image_shape shape;
        size_t n_images;
    } cases[] = {
        {"network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [70, 35]\n"
         "network.hidden = [4]\n", {8, 6, 1}, 2},
        {"network = csnn\nnetwork.n_steps = 32\nnetwork.channels = [33]\n"
         "network.hidden = [3]\nencoding = poisson\n", {5, 4, 1}, 2},
        {"network = csnn\nnetwork.n_steps = 2\nnetwork.channels = [6, 9]\n"
         "network.hidden = [8]\nregularizer = mpd_sgr\n", {28, 28, 1}, 3},
        {"network = csnn\nnetwork.n_steps = 2\nnetwork.channels = [300, 3]\n"
         "network.hidden = [4]\n", {4, 5, 1}, 2},
        {"network = mlp\nnetwork.n_steps = 3\nnetwork.hidden = [1100]\n",
         {6, 6, 1}, 2},
        {"network = mlp\nnetwork.n_steps = 32\nnetwork.hidden = [40, 35]\n"
         "encoding = latency\n", {6, 5, 1}, 20},
        {"network = mlp\nnetwork.n_steps = 1\nnetwork.hidden = [17]\n"
         "network.normalize_linear = true\n", {3, 3, 1}, 300},
        {"network = csnn\nnetwork.n_steps = 4\nnetwork.channels = [1, 1]\n"
         "network.hidden = [1]\n", {4, 4, 1}, 9},
        {"network = mlp\nnetwork.hidden = [60]\n", {1, 3, 1}, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_twins(cases[i].text, cases[i].shape, cases[i].n_images, true);
        expect_twins(cases[i].text, cases[i].shape, cases[i].n_images, false);
    }
}

/* A channel that never spikes sits at x = -V_th, where the regularizer is
 * steepest if its range is V_th, and hardly varies. */
static void a_nearly_silent_network_is_regularized_like_any_other(void **state)
{
    (void)state;
    static const double spreads[] = {0.3, 0.03, 0.01, 0.001};
    for (size_t i = 0; i < 4; i++) {
        struct twins twins;
        twins_open(&twins,
                   "network = csnn\nnetwork.channels = [5, 6]\n"
                   "network.hidden = [4]\nnormalization = none\n"
                   "regularizer = mpd_sgr\nregularizer.weight = 1\n",
                   (struct image_shape){16, 14, 1}, 4, true);
        twins.spread = spreads[i];
        run_and_compare(&twins);
        twins_close(&twins);
    }
}

/* chunks -------------------------------------------------------------- */

static double relative(size_t n, const float *a, const float *b)
{
    double largest = 1e-12, most = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs((double)a[i]));
        most = fmax(most, fabs((double)a[i] - (double)b[i]));
    }
    return most / largest;
}

static void rechunk(struct twins *twins, size_t chunk)
{
    for (size_t i = 0; i < twins->model->n_layers; i++)
        twins->model->layers[i].chunk = chunk;
    twins_run_engine(twins);
}

static void check_chunks(const char *text, bool train)
{
    struct twins twins;
    twins_open(&twins, text, odd, 7, train);
    twins_run(&twins);
    size_t n = train ? twins.model->n_parameters : 7 * image_size(odd);
    const float *found = train ? twins.model->gradients : twins.d_images;
    float *before = ARENA_ARRAY(&twins.arena, float, n);
    memcpy(before, found, n * sizeof *before);
    static const size_t chunks[] = {1, 2, 3, 7, 100};
    for (size_t i = 0; i < 5; i++) {
        rechunk(&twins, chunks[i]);
        assert_int_equal(twins_count_other_spikes(&twins), 0);
        assert_true(relative(n, before, found) < 1e-5);
    }
    twins_close(&twins);
}

static void gradients_do_not_depend_on_chunks(void **state)
{
    (void)state;
    for (int train = 0; train < 2; train++) {
        check_chunks("network = csnn\nnetwork.channels = [5, 4]\n"
                     "network.hidden = [6]\nregularizer = mpd_sgr\n",
                     train);
        check_chunks("network = mlp\nnetwork.hidden = [20, 9]\n"
                     "encoding = poisson\n",
                     train);
    }
}

/* A step on black images. */
static void step_elsewhere(struct twins *twins)
{
    struct model_batch other = twins->batch;
    other.images =
        ARENA_ARRAY(&twins->arena, float, other.n * image_size(odd));
    model_forward_train(twins->model, &other);
    model_regularize(twins->model, 1, other.n);
    model_backward_train(twins->model, &other);
    model_forward_test(twins->model, &other, NULL);
}

static void a_step_depends_on_nothing_that_was_before(void **state)
{
    (void)state;
    struct twins fresh, used;
    struct twins *both[] = {&fresh, &used};
    for (size_t i = 0; i < 2; i++) {
        twins_open(both[i],
                   "network = csnn\nnetwork.channels = [5, 4]\n"
                   "network.hidden = [6]\nnetwork.normalize_linear = true\n"
                   "regularizer = mpd_sgr\n",
                   odd, 5, true);
        if (i == 1)
            step_elsewhere(&used);
        twins_run(both[i]);
    }
    size_t n_bytes = fresh.model->n_parameters * sizeof(float);
    assert_memory_equal(fresh.model->gradients, used.model->gradients,
                        n_bytes);
    step_elsewhere(&used);
    assert_memory_not_equal(fresh.model->gradients, used.model->gradients,
                            n_bytes);
    twins_run_engine(&used);
    assert_memory_equal(fresh.model->gradients, used.model->gradients,
                        n_bytes);
    twins_close(&fresh);
    twins_close(&used);
}

/* A gradient that is the same for all samples. */
static void push(struct model *model, size_t n)
{
    size_t n_classes = model->n_classes;
    for (size_t i = 0; i < n * n_classes; i++)
        model->d_logits[i] = i % n_classes == 0 ? 1 : -0.5f;
}

static void check_alone(const char *text, struct image_shape shape)
{
    struct twins twins;
    twins_open(&twins, text, shape, 7, false);
    twins_run(&twins);
    struct model *model = twins.model;
    size_t n_pixels = image_size(shape), n_classes = model->n_classes;
    float *logits = ARENA_ARRAY(&twins.arena, float, 7 * n_classes);
    float *d_image = ARENA_ARRAY(&twins.arena, float, n_pixels);
    memcpy(logits, model->logits, 7 * n_classes * sizeof *logits);
    push(model, 7);
    model_backward_images(model, &twins.batch, twins.d_images);
    for (size_t i = 0; i < 7; i++) {
        struct model_batch one = twins.batch;
        one.n = 1;
        one.images += i * n_pixels;
        one.ids += i;
        model_forward_test(model, &one, NULL);
        assert_memory_equal(model->logits, logits + i * n_classes,
                            n_classes * sizeof *logits);
        push(model, 1);
        model_backward_images(model, &one, d_image);
        assert_memory_equal(d_image, twins.d_images + i * n_pixels,
                            n_pixels * sizeof *d_image);
    }
    twins_close(&twins);
}

/* A sample's result in a test pass is its own: not a bit depends on who else
 * is in the batch. */
static void a_sample_does_not_notice_its_batch(void **state)
{
    (void)state;
    check_alone("network = csnn\nnetwork.channels = [12, 20]\n"
                "network.hidden = [30]\nencoding = poisson\n",
                odd);
    check_alone("network = csnn\nnetwork.channels = [40, 130]\n"
                "network.hidden = [33]\nencoding = latency\n"
                "network.pool = max\n",
                (struct image_shape){8, 9, 1});
    check_alone("network = mlp\nnetwork.hidden = [300, 17]\n",
                (struct image_shape){28, 28, 1});
}

/* watching ------------------------------------------------------------ */

struct tally {
    size_t n_steps;
    double sum[4][8], spikes[4][8];
    size_t n[4][8];
};

static void count_tile(void *self, size_t layer, size_t n_steps, size_t n,
                       const float *x, const float *s)
{
    struct tally *tally = self;
    assert_true(layer < 4 && n_steps == tally->n_steps);
    for (size_t i = 0; i < n_steps * n; i++) {
        tally->sum[layer][i / n] += (double)x[i];
        tally->spikes[layer][i / n] += (double)s[i];
        tally->n[layer][i / n]++;
    }
}

static void a_watch_sees_every_potential_once(void **state)
{
    (void)state;
    struct twins twins;
    twins_open(&twins,
               "network = csnn\nnetwork.n_steps = 5\n"
               "network.channels = [5, 33]\nnetwork.hidden = [6]\n",
               odd, 3, false);
    twins_run(&twins);
    struct tally tally = {.n_steps = 5};
    struct model_watch watch = {&tally, count_tile};
    model_forward_test(twins.model, &twins.batch, &watch);
    for (size_t i = 0; i < 3 * 5; i++) {
        const struct plain_layer *layer = &twins.plain->layers[i / 5];
        size_t n = plain_count_outputs(layer), t = i % 5;
        double sum = 0, spikes = 0;
        for (size_t k = 0; k < 3 * n; k++) {
            size_t at = (k / n * 5 + t) * n + k % n;
            sum += layer->x[at];
            spikes += layer->s[at];
        }
        assert_int_equal(tally.n[i / 5][t], 3 * n);
        assert_true(tally.spikes[i / 5][t] == spikes);
        assert_true(fabs(tally.sum[i / 5][t] - sum) <
                    1e-6 * (double)(3 * n));
    }
    twins_close(&twins);
}

static int print_worst(void **state)
{
    (void)state;
    print_message("largest relative errors: logits %.1e, loss %.1e, "
                  "parameters' gradients %.1e, images' gradients %.1e, "
                  "running statistics %.1e\n",
                  worst.logits, worst.loss, worst.parameters, worst.images,
                  worst.statistics);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_mlp_does_what_its_plain_twin_does),
        cmocka_unit_test(a_csnn_does_what_its_plain_twin_does),
        cmocka_unit_test(a_csnn_of_maxima_does_what_its_plain_twin_does),
        cmocka_unit_test(sizes_beyond_a_tile_are_no_exception),
        cmocka_unit_test(a_nearly_silent_network_is_regularized_like_any_other),
        cmocka_unit_test(gradients_do_not_depend_on_chunks),
        cmocka_unit_test(a_step_depends_on_nothing_that_was_before),
        cmocka_unit_test(a_sample_does_not_notice_its_batch),
        cmocka_unit_test(a_watch_sees_every_potential_once),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, print_worst);
}
