/* From names to figures. */
#include "analysis/columns.h"
#include "analysis/figure_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A name, taken apart: PREFIX:ATTACK@EPSILON. */
struct parts {
    const char *whole, *prefix, *attack, *epsilon; /* NULL: not there */
};

/* The figures that were found so far. */
struct finds {
    const struct results *results;
    struct arena *arena;
    size_t n, capacity;
    struct figure *at;
};

static bool same(const struct figure *a, const struct figure *b)
{
    return a->quantity == b->quantity && a->attack == b->attack &&
           a->epsilon == b->epsilon;
}

static void add(struct finds *finds, struct figure figure)
{
    for (size_t i = 0; i < finds->n; i++)
        if (same(&finds->at[i], &figure))
            return;
    if (finds->n == finds->capacity) {
        struct figure *old = finds->at;
        finds->capacity = finds->capacity ? 2 * finds->capacity : 16;
        finds->at = ARENA_ARRAY(finds->arena, struct figure, finds->capacity);
        if (finds->n)
            memcpy(finds->at, old, finds->n * sizeof *old);
    }
    finds->at[finds->n++] = figure;
}

static struct figures figures_of(const struct finds *finds)
{
    return (struct figures){finds->n, finds->at};
}

/* parts --------------------------------------------------------------- */

static struct parts take_apart(const char *name, struct arena *arena)
{
    struct parts parts = {.whole = name};
    char *rest = arena_copy_text(arena, name);
    char *at = strrchr(rest, '@'), *colon;
    if (at) {
        *at = '\0';
        parts.epsilon = at + 1;
    }
    colon = strchr(rest, ':');
    if (colon) {
        *colon = '\0';
        parts.prefix = rest;
        rest = colon + 1;
    }
    parts.attack = rest;
    return parts;
}

/* QUANTITY_N if there is no such row of that scope. */
static enum quantity find_row(const char *name, enum figure_scope scope)
{
    for (size_t i = 0; i < QUANTITY_CHECK; i++)
        if (figure_rows[i].scope == scope &&
            !strcmp(figure_rows[i].name, name))
            return (enum quantity)i;
    return QUANTITY_N;
}

static size_t find_check(const struct results *results, const char *name)
{
    size_t i = 0;
    while (i < results->n_checks && strcmp(results->checks[i].name, name) != 0)
        i++;
    return i;
}

static bool is_kind(const struct result_attack *attack, const char *name)
{
    const char *kind = settings_get(&attack->settings, "attack");
    return kind && !strcmp(kind, name);
}

static bool is_named(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->n_attacks; i++)
        if (!strcmp(results->attacks[i].name, name))
            return true;
    return false;
}

/* Whole names come before kinds. */
static bool is_meant(const struct results *results, size_t attack,
                     const char *name)
{
    const struct result_attack *row = &results->attacks[attack];
    if (!strcmp(name, "*") || !strcmp(row->name, name))
        return true;
    return !is_named(results, name) && is_kind(row, name);
}

/* NaN where it is no number: "8/255", "0.1". */
static double read_epsilon(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text)
        return NAN;
    if (*end == '/') {
        const char *below = end + 1;
        value /= strtod(below, &end);
        if (end == below)
            return NAN;
    }
    return *end ? (double)NAN : value;
}

/* The file's digits and the user's differ in the last ones. */
static bool is_same_epsilon(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fmax(fabs(a), fabs(b));
}

/* epsilons ------------------------------------------------------------ */

/* Adds a figure at all epsilons that are meant; how many there were. */
static size_t add_epsilons(struct finds *finds, struct figure figure,
                           const char *text)
{
    const struct results *results = finds->results;
    bool all = !strcmp(text, "*");
    double wanted = read_epsilon(text);
    size_t n = 0;
    for (size_t e = 0; e < results->n_epsilons; e++) {
        double epsilon = results->epsilons[e];
        bool meant = all ? epsilon > 0 : is_same_epsilon(epsilon, wanted);
        if (!meant || !columns_was_run(results, figure.attack, e))
            continue;
        figure.epsilon = e;
        add(finds, figure);
        n++;
    }
    return n;
}

static enum status refuse_epsilon(const struct finds *finds,
                                  const struct parts *parts)
{
    const struct results *results = finds->results;
    const char *list = "";
    for (size_t i = 0; i < results->n_attacks; i++)
        if (is_meant(results, i, parts->attack))
            list = arena_print(
                finds->arena, "%s%s%s at %s", list, *list ? "; " : "",
                results->attacks[i].name,
                figure_list_epsilons(results,
                              columns_epsilons(results, i, finds->arena),
                              finds->arena));
    return status_refuse(STATUS_NOT_FOUND,
                         "no figure %s: epsilon %s was not run; there is %s",
                         parts->whole, parts->epsilon, list);
}

static enum status find_at_epsilon(struct finds *finds,
                                   const struct parts *parts)
{
    const struct results *results = finds->results;
    enum quantity quantity =
        parts->prefix ? find_row(parts->prefix, OF_EPSILON) : QUANTITY_ATTACK;
    if (quantity == QUANTITY_N)
        return figure_refuse(results, parts->whole, parts->prefix,
                             finds->arena);
    size_t n_attacks = 0, n = 0;
    for (size_t i = 0; i < results->n_attacks; i++) {
        if (!is_meant(results, i, parts->attack))
            continue;
        n_attacks++;
        n += add_epsilons(finds, (struct figure){quantity, i, 0},
                          parts->epsilon);
    }
    if (n_attacks == 0)
        return figure_refuse(results, parts->whole, parts->attack,
                             finds->arena);
    return n ? STATUS_OK : refuse_epsilon(finds, parts);
}

