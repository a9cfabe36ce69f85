#include "tests/test.h"

#include "core/rng.h"
#include "core/spec.h"

#include <stdio.h>
#include <string.h>

static struct spec parse(const char *text, struct arena *arena)
{
    struct spec spec;
    if (spec_parse(text, &spec, arena) != STATUS_OK)
        fail_msg("%s", status_reason());
    return spec;
}

static char *digest_text(const char *text, char digest[DIGEST_TEXT_SIZE])
{
    struct arena arena = arena_open();
    struct spec spec = parse(text, &arena);
    digest_print(spec_digest(&spec), digest);
    arena_close(&arena);
    return digest;
}

static bool same(const char *a, const char *b)
{
    char digest_a[DIGEST_TEXT_SIZE], digest_b[DIGEST_TEXT_SIZE];
    return !strcmp(digest_text(a, digest_a), digest_text(b, digest_b));
}

/* the canonical text -------------------------------------------------- */

static void the_defaults_choose_on_every_axis_but_the_attack(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = spec_defaults(&arena), parsed = parse("", &arena);
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        assert_string_equal(spec.at[i].kind->name, spec_axes[i]->fallback);
    assert_null(spec.at[SPEC_ATTACK].kind);
    assert_string_equal(spec_print(&spec, true, &arena),
                        spec_print(&parsed, true, &arena));
    assert_null(spec_objection(&spec, &arena));
    arena_close(&arena);
}

static void the_text_has_a_line_for_every_kind_and_row_in_order(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = parse("attack = pgd\n", &arena);
    const char *text = spec_print(&spec, true, &arena);
    for (size_t i = 0; i < SPEC_N_AXES; i++) {
        const struct kind *kind = spec.at[i].kind;
        const char *line = arena_print(&arena, "%s = %s\n",
                                       spec_axes[i]->name, kind->name);
        assert_memory_equal(text, line, strlen(line));
        text += strlen(line);
        for (size_t k = 0; k < kind->n_rows; k++) {
            const struct row *row = &kind->rows[k];
            line = arena_print(&arena, "%s.%s = %s\n", spec_axes[i]->name,
                               row->name, row->fallback);
            assert_memory_equal(text, line, strlen(line));
            text += strlen(line);
        }
    }
    assert_string_equal(text, "");
    arena_close(&arena);
}

/* The n-th number of a fixed stream, below `limit`. */
static size_t pick(uint64_t *next, size_t limit)
{
    return rng_word((struct rng_stream){5, RNG_SUBSET, 0}, (*next)++) % limit;
}

static const char *pick_value(const struct row *row, uint64_t *next,
                              struct arena *arena)
{
    double span = row->maximum - row->minimum;
    double number = row->minimum + span * (double)pick(next, 1000) / 1000;
    size_t n = 0;
    switch (row->type) {
    case ROW_REAL:
        return arena_print(arena, "%.17g", number);
    case ROW_COUNT:
        return arena_print(arena, "%.0f", number);
    case ROW_FLAG:
        return pick(next, 2) ? "true" : "false";
    case ROW_CHOICE:
        while (row->choices[n])
            n++;
        return row->choices[pick(next, n)];
    case ROW_TEXT:
        return arena_print(arena, "\"a b = %zu\"", pick(next, 99));
    case ROW_REALS:
    case ROW_COUNTS:
        return arena_print(arena, "[%.0f, %.0f]", row->minimum, row->maximum);
    }
    return NULL;
}

/* Any kinds with any values. */
static const char *pick_text(uint64_t *next, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < SPEC_N_AXES; i++) {
        const struct axis *axis = spec_axes[i];
        const struct kind *kind = axis->kinds[pick(next, axis->n_kinds)];
        text = arena_print(arena, "%s%s = %s\n", text, axis->name, kind->name);
        for (size_t k = 0; k < kind->n_rows; k++)
            text = arena_print(arena, "%s%s.%s = %s\n", text, axis->name,
                               kind->rows[k].name,
                               pick_value(&kind->rows[k], next, arena));
    }
    return text;
}

