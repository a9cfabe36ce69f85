/* What an attack's group in an experiment file says of the network that it is
 * made on:
 *
 *     source = "own";                               # the default
 *     source = { seed = 2; };                       # the cell, otherwise so
 *     source = ( { surrogate = "atan"; seed = 2; }, # several evaluations
 *                { neuron = "pif"; conversion = "qcfs"; analog = true; } );
 *
 * It becomes the canonical text of the changes, axis by axis and row by row, so
 * that one source has one text however it is written. */
#include "core/attack_source.h"
#include "io/experiment_parts.h"

#include <string.h>

/* The group being read. */
struct draft {
    struct experiment_reader *reader;
    const config_setting_t *group;
    const char *changes;
};

static const char seed_key[] = "seed", analog_key[] = "analog";

static void add_change(struct draft *draft, const char *key, const char *value)
{
    draft->changes =
        arena_print(draft->reader->arena, "%s%s%s = %s", draft->changes,
                    *draft->changes ? "; " : "", key, value);
}

/* keys ---------------------------------------------------------------- */

static bool is_axis(size_t axis)
{
    return axis < SPEC_ATTACK && axis != SPEC_DATASET;
}

static enum status refuse_key(const struct draft *draft,
                              const config_setting_t *setting)
{
    struct arena *arena = draft->reader->arena;
    const char *names[SPEC_N_AXES + 2] = {seed_key, analog_key};
    const char *list = arena_print(arena, "%s, %s", seed_key, analog_key);
    size_t n = 2;
    for (size_t i = 0; i < SPEC_N_AXES; i++)
        if (is_axis(i)) {
            names[n++] = spec_axes[i]->name;
            list = arena_print(arena, "%s, %s", list, spec_axes[i]->name);
        }
    const char *name = config_setting_name(setting);
    return experiment_refuse(
        draft->reader, setting,
        "source.%s = %s: allowed are %s (both cells are of one dataset)%s",
        name, experiment_show(setting, arena), list,
        experiment_hint(kind_nearest_of(names, n, name), arena));
}

static enum status check_keys(const struct draft *draft)
{
    for (int i = 0; i < config_setting_length(draft->group); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(draft->group, (unsigned)i);
        const char *name = config_setting_name(setting);
        enum spec_axis axis = spec_find_axis(name, strlen(name));
        bool known = !strcmp(name, seed_key) || !strcmp(name, analog_key) ||
                     (axis < SPEC_N_AXES && is_axis(axis));
        if (!known)
            return refuse_key(draft, setting);
    }
    return STATUS_OK;
}

/* rows ---------------------------------------------------------------- */

static bool has_all_rows(const struct kind *kind, const config_setting_t *group)
{
    for (int i = 0; group && i < config_setting_length(group); i++)
        if (!kind_find_row(kind, config_setting_name(config_setting_get_elem(
                                     group, (unsigned)i))))
            return false;
    return true;
}

/* Of a group that names no kind: the first on this axis of the file that has
 * its parameters, else the first. */
static const struct kind *guess_kind(const struct draft *draft, size_t axis,
                                     const config_setting_t *group)
{
    const struct alternatives *alternatives =
        &draft->reader->experiment.axes[axis];
    for (size_t i = 0; i < alternatives->n; i++)
        if (has_all_rows(alternatives->variants[i].kind, group))
            return alternatives->variants[i].kind;
    return alternatives->variants[0].kind;
}

static enum status refuse_several(const struct draft *draft, const char *key,
                                  const config_setting_t *setting)
{
    return experiment_refuse(draft->reader, setting,
                             "source: %s = %s: allowed is one value; several "
                             "sources are a list of groups, "
                             "source = ( {..}, {..} )",
                             key,
                             experiment_show(setting, draft->reader->arena));
}

