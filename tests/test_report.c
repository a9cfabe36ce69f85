#include "analysis/report.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { N_PANELS = 4 * 4 + 4 * 3 }; /* of attacks; of layers */

struct page {
    struct results_stage stage;
    const char *folder;
    const char *html;
};

static const char *read_text(const char *path, struct arena *arena)
{
    struct bytes bytes = scratch_read(path);
    char *text = arena_take(arena, bytes.n + 1);
    memcpy(text, bytes.at, bytes.n);
    bytes_free(&bytes);
    return text;
}

static void write_page(struct page *page)
{
    if (report_write(&page->stage.results, NULL, page->folder) != STATUS_OK)
        fail_msg("%s", status_reason());
    page->html = read_text(
        scratch_path(&page->stage.scratch, "report/report.html"),
        &page->stage.arena);
    assert_int_equal(scratch_count(page->folder, ".tmp"), 0);
}

static struct page open_page(const struct fake_sweep *sweep)
{
    struct page page = {.stage = results_stage_open(sweep)};
    page.folder = scratch_path(&page.stage.scratch, "report");
    return page;
}

static void close_page(struct page *page)
{
    results_stage_close(&page->stage);
}

/* What several tests look at: a sound sweep, and one of two seeds in which all
 * goes wrong that can. */
static struct page sound, troubled;

static int write_pages(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sound = open_page(&sweep);
    write_page(&sound);
    sweep.fails = sweep.unsound = true;
    sweep.n_seeds = 2;
    troubled = open_page(&sweep);
    write_page(&troubled);
    return 0;
}

static int remove_pages(void **state)
{
    (void)state;
    close_page(&sound);
    close_page(&troubled);
    return 0;
}

/* contents ------------------------------------------------------------ */

static void the_page_and_its_pictures_are_there(void **state)
{
    (void)state;
    assert_int_equal(scratch_count(sound.folder, ""), 1 + 3 * 8);
    assert_int_equal(scratch_count(sound.folder, ".svg"), 8);
    assert_int_equal(scratch_count(sound.folder, ".gp"), 8);
    for (size_t i = 1; i <= 4; i++) {
        const char *name = arena_print(&sound.stage.arena,
                                       "report/membrane-%02zu.png", i);
        struct bytes png =
            scratch_read(scratch_path(&sound.stage.scratch, name));
        assert_true(png.n > 4000);
        assert_memory_equal(png.at, "\x89PNG\r\n\x1a\n", 8);
        bytes_free(&png);
    }
    /* Each panel by itself. */
    assert_int_equal(text_count(sound.html, "<svg role=\"img\""), N_PANELS);
    assert_int_equal(text_count(sound.html, "<svg "),
                     text_count(sound.html, "</svg>"));
}

static void sections_say_what_they_should(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "Of 120 trainings and evaluations 109 are done, 1 diverged, "
        "2 failed; 8 have no result (yet).",
        "<h2 id=\"defences\">What the defences did</h2>",
        "mpd_sgr weight=0.1: clean accuracy fell by ",
        "Some attacks failed their checks",
        "<h2 id=\"curves\">Robustness curves</h2>",
        "<h2 id=\"cells\">Cells</h2>",
        ">against its twin</td>",
        "<small> &#177;",
        "<h2 id=\"membrane\">Membrane potential</h2>",
        "<h2 id=\"checks\">Checks of the attacks</h2>",
        "<td class=\"fail\">",
        "<h2 id=\"failures\">What went wrong</h2>",
        "signal 11 (Segmentation fault)",
        "more than 3600 s",
        "<h2 id=\"origin\">Where this comes from</h2>",
        "<dt>Digest of all results</dt>",
        "MPI 4.1\n",
        "<pre># Made up for tests.\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        text_assert_has(troubled.html, parts[i]);
}

