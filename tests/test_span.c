/* Which spans of an evaluation's samples make its whole. */
#include "core/span.h"
#include "core/rng.h"
#include "tests/test.h"

#include <string.h>

enum { TOTAL = 12, N_MAX = 8 };

static struct span span_at(size_t first, size_t n)
{
    return (struct span){first, n, TOTAL};
}

static void a_span_lies_within_its_total(void **state)
{
    (void)state;
    assert_true(span_is_sound((struct span){0}));
    assert_true(span_is_sound((struct span){0, 5, 5}));
    assert_true(span_is_sound((struct span){4, 1, 5}));
    assert_false(span_is_sound((struct span){5, 0, 5}));
    assert_false(span_is_sound((struct span){0, 0, 5}));
    assert_false(span_is_sound((struct span){4, 2, 5}));
    assert_false(span_is_sound((struct span){SIZE_MAX, 2, 5}));
    assert_false(span_is_sound((struct span){1, SIZE_MAX, 5}));
    assert_false(span_is_sound((struct span){0, 1, SIZE_MAX}));
}

static void parts_are_told_apart(void **state)
{
    (void)state;
    struct digest task = {1, 2};
    struct span spans[] = {{0}, {0, 5, 10}, {5, 5, 10}, {0, 5, 11}, {0, 6, 10}};
    assert_true(digest_equal(span_digest(spans[0], task), task));
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++)
            assert_int_equal(digest_equal(span_digest(spans[i], task),
                                          span_digest(spans[k], task)),
                             i == k);
}

/* By trying all choices. */
static size_t most_by_force(size_t n, const struct span *spans)
{
    size_t most = 0;
    for (size_t set = 0; set < (size_t)1 << n; set++) {
        size_t sum = 0;
        unsigned taken = 0;
        bool apart = true;
        for (size_t i = 0; i < n; i++) {
            unsigned mask = ((1u << spans[i].n) - 1) << spans[i].first;
            if (!(set >> i & 1))
                continue;
            apart &= (taken & mask) == 0;
            taken |= mask;
            sum += spans[i].n;
        }
        most = apart && sum > most ? sum : most;
    }
    return most;
}

static size_t sum_chosen(size_t n, const struct span *spans,
                         const bool *chosen)
{
    size_t sum = 0;
    unsigned taken = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned mask = ((1u << spans[i].n) - 1) << spans[i].first;
        if (!chosen[i])
            continue;
        assert_int_equal(taken & mask, 0);
        taken |= mask;
        sum += spans[i].n;
    }
    return sum;
}

static size_t draw(uint64_t seed, size_t *n_drawn, size_t below)
{
    struct rng_stream stream = {seed, RNG_NOISE, 0};
    return (size_t)rng_word(stream, (*n_drawn)++) % below;
}

static void the_most_samples_are_chosen_that_do_not_overlap(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct span spans[N_MAX];
        bool chosen[N_MAX];
        size_t n_drawn = 0, n = draw(seed, &n_drawn, N_MAX + 1);
        for (size_t i = 0; i < n; i++) {
            size_t first = draw(seed, &n_drawn, TOTAL);
            spans[i] =
                span_at(first, 1 + draw(seed, &n_drawn, TOTAL - first));
        }
        size_t covered = spans_choose(n, spans, chosen);
        assert_int_equal(covered, sum_chosen(n, spans, chosen));
        assert_int_equal(covered, most_by_force(n, spans));
    }
}

/* The whole in one, in two halves, in three parts of which two overlap. */
static void the_choice_does_not_depend_on_the_order(void **state)
{
    (void)state;
    const struct span spans[] = {span_at(0, 12), span_at(0, 6), span_at(6, 6),
                                 span_at(0, 4), span_at(4, 8)};
    bool first[5], turned[5];
    struct span back[5];
    for (size_t i = 0; i < 5; i++)
        back[i] = spans[4 - i];
    assert_int_equal(spans_choose(5, spans, first), 12);
    assert_int_equal(spans_choose(5, back, turned), 12);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(first[i], turned[4 - i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_lies_within_its_total),
        cmocka_unit_test(parts_are_told_apart),
        cmocka_unit_test(the_most_samples_are_chosen_that_do_not_overlap),
        cmocka_unit_test(the_choice_does_not_depend_on_the_order),
    };
    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
