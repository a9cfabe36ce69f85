/* An axis' section in an experiment file: its alternatives. */
#include "core/surrogate.h"
#include "io/experiment_parts.h"

#include <string.h>

static const char when_key[] = "when";

/* The section being read. */
struct section {
    struct experiment_reader *reader;
    const struct axis *axis;
    struct variant *variants;
    size_t n, capacity;
    /* Of the element being read, an attack. */
    struct alternatives ways[EXPERIMENT_WAYS];
};

/* The axis of a way back, and its key in an attack's group: its name without
 * "attack_". */
static const struct axis *way_axis(size_t way)
{
    return spec_axes[SPEC_ATTACK + 1 + way];
}

static const char *way_key(size_t way)
{
    static const char prefix[] = "attack_";
    const char *name = way_axis(way)->name;
    MUST(!strncmp(name, prefix, strlen(prefix)));
    return name + strlen(prefix);
}

static bool is_way(const char *name)
{
    for (size_t i = 0; i < EXPERIMENT_WAYS; i++)
        if (!strcmp(name, way_key(i)))
            return true;
    return false;
}

/* keys ---------------------------------------------------------------- */

static void note_key(struct section *section, const char *row, bool set)
{
    struct experiment *experiment = &section->reader->experiment;
    experiment_note_key(set ? &experiment->keys_set
                            : &experiment->keys_defaulted,
                        section->axis->name, row, section->reader->arena);
}

/* kinds --------------------------------------------------------------- */

static bool is_of_attacks(const struct axis *axis)
{
    return axis == spec_axes[SPEC_ATTACK];
}

/* Whether a setting is the word for several kinds. */
static bool is_matrix(const config_setting_t *setting, const struct axis *axis)
{
    return axis == spec_axes[SPEC_ATTACK_SURROGATE] &&
           config_setting_type(setting) == CONFIG_TYPE_STRING &&
           !strcmp(config_setting_get_string(setting), surrogate_matrix_word);
}

/* What may be named where a kind is expected: all kinds, and that word. */
static const char **name_kinds(const struct axis *axis, size_t *n,
                               struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, axis->n_kinds + 1);
    *n = 0;
    for (size_t i = 0; i < axis->n_kinds; i++)
        names[(*n)++] = axis->kinds[i]->name;
    if (axis == spec_axes[SPEC_ATTACK_SURROGATE])
        names[(*n)++] = surrogate_matrix_word;
    return names;
}

static const char *list_names(const char *const *names, size_t n,
                              struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < n; i++)
        text = arena_print(arena, "%s%s%s", text, i ? ", " : "", names[i]);
    return text;
}

enum status experiment_kind_read(const struct experiment_reader *reader,
                                 const config_setting_t *setting,
                                 const struct axis *axis,
                                 const struct kind **kind)
{
    struct arena *arena = reader->arena;
    size_t n;
    const char **names = name_kinds(axis, &n, arena);
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return experiment_refuse(
            reader, setting,
            "%s = %s: allowed is a kind (one of %s), a group { kind = ..; }, "
            "or a list of such",
            axis->name, experiment_show(setting, arena),
            list_names(names, n, arena));
    const char *name = config_setting_get_string(setting);
    const struct kind *found = kind_find(axis, name);
    if (!found)
        return experiment_refuse(
            reader, setting, "%s = %s: allowed is one of %s%s", axis->name,
            experiment_show(setting, arena), list_names(names, n, arena),
            experiment_hint(kind_nearest_of(names, n, name), arena));
    *kind = found;
    return STATUS_OK;
}

/* A group's keys: the kind's rows, and of attacks the ways back. */
enum status experiment_refuse_key(const struct experiment_reader *reader,
                                  const config_setting_t *setting,
                                  const char *axis, const struct kind *kind,
                                  bool has_ways)
{
    struct arena *arena = reader->arena;
    const char *name = config_setting_name(setting);
    const char **names = ARENA_ARRAY(arena, const char *,
                                     kind->n_rows + 1 + EXPERIMENT_WAYS);
    size_t n = 0;
    names[n++] = "kind";
    for (size_t i = 0; has_ways && i < EXPERIMENT_WAYS; i++)
        names[n++] = way_key(i);
    for (size_t i = 0; i < kind->n_rows; i++)
        names[n++] = kind->rows[i].name;
    return experiment_refuse(
        reader, setting, "%s.%s = %s: %s %s has no such parameter; it has %s%s",
        axis, name, experiment_show(setting, arena), axis, kind->name,
        list_names(names, n, arena),
        experiment_hint(kind_nearest_of(names, n, name), arena));
}

