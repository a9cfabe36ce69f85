#include "core/span.h"

#include <stdint.h>
#include <stdlib.h>

enum { TOTAL_MAX = 1 << 24 };

bool span_is_whole(struct span span)
{
    return span.n == 0;
}

bool span_equal(struct span a, struct span b)
{
    return a.first == b.first && a.n == b.n && a.total == b.total;
}

bool span_is_sound(struct span span)
{
    if (span_is_whole(span))
        return span.first == 0 && span.total == 0;
    return span.total <= TOTAL_MAX && span.n <= span.total &&
           span.first <= span.total - span.n;
}

const char *span_print(struct span span, struct arena *arena)
{
    return span_is_whole(span)
               ? ""
               : arena_print(arena, ", samples %zu to %zu of %zu", span.first,
                             span.first + span.n - 1, span.total);
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

int span_compare(struct span a, struct span b)
{
    int order = compare_sizes(a.first, b.first);
    return order ? order : compare_sizes(a.n, b.n);
}

struct digest span_digest(struct span span, struct digest task)
{
    const uint64_t words[] = {span.first, span.n, span.total};
    return span_is_whole(span) ? task
                               : digest_fold(task, words, sizeof words);
}

/* choosing ------------------------------------------------------------ */

static size_t end_of(const struct span *span)
{
    return span->first + span->n;
}

static int by_end(const void *a, const void *b)
{
    const struct span *const *x = a, *const *y = b;
    int order = compare_sizes(end_of(*x), end_of(*y));
    return order ? order : span_compare(**x, **y);
}

/* How many of the first n, by their ends, end where `first` begins at the
 * latest. */
static size_t count_before(size_t n, const struct span *const *sorted,
                           size_t first)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (end_of(sorted[middle]) <= first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* most[i]: the most samples that the first i spans can have. */
size_t spans_choose(size_t n, const struct span *spans, bool *chosen)
{
    struct arena arena = arena_open();
    const struct span **sorted =
        ARENA_ARRAY(&arena, const struct span *, n + 1);
    size_t *most = ARENA_ARRAY(&arena, size_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &spans[i];
        chosen[i] = false;
    }
    qsort(sorted, n, sizeof *sorted, by_end);
    for (size_t i = 0; i < n; i++) {
        size_t with = sorted[i]->n +
                      most[count_before(i, sorted, sorted[i]->first)];
        most[i + 1] = with > most[i] ? with : most[i];
    }
    size_t covered = most[n];
    for (size_t i = n; i > 0;) {
        if (most[i] == most[i - 1]) {
            i--;
            continue;
        }
        chosen[sorted[i - 1] - spans] = true;
        i = count_before(i - 1, sorted, sorted[i - 1]->first);
    }
    arena_close(&arena);
    return covered;
}
