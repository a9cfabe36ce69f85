#include "tests/matrix_scene.h"
#include "core/rng.h"
#include "io/bytes.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { FGSM = 0, PGD = 1, NOISE = 3 }; /* of fake_attacks */

const struct matrix_attack matrix_attacks[N_ATTACKS] = {
    {PGD, "attack_surrogate = own\nattack_surrogate.scale = 1\n",
     "pgd own scale=1"},
    {PGD, "attack_surrogate = own\nattack_surrogate.scale = 2\n",
     "pgd own scale=2"},
    {PGD, "attack_surrogate = atan\n", "pgd atan"},
    {PGD, "attack_surrogate = sigmoid\n", "pgd sigmoid"},
    {FGSM, "attack_surrogate = own\n", "fgsm own scale=1"},
    {NOISE, "attack_surrogate = own\n", "gaussian"}, /* through nothing */
};

const char *const matrix_labels[N_THROUGH] = {"own scale=1", "own scale=2",
                                              "atan", "sigmoid"};

static const size_t cells[N_CELLS] = {0, 1, 4, 5};

static struct spec spec_of(struct matrix_scene *scene, size_t cell, size_t k)
{
    struct arena *arena = &scene->arena;
    struct spec spec;
    struct spec fake = fake_sweep_attack(&scene->sweep, cells[cell],
                                         matrix_attacks[k].kind, arena);
    fake.at[SPEC_ATTACK_SURROGATE] = (struct choice){NULL, NULL};
    assert_int_equal(
        spec_parse(arena_print(arena, "%s%s", spec_print(&fake, true, arena),
                               matrix_attacks[k].way),
                   &spec, arena),
        STATUS_OK);
    return spec;
}

/* Of the k-th attack: who is right is drawn for each sample and epsilon. */
static void draw(struct matrix_scene *scene, size_t cell, size_t k)
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

static void append(struct matrix_scene *scene, struct segment_writer *writer,
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

static void write_cell(struct matrix_scene *scene, size_t cell,
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

void matrix_open(struct matrix_scene *scene, size_t k)
{
    struct segment_writer writer;
    *scene = (struct matrix_scene){.arena = arena_open(),
                                    .sweep = fake_sweep_small};
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

void matrix_close(struct matrix_scene *scene)
{
    results_close(&scene->stage.results);
    store_stage_close(&scene->stage);
    arena_close(&scene->arena);
}

size_t matrix_trial(struct matrix_scene *scene, size_t cell)
{
    struct spec spec =
        fake_sweep_spec(&scene->sweep, cells[cell], &scene->arena);
    return results_stage_find_trial(&scene->stage.results, &spec);
}

size_t matrix_which(struct matrix_scene *scene, size_t k)
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

struct result_surrogates matrix_directly(const struct matrix_scene *scene,
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

double matrix_accuracy(struct matrix_scene *scene, size_t cell, size_t k,
                       size_t e)
{
    return record_f64(&scene->records[cell][k], FIELD_ROBUST_ACCURACY)[e];
}
