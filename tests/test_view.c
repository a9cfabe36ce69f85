#include "sweep/view.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS = 40 };

static struct view_rank ranks[RANKS];
static const char *const best[] = {"clean       82.4 %  direct, mpd_sgr",
                                   "pgd         54.8 %  poisson"};
static const char *const failures[] = {"failed: training of a", "failed: b",
                                       "failed: c", "failed: d",
                                       "failed: pgd of\x1b[2Je\n"};

/* 40 ranks, of which the second is idle and the third is silent. */
static struct view make_view(void)
{
    for (size_t i = 0; i < RANKS; i++) {
        ranks[i] = (struct view_rank){
            .at = {.rank = i, .host = "node7", .state = ACTIVITY_BUSY,
                   .busy_s = 72, .progress = {25, 100, 0.532},
                   .task = "training"},
            .cell = "cell 12",
            .label = "direct, triangular, mpd_sgr weight=0.1"};
        ranks[i].at.state = i == 1   ? ACTIVITY_IDLE
                            : i == 2 ? ACTIVITY_LOST
                                     : ACTIVITY_BUSY;
    }
    return (struct view){.folder = "study.sweep",
                         .now_s = 1.7e9,
                         .can_quit = true,
                         .n_runs = 1,
                         .counts = {12, 4, 48, 12, 1, 38},
                         .gone_s = 380,
                         .left_s = 575,
                         .n_ranks = RANKS,
                         .n = RANKS,
                         .ranks = ranks,
                         .n_best = 2,
                         .best = best,
                         .n_failures = 5,
                         .failures = failures};
}

/* The caller frees it. */
static char *print(const struct view *view, size_t width, size_t height)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    view_print_frame(view, width, height, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void a_frame_tells_how_far_the_sweep_is_and_what_ranks_do(void **state)
{
    (void)state;
    struct view view = make_view();
    char *text = print(&view, 120, 60);
    static const char *const parts[] = {
        "study.sweep  (q quits, the sweep goes on)",
        "[##########..............................]  25 %  4/12 cells, "
        "12/48 tasks, 1 failed",
        "0:06:20 gone, ETA 0:09:35 (at ",
        "; 38 of 40 ranks at work",
        "   0 node7  0:01:12  cell 12 training  [##........]     25/100    "
        "loss 0.532  direct, triangular, mpd_sgr",
        "   1 node7          idle",
        "   2 node7          silent",
        "\n  39 node7",
        "best so far\n  clean       82.4 %  direct, mpd_sgr\n  pgd ",
        "went wrong: 5, of these the last\n  failed: b\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        text_assert_has(text, parts[i]);
    free(text);
}

static void a_frame_fits_every_terminal(void **state)
{
    (void)state;
    struct view view = make_view();
    for (size_t width = 10; width < 140; width += 13)
        for (size_t height = 1; height < 70; height += 4) {
            char *text = print(&view, width, height);
            size_t n = 0;
            for (const char *at = text; *at; n++) {
                size_t length = strcspn(at, "\n");
                assert_true(length <= width);
                at += length + 1;
            }
            assert_true(n >= 1 && n <= height);
            free(text);
        }
}

/* What was found stands below the ranks, which give way to it. */
static void of_many_ranks_the_rest_is_counted(void **state)
{
    (void)state;
    struct view view = make_view();
    char *text = print(&view, 100, 24);
    text_assert_has(text, "     and 32 more ranks\n\nbest so far");
    text_assert_has(text, "  failed: pgd of");
    free(text);
    view.n_ranks = 1000; /* of which it knows 40 */
    text = print(&view, 100, 80);
    text_assert_has(text, "  39 node7");
    text_assert_has(text, "     and 960 more ranks\n");
    free(text);
}

static void names_do_not_command_the_terminal(void **state)
{
    (void)state;
    struct view view = make_view();
    char *text = print(&view, 100, 80);
    assert_null(strchr(text, '\x1b'));
    text_assert_has(text, "  failed: pgd of [2Je ");
    free(text);
}

static void what_nobody_knows_is_not_made_up(void **state)
{
    (void)state;
    struct view view = make_view();
    view.left_s = NAN;
    char *text = print(&view, 100, 80);
    text_assert_has(text, "0:06:20 gone, ETA ?; 38");
    free(text);
    view.n_runs = view.n = view.n_ranks = 0;
    view.counts.n_cells_finished = SIZE_MAX;
    text = print(&view, 100, 80);
    text_assert_has(text, " 25 %  12/48 tasks, 1 failed\nno run goes on");
    assert_null(strstr(text, "rank"));
    free(text);
    view.counts.n_finished = 48;
    text = print(&view, 100, 80);
    text_assert_has(text, "100 %  48/48 tasks, 1 failed\nall is done\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_tells_how_far_the_sweep_is_and_what_ranks_do),
        cmocka_unit_test(a_frame_fits_every_terminal),
        cmocka_unit_test(of_many_ranks_the_rest_is_counted),
        cmocka_unit_test(names_do_not_command_the_terminal),
        cmocka_unit_test(what_nobody_knows_is_not_made_up),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
