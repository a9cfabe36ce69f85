/* What a batch does to its samples and to the next batch: nothing. And what can
 * be watched of it. */
#include "tests/test.h"

#include "tests/plain_parts.h"
#include "tests/twins.h"

#include <math.h>
#include <string.h>

static const struct image_shape odd = {7, 9, 3};

/* chunks -------------------------------------------------------------- */

static double relative(size_t n, const float *a, const float *b)
{
    double largest = 1e-12, most = 0;
    for (size_t i = 0; i < n; i++) {
        double size = fabs((double)a[i]);
        double distance = fabs((double)a[i] - (double)b[i]);
        largest = size > largest ? size : largest;
        most = distance > most ? distance : most;
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
        check_chunks("network = wrn16\nnetwork.width = 3\n"
                     "regularizer = mpd_sgr\n",
                     train);
        check_chunks("network = wrn16\nnetwork.width = 3\n"
                     "network.widening = 1\nnetwork.order = pre\n",
                     train);
        check_chunks("network = wrn16\nnetwork.width = 3\n"
                     "network.widening = 1\nnetwork.shortcut = membrane\n",
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

static void check_freshness(const char *text)
{
    struct twins fresh, used;
    struct twins *both[] = {&fresh, &used};
    for (size_t i = 0; i < 2; i++) {
        twins_open(both[i], text, odd, 5, true);
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

static void a_step_depends_on_nothing_that_was_before(void **state)
{
    (void)state;
    check_freshness("network = csnn\nnetwork.channels = [5, 4]\n"
                    "network.hidden = [6]\nnetwork.normalize_linear = true\n"
                    "regularizer = mpd_sgr\n");
    check_freshness("network = wrn16\nnetwork.width = 2\n"
                    "network.widening = 2\nregularizer = mpd_sgr\n");
    check_freshness("network = wrn16\nnetwork.width = 2\n"
                    "network.widening = 1\nnetwork.order = pre\n");
    check_freshness("network = wrn16\nnetwork.width = 2\n"
                    "network.widening = 1\nnetwork.shortcut = sew_add\n");
    check_freshness("network = wrn16\nnetwork.width = 2\n"
                    "network.widening = 1\nnetwork.shortcut = membrane\n");
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
    model_forward_test(model, &twins.batch, NULL);
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
    check_alone("network = wrn16\nnetwork.width = 4\n"
                "network.widening = 4\n",
                odd);
    check_alone("network = wrn16\nnetwork.width = 4\n"
                "network.widening = 1\nnetwork.order = pre\n",
                odd);
    check_alone("network = wrn16\nnetwork.width = 4\n"
                "network.widening = 4\nnetwork.shortcut = sew_iand\n",
                odd);
    check_alone("network = wrn16\nnetwork.width = 4\n"
                "network.widening = 1\nnetwork.shortcut = membrane\n"
                "attention = temporal_channel\n",
                odd);
    check_alone("network = mlp\nnetwork.hidden = [300, 17]\n",
                (struct image_shape){28, 28, 1});
}

/* watching ------------------------------------------------------------ */

struct tally {
    size_t n_steps;
    double sum[4][8], spikes[4][8];
    size_t n[4][8];
};

static void count_tile(void *self, size_t worker, size_t layer, size_t n_steps,
                       size_t n, const float *x, const float *s)
{
    (void)worker;
    struct tally *tally = self;
    assert_true(layer < 4 && n_steps == tally->n_steps);
    for (size_t i = 0; i < n_steps * n; i++) {
        tally->sum[layer][i / n] += (double)x[i];
        tally->spikes[layer][i / n] += (double)s[i];
        tally->n[layer][i / n]++;
    }
}

static void settle_nothing(void *self, size_t worker, size_t layer)
{
    (void)self, (void)worker, (void)layer;
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
    struct model_watch watch = {&tally, count_tile, settle_nothing};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_do_not_depend_on_chunks),
        cmocka_unit_test(a_step_depends_on_nothing_that_was_before),
        cmocka_unit_test(a_sample_does_not_notice_its_batch),
        cmocka_unit_test(a_watch_sees_every_potential_once),
    };
    return cmocka_run_group_tests_name("model, batches", tests, NULL, NULL);
}
