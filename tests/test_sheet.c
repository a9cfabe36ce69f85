#include "analysis/sheet.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two rows, with everything that a format could stumble over. */
static struct sheet make_sheet(struct arena *arena)
{
    struct sheet sheet = sheet_open("table", arena);
    sheet_add_head(&sheet, "regularizer", "what defends");
    sheet_add_column(&sheet, (struct sheet_column){.name = "pgd@8/255",
                                                   .heading = "8/255",
                                                   .over = "pgd",
                                                   .unit = "1",
                                                   .scale = 100,
                                                   .n_decimals = 1});
    sheet_add_column(&sheet,
                     (struct sheet_column){.name = "pgd@8/255 deviation",
                                           .over = "pgd",
                                           .beside = true,
                                           .before = "±",
                                           .scale = 100,
                                           .n_decimals = 1});
    sheet_add_column(&sheet, (struct sheet_column){.name = "pgd@16/255",
                                                   .heading = "16/255",
                                                   .over = "pgd",
                                                   .has_sign = true,
                                                   .n_decimals = 3});
    sheet_add_column(&sheet, (struct sheet_column){.name = "n",
                                                   .for_programs = true});
    sheet_add_column(&sheet, (struct sheet_column){.name = "p",
                                                   .n_decimals = -2});
    sheet_add_row(&sheet);
    sheet_put_text(&sheet, 0, 0, "mpd_sgr weight=0.1, \"a\"\n50% & #");
    sheet_put_number(&sheet, 0, 1, 0.1);
    sheet_put_number(&sheet, 0, 2, 1.0 / 3);
    sheet_put_number(&sheet, 0, 3, 0.5);
    sheet_put_number(&sheet, 0, 4, 3);
    sheet_put_number(&sheet, 0, 5, 0.00012345);
    sheet_add_row(&sheet);
    sheet_put_text(&sheet, 1, 0, "none");
    sheet_put_number(&sheet, 1, 1, 0.98765);
    sheet_put_number(&sheet, 1, 3, -0.25);
    sheet_mark(&sheet, 1, 1);
    sheet_add_note(&sheet, "Means over seeds.");
    return sheet;
}

static char *print(enum sheet_format format)
{
    struct arena arena = arena_open();
    struct sheet sheet = make_sheet(&arena);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(sheet_write(&sheet, format, out), STATUS_OK);
    fclose(out);
    arena_close(&arena);
    return text;
}

static void assert_written(enum sheet_format format, const char *expected)
{
    char *text = print(format);
    assert_string_equal(text, expected);
    free(text);
}

static void text_has_stars_and_what_stands_beside(void **state)
{
    (void)state;
    assert_written(
        SHEET_TEXT,
        "                                 pgd\n"
        "regularizer                            8/255  16/255        p\n"
        "mpd_sgr weight=0.1, \"a\" 50% & #  10.0  ±33.3  +0.500  0.00012\n"
        "none                             98.8*        -0.250        -\n"
        "\n"
        "Means over seeds.\n");
}

static void csv_has_all_digits_and_quotes_what_it_must(void **state)
{
    (void)state;
    assert_written(
        SHEET_CSV,
        "regularizer,pgd@8/255,pgd@8/255 deviation,pgd@16/255,n,p\n"
        "\"mpd_sgr weight=0.1, \"\"a\"\"\n50% & #\",0.1,0.3333333333333333,0.5,"
        "3,0.00012345\n"
        "none,0.98765,,-0.25,,\n");
}

