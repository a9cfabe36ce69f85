/* The Square attack against a plain statement of it. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include "core/rng.h"

#include <math.h>
#include <string.h>

enum { HEIGHT = 9, WIDTH = 7, N_CHANNELS = 2, N = 3 };
enum { N_PIXELS = HEIGHT * WIDTH * N_CHANNELS, N_QUERIES = 400 };

/* Grey levels and an epsilon whose sums are exact. */
static void open_grey(struct stage *stage, enum fake_shape shape)
{
    stage_open_grey(stage, shape, N, N_PIXELS);
    stage->victim.shape = (struct image_shape){HEIGHT, WIDTH, N_CHANNELS};
}

/* a plain twin -------------------------------------------------------- */

/* The authors' table of p, for 10000 queries, read off at their places. */
static double twin_share(size_t i, size_t n_queries)
{
    size_t at = (size_t)((double)i / (double)n_queries * 10000 + 1e-9);
    return at <= 10     ? 0.8
           : at <= 50   ? 0.8 / 2
           : at <= 200  ? 0.8 / 4
           : at <= 500  ? 0.8 / 8
           : at <= 1000 ? 0.8 / 16
           : at <= 2000 ? 0.8 / 32
           : at <= 4000 ? 0.8 / 64
           : at <= 6000 ? 0.8 / 128
           : at <= 8000 ? 0.8 / 256
                        : 0.8 / 512;
}

static float end_of(const struct stage *stage, size_t at, uint32_t word,
                    float epsilon)
{
    float moved = stage->clean[at] + (word & 0x80000000 ? epsilon : -epsilon);
    return fminf(fmaxf(moved, 0), 1);
}

static float loss_of(const struct stage *stage, size_t i, const float *image)
{
    uint8_t predicted;
    return fake_loss(&stage->fake, image, stage->labels[i], stage->ids[i],
                     &predicted);
}

static void twin_window(const struct stage *stage, size_t i, size_t i_query,
                        float epsilon, float *image)
{
    struct rng_stream stream = {stage->batch.seed, RNG_ATTACK_SEARCH,
                                rng_lane(stage->ids[i], i_query)};
    double side = sqrt(twin_share(i_query, N_QUERIES) * HEIGHT * WIDTH);
    size_t s = side < 1 ? 1 : (size_t)floor(side + 0.5);
    size_t h = s < HEIGHT ? s : HEIGHT, w = s < WIDTH ? s : WIDTH;
    double row = rng_word(stream, 0) * 0x1p-32, column = rng_word(stream, 1);
    size_t top = (size_t)(row * (double)(HEIGHT - h + 1));
    size_t left = (size_t)(column * 0x1p-32 * (double)(WIDTH - w + 1));
    for (size_t y = top; y < top + h; y++)
        for (size_t x = left; x < left + w; x++)
            for (size_t c = 0; c < N_CHANNELS; c++) {
                size_t at = (y * WIDTH + x) * N_CHANNELS + c;
                image[at] = end_of(stage, i * N_PIXELS + at,
                                   rng_word(stream, 2 + c), epsilon);
            }
}

/* Returns how many windows were of use. */
static size_t twin_search(const struct stage *stage, size_t i, float epsilon,
                          float *best)
{
    struct rng_stream stream = {stage->batch.seed, RNG_ATTACK_START,
                                rng_lane(stage->ids[i], 0)};
    float image[N_PIXELS];
    size_t n_better = 0;
    for (size_t k = 0; k < N_PIXELS; k++)
        best[k] = end_of(stage, i * N_PIXELS + k,
                         rng_word(stream, k % (WIDTH * N_CHANNELS)), epsilon);
    float highest = loss_of(stage, i, best);
    for (size_t q = 0; q < N_QUERIES; q++) {
        memcpy(image, best, sizeof image);
        twin_window(stage, i, q, epsilon, image);
        if (!(loss_of(stage, i, image) > highest))
            continue;
        highest = loss_of(stage, i, image);
        memcpy(best, image, sizeof image);
        n_better++;
    }
    return n_better;
}

static void the_search_is_that_of_a_plain_twin(void **state)
{
    (void)state;
    static const enum fake_shape shapes[] = {FAKE_LINEAR, FAKE_BOWL};
    const struct attack *square = stage_attack("square");
    for (size_t s = 0; s < 2; s++) {
        struct stage stage;
        open_grey(&stage, shapes[s]);
        stage.fake.stubborn = true;
        void *params = stage_params(&stage, square, "n_queries", "400");
        stage_run(&stage, square, params, 0.25f);
        for (size_t i = 0; i < N; i++) {
            float best[N_PIXELS];
            size_t n_better = twin_search(&stage, i, 0.25f, best);
            assert_true(n_better > 10);
            assert_memory_equal(stage.batch.adversarial + i * N_PIXELS, best,
                                sizeof best);
        }
        assert_int_equal(stage.n_forward, N * (N_QUERIES + 2));
        stage_close(&stage);
    }
}

