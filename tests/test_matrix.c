/* The surrogate matrix, from records to sweep.h5 to text. */
#include "analysis/columns.h"
#include "analysis/matrix.h"
#include "core/rng.h"
#include "io/bytes.h"
#include "tests/fake_record.h"
#include "tests/store_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two cells of two seeds each; FGSM through one surrogate, PGD through four,
 * which are here at several parameters. */
enum { N_CELLS = 4, N_ATTACKS = 5, N_THROUGH = 4 };

static const char *const attacks[N_ATTACKS] = {
    "attack_surrogate = own\nattack_surrogate.scale = 1\n",
    "attack_surrogate = own\nattack_surrogate.scale = 2\n",
    "attack_surrogate = atan\n",
    "attack_surrogate = sigmoid\n",
    "attack_surrogate = own\n", /* of FGSM */
};

static const char *const labels[N_THROUGH] = {"own scale=1", "own scale=2",
                                              "atan", "sigmoid"};

static const size_t cells[N_CELLS] = {0, 1, 4, 5};

struct scene {
    struct fake_sweep sweep;
    struct results_stage stage;
    struct record records[N_CELLS][N_ATTACKS], clean[N_CELLS];
    bool is_gone[N_CELLS][N_ATTACKS];
    struct arena arena;
};

static struct spec spec_of(struct scene *scene, size_t cell, size_t k)
{
    struct arena *arena = &scene->arena;
    struct spec spec;
    struct spec fake = fake_sweep_attack(&scene->sweep, cells[cell],
                                         k < N_THROUGH ? 1 : 0, arena);
    fake.at[SPEC_ATTACK_SURROGATE] = (struct choice){NULL, NULL};
    assert_int_equal(
        spec_parse(arena_print(arena, "%s%s", spec_print(&fake, true, arena),
                               attacks[k]),
                   &spec, arena),
        STATUS_OK);
    return spec;
}

/* Of the k-th attack: who is right is drawn for each sample and epsilon. */
static void draw(struct scene *scene, size_t cell, size_t k)
{
    struct record *record = &scene->records[cell][k];
    const uint8_t *label = record_u8(&scene->clean[cell], FIELD_LABEL);
    size_t n = record->extent[DIM_SAMPLE];
    struct rng_stream stream = {cell * N_ATTACKS + k, RNG_SYNTHETIC, 0};
    for (size_t e = 0; e < FAKE_EPSILONS; e++) {
        size_t n_right = 0;
        for (size_t i = 0; i < n; i++) {
            bool is_right = rng_word(stream, e * n + i) % 8 > e;
            record_u8(record, FIELD_ROBUST_PREDICTION)[e * n + i] =
                is_right ? label[i] : (uint8_t)((label[i] + 1) % 10);
            n_right += is_right;
        }
        record_f64(record, FIELD_ROBUST_ACCURACY)[e] =
            (double)n_right / (double)n;
    }
}

static void append(struct scene *scene, struct segment_writer *writer,
                   const struct spec *spec, const struct record *record)
{
    struct bytes bytes = {0}, packed = {0};
    struct outcome outcome =
        fake_sweep_outcome(&scene->sweep, spec, &bytes, &scene->arena);
    record_pack(record, &packed);
    outcome.record = packed.at;
    outcome.n_record_bytes = packed.n;
    segment_append(writer, &outcome);
    bytes_free(&bytes);
    bytes_free(&packed);
}

static void write_cell(struct scene *scene, size_t cell,
                       struct segment_writer *writer)
{
    struct arena *arena = &scene->arena;
    struct spec bare = fake_sweep_spec(&scene->sweep, cells[cell], arena);
    scene->clean[cell] = fake_record_train(&scene->sweep, &bare, arena);
    append(scene, writer, &bare, &scene->clean[cell]);
    for (size_t k = 0; k < N_ATTACKS; k++) {
        struct spec spec = spec_of(scene, cell, k);
        scene->records[cell][k] =
            fake_record_attack(&scene->sweep, &spec, arena);
        draw(scene, cell, k);
        if (!scene->is_gone[cell][k])
            append(scene, writer, &spec, &scene->records[cell][k]);
    }
}

