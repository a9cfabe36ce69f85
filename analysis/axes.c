#include "analysis/axes.h"

#include "core/kind.h"
#include "core/spec.h"

#include <stdlib.h>
#include <string.h>

static const char seed_key[] = "training.seed";

/* texts --------------------------------------------------------------- */

/* Axes that are no settings: texts of a trial. */
static const struct {
    const char *name;
    size_t offset;
} own_axes[] = {
    {"state", offsetof(struct result_trial, state)},
    {"cause", offsetof(struct result_trial, cause)},
    {"host", offsetof(struct result_trial, host)},
    {"file", offsetof(struct result_trial, file)},
    {"in_experiment", offsetof(struct result_trial, in_experiment)},
};

/* SIZE_MAX: it is none. */
static size_t find_own(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT(own_axes); i++)
        if (!strcmp(own_axes[i].name, name))
            return own_axes[i].offset;
    return SIZE_MAX;
}

/* What it says of a trial; NULL: nothing. */
static const char *own_text(const struct result_trial *trial, size_t offset)
{
    const char *text;
    memcpy(&text, (const char *)trial + offset, sizeof text);
    return text;
}

static const char *key_of(const char *name)
{
    return strcmp(name, "seed") ? name : seed_key;
}

static bool is_whole(const char *name)
{
    size_t n = strlen(name);
    return n > 2 && !strcmp(name + n - 2, ".*");
}

static const char **read_texts(const struct results *results,
                               const char *name, struct arena *arena)
{
    const char **texts =
        ARENA_ARRAY(arena, const char *, results->n_trials + 1);
    size_t place = 0, own = find_own(name);
    for (size_t i = 0; i < results->n_trials; i++) {
        const struct result_trial *trial = &results->trials[i];
        texts[i] = own != SIZE_MAX ? own_text(trial, own)
                                   : settings_get_near(&trial->settings,
                                                       key_of(name), &place);
    }
    return texts;
}

/* levels -------------------------------------------------------------- */

/* A trial's text on its way to a level. */
struct entry {
    const char *key, *text;
    size_t trial;
};

static int by_text(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->trial > y->trial) - (x->trial < y->trial);
}

static int by_value(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return settings_compare_values(x->key, x->text, y->text);
}

/* The texts that differ, each once, and where each of them comes first. */
static size_t list_levels(struct entry *entries, size_t n,
                          struct entry *levels)
{
    size_t n_levels = 0;
    qsort(entries, n, sizeof *entries, by_text);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(entries[i].text, entries[i - 1].text) != 0)
            levels[n_levels++] = entries[i];
    return n_levels;
}

/* Entries are by text, levels by value: each text's level. */
static void number_trials(const struct entry *entries, size_t n,
                          const struct entry *levels, size_t n_levels,
                          int32_t *of)
{
    for (size_t k = 0; k < n_levels; k++) {
        struct entry first = {.text = levels[k].text, .trial = 0};
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (by_text(&entries[middle], &first) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < n && !strcmp(entries[low].text, first.text); low++)
            of[entries[low].trial] = (int32_t)k;
    }
}

static struct axis_of_trials make_axis(const char *name, size_t n_trials,
                                       const char *const *texts,
                                       struct arena *arena)
{
    struct arena scratch = arena_open();
    struct entry *entries = ARENA_ARRAY(&scratch, struct entry, n_trials + 1);
    struct entry *levels = ARENA_ARRAY(&scratch, struct entry, n_trials + 1);
    int32_t *of = ARENA_ARRAY(arena, int32_t, n_trials + 1);
    size_t n = 0;
    for (size_t i = 0; i < n_trials; i++) {
        of[i] = AXIS_NO_LEVEL;
        if (texts[i])
            entries[n++] = (struct entry){key_of(name), texts[i], i};
    }
    size_t n_levels = list_levels(entries, n, levels);
    qsort(levels, n_levels, sizeof *levels, by_value);
    number_trials(entries, n, levels, n_levels, of);
    const char **names = ARENA_ARRAY(arena, const char *, n_levels + 1);
    for (size_t k = 0; k < n_levels; k++)
        names[k] = levels[k].text;
    arena_close(&scratch);
    return (struct axis_of_trials){name, n_levels, names, of};
}

const char *axis_text(const struct axis_of_trials *axis, size_t trial)
{
    int32_t level = axis->of[trial];
    return level == AXIS_NO_LEVEL ? "" : axis->levels[level];
}

/* a kind with its parameters ------------------------------------------ */

static struct variation vary(const struct results *results,
                             struct arena *arena)
{
    struct settings *settings =
        ARENA_ARRAY(arena, struct settings, results->n_trials + 1);
    for (size_t i = 0; i < results->n_trials; i++)
        settings[i] = results->trials[i].settings;
    return settings_vary(results->n_trials, settings, arena);
}

static bool is_on(const char *key, const char *axis, size_t n)
{
    return !strncmp(key, axis, n) && (key[n] == '\0' || key[n] == '.');
}

/* The kind, varying or not, and those of its parameters that vary. */
static struct axes parts_of(const struct results *results, const char *name,
                            struct arena *arena)
{
    struct variation variation = vary(results, arena);
    size_t n = strlen(name) - 2;
    char *kind = arena_copy_text(arena, name);
    kind[n] = '\0';
    struct axis_of_trials *at =
        ARENA_ARRAY(arena, struct axis_of_trials, variation.n + 1);
    struct axes parts = {0, at};
    at[parts.n++] = make_axis(kind, results->n_trials,
                              read_texts(results, kind, arena), arena);
    for (size_t i = 0; i < variation.n; i++)
        if (is_on(variation.keys[i], kind, n) && variation.keys[i][n])
            at[parts.n++] =
                make_axis(variation.keys[i], results->n_trials,
                          read_texts(results, variation.keys[i], arena),
                          arena);
    return parts;
}