static enum status read_row(struct draft *draft, size_t axis,
                            const struct kind *kind, const struct row *row,
                            const config_setting_t *setting)
{
    struct values values;
    const char *key = arena_print(draft->reader->arena, "%s.%s",
                                  spec_axes[axis]->name, row->name);
    TRY(experiment_values_read(draft->reader, setting, key, kind, row,
                               &values));
    if (values.n != 1)
        return refuse_several(draft, key, setting);
    if (strpbrk(values.texts[0], "\";"))
        return experiment_refuse(draft->reader, setting,
                                 "source: %s is a text, which a source cannot "
                                 "change",
                                 key);
    add_change(draft, key, values.texts[0]);
    return STATUS_OK;
}

static enum status check_rows(const struct draft *draft, size_t axis,
                              const struct kind *kind,
                              const config_setting_t *group)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);
        if (strcmp(name, "kind") != 0 && !kind_find_row(kind, name))
            return experiment_refuse_key(draft->reader, setting,
                                         spec_axes[axis]->name, kind, false);
    }
    return STATUS_OK;
}

/* Short for training.seed. */
static const config_setting_t *find_seed(const struct draft *draft, size_t axis,
                                         const char *name)
{
    return axis == SPEC_TRAINING && !strcmp(name, seed_key)
               ? config_setting_get_member(draft->group, seed_key)
               : NULL;
}

static enum status read_rows(struct draft *draft, size_t axis,
                             const struct kind *kind,
                             const config_setting_t *group)
{
    for (size_t r = 0; r < kind->n_rows; r++) {
        const struct row *row = &kind->rows[r];
        const config_setting_t *seed = find_seed(draft, axis, row->name);
        const config_setting_t *setting =
            group ? config_setting_get_member(group, row->name) : NULL;
        if (seed && setting)
            return experiment_refuse(draft->reader, seed,
                                     "source.seed: training.seed is given as "
                                     "well; allowed is one of the two");
        if (seed || setting)
            TRY(read_row(draft, axis, kind, row, seed ? seed : setting));
    }
    return STATUS_OK;
}

/* axes ---------------------------------------------------------------- */

/* "kind", { kind = ..; row = ..; } or { row = ..; }; NULL where only rows that
 * have a short form may be given. */
static enum status read_axis(struct draft *draft, size_t axis,
                             const config_setting_t *setting)
{
    const config_setting_t *group =
        setting && config_setting_is_group(setting) ? setting : NULL;
    if (setting && !group && config_setting_is_aggregate(setting))
        return refuse_several(draft, spec_axes[axis]->name, setting);
    const config_setting_t *named =
        group ? config_setting_get_member(group, "kind") : setting;
    const struct kind *kind = NULL;
    if (named) {
        TRY(experiment_kind_read(draft->reader, named, spec_axes[axis],
                                 &kind));
        add_change(draft, spec_axes[axis]->name, kind->name);
    } else {
        kind = guess_kind(draft, axis, group);
    }
    if (group)
        TRY(check_rows(draft, axis, kind, group));
    return read_rows(draft, axis, kind, group);
}

/* variants ------------------------------------------------------------ */

static struct values one_value(const char *text, struct arena *arena)
{
    const char **texts = ARENA_ARRAY(arena, const char *, 1);
    texts[0] = text;
    return (struct values){.n = 1, .texts = texts};
}

static struct variant make_variant(struct experiment_reader *reader,
                                   const config_setting_t *setting,
                                   const char *name)
{
    struct arena *arena = reader->arena;
    const struct kind *kind = kind_find(&attack_source_axis, name);
    struct values *rows = ARENA_ARRAY(arena, struct values, kind->n_rows);
    const void *params = kind_defaults(kind, arena);
    for (size_t i = 0; i < kind->n_rows; i++)
        rows[i] = one_value(row_print(&kind->rows[i], params, arena), arena);
    struct variant variant = {
        .kind = kind,
        .rows = rows,
        .row_places =
            ARENA_ARRAY(arena, struct experiment_place, kind->n_rows)};
    if (setting) {
        struct experiment_origin origin = experiment_text_origin(
            &reader->text, (int)config_setting_source_line(setting));
        variant.place = (struct experiment_place){origin.file, origin.line};
    }
    experiment_note_key(setting ? &reader->experiment.keys_set
                                : &reader->experiment.keys_defaulted,
                        attack_source_axis.name, "kind", arena);
    return variant;
}

