/* What several attacks on one network leave together, sample by sample. */
#include "core/checks_parts.h"

#include <math.h>
#include <string.h>

/* Whether the second belongs to what is taken together with the first. */
typedef bool (*belonging)(const struct check_curve *curve,
                          const struct check_curve *other);

/* Marks what `other` wins at its e-th epsilon, of n samples. */
static void mark_won(const struct check_curve *other, size_t e, size_t n,
                     bool *won)
{
    for (size_t i = 0; i < n && i < other->n_samples; i++)
        won[i] = won[i] || check_is_wrong(other, e, i);
}

static void add(struct check_together *together,
                const struct check_curve *other, size_t e)
{
    together->n++;
    together->lowest = fmin(together->lowest, other->accuracy[e]);
    together->highest = fmax(together->highest, other->accuracy[e]);
}

static struct check_together take(const struct check_curve *curves,
                                  size_t n_curves, size_t i, size_t e,
                                  belonging belongs)
{
    const struct check_curve *curve = &curves[i];
    struct check_together together = {0, NAN, NAN, NAN};
    struct arena arena = arena_open();
    size_t n = curve->n_samples, n_right = 0;
    bool *won = ARENA_ARRAY(&arena, bool, n);
    for (size_t k = 0; k < n_curves; k++) {
        const struct check_curve *other = &curves[k];
        if (other->n_samples == 0 || !belongs(curve, other))
            continue;
        for (size_t at = 0; at < other->n_epsilons; at++)
            if (other->epsilon[at] == curve->epsilon[e]) {
                mark_won(other, at, n, won);
                add(&together, other, at);
            }
    }
    for (size_t k = 0; k < n; k++)
        n_right += !won[k];
    together.worst = (double)n_right / (double)n;
    arena_close(&arena);
    return together;
}

static bool has_norm(const struct check_curve *curve,
                     const struct check_curve *other)
{
    return curve->attack->norm == other->attack->norm;
}

struct check_together check_over_norm(const struct check_curve *curves,
                                      size_t n_curves, size_t i, size_t e)
{
    return take(curves, n_curves, i, e, has_norm);
}

/* ways back ----------------------------------------------------------- */

static bool is_of(const char *axis, const char *key)
{
    size_t n = strlen(axis);
    return !strncmp(key, axis, n) && (key[n] == '\0' || key[n] == '.');
}

/* The surrogate, or the rule by which it is used. */
static bool is_way_back(const char *key)
{
    return is_of(check_surrogate_key, key) || is_of(check_rule_key, key);
}

/* All that `a` says but for its way back, `b` says as well. */
static bool says_the_same(const struct settings *a, const struct settings *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const char *key = a->at[i].key, *other = settings_get(b, key);
        if (!is_way_back(key) &&
            (!other || strcmp(other, settings_get(a, key)) != 0))
            return false;
    }
    return true;
}

bool check_is_but_for_surrogate(const struct settings *a,
                                const struct settings *b)
{
    return says_the_same(a, b) && says_the_same(b, a);
}

static bool is_but_for_surrogate(const struct check_curve *curve,
                                 const struct check_curve *other)
{
    return check_is_but_for_surrogate(curve->settings, other->settings);
}

struct check_together check_over_surrogates(const struct check_curve *curves,
                                            size_t n_curves, size_t i,
                                            size_t e)
{
    return take(curves, n_curves, i, e, is_but_for_surrogate);
}