/* Names of namespaces are the only addresses. */
static void the_page_needs_nothing_else(void **state)
{
    (void)state;
    const char *html = sound.html;
    assert_int_equal(text_count(html, "://"),
                     text_count(html, "=\"http://www.w3.org/2000/svg\"") +
                         text_count(html, "=\"http://www.w3.org/1999/xlink\""));
    static const char *const parts[] = {"<script", "<link",   "<img",
                                        "<iframe", "@import", "src=",
                                        "onload"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(sound.html, parts[i]))
            fail_msg("%s", parts[i]);
}

/* Every reference within a page leads to the one id that it names. */
static void ids_of_pictures_do_not_collide(void **state)
{
    (void)state;
    size_t n = 0;
    for (const char *at = sound.html; (at = strstr(at, " id='")); n++) {
        at += strlen(" id='");
        const char *id = arena_print(&sound.stage.arena, " id='%.*s'",
                                     (int)strcspn(at, "'"), at);
        assert_int_equal(text_count(sound.html, id), 1);
    }
    assert_true(n > 8);
    for (const char *at = sound.html; (at = strstr(at, "href='#"));) {
        at += strlen("href='#");
        text_assert_has(sound.html,
                        arena_print(&sound.stage.arena, " id='%.*s'",
                                    (int)strcspn(at, "'"), at));
    }
}

/* Tags that open and do not close, and the other way round. */
static void the_markup_is_balanced(void **state)
{
    (void)state;
    static const char *const names[] = {
        "html", "head", "body", "table", "thead", "tbody", "tr", "th",
        "td",   "p",    "h2",   "div",   "dl",    "dt",    "dd", "figure",
        "svg",  "g",    "pre",  "text",  "figcaption"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct arena *arena = &troubled.stage.arena;
        size_t n_open =
            text_count(troubled.html, arena_print(arena, "<%s>", names[i])) +
            text_count(troubled.html, arena_print(arena, "<%s ", names[i])) +
            text_count(troubled.html, arena_print(arena, "<%s\n", names[i]));
        size_t n_closed =
            text_count(troubled.html, arena_print(arena, "</%s>", names[i]));
        if (n_open != n_closed || n_open == 0)
            fail_msg("%zu <%s>, %zu closed", n_open, names[i], n_closed);
    }
}

/* hostile names ------------------------------------------------------- */

static const char evil[] = "o'<b>\"&\n{/Symbol a}_x^2 \\ $d0l0 `ls`";

/* The same results, with names that mean something to HTML and gnuplot. */
static void rename_all(struct page *page)
{
    struct results *results = &page->stage.results;
    struct arena *arena = &page->stage.arena;
    size_t n = results->n_trials;
    struct result_trial *trials = ARENA_ARRAY(arena, struct result_trial, n);
    memcpy(trials, results->trials, n * sizeof *trials);
    for (size_t i = 0; i < n; i++) {
        struct settings *settings = &trials[i].settings;
        struct setting *at = ARENA_ARRAY(arena, struct setting, settings->n);
        memcpy(at, settings->at, settings->n * sizeof *at);
        for (size_t k = 0; k < settings->n; k++)
            if (!strcmp(at[k].value, "poisson") ||
                !strcmp(at[k].value, "mpd_sgr"))
                at[k].value = evil;
        settings->at = at;
        trials[i].cell = trials[i].cause = trials[i].message = evil;
    }
    results->trials = trials;
    struct result_attack *attacks =
        ARENA_ARRAY(arena, struct result_attack, results->n_attacks);
    memcpy(attacks, results->attacks, results->n_attacks * sizeof *attacks);
    for (size_t i = 0; i < results->n_attacks; i++)
        attacks[i].name = evil;
    results->attacks = attacks;
}

static void names_are_never_taken_for_markup(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.fails = true;
    struct page page = open_page(&sweep);
    rename_all(&page);
    write_page(&page);
    assert_null(strstr(page.html, "<b>"));
    text_assert_has(page.html, "o&#39;&lt;b&gt;&quot;&amp;\n{/Symbol a}_x^2");
    /* In the pictures as they are, with a blank for the line's end. */
    const char *svg = read_text(
        scratch_path(&page.stage.scratch, "report/curves-01.svg"),
        &page.stage.arena);
    text_assert_has(svg, "o'&lt;b>\"&amp; {/Symbol a}_x^2 \\ $d0l0 `ls`");
    close_page(&page);
}

