/* A parameter's value in an experiment file: one, several, or a range. */
#include "io/experiment_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANGE_MAX = 100000 };

/* The parameter being read. */
struct slot {
    struct experiment_reader *reader;
    const char *key; /* what messages call it */
    const struct row *row;
    void *params; /* to try values in */
    struct values *values;
    size_t capacity;
};

static bool is_list_row(const struct row *row)
{
    return row->type == ROW_REALS || row->type == ROW_COUNTS;
}

static bool is_number_row(const struct row *row)
{
    return row->type == ROW_REAL || row->type == ROW_COUNT;
}

/* The nearest of a row's choices, where one is asked for by name. */
static const char *hint_choice(const struct slot *slot,
                               const config_setting_t *setting,
                               struct arena *arena)
{
    const char *const *choices = slot->row->choices;
    size_t n = 0;
    if (slot->row->type != ROW_CHOICE ||
        config_setting_type(setting) != CONFIG_TYPE_STRING)
        return "";
    while (choices[n])
        n++;
    return experiment_hint(
        kind_nearest_of(choices, n, config_setting_get_string(setting)),
        arena);
}

static enum status refuse_value(const struct slot *slot,
                                const config_setting_t *setting,
                                const char *shown)
{
    struct arena arena = arena_open();
    enum status status = experiment_refuse(
        slot->reader, setting, "%s = %s: allowed is %s%s", slot->key, shown,
        row_allowed(slot->row, &arena), hint_choice(slot, setting, &arena));
    arena_close(&arena);
    return status;
}

/* Through the row, so that 0.10 and 0.1 are one text. */
static enum status add_text(struct slot *slot, const config_setting_t *setting,
                            const char *text, const char *shown)
{
    struct arena *arena = slot->reader->arena;
    if (row_set(slot->row, text, slot->params, arena) != STATUS_OK)
        return refuse_value(slot, setting, shown);
    MUST(slot->values->n < slot->capacity);
    slot->values->texts[slot->values->n++] =
        row_print(slot->row, slot->params, arena);
    return STATUS_OK;
}

static bool is_of_type(const config_setting_t *setting, enum row_type type)
{
    int given = config_setting_type(setting);
    if (type == ROW_FLAG)
        return given == CONFIG_TYPE_BOOL;
    if (type == ROW_CHOICE || type == ROW_TEXT)
        return given == CONFIG_TYPE_STRING;
    return given == CONFIG_TYPE_FLOAT;
}

static enum status add_scalar(struct slot *slot,
                              const config_setting_t *setting)
{
    struct arena *arena = slot->reader->arena;
    const char *shown = experiment_show(setting, arena);
    if (!is_of_type(setting, slot->row->type))
        return refuse_value(slot, setting, shown);
    const char *text = shown;
    if (slot->row->type == ROW_CHOICE)
        text = config_setting_get_string(setting);
    else if (slot->row->type == ROW_TEXT)
        text = arena_print(arena, "\"%s\"", config_setting_get_string(setting));
    return add_text(slot, setting, text, shown);
}

/* One value of a row that is a list by nature. Longer ones would be refused by
 * the row, too, but only after their text was made. */
static enum status add_list(struct slot *slot, const config_setting_t *setting)
{
    struct arena *arena = slot->reader->arena;
    const char *shown = experiment_show(setting, arena), *text = "[";
    size_t n = experiment_n_elements(setting);
    if (config_setting_is_scalar(setting) || config_setting_is_group(setting) ||
        n > KIND_LIST_MAX)
        return refuse_value(slot, setting, shown);
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *element = experiment_element(setting, i);
        if (!is_of_type(element, slot->row->type))
            return refuse_value(slot, element, shown);
        text = arena_print(arena, "%s%s%s", text, i ? ", " : "",
                           experiment_show(element, arena));
    }
    return add_text(slot, setting, arena_print(arena, "%s]", text), shown);
}

/* ranges -------------------------------------------------------------- */

