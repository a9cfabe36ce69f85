/* Evaluations whose results came in parts: what sweep.h5 makes of them. */
#include "analysis/audit.h"
#include "analysis/summary.h"
#include "analysis/table.h"
#include "core/attack.h"
#include "core/record_join.h"
#include "core/rng.h"
#include "tests/store_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOTAL = 30, CELL = 0, ATTACK = 1 };

static const struct fake_sweep sweep = {
    .n_seeds = 1, .n_test = 40, .n_attacked = TOTAL, .n_epochs = 2,
    .n_hidden = 2};

/* records made up sample by sample ------------------------------------ */

static uint64_t draw(enum record_field field, size_t e, size_t sample)
{
    struct rng_stream stream = {(uint64_t)field + 1, RNG_NOISE, e};
    return rng_word(stream, sample);
}

static void set(struct record *record, enum record_field field, size_t at,
                uint64_t drawn)
{
    switch (record_rows[field].type) {
    case RECORD_F64:
        record_f64(record, field)[at] = (double)drawn / 3e9;
        break;
    case RECORD_U8:
        record_u8(record, field)[at] = (uint8_t)(drawn % 10);
        break;
    case RECORD_U32:
        record_u32(record, field)[at] = (uint32_t)(drawn % 20);
        break;
    case RECORD_U64:
        record_u64(record, field)[at] = drawn % 3;
        break;
    }
}

/* One more sample of a field that has a value for each epsilon or only one. */
static void add(struct record *record, enum record_field field, size_t e,
                bool first, uint64_t drawn)
{
    enum record_join join = record_rows[field].join;
    double value = (double)drawn / 3e9;
    if (join == JOIN_SUM) {
        record_u64(record, field)[e] += drawn % 3;
        return;
    }
    double *at = &record_f64(record, field)[e];
    if (first || (join == JOIN_MAX ? value > *at : value < *at))
        *at = value;
}

static void fill_field(struct record *record, enum record_field field)
{
    enum record_join join = record_rows[field].join;
    size_t n = record->extent[DIM_SAMPLE], n_all = record_count(record, field);
    size_t n_rows = join == JOIN_SAMPLES ? n_all / n : n_all;
    if (join == JOIN_SAME || join == JOIN_DERIVED)
        return;
    for (size_t e = 0; e < n_rows; e++)
        for (size_t i = 0; i < n; i++) {
            uint64_t drawn = draw(field, e, record->span.first + i);
            if (join == JOIN_SAMPLES)
                set(record, field, e * n + i, drawn);
            else
                add(record, field, e, i == 0, drawn);
        }
}

static struct record make_record(const struct spec *spec, struct span span,
                                 struct arena *arena)
{
    const struct attack_common *attack = spec->at[SPEC_ATTACK].params;
    size_t n = span_is_whole(span) ? TOTAL : span.n;
    struct record record = {.stage = STAGE_EVALUATE,
                            .span = {span.first, n, TOTAL},
                            .extent = {[DIM_EPSILON] = attack->epsilons.n,
                                       [DIM_SAMPLE] = n}};
    record_lay_out(&record, arena);
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record.at[i])
            fill_field(&record, (enum record_field)i);
    for (size_t e = 0; e < attack->epsilons.n; e++)
        record_f64(&record, FIELD_EPSILON)[e] = attack->epsilons.at[e];
    *record_u64(&record, FIELD_PART_PIXELS) = 784;
    record_derive(&record);
    if (span_is_whole(span))
        record_make_whole(&record);
    return record;
}

/* outcomes ------------------------------------------------------------ */

struct told {
    size_t first, n; /* n 0: the whole */
    enum outcome_state state;
};

