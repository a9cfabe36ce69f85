#include "core/augmentation.h"
#include "core/rng.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

/* Not square, two channels; no pixel is black and none is the other's like. */
enum { H = 5, W = 7, C = 2, SIZE = H * W * C, N = 3, N_DRAWS = 6000 };

static uint8_t pixels[N * SIZE], labels[N];

static struct data_set make_data(void)
{
    for (size_t i = 0; i < N * SIZE; i++)
        pixels[i] = (uint8_t)(1 + i);
    return (struct data_set){.shape = {H, W, C},
                             .n_classes = 2,
                             .train = {N, pixels, labels, NULL},
                             .mean = {0.125f, 0.375f}};
}

struct scene {
    struct arena arena;
    struct data_set data;
    const struct augmentation *standard;
    void *params;
};

static void set(struct scene *scene, const char *name, const char *text)
{
    const struct row *row = kind_find_row(&scene->standard->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, scene->params, &scene->arena),
                     STATUS_OK);
}

static struct scene open_scene(const char *crop, const char *flip,
                               const char *cutout)
{
    struct scene scene = {.arena = arena_open(), .data = make_data()};
    const struct kind *kind = kind_find(&augmentation_axis, "standard");
    assert_non_null(kind);
    scene.standard = augmentation_of(kind);
    scene.params = kind_defaults(kind, &scene.arena);
    set(&scene, "crop", crop);
    set(&scene, "flip", flip);
    set(&scene, "cutout", cutout);
    return scene;
}

static void draw(const struct scene *scene, size_t n, const uint32_t *ids,
                 uint64_t seed, uint32_t epoch, float *images)
{
    struct augmentation_batch batch = {&scene->data, n,     ids,
                                       seed,         epoch, images};
    scene->standard->draw(scene->params, &batch);
}

/* By its definition: the padded image, a piece of it, mirrored or not. */
static void crop_plainly(const uint8_t *from, int crop, int top, int left,
                         bool mirrored, float *to)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < C; c++) {
                int in_y = y + top - crop;
                int in_x = (mirrored ? W - 1 - x : x) + left - crop;
                bool inside = in_y >= 0 && in_y < H && in_x >= 0 && in_x < W;
                to[(y * W + x) * C + c] =
                    inside ? (float)from[(in_y * W + in_x) * C + c] / 255.0f
                           : 0.0f;
            }
}

/* within 4.5 standard errors of its share of the draws */
static bool is_share(size_t n_seen, double share)
{
    double error = sqrt(share * (1 - share) / N_DRAWS);
    return fabs((double)n_seen / N_DRAWS - share) < 4.5 * error;
}

static void crop_and_flip_are_uniform_over_all_pieces(void **state)
{
    (void)state;
    enum { CROP = 2, SIDE = 2 * CROP + 1 };
    struct scene scene = open_scene("2", "true", "0");
    size_t n_seen[2][SIDE][SIDE] = {{{0}}}, n_found = 0;
    static float pieces[2][SIDE][SIDE][SIZE];
    for (int i = 0; i < 2 * SIDE * SIDE; i++)
        crop_plainly(pixels + SIZE, CROP, i / 2 / SIDE, i / 2 % SIDE,
                     i % 2 == 1, pieces[i % 2][i / 2 / SIDE][i / 2 % SIDE]);
    for (uint32_t epoch = 0; epoch < N_DRAWS; epoch++) {
        float image[SIZE];
        uint32_t id = 1;
        draw(&scene, 1, &id, 3, epoch, image);
        for (size_t i = 0; i < 2 * SIDE * SIDE; i++)
            if (!memcmp(image, pieces[i % 2][i / 2 / SIDE][i / 2 % SIDE],
                        sizeof image)) {
                n_seen[i % 2][i / 2 / SIDE][i / 2 % SIDE]++;
                n_found++;
            }
    }
    assert_int_equal(n_found, N_DRAWS);
    for (size_t i = 0; i < 2 * SIDE * SIDE; i++)
        assert_true(is_share(n_seen[i % 2][i / 2 / SIDE][i / 2 % SIDE],
                             0.5 / (SIDE * SIDE)));
    arena_close(&scene.arena);
}

