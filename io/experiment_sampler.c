/* The section `sampler` of an experiment file: an axis that is drawn has an
 * alternative for each point, and those of one point are linked. */
#include "core/sampler.h"
#include "io/experiment_parts.h"

#include <string.h>

static const char over_key[] = "over";

static const struct sampler_common *common_of(
    const struct experiment_sampler *sampler)
{
    return sampler->params;
}

static bool is_drawing(const struct experiment_sampler *sampler)
{
    return sampler_of(sampler->kind)->fill != NULL;
}

/* reading ------------------------------------------------------------- */

static enum status refuse_key(const struct experiment_reader *reader,
                              const config_setting_t *setting)
{
    const struct kind *kind = reader->sampler.kind;
    struct arena *arena = reader->arena;
    const char **names = ARENA_ARRAY(arena, const char *, kind->n_rows + 1);
    const char *list = "kind", *name = config_setting_name(setting);
    size_t n = 0;
    for (size_t i = 0; i < kind->n_rows; i++)
        names[n++] = kind->rows[i].name;
    if (is_drawing(&reader->sampler))
        names[n++] = over_key;
    for (size_t i = 0; i < n; i++)
        list = arena_print(arena, "%s, %s", list, names[i]);
    return experiment_refuse(
        reader, setting,
        "sampler.%s = %s: sampler %s has no such parameter; it has %s%s", name,
        experiment_show(setting, arena), kind->name, list,
        experiment_hint(kind_nearest_of(names, n, name), arena));
}

static enum status read_row(struct experiment_reader *reader,
                            const config_setting_t *setting,
                            const struct row *row, void *params)
{
    struct arena *arena = reader->arena;
    const char *key = arena_print(arena, "sampler.%s", row->name);
    struct values values;
    TRY(experiment_values_read(reader, setting, key, reader->sampler.kind, row,
                               &values));
    if (values.n != 1)
        return experiment_refuse(reader, setting,
                                 "%s = %s: allowed is one value", key,
                                 experiment_show(setting, arena));
    return row_set(row, values.texts[0], params, arena);
}

static enum status read_rows(struct experiment_reader *reader,
                             const config_setting_t *group)
{
    const struct kind *kind = reader->sampler.kind;
    void *params = kind_defaults(kind, reader->arena);
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);
        const struct row *row = kind_find_row(kind, name);
        if (row)
            TRY(read_row(reader, setting, row, params));
        else if (strcmp(name, "kind") && strcmp(name, over_key))
            return refuse_key(reader, setting);
    }
    reader->sampler.params = params;
    return STATUS_OK;
}

enum status experiment_sampler_read(struct experiment_reader *reader,
                                    const config_setting_t *section)
{
    struct experiment_sampler *sampler = &reader->sampler;
    *sampler = (struct experiment_sampler){
        .setting = section,
        .kind = kind_find(&sampler_axis, sampler_axis.fallback)};
    if (!section)
        return STATUS_OK;
    const config_setting_t *named =
        config_setting_is_group(section)
            ? config_setting_get_member(section, "kind")
            : section;
    if (named)
        TRY(experiment_kind_read(reader, named, &sampler_axis, &sampler->kind));
    if (config_setting_is_group(section))
        return read_rows(reader, section);
    sampler->params = kind_defaults(sampler->kind, reader->arena);
    return STATUS_OK;
}

/* what is drawn ------------------------------------------------------- */

/* With all of those every point is trained. */
static const struct experiment_name seeds = {SPEC_TRAINING, "seed"};
static const struct experiment_name ends = {SPEC_TRAINING, "until_epoch"};

static bool is_same(const struct experiment_name *a,
                    const struct experiment_name *b)
{
    struct experiment_zip one = {.n = 1,
                                 .names = (struct experiment_name *)a};
    return experiment_zip_has(&one, b);
}

static bool is_named(const struct experiment_sampler *sampler,
                     const struct experiment_name *name)
{
    for (size_t i = 0; i < sampler->n_over; i++)
        if (is_same(&sampler->over[i], name))
            return true;
    return false;
}

static bool is_drawn(const struct experiment_sampler *sampler,
                     const struct experiment_name *name)
{
    return sampler->over ? is_named(sampler, name)
                         : !is_same(name, &seeds) && !is_same(name, &ends);
}

/* Of cells, and not by the seeds. */
static void choose_zip(const struct experiment_sampler *sampler,
                       struct experiment_zip *zip)
{
    bool any = false;
    for (size_t i = 0; i < zip->n; i++)
        any |= is_drawn(sampler, &zip->names[i]);
    zip->drawn = any && !experiment_zip_has(zip, &seeds) &&
                 zip->names[0].axis != SPEC_ATTACK;
}

