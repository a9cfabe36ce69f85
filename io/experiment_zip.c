/* The section `zip` of an experiment file: lists that advance together. An
 * alternative with such a list becomes one for each place in it, linked to
 * those of the same place on other axes. */
#include "io/experiment_parts.h"

#include <string.h>

/* names --------------------------------------------------------------- */

/* The axis of "AXIS" or "AXIS.PARAMETER", or SPEC_N_AXES. */
static size_t find_axis(const char *text)
{
    size_t n = strcspn(text, ".");
    if (n == strlen("attacks") && !memcmp(text, "attacks", n))
        return SPEC_ATTACK;
    enum spec_axis axis = spec_find_axis(text, n);
    return axis <= SPEC_ATTACK ? axis : SPEC_N_AXES;
}

static bool has_row(const struct alternatives *alternatives, const char *row)
{
    for (size_t i = 0; i < alternatives->n; i++)
        if (kind_find_row(alternatives->variants[i].kind, row))
            return true;
    return false;
}

static enum status refuse_name(const struct experiment_reader *reader,
                               const config_setting_t *setting,
                               const char *section)
{
    return experiment_refuse(
        reader, setting,
        "%s: %s: allowed is \"AXIS.PARAMETER\", as in \"network.n_steps\", of "
        "an alternative that this file has, or \"AXIS\" for its alternatives",
        section, experiment_show(setting, reader->arena));
}

enum status experiment_name_read(const struct experiment_reader *reader,
                                 const config_setting_t *setting,
                                 const char *section,
                                 struct experiment_name *name)
{
    const char *text = config_setting_type(setting) == CONFIG_TYPE_STRING
                           ? config_setting_get_string(setting)
                           : "";
    if (!strcmp(text, "seeds"))
        text = "training.seed";
    const char *dot = strchr(text, '.');
    struct experiment_name read = {find_axis(text), dot ? dot + 1 : NULL};
    if (read.axis == SPEC_N_AXES ||
        (dot && !has_row(experiment_alternatives(&reader->experiment,
                                                 (enum spec_axis)read.axis),
                         read.row)))
        return refuse_name(reader, setting, section);
    if (read.row)
        read.row = arena_copy_text(reader->arena, read.row);
    *name = read;
    return STATUS_OK;
}

static bool is_same(const struct experiment_name *a,
                    const struct experiment_name *b)
{
    bool both_rows = a->row && b->row;
    return a->axis == b->axis &&
           (both_rows ? !strcmp(a->row, b->row) : a->row == b->row);
}

bool experiment_zip_has(const struct experiment_zip *zip,
                        const struct experiment_name *name)
{
    for (size_t i = 0; i < zip->n; i++)
        if (is_same(&zip->names[i], name))
            return true;
    return false;
}

/* reading ------------------------------------------------------------- */

static const char *show_name(const struct experiment_name *name,
                             struct arena *arena)
{
    const char *axis = spec_axes[name->axis]->name;
    return name->row ? arena_print(arena, "%s.%s", axis, name->row) : axis;
}

/* Notes that a name of the zip has a list of n. */
static enum status note_list(const struct experiment_reader *reader,
                             struct experiment_zip *zip,
                             const struct experiment_name *name, size_t n)
{
    struct arena *arena = reader->arena;
    if (zip->n_steps == 0)
        zip->n_steps = n;
    if (zip->n_steps == n)
        return STATUS_OK;
    return experiment_refuse(
        reader, zip->setting,
        "zip: %s has %zu values, %s has %zu: allowed are lists of one length",
        show_name(&zip->names[0], arena), zip->n_steps, show_name(name, arena),
        n);
}

static enum status check_lists(const struct experiment_reader *reader,
                               struct experiment_zip *zip,
                               const struct experiment_name *name,
                               const config_setting_t *setting)
{
    const struct alternatives *alternatives = experiment_alternatives(
        &reader->experiment, (enum spec_axis)name->axis);
    size_t n_lists = 0;
    if (!name->row && alternatives->n > 1) {
        n_lists++;
        TRY(note_list(reader, zip, name, alternatives->n));
    }
    for (size_t i = 0; name->row && i < alternatives->n; i++) {
        const struct variant *variant = &alternatives->variants[i];
        const struct row *row = kind_find_row(variant->kind, name->row);
        const struct values *values =
            row ? &variant->rows[row - variant->kind->rows] : NULL;
        if (!values || values->n < 2)
            continue;
        n_lists++;
        TRY(note_list(reader, zip, name, values->n));
    }
    return n_lists ? STATUS_OK
                   : experiment_refuse(
                         reader, setting,
                         "zip: %s is no list: allowed are lists and ranges "
                         "with a count",
                         show_name(name, reader->arena));
}

/* Cells and attacks are counted apart. */
static enum status check_side(const struct experiment_reader *reader,
                              const struct experiment_zip *zip,
                              const struct experiment_name *name,
                              const config_setting_t *setting)
{
    bool of_attacks = name->axis == SPEC_ATTACK;
    if (of_attacks && !name->row)
        return experiment_refuse(reader, setting,
                                 "zip: attacks: every cell has all of them; "
                                 "allowed are their parameters, as in "
                                 "\"attacks.n_steps\"");
    if (zip->n > 0 && of_attacks != (zip->names[0].axis == SPEC_ATTACK))
        return experiment_refuse(reader, setting,
                                 "zip: %s: allowed are either parameters of "
                                 "attacks or of cells",
                                 show_name(name, reader->arena));
    return STATUS_OK;
}