/* Without the k-th attack of the first cell; N_ATTACKS: with all. */
static void scene_open(struct scene *scene, size_t k)
{
    struct segment_writer writer;
    *scene = (struct scene){.arena = arena_open(), .sweep = fake_sweep_small};
    scene->sweep.n_seeds = 2;
    scene->sweep.n_test = 123; /* no ties in what is rounded */
    if (k < N_ATTACKS)
        scene->is_gone[0][k] = true;
    scene->stage = store_stage_open(&scene->sweep);
    assert_int_equal(
        segment_open(store_stage_segments(&scene->stage), &writer), STATUS_OK);
    for (size_t i = 0; i < N_CELLS; i++)
        write_cell(scene, i, &writer);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
    store_stage_read(&scene->stage);
}

static void scene_close(struct scene *scene)
{
    results_close(&scene->stage.results);
    store_stage_close(&scene->stage);
    arena_close(&scene->arena);
}

static size_t find_trial(struct scene *scene, size_t cell)
{
    struct spec spec =
        fake_sweep_spec(&scene->sweep, cells[cell], &scene->arena);
    return results_stage_find_trial(&scene->stage.results, &spec);
}

static size_t find_attack(struct scene *scene, size_t k)
{
    struct spec spec = spec_of(scene, 0, k);
    const struct results *results = &scene->stage.results;
    for (size_t i = 0; i < results->n_attacks; i++)
        if (strstr(spec_print(&spec, false, &scene->arena),
                   results->attacks[i].spec))
            return i;
    fail_msg("no attack %zu", k);
    return 0;
}

/* The same, straight from the records of attacks first to end. */
static struct result_surrogates directly(const struct scene *scene,
                                         size_t cell, size_t first, size_t end,
                                         size_t e)
{
    size_t n = scene->records[cell][0].extent[DIM_SAMPLE];
    const uint8_t *label = record_u8(&scene->clean[cell], FIELD_LABEL);
    struct result_surrogates all = {0, 0, 0};
    double lowest = 1, highest = 0;
    for (size_t i = 0; i < n; i++) {
        double minimum = 1;
        for (size_t k = first; k < end; k++)
            if (!scene->is_gone[cell][k] &&
                record_u8(&scene->records[cell][k],
                          FIELD_ROBUST_PREDICTION)[e * n + i] != label[i])
                minimum = 0;
        all.worst += minimum / (double)n;
    }
    for (size_t k = first; k < end; k++) {
        if (scene->is_gone[cell][k])
            continue;
        double accuracy =
            record_f64(&scene->records[cell][k], FIELD_ROBUST_ACCURACY)[e];
        lowest = fmin(lowest, accuracy);
        highest = fmax(highest, accuracy);
        all.n++;
    }
    all.spread = highest - lowest;
    return all;
}

static void assert_stored(struct scene *scene, size_t cell, size_t k)
{
    size_t trial = find_trial(scene, cell), attack = find_attack(scene, k);
    size_t first = k < N_THROUGH ? 0 : N_THROUGH;
    size_t end = k < N_THROUGH ? N_THROUGH : N_ATTACKS;
    for (size_t e = 0; e < FAKE_EPSILONS; e++) {
        struct result_surrogates stored =
            results_surrogates(&scene->stage.results, trial, attack, e);
        struct result_surrogates wanted =
            directly(scene, cell, first, end, e);
        if (scene->is_gone[cell][k]) {
            assert_int_equal(stored.n, 0);
            assert_true(isnan(stored.worst) && isnan(stored.spread));
            continue;
        }
        assert_int_equal(stored.n, wanted.n);
        assert_true(fabs(stored.worst - wanted.worst) < 1e-12);
        assert_true(fabs(stored.spread - wanted.spread) < 1e-12);
        assert_true(stored.worst <=
                    results_accuracy(&scene->stage.results, trial, attack, e));
    }
}

