/* Every row of every kind of every axis. */
#include "tests/test.h"

#include "core/spec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row with the struct that it belongs to. */
struct place {
    const struct axis *axis;
    const struct kind *kind;
    const struct row *row;
    void *params; /* at their defaults, in `arena` */
    struct arena *arena;
};

static void for_all_kinds(void (*check)(const struct axis *axis,
                                        const struct kind *kind))
{
    for (size_t a = 0; a < SPEC_N_AXES; a++)
        for (size_t k = 0; k < spec_axes[a]->n_kinds; k++)
            check(spec_axes[a], spec_axes[a]->kinds[k]);
}

static void (*row_check)(const struct place *place);

static void check_rows_of(const struct axis *axis, const struct kind *kind)
{
    for (size_t i = 0; i < kind->n_rows; i++) {
        struct arena arena = arena_open();
        struct place place = {axis, kind, &kind->rows[i],
                              kind_defaults(kind, &arena), &arena};
        row_check(&place);
        arena_close(&arena);
    }
}

static void for_all_rows(void (*check)(const struct place *place))
{
    row_check = check;
    for_all_kinds(check_rows_of);
}

static bool is_text(const char *text)
{
    return text && *text && *text != ' ' && !strpbrk(text, "\n\t\"") &&
           text[strlen(text) - 1] != '.';
}

/* A name is a key in an experiment file and a name in HDF5. */
static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && name[n] == '\0' && name[0] >= 'a' && name[0] <= 'z';
}

/* descriptors --------------------------------------------------------- */

static void check_descriptor(const struct axis *axis, const struct kind *kind)
{
    assert_true(is_name(kind->name) && is_text(kind->doc));
    assert_true(is_text(kind->cite));
    assert_ptr_equal(kind_find(axis, kind->name), kind);
    for (size_t i = 0; i < kind->n_rows; i++) {
        const struct row *row = &kind->rows[i];
        assert_ptr_equal(kind_find_row(kind, row->name), row);
        assert_true(is_name(row->name) && is_text(row->unit));
        assert_true(is_text(row->doc) && row->fallback);
        assert_true(row->offset < kind->params_size);
    }
}

static void every_kind_and_row_says_what_it_is_once(void **state)
{
    (void)state;
    for_all_kinds(check_descriptor);
}

static void every_axis_has_its_default_kind(void **state)
{
    (void)state;
    for (size_t a = 0; a < SPEC_N_AXES; a++) {
        assert_true(is_name(spec_axes[a]->name) && is_text(spec_axes[a]->doc));
        assert_non_null(kind_find(spec_axes[a], spec_axes[a]->fallback));
        for (size_t b = 0; b < a; b++)
            assert_string_not_equal(spec_axes[a]->name, spec_axes[b]->name);
    }
}

static bool is_number(const struct row *row)
{
    return row->type == ROW_REAL || row->type == ROW_COUNT ||
           row->type == ROW_REALS || row->type == ROW_COUNTS;
}

static void check_range(const struct place *place)
{
    const struct row *row = place->row;
    if (is_number(row))
        assert_true(row->minimum < row->maximum);
    if (row->type == ROW_COUNT || row->type == ROW_COUNTS)
        assert_true(row->minimum >= 0 && row->maximum <= 0x1p53 &&
                    row->minimum == floor(row->minimum) &&
                    row->maximum == floor(row->maximum));
    if (row->scale == SCALE_LOG)
        assert_true(row->minimum >= 0);
    if (row->type == ROW_CHOICE)
        assert_true(row->choices && row->choices[0] && row->choices[1]);
}

static void every_range_is_one(void **state)
{
    (void)state;
    for_all_rows(check_range);
}

/* No two fields of a struct overlap: setting one leaves the others alone. */
static void check_alone(const struct place *place)
{
    const struct kind *kind = place->kind;
    char value[64];
    snprintf(value, sizeof value, "%.17g", place->row->maximum);
    if (place->row->type == ROW_REAL || place->row->type == ROW_COUNT)
        assert_int_equal(
            row_set(place->row, value, place->params, place->arena),
            STATUS_OK);
    for (size_t i = 0; i < kind->n_rows; i++)
        if (&kind->rows[i] != place->row)
            assert_string_equal(
                row_print(&kind->rows[i], place->params, place->arena),
                kind->rows[i].fallback);
}

static void a_row_sets_its_own_field_only(void **state)
{
    (void)state;
    for_all_rows(check_alone);
}

/* values -------------------------------------------------------------- */

static const char *print(const struct place *place)
{
    return row_print(place->row, place->params, place->arena);
}

