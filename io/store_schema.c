#include "io/store_schema.h"
#include "core/checks.h"
#include "core/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct list {
    struct store_schema schema;
    size_t capacity;
    struct arena *arena;
};

static void add(struct list *list, struct store_variable variable)
{
    struct store_schema *schema = &list->schema;
    if (schema->n == list->capacity) {
        struct store_variable *old = schema->variables;
        list->capacity = 2 * list->capacity + 64;
        schema->variables =
            ARENA_ARRAY(list->arena, struct store_variable, list->capacity);
        if (schema->n)
            memcpy(schema->variables, old, schema->n * sizeof *old);
    }
    schema->variables[schema->n++] = variable;
}

/* records ------------------------------------------------------------- */

static const enum store_dimension dimension_of[RECORD_N_DIMENSIONS] = {
    [DIM_EPOCH] = STORE_EPOCH, [DIM_LAYER] = STORE_LAYER,
    [DIM_STEP] = STORE_STEP,   [DIM_BIN] = STORE_BIN,
    [DIM_EPSILON] = STORE_EPSILON, [DIM_SAMPLE] = STORE_SAMPLE,
};

/* A field belongs to the group that its first dimension belongs to; gamma goes
 * with what it explains. */
static enum store_group group_of(enum record_field field)
{
    const struct record_row *row = &record_rows[field];
    if (field == FIELD_MEMBRANE_GAMMA)
        return STORE_MEMBRANE;
    if (row->stage == STAGE_EVALUATE)
        return STORE_ROBUSTNESS;
    if (row->rank == 0)
        return STORE_TRIALS;
    switch (row->dimension[0]) {
    case DIM_EPOCH:
        return STORE_TRAINING;
    case DIM_LAYER:
    case DIM_STEP:
    case DIM_BIN:
        return STORE_MEMBRANE;
    default:
        return STORE_ROBUSTNESS;
    }
}

/* Digests are text in the file, epsilons its coordinate, and parts joined. */
static bool is_stored_otherwise(enum record_field field)
{
    return record_rows[field].part ||
           field == FIELD_MODEL_DIGEST_HIGH ||
           field == FIELD_MODEL_DIGEST_LOW ||
           field == FIELD_DATA_DIGEST_HIGH || field == FIELD_DATA_DIGEST_LOW ||
           field == FIELD_EPSILON;
}

static struct store_variable variable_of(enum record_field field)
{
    static const enum store_type types[] = {[RECORD_F64] = STORE_F64,
                                            [RECORD_U8] = STORE_U8,
                                            [RECORD_U64] = STORE_U64,
                                            [RECORD_U32] = STORE_U32};
    const struct record_row *row = &record_rows[field];
    struct store_variable variable = {
        .name = row->name,
        .unit = row->unit,
        .doc = row->doc,
        .group = group_of(field),
        .type = types[row->type],
        .source = FROM_RECORD,
        .field = field,
    };
    variable.dimension[variable.rank++] = STORE_TRIAL;
    if (row->stage == STAGE_EVALUATE)
        variable.dimension[variable.rank++] = STORE_ATTACK;
    for (size_t i = 0; i < row->rank; i++) {
        MUST(variable.rank < STORE_RANK_MAX);
        variable.dimension[variable.rank++] = dimension_of[row->dimension[i]];
    }
    return variable;
}

static void add_records(struct list *list)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (!is_stored_otherwise((enum record_field)i))
            add(list, variable_of((enum record_field)i));
}

double store_is_wanted(const struct store_place *place)
{
    const struct store_index *index = place->index;
    return index->wanted.known
               ? (double)cell_list_has(&index->wanted,
                                       index->trials[place->at[0]].cell)
               : (double)NAN;
}

/* parameters ---------------------------------------------------------- */

static const struct settings *settings_at(const struct store_place *place)
{
    if (place->variable->dimension[0] == STORE_ATTACK)
        return &place->index->attacks[place->at[0]].settings;
    return &place->index->trials[place->at[0]].parameters;
}

