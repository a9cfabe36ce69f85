/* Rules in an experiment file: the section `exclude`, and `when` in the groups
 * of alternatives. */
#include "io/experiment_parts.h"

#include <string.h>

/* The rule being read. */
struct draft {
    struct experiment_reader *reader;
    const char *key;         /* what messages call it */
    const struct axis *of;   /* of `when`: whose alternative; else NULL */
    const char *other;       /* NULL, or a key that is no axis: of cells only */
    struct condition *conditions;
    size_t n, capacity;
};

/* what a condition allows, and what there is --------------------------- */

static bool has_text(const struct values *values, const char *text)
{
    for (size_t i = 0; i < values->n; i++)
        if (!strcmp(values->texts[i], text))
            return true;
    return false;
}

static const struct values *values_of(const struct variant *variant,
                                      const char *row)
{
    const struct row *found = kind_find_row(variant->kind, row);
    return found ? &variant->rows[found - variant->kind->rows] : NULL;
}

/* How many of a variant's values fulfil a condition on its axis. */
static size_t count_fits(const struct condition *condition,
                         const struct variant *variant)
{
    if (!condition->row)
        return has_text(&condition->values, variant->kind->name);
    const struct values *values = values_of(variant, condition->row);
    size_t n = 0;
    for (size_t i = 0; values && i < values->n; i++)
        n += has_text(&condition->values, values->texts[i]);
    return n;
}

/* What the file has where a condition asks: "0.1, 0.5". */
static const char *list_present(const struct alternatives *alternatives,
                                const char *row, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < alternatives->n && strlen(text) < 200; i++) {
        const struct variant *variant = &alternatives->variants[i];
        struct values name = {
            .n = 1, .texts = (const char *[]){variant->kind->name}};
        const struct values *values = row ? values_of(variant, row) : &name;
        for (size_t v = 0; values && v < values->n && v < 8; v++)
            text = arena_print(arena, "%s%s%s", text, *text ? ", " : "",
                               values->texts[v]);
    }
    return *text ? text : "none";
}

/* Kinds' rows are independent of each other and so are axes: a rule can hold
 * if on each axis one variant can fulfil all that the rule asks there. */
static bool variant_can_hold(const struct draft *draft, size_t first,
                             const struct variant *variant)
{
    for (size_t i = first; i < draft->n; i++)
        if (count_fits(&draft->conditions[i], variant) == 0)
            return false;
    return true;
}

static bool can_hold(const struct draft *draft, size_t first)
{
    const struct alternatives *alternatives = experiment_alternatives(
        &draft->reader->experiment, draft->conditions[first].axis);
    for (size_t i = 0; i < alternatives->n; i++)
        if (variant_can_hold(draft, first, &alternatives->variants[i]))
            return true;
    return false;
}

/* The axis' conditions, from `first` on, as one refusal that names the one
 * which nothing fulfils, or all of them together. */
static enum status check_can_hold(const struct draft *draft, size_t first,
                                  const config_setting_t *setting)
{
    if (can_hold(draft, first))
        return STATUS_OK;
    struct arena *arena = draft->reader->arena;
    const struct condition *last = &draft->conditions[draft->n - 1];
    const char *asked = spec_axes[last->axis]->name;
    if (last->row)
        asked = arena_print(arena, "%s.%s", asked, last->row);
    return experiment_refuse(
        draft->reader, setting,
        "%s: %s = %s: no combination of this file has that, so the rule "
        "would never hold; %s there is %s",
        draft->key, asked, experiment_show(setting, arena), asked,
        list_present(experiment_alternatives(&draft->reader->experiment,
                                             last->axis),
                     last->row, arena));
}

/* reading ------------------------------------------------------------- */

static void add_condition(struct draft *draft, enum spec_axis axis,
                          const char *row, struct values values)
{
    MUST(draft->n < draft->capacity);
    draft->conditions[draft->n++] = (struct condition){axis, row, values};
}

static enum status read_kinds(struct draft *draft, enum spec_axis axis,
                              const config_setting_t *setting)
{
    size_t n = experiment_n_elements(setting);
    struct values names = {
        .texts = ARENA_ARRAY(draft->reader->arena, const char *, n)};
    for (size_t i = 0; i < n; i++) {
        const struct kind *kind;
        TRY(experiment_kind_read(draft->reader, experiment_element(setting, i),
                                 spec_axes[axis], &kind));
        names.texts[names.n++] = kind->name;
    }
    add_condition(draft, axis, NULL, names);
    return STATUS_OK;
}

