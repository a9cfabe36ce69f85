#include "analysis/layers.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

static struct results_stage stage;

static int open_stage(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.n_seeds = 2;
    stage = results_stage_open(&sweep);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    results_stage_close(&stage);
    return 0;
}

static size_t find_column(const struct sheet *sheet, const char *name)
{
    for (size_t i = 0; i < sheet->n_columns; i++)
        if (!strcmp(sheet->columns[i].name, name))
            return i;
    fail_msg("no column %s", name);
    return 0;
}

static double number(const struct sheet *sheet, size_t row, const char *name)
{
    return sheet_cell(sheet, row, find_column(sheet, name))->number;
}

static const char *text(const struct sheet *sheet, size_t row,
                        const char *name)
{
    return sheet_cell(sheet, row, find_column(sheet, name))->text;
}

static struct sheet list(enum status (*list_layers)(
                             const struct results *results,
                             const struct layers_request *request,
                             struct arena *arena, struct sheet *sheet),
                         struct layers_request request)
{
    struct sheet sheet;
    if (list_layers(&stage.results, &request, &stage.arena, &sheet) !=
        STATUS_OK)
        fail_msg("%s", status_reason());
    return sheet;
}

/* Of all trials with a value of the axis: what the file has, added up. */
static double sum_of(const char *key, const char *value, size_t layer,
                     size_t step, size_t what, size_t *n)
{
    double sum = 0;
    *n = 0;
    for (size_t i = 0; i < stage.results.n_trials; i++) {
        struct result_membrane membrane;
        const char *own =
            settings_get(&stage.results.trials[i].settings, key);
        if (strcmp(own, value) != 0)
            continue;
        assert_int_equal(results_membrane(&stage.results, i, &stage.arena,
                                          &membrane), STATUS_OK);
        size_t at = layer * membrane.n_steps + step;
        sum += what == 0 ? membrane.mean[at]
               : what == 1 ? membrane.inside[at]
               : what == 2
                   ? membrane.firing_rate[at]
                   : (double)membrane.counts[at * membrane.n_bins + what];
        ++*n;
    }
    return sum;
}

static void groups_have_the_means_of_their_trials(void **state)
{
    (void)state;
    struct sheet sheet = list(layers_list_potentials,
                              (struct layers_request){.by = "encoding",
                                                      .steps = true});
    size_t n_layers = stage.results.n_layers, n_steps = stage.results.n_steps;
    assert_int_equal(sheet.n_rows, 2 * n_layers * n_steps);
    for (size_t row = 0; row < sheet.n_rows; row++) {
        size_t n, layer = (size_t)number(&sheet, row, "layer");
        size_t step = (size_t)number(&sheet, row, "step");
        const char *encoding = text(&sheet, row, "encoding");
        static const char *const names[] = {"mean", "inside", "rate"};
        for (size_t i = 0; i < 3; i++) {
            double mean = sum_of("encoding", encoding, layer, step, i, &n);
            mean /= (double)n;
            assert_true(fabs(number(&sheet, row, names[i]) - mean) < 1e-12);
        }
        assert_true(number(&sheet, row, "trials") == (double)n);
    }
}

static void without_steps_a_row_is_the_mean_over_them(void **state)
{
    (void)state;
    struct sheet all = list(layers_list_potentials,
                            (struct layers_request){.by = "encoding"});
    struct sheet steps = list(layers_list_potentials,
                              (struct layers_request){.by = "encoding",
                                                      .steps = true});
    size_t n_steps = stage.results.n_steps;
    assert_int_equal(all.n_rows * n_steps, steps.n_rows);
    for (size_t row = 0; row < all.n_rows; row++) {
        double sum = 0;
        for (size_t i = 0; i < n_steps; i++)
            sum += number(&steps, row * n_steps + i, "omega");
        assert_true(fabs(number(&all, row, "omega") - sum / (double)n_steps) <
                    1e-12);
    }
}

static void histograms_are_added_and_densities_integrate_to_what_is_within(
    void **state)
{
    (void)state;
    struct sheet sheet = list(layers_list_potentials,
                              (struct layers_request){.by = "surrogate",
                                                      .steps = true,
                                                      .bins = true});
    size_t n_bins = stage.results.n_bins, n;
    assert_int_equal(sheet.n_rows % n_bins, 0);
    for (size_t first = 0; first < sheet.n_rows; first += n_bins) {
        double counts = 0, integral = 0;
        for (size_t i = 0; i < n_bins; i++) {
            double count = number(&sheet, first + i, "count");
            double width = number(&sheet, first + i, "high") -
                           number(&sheet, first + i, "low");
            counts += count;
            if (isfinite(width))
                integral += width * number(&sheet, first + i, "density");
        }
        double beyond = number(&sheet, first, "count") +
                        number(&sheet, first + n_bins - 1, "count");
        assert_true(fabs(integral - (1 - beyond / counts)) < 1e-9);
        assert_true(number(&sheet, first, "low") == -INFINITY);
        assert_true(number(&sheet, first + n_bins - 1, "high") == INFINITY);
        double direct = sum_of("surrogate", text(&sheet, first, "surrogate"),
                               (size_t)number(&sheet, first, "layer"),
                               (size_t)number(&sheet, first, "step"), 7, &n);
        assert_true(number(&sheet, first + 7, "count") == direct);
    }
}

