#include "core/sampler.h"
#include "io/experiment_parts.h"

#include <string.h>

enum { SEEDS_MAX = 100000 };

static const char *const other_sections[] = {"attacks", "seeds", "zip",
                                            "sampler", "exclude", "halving",
                                            "priority", "budget"};

/* One file's whole reading; libconfig's tree lives as long. */
struct reading {
    struct experiment_reader reader;
    config_t config;
    const config_setting_t *root;
};

/* the file ------------------------------------------------------------ */

/* What stands on a line of the text, without blanks around it. */
static const char *line_of(const char *text, int line, struct arena *arena)
{
    for (; line > 1 && *text; text++)
        line -= *text == '\n';
    text += strspn(text, " \t");
    size_t n = strcspn(text, "\r\n");
    return experiment_clean(
        arena_print(arena, "%.*s", (int)(n < 60 ? n : 60), text));
}

/* "[[8], [16]]", as other languages have it. */
static bool has_lists_in_array(const char *line)
{
    for (const char *at = strchr(line, '['); at; at = strchr(at + 1, '['))
        if (at[1 + strspn(at + 1, " \t")] == '[')
            return true;
    return false;
}

static const char *explain(const char *error, const char *line)
{
    if (has_lists_in_array(line))
        return "; a list of lists is ( [..], [..] )";
    return strstr(error, "element type")
               ? "; [..] holds numbers, texts or flags, (..) may mix them"
               : "";
}

/* libconfig names the line on which it noticed. */
static enum status refuse_syntax(struct reading *reading)
{
    struct experiment_reader *reader = &reading->reader;
    const char *error = config_error_text(&reading->config);
    int line = config_error_line(&reading->config);
    struct experiment_origin origin =
        experiment_text_origin(&reader->text, line > 0 ? line : 1);
    const char *near = line_of(reader->text.whole, line, reader->arena);
    if (*near == '\0')
        return status_refuse(STATUS_INVALID,
                             "%s:%d: %s; is a bracket not closed?", origin.file,
                             origin.line, error);
    return status_refuse(STATUS_INVALID, "%s:%d: %s at or before \"%s\"%s",
                         origin.file, origin.line, error, near,
                         explain(error, near));
}

static enum status parse(struct reading *reading, const char *path)
{
    struct experiment_reader *reader = &reading->reader;
    TRY(experiment_text_read(path, reader->arena, &reader->text));
    if (config_read_string(&reading->config, reader->text.plain) !=
        CONFIG_TRUE)
        return refuse_syntax(reading);
    reading->root = config_root_setting(&reading->config);
    reader->experiment.path = arena_copy_text(reader->arena, path);
    reader->experiment.text = reader->text.whole;
    reader->experiment.keys_set = reader->experiment.keys_defaulted = "";
    return STATUS_OK;
}

/* names of sections --------------------------------------------------- */

static const char *section_name(size_t i)
{
    return i < SPEC_ATTACK ? spec_axes[i]->name
                           : other_sections[i - SPEC_ATTACK];
}

enum { N_SECTIONS = SPEC_ATTACK + KIND_COUNT(other_sections) };

/* A parameter that stands outside of its section is a likely mistake. */
static const char *axis_with_row(const char *name)
{
    for (size_t i = 0; i < SPEC_N_AXES; i++)
        for (size_t k = 0; k < spec_axes[i]->n_kinds; k++)
            if (kind_find_row(spec_axes[i]->kinds[k], name))
                return i == SPEC_ATTACK ? "attacks" : spec_axes[i]->name;
    return NULL;
}

static enum status check_section(struct reading *reading,
                                 const config_setting_t *section)
{
    struct arena *arena = reading->reader.arena;
    const char *name = config_setting_name(section);
    const char *names[N_SECTIONS], *list = "";
    for (size_t i = 0; i < N_SECTIONS; i++) {
        names[i] = section_name(i);
        if (!strcmp(names[i], name))
            return STATUS_OK;
        list = arena_print(arena, "%s%s%s", list, i ? ", " : "", names[i]);
    }
    const char *owner = axis_with_row(name);
    const char *hint =
        owner ? arena_print(arena, "; it is a parameter of %s", owner)
              : experiment_hint(kind_nearest_of(names, N_SECTIONS, name),
                                arena);
    return experiment_refuse(&reading->reader, section,
                             "%s: no such section; there are %s%s", name, list,
                             hint);
}

static enum status check_sections(struct reading *reading)
{
    for (int i = 0; i < config_setting_length(reading->root); i++)
        TRY(check_section(reading, config_setting_get_elem(reading->root,
                                                           (unsigned)i)));
    return STATUS_OK;
}

/* One after the other, for rules. */
static void gather_ways(struct experiment *experiment, size_t way,
                        struct arena *arena)
{
    size_t n = experiment->attacks.n;
    struct variant *variants = ARENA_ARRAY(arena, struct variant, n);
    for (size_t i = 0; i < n; i++)
        variants[i] = *experiment->attacks.variants[i].ways[way];
    experiment->ways[way] = (struct alternatives){n, variants};
}

static enum status read_axes(struct reading *reading)
{
    struct experiment *experiment = &reading->reader.experiment;
    const struct kind *sampler = reading->reader.sampler.kind;
    reading->reader.draws = sampler_of(sampler)->fill != NULL;
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        TRY(experiment_axis_read(
            &reading->reader,
            config_setting_get_member(reading->root, spec_axes[i]->name),
            spec_axes[i], &experiment->axes[i]));
    reading->reader.draws = false;
    const config_setting_t *attacks =
        config_setting_get_member(reading->root, "attacks");
    if (!attacks)
        return STATUS_OK;
    TRY(experiment_axis_read(&reading->reader, attacks, spec_axes[SPEC_ATTACK],
                             &experiment->attacks));
    for (size_t i = 0; i < EXPERIMENT_WAYS; i++)
        gather_ways(experiment, i, reading->reader.arena);
    return STATUS_OK;
}