static void add_values(struct values *all, const struct values *more,
                       struct arena *arena)
{
    const char **texts = ARENA_ARRAY(arena, const char *, all->n + more->n);
    for (size_t i = 0; i < all->n; i++)
        texts[i] = all->texts[i];
    for (size_t i = 0; i < more->n; i++)
        texts[all->n + i] = more->texts[i];
    *all = (struct values){.n = all->n + more->n, .texts = texts};
}

/* Values of a row: as all kinds of the axis would read them that have such a
 * row, occur in the file and are not ruled out by `names` (NULL: any). */
static enum status read_row(struct draft *draft, enum spec_axis axis,
                            const struct values *names,
                            const config_setting_t *setting)
{
    const struct alternatives *alternatives =
        experiment_alternatives(&draft->reader->experiment, axis);
    const char *name = config_setting_name(setting);
    struct values all = {.n = 0};
    const struct kind *asked = NULL, *read_last = NULL;
    for (size_t i = 0; i < alternatives->n; i++) {
        const struct kind *kind = alternatives->variants[i].kind;
        if (names && !has_text(names, kind->name))
            continue;
        asked = kind;
        const struct row *row = kind_find_row(kind, name);
        if (!row || kind == read_last)
            continue;
        struct values values;
        TRY(experiment_values_read(
            draft->reader, setting,
            arena_print(draft->reader->arena, "%s.%s", spec_axes[axis]->name,
                        row->name),
            kind, row, &values));
        add_values(&all, &values, draft->reader->arena);
        read_last = kind;
    }
    if (!read_last && asked)
        return experiment_refuse_key(draft->reader, setting,
                                     spec_axes[axis]->name, asked, false);
    add_condition(draft, axis, arena_copy_text(draft->reader->arena, name),
                  all);
    return STATUS_OK;
}

/* { kind = ..; row = ..; } */
static enum status read_group(struct draft *draft, enum spec_axis axis,
                              const config_setting_t *group)
{
    size_t first = draft->n;
    const config_setting_t *kinds = config_setting_get_member(group, "kind");
    const struct values *names = NULL;
    if (kinds) {
        TRY(read_kinds(draft, axis, kinds));
        TRY(check_can_hold(draft, first, kinds));
        names = &draft->conditions[first].values;
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(group, (unsigned)i);
        if (setting == kinds)
            continue;
        TRY(read_row(draft, axis, names, setting));
        TRY(check_can_hold(draft, first, setting));
    }
    return STATUS_OK;
}

static enum status find_axis(const struct draft *draft,
                             const config_setting_t *setting,
                             enum spec_axis *axis)
{
    const char *names[SPEC_N_AXES];
    const char *name = config_setting_name(setting);
    for (size_t i = 0; i < SPEC_N_AXES; i++) {
        names[i] = spec_axes[i]->name;
        if (!strcmp(names[i], name) ||
            (i == SPEC_ATTACK && !strcmp(name, "attacks"))) {
            *axis = (enum spec_axis)i;
            return STATUS_OK;
        }
    }
    struct arena *arena = draft->reader->arena;
    return experiment_refuse(
        draft->reader, setting,
        "%s: %s = %s: allowed are the names of axes%s", draft->key, name,
        experiment_show(setting, arena),
        experiment_hint(kind_nearest_of(names, SPEC_N_AXES, name), arena));
}

/* An alternative is there or not by what the cell is otherwise; cells have no
 * attack when their turn is found. */
static enum status check_side(const struct draft *draft, enum spec_axis axis,
                              const config_setting_t *setting)
{
    bool of_cells = axis < SPEC_ATTACK && spec_axes[axis] != draft->of;
    if (of_cells || (!draft->of && !draft->other))
        return STATUS_OK;
    return experiment_refuse(draft->reader, setting,
                             "%s: %s: allowed are a cell's axes%s", draft->key,
                             spec_axes[axis]->name,
                             draft->of ? ", but for the alternative's own"
                                       : "");
}

static enum status read_condition(struct draft *draft,
                                  const config_setting_t *setting)
{
    enum spec_axis axis = SPEC_N_AXES;
    TRY(find_axis(draft, setting, &axis));
    TRY(check_side(draft, axis, setting));
    if (config_setting_is_group(setting))
        return read_group(draft, axis, setting);
    size_t first = draft->n;
    TRY(read_kinds(draft, axis, setting));
    return check_can_hold(draft, first, setting);
}