static void expect_set(const struct place *place, const char *text)
{
    assert_int_equal(row_set(place->row, text, place->params, place->arena),
                     STATUS_OK);
}

/* A refusal names the row, the value and what is allowed, and sets nothing. */
static void expect_refusal(const struct place *place, const char *text)
{
    const char *before = print(place);
    status_forget();
    assert_int_equal(row_set(place->row, text, place->params, place->arena),
                     STATUS_INVALID);
    assert_string_equal(print(place), before);
    assert_non_null(strstr(status_reason(), place->row->name));
    assert_non_null(strstr(status_reason(), text));
    assert_non_null(strstr(status_reason(),
                           row_allowed(place->row, place->arena)));
}

static void check_default(const struct place *place)
{
    assert_string_equal(print(place), place->row->fallback);
    expect_set(place, place->row->fallback);
    assert_string_equal(print(place), place->row->fallback);
}

static void a_default_is_allowed_and_in_canonical_text(void **state)
{
    (void)state;
    for_all_rows(check_default);
}

/* Prints and reads back the same number, in the shortest digits. */
static void check_number(const struct place *place, double number)
{
    const struct row *row = place->row;
    bool list = row->type == ROW_REALS || row->type == ROW_COUNTS;
    const char *text =
        arena_print(place->arena, list ? "[%.17g]" : "%.17g", number);
    expect_set(place, text);
    void *copy = kind_defaults(place->kind, place->arena);
    const char *printed = print(place);
    assert_true(strlen(printed) <= strlen(text));
    assert_int_equal(row_set(row, printed, copy, place->arena), STATUS_OK);
    assert_true(row_equal(row, place->params, copy));
    assert_true(strtod(printed + list, NULL) == number);
}

static void check_numbers(const struct place *place)
{
    const struct row *row = place->row;
    if (!is_number(row))
        return;
    bool whole = row->type == ROW_COUNT || row->type == ROW_COUNTS;
    double span = row->maximum - row->minimum;
    double numbers[] = {row->minimum, row->maximum,
                        row->minimum + span / 3,
                        row->minimum + span * 0.123456789012345678};
    for (size_t i = 0; i < 4; i++)
        check_number(place, whole ? floor(numbers[i]) : numbers[i]);
}

static void numbers_within_the_range_come_back_the_same(void **state)
{
    (void)state;
    for_all_rows(check_numbers);
}

static void check_outside(const struct place *place)
{
    const struct row *row = place->row;
    if (!is_number(row))
        return;
    bool list = row->type == ROW_REALS || row->type == ROW_COUNTS;
    bool whole = row->type == ROW_COUNT || row->type == ROW_COUNTS;
    double above = whole ? row->maximum + 1
                         : nextafter(row->maximum, (double)INFINITY);
    const char *form = list ? "[%.17g]" : "%.17g";
    if (above > row->maximum)
        expect_refusal(place, arena_print(place->arena, form, above));
    expect_refusal(place, arena_print(place->arena, form, row->minimum - 1));
    expect_refusal(place, list ? "[nan]" : "nan");
    expect_refusal(place, list ? "[1, inf]" : "inf");
    if (whole)
        expect_refusal(place, list ? "[1.5]" : "1.5");
}

static void numbers_outside_are_refused_with_the_range(void **state)
{
    (void)state;
    for_all_rows(check_outside);
}

static void check_mistakes(const struct place *place)
{
    static const char *const numbers[] = {"", " ", "x", "1x", "1 2", "true",
                                          "\"1\"", "[", "]", "[]", "[1"};
    static const char *const lists[] = {"", "1", "[]", "[", "[1", "[1 2]",
                                        "[1,,2]", "[1] 2", "[x]", "1]"};
    bool list =
        place->row->type == ROW_REALS || place->row->type == ROW_COUNTS;
    for (size_t i = 0; i < 11 && is_number(place->row) && !list; i++)
        expect_refusal(place, numbers[i]);
    for (size_t i = 0; i < 10 && list; i++)
        expect_refusal(place, lists[i]);
}

static void what_is_no_number_or_list_is_refused(void **state)
{
    (void)state;
    for_all_rows(check_mistakes);
}

static void check_list_length(const struct place *place)
{
    if (place->row->type != ROW_REALS && place->row->type != ROW_COUNTS)
        return;
    const char *text = "[1";
    for (int i = 1; i < KIND_LIST_MAX; i++)
        text = place->row->is_set ? arena_print(place->arena, "%s, 0.0%d", text,
                                                10 + i)
                                  : arena_print(place->arena, "%s, 1", text);
    expect_set(place, arena_print(place->arena, "%s]", text));
    expect_refusal(place, arena_print(place->arena, "%s, 1]", text));
    if (place->row->is_set)
        return;
    expect_set(place, " [ 1 ,1\t, 1] ");
    assert_string_equal(print(place), "[1, 1, 1]");
}

