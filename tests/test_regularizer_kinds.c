/* Each regularizer's terms against their formula and their differences. */
#include "tests/test.h"

#include "core/regularizer.h"
#include "core/spec.h"

#include <math.h>
#include <string.h>

struct subject {
    struct arena arena;
    struct spec spec;
    const struct regularizer *regularizer;
    const void *params;
};

/* `text` follows "regularizer = ". */
static struct subject open_subject(const char *text)
{
    struct subject subject = {.arena = arena_open()};
    const char *all = arena_print(&subject.arena, "regularizer = %s", text);
    assert_int_equal(spec_parse(all, &subject.spec, &subject.arena),
                     STATUS_OK);
    const struct choice *choice = &subject.spec.at[SPEC_REGULARIZER];
    subject.regularizer = regularizer_of(choice->kind);
    subject.params = choice->params;
    return subject;
}

static bool near(double value, double expected, double tolerance)
{
    return fabs(value - expected) <= tolerance * fmax(1, fabs(expected));
}

/* all of the axis ----------------------------------------------------- */

static double pair_value(const struct subject *subject, double mu,
                         double sigma, double *d_mu, double *d_sigma)
{
    float by_mu, by_sigma, at_mu = (float)mu, at_sigma = (float)sigma;
    double value = subject->regularizer->moments(
        subject->params, 0.75, 1, &at_mu, &at_sigma, &by_mu, &by_sigma);
    *d_mu = (double)by_mu;
    *d_sigma = (double)by_sigma;
    return value;
}

/* Steps are powers of two, which float holds. */
static void check_pair(const struct subject *subject, double mu, double sigma)
{
    double h = 0x1p-10, d_mu, d_sigma, skip;
    double by_mu = (pair_value(subject, mu + h, sigma, &skip, &skip) -
                    pair_value(subject, mu - h, sigma, &skip, &skip)) /
                   (2 * h);
    double by_sigma = (pair_value(subject, mu, sigma + h, &skip, &skip) -
                       pair_value(subject, mu, sigma - h, &skip, &skip)) /
                      (2 * h);
    pair_value(subject, mu, sigma, &d_mu, &d_sigma);
    assert_true(near(d_mu, by_mu, 1e-4));
    assert_true(near(d_sigma, by_sigma, 1e-4));
}

static void check_value(const struct subject *subject, float x)
{
    float h = 0x1p-10f, at[3] = {x - h, x, x + h}, r[3], d_x[3];
    subject->regularizer->value(subject->params, 3, at, r);
    subject->regularizer->slope(subject->params, 3, at, d_x);
    double slope = (double)(r[2] - r[0]) / (2 * (double)h);
    assert_true(near((double)d_x[1], slope, 1e-4));
    assert_true(r[1] >= 0);
}

static void check_rate(const struct subject *subject, double rate)
{
    double h = 1e-6, d_rate, skip;
    double slope =
        (subject->regularizer->rate(subject->params, rate + h, &skip) -
         subject->regularizer->rate(subject->params, rate - h, &skip)) /
        (2 * h);
    assert_true(subject->regularizer->rate(subject->params, rate, &d_rate) >=
                0);
    assert_true(near(d_rate, slope, 1e-6));
}

static void every_slope_is_one_of_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < regularizer_axis.n_kinds; i++) {
        struct arena arena = arena_open();
        struct subject subject = open_subject(
            arena_print(&arena, "%s\n", regularizer_axis.kinds[i]->name));
        const struct regularizer *regularizer = subject.regularizer;
        for (double at = -2.03125; at < 2; at += 0.3125) {
            for (double sigma = 0.25; sigma < 3 && regularizer->moments;
                 sigma *= 1.375)
                check_pair(&subject, at, sigma);
            if (regularizer->value)
                check_value(&subject, (float)at);
            if (regularizer->rate && at > 0 && at < 1)
                check_rate(&subject, at);
        }
        assert_int_equal(!regularizer->value, !regularizer->slope);
        arena_close(&subject.arena);
        arena_close(&arena);
    }
}

static void a_weight_is_the_parameter_at_the_end_at_the_latest(void **state)
{
    (void)state;
    for (size_t i = 0; i < regularizer_axis.n_kinds; i++) {
        struct arena arena = arena_open();
        const struct kind *kind = regularizer_axis.kinds[i];
        if (!kind_find_row(kind, "weight"))
            continue;
        struct subject subject = open_subject(arena_print(
            &arena, "%s\nregularizer.weight = 0.375\n", kind->name));
        double last = 0;
        for (double progress = 0; progress <= 1; progress += 0.125) {
            double weight =
                subject.regularizer->weight(subject.params, progress);
            assert_true(weight >= last && weight <= 0.375);
            last = weight;
        }
        assert_true(last == 0.375);
        arena_close(&subject.arena);
        arena_close(&arena);
    }
}