static const char *const range_keys[] = {"from", "to", "count", "scale"};

struct range {
    double from, to;
    size_t count;
    bool log;
};

static enum status refuse_range(const struct slot *slot,
                                const config_setting_t *setting,
                                const char *why)
{
    return experiment_refuse(slot->reader, setting,
                             "%s: a range { from = ..; to = ..; count = ..; "
                             "scale = \"linear\" or \"log\"; } %s",
                             slot->key, why);
}

static enum status check_range_keys(const struct slot *slot,
                                    const config_setting_t *setting)
{
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *member =
            config_setting_get_elem(setting, (unsigned)i);
        const char *name = config_setting_name(member);
        bool known = false;
        for (size_t k = 0; k < KIND_COUNT(range_keys); k++)
            known = known || !strcmp(name, range_keys[k]);
        struct arena *arena = slot->reader->arena;
        const char *nearest =
            kind_nearest_of(range_keys, KIND_COUNT(range_keys), name);
        if (!known)
            return refuse_range(
                slot, member,
                arena_print(arena, "has no key %s%s", name,
                            experiment_hint(nearest, arena)));
    }
    return STATUS_OK;
}

static enum status read_bound(const struct slot *slot,
                              const config_setting_t *setting,
                              const char *name, double *bound)
{
    const config_setting_t *member = config_setting_get_member(setting, name);
    struct arena *arena = slot->reader->arena;
    if (!member)
        return refuse_range(slot, setting,
                            arena_print(arena, "needs %s", name));
    if (config_setting_type(member) != CONFIG_TYPE_FLOAT)
        return refuse_range(
            slot, member,
            arena_print(arena, "has %s = %s, which is not a number", name,
                        experiment_show(member, arena)));
    *bound = config_setting_get_float(member);
    return STATUS_OK;
}

static enum status read_scale(const struct slot *slot,
                              const config_setting_t *setting,
                              struct range *range)
{
    const config_setting_t *member =
        config_setting_get_member(setting, "scale");
    const char *scale =
        !member ? "linear"
        : config_setting_type(member) == CONFIG_TYPE_STRING
            ? config_setting_get_string(member)
            : "";
    range->log = !strcmp(scale, "log");
    if (!range->log && strcmp(scale, "linear") != 0)
        return refuse_range(
            slot, member,
            arena_print(slot->reader->arena, "has scale = %s",
                        experiment_show(member, slot->reader->arena)));
    if (range->log && !(range->from > 0 && range->to > 0))
        return refuse_range(slot, member,
                            "of scale \"log\" needs bounds above 0");
    return STATUS_OK;
}

static enum status read_range(const struct slot *slot,
                              const config_setting_t *setting,
                              struct range *range)
{
    double count;
    TRY(check_range_keys(slot, setting));
    TRY(read_bound(slot, setting, "from", &range->from));
    TRY(read_bound(slot, setting, "to", &range->to));
    TRY(read_bound(slot, setting, "count", &count));
    if (!(count >= 1 && count <= RANGE_MAX && count == floor(count)))
        return refuse_range(slot, config_setting_get_member(setting, "count"),
                            "needs a count from 1 to 100000, a whole number");
    if (count == 1 && range->from != range->to)
        return refuse_range(slot, config_setting_get_member(setting, "count"),
                            "of one value needs from = to");
    range->count = (size_t)count;
    return read_scale(slot, setting, range);
}

/* Twelve digits are what is meant: 0.3, not 0.30000000000000004. The bounds
 * are themselves. */
static double range_at(const struct range *range, size_t i)
{
    if (i == 0)
        return range->from;
    if (i == range->count - 1)
        return range->to;
    double share = (double)i / (double)(range->count - 1);
    double value = range->log
                       ? range->from * pow(range->to / range->from, share)
                       : range->from + share * (range->to - range->from);
    char text[32];
    snprintf(text, sizeof text, "%.12g", value);
    return strtod(text, NULL);
}

