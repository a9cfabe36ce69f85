/* Attention: factors by their formula, and gradients by differences. */
#include "tests/test.h"

#include "core/attention.h"
#include "core/model.h"
#include "tests/norm_stage.h"
#include "tests/small_net.h"

#include <math.h>

enum { N = 11, N_HIDDEN = 4 };

struct subject {
    float squeeze[N * N_HIDDEN], excite[N_HIDDEN * N], q[N], d_a[N];
};

static struct subject make_subject(void)
{
    struct subject at;
    for (size_t i = 0; i < N * N_HIDDEN; i++) {
        at.squeeze[i] = norm_stage_scatter(i);
        at.excite[i] = norm_stage_scatter(i + 100);
    }
    for (size_t i = 0; i < N; i++) {
        at.q[i] = norm_stage_scatter(i + 200);
        at.d_a[i] = norm_stage_scatter(i + 300);
    }
    return at;
}

static struct attention_maps maps_of(const struct subject *at)
{
    return (struct attention_maps){N, N_HIDDEN, at->squeeze, at->excite};
}

/* The formula of the header, in double; a may be NULL. Returns the sum of
 * d_a a. */
static double run_plain(const struct subject *at, const double *q, double *a)
{
    double loss = 0;
    for (size_t i = 0; i < N; i++) {
        double logit = 0;
        for (size_t k = 0; k < N_HIDDEN; k++) {
            double hidden = 0;
            for (size_t j = 0; j < N; j++)
                hidden += q[j] * (double)at->squeeze[j * N_HIDDEN + k];
            logit += fmax(hidden, 0) * (double)at->excite[k * N + i];
        }
        double own = 1 / (1 + exp(-logit));
        loss += own * (double)at->d_a[i];
        if (a)
            a[i] = own;
    }
    return loss;
}

static void factors_and_gradients_are_by_the_formula(void **state)
{
    (void)state;
    struct subject at = make_subject();
    struct attention_maps maps = maps_of(&at);
    float hidden[N_HIDDEN], a[N], d_logits[N], d_hidden[N_HIDDEN], d_q[N];
    double q[N], expected[N], h = 1e-6;
    for (size_t i = 0; i < N; i++)
        q[i] = (double)at.q[i];
    attention_forward(&maps, at.q, hidden, a);
    attention_backward(&maps, hidden, a, at.d_a, d_logits, d_hidden, d_q);
    run_plain(&at, q, expected);
    for (size_t i = 0; i < N; i++) {
        double held = q[i];
        norm_stage_near((double)a[i], expected[i], 1e-6);
        q[i] = held + h;
        double above = run_plain(&at, q, NULL);
        q[i] = held - h;
        double below = run_plain(&at, q, NULL);
        q[i] = held;
        norm_stage_near((double)d_q[i], (above - below) / (2 * h), 1e-5);
    }
}

static size_t count_parameters(const char *text)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    struct data_set data = {.shape = {8, 8, 1}, .n_classes = 10};
    size_t n = model_count_parameters(&spec, &data);
    arena_close(&arena);
    return n;
}

/* T C in, T C / r hidden, at least one; of every layer of neurons. */
static void the_maps_have_their_sizes(void **state)
{
    (void)state;
    static const char net[] = "network = csnn\nnetwork.channels = [8, 6]\n"
                              "network.hidden = [5]\nnetwork.n_steps = 4\n";
    struct arena arena = arena_open();
    size_t without = count_parameters(net);
    static const struct {
        size_t r, n_hidden[3];
    } cases[] = {{1, {32, 24, 20}}, {4, {8, 6, 5}}, {16, {2, 1, 1}},
                 {100, {1, 1, 1}}};
    for (size_t i = 0; i < 4; i++) {
        const size_t *n = cases[i].n_hidden;
        assert_int_equal(
            count_parameters(arena_print(&arena,
                                         "%sattention = temporal_channel\n"
                                         "attention.reduction = %zu\n",
                                         net, cases[i].r)) -
                without,
            2 * (32 * n[0] + 24 * n[1] + 20 * n[2]));
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_and_gradients_are_by_the_formula),
        cmocka_unit_test(the_maps_have_their_sizes),
    };
    return cmocka_run_group_tests_name("attention", tests, NULL, NULL);
}
