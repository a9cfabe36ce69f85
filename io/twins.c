#include "io/twins.h"
#include "core/digest.h"

#include <stdlib.h>
#include <string.h>

static const char *const defences[] = {"regularizer", "adversary",
                                       "retraction", "gate", "deflation"};

bool twins_is_of_defence(const char *key)
{
    size_t n = strcspn(key, ".");
    for (size_t i = 0; i < sizeof defences / sizeof *defences; i++)
        if (strlen(defences[i]) == n && !strncmp(key, defences[i], n))
            return true;
    return false;
}

static bool is_on(const struct settings *trial, const char *axis)
{
    const char *kind = settings_get(trial, axis);
    return kind && strcmp(kind, "none") != 0;
}

bool twins_is_defended(const struct settings *trial)
{
    for (size_t i = 0; i < sizeof defences / sizeof *defences; i++)
        if (is_on(trial, defences[i]))
            return true;
    return false;
}

bool twins_is_defended_by(const struct variation *variation,
                          const struct settings *trial)
{
    bool varies = false;
    for (size_t i = 0; i < sizeof defences / sizeof *defences; i++) {
        if (!variation_has(variation, defences[i]))
            continue;
        varies = true;
        if (is_on(trial, defences[i]))
            return true;
    }
    return !varies && twins_is_defended(trial);
}

static struct digest fold_text(struct digest digest, const char *text)
{
    return digest_fold(digest, text, strlen(text) + 1);
}

/* What is left of a trial without what may defend it. */
static struct digest strip(const struct settings *trial)
{
    struct digest digest = digest_of("", 0);
    for (size_t i = 0; i < trial->n; i++) {
        const struct setting *setting = &trial->at[i];
        if (twins_is_of_defence(setting->key))
            continue;
        digest = fold_text(digest, setting->key);
        digest = fold_text(digest, setting->value);
    }
    return digest;
}

struct bare {
    struct digest digest;
    size_t trial;
    bool defended;
};

/* Of equal ones the undefended first. */
static int compare(const void *a, const void *b)
{
    const struct bare *x = a, *y = b;
    int order = digest_compare(x->digest, y->digest);
    if (order == 0)
        order = (int)x->defended - (int)y->defended;
    return order ? order : (x->trial > y->trial) - (x->trial < y->trial);
}

static void pair(const struct bare *bare, size_t n, size_t *twins)
{
    const struct bare *twin = NULL;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !digest_equal(bare[i].digest, bare[i - 1].digest))
            twin = bare[i].defended ? NULL : &bare[i];
        twins[bare[i].trial] =
            bare[i].defended && twin ? twin->trial : TWINS_NONE;
    }
}

const size_t *twins_find(size_t n, const struct settings *trials,
                         struct arena *arena)
{
    size_t *twins = ARENA_ARRAY(arena, size_t, n + 1);
    struct bare *bare = ARENA_ARRAY(arena, struct bare, n + 1);
    struct variation variation = settings_vary(n, trials, arena);
    for (size_t i = 0; i < n; i++)
        bare[i] = (struct bare){
            strip(&trials[i]), i,
            twins_is_defended_by(&variation, &trials[i])};
    qsort(bare, n, sizeof *bare, compare);
    pair(bare, n, twins);
    return twins;
}