/* tgo ----------------------------------------------------------------- */

static void tgo_is_how_near_the_threshold_is(void **state)
{
    (void)state;
    struct subject subject = open_subject("tgo\nregularizer.delta = 0.5\n");
    const float x[] = {-2, -0.5f, -0.375f, -0.125f, 0, 0.25f, 0.5f, 3};
    const float r[] = {0, 0, 0.125f, 0.375f, 0.5f, 0.25f, 0, 0};
    const float by_x[] = {0, 0, 1, 1, -1, -1, 0, 0};
    float value[8], slope[8];
    subject.regularizer->value(subject.params, 8, x, value);
    subject.regularizer->slope(subject.params, 8, x, slope);
    assert_memory_equal(value, r, sizeof r);
    assert_memory_equal(slope, by_x, sizeof by_x);
    assert_true(subject.regularizer->sums_layers);
    arena_close(&subject.arena);
}

static void the_weight_of_tgo_rises_by_half_a_cosine(void **state)
{
    (void)state;
    static const double progress[] = {0, 0.25, 0.5, 1};
    /* 0.6 (0.1 + 0.9 (1 - cos(pi p))/2) */
    static const double weights[] = {0.06, 0.13908116907963217, 0.33, 0.6};
    struct subject subject = open_subject(
        "tgo\nregularizer.weight = 0.6\nregularizer.initial = 0.1\n");
    for (size_t i = 0; i < 4; i++)
        assert_true(near(subject.regularizer->weight(subject.params,
                                                     progress[i]),
                         weights[i], 1e-12));
    arena_close(&subject.arena);
}

/* pda ----------------------------------------------------------------- */

static void pda_is_the_distance_or_the_share_outside(void **state)
{
    (void)state;
    struct subject distance = open_subject("pda\nregularizer.reach = 2\n");
    struct subject share = open_subject("pda\nregularizer.form = share\n");
    float mu[3] = {-1, 0.25f, 0.1f}, sigma[3] = {0.5f, 0.5f, 0.1f};
    float by_mu[3], by_sigma[3];
    /* ((1 + 1)/0.5 - 1)^2 + ((0.25 + 1)/0.5 - 1)^2 + 0 */
    double sum = distance.regularizer->moments(distance.params, 0.5, 3, mu,
                                               sigma, by_mu, by_sigma);
    assert_true(near(sum, 9 + 2.25, 1e-12));
    assert_true(by_mu[0] == -12 && by_mu[1] == 6 && by_mu[2] == 0);
    assert_true(by_sigma[0] == 24 && by_sigma[1] == 12 && by_sigma[2] == 0);
    /* 1 - Omega of the golden values (-1, 0.5, 1), (0, 1, 1). */
    float golden_mu[2] = {-1, 0}, golden_sigma[2] = {0.5f, 1};
    sum = share.regularizer->moments(share.params, 1, 2, golden_mu,
                                     golden_sigma, by_mu, by_sigma);
    assert_true(near(sum, 2 - 0.499968329 - 0.682689492, 1e-8));
    assert_true(near((double)by_mu[0], -0.797616900, 1e-6));
    assert_true(near((double)by_sigma[1], 0.483941449, 1e-6));
    arena_close(&distance.arena);
    arena_close(&share.arena);
}

/* What is pulled by one is pushed by the other. */
static void pda_and_mpd_sgr_pull_to_opposite_sides(void **state)
{
    (void)state;
    struct subject pda = open_subject("pda\nregularizer.form = share\n");
    struct subject mpd_sgr = open_subject("mpd_sgr\n");
    float mu[2] = {-1.5f, 0.25f}, sigma[2] = {0.5f, 0.75f}, in[4], out[4];
    double inside = mpd_sgr.regularizer->moments(mpd_sgr.params, 1, 2, mu,
                                                 sigma, in, in + 2);
    double outside = pda.regularizer->moments(pda.params, 1, 2, mu, sigma, out,
                                              out + 2);
    assert_true(near(inside + outside, 2, 1e-12));
    for (size_t i = 0; i < 4; i++)
        assert_true(in[i] == -out[i] && in[i] != 0);
    arena_close(&pda.arena);
    arena_close(&mpd_sgr.arena);
}

