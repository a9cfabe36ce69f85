#include "core/settings.h"
#include "core/spec.h"

#include <stdlib.h>
#include <string.h>

static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

struct settings settings_parse(const char *text, struct arena *arena)
{
    struct setting *at = ARENA_ARRAY(arena, struct setting, count_lines(text));
    char *rest = arena_copy_text(arena, text);
    char *line;
    size_t n = 0;
    while ((line = strsep(&rest, "\n"))) {
        char *equals = strstr(line, " = ");
        if (!equals)
            continue;
        *equals = '\0';
        at[n++] = (struct setting){line, equals + 3};
    }
    return (struct settings){n, at};
}

const char *settings_get(const struct settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->n; i++)
        if (!strcmp(settings->at[i].key, key))
            return settings->at[i].value;
    return NULL;
}

const char *settings_get_near(const struct settings *settings, const char *key,
                              size_t *place)
{
    if (*place < settings->n && !strcmp(settings->at[*place].key, key))
        return settings->at[*place].value;
    for (size_t i = 0; i < settings->n; i++)
        if (!strcmp(settings->at[i].key, key)) {
            *place = i;
            return settings->at[i].value;
        }
    return NULL;
}

/* order --------------------------------------------------------------- */

/* A kind's place in its axis; behind all others if it is not known. */
static size_t place_of_kind(const char *axis, const char *kind)
{
    enum spec_axis i = spec_find_axis(axis, strlen(axis));
    for (size_t k = 0; i < SPEC_N_AXES && k < spec_axes[i]->n_kinds; k++)
        if (!strcmp(spec_axes[i]->kinds[k]->name, kind))
            return k;
    return SIZE_MAX;
}

static int compare_places(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

int settings_compare_values(const char *key, const char *a, const char *b)
{
    if (!strchr(key, '.')) {
        int by_place =
            compare_places(place_of_kind(key, a), place_of_kind(key, b));
        return by_place ? by_place : strcmp(a, b);
    }
    char *end_a, *end_b;
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    if (end_a != a && !*end_a && end_b != b && !*end_b && x != y)
        return x < y ? -1 : 1;
    return strcmp(a, b);
}

int settings_compare(const struct settings *a, const struct settings *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        const struct setting *x = &a->at[i], *y = &b->at[i];
        int order = strcmp(x->key, y->key);
        if (order == 0)
            order = settings_compare_values(x->key, x->value, y->value);
        if (order != 0)
            return order;
    }
    return compare_places(a->n, b->n);
}

/* variation ----------------------------------------------------------- */

static size_t axis_length(const char *key)
{
    return strcspn(key, ".");
}

static bool is_kind(const char *key)
{
    return key[axis_length(key)] == '\0';
}

static bool same_axis(const char *key, const char *other)
{
    size_t n = axis_length(key);
    return n == axis_length(other) && !strncmp(key, other, n);
}

/* A key under one kind of its axis, with the first value that was seen. */
struct seen {
    const char *key, *kind, *value;
    bool varies;
};

struct survey {
    size_t n, capacity, next; /* next: where to look first */
    struct seen *at;
    struct arena *arena;
};

static struct seen *survey_add(struct survey *survey)
{
    if (survey->n == survey->capacity) {
        struct seen *old = survey->at;
        survey->capacity = survey->capacity ? 2 * survey->capacity : 64;
        survey->at = ARENA_ARRAY(survey->arena, struct seen, survey->capacity);
        if (survey->n)
            memcpy(survey->at, old, survey->n * sizeof *old);
    }
    return &survey->at[survey->n++];
}

/* Cells are alike: the key is mostly the one after the key before. */
static void survey_see(struct survey *survey, const struct setting *setting,
                       const char *kind)
{
    for (size_t i = 0; i < survey->n; i++) {
        size_t at = (survey->next + i) % survey->n;
        struct seen *seen = &survey->at[at];
        if (strcmp(seen->key, setting->key) != 0 ||
            strcmp(seen->kind, kind) != 0)
            continue;
        seen->varies = seen->varies || strcmp(seen->value, setting->value) != 0;
        survey->next = at + 1;
        return;
    }
    *survey_add(survey) =
        (struct seen){setting->key, kind, setting->value, false};
    survey->next = survey->n;
}

