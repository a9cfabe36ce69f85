#include "io/attack_names.h"
#include "core/attack.h"
#include "core/spec.h"

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

const char **attack_names_make(size_t n, const struct settings *attacks,
                               struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, n + 1);
    struct variation variation = settings_vary(n, attacks, arena);
    for (size_t i = 0; i < n; i++)
        names[i] = make_name(&variation, &attacks[i], arena);
    return names;
}
