/* The axes of who names none. */
#include "analysis/axes.h"

#include <string.h>

static bool has_parameters(const struct axes *axes, const char *kind, size_t n)
{
    for (size_t i = 0; i < axes->n; i++)
        if (!strncmp(axes->at[i].key, kind, n) && axes->at[i].key[n] == '.')
            return true;
    return false;
}

/* A kind with parameters that vary stands for them as well. */
static const char *list_usual(const struct axes *axes, struct arena *arena)
{
    const char *list = "", *whole = "";
    for (size_t i = 0; i < axes->n; i++) {
        const char *key = axes->at[i].key;
        size_t n = strcspn(key, "."), n_whole = strlen(whole);
        if (n_whole && !strncmp(key, whole, n_whole) && key[n_whole] == '.')
            continue;
        bool has = key[n] == '\0' && has_parameters(axes, key, n);
        list = arena_print(arena, "%s%s%s%s", list, *list ? "," : "", key,
                           has ? ".*" : "");
        whole = has ? key : "";
    }
    return list;
}

enum status axes_usual(const struct results *results,
                       const struct axes *without, struct arena *arena,
                       struct axes *axes)
{
    static const struct axes none = {0, NULL};
    struct axes varying = axes_varying(results, false, arena);
    struct axes left = axes_without(&varying, without ? without : &none,
                                    arena);
    return axes_read(results, list_usual(&left, arena), arena, axes);
}