static const char *label_whole(const struct axes *parts,
                               const struct axes_cell *cell,
                               struct arena *arena)
{
    const char *label = axis_text(&parts->at[0], cell->trials[0]);
    size_t n = strlen(parts->at[0].key);
    for (size_t i = 1; i < parts->n; i++)
        if (cell->levels[i] != AXIS_NO_LEVEL)
            label = arena_print(arena, "%s %s=%s", label,
                                parts->at[i].key + n + 1,
                                parts->at[i].levels[cell->levels[i]]);
    return label;
}

/* Kinds' labels are few and trials are many: a text for all trials of a cell,
 * and levels in the order of cells. */
static struct axis_of_trials make_whole(const struct results *results,
                                        const char *name, struct arena *arena)
{
    struct axes parts = parts_of(results, name, arena);
    struct axes_cells cells = axes_group(results, &parts, arena);
    const char **levels = ARENA_ARRAY(arena, const char *, cells.n + 1);
    int32_t *of = ARENA_ARRAY(arena, int32_t, results->n_trials + 1);
    size_t n = 0;
    for (size_t i = 0; i < cells.n; i++) {
        const struct axes_cell *cell = &cells.at[i];
        bool none = cell->levels[0] == AXIS_NO_LEVEL;
        for (size_t k = 0; k < cell->n; k++)
            of[cell->trials[k]] = none ? AXIS_NO_LEVEL : (int32_t)n;
        if (!none)
            levels[n++] = label_whole(&parts, cell, arena);
    }
    return (struct axis_of_trials){name, n, levels, of};
}

/* finding ------------------------------------------------------------- */

static enum status refuse(const struct results *results, const char *name,
                          struct arena *arena)
{
    struct variation variation = vary(results, arena);
    size_t n = variation.n + SPEC_N_AXES + 1, k = 0;
    const char **names = ARENA_ARRAY(arena, const char *, n);
    const char *list = "";
    for (size_t i = 0; i < variation.n; i++)
        names[k++] = variation.keys[i];
    for (size_t i = 0; i < SPEC_ATTACK; i++)
        names[k++] = spec_axes[i]->name;
    names[k++] = "seed";
    for (size_t i = 0; i < variation.n; i++)
        list = arena_print(arena, "%s%s%s", list, i ? ", " : "",
                           variation.keys[i]);
    const char *near = kind_nearest_of(names, k, name);
    return status_refuse(STATUS_NOT_FOUND,
                         "no axis %s in these trials%s%s%s; those that vary: "
                         "%s; any other axis or parameter of a cell, AXIS.* "
                         "with all its parameters, file, state, host and "
                         "in_experiment are allowed, too",
                         name, near ? ": did you mean " : "", near ? near : "",
                         near ? "?" : "", *list ? list : "none");
}

enum status axes_find(const struct results *results, const char *name,
                      struct arena *arena, struct axis_of_trials *axis)
{
    const char *key = arena_copy_text(arena, name);
    struct axis_of_trials found =
        is_whole(key)
            ? make_whole(results, key, arena)
            : make_axis(key, results->n_trials,
                        read_texts(results, key, arena), arena);
    if (found.n == 0 && results->n_trials && find_own(key) == SIZE_MAX)
        return refuse(results, name, arena);
    *axis = found;
    return STATUS_OK;
}

enum status axes_read(const struct results *results, const char *list,
                      struct arena *arena, struct axes *axes)
{
    size_t n = 1;
    for (const char *at = list; *at; at++)
        n += *at == ',';
    struct axis_of_trials *at = ARENA_ARRAY(arena, struct axis_of_trials, n);
    struct axes read = {0, at};
    char *rest = arena_copy_text(arena, list), *name;
    while ((name = strsep(&rest, ","))) {
        name += strspn(name, " ");
        if (*name || strchr(list, ','))
            TRY(axes_find(results, name, arena, &at[read.n++]));
    }
    *axes = read;
    return STATUS_OK;
}

struct axes axes_varying(const struct results *results, bool with_seed,
                         struct arena *arena)
{
    struct variation variation = vary(results, arena);
    struct axis_of_trials *at =
        ARENA_ARRAY(arena, struct axis_of_trials, variation.n + 1);
    struct axes axes = {0, at};
    for (size_t i = 0; i < variation.n; i++)
        if (with_seed || strcmp(variation.keys[i], seed_key) != 0)
            at[axes.n++] =
                make_axis(variation.keys[i], results->n_trials,
                          read_texts(results, variation.keys[i], arena),
                          arena);
    return axes;
}

static bool holds(const struct axis_of_trials *taken, const char *key)
{
    const char *name = key_of(taken->key);
    return is_whole(name) ? is_on(key, name, strlen(name) - 2)
                          : !strcmp(name, key);
}

struct axes axes_without(const struct axes *axes, const struct axes *taken,
                         struct arena *arena)
{
    struct axis_of_trials *at =
        ARENA_ARRAY(arena, struct axis_of_trials, axes->n + 1);
    struct axes less = {0, at};
    for (size_t i = 0; i < axes->n; i++) {
        bool is_taken = false;
        for (size_t k = 0; k < taken->n; k++)
            is_taken = is_taken ||
                       holds(&taken->at[k], key_of(axes->at[i].key));
        if (!is_taken)
            at[less.n++] = axes->at[i];
    }
    return less;
}