/* keys ---------------------------------------------------------------- */

static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line);
    for (const char *at = strstr(text, line); at; at = strstr(at + n, line))
        if ((at == text || at[-1] == '\n') && at[n] == '\n')
            return true;
    return false;
}

void experiment_note_key(const char **keys, const char *axis, const char *row,
                         struct arena *arena)
{
    const char *line = arena_print(arena, "%s.%s", axis, row);
    if (!has_line(*keys, line))
        *keys = arena_print(arena, "%s%s\n", *keys, line);
}

/* seeds --------------------------------------------------------------- */

/* seeds = 3; means the seeds 1, 2 and 3. */
static enum status count_seeds(struct reading *reading,
                               const config_setting_t *setting,
                               struct values *seeds)
{
    struct arena *arena = reading->reader.arena;
    double n = config_setting_get_float(setting);
    if (config_setting_type(setting) != CONFIG_TYPE_FLOAT || !(n >= 1) ||
        n > SEEDS_MAX || n != (double)(size_t)n)
        return experiment_refuse(&reading->reader, setting,
                                 "seeds = %s: allowed is how many, a whole "
                                 "number from 1 to 100000, or the seeds "
                                 "themselves, [..]",
                                 experiment_show(setting, arena));
    seeds->n = (size_t)n;
    seeds->texts = ARENA_ARRAY(arena, const char *, seeds->n);
    for (size_t i = 0; i < seeds->n; i++)
        seeds->texts[i] = arena_print(arena, "%zu", i + 1);
    return STATUS_OK;
}

static enum status seed_variant(struct reading *reading,
                                const config_setting_t *setting,
                                const struct variant *variant)
{
    const struct row *row = kind_find_row(variant->kind, "seed");
    if (!row)
        return experiment_refuse(&reading->reader, setting,
                                 "seeds: training %s has no seed",
                                 variant->kind->name);
    /* The variant is still under construction; its rows are ours. */
    struct values *seeds =
        (struct values *)&variant->rows[row - variant->kind->rows];
    if (config_setting_is_scalar(setting))
        return count_seeds(reading, setting, seeds);
    return experiment_values_read(&reading->reader, setting, "seeds",
                                  variant->kind, row, seeds);
}

static bool sets_seed(const config_setting_t *training)
{
    for (size_t i = 0; training && i < experiment_n_elements(training); i++) {
        const config_setting_t *element = experiment_element(training, i);
        if (config_setting_is_group(element) &&
            config_setting_get_member(element, "seed"))
            return true;
    }
    return false;
}

static const char *without_line(const char *text, const char *line,
                                struct arena *arena)
{
    const char *at = strstr(text, line);
    return at ? arena_print(arena, "%.*s%s", (int)(at - text), text,
                            at + strlen(line))
              : text;
}

/* The section `seeds` is short for training.seed. */
static enum status read_seeds(struct reading *reading)
{
    struct experiment *experiment = &reading->reader.experiment;
    struct arena *arena = reading->reader.arena;
    const config_setting_t *setting =
        config_setting_get_member(reading->root, "seeds");
    if (!setting)
        return STATUS_OK;
    if (sets_seed(config_setting_get_member(reading->root, "training")))
        return experiment_refuse(&reading->reader, setting,
                                 "seeds: training.seed is given as well; "
                                 "allowed is one of the two");
    const struct alternatives *training = &experiment->axes[SPEC_TRAINING];
    for (size_t i = 0; i < training->n; i++)
        TRY(seed_variant(reading, setting, &training->variants[i]));
    experiment_note_key(&experiment->keys_set, "training", "seed", arena);
    experiment->keys_defaulted = without_line(experiment->keys_defaulted,
                                              "training.seed\n", arena);
    return STATUS_OK;
}

/* --------------------------------------------------------------------- */

static enum status read_all(struct reading *reading, const char *path)
{
    TRY(parse(reading, path));
    TRY(check_sections(reading));
    TRY(experiment_sampler_read(
        &reading->reader,
        config_setting_get_member(reading->root, "sampler")));
    TRY(read_axes(reading));
    TRY(read_seeds(reading));
    TRY(experiment_zips_read(
        &reading->reader, config_setting_get_member(reading->root, "zip")));
    TRY(experiment_sampler_choose(&reading->reader));
    experiment_zips_link(&reading->reader);
    TRY(experiment_sampler_draw(&reading->reader));
    experiment_zips_split(&reading->reader);
    TRY(experiment_points_find(&reading->reader));
    TRY(experiment_whens_read(&reading->reader));
    TRY(experiment_rules_read(
        &reading->reader, config_setting_get_member(reading->root, "exclude")));
    TRY(experiment_order_read(
        &reading->reader, config_setting_get_member(reading->root, "priority"),
        config_setting_get_member(reading->root, "budget")));
    return experiment_halving_read(
        &reading->reader, config_setting_get_member(reading->root, "halving"));
}

enum status experiment_read(const char *path, struct arena *arena,
                            struct experiment *experiment)
{
    struct reading reading = {.reader = {.arena = arena}};
    config_init(&reading.config);
    enum status status = read_all(&reading, path);
    config_destroy(&reading.config);
    if (status == STATUS_OK)
        *experiment = reading.reader.experiment;
    return status;
}