static void set_row(struct variant *variant, const char *name,
                    const char *text, struct arena *arena)
{
    const struct row *row = kind_find_row(variant->kind, name);
    /* Still under construction; its rows are ours. */
    struct values *rows = (struct values *)variant->rows;
    rows[row - variant->kind->rows] = one_value(text, arena);
}

static void note_row(const struct draft *draft, const char *name, bool is_set)
{
    struct experiment *experiment = &draft->reader->experiment;
    experiment_note_key(is_set ? &experiment->keys_set
                               : &experiment->keys_defaulted,
                        attack_source_axis.name, name, draft->reader->arena);
}

static enum status read_analog(const struct draft *draft,
                               struct variant *variant)
{
    struct values values;
    const config_setting_t *setting =
        config_setting_get_member(draft->group, analog_key);
    if (!setting && !*draft->changes)
        return experiment_refuse(draft->reader, draft->group,
                                 "source = { }: what changes nothing is the "
                                 "cell itself; allowed are \"own\", or a "
                                 "group of changes, as { seed = 2; }");
    note_row(draft, analog_key, setting != NULL);
    if (!setting)
        return STATUS_OK;
    TRY(experiment_values_read(draft->reader, setting, "source.analog",
                               variant->kind,
                               kind_find_row(variant->kind, analog_key),
                               &values));
    if (values.n != 1)
        return experiment_refuse(draft->reader, setting,
                                 "source.analog: allowed is true or false");
    set_row(variant, analog_key, values.texts[0], draft->reader->arena);
    return STATUS_OK;
}

static enum status read_group(struct experiment_reader *reader,
                              const config_setting_t *group,
                              struct variant *variant)
{
    struct draft draft = {reader, group, ""};
    TRY(check_keys(&draft));
    for (size_t i = 0; i < SPEC_N_AXES; i++)
        if (is_axis(i))
            TRY(read_axis(&draft, i,
                          config_setting_get_member(group,
                                                    spec_axes[i]->name)));
    *variant = make_variant(reader, group, "cell");
    set_row(variant, "changes",
            arena_print(reader->arena, "\"%s\"", draft.changes),
            reader->arena);
    note_row(&draft, "changes", true);
    return read_analog(&draft, variant);
}

static enum status read_element(struct experiment_reader *reader,
                                const config_setting_t *setting,
                                struct variant *variant)
{
    if (config_setting_is_group(setting))
        return read_group(reader, setting, variant);
    const char *own = attack_source_axis.fallback;
    if (config_setting_type(setting) != CONFIG_TYPE_STRING ||
        strcmp(config_setting_get_string(setting), own) != 0)
        return experiment_refuse(reader, setting,
                                 "source = %s: allowed is \"own\", a group of "
                                 "what the other cell has otherwise, as "
                                 "{ seed = 2; }, or a list ( .. ) of such",
                                 experiment_show(setting, reader->arena));
    *variant = make_variant(reader, setting, own);
    return STATUS_OK;
}

enum status experiment_sources_read(struct experiment_reader *reader,
                                    const config_setting_t *setting,
                                    struct alternatives *alternatives)
{
    size_t n = setting ? experiment_n_elements(setting) : 1;
    struct variant *variants = ARENA_ARRAY(reader->arena, struct variant, n);
    if (n == 0)
        return experiment_refuse(reader, setting,
                                 "source: an empty list; at least one is "
                                 "needed");
    if (!setting)
        variants[0] = make_variant(reader, NULL, attack_source_axis.fallback);
    for (size_t i = 0; setting && i < n; i++)
        TRY(read_element(reader, experiment_element(setting, i),
                         &variants[i]));
    *alternatives = (struct alternatives){n, variants};
    return STATUS_OK;
}
