#include "io/attack_names.h"
#include "core/attack.h"
#include "core/spec.h"

#include <string.h>

/* What goes back through nothing has no way back, whatever its text says. */
static bool has_way_back(const char *attack)
{
    const struct kind *kind = kind_find(&attack_axis, attack);
    return !kind || attack_of(kind)->gradient;
}

static const char *make_name(const struct variation *variation,
                             const struct settings *attack,
                             struct arena *arena)
{
    static const enum spec_axis ways[] = {SPEC_ATTACK_SURROGATE,
                                          SPEC_ATTACK_RULE};
    const char *kind = settings_get(attack, "attack");
    struct variation rows = variation_without(variation, "attack", arena);
    for (size_t i = 0; i < KIND_COUNT(ways) && !has_way_back(kind); i++)
        rows = variation_without_axis(&rows, spec_axes[ways[i]]->name, arena);
    const char *label = variation_label(&rows, attack, arena);
    return arena_print(arena, "%s%s%s", kind, *label ? " " : "", label);
}

static bool is_double(size_t n, const char *const *names, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (k != i && strcmp(names[k], names[i]) == 0)
            return true;
    return false;
}

/* Lists of epsilons are long, and seldom what tells attacks apart. */
const char **attack_names_make(size_t n, const struct settings *attacks,
                               struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, n + 1);
    const char **short_names = ARENA_ARRAY(arena, const char *, n + 1);
    struct variation all = settings_vary(n, attacks, arena);
    struct variation few = variation_without(&all, "attack.epsilons", arena);
    for (size_t i = 0; i < n; i++)
        short_names[i] = make_name(&few, &attacks[i], arena);
    for (size_t i = 0; i < n; i++)
        names[i] = is_double(n, short_names, i)
                       ? make_name(&all, &attacks[i], arena)
                       : short_names[i];
    return names;
}
