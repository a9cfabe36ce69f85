/* Places in an experiment file of what was read from it. */
#include "io/experiment.h"

#include <string.h>

const struct alternatives *
experiment_alternatives(const struct experiment *experiment,
                        enum spec_axis axis)
{
    if (axis > SPEC_ATTACK)
        return &experiment->ways[axis - SPEC_ATTACK - 1];
    return axis == SPEC_ATTACK ? &experiment->attacks : &experiment->axes[axis];
}

static bool has_text(const struct values *values, const char *text)
{
    for (size_t i = 0; i < values->n; i++)
        if (!strcmp(values->texts[i], text))
            return true;
    return false;
}

static bool offers(const struct variant *variant, const struct choice *choice)
{
    if (variant->kind != choice->kind)
        return false;
    struct arena arena = arena_open();
    bool all = true;
    for (size_t i = 0; i < choice->kind->n_rows && all; i++)
        all = has_text(&variant->rows[i],
                       row_print(&choice->kind->rows[i], choice->params,
                                 &arena));
    arena_close(&arena);
    return all;
}

static struct experiment_place find_place(const struct variant *variant,
                               const char *reason)
{
    struct arena arena = arena_open();
    struct experiment_place place = variant->place;
    for (size_t i = 0; i < variant->kind->n_rows; i++)
        if (variant->row_places[i].file &&
            strstr(reason, arena_print(&arena, " %s is ",
                                       variant->kind->rows[i].name)))
            place = variant->row_places[i];
    arena_close(&arena);
    return place;
}

const char *experiment_place_reason(const struct experiment *experiment,
                                    enum spec_axis axis,
                                    const struct choice *choice,
                                    const char *reason, struct arena *arena)
{
    const struct alternatives *alternatives =
        experiment_alternatives(experiment, axis);
    struct experiment_place place = {NULL, 0};
    for (size_t i = 0; i < alternatives->n && !place.file; i++)
        if (offers(&alternatives->variants[i], choice))
            place = find_place(&alternatives->variants[i], reason);
    if (!place.file)
        return arena_print(arena, "%s: %s", experiment->path, reason);
    return arena_print(arena, "%s:%d: %s", place.file, place.line, reason);
}