static void a_list_has_at_most_32_entries(void **state)
{
    (void)state;
    for_all_rows(check_list_length);
}

/* Whatever the order, it is the same set, and so the same cell. */
static void check_set(const struct place *place)
{
    if (!place->row->is_set)
        return;
    expect_set(place, " [ 1 ,0\t, 0.25] ");
    assert_string_equal(print(place), "[0, 0.25, 1]");
    expect_refusal(place, "[1, 0.25, 1]");
    expect_refusal(place, "[0, -0]");
}

static void a_set_is_kept_in_order_and_without_doubles(void **state)
{
    (void)state;
    for_all_rows(check_set);
}

static void check_words(const struct place *place)
{
    const struct row *row = place->row;
    if (row->type == ROW_FLAG) {
        expect_set(place, "true");
        assert_string_equal(print(place), "true");
        expect_set(place, "false");
        assert_string_equal(print(place), "false");
        expect_refusal(place, "yes");
        expect_refusal(place, "1");
    }
    for (size_t i = 0; row->type == ROW_CHOICE && row->choices[i]; i++) {
        assert_true(is_name(row->choices[i]));
        expect_set(place, row->choices[i]);
        assert_string_equal(print(place), row->choices[i]);
        expect_refusal(place, "no_such_choice");
    }
    if (row->type == ROW_TEXT) {
        expect_set(place, "\"a = b, [c]\"");
        assert_string_equal(print(place), "\"a = b, [c]\"");
        expect_set(place, "\"\"");
        expect_refusal(place, "a");
        expect_refusal(place, "\"");
        expect_refusal(place, "\"a\"b\"");
        expect_refusal(place, "\"a\nb\"");
        expect_refusal(place, "\"a\\\"");
    }
}

static void flags_choices_and_texts_are_read_and_printed(void **state)
{
    (void)state;
    for_all_rows(check_words);
}

/* names --------------------------------------------------------------- */

static void check_nearest(const struct axis *axis, const struct kind *kind)
{
    char name[80];
    snprintf(name, sizeof name, "%sx", kind->name);
    assert_string_equal(kind_nearest(axis, name), kind->name);
    assert_null(kind_nearest(axis, "qqqqqqqqqqqqqqqqqqqq"));
    assert_null(kind_find(axis, name));
    for (size_t i = 0; i < kind->n_rows; i++) {
        const char *row = kind->rows[i].name;
        snprintf(name, sizeof name, "%s", row);
        size_t n = strlen(name);
        char last = name[n - 1];
        name[n - 1] = name[n - 2];
        name[n - 2] = last;
        assert_string_equal(kind_nearest_row(kind, name), row);
        assert_true(last == name[n - 1] || !kind_find_row(kind, name));
    }
}

static void a_mistyped_name_finds_its_nearest(void **state)
{
    (void)state;
    for_all_kinds(check_nearest);
}

static void only_a_near_name_is_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"threshold", "leak", "reset"};
    assert_string_equal(kind_nearest_of(names, 3, "treshold"), "threshold");
    assert_string_equal(kind_nearest_of(names, 3, "leek"), "leak");
    assert_string_equal(kind_nearest_of(names, 3, "rest"), "reset");
    assert_null(kind_nearest_of(names, 3, "momentum"));
    assert_null(kind_nearest_of(names, 3, "xyz"));
    assert_null(kind_nearest_of(names, 0, "leak"));
    char endless[300];
    memset(endless, 'a', sizeof endless);
    endless[299] = '\0';
    assert_null(kind_nearest_of(names, 3, endless));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_and_row_says_what_it_is_once),
        cmocka_unit_test(every_axis_has_its_default_kind),
        cmocka_unit_test(every_range_is_one),
        cmocka_unit_test(a_row_sets_its_own_field_only),
        cmocka_unit_test(a_default_is_allowed_and_in_canonical_text),
        cmocka_unit_test(numbers_within_the_range_come_back_the_same),
        cmocka_unit_test(numbers_outside_are_refused_with_the_range),
        cmocka_unit_test(what_is_no_number_or_list_is_refused),
        cmocka_unit_test(a_list_has_at_most_32_entries),
        cmocka_unit_test(a_set_is_kept_in_order_and_without_doubles),
        cmocka_unit_test(flags_choices_and_texts_are_read_and_printed),
        cmocka_unit_test(a_mistyped_name_finds_its_nearest),
        cmocka_unit_test(only_a_near_name_is_meant),
    };
    return cmocka_run_group_tests_name("kind", tests, NULL, NULL);
}