static const char *get_parameter(const struct store_place *place)
{
    const struct settings *settings = settings_at(place);
    const char *key = place->variable->key;
    return place->near ? settings_get_near(settings, key, place->near)
                       : settings_get(settings, key);
}

static const char *parameter_text(const struct store_place *place)
{
    const char *text = get_parameter(place);
    return text ? text : "";
}

static double parameter_number(const struct store_place *place)
{
    const char *text = get_parameter(place);
    if (!text)
        return NAN;
    if (!strcmp(text, "true"))
        return 1;
    return strcmp(text, "false") ? strtod(text, NULL) : 0;
}

static bool is_number(const struct row *row)
{
    return row->type == ROW_REAL || row->type == ROW_COUNT ||
           row->type == ROW_FLAG;
}

/* Adds a parameter, or, where kinds of an axis share its name, makes sure that
 * the variable can hold all of them. */
static void add_parameter(struct list *list, struct store_variable variable)
{
    for (size_t i = 0; i < list->schema.n; i++) {
        struct store_variable *known = &list->schema.variables[i];
        if (!known->key || strcmp(known->key, variable.key) != 0)
            continue;
        if (variable.type == STORE_TEXT) {
            known->type = STORE_TEXT;
            known->text = parameter_text;
        }
        return;
    }
    add(list, variable);
}

static struct store_variable open_parameter(const struct axis *axis,
                                            bool attack)
{
    return (struct store_variable){
        .doc = axis->doc,
        .unit = "1",
        .group = attack ? STORE_ROBUSTNESS : STORE_TRIALS,
        .type = STORE_TEXT,
        .rank = 1,
        .dimension = {attack ? STORE_ATTACK : STORE_TRIAL},
        .text = parameter_text,
        .number = parameter_number,
    };
}

/* The kinds of an axis that occur in a file. */
struct present {
    const struct axis *axis;
    size_t n;
    const struct kind **kinds;
};

static bool same_meaning(const struct row *a, const struct row *b)
{
    return !strcmp(a->doc, b->doc) && !strcmp(a->unit, b->unit);
}

/* Whether a kind before the i-th has a row of this name and meaning. */
static bool met_before(const struct present *present, size_t i,
                                    const struct row *row)
{
    for (size_t k = 0; k < i; k++) {
        const struct row *other = kind_find_row(present->kinds[k], row->name);
        if (other && same_meaning(other, row))
            return true;
    }
    return false;
}

/* "triangular, sigmoid": the kinds whose row of this name means the same. */
static const char *name_alike(const struct present *present,
                              const struct row *row, struct arena *arena)
{
    const char *names = "";
    for (size_t k = 0; k < present->n; k++) {
        const struct row *other = kind_find_row(present->kinds[k], row->name);
        if (other && same_meaning(other, row))
            names = arena_print(arena, "%s%s%s", names, *names ? ", " : "",
                                present->kinds[k]->name);
    }
    return names;
}

/* Unit and doc of a parameter; where kinds share its name, but not what it
 * means, those of each: "triangular: half of ..; rectangular: .. (in mV)". */
static void describe_parameter(const struct present *present,
                               const struct row *row, struct arena *arena,
                               struct store_variable *variable)
{
    const char *docs = "";
    size_t n_meanings = 0;
    variable->unit = row->unit;
    for (size_t i = 0; i < present->n; i++) {
        const struct row *own = kind_find_row(present->kinds[i], row->name);
        if (own && strcmp(own->unit, row->unit) != 0)
            variable->unit = "various";
    }
    bool units = strcmp(variable->unit, row->unit) != 0;
    for (size_t i = 0; i < present->n; i++) {
        const struct row *own = kind_find_row(present->kinds[i], row->name);
        if (!own || met_before(present, i, own))
            continue;
        n_meanings++;
        docs = arena_print(arena, "%s%s%s: %s%s%s%s", docs, *docs ? "; " : "",
                           name_alike(present, own, arena), own->doc,
                           units ? " (in " : "", units ? own->unit : "",
                           units ? ")" : "");
    }
    variable->doc = n_meanings > 1 ? docs : row->doc;
}

