#include "core/spec.h"
#include "tests/encoding_stage.h"
#include "tests/test.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static struct sample make(const struct kind *kind, struct arena *arena)
{
    return (struct sample){encoding_of(kind), kind_defaults(kind, arena)};
}

static void for_all(void (*check)(struct sample sample))
{
    for (size_t k = 0; k < encoding_axis.n_kinds; k++) {
        struct arena arena = arena_open();
        check(make(encoding_axis.kinds[k], &arena));
        arena_close(&arena);
    }
}

static void set_flag(struct sample sample, const char *name, const char *text)
{
    struct arena arena = arena_open();
    const struct row *row = kind_find_row(&sample.encoding->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample.params, &arena), STATUS_OK);
    arena_close(&arena);
}

/* all kinds ----------------------------------------------------------- */

static void check_places(struct sample sample)
{
    float images[N_SHEET], whole[N_ROOM], alone[N_ROOM];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch_for(sample, images);
    encoding_stage_encode(sample, &batch, whole);
    size_t n_steps = sample.encoding->constant ? 1 : batch.n_steps;
    size_t n = encoding_stage_count_inputs(sample, &batch);
    for (size_t b = 0; b < N_IMAGES; b++) {
        struct encoding_batch one = batch;
        one.n_images = 1;
        one.images = images + b * N_PIXELS;
        one.ids = batch.ids + b;
        encoding_stage_encode(sample, &one, alone);
        for (size_t t = 0; t < n_steps; t++)
            assert_memory_equal(alone + t * n,
                                whole + (t * N_IMAGES + b) * n,
                                n * sizeof *whole);
    }
}

static void a_sample_is_encoded_alone_as_in_a_batch(void **state)
{
    (void)state;
    for_all(check_places);
}

static bool differs(struct sample sample, const struct encoding_batch *a,
                    const struct encoding_batch *b)
{
    float encoded_a[N_ROOM], encoded_b[N_ROOM];
    encoding_stage_encode(sample, a, encoded_a);
    encoding_stage_encode(sample, b, encoded_b);
    return memcmp(encoded_a, encoded_b, encoding_stage_count(sample, a) *
                                            sizeof *encoded_a) != 0;
}

static void check_randomness(struct sample sample)
{
    static const uint32_t others[N_IMAGES] = {8, 1, 70001, 5, 6, 13, 7};
    float images[N_SHEET];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch_for(sample, images);
    struct encoding_batch other[4];
    for (size_t i = 0; i < 4; i++)
        other[i] = batch;
    other[0].seed++;
    other[1].draw++;
    other[2].use = RNG_ENCODE_TRAIN;
    other[3].ids = others;
    assert_false(differs(sample, &batch, &batch));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(differs(sample, &batch, &other[i]),
                         sample.encoding->random);
}

static void what_is_random_depends_on_seed_use_id_and_draw(void **state)
{
    (void)state;
    for_all(check_randomness);
}

/* Whether the pixel spikes at some step. */
static bool spikes(const float *encoded, size_t pixel)
{
    bool any = false;
    for (size_t t = 0; t < N_STEPS; t++)
        any = any || encoded[t * N_SHEET + pixel] != 0;
    return any;
}

/* A gradient is linear in what comes from above; and where the kind says that
 * it passes by spikes alone, a pixel without any has none. */
static void check_backward(struct sample sample)
{
    float images[N_SHEET], encoded[N_ROOM], above[N_ROOM], half[N_ROOM];
    float d_images[N_SHEET + 1], d_half[N_SHEET + 1];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch_for(sample, images);
    encoding_stage_encode(sample, &batch, encoded);
    for (size_t i = 0; i < N_ROOM; i++) {
        above[i] = (float)sin((double)i + 1);
        half[i] = above[i] / 2;
    }
    d_images[N_SHEET] = d_half[N_SHEET] = -7;
    sample.encoding->backward(sample.params, &batch, encoded, above, d_images);
    sample.encoding->backward(sample.params, &batch, encoded, half, d_half);
    for (size_t i = 0; i < N_SHEET; i++) {
        bool passes = !sample.encoding->masked || spikes(encoded, i);
        assert_true(isfinite(d_images[i]));
        assert_true((d_images[i] != 0) == passes);
        assert_true(d_half[i] == d_images[i] / 2);
    }
    assert_true(d_images[N_SHEET] == -7 && d_half[N_SHEET] == -7);
}

static void every_pixel_gets_its_gradient(void **state)
{
    (void)state;
    for_all(check_backward);
}

/* events -------------------------------------------------------------- */

