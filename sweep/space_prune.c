/* Which combinations are not run. */
#include "sweep/space_parts.h"

#include <string.h>

static bool condition_holds(const struct condition *condition,
                            const struct spec *spec, struct arena *arena)
{
    const struct choice *choice = &spec->at[condition->axis];
    if (!choice->kind)
        return false;
    const char *text = choice->kind->name;
    if (condition->row) {
        const struct row *row = kind_find_row(choice->kind, condition->row);
        if (!row)
            return false;
        text = row_print(row, choice->params, arena);
    }
    for (size_t i = 0; i < condition->values.n; i++)
        if (!strcmp(condition->values.texts[i], text))
            return true;
    return false;
}

bool space_rule_holds(const struct rule *rule, const struct spec *spec,
                      struct arena *arena)
{
    for (size_t i = 0; i < rule->n; i++)
        if (!condition_holds(&rule->conditions[i], spec, arena))
            return false;
    return true;
}

/* The first rule that holds, or NULL. */
static const struct rule *find_rule(const struct rules *rules,
                                    const struct spec *spec)
{
    const struct rule *found = NULL;
    struct arena arena = arena_open();
    for (size_t i = 0; i < rules->n && !found; i++)
        if (space_rule_holds(&rules->at[i], spec, &arena))
            found = &rules->at[i];
    arena_close(&arena);
    return found;
}

const char *space_prune(const struct experiment *experiment,
                        const struct spec *spec, struct arena *arena)
{
    const struct rule *rule = find_rule(&experiment->exclude, spec);
    return rule ? arena_print(arena, "excluded by %s:%d", rule->file,
                              rule->line)
                : spec_objection(spec, arena);
}

const char *space_find_outside(const struct variant *variant,
                               const struct spec *spec, struct arena *arena)
{
    const struct rules *when = variant->when;
    if (!when || find_rule(when, spec))
        return NULL;
    return arena_print(arena, "outside of `when`, %s:%d", when->at[0].file,
                       when->at[0].line);
}

const char *space_prune_attack(const struct experiment *experiment, size_t i,
                               const struct spec *spec, struct arena *arena)
{
    struct pick pick = space_pick(&experiment->attacks, i);
    const char *outside = space_find_outside(pick.variant, spec, arena);
    return outside ? outside : space_prune(experiment, spec, arena);
}