static void any_spec_prints_and_reads_back_the_same(void **state)
{
    (void)state;
    uint64_t next = 0;
    for (size_t i = 0; i < 300; i++) {
        struct arena arena = arena_open();
        struct spec spec = parse(pick_text(&next, &arena), &arena);
        const char *printed = spec_print(&spec, true, &arena);
        struct spec again = parse(printed, &arena);
        assert_string_equal(spec_print(&again, true, &arena), printed);
        assert_true(digest_equal(spec_digest(&spec), spec_digest(&again)));
        arena_close(&arena);
    }
}

/* identity ------------------------------------------------------------ */

/* Changing any one row changes the digest, unless the row is an aside. */
static void every_row_but_an_aside_is_part_of_the_identity(void **state)
{
    (void)state;
    size_t n_asides = 0;
    for (size_t a = 0; a < SPEC_N_AXES; a++)
        for (size_t k = 0; k < spec_axes[a]->n_kinds; k++) {
            const struct kind *kind = spec_axes[a]->kinds[k];
            for (size_t r = 0; r < kind->n_rows; r++) {
                struct arena arena = arena_open();
                const struct row *row = &kind->rows[r];
                const char *bare = arena_print(
                    &arena, "%s = %s\n", spec_axes[a]->name, kind->name);
                const char *value = row->fallback;
                for (uint64_t next = 0; !strcmp(value, row->fallback);)
                    value = pick_value(row, &next, &arena);
                const char *changed =
                    arena_print(&arena, "%s%s.%s = %s\n", bare,
                                spec_axes[a]->name, row->name, value);
                assert_int_equal(same(bare, changed), row->aside);
                n_asides += row->aside;
                arena_close(&arena);
            }
        }
    assert_true(n_asides > 0);
}

/* Of the program before any row was added: its results are found again. */
static void a_cell_keeps_the_identity_that_it_was_given_once(void **state)
{
    (void)state;
    char digest[DIGEST_TEXT_SIZE];
    assert_string_equal(
        digest_text("dataset = synthetic\ndataset.n_train = 256\n"
                    "dataset.n_test = 128\ndataset.height = 8\n"
                    "dataset.width = 8\ndataset.n_channels = 1\n"
                    "dataset.n_classes = 4\ndataset.noise = 0.2\n"
                    "network = mlp\nnetwork.hidden = [32]\n"
                    "training = bptt\ntraining.n_epochs = 1\n"
                    "training.batch_size = 32\n",
                    digest),
        "62a63f1fbe527798507cc4ac68608f35");
}

static bool mentions(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    return at && (at == text || at[-1] == '\n');
}

static void check_later(const struct axis *axis, const struct kind *kind,
                        const struct row *row)
{
    struct arena arena = arena_open();
    const char *bare = arena_print(&arena, "%s = %s\n", axis->name, kind->name);
    const char *key = arena_print(&arena, "%s.%s = ", axis->name, row->name);
    struct spec spec = parse(bare, &arena);
    assert_false(mentions(spec_print_identity(&spec, &arena), key));
    assert_true(mentions(spec_print(&spec, false, &arena), key));
    const char *value = row->fallback;
    for (uint64_t next = 0; !strcmp(value, row->fallback);)
        value = pick_value(row, &next, &arena);
    spec = parse(arena_print(&arena, "%s%s%s\n", bare, key, value), &arena);
    assert_true(mentions(spec_print_identity(&spec, &arena), key));
    arena_close(&arena);
}

static void a_later_row_counts_from_when_it_is_set(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t a = 0; a < SPEC_N_AXES; a++)
        for (size_t k = 0; k < spec_axes[a]->n_kinds; k++) {
            const struct kind *kind = spec_axes[a]->kinds[k];
            for (size_t r = 0; r < kind->n_rows; r++)
                if (kind->rows[r].later) {
                    check_later(spec_axes[a], kind, &kind->rows[r]);
                    n++;
                }
        }
    assert_true(n > 0);
}