static void events_sends_a_frame_a_step(void **state)
{
    (void)state;
    enum { T = 4, N = 6, C = 2, N_EVENTS = N * T * C };
    struct arena arena = arena_open();
    struct sample events = encoding_stage_make("events", &arena);
    float images[N_EVENTS], encoded[N_EVENTS + 1], back[N_EVENTS];
    for (size_t i = 0; i < N_EVENTS; i++)
        images[i] = (float)i;
    struct encoding_batch batch = encoding_stage_batch(images);
    batch.n_steps = T;
    batch.n_images = 2;
    batch.n_pixels = N_EVENTS / 2;
    batch.n_channels = T * C;
    encoding_stage_encode(events, &batch, encoded);
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < N; i++)
            for (size_t c = 0; c < C; c++)
                assert_true(encoded[(t * N + i) * C + c] ==
                            (float)(i * T * C + t * C + c));
    events.encoding->backward(events.params, &batch, encoded, encoded, back);
    assert_memory_equal(back, images, sizeof images);
    arena_close(&arena);
}

static void expect_objection(const char *text, const char *part)
{
    struct arena arena = arena_open();
    struct spec spec;
    assert_int_equal(spec_parse(text, &spec, &arena), STATUS_OK);
    const char *objection = spec_objection(&spec, &arena);
    if (part)
        assert_non_null(strstr(objection, part));
    else
        assert_null(objection);
    arena_close(&arena);
}

static void events_needs_as_many_frames_as_steps(void **state)
{
    (void)state;
    expect_objection("encoding = events\n", "event recordings");
    expect_objection("dataset = nmnist\nencoding = events\n"
                     "dataset.n_frames = 10\n",
                     "n_frames");
    expect_objection("dataset = nmnist\nencoding = events\n"
                     "dataset.n_frames = 10\nnetwork = mlp\nnetwork.n_steps = 10\n",
                     NULL);
    expect_objection("dataset = nmnist\n", NULL);
}

/* direct -------------------------------------------------------------- */

static void direct_normalizes_each_channel(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample direct = encoding_stage_make("direct", &arena);
    float images[N_SHEET], encoded[N_ALL + 1];
    encoding_stage_fill(images);
    struct encoding_batch batch = encoding_stage_batch(images);
    encoding_stage_encode(direct, &batch, encoded);
    for (size_t i = 0; i < N_SHEET; i++) {
        size_t c = i % N_CHANNELS;
        float centred = images[i] - encoding_stage_mean[c];
        assert_true(encoded[i] == centred / encoding_stage_deviation[c]);
    }
    set_flag(direct, "normalize", "false");
    encoding_stage_encode(direct, &batch, encoded);
    assert_memory_equal(encoded, images, sizeof images);
    arena_close(&arena);
}

/* L = sum of weights times what every step sees, by central differences. */
static double weigh(struct sample direct, const float *images,
                    const float *weights)
{
    float encoded[N_ALL + 1];
    struct encoding_batch batch = encoding_stage_batch(images);
    double loss = 0;
    encoding_stage_encode(direct, &batch, encoded);
    for (size_t i = 0; i < N_ALL; i++)
        loss += (double)weights[i] * (double)encoded[i % N_SHEET];
    return loss;
}

static void expect_differences(struct sample direct)
{
    float images[N_SHEET], weights[N_ALL], sums[N_SHEET] = {0};
    float d_images[N_SHEET];
    encoding_stage_fill(images);
    for (size_t i = 0; i < N_ALL; i++) {
        weights[i] = (float)cos((double)i);
        sums[i % N_SHEET] += weights[i];
    }
    struct encoding_batch batch = encoding_stage_batch(images);
    direct.encoding->backward(direct.params, &batch, images, sums, d_images);
    for (size_t i = 0; i < N_SHEET; i += 13) {
        float pixel = images[i];
        images[i] = pixel + 0.25f;
        double above = weigh(direct, images, weights);
        images[i] = pixel - 0.25f;
        double below = weigh(direct, images, weights);
        images[i] = pixel;
        assert_true(fabs(2 * (above - below) - (double)d_images[i]) < 1e-4);
    }
}

static void directs_gradient_is_its_difference(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample direct = encoding_stage_make("direct", &arena);
    assert_true(direct.encoding->constant && direct.encoding->sums);
    expect_differences(direct);
    set_flag(direct, "normalize", "false");
    expect_differences(direct);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_encoded_alone_as_in_a_batch),
        cmocka_unit_test(what_is_random_depends_on_seed_use_id_and_draw),
        cmocka_unit_test(every_pixel_gets_its_gradient),
        cmocka_unit_test(events_sends_a_frame_a_step),
        cmocka_unit_test(events_needs_as_many_frames_as_steps),
        cmocka_unit_test(direct_normalizes_each_channel),
        cmocka_unit_test(directs_gradient_is_its_difference),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