static void pda_needs_a_range_like_mpd_sgr(void **state)
{
    (void)state;
    struct subject bare = open_subject("pda\nsurrogate = atan\n");
    struct subject ranged =
        open_subject("pda\nregularizer.share = 0.5\nsurrogate = atan\n");
    assert_non_null(bare.regularizer->kind.applies(&bare.spec));
    assert_null(ranged.regularizer->kind.applies(&ranged.spec));
    assert_true(near(regularizer_gamma(&ranged.spec), 0.31830988618379067,
                     1e-10)); /* tan(pi p/2)/pi */
    arena_close(&bare.arena);
    arena_close(&ranged.arena);
}

/* firing_rate --------------------------------------------------------- */

static void check_bound(const char *bound, double below, double above)
{
    struct arena arena = arena_open();
    struct subject subject = open_subject(arena_print(
        &arena,
        "firing_rate\nregularizer.target = 0.25\nregularizer.bound = %s\n",
        bound));
    double slope;
    assert_true(subject.regularizer->rate(subject.params, 0.125, &slope) ==
                below);
    assert_true(slope == (below > 0 ? -0.25 : 0));
    assert_true(subject.regularizer->rate(subject.params, 0.75, &slope) ==
                above);
    assert_true(slope == (above > 0 ? 1 : 0));
    arena_close(&subject.arena);
    arena_close(&arena);
}

static void a_rate_is_held_to_its_target_or_bound(void **state)
{
    (void)state;
    check_bound("both", 0.015625, 0.25);
    check_bound("upper", 0, 0.25);
    check_bound("lower", 0.015625, 0);
}

/* mpd_sgr from tdbn --------------------------------------------------- */

static void expect_objection(const char *text, const char *words)
{
    struct subject subject = open_subject(text);
    const char *objection = subject.regularizer->kind.applies(&subject.spec);
    if (!words)
        assert_null(objection);
    else if (!objection || !strstr(objection, words))
        fail_msg("no word of \"%s\" but %s, of\n%s", words,
                 objection ? objection : "no objection", text);
    arena_close(&subject.arena);
}

#define ANALYTIC "mpd_sgr\nregularizer.statistics = analytic\n"
#define TDBN "normalization = tdbn\n"

static void the_theorem_is_not_stretched(void **state)
{
    (void)state;
    expect_objection(ANALYTIC TDBN "network = csnn\n", NULL);
    expect_objection(ANALYTIC TDBN "network = csnn\nneuron = if\n", NULL);
    expect_objection(ANALYTIC TDBN "network = wrn16\nnetwork.order = pre\n",
                     NULL);
    expect_objection(ANALYTIC "normalization = batch\n", "normalization tdbn");
    expect_objection(ANALYTIC "normalization = none\n", "normalization tdbn");
    expect_objection(ANALYTIC TDBN "network = wrn16\n", "shortcut");
    expect_objection(ANALYTIC TDBN "network = mlp\n", "normalized layer");
    expect_objection(ANALYTIC TDBN "network = csnn\nneuron = plif\n", NULL);
    expect_objection(ANALYTIC TDBN "network = csnn\nneuron = dlif\n",
                     "lif, if or plif");
    expect_objection(ANALYTIC TDBN "network = csnn\nneuron = nlif\n",
                     "lif, if or plif");
    expect_objection(ANALYTIC TDBN "network = csnn\n"
                                   "attention = temporal_channel\n",
                     "attention");
    expect_objection(ANALYTIC TDBN "network = csnn\nsurrogate = atan\n",
                     "bounded support");
    expect_objection("mpd_sgr\nnetwork = wrn16\nneuron = plif\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_slope_is_one_of_differences),
        cmocka_unit_test(a_weight_is_the_parameter_at_the_end_at_the_latest),
        cmocka_unit_test(tgo_is_how_near_the_threshold_is),
        cmocka_unit_test(the_weight_of_tgo_rises_by_half_a_cosine),
        cmocka_unit_test(pda_is_the_distance_or_the_share_outside),
        cmocka_unit_test(pda_and_mpd_sgr_pull_to_opposite_sides),
        cmocka_unit_test(pda_needs_a_range_like_mpd_sgr),
        cmocka_unit_test(a_rate_is_held_to_its_target_or_bound),
        cmocka_unit_test(the_theorem_is_not_stretched),
    };
    return cmocka_run_group_tests_name("regularizer_kinds", tests, NULL, NULL);
}