/* what comes of it ---------------------------------------------------- */

static void every_pixel_ends_at_one_end_of_the_ball(void **state)
{
    (void)state;
    const struct attack *square = stage_attack("square");
    struct stage stage;
    stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.victim.shape = (struct image_shape){HEIGHT, WIDTH, N_CHANNELS};
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, square, "n_queries", "100");
    stage_run(&stage, square, params, 0.1f);
    for (size_t i = 0; i < N * N_PIXELS; i++) {
        float low = fmaxf(stage.clean[i] - 0.1f, 0);
        float high = fminf(stage.clean[i] + 0.1f, 1);
        float out = stage.batch.adversarial[i];
        assert_true(stage_near(out, low) || stage_near(out, high));
    }
    stage_close(&stage);
}

/* With its 5000 queries, on a net whose best image is FGSM's. */
static void on_a_linear_net_it_finds_what_the_gradient_tells(void **state)
{
    (void)state;
    const struct attack *square = stage_attack("square");
    const struct attack *fgsm = stage_attack("fgsm");
    struct stage stage;
    float found[N], best[N];
    open_grey(&stage, FAKE_LINEAR);
    stage.fake.stubborn = true;
    stage_run(&stage, fgsm, stage_params(&stage, fgsm, NULL, NULL), 0.125f);
    stage_find_losses(&stage, best);
    stage_run(&stage, square, stage_params(&stage, square, NULL, NULL),
              0.125f);
    stage_find_losses(&stage, found);
    for (size_t i = 0; i < N; i++)
        assert_true(found[i] > 0.999f * best[i]);
    assert_int_equal(stage.n_backward, 0);
    stage_close(&stage);
}

/* The loss is the sum of the pixels, all of which are white. */
static void a_search_that_gets_no_higher_leaves_the_clean_image(void **state)
{
    (void)state;
    const struct attack *square = stage_attack("square");
    struct stage stage;
    open_grey(&stage, FAKE_TRAP);
    stage.fake.trap_from = 2;
    for (size_t i = 0; i < N * N_PIXELS; i++)
        stage.clean[i] = 1;
    void *params = stage_params(&stage, square, "n_queries", "50");
    stage_run(&stage, square, params, 0.25f);
    assert_memory_equal(stage.batch.adversarial, stage.clean,
                        N * N_PIXELS * sizeof *stage.clean);
    stage_close(&stage);
}

/* A window that covers the first pixel turns it brighter or darker; only what
 * the trap holds is wrong, and the sample leaves with it. */
static void a_sample_leaves_with_the_first_window_that_wins(void **state)
{
    (void)state;
    const struct attack *square = stage_attack("square");
    struct stage stage;
    open_grey(&stage, FAKE_TRAP);
    stage.fake.trap_from = 0.55f;
    stage.fake.trap_to = 1;
    void *params = stage_params(&stage, square, NULL, NULL);
    stage_run(&stage, square, params, 0.25f);
    for (size_t i = 0; i < N; i++)
        assert_true(stage.batch.adversarial[i * N_PIXELS] > 0.55f);
    assert_true(stage.n_forward < N * 100);
    stage_close(&stage);
}

static void a_rehearsal_is_shorter_and_says_so(void **state)
{
    (void)state;
    static const char *const n_queries[] = {"5000", "60"};
    const struct attack *square = stage_attack("square");
    for (size_t k = 0; k < 2; k++) {
        struct stage stage;
        open_grey(&stage, FAKE_LINEAR);
        stage.batch.all_stay = true;
        void *params =
            stage_params(&stage, square, "n_queries", n_queries[k]);
        struct arena scratch = arena_open();
        stage.batch.scratch = &scratch;
        stage.batch.share = 1;
        for (size_t i = 0; i < N; i++)
            stage.epsilon[i] = 0.25f;
        square->run(params, &stage.victim, &stage.batch);
        double n_whole = k ? 62 : 5002;
        double n_asked = (double)stage.fake.n_forward / N;
        assert_true(fabs(n_asked - n_whole * stage.batch.share) < 1e-9);
        assert_true(k ? n_asked == n_whole : n_asked < 110);
        arena_close(&scratch);
        stage_close(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_is_that_of_a_plain_twin),
        cmocka_unit_test(every_pixel_ends_at_one_end_of_the_ball),
        cmocka_unit_test(on_a_linear_net_it_finds_what_the_gradient_tells),
        cmocka_unit_test(a_search_that_gets_no_higher_leaves_the_clean_image),
        cmocka_unit_test(a_sample_leaves_with_the_first_window_that_wins),
        cmocka_unit_test(a_rehearsal_is_shorter_and_says_so),
    };
    return cmocka_run_group_tests_name("attack_square", tests, NULL, NULL);
}