static void the_order_of_lines_and_named_defaults_do_not_matter(void **state)
{
    (void)state;
    assert_true(same("neuron = lif\nneuron.threshold = 2\nencoding = poisson\n",
                     "encoding = poisson\nneuron = lif\n"
                     "neuron.reset = hard\nneuron.threshold = 2.0\n"));
    assert_true(same("", "surrogate = triangular\n"));
    assert_true(same("training = bptt\ntraining.seed = 1\n", ""));
    assert_false(same("training = bptt\ntraining.seed = 2\n", ""));
    assert_false(same("surrogate = atan\n", "surrogate = sigmoid\n"));
}

static void an_attack_makes_another_task_of_the_same_cell(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec bare = parse("encoding = poisson\n", &arena);
    struct spec fgsm = parse("encoding = poisson\nattack = fgsm\n", &arena);
    struct spec pgd = parse("encoding = poisson\nattack = pgd\n", &arena);
    struct spec again = spec_without_attack(pgd);
    assert_false(digest_equal(spec_digest(&bare), spec_digest(&fgsm)));
    assert_false(digest_equal(spec_digest(&pgd), spec_digest(&fgsm)));
    assert_true(digest_equal(spec_digest(&bare), spec_digest(&again)));
    assert_null(again.at[SPEC_ATTACK].kind);
    arena_close(&arena);
}

/* refusals ------------------------------------------------------------ */

static void a_text_that_is_no_spec_is_refused_and_nothing_set(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"encoding\n", "encoding"},
        {"encoding=poisson\n", "encoding=poisson"},
        {"colour = red\n", "colour"},
        {"encoding = morse\n", "morse"},
        {"neuron = lif\nneuron.colour = red\n", "colour"},
        {"neuron.threshold = 2\n", "neuron.threshold"},
        {"neuron = lif\nneuron.threshold = -2\n", "threshold = -2"},
        {"attack.n_steps = 7\n", "attack.n_steps"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = arena_open();
        struct spec spec, before;
        memset(&spec, 7, sizeof spec);
        before = spec;
        status_forget();
        assert_int_equal(spec_parse(cases[i].text, &spec, &arena),
                         STATUS_INVALID);
        assert_non_null(strstr(status_reason(), cases[i].reason));
        assert_memory_equal(&spec, &before, sizeof spec);
        arena_close(&arena);
    }
}

static void an_objection_names_axis_kind_and_reason(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec =
        parse("surrogate = atan\nregularizer = mpd_sgr\n", &arena);
    const char *objection = spec_objection(&spec, &arena);
    assert_non_null(objection);
    const char *begin = "regularizer mpd_sgr: ";
    assert_memory_equal(objection, begin, strlen(begin));
    assert_true(strlen(objection) > strlen(begin) + 10);
    spec = parse("surrogate = triangular\nregularizer = mpd_sgr\n", &arena);
    assert_null(spec_objection(&spec, &arena));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_choose_on_every_axis_but_the_attack),
        cmocka_unit_test(the_text_has_a_line_for_every_kind_and_row_in_order),
        cmocka_unit_test(any_spec_prints_and_reads_back_the_same),
        cmocka_unit_test(every_row_but_an_aside_is_part_of_the_identity),
        cmocka_unit_test(a_cell_keeps_the_identity_that_it_was_given_once),
        cmocka_unit_test(a_later_row_counts_from_when_it_is_set),
        cmocka_unit_test(the_order_of_lines_and_named_defaults_do_not_matter),
        cmocka_unit_test(an_attack_makes_another_task_of_the_same_cell),
        cmocka_unit_test(a_text_that_is_no_spec_is_refused_and_nothing_set),
        cmocka_unit_test(an_objection_names_axis_kind_and_reason),
    };
    return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}