static void survey_cell(struct survey *survey, const struct settings *cell)
{
    const char *kind = "";
    for (size_t i = 0; i < cell->n; i++) {
        const struct setting *setting = &cell->at[i];
        if (is_kind(setting->key))
            kind = setting->value;
        survey_see(survey, setting, is_kind(setting->key) ? "" : kind);
    }
}

static void add_key(struct variation *variation, const char *key)
{
    if (!variation_has(variation, key))
        variation->keys[variation->n++] = key;
}

struct variation settings_vary(size_t n, const struct settings *cells,
                               struct arena *arena)
{
    struct survey survey = {.arena = arena};
    for (size_t i = 0; i < n; i++)
        survey_cell(&survey, &cells[i]);
    struct variation variation = {
        0, ARENA_ARRAY(arena, const char *, survey.n + 1)};
    for (size_t i = 0; i < survey.n; i++) {
        if (!is_kind(survey.at[i].key))
            continue;
        for (size_t k = i; k < survey.n; k++)
            if (survey.at[k].varies &&
                same_axis(survey.at[i].key, survey.at[k].key))
                add_key(&variation, survey.at[k].key);
    }
    return variation;
}

bool variation_has(const struct variation *variation, const char *key)
{
    for (size_t i = 0; i < variation->n; i++)
        if (!strcmp(variation->keys[i], key))
            return true;
    return false;
}

struct variation variation_without(const struct variation *variation,
                                   const char *key, struct arena *arena)
{
    struct variation less = {
        0, ARENA_ARRAY(arena, const char *, variation->n + 1)};
    for (size_t i = 0; i < variation->n; i++)
        if (strcmp(variation->keys[i], key) != 0)
            less.keys[less.n++] = variation->keys[i];
    return less;
}

static bool is_on_axis(const char *key, const char *axis)
{
    size_t n = strlen(axis);
    return !strncmp(key, axis, n) && (key[n] == '\0' || key[n] == '.');
}

struct variation variation_without_axis(const struct variation *variation,
                                        const char *axis, struct arena *arena)
{
    struct variation less = {
        0, ARENA_ARRAY(arena, const char *, variation->n + 1)};
    for (size_t i = 0; i < variation->n; i++)
        if (!is_on_axis(variation->keys[i], axis))
            less.keys[less.n++] = variation->keys[i];
    return less;
}

bool variation_same(const struct variation *variation,
                    const struct settings *a, const struct settings *b)
{
    for (size_t i = 0; i < variation->n; i++) {
        const char *x = settings_get(a, variation->keys[i]);
        const char *y = settings_get(b, variation->keys[i]);
        if (!x != !y || (x && strcmp(x, y) != 0))
            return false;
    }
    return true;
}

/* labels -------------------------------------------------------------- */

/* "weight", or "neuron.leak" where another varying key ends in "leak", too. */
static const char *short_key(const struct variation *variation,
                             const char *key)
{
    const char *name = strchr(key, '.') + 1;
    for (size_t i = 0; i < variation->n; i++) {
        const char *dot = strchr(variation->keys[i], '.');
        if (dot && variation->keys[i] != key && !strcmp(dot + 1, name))
            return key;
    }
    return name;
}

/* Lists without their spaces, so that labels break where they should. */
static const char *short_value(const char *value, struct arena *arena)
{
    char *copy = arena_copy_text(arena, value), *to = copy;
    if (*value == '[')
        for (const char *from = value; *from; from++)
            if (*from != ' ')
                *to++ = *from;
    if (to > copy)
        *to = '\0';
    return copy;
}

static const char *label_part(const struct variation *variation,
                              const char *key, const char *value,
                              struct arena *arena)
{
    if (!is_kind(key))
        return arena_print(arena, "%s=%s", short_key(variation, key),
                           short_value(value, arena));
    return strcmp(value, "none") ? value : arena_print(arena, "no %s", key);
}

const char *variation_label(const struct variation *variation,
                            const struct settings *cell, struct arena *arena)
{
    const char *label = "", *last = NULL;
    for (size_t i = 0; i < variation->n; i++) {
        const char *key = variation->keys[i];
        const char *value = settings_get(cell, key);
        if (!value)
            continue;
        const char *gap = !last ? "" : same_axis(last, key) ? " " : ", ";
        label = arena_print(arena, "%s%s%s", label, gap,
                            label_part(variation, key, value, arena));
        last = key;
    }
    return label;
}