static void append(struct segment_writer *writer, const struct told *told)
{
    struct arena arena = arena_open();
    struct bytes bytes = {0}, unused = {0};
    struct spec spec = fake_sweep_attack(&sweep, CELL, ATTACK, &arena);
    struct span span = {told->first, told->n, told->n ? TOTAL : 0};
    struct record record = make_record(&spec, span, &arena);
    struct outcome outcome =
        fake_sweep_outcome(&sweep, &spec, &unused, &arena);
    record_pack(&record, &bytes);
    outcome.span = span;
    outcome.state = told->state;
    outcome.record = told->state == OUTCOME_DONE ? bytes.at : NULL;
    outcome.n_record_bytes = outcome.record ? bytes.n : 0;
    outcome.cause = outcome.record ? "" : "exit status 3";
    segment_append(writer, &outcome);
    bytes_free(&bytes);
    bytes_free(&unused);
    arena_close(&arena);
}

/* A folder with a training and these outcomes, each a segment; its sweep.h5
 * is read. */
static struct results_stage open_told(size_t n, const struct told *told)
{
    struct results_stage stage = store_stage_open(&sweep);
    store_stage_add(&stage, &sweep, CELL * STORE_TASKS + FAKE_ATTACKS,
                    OUTCOME_DONE, 1);
    struct segment_writer writer;
    assert_int_equal(segment_open(store_stage_segments(&stage), &writer),
                     STATUS_OK);
    for (size_t i = 0; i < n; i++) {
        append(&writer, &told[i]);
        assert_int_equal(segment_flush(&writer), STATUS_OK);
    }
    segment_close(&writer);
    store_stage_only_trial(&stage);
    return stage;
}

static void close_told(struct results_stage *stage)
{
    results_close(&stage->results);
    store_stage_close(stage);
}

static const struct told whole[] = {{0, 0, OUTCOME_DONE}};

static void assert_is_whole(size_t n, const struct told *told)
{
    struct results_stage stage = open_told(n, told);
    struct results_stage reference = open_told(1, whole);
    const struct results *a = &stage.results, *b = &reference.results;
    assert_string_equal(results_stage_attribute(&stage, "damage"), "");
    assert_int_equal(a->n_attacks, 1);
    assert_string_equal(results_evaluation(a, 0, 0)->state, "done");
    assert_true(results_evaluation(a, 0, 0)->n_samples == TOTAL);
    assert_memory_equal(a->accuracy, b->accuracy,
                        a->n_epsilons * sizeof *a->accuracy);
    assert_true(results_accuracy(a, 0, 0, 1) > 0);
    assert_string_equal(results_stage_attribute(&stage, "results_digest"),
                        results_stage_attribute(&reference, "results_digest"));
    close_told(&stage);
    close_told(&reference);
}

/* what must hold ------------------------------------------------------ */

#define IS_WHOLE(...)                                                          \
    do {                                                                       \
        const struct told told[] = {__VA_ARGS__};                              \
        assert_is_whole(sizeof told / sizeof *told, told);                     \
    } while (0)

static void parts_in_any_order_make_the_whole(void **state)
{
    (void)state;
    IS_WHOLE({0, 30, OUTCOME_DONE});
    IS_WHOLE({0, 10, OUTCOME_DONE}, {10, 10, OUTCOME_DONE},
             {20, 10, OUTCOME_DONE});
    IS_WHOLE({17, 13, OUTCOME_DONE}, {0, 1, OUTCOME_DONE},
             {1, 16, OUTCOME_DONE});
}

static void what_was_done_twice_counts_once(void **state)
{
    (void)state;
    IS_WHOLE({0, 20, OUTCOME_DONE}, {0, 20, OUTCOME_DONE},
             {20, 10, OUTCOME_DONE});
    IS_WHOLE({0, 20, OUTCOME_DONE}, {10, 20, OUTCOME_DONE},
             {0, 10, OUTCOME_DONE});
    IS_WHOLE({0, 20, OUTCOME_DONE}, {0, 0, OUTCOME_DONE},
             {20, 10, OUTCOME_DONE});
}

