/* The sections `priority` and `budget` of an experiment file: which cells come
 * first, and how many are begun. */
#include "io/experiment_parts.h"

#include <math.h>
#include <string.h>

static const char value_key[] = "value";

/* priority ------------------------------------------------------------ */

static enum status read_priority(struct experiment_reader *reader,
                                 const config_setting_t *setting,
                                 struct experiment_priority *priority)
{
    TRY(experiment_rule_read(reader, setting, "priority", value_key,
                             &priority->rule));
    const config_setting_t *value =
        config_setting_get_member(setting, value_key);
    if (!value || config_setting_type(value) != CONFIG_TYPE_FLOAT ||
        !isfinite(config_setting_get_float(value)))
        return experiment_refuse(reader, value ? value : setting,
                                 "priority: value%s%s: allowed is a number, "
                                 "the larger the earlier",
                                 value ? " = " : " is missing",
                                 value ? experiment_show(value, reader->arena)
                                       : "");
    if (priority->rule.n == 0)
        return experiment_refuse(reader, setting,
                                 "priority: a value alone; at least one "
                                 "condition is needed");
    priority->value = config_setting_get_float(value);
    return STATUS_OK;
}

static enum status read_priorities(struct experiment_reader *reader,
                                   const config_setting_t *section)
{
    size_t n = section ? experiment_n_elements(section) : 0;
    struct experiment_priority *priorities =
        ARENA_ARRAY(reader->arena, struct experiment_priority, n);
    for (size_t i = 0; i < n; i++)
        TRY(read_priority(reader, experiment_element(section, i),
                          &priorities[i]));
    reader->experiment.n_priorities = n;
    reader->experiment.priorities = priorities;
    return STATUS_OK;
}

/* budget -------------------------------------------------------------- */

static const struct row budget_rows[] = {
    {.name = "n_trials", .unit = "1", .doc = "cells, the first in their order",
     .type = ROW_COUNT, .fallback = "0", .minimum = 1, .maximum = 1e6,
     .offset = offsetof(struct experiment_budget, n_trials)},
    {.name = "core_hours", .unit = "h", .doc = "of all tasks of the experiment",
     .type = ROW_REAL, .fallback = "0", .minimum = 1e-6, .maximum = 1e9,
     .offset = offsetof(struct experiment_budget, core_hours)},
};

/* Without one there is no end: outside of the range that can be given. */
static const char *find_allowed(size_t row, const config_setting_t *setting,
                                struct experiment_reader *reader)
{
    struct arena *arena = reader->arena;
    struct experiment_budget *budget = &reader->experiment.budget;
    bool is_number = config_setting_type(setting) == CONFIG_TYPE_FLOAT;
    const char *text = experiment_show(setting, arena);
    if (is_number &&
        row_set(&budget_rows[row], text, budget, arena) == STATUS_OK)
        return NULL;
    status_forget();
    return row_allowed(&budget_rows[row], arena);
}

static enum status read_budget(struct experiment_reader *reader,
                               const config_setting_t *section)
{
    if (!config_setting_is_group(section))
        return experiment_refuse(reader, section,
                                 "budget = %s: allowed is a group { n_trials = "
                                 "500; core_hours = 100.0; } of one or both",
                                 experiment_show(section, reader->arena));
    for (int i = 0; i < config_setting_length(section); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(section, (unsigned)i);
        const char *name = config_setting_name(setting);
        size_t row = 0;
        while (row < KIND_COUNT(budget_rows) &&
               strcmp(budget_rows[row].name, name) != 0)
            row++;
        if (row == KIND_COUNT(budget_rows))
            return experiment_refuse(reader, setting,
                                     "budget.%s: there is no such parameter; "
                                     "there are n_trials and core_hours",
                                     name);
        const char *allowed = find_allowed(row, setting, reader);
        if (allowed)
            return experiment_refuse(reader, setting,
                                     "budget.%s = %s: allowed is %s", name,
                                     experiment_show(setting, reader->arena),
                                     allowed);
    }
    return STATUS_OK;
}

enum status experiment_order_read(struct experiment_reader *reader,
                                  const config_setting_t *priority,
                                  const config_setting_t *budget)
{
    TRY(read_priorities(reader, priority));
    return budget ? read_budget(reader, budget) : STATUS_OK;
}
