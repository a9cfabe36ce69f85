/* The section `halving` of an experiment file. */
#include "io/experiment_halving.h"
#include "io/experiment_parts.h"

static const char *const figures[] = {
    [HALVING_CLEAN_ACCURACY] = "clean_accuracy",
    [HALVING_CLEAN_LOSS] = "clean_loss",
    [HALVING_OMEGA] = "omega",
    [HALVING_ROBUST_ACCURACY] = "robust_accuracy",
    NULL};

static const struct row rows[] = {
    {.name = "figure", .unit = "1",
     .doc = "what decides who goes on: clean_accuracy, or clean_loss or omega (less is better), or "
            "robust_accuracy, the mean over an attack's epsilons, of the attack that does most",
     .type = ROW_CHOICE, .fallback = "clean_accuracy", .choices = figures,
     .offset = offsetof(struct experiment_halving, figure)},
    {.name = "factor", .unit = "1",
     .doc = "one of so many goes on from each rung",
     .type = ROW_REAL, .fallback = "3", .minimum = 1.1, .maximum = 1000,
     .offset = offsetof(struct experiment_halving, factor)},
};

/* A section of parameters, read by the means of kinds. */
static const struct kind section_kind = {
    .name = "halving",
    .doc = "asynchronous successive halving over training.until_epoch",
    .cite = "Li et al., MLSys 2020 (arXiv 1810.05934), algorithm 2",
    .rows = rows,
    .n_rows = KIND_COUNT(rows),
    .params_size = sizeof(struct experiment_halving),
};

static enum status read_row(struct experiment_reader *reader,
                            const config_setting_t *section, size_t i,
                            void *params)
{
    const struct row *row = &rows[i];
    const config_setting_t *setting =
        config_setting_get_member(section, row->name);
    const char *key =
        arena_print(reader->arena, "halving.%s", row->name);
    struct values values;
    if (!setting)
        return STATUS_OK;
    TRY(experiment_values_read(reader, setting, key, &section_kind, row,
                               &values));
    if (values.n != 1)
        return experiment_refuse(reader, setting,
                                 "%s: has %zu values, allowed is one", key,
                                 values.n);
    return row_set(row, values.texts[0], params, reader->arena);
}

/* Cells have to end at several epochs for one to go on to the next. */
static enum status check(const struct experiment_reader *reader,
                         const config_setting_t *section)
{
    const struct alternatives *training =
        &reader->experiment.axes[SPEC_TRAINING];
    const struct experiment_halving *halving = reader->experiment.halving;
    size_t n_ends = 0;
    for (size_t i = 0; i < training->n; i++) {
        const struct kind *kind = training->variants[i].kind;
        const struct row *row = kind_find_row(kind, "until_epoch");
        n_ends += row ? training->variants[i].rows[row - kind->rows].n : 0;
    }
    if (n_ends < 2)
        return experiment_refuse(
            reader, section,
            "halving: training.until_epoch has %zu value%s, and has to have "
            "one for each rung, at least two: until_epoch = [3, 9, 0], 0 for "
            "the end",
            n_ends, n_ends == 1 ? "" : "s");
    if (halving->figure == HALVING_ROBUST_ACCURACY &&
        reader->experiment.attacks.n == 0)
        return experiment_refuse(reader, section,
                                 "halving: robust_accuracy is of attacks, and "
                                 "the file has none");
    return STATUS_OK;
}

enum status experiment_halving_read(struct experiment_reader *reader,
                                    const config_setting_t *section)
{
    struct experiment_halving *halving;
    if (!section)
        return STATUS_OK;
    if (!config_setting_is_group(section))
        return experiment_refuse(reader, section,
                                 "halving: is %s, and has to be a group: "
                                 "{ figure = \"clean_accuracy\"; factor = 3; }",
                                 experiment_show(section, reader->arena));
    for (int i = 0; i < config_setting_length(section); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(section, (unsigned)i);
        const char *name = config_setting_name(setting);
        if (!kind_find_row(&section_kind, name))
            return experiment_refuse(
                reader, setting,
                "halving.%s: there is no such parameter; there are figure and "
                "factor%s",
                name,
                experiment_hint(kind_nearest_row(&section_kind, name),
                                reader->arena));
    }
    halving = kind_defaults(&section_kind, reader->arena);
    for (size_t i = 0; i < KIND_COUNT(rows); i++)
        TRY(read_row(reader, section, i, halving));
    reader->experiment.halving = halving;
    return check(reader, section);
}