static void a_failure_is_forgotten_when_all_is_done(void **state)
{
    (void)state;
    IS_WHOLE({0, 20, OUTCOME_FAILED}, {0, 20, OUTCOME_DONE},
             {20, 10, OUTCOME_DONE});
    IS_WHOLE({0, 0, OUTCOME_TIMED_OUT}, {0, 20, OUTCOME_DONE},
             {20, 10, OUTCOME_DONE}, {20, 10, OUTCOME_INTERRUPTED});
    IS_WHOLE({5, 20, OUTCOME_FAILED}, {0, 20, OUTCOME_DONE},
             {20, 10, OUTCOME_DONE});
}

static void assert_told(size_t n, const struct told *told, const char *wanted,
                        const char *cause)
{
    struct results_stage stage = open_told(n, told);
    const struct results *results = &stage.results;
    assert_int_equal(results->n_attacks, 1);
    const struct result_evaluation *one = results_evaluation(results, 0, 0);
    assert_string_equal(one->state, wanted);
    assert_string_equal(one->cause, cause);
    assert_true(isnan(one->n_samples));
    for (size_t e = 0; e < results->n_epsilons; e++)
        assert_true(isnan(results_accuracy(results, 0, 0, e)));
    close_told(&stage);
}

static void a_part_that_failed_fails_the_evaluation_with_its_cause(void **state)
{
    (void)state;
    const struct told failed[] = {{0, 10, OUTCOME_DONE},
                                  {10, 10, OUTCOME_FAILED},
                                  {20, 10, OUTCOME_INTERRUPTED}};
    assert_told(3, failed, "failed", "exit status 3, samples 10 to 19 of 30");
    const struct told interrupted[] = {{20, 10, OUTCOME_INTERRUPTED},
                                       {0, 10, OUTCOME_DONE}};
    assert_told(2, interrupted, "interrupted",
                "exit status 3, samples 20 to 29 of 30");
}

static char *print_all(const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(table_print(results, out), STATUS_OK);
    assert_int_equal(summary_print(results, out), STATUS_OK);
    audit_print(results, 10, out);
    fclose(out);
    return text;
}

static void an_evaluation_that_lacks_parts_is_incomplete(void **state)
{
    (void)state;
    const struct told told[] = {{0, 10, OUTCOME_DONE}, {20, 9, OUTCOME_DONE}};
    assert_told(2, told, "incomplete", "19 of 30 samples have a result");
    struct results_stage stage = open_told(2, told);
    struct results_stage nothing = open_told(0, NULL);
    assert_string_equal(results_stage_attribute(&stage, "results_digest"),
                        results_stage_attribute(&nothing, "results_digest"));
    char *text = print_all(&stage.results);
    static const char named[] =
        "\nIncomplete, and counted nowhere until run to the end (1):\n"
        "  pgd of ";
    assert_int_equal(text_count(text, named), 2); /* of table and summary */
    assert_int_equal(text_count(text, ": 19 of 30 samples have a result\n"),
                     2);
    text_assert_has(text, "no result yet: 1 attacked networks.\n");
    text_assert_has(text, "0 attacked networks fail some rule");
    assert_int_equal(text_count(text, "What went wrong"), 0);
    free(text);
    close_told(&stage);
    close_told(&nothing);
}

/* Neither is told of what is whole. */
static void of_a_whole_evaluation_nothing_is_missing(void **state)
{
    (void)state;
    struct results_stage stage = open_told(1, whole);
    char *text = print_all(&stage.results);
    assert_int_equal(text_count(text, "Incomplete"), 0);
    assert_int_equal(text_count(text, "Not judged"), 0);
    free(text);
    close_told(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_in_any_order_make_the_whole),
        cmocka_unit_test(what_was_done_twice_counts_once),
        cmocka_unit_test(a_failure_is_forgotten_when_all_is_done),
        cmocka_unit_test(
            a_part_that_failed_fails_the_evaluation_with_its_cause),
        cmocka_unit_test(an_evaluation_that_lacks_parts_is_incomplete),
        cmocka_unit_test(of_a_whole_evaluation_nothing_is_missing),
    };
    return cmocka_run_group_tests_name("store_parts", tests, NULL, NULL);
}