static bool is_list(const struct values *values)
{
    return values->n > 1 || values->range;
}

static bool has_list(const struct experiment *experiment,
                     const struct experiment_name *name)
{
    const struct alternatives *alternatives =
        experiment_alternatives(experiment, (enum spec_axis)name->axis);
    bool any = !name->row && alternatives->n > 1;
    for (size_t i = 0; name->row && i < alternatives->n; i++) {
        const struct variant *variant = &alternatives->variants[i];
        const struct row *row = kind_find_row(variant->kind, name->row);
        any |= row && is_list(&variant->rows[row - variant->kind->rows]);
    }
    return any;
}

static enum status read_over(struct experiment_reader *reader,
                             const config_setting_t *setting)
{
    struct experiment_sampler *sampler = &reader->sampler;
    size_t n = experiment_n_elements(setting);
    struct experiment_name *names =
        ARENA_ARRAY(reader->arena, struct experiment_name, n + 1);
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *element = experiment_element(setting, i);
        TRY(experiment_name_read(reader, element, "sampler.over", &names[i]));
        bool of_cells = names[i].axis != SPEC_ATTACK &&
                        !is_same(&names[i], &seeds);
        if (!of_cells || !has_list(&reader->experiment, &names[i]))
            return experiment_refuse(
                reader, element, "sampler.over: %s %s; allowed are a cell's "
                "lists and ranges, but for its seeds",
                experiment_show(element, reader->arena),
                of_cells ? "has one value only" : "is not drawn");
    }
    sampler->over = names;
    sampler->n_over = n;
    return STATUS_OK;
}

enum status experiment_sampler_choose(struct experiment_reader *reader)
{
    struct experiment_sampler *sampler = &reader->sampler;
    const config_setting_t *over =
        sampler->setting && config_setting_is_group(sampler->setting)
            ? config_setting_get_member(sampler->setting, over_key)
            : NULL;
    if (!is_drawing(sampler))
        return over ? refuse_key(reader, over) : STATUS_OK;
    if (over)
        TRY(read_over(reader, over));
    for (size_t z = 0; z < reader->n_zips; z++)
        choose_zip(sampler, &reader->zips[z]);
    return STATUS_OK;
}

/* drawing ------------------------------------------------------------- */

/* Of one axis: what is drawn there, each a number for each point. */
struct drawing {
    struct experiment_reader *reader;
    size_t axis;
    const struct alternatives *alternatives;
    const uint32_t *choice; /* NULL: all alternatives, in turn */
    const uint32_t ***rows; /* [alternatives->n][kind->n_rows], likewise */
    bool any;
};

static size_t index_of(uint32_t number, size_t n)
{
    return (size_t)((uint64_t)number * n >> 32);
}

/* One more dimension, and what it is. */
static const uint32_t *add_dimension(struct drawing *drawing, const char *row)
{
    struct experiment_reader *reader = drawing->reader;
    const struct experiment_sampler *sampler = &reader->sampler;
    size_t n_most = sampler_of(sampler->kind)->n_dimensions;
    size_t dimension = reader->n_dimensions++;
    uint32_t *numbers = ARENA_ARRAY(reader->arena, uint32_t,
                                    common_of(sampler)->n_points);
    if (n_most == 0 || dimension < n_most)
        sampler_of(sampler->kind)->fill(sampler->params, dimension, numbers);
    reader->dimensions =
        arena_print(reader->arena, "%s%s%s%s%s", reader->dimensions,
                    *reader->dimensions ? ", " : "",
                    spec_axes[drawing->axis]->name, row ? "." : "",
                    row ? row : "");
    return numbers;
}

/* The numbers of what is named, NULL if it is not drawn. A zip's lists have one
 * dimension. */
static const uint32_t *find_numbers(struct drawing *drawing, const char *row)
{
    struct experiment_reader *reader = drawing->reader;
    struct experiment_name name = {drawing->axis, row};
    for (size_t z = 0; z < reader->n_zips; z++) {
        struct experiment_zip *zip = &reader->zips[z];
        if (!experiment_zip_has(zip, &name))
            continue;
        if (zip->drawn && !zip->numbers)
            zip->numbers = (uint32_t *)add_dimension(drawing, row);
        return zip->numbers;
    }
    return is_drawn(&reader->sampler, &name) ? add_dimension(drawing, row)
                                             : NULL;
}