static void what_is_stored_is_what_predictions_say(void **state)
{
    (void)state;
    struct scene scene;
    for (size_t gone = 2; gone <= N_ATTACKS; gone += N_ATTACKS - 2) {
        scene_open(&scene, gone);
        for (size_t i = 0; i < N_CELLS; i++)
            for (size_t k = 0; k < N_ATTACKS; k++)
                assert_stored(&scene, i, k);
        scene_close(&scene);
    }
}

/* text ---------------------------------------------------------------- */

static char *print(const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(matrix_print(results, out), STATUS_OK);
    fclose(out);
    return text;
}

/* "71.2 (1.3)" of two values in 0 to 1. */
static const char *pair(struct scene *scene, double a, double b)
{
    return arena_print(&scene->arena, "%.1f (%.1f)", 100 * (a + b) / 2,
                       100 * fabs(a - b) / sqrt(2));
}

/* The row of a table, of two seeds, as it has to stand there. */
static const char *row_of(struct scene *scene, const char *label,
                          double (*value)(struct scene *scene, size_t cell,
                                          size_t k, size_t e),
                          size_t cell, size_t k)
{
    const char *row = arena_print(&scene->arena, "\n  %-28s", label);
    for (size_t e = 1; e < FAKE_EPSILONS; e++)
        row = arena_print(&scene->arena, "%s%15s", row,
                          pair(scene, value(scene, cell, k, e),
                               value(scene, cell + 1, k, e)));
    return arena_print(&scene->arena, "%s\n", row);
}

static double accuracy_of(struct scene *scene, size_t cell, size_t k, size_t e)
{
    return record_f64(&scene->records[cell][k], FIELD_ROBUST_ACCURACY)[e];
}

static double worst_of(struct scene *scene, size_t cell, size_t k, size_t e)
{
    (void)k;
    return directly(scene, cell, 0, N_THROUGH, e).worst;
}

static double spread_of(struct scene *scene, size_t cell, size_t k, size_t e)
{
    (void)k;
    return directly(scene, cell, 0, N_THROUGH, e).spread;
}

static void rows_are_means_and_deviations_over_seeds(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, N_ATTACKS);
    char *text = print(&scene.stage.results);
    for (size_t cell = 0; cell < N_CELLS; cell += 2) {
        for (size_t k = 0; k < N_THROUGH; k++)
            text_assert_has(text,
                            row_of(&scene, labels[k], accuracy_of, cell, k));
        text_assert_has(text,
                        row_of(&scene, "worst case of 4", worst_of, cell, 0));
        text_assert_has(text, row_of(&scene, "spread", spread_of, cell, 0));
    }
    text_assert_has(text, "\npgd\n");
    assert_null(strstr(text, "fgsm"));
    assert_int_equal(text_count(text, "clean "), 2);
    free(text);
    scene_close(&scene);
}

static void what_is_missing_is_told(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 2);
    char *text = print(&scene.stage.results);
    text_assert_has(text, "worst case of 3 to 4 ");
    text_assert_has(text, "worst case of 4 ");
    free(text);
    scene_close(&scene);
}

static void lines_are_short_enough(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, N_ATTACKS);
    char *text = print(&scene.stage.results);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 120);
    free(text);
    scene_close(&scene);
}

static void a_sweep_of_one_surrogate_is_told_how_to_have_more(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    char *text = print(&stage.results);
    text_assert_has(text, "surrogate = \"matrix\"");
    for (size_t i = 0; i < stage.results.n_trials; i++)
        for (size_t k = 0; k < FAKE_ATTACKS; k++) {
            struct result_surrogates alone =
                results_surrogates(&stage.results, i, k, 2);
            assert_int_equal(alone.n, 1);
            assert_true(alone.spread == 0);
        }
    free(text);
    results_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_what_predictions_say),
        cmocka_unit_test(rows_are_means_and_deviations_over_seeds),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(lines_are_short_enough),
        cmocka_unit_test(a_sweep_of_one_surrogate_is_told_how_to_have_more),
    };
    return cmocka_run_group_tests_name("matrix", tests, NULL, NULL);
}