/* Whether a rule leaves nothing: every value there is fulfils it. */
static bool always_holds(const struct draft *draft)
{
    for (size_t i = 0; i < draft->n; i++) {
        const struct condition *condition = &draft->conditions[i];
        const struct alternatives *alternatives =
            experiment_alternatives(&draft->reader->experiment,
                                    condition->axis);
        for (size_t v = 0; v < alternatives->n; v++) {
            const struct variant *variant = &alternatives->variants[v];
            const struct values *values =
                condition->row ? values_of(variant, condition->row) : NULL;
            size_t n = condition->row ? (values ? values->n : 1) : 1;
            if (count_fits(condition, variant) < n)
                return false;
        }
    }
    return true;
}

static size_t count_conditions(const config_setting_t *rule)
{
    size_t n = 0;
    for (int i = 0; i < config_setting_length(rule); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(rule, (unsigned)i);
        n += config_setting_is_group(setting)
                 ? (size_t)config_setting_length(setting)
                 : 1;
    }
    return n;
}

static enum status read_rule(struct draft *draft,
                             const config_setting_t *setting, struct rule *rule)
{
    struct experiment_reader *reader = draft->reader;
    if (!config_setting_is_group(setting))
        return experiment_refuse(reader, setting,
                                 "%s: %s: allowed is a rule { axis = "
                                 "\"kind\"; .. } or a list ( .. ) of them",
                                 draft->key,
                                 experiment_show(setting, reader->arena));
    draft->n = 0;
    draft->capacity = count_conditions(setting);
    draft->conditions =
        ARENA_ARRAY(reader->arena, struct condition, draft->capacity);
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *member =
            config_setting_get_elem(setting, (unsigned)i);
        if (!draft->other ||
            strcmp(config_setting_name(member), draft->other) != 0)
            TRY(read_condition(draft, member));
    }
    struct experiment_origin origin = experiment_text_origin(
        &reader->text, (int)config_setting_source_line(setting));
    *rule =
        (struct rule){origin.file, origin.line, draft->n, draft->conditions};
    return STATUS_OK;
}

enum status experiment_rules_read(struct experiment_reader *reader,
                                  const config_setting_t *section)
{
    size_t n = section ? experiment_n_elements(section) : 0;
    struct rule *rules = ARENA_ARRAY(reader->arena, struct rule, n);
    struct draft draft = {.reader = reader, .key = "exclude"};
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *setting = experiment_element(section, i);
        TRY(read_rule(&draft, setting, &rules[i]));
        if (always_holds(&draft))
            return experiment_refuse(reader, setting,
                                     "exclude: this rule holds for every "
                                     "combination and would leave none");
    }
    reader->experiment.exclude = (struct rules){.n = n, .at = rules};
    return STATUS_OK;
}

enum status experiment_rule_read(struct experiment_reader *reader,
                                 const config_setting_t *setting,
                                 const char *section, const char *other,
                                 struct rule *rule)
{
    struct draft draft = {.reader = reader, .key = section, .other = other};
    return read_rule(&draft, setting, rule);
}

static enum status read_when(struct experiment_reader *reader,
                             const struct experiment_when *when)
{
    size_t n = experiment_n_elements(when->setting);
    struct rule *rules = ARENA_ARRAY(reader->arena, struct rule, n);
    struct draft draft = {.reader = reader, .key = "when", .of = when->axis};
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *setting =
            experiment_element(when->setting, i);
        TRY(read_rule(&draft, setting, &rules[i]));
        if (draft.n == 0)
            return experiment_refuse(reader, setting,
                                     "when: an empty rule; at least one "
                                     "condition is needed");
    }
    if (n == 0)
        return experiment_refuse(reader, when->setting,
                                 "when: an empty list; at least one rule is "
                                 "needed");
    when->rules->n = n;
    when->rules->at = rules;
    return STATUS_OK;
}

enum status experiment_whens_read(struct experiment_reader *reader)
{
    for (const struct experiment_when *when = reader->whens; when;
         when = when->next)
        TRY(read_when(reader, when));
    return STATUS_OK;
}

const struct rules *experiment_when_note(struct experiment_reader *reader,
                                         const struct axis *axis,
                                         const config_setting_t *setting)
{
    struct experiment_when *when =
        ARENA_ARRAY(reader->arena, struct experiment_when, 1);
    struct rules *rules = ARENA_ARRAY(reader->arena, struct rules, 1);
    rules->id = reader->experiment.n_whens++;
    *when = (struct experiment_when){axis, setting, rules, reader->whens};
    reader->whens = when;
    return rules;
}