/* refusals ------------------------------------------------------------ */

/* Writes the report with this folder as the only place of programs. */
static enum status write_with_path(struct page *page, const char *path)
{
    char *before = arena_copy_text(&page->stage.arena, getenv("PATH"));
    setenv("PATH", path, 1);
    enum status status = report_write(&page->stage.results, NULL, page->folder);
    setenv("PATH", before, 1);
    return status;
}

/* An emulator starts programs by its own means, which tell only later that
 * there is none. */
static void without_gnuplot_the_package_is_named(void **state)
{
    (void)state;
    if (getenv("EMULATOR"))
        skip();
    struct page page = open_page(&fake_sweep_small);
    assert_int_equal(write_with_path(&page, "/nonexistent"),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "gnuplot is not installed"));
    assert_non_null(strstr(status_reason(), "gnuplot-nox"));
    assert_int_equal(scratch_count(page.folder, ".html"), 0);
    close_page(&page);
}

static void what_gnuplot_says_when_it_fails_is_handed_on(void **state)
{
    (void)state;
    struct page page = open_page(&fake_sweep_small);
    static const char *const scripts[] = {
        "#!/bin/sh\necho 'it is broken' >&2\nexit 3\n",
        "#!/bin/sh\nkill -9 $$\n", "#!/bin/sh\nexit 0\n"};
    static const char *const reasons[] = {"gnuplot failed: it is broken",
                                          "gnuplot died of signal 9",
                                          "No such file"};
    write_page(&page);
    for (size_t i = 0; i < 3; i++) {
        const char *program = scratch_path(&page.stage.scratch, "gnuplot");
        scratch_write(program, scripts[i], strlen(scripts[i]));
        assert_int_equal(chmod(program, 0755), 0);
        assert_int_not_equal(
            write_with_path(&page, page.stage.scratch.folder), STATUS_OK);
        if (!strstr(status_reason(), reasons[i]))
            fail_msg("%s", status_reason());
        assert_int_equal(scratch_count(page.folder, ".tmp"), 0);
        assert_int_equal(scratch_count(page.folder, ".html"), 1);
    }
    close_page(&page);
}

static void a_folder_that_is_a_file_is_refused(void **state)
{
    (void)state;
    struct page page = open_page(&fake_sweep_small);
    scratch_write(page.folder, "", 0);
    assert_int_equal(report_write(&page.stage.results, NULL, page.folder),
                     STATUS_INVALID);
    assert_non_null(strstr(status_reason(), page.folder));
    close_page(&page);
}

static void a_sweep_without_results_has_a_page(void **state)
{
    (void)state;
    struct page page = open_page(&fake_sweep_small);
    page.stage.results.n_trials = 0;
    write_page(&page);
    text_assert_has(page.html, "Nothing has been computed yet.");
    text_assert_has(page.html, "<h2 id=\"origin\">Where this comes from</h2>");
    close_page(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_and_its_pictures_are_there),
        cmocka_unit_test(sections_say_what_they_should),
        cmocka_unit_test(the_page_needs_nothing_else),
        cmocka_unit_test(ids_of_pictures_do_not_collide),
        cmocka_unit_test(the_markup_is_balanced),
        cmocka_unit_test(names_are_never_taken_for_markup),
        cmocka_unit_test(without_gnuplot_the_package_is_named),
        cmocka_unit_test(what_gnuplot_says_when_it_fails_is_handed_on),
        cmocka_unit_test(a_folder_that_is_a_file_is_refused),
        cmocka_unit_test(a_sweep_without_results_has_a_page),
    };
    return cmocka_run_group_tests_name("report", tests, write_pages,
                                       remove_pages);
}
