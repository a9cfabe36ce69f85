/* Evaluations in parts: bit for bit what all samples at once make. */
#include "core/record_join.h"
#include "io/outcome.h"
#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <string.h>

/* The last fits its surrogate to clean images. */
static const char *const networks[] = {
    SMALL_MLP, SMALL_CSNN "encoding = poisson\nregularizer = mpd_sgr\n",
    SMALL_CSNN "surrogate = pdsg\n"};
enum { N_NETWORKS = KIND_COUNT(networks), PARTS_MAX = 64 };

#define EPSILONS "attack.epsilons = [0, 0.02, 0.1, 0.3]\n"
#define BATCHES "attack.batch_size = 9\n"
static const char *const attacks[] = {
    "fgsm\n" EPSILONS BATCHES, "pgd\nattack.n_restarts = 2\n" EPSILONS,
    "bim\nattack.warm_start = true\nattack.n_bisections = 3\n" EPSILONS BATCHES,
    "gaussian\n" EPSILONS BATCHES};
enum { N_ATTACKS = KIND_COUNT(attacks) };

static struct small_trial trials[N_NETWORKS];

/* More samples than a batch. */
static int train_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NETWORKS; i++) {
        small_trial_train(&trials[i], networks[i]);
        trials[i].data.test = trials[i].data.train;
    }
    return 0;
}

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NETWORKS; i++)
        small_trial_close(&trials[i]);
    return 0;
}

/* A part as it comes out of the process that computes it. */
static struct record evaluate_part(const struct small_trial *trial,
                                   const struct spec *spec, struct span span,
                                   struct arena *arena)
{
    struct arena own = arena_open();
    struct bytes bytes = {0};
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    struct record record, read;
    assert_int_equal(trial_evaluate_part(spec, &trial->data, span,
                                         &trial->weights, &hooks, &own,
                                         &record),
                     STATUS_OK);
    assert_int_equal(watch.done, watch.total);
    assert_int_equal(watch.total, span.n * record.extent[DIM_EPSILON]);
    record_pack(&record, &bytes);
    assert_int_equal(record_unpack(bytes.at, bytes.n, arena, &read),
                     STATUS_OK);
    assert_true(span_equal(read.span, span));
    bytes_free(&bytes);
    arena_close(&own);
    return read;
}

static struct record evaluate_in_parts(const struct small_trial *trial,
                                       const struct spec *spec, size_t size,
                                       struct arena *arena)
{
    struct record parts[PARTS_MAX], whole;
    size_t total = trial_attack_samples(spec, trial->data.test.n), n = 0;
    for (size_t first = 0; first < total; first += size) {
        size_t left = total - first;
        struct span span = {first, size < left ? size : left, total};
        parts[n++] = evaluate_part(trial, spec, span, arena);
    }
    assert_int_equal(record_join(n, parts, arena, &whole), STATUS_OK);
    return whole;
}

static void assert_equal(const struct record *a, const struct record *b)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        size_t n = record_count(a, (enum record_field)i) *
                   record_type_size(record_rows[i].type);
        assert_int_equal(a->at[i] == NULL, b->at[i] == NULL);
        if (a->at[i] && memcmp(a->at[i], b->at[i], n) != 0)
            fail_msg("%s differs", record_rows[i].name);
    }
    assert_true(digest_equal(record_digest(a), record_digest(b)));
}

static void check_sizes(size_t network, const char *attack, size_t n_sizes,
                        const size_t *sizes)
{
    const struct small_trial *trial = &trials[network];
    struct evaluation whole;
    evaluate_well(trial, networks[network], attack, &whole);
    assert_true(span_is_whole(whole.record.span));
    for (size_t i = 0; i < n_sizes; i++) {
        struct arena arena = arena_open();
        struct record joined =
            evaluate_in_parts(trial, &whole.spec, sizes[i], &arena);
        assert_equal(&whole.record, &joined);
        arena_close(&arena);
    }
    arena_close(&whole.arena);
}

static void parts_of_any_size_make_the_same_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {96, 50, 17, 2};
    for (size_t i = 0; i < N_NETWORKS; i++)
        for (size_t k = 0; k < N_ATTACKS; k++)
            check_sizes(i, attacks[k], KIND_COUNT(sizes), sizes);
}

static size_t part_size(const char *attack, size_t n_test)
{
    struct arena arena = arena_open();
    const char *text =
        arena_print(&arena, SMALL_MLP "attack = fgsm\n%s", attack);
    struct spec spec = small_spec(text, &arena);
    size_t size = trial_part_size(&spec, n_test);
    arena_close(&arena);
    return size;
}

static void what_is_small_stays_whole(void **state)
{
    (void)state;
    assert_int_equal(part_size("", 1000), 1000);
    assert_int_equal(part_size("", 10000), 1024);
    assert_int_equal(part_size("attack.n_samples = 1000\n", 10000), 1000);
    assert_int_equal(part_size("attack.samples_per_task = 0\n", 10000), 10000);
    assert_int_equal(part_size("attack.samples_per_task = 7\n", 10000), 7);
}

static void the_size_of_parts_is_no_part_of_the_identity(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec a = small_spec("attack = pgd\n", &arena);
    struct spec b =
        small_spec("attack = pgd\nattack.samples_per_task = 3\n", &arena);
    assert_true(digest_equal(spec_digest(&a), spec_digest(&b)));
    arena_close(&arena);
}