/* Of more whole numbers not all could be drawn. */
static const double WHOLE_MAX = 0x1p32;

/* A range without a count, to draw from. Its bounds must be values. */
static enum status add_drawn(struct slot *slot, const config_setting_t *setting)
{
    struct arena *arena = slot->reader->arena;
    struct range range;
    TRY(check_range_keys(slot, setting));
    TRY(read_bound(slot, setting, "from", &range.from));
    TRY(read_bound(slot, setting, "to", &range.to));
    TRY(read_scale(slot, setting, &range));
    slot->capacity = 2;
    slot->values->texts = ARENA_ARRAY(arena, const char *, 2);
    for (size_t i = 0; i < 2; i++) {
        const char *text =
            experiment_print_number(i ? range.to : range.from, arena);
        TRY(add_text(slot, setting, text, text));
    }
    bool whole = slot->row->type == ROW_COUNT;
    if (!(range.from < range.to) ||
        (whole && range.to - range.from >= WHOLE_MAX))
        return refuse_range(slot, setting,
                            "to draw from needs from < to, and has at most "
                            "4294967296 whole numbers");
    struct experiment_range *drawn =
        ARENA_ARRAY(arena, struct experiment_range, 1);
    *drawn = (struct experiment_range){range.from, range.to, range.log, whole};
    *slot->values = (struct values){.range = drawn};
    return STATUS_OK;
}

static enum status add_range(struct slot *slot, const config_setting_t *setting)
{
    struct arena *arena = slot->reader->arena;
    struct range range;
    if (!is_number_row(slot->row))
        return refuse_value(slot, setting, "{ .. }");
    if (slot->reader->draws && !config_setting_get_member(setting, "count"))
        return add_drawn(slot, setting);
    TRY(read_range(slot, setting, &range));
    slot->capacity = range.count;
    slot->values->texts = ARENA_ARRAY(arena, const char *, range.count);
    for (size_t i = 0; i < range.count; i++) {
        const char *text = experiment_print_number(range_at(&range, i), arena);
        const char *shown =
            range.count == 1
                ? text
                : arena_print(arena, "%s (value %zu of the range)", text,
                              i + 1);
        TRY(add_text(slot, setting, text, shown));
    }
    return STATUS_OK;
}

/* --------------------------------------------------------------------- */

/* Of a list row, ( [..], [..] ) is an axis; all else is one value. */
static bool is_axis(const config_setting_t *setting, const struct row *row)
{
    if (!is_list_row(row))
        return config_setting_is_list(setting) ||
               config_setting_is_array(setting);
    return config_setting_is_list(setting) &&
           experiment_n_elements(setting) > 0 &&
           !config_setting_is_scalar(experiment_element(setting, 0));
}

static enum status add_all(struct slot *slot, const config_setting_t *setting)
{
    size_t n = is_axis(setting, slot->row) ? experiment_n_elements(setting) : 1;
    if (n == 0)
        return experiment_refuse(slot->reader, setting,
                                 "%s: an empty list; at least one value is "
                                 "needed",
                                 slot->key);
    slot->capacity = n;
    slot->values->texts = ARENA_ARRAY(slot->reader->arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *element =
            is_axis(setting, slot->row) ? experiment_element(setting, i)
                                        : setting;
        TRY(is_list_row(slot->row) ? add_list(slot, element)
                                   : add_scalar(slot, element));
    }
    return STATUS_OK;
}

enum status experiment_values_read(struct experiment_reader *reader,
                                   const config_setting_t *setting,
                                   const char *key, const struct kind *kind,
                                   const struct row *row, struct values *values)
{
    struct values read = {.n = 0};
    struct slot slot = {.reader = reader,
                        .key = key,
                        .row = row,
                        .params = kind_defaults(kind, reader->arena),
                        .values = &read};
    TRY(config_setting_is_group(setting) ? add_range(&slot, setting)
                                         : add_all(&slot, setting));
    *values = read;
    return STATUS_OK;
}