/* A hole of 3 x 3 around every pixel is equally likely, cut at the borders. */
static void cutout_is_a_square_of_the_mean_around_any_pixel(void **state)
{
    (void)state;
    struct scene scene = open_scene("0", "false", "3");
    size_t n_seen[H][W] = {{0}};
    for (uint32_t epoch = 0; epoch < N_DRAWS; epoch++) {
        float image[SIZE];
        uint32_t id = 0;
        long sum_y = 0, sum_x = 0, n = 0, low = H, left = W;
        draw(&scene, 1, &id, 3, epoch, image);
        for (long i = 0; i < H * W; i++) {
            const float *pixel = image + i * C;
            if (pixel[0] == (float)pixels[i * C] / 255.0f)
                continue;
            assert_true(pixel[0] == 0.125f && pixel[1] == 0.375f);
            low = i / W < low ? i / W : low;
            left = i % W < left ? i % W : left;
            sum_y += i / W;
            sum_x += i % W;
            n++;
        }
        long high = 2 * sum_y / n - low, right = 2 * sum_x / n - left;
        assert_int_equal(n, (high - low + 1) * (right - left + 1));
        long y = low > 0 ? low + 1 : high - 1;
        long x = left > 0 ? left + 1 : right - 1;
        assert_true(high == (y + 1 < H ? y + 1 : H - 1));
        assert_true(right == (x + 1 < W ? x + 1 : W - 1));
        n_seen[y][x]++;
    }
    for (size_t i = 0; i < H * W; i++)
        assert_true(is_share(n_seen[i / W][i % W], 1.0 / (H * W)));
    arena_close(&scene.arena);
}

static void without_any_the_image_is_as_it_is(void **state)
{
    (void)state;
    struct scene scene = open_scene("0", "false", "0");
    uint32_t ids[N] = {2, 0, 1}, places[N] = {1, 2, 0};
    float images[N * SIZE], plain[N * SIZE];
    uint8_t found[N];
    for (size_t i = 0; i < 2; i++) {
        draw(&scene, N, ids, 3, 5, images);
        data_gather(&scene.data, &scene.data.train, N, ids, plain, found);
        assert_memory_equal(images, plain, sizeof plain);
        scene.data.train.index = places;
    }
    assert_true(images[0] == (float)pixels[0] / 255.0f);
    arena_close(&scene.arena);
}

static void a_draw_depends_on_seed_epoch_and_sample_alone(void **state)
{
    (void)state;
    struct scene scene = open_scene("4", "true", "3");
    uint32_t ids[N] = {0, 1, 2}, turned[N] = {2, 0, 1};
    float first[N * SIZE], second[N * SIZE], one[SIZE];
    draw(&scene, N, ids, 3, 5, first);
    draw(&scene, N, turned, 3, 5, second);
    for (size_t i = 0; i < N; i++) {
        assert_memory_equal(second + i * SIZE, first + turned[i] * SIZE,
                            sizeof one);
        draw(&scene, 1, &ids[i], 3, 5, one);
        assert_memory_equal(one, first + i * SIZE, sizeof one);
    }
    draw(&scene, N, ids, 4, 5, second);
    assert_memory_not_equal(first, second, sizeof first);
    draw(&scene, N, ids, 3, 6, second);
    assert_memory_not_equal(first, second, sizeof first);
    arena_close(&scene.arena);
}

/* Cutout alone must leave crop and flip where they were, and so on. */
static void each_use_has_numbers_of_its_own(void **state)
{
    (void)state;
    struct scene whole = open_scene("1", "true", "1");
    struct scene part = open_scene("1", "true", "0");
    uint32_t ids[N] = {0, 1, 2};
    float first[N * SIZE], second[N * SIZE];
    size_t n_other = 0;
    draw(&whole, N, ids, 3, 5, first);
    draw(&part, N, ids, 3, 5, second);
    for (size_t i = 0; i < N * SIZE; i++)
        n_other += first[i] != second[i];
    assert_int_equal(n_other, N * C);
    arena_close(&whole.arena);
    arena_close(&part.arena);
}

/* in training ----------------------------------------------------------- */

static struct digest train(const char *text, size_t n_threads)
{
    struct small_trial trial;
    small_trial_open(&trial, text);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    hooks.means.n_threads = n_threads;
    trial_train(&trial.spec, &trial.data, &hooks, &trial.run, &trial.weights,
                &trial.record);
    struct digest digest =
        digest_of(trial.weights.at, trial.weights.n * sizeof(float));
    small_trial_close(&trial);
    return digest;
}

static void training_sees_it_on_any_number_of_threads(void **state)
{
    (void)state;
    const char *text = SMALL_CSNN "augmentation = standard\n";
    const char *off = SMALL_CSNN "augmentation = standard\n"
                                 "augmentation.crop = 0\n"
                                 "augmentation.flip = false\n";
    struct digest plain = train(SMALL_CSNN, 1), one = train(text, 1);
    assert_true(digest_equal(one, train(text, 3)));
    assert_false(digest_equal(one, plain));
    assert_true(digest_equal(plain, train(off, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crop_and_flip_are_uniform_over_all_pieces),
        cmocka_unit_test(cutout_is_a_square_of_the_mean_around_any_pixel),
        cmocka_unit_test(without_any_the_image_is_as_it_is),
        cmocka_unit_test(a_draw_depends_on_seed_epoch_and_sample_alone),
        cmocka_unit_test(each_use_has_numbers_of_its_own),
        cmocka_unit_test(training_sees_it_on_any_number_of_threads),
    };
    return cmocka_run_group_tests_name("augmentation", tests, NULL, NULL);
}