static void a_part_takes_the_memory_that_was_foretold(void **state)
{
    (void)state;
    static const struct span spans[] = {{0}, {0, 96, 96}, {90, 6, 96}};
    const struct small_trial *trial = &trials[0];
    for (size_t i = 0; i < KIND_COUNT(spans); i++) {
        struct arena arena = arena_open(), own = arena_open();
        struct small_watch watch = {0};
        struct trial_hooks hooks = small_hooks(&watch);
        struct record record;
        struct spec spec = small_spec(SMALL_MLP "attack = gaussian\n", &own);
        assert_int_equal(trial_evaluate_part(&spec, &trial->data, spans[i],
                                             &trial->weights, &hooks, &arena,
                                             &record),
                         STATUS_OK);
        assert_true(trial_part_memory(&spec, &trial->data, spans[i],
                                      hooks.means) >= arena.n_bytes);
        assert_true(trial_part_memory(&spec, &trial->data, spans[i],
                                      hooks.means) <=
                    trial_memory(&spec, &trial->data, hooks.means));
        arena_close(&arena);
        arena_close(&own);
    }
}

static void a_span_that_is_no_part_of_the_attack_is_refused(void **state)
{
    (void)state;
    static const struct span spans[] = {{0, 10, 50}, {90, 7, 96}, {0, 97, 97}};
    struct arena arena = arena_open();
    struct spec spec = small_spec(SMALL_MLP "attack = fgsm\n", &arena);
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    for (size_t i = 0; i < KIND_COUNT(spans); i++) {
        struct record record;
        assert_int_equal(trial_evaluate_part(&spec, &trials[0].data, spans[i],
                                             &trials[0].weights, &hooks,
                                             &arena, &record),
                         STATUS_INVALID);
        assert_non_null(strstr(status_reason(), "no part of the 96"));
    }
    arena_close(&arena);
}

/* joining ------------------------------------------------------------- */

static void every_field_says_how_it_is_joined(void **state)
{
    (void)state;
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        const struct record_row *row = &record_rows[i];
        bool has_samples = row->rank > 0 && row->stage == STAGE_EVALUATE &&
                           row->dimension[row->rank - 1] == DIM_SAMPLE;
        assert_int_equal(row->join != JOIN_NEVER,
                         row->stage == STAGE_EVALUATE);
        assert_int_equal(row->join == JOIN_SAMPLES, has_samples);
        assert_false(row->join == JOIN_SUM && row->type != RECORD_U64);
        assert_false((row->join == JOIN_MAX || row->join == JOIN_MIN) &&
                     row->type != RECORD_F64);
    }
}

static void parts_that_do_not_go_together_are_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct small_trial *trial = &trials[0];
    struct spec spec = small_spec(SMALL_MLP "attack = fgsm\n", &arena);
    struct record whole, parts[2] = {
        evaluate_part(trial, &spec, (struct span){0, 50, 96}, &arena),
        evaluate_part(trial, &spec, (struct span){50, 46, 96}, &arena)};
    record_f64(&parts[1], FIELD_EPSILON)[1] *= 2;
    assert_int_equal(record_join(2, parts, &arena, &whole), STATUS_DAMAGED);
    assert_non_null(strstr(status_reason(), "differ in field epsilon"));
    record_f64(&parts[1], FIELD_EPSILON)[1] /= 2;
    assert_int_equal(record_join(2, parts, &arena, &whole), STATUS_OK);
    parts[1].at[FIELD_SAMPLE_DISTANCE] = NULL;
    assert_int_equal(record_join(2, parts, &arena, &whole), STATUS_DAMAGED);
    arena_close(&arena);
}

/* As core/siege.c keeps them: the first of those that are equal. */
static void of_zeros_the_first_is_kept_with_its_sign(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct small_trial *trial = &trials[0];
    struct spec spec = small_spec(SMALL_MLP "attack = fgsm\n", &arena);
    struct record whole, parts[2] = {
        evaluate_part(trial, &spec, (struct span){0, 50, 96}, &arena),
        evaluate_part(trial, &spec, (struct span){50, 46, 96}, &arena)};
    record_f64(&parts[0], FIELD_PIXEL_MIN)[0] = -0.0;
    record_f64(&parts[1], FIELD_PIXEL_MIN)[0] = 0.0;
    assert_int_equal(record_join(2, parts, &arena, &whole), STATUS_OK);
    double zero = -0.0;
    assert_memory_equal(record_f64(&whole, FIELD_PIXEL_MIN), &zero, 8);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_any_size_make_the_same_whole),
        cmocka_unit_test(what_is_small_stays_whole),
        cmocka_unit_test(the_size_of_parts_is_no_part_of_the_identity),
        cmocka_unit_test(a_part_takes_the_memory_that_was_foretold),
        cmocka_unit_test(a_span_that_is_no_part_of_the_attack_is_refused),
        cmocka_unit_test(every_field_says_how_it_is_joined),
        cmocka_unit_test(parts_that_do_not_go_together_are_refused),
        cmocka_unit_test(of_zeros_the_first_is_kept_with_its_sign),
    };
    return cmocka_run_group_tests_name("trial_parts", tests, train_all,
                                       forget_all);
}