static void json_has_null_where_there_is_no_value(void **state)
{
    (void)state;
    assert_written(
        SHEET_JSON,
        "{\n  \"title\": \"table\",\n  \"columns\": [\n"
        "    {\"name\": \"regularizer\", \"doc\": \"what defends\"},\n"
        "    {\"name\": \"pgd@8/255\", \"unit\": \"1\"},\n"
        "    {\"name\": \"pgd@8/255 deviation\"},\n"
        "    {\"name\": \"pgd@16/255\"},\n    {\"name\": \"n\"},\n"
        "    {\"name\": \"p\"}\n  ],\n  \"rows\": [\n"
        "    {\"regularizer\": \"mpd_sgr weight=0.1, \\\"a\\\"\\u000a50% & #\", "
        "\"pgd@8/255\": 0.1, \"pgd@8/255 deviation\": 0.3333333333333333, "
        "\"pgd@16/255\": 0.5, \"n\": 3, \"p\": 0.00012345},\n"
        "    {\"regularizer\": \"none\", \"pgd@8/255\": 0.98765, "
        "\"pgd@8/255 deviation\": null, \"pgd@16/255\": -0.25, \"n\": null, "
        "\"p\": null}\n  ],\n"
        "  \"notes\": [\n    \"Means over seeds.\"\n  ]\n}\n");
}

static void latex_escapes_and_follows_booktabs(void **state)
{
    (void)state;
    assert_written(
        SHEET_LATEX,
        "% \\usepackage{booktabs}\n\\begin{tabular}{lrrr}\n\\toprule\n"
        " & \\multicolumn{2}{c}{pgd} &  \\\\\n\\cmidrule(lr){2-3}\n"
        "regularizer & 8/255 & 16/255 & p \\\\\n\\midrule\n"
        "mpd\\_sgr weight=0.1, \"a\" 50\\% \\& \\# & 10.0 $\\pm$33.3 & $+$0.500 "
        "& 0.00012 \\\\\n"
        "none & \\textbf{98.8} & $-$0.250 & -- \\\\\n"
        "\\bottomrule\n\\end{tabular}\n% Means over seeds.\n");
}

/* Thirty columns of nine: twelve fit beside the head. */
static void a_wide_sheet_is_broken_into_blocks_with_the_same_heads(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sheet sheet = sheet_open("wide", &arena);
    sheet_add_head(&sheet, "head", NULL);
    for (size_t i = 0; i < 30; i++)
        sheet_add_column(&sheet, (struct sheet_column){
                                     .name = arena_print(&arena, "col%zu", i),
                                     .n_decimals = 3});
    for (size_t row = 0; row < 40; row++) {
        sheet_add_row(&sheet);
        sheet_put_text(&sheet, row, 0, arena_print(&arena, "row%zu.", row));
        for (size_t i = 0; i < 30; i++)
            sheet_put_number(&sheet, row, 1 + i, (double)(100 * row + i));
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(sheet_write(&sheet, SHEET_TEXT, out), STATUS_OK);
    fclose(out);
    assert_int_equal(text_count(text, "row7."), 3);
    assert_int_equal(text_count(text, "head"), 3);
    text_assert_has(text, "3929.000");
    for (const char *line = text, *end; (end = strchr(line, '\n'));
         line = end + 1)
        assert_true(end - line <= SHEET_WIDTH);
    free(text);
    arena_close(&arena);
}

/* Every number is read again as it was. */
static void no_digit_is_lost(void **state)
{
    (void)state;
    static const double numbers[] = {0.1, 1.0 / 3, 1e-300, 8.0 / 255,
                                     123456789012345680.0, -0.0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct arena arena = arena_open();
        struct sheet sheet = sheet_open("one", &arena);
        char text[100] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        sheet_add_column(&sheet, (struct sheet_column){.name = "x"});
        sheet_put_number(&sheet, sheet_add_row(&sheet), 0, numbers[i]);
        assert_int_equal(sheet_write(&sheet, SHEET_CSV, out), STATUS_OK);
        fclose(out);
        assert_true(strtod(text + 2, NULL) == numbers[i]);
        arena_close(&arena);
    }
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sheet sheet = make_sheet(&arena);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(sheet_write(&sheet, SHEET_CSV, full), STATUS_FULL);
    text_assert_has(status_reason(), "cannot write the table");
    fclose(full);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_stars_and_what_stands_beside),
        cmocka_unit_test(csv_has_all_digits_and_quotes_what_it_must),
        cmocka_unit_test(json_has_null_where_there_is_no_value),
        cmocka_unit_test(latex_escapes_and_follows_booktabs),
        cmocka_unit_test(
            a_wide_sheet_is_broken_into_blocks_with_the_same_heads),
        cmocka_unit_test(no_digit_is_lost),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