/* variants ------------------------------------------------------------ */

static struct values default_values(const struct kind *kind,
                                    const struct row *row, struct arena *arena)
{
    const char **text = ARENA_ARRAY(arena, const char *, 1);
    *text = row_print(row, kind_defaults(kind, arena), arena);
    return (struct values){.n = 1, .texts = text};
}

static struct experiment_place place_of(const struct section *section,
                             const config_setting_t *setting)
{
    if (!setting)
        return (struct experiment_place){NULL, 0};
    struct experiment_origin origin =
        experiment_text_origin(&section->reader->text,
                               (int)config_setting_source_line(setting));
    return (struct experiment_place){origin.file, origin.line};
}

/* The section is that of attacks, whose groups say how they go back. */
static bool has_ways(const struct section *section)
{
    return is_of_attacks(section->axis);
}

/* The variant as it is, or once with each combination of ways from `way` on. */
static void put_variant(struct section *section, struct variant variant,
                        size_t way)
{
    if (!has_ways(section) || way == EXPERIMENT_WAYS) {
        MUST(section->n < section->capacity);
        section->variants[section->n++] = variant;
        return;
    }
    for (size_t i = 0; i < section->ways[way].n; i++) {
        variant.ways[way] = &section->ways[way].variants[i];
        put_variant(section, variant, way + 1);
    }
}

static enum status read_way(struct section *section, size_t way,
                            const config_setting_t *setting)
{
    const struct axis *axis = way_axis(way);
    struct alternatives *alternatives = &section->ways[way];
    return axis == spec_axes[SPEC_ATTACK_SOURCE]
               ? experiment_sources_read(section->reader, setting,
                                         alternatives)
               : experiment_axis_read(section->reader, setting, axis,
                                      alternatives);
}

/* What an attack's group, or NULL, says of the ways back. */
static enum status read_ways(struct section *section,
                             const config_setting_t *group)
{
    for (size_t i = 0; has_ways(section) && i < EXPERIMENT_WAYS; i++)
        TRY(read_way(section, i,
                     group ? config_setting_get_member(group, way_key(i))
                           : NULL));
    return STATUS_OK;
}

/* Not of what an attack goes back through and by. */
static bool has_when(const struct section *section)
{
    for (size_t i = 0; i < EXPERIMENT_WAYS; i++)
        if (section->axis == way_axis(i))
            return false;
    return true;
}

static const struct rules *note_when(const struct section *section,
                                     const config_setting_t *group)
{
    const config_setting_t *setting =
        group ? config_setting_get_member(group, when_key) : NULL;
    return setting ? experiment_when_note(section->reader, section->axis,
                                          setting)
                   : NULL;
}

/* The kind's rows as the group says, or as they are by default; `group` NULL
 * stands for an empty one. */
static enum status add_variant(struct section *section,
                               const config_setting_t *group,
                               const struct kind *kind,
                               struct experiment_place place)
{
    struct arena *arena = section->reader->arena;
    struct values *rows = ARENA_ARRAY(arena, struct values, kind->n_rows);
    struct experiment_place *places =
        ARENA_ARRAY(arena, struct experiment_place, kind->n_rows);
    for (size_t i = 0; i < kind->n_rows; i++) {
        const struct row *row = &kind->rows[i];
        const config_setting_t *setting =
            group ? config_setting_get_member(group, row->name) : NULL;
        note_key(section, row->name, setting != NULL);
        places[i] = place_of(section, setting);
        if (setting)
            TRY(experiment_values_read(
                section->reader, setting,
                arena_print(arena, "%s.%s", section->axis->name, row->name),
                kind, row, &rows[i]));
        else
            rows[i] = default_values(kind, row, arena);
    }
    put_variant(section,
                (struct variant){.kind = kind, .rows = rows, .place = place,
                                 .row_places = places,
                                 .when = note_when(section, group)},
                0);
    return STATUS_OK;
}