/* 1 - |x| within (-1, 1); 1 within (-1/2, 1/2). */
static void the_gradient_is_the_surrogates(void **state)
{
    (void)state;
    struct sheet sheet = list(layers_list_potentials,
                              (struct layers_request){.by = "surrogate",
                                                      .bins = true});
    size_t n = 0;
    for (size_t row = 0; row < sheet.n_rows; row++) {
        double x = (number(&sheet, row, "low") +
                    number(&sheet, row, "high")) / 2;
        double gradient = number(&sheet, row, "gradient");
        bool triangular = !strcmp(text(&sheet, row, "surrogate"), "triangular");
        if (!isfinite(x)) {
            assert_true(isnan(gradient));
            continue;
        }
        double expected = triangular ? fmax(0, 1 - fabs(x))
                                     : fabs(x) < 0.5 ? 1.0 : 0.0;
        n += expected > 0;
        assert_true(fabs(gradient - expected) < 1e-6);
    }
    assert_true(n > 10);
}

/* The range of a group with two surrogates is not made up. */
static void a_range_that_differs_is_left_out(void **state)
{
    (void)state;
    struct results results = stage.results;
    struct layers_request request = {.by = "encoding"};
    struct sheet sheet;
    struct result_trial *trials =
        ARENA_ARRAY(&stage.arena, struct result_trial, results.n_trials);
    memcpy(trials, results.trials, results.n_trials * sizeof *trials);
    for (size_t i = 0; i < results.n_trials; i++)
        trials[i].gamma =
            strcmp(settings_get(&trials[i].settings, "encoding"), "direct")
                ? 0.5
                : 1 + 0.5 * (double)(i % 2);
    results.trials = trials;
    assert_int_equal(layers_list_potentials(&results, &request, &stage.arena,
                                            &sheet), STATUS_OK);
    for (size_t row = 0; row < sheet.n_rows; row++) {
        double gamma = number(&sheet, row, "gamma");
        if (strcmp(text(&sheet, row, "encoding"), "direct"))
            assert_true(gamma == 0.5);
        else
            assert_true(isnan(gamma));
    }
}

static void epochs_that_are_not_stored_are_refused_with_what_keeps_them(
    void **state)
{
    (void)state;
    struct results results = stage.results;
    struct sheet sheet;
    struct plot plot;
    struct layers_request request = {.by = "encoding", .epochs = true};
    results.n_epochs = 0;
    assert_int_equal(layers_list_potentials(&results, &request, &stage.arena,
                                            &sheet),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "training.test_each_epoch = true"));
    assert_int_equal(layers_draw_potentials(&results, &request, &stage.arena,
                                            &plot),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "training.test_each_epoch = true"));
}

static void rates_have_mean_deviation_and_extremes(void **state)
{
    (void)state;
    struct sheet sheet = list(layers_list_rates,
                              (struct layers_request){.by = "encoding"});
    size_t n_steps = stage.results.n_steps, n;
    for (size_t row = 0; row < sheet.n_rows; row++) {
        size_t layer = (size_t)number(&sheet, row, "layer");
        const char *encoding = text(&sheet, row, "encoding");
        double sum = 0, least = INFINITY, most = 0;
        for (size_t step = 0; step < n_steps; step++) {
            double rate = sum_of("encoding", encoding, layer, step, 2, &n);
            sum += rate / (double)n;
            least = fmin(least, rate / (double)n);
            most = fmax(most, rate / (double)n);
        }
        assert_true(fabs(number(&sheet, row, "rate") - sum / (double)n_steps) <
                    1e-12);
        assert_true(fabs(number(&sheet, row, "least") - least) < 1e-12);
        assert_true(fabs(number(&sheet, row, "most") - most) < 1e-12);
        assert_true(number(&sheet, row, "deviation") >= 0);
        assert_true(number(&sheet, row, "silent") == 0);
    }
}

static void pictures_have_a_panel_a_layer_and_a_line_a_group(void **state)
{
    (void)state;
    struct plot plot;
    struct layers_request request = {.by = "encoding,surrogate"};
    assert_int_equal(layers_draw_potentials(&stage.results, &request,
                                            &stage.arena, &plot), STATUS_OK);
    assert_int_equal(plot.n_panels, stage.results.n_layers);
    assert_int_equal(text_count(plot.script, "$d0l"), 2 * 4);
    assert_int_equal(text_count(plot.script, "$g"), 2 + 3 * 3);
    text_assert_has(plot.words[0], "spiking layer 0; of direct, triangular ");
    request = (struct layers_request){.by = "encoding,seed"};
    assert_int_equal(layers_draw_rates(&stage.results, &request, &stage.arena,
                                       &plot), STATUS_OK);
    assert_int_equal(text_count(plot.script, "$r2l"), 2 * 4);
}

static void more_lines_than_look_different_are_refused(void **state)
{
    (void)state;
    struct plot plot;
    struct layers_request request = {0};
    assert_int_equal(layers_draw_potentials(&stage.results, &request,
                                            &stage.arena, &plot),
                     STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "12 groups: a picture has at most "
                                            "8 lines"));
    request = (struct layers_request){.by = "encoding", .steps = true};
    assert_int_equal(layers_draw_potentials(&stage.results, &request,
                                            &stage.arena, &plot),
                     STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "a picture of steps has one"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_have_the_means_of_their_trials),
        cmocka_unit_test(without_steps_a_row_is_the_mean_over_them),
        cmocka_unit_test(
            histograms_are_added_and_densities_integrate_to_what_is_within),
        cmocka_unit_test(the_gradient_is_the_surrogates),
        cmocka_unit_test(a_range_that_differs_is_left_out),
        cmocka_unit_test(
            epochs_that_are_not_stored_are_refused_with_what_keeps_them),
        cmocka_unit_test(rates_have_mean_deviation_and_extremes),
        cmocka_unit_test(pictures_have_a_panel_a_layer_and_a_line_a_group),
        cmocka_unit_test(more_lines_than_look_different_are_refused),
    };
    return cmocka_run_group_tests_name("layers", tests, open_stage,
                                       close_stage);
}
