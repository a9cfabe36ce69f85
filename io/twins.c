#include "io/store_twins.h"

#include <stdlib.h>
#include <string.h>

static const char *const defences[] = {"regularizer", "adversary",
                                       "retraction", "gate", "deflation"};

/* The axis that a key belongs to, as a defence; NULL if it is none. */
static const char *defence_of(const char *key)
{
    size_t n = strcspn(key, ".");
    for (size_t i = 0; i < sizeof defences / sizeof *defences; i++)
        if (strlen(defences[i]) == n && !strncmp(key, defences[i], n))
            return defences[i];
    return NULL;
}

static bool is_defended(const struct settings *settings)
{
    for (size_t i = 0; i < settings->n; i++) {
        const char *key = settings->at[i].key;
        if (defence_of(key) && !strchr(key, '.') &&
            strcmp(settings->at[i].value, "none") != 0)
            return true;
    }
    return false;
}

/* What is left of a trial without what defends it. */
static struct digest strip(const struct settings *settings)
{
    struct arena arena = arena_open();
    const char *text = "";
    for (size_t i = 0; i < settings->n; i++) {
        const struct setting *setting = &settings->at[i];
        if (!defence_of(setting->key))
            text = arena_print(&arena, "%s%s = %s\n", text, setting->key,
                               setting->value);
    }
    struct digest digest = digest_of(text, strlen(text));
    arena_close(&arena);
    return digest;
}

struct bare {
    struct digest digest;
    size_t trial;
    bool defended;
};

static int compare_digests(const struct digest *a, const struct digest *b)
{
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return (a->low > b->low) - (a->low < b->low);
}

/* Of equal ones the undefended first. */
static int compare(const void *a, const void *b)
{
    const struct bare *x = a, *y = b;
    int order = compare_digests(&x->digest, &y->digest);
    if (order == 0)
        order = (int)x->defended - (int)y->defended;
    return order ? order : (x->trial > y->trial) - (x->trial < y->trial);
}

const size_t *store_twins_find(const struct store_index *index,
                               struct arena *arena)
{
    size_t n = index->n_trials;
    size_t *twins = ARENA_ARRAY(arena, size_t, n + 1);
    struct bare *bare = ARENA_ARRAY(arena, struct bare, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct settings *settings = &index->trials[i].settings;
        bare[i] = (struct bare){strip(settings), i, is_defended(settings)};
        twins[i] = STORE_NO_TWIN;
    }
    qsort(bare, n, sizeof *bare, compare);
    const struct bare *twin = NULL;
    for (size_t i = 0; i < n; i++) {
        bool is_new = i == 0 || compare_digests(&bare[i].digest,
                                                &bare[i - 1].digest) != 0;
        if (is_new)
            twin = bare[i].defended ? NULL : &bare[i];
        if (bare[i].defended && twin)
            twins[bare[i].trial] = twin->trial;
    }
    return twins;
}