/* worst@EPSILON is of the L-infinity ball: of the first attack in it that was
 * run there, for the worst case is the same for all of them. */
static enum status find_worst(struct finds *finds, const struct parts *parts)
{
    const struct results *results = finds->results;
    size_t n_before = finds->n;
    for (size_t i = 0; i < results->n_attacks; i++) {
        struct finds found = {.results = results, .arena = finds->arena};
        if (!columns_is_in_ball(results, i))
            continue;
        add_epsilons(&found, (struct figure){QUANTITY_WORST, i, 0},
                     parts->epsilon);
        for (size_t k = 0; k < found.n; k++) {
            bool known = false;
            for (size_t j = n_before; j < finds->n; j++)
                known |= finds->at[j].epsilon == found.at[k].epsilon;
            if (!known)
                add(finds, found.at[k]);
        }
    }
    if (finds->n > n_before)
        return STATUS_OK;
    return status_refuse(STATUS_NOT_FOUND,
                         "no figure %s: no attack in the L-infinity ball was "
                         "run at epsilon %s; for another norm name one of its "
                         "attacks: worst:ATTACK@EPSILON",
                         parts->whole, parts->epsilon);
}

/* attacks and trials -------------------------------------------------- */

static enum status find_of_attack(struct finds *finds,
                                  const struct parts *parts)
{
    const struct results *results = finds->results;
    struct figure figure = {.quantity = QUANTITY_MEAN};
    if (parts->prefix) {
        figure.quantity = find_row(parts->prefix, OF_ATTACK);
        size_t check = find_check(results, parts->prefix);
        if (check < results->n_checks)
            figure = (struct figure){QUANTITY_CHECK, 0, check};
        if (figure.quantity == QUANTITY_N)
            return figure_refuse(results, parts->whole, parts->prefix,
                             finds->arena);
    }
    size_t n = 0;
    for (size_t i = 0; i < results->n_attacks; i++) {
        if (!is_meant(results, i, parts->attack))
            continue;
        figure.attack = i;
        add(finds, figure);
        n++;
    }
    if (n == 0)
        return figure_refuse(results, parts->whole, parts->attack,
                             finds->arena);
    return STATUS_OK;
}

static enum status find_one(struct finds *finds, const char *name)
{
    struct parts parts = take_apart(name, finds->arena);
    enum quantity of_trial = find_row(name, OF_TRIAL);
    if (of_trial != QUANTITY_N) {
        add(finds, (struct figure){.quantity = of_trial});
        return STATUS_OK;
    }
    if (!parts.epsilon)
        return find_of_attack(finds, &parts);
    if (!parts.prefix &&
        !strcmp(parts.attack, figure_rows[QUANTITY_WORST].name))
        return find_worst(finds, &parts);
    return find_at_epsilon(finds, &parts);
}

enum status figures_find(const struct results *results, const char *name,
                         struct arena *arena, struct figures *figures)
{
    struct finds finds = {.results = results, .arena = arena};
    TRY(find_one(&finds, name));
    *figures = figures_of(&finds);
    return STATUS_OK;
}

/* A comma and a blank are part of a name. */
static enum status find_list(struct finds *finds, const char *list)
{
    char *name = arena_copy_text(finds->arena, list);
    for (char *at = name; *name; at++) {
        bool ends = *at == '\0', parts = *at == ',' && at[1] != ' ';
        if (!ends && !parts)
            continue;
        *at = '\0';
        TRY(find_one(finds, name));
        name = ends ? at : at + 1;
    }
    return STATUS_OK;
}

enum status figures_read_all(const struct results *results,
                             const char *const *lists, size_t n,
                             struct arena *arena, struct figures *figures)
{
    struct finds finds = {.results = results, .arena = arena};
    for (size_t i = 0; i < n; i++)
        TRY(find_list(&finds, lists[i]));
    *figures = finds.n ? figures_of(&finds) : figures_usual(results, arena);
    return STATUS_OK;
}

enum status figures_read(const struct results *results, const char *list,
                         struct arena *arena, struct figures *figures)
{
    struct finds finds = {.results = results, .arena = arena};
    TRY(find_list(&finds, list));
    *figures = figures_of(&finds);
    return STATUS_OK;
}

enum status figure_find(const struct results *results, const char *name,
                        struct arena *arena, struct figure *figure)
{
    struct figures figures;
    const char *list = "";
    TRY(figures_find(results, name, arena, &figures));
    for (size_t i = 0; i < figures.n; i++)
        list = figure_list_more(
            list, figure_name(results, &figures.at[i], arena), arena);
    if (figures.n > 1)
        return status_refuse(STATUS_INVALID,
                             "%s means several figures: %s; name one", name,
                             list);
    *figure = figures.at[0];
    return STATUS_OK;
}

struct figures figures_usual(const struct results *results,
                             struct arena *arena)
{
    struct finds finds = {.results = results, .arena = arena};
    add(&finds, (struct figure){.quantity = QUANTITY_CLEAN});
    for (size_t i = 0; i < results->n_attacks; i++) {
        struct indices epsilons = columns_epsilons(results, i, arena);
        if (epsilons.n > 1)
            add(&finds, (struct figure){.quantity = QUANTITY_MEAN,
                                        .attack = i});
        if (epsilons.n > 0)
            add(&finds,
                (struct figure){.quantity = QUANTITY_ATTACK,
                                .attack = i,
                                .epsilon = epsilons.at[epsilons.n - 1]});
    }
    return figures_of(&finds);
}