static enum status find_variant(struct drawing *drawing, size_t v)
{
    struct experiment_reader *reader = drawing->reader;
    const struct variant *variant = &drawing->alternatives->variants[v];
    const struct kind *kind = variant->kind;
    drawing->rows[v] =
        ARENA_ARRAY(reader->arena, const uint32_t *, kind->n_rows);
    for (size_t r = 0; r < kind->n_rows; r++) {
        const struct values *values = &variant->rows[r];
        if (!is_list(values))
            continue;
        drawing->rows[v][r] = find_numbers(drawing, kind->rows[r].name);
        drawing->any |= drawing->rows[v][r] != NULL;
        if (values->range && !drawing->rows[v][r])
            return status_refuse(
                STATUS_INVALID,
                "%s:%d: %s.%s: a range without a count is drawn from, but the "
                "sampler does not draw this one; allowed is one with a count",
                variant->row_places[r].file, variant->row_places[r].line,
                spec_axes[drawing->axis]->name, kind->rows[r].name);
    }
    return STATUS_OK;
}

/* A point's value of each row that is drawn. */
static struct variant take_point(const struct drawing *drawing, size_t v,
                                 size_t point)
{
    struct arena *arena = drawing->reader->arena;
    struct variant variant = drawing->alternatives->variants[v];
    size_t n_rows = variant.kind->n_rows;
    struct values *rows = ARENA_ARRAY(arena, struct values, n_rows);
    for (size_t r = 0; r < n_rows; r++) {
        const uint32_t *numbers = drawing->rows[v][r];
        rows[r] = variant.rows[r];
        if (!numbers)
            continue;
        const char **text = rows[r].range
                                ? ARENA_ARRAY(arena, const char *, 1)
                                : &rows[r].texts[index_of(numbers[point],
                                                          rows[r].n)];
        if (rows[r].range)
            *text = experiment_draw(rows[r].range, variant.kind, r,
                                    numbers[point], arena);
        rows[r] = (struct values){.n = 1, .texts = text};
    }
    variant.rows = rows;
    variant.steps[EXPERIMENT_SAMPLER] = (uint32_t)(point + 1);
    return variant;
}

static enum status draw_axis(struct experiment_reader *reader, size_t axis)
{
    struct alternatives *alternatives = &reader->experiment.axes[axis];
    struct drawing drawing = {reader, axis, alternatives, NULL, NULL, false};
    drawing.rows =
        ARENA_ARRAY(reader->arena, const uint32_t **, alternatives->n);
    if (alternatives->n > 1)
        drawing.choice = find_numbers(&drawing, NULL);
    drawing.any = drawing.choice != NULL;
    for (size_t v = 0; v < alternatives->n; v++)
        TRY(find_variant(&drawing, v));
    if (!drawing.any)
        return STATUS_OK;
    struct experiment_list list = {.arena = reader->arena};
    size_t n = alternatives->n;
    for (size_t i = 0; i < common_of(&reader->sampler)->n_points; i++) {
        size_t only = drawing.choice ? index_of(drawing.choice[i], n) : n;
        for (size_t v = 0; v < n; v++)
            if (only == n || only == v)
                experiment_list_add(&list, take_point(&drawing, v, i));
    }
    *alternatives = (struct alternatives){list.n, list.variants};
    return STATUS_OK;
}

static enum status check_dimensions(const struct experiment_reader *reader)
{
    const struct experiment_sampler *sampler = &reader->sampler;
    size_t n_most = sampler_of(sampler->kind)->n_dimensions;
    if (reader->n_dimensions == 0)
        return experiment_refuse(reader, sampler->setting,
                                 "sampler: nothing is a list or a range, so "
                                 "there is nothing to draw");
    if (n_most && reader->n_dimensions > n_most)
        return experiment_refuse(reader, sampler->setting,
                                 "sampler: %s has %zu dimensions, this file "
                                 "needs %zu; `over` may name fewer",
                                 sampler->kind->name, n_most,
                                 reader->n_dimensions);
    return STATUS_OK;
}

enum status experiment_sampler_draw(struct experiment_reader *reader)
{
    const struct experiment_sampler *sampler = &reader->sampler;
    if (!is_drawing(sampler))
        return STATUS_OK;
    reader->dimensions = "";
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++)
        TRY(draw_axis(reader, axis));
    TRY(check_dimensions(reader));
    reader->experiment.sampling = arena_print(
        reader->arena, "%zu points by %s (seed %zu) over %s",
        common_of(sampler)->n_points, sampler->kind->name,
        common_of(sampler)->seed, reader->dimensions);
    return STATUS_OK;
}