static enum status check_keys(const struct section *section,
                              const config_setting_t *group,
                              const struct kind *kind)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);
        bool is_other = (has_ways(section) && is_way(name)) ||
                        (has_when(section) && !strcmp(name, when_key));
        if (strcmp(name, "kind") != 0 && !is_other &&
            !kind_find_row(kind, name))
            return experiment_refuse_key(section->reader, setting,
                                         section->axis->name, kind,
                                         has_ways(section));
    }
    return STATUS_OK;
}

/* A group names one kind, several that all have its parameters, or none: then
 * the default one is meant. */
static enum status add_group(struct section *section,
                             const config_setting_t *group)
{
    TRY(read_ways(section, group));
    const config_setting_t *named = config_setting_get_member(group, "kind");
    size_t n = named ? experiment_n_elements(named) : 1;
    for (size_t i = 0; i < n; i++) {
        const struct kind *kind =
            kind_find(section->axis, section->axis->fallback);
        if (named)
            TRY(experiment_kind_read(section->reader,
                                     experiment_element(named, i),
                                     section->axis, &kind));
        TRY(check_keys(section, group, kind));
        note_key(section, "kind", named != NULL);
        TRY(add_variant(section, group, kind, place_of(section, group)));
    }
    return STATUS_OK;
}

static enum status add_matrix(struct section *section,
                              const config_setting_t *setting)
{
    note_key(section, "kind", true);
    for (size_t i = 0; i < surrogate_n_matrix; i++)
        TRY(add_variant(section, NULL, surrogate_matrix[i],
                        place_of(section, setting)));
    return STATUS_OK;
}

static enum status add_element(struct section *section,
                               const config_setting_t *setting)
{
    if (config_setting_is_group(setting))
        return add_group(section, setting);
    if (is_matrix(setting, section->axis))
        return add_matrix(section, setting);
    const struct kind *kind;
    TRY(experiment_kind_read(section->reader, setting, section->axis, &kind));
    note_key(section, "kind", true);
    TRY(read_ways(section, NULL));
    return add_variant(section, NULL, kind, place_of(section, setting));
}

static size_t count_variants(const config_setting_t *setting,
                             const struct axis *axis);

/* How many variants an element gives; 0 for a group whose list of kinds is
 * empty. */
static size_t count_element(const config_setting_t *element,
                            const struct axis *axis)
{
    if (is_matrix(element, axis))
        return surrogate_n_matrix;
    if (!config_setting_is_group(element))
        return 1;
    const config_setting_t *named = config_setting_get_member(element, "kind");
    size_t n = named ? experiment_n_elements(named) : 1;
    for (size_t i = 0; is_of_attacks(axis) && i < EXPERIMENT_WAYS; i++) {
        const config_setting_t *way =
            config_setting_get_member(element, way_key(i));
        n *= way ? count_variants(way, way_axis(i)) : 1;
    }
    return n;
}

static size_t count_variants(const config_setting_t *setting,
                             const struct axis *axis)
{
    size_t n = 0;
    for (size_t i = 0; i < experiment_n_elements(setting); i++)
        n += count_element(experiment_element(setting, i), axis);
    return n;
}

static enum status add_section(struct section *section,
                               const config_setting_t *setting)
{
    size_t n = experiment_n_elements(setting);
    section->capacity = count_variants(setting, section->axis);
    section->variants = ARENA_ARRAY(section->reader->arena, struct variant,
                                    section->capacity);
    for (size_t i = 0; i < n; i++)
        TRY(add_element(section, experiment_element(setting, i)));
    return STATUS_OK;
}

static enum status add_default(struct section *section)
{
    const struct kind *kind = kind_find(section->axis, section->axis->fallback);
    section->capacity = 1;
    section->variants = ARENA_ARRAY(section->reader->arena, struct variant, 1);
    note_key(section, "kind", false);
    return add_variant(section, NULL, kind, place_of(section, NULL));
}

enum status experiment_axis_read(struct experiment_reader *reader,
                                 const config_setting_t *setting,
                                 const struct axis *axis,
                                 struct alternatives *alternatives)
{
    struct section section = {.reader = reader, .axis = axis};
    TRY(setting ? add_section(&section, setting) : add_default(&section));
    if (section.n == 0 && axis != spec_axes[SPEC_ATTACK])
        return experiment_refuse(reader, setting,
                                 "%s: an empty list; at least one kind is "
                                 "needed",
                                 axis->name);
    *alternatives = (struct alternatives){section.n, section.variants};
    return STATUS_OK;
}