static void add_kind(struct list *list, const struct present *present,
                     const struct kind *kind, bool attack)
{
    const char *axis = present->axis->name;
    struct store_variable variable = open_parameter(present->axis, attack);
    variable.key = axis;
    variable.name = attack ? arena_print(list->arena, "%s_kind", axis) : axis;
    add_parameter(list, variable);
    for (size_t i = 0; i < kind->n_rows; i++) {
        const struct row *row = &kind->rows[i];
        variable.key = arena_print(list->arena, "%s.%s", axis, row->name);
        variable.name = arena_print(list->arena, "%s_%s", axis, row->name);
        describe_parameter(present, row, list->arena, &variable);
        variable.type = is_number(row) ? STORE_F64 : STORE_TEXT;
        add_parameter(list, variable);
    }
}

/* Kinds in the order of the registry, if any of the cells has them. */
static void add_axis(struct list *list, const struct axis *axis, size_t n,
                     const struct settings *(*get)(const struct store_index *,
                                                   size_t),
                     const struct store_index *index, bool attack)
{
    struct present present = {
        axis, 0, ARENA_ARRAY(list->arena, const struct kind *, axis->n_kinds)};
    bool *occurs = ARENA_ARRAY(list->arena, bool, axis->n_kinds);
    const char *before = "";
    size_t near = 0;
    for (size_t i = 0; i < n; i++) {
        const char *kind = settings_get_near(get(index, i), axis->name, &near);
        if (!kind || !strcmp(kind, before))
            continue;
        before = kind;
        for (size_t k = 0; k < axis->n_kinds; k++)
            occurs[k] = occurs[k] || !strcmp(kind, axis->kinds[k]->name);
    }
    for (size_t k = 0; k < axis->n_kinds; k++)
        if (occurs[k])
            present.kinds[present.n++] = axis->kinds[k];
    for (size_t k = 0; k < present.n; k++)
        add_kind(list, &present, present.kinds[k], attack);
}

static const struct settings *trial_settings(const struct store_index *index,
                                             size_t i)
{
    return &index->trials[i].settings;
}

static const struct settings *attack_settings(const struct store_index *index,
                                              size_t i)
{
    return &index->attacks[i].settings;
}

static void add_parameters(struct list *list, const struct store_index *index)
{
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        add_axis(list, spec_axes[i], index->n_trials, trial_settings, index,
                 false);
    for (size_t i = SPEC_ATTACK; i < SPEC_N_AXES; i++)
        add_axis(list, spec_axes[i], index->n_attacks, attack_settings, index,
                 true);
}

/* all of it ----------------------------------------------------------- */

struct store_schema store_schema_list(const struct store_index *index,
                                      struct arena *arena)
{
    struct list list = {.arena = arena};
    for (int group = 0; group < STORE_N_GROUPS; group++)
        for (size_t i = 0; i < store_n_everywhere; i++) {
            struct store_variable variable = store_everywhere[i];
            variable.group = (enum store_group)group;
            add(&list, variable);
        }
    for (size_t i = 0; i < store_n_columns; i++)
        add(&list, store_columns[i]);
    add_records(&list);
    if (index)
        add_parameters(&list, index);
    return list.schema;
}

size_t store_extent(const struct store_index *index,
                    enum store_dimension dimension)
{
    switch (dimension) {
    case STORE_TRIAL:
        return index->n_trials;
    case STORE_ATTACK:
        return index->n_attacks;
    case STORE_CHECK:
        return CHECK_N;
    default:
        for (int i = 0; i < RECORD_N_DIMENSIONS; i++)
            if (dimension_of[i] == dimension)
                return index->extent[i];
    }
    MUST(!"a dimension that has no extent");
    return 0;
}