static enum status check_new(const struct experiment_reader *reader,
                             const struct experiment_zip *zip,
                             const struct experiment_name *name,
                             const config_setting_t *setting)
{
    bool is_there = experiment_zip_has(zip, name);
    for (size_t i = 0; i < reader->n_zips; i++)
        is_there |= experiment_zip_has(&reader->zips[i], name);
    return is_there ? experiment_refuse(reader, setting,
                                        "zip: %s is named before; allowed is "
                                        "once",
                                        show_name(name, reader->arena))
                    : STATUS_OK;
}

static enum status read_zip(struct experiment_reader *reader,
                            const config_setting_t *setting)
{
    size_t n = experiment_n_elements(setting);
    struct experiment_zip zip = {
        .setting = setting,
        .names = ARENA_ARRAY(reader->arena, struct experiment_name, n)};
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *element = experiment_element(setting, i);
        struct experiment_name name;
        TRY(experiment_name_read(reader, element, "zip", &name));
        TRY(check_side(reader, &zip, &name, element));
        TRY(check_new(reader, &zip, &name, element));
        zip.names[zip.n++] = name;
        TRY(check_lists(reader, &zip, &name, element));
    }
    if (n < 2)
        return experiment_refuse(reader, setting,
                                 "zip: %s: allowed are two names or more",
                                 experiment_show(setting, reader->arena));
    if (reader->n_zips == EXPERIMENT_ZIPS)
        return experiment_refuse(reader, setting,
                                 "zip: at most %d are allowed",
                                 EXPERIMENT_ZIPS);
    reader->zips[reader->n_zips++] = zip;
    return STATUS_OK;
}

/* ( [..], [..] ) is several, [..] one. */
enum status experiment_zips_read(struct experiment_reader *reader,
                                 const config_setting_t *section)
{
    if (!section)
        return STATUS_OK;
    size_t n = experiment_n_elements(section);
    bool several = config_setting_is_list(section) && n > 0 &&
                   config_setting_is_aggregate(experiment_element(section, 0));
    for (size_t i = 0; several && i < n; i++)
        TRY(read_zip(reader, experiment_element(section, i)));
    return several ? STATUS_OK : read_zip(reader, section);
}

/* linking ------------------------------------------------------------- */

void experiment_list_add(struct experiment_list *list, struct variant variant)
{
    if (list->n == list->capacity) {
        const struct variant *old = list->variants;
        list->capacity = 2 * list->capacity + 4;
        list->variants =
            ARENA_ARRAY(list->arena, struct variant, list->capacity);
        if (list->n)
            memcpy(list->variants, old, list->n * sizeof *old);
    }
    list->variants[list->n++] = variant;
}

/* The variant with the i-th value of each list of the zip; false if it has
 * none. */
static bool take_step(const struct experiment_zip *zip, size_t axis, size_t i,
                      struct variant *variant, struct arena *arena)
{
    const struct kind *kind = variant->kind;
    struct values *rows = ARENA_ARRAY(arena, struct values, kind->n_rows);
    bool any = false;
    for (size_t r = 0; r < kind->n_rows; r++) {
        struct experiment_name name = {axis, kind->rows[r].name};
        rows[r] = variant->rows[r];
        if (rows[r].n < 2 || !experiment_zip_has(zip, &name))
            continue;
        MUST(rows[r].n == zip->n_steps);
        rows[r] = (struct values){.n = 1, .texts = &rows[r].texts[i]};
        any = true;
    }
    if (any)
        variant->rows = rows;
    return any;
}

/* The variant, in as many as the zips from `z` on make of it. */
static void split(const struct experiment_reader *reader, size_t axis,
                  struct variant variant, size_t z,
                  struct experiment_list *list)
{
    if (z == reader->n_zips) {
        experiment_list_add(list, variant);
        return;
    }
    const struct experiment_zip *zip = &reader->zips[z];
    uint32_t own = variant.steps[1 + z]; /* if the axis itself is zipped */
    for (uint32_t i = 0; i < zip->n_steps; i++) {
        struct variant one = variant;
        if (own && own != i + 1)
            continue;
        if (!take_step(zip, axis, i, &one, reader->arena)) {
            split(reader, axis, variant, z + 1, list);
            return;
        }
        one.steps[1 + z] = i + 1;
        split(reader, axis, one, z + 1, list);
    }
}

static void split_axis(const struct experiment_reader *reader, size_t axis,
                       struct alternatives *alternatives)
{
    struct experiment_list list = {.arena = reader->arena};
    for (size_t i = 0; i < alternatives->n; i++)
        split(reader, axis, alternatives->variants[i], 0, &list);
    *alternatives = (struct alternatives){list.n, list.variants};
}

void experiment_zips_split(struct experiment_reader *reader)
{
    struct experiment *experiment = &reader->experiment;
    for (size_t i = 0; reader->n_zips && i < SPEC_ATTACK; i++)
        split_axis(reader, i, &experiment->axes[i]);
    if (reader->n_zips)
        split_axis(reader, SPEC_ATTACK, &experiment->attacks);
}

void experiment_zips_link(struct experiment_reader *reader)
{
    for (size_t axis = 0; axis < SPEC_ATTACK; axis++) {
        struct experiment_name name = {axis, NULL};
        const struct alternatives *alternatives =
            &reader->experiment.axes[axis];
        for (size_t z = 0; z < reader->n_zips; z++)
            for (size_t i = 0; i < alternatives->n; i++)
                /* The variants are still under construction. */
                if (!reader->zips[z].drawn &&
                    experiment_zip_has(&reader->zips[z], &name))
                    ((struct variant *)&alternatives->variants[i])
                        ->steps[1 + z] = (uint32_t)(i + 1);
    }
}
