#include "analysis/compare.h"
#include "analysis/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct side {
    const struct results *results;
    const char *const *models; /* [trial] digests of the networks */
};

/* From the first's attacks and epsilons to the second's; SIZE_MAX: none. */
struct comparison {
    struct side first, second;
    const struct figures *figures;
    struct figure *others; /* the figures in the second */
    bool *has_other;
    size_t *attacks, *epsilons;
    struct sheet *sheet;
    size_t n_same, n_weights;
};

bool compare_same(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* where things are ---------------------------------------------------- */

static size_t find_attack(const struct results *results, const char *spec)
{
    for (size_t i = 0; i < results->n_attacks; i++)
        if (!strcmp(results->attacks[i].spec, spec))
            return i;
    return SIZE_MAX;
}

static size_t find_epsilon(const struct results *results, double epsilon)
{
    for (size_t i = 0; i < results->n_epsilons; i++)
        if (results->epsilons[i] == epsilon)
            return i;
    return SIZE_MAX;
}

static size_t find_check(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->n_checks; i++)
        if (!strcmp(results->checks[i].name, name))
            return i;
    return SIZE_MAX;
}

bool compare_find_figure(const struct results *first,
                         const struct figure *figure,
                         const struct results *second, struct figure *found)
{
    enum figure_scope scope = figure_rows[figure->quantity].scope;
    struct figure other = {.quantity = figure->quantity};
    if (scope != OF_TRIAL)
        other.attack =
            find_attack(second, first->attacks[figure->attack].spec);
    if (scope == OF_EPSILON)
        other.epsilon =
            find_epsilon(second, first->epsilons[figure->epsilon]);
    if (figure->quantity == QUANTITY_CHECK)
        other.epsilon =
            find_check(second, first->checks[figure->epsilon].name);
    *found = other;
    return other.attack != SIZE_MAX && other.epsilon != SIZE_MAX;
}

static void find_all(struct comparison *comparison, struct arena *arena)
{
    const struct results *first = comparison->first.results;
    const struct results *second = comparison->second.results;
    const struct figures *figures = comparison->figures;
    comparison->attacks = ARENA_ARRAY(arena, size_t, first->n_attacks + 1);
    comparison->epsilons = ARENA_ARRAY(arena, size_t, first->n_epsilons + 1);
    comparison->others = ARENA_ARRAY(arena, struct figure, figures->n + 1);
    comparison->has_other = ARENA_ARRAY(arena, bool, figures->n + 1);
    for (size_t i = 0; i < first->n_attacks; i++)
        comparison->attacks[i] = find_attack(second, first->attacks[i].spec);
    for (size_t i = 0; i < first->n_epsilons; i++)
        comparison->epsilons[i] = find_epsilon(second, first->epsilons[i]);
    for (size_t i = 0; i < figures->n; i++)
        comparison->has_other[i] = compare_find_figure(
            first, &figures->at[i], second, &comparison->others[i]);
}

/* trials -------------------------------------------------------------- */

struct named {
    const char *id;
    size_t trial;
};

static int by_id(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return strcmp(x->id, y->id);
}

/* [first's trial] the second's of the same identity, or SIZE_MAX. */
static size_t *match(const struct results *first, const struct results *second,
                     struct arena *arena)
{
    struct arena scratch = arena_open();
    size_t *twins = ARENA_ARRAY(arena, size_t, first->n_trials + 1);
    struct named *names =
        ARENA_ARRAY(&scratch, struct named, second->n_trials + 1);
    for (size_t i = 0; i < second->n_trials; i++)
        names[i] = (struct named){second->trials[i].id, i};
    qsort(names, second->n_trials, sizeof *names, by_id);
    for (size_t i = 0; i < first->n_trials; i++) {
        struct named wanted = {first->trials[i].id, 0};
        const struct named *found = bsearch(&wanted, names, second->n_trials,
                                            sizeof *names, by_id);
        twins[i] = found ? found->trial : SIZE_MAX;
    }
    arena_close(&scratch);
    return twins;
}

static bool are_clean_equal(const struct result_trial *a,
                            const struct result_trial *b)
{
    return !strcmp(a->state, b->state) &&
           compare_same(a->clean_accuracy, b->clean_accuracy) &&
           compare_same(a->clean_loss, b->clean_loss) &&
           compare_same(a->omega, b->omega) &&
           compare_same(a->inside, b->inside) &&
           compare_same(a->firing_rate, b->firing_rate) &&
           compare_same(a->gamma, b->gamma) &&
           compare_same(a->n_parameters, b->n_parameters);
}

/* Of the attack that both have. */
static bool are_attacks_equal(const struct comparison *comparison, size_t a,
                              size_t b, size_t attack)
{
    const struct results *first = comparison->first.results;
    const struct results *second = comparison->second.results;
    size_t other = comparison->attacks[attack];
    if (strcmp(results_evaluation(first, a, attack)->state,
               results_evaluation(second, b, other)->state) != 0)
        return false;
    for (size_t e = 0; e < first->n_epsilons; e++)
        if (comparison->epsilons[e] != SIZE_MAX &&
            !compare_same(results_accuracy(first, a, attack, e),
                          results_accuracy(second, b, other,
                                           comparison->epsilons[e])))
            return false;
    return true;
}

static bool are_equal(const struct comparison *comparison, size_t a, size_t b)
{
    const struct results *first = comparison->first.results;
    if (!are_clean_equal(&first->trials[a],
                         &comparison->second.results->trials[b]))
        return false;
    for (size_t k = 0; k < first->n_attacks; k++)
        if (comparison->attacks[k] != SIZE_MAX &&
            !are_attacks_equal(comparison, a, b, k))
            return false;
    return true;
}

/* the sheet ----------------------------------------------------------- */

static struct sheet_column beside(const struct sheet_column *of,
                                  const char *what, bool is_difference,
                                  struct arena *arena)
{
    struct sheet_column column = *of;
    column.name = arena_print(arena, "%s %s", of->name, what);
    column.heading = what;
    column.over = of->name;
    column.has_sign = is_difference;
    return column;
}

static void add_columns(struct comparison *comparison, struct arena *arena)
{
    static const char *const parts[] = {"first", "second", "difference"};
    struct sheet *sheet = comparison->sheet;
    sheet_add_column(sheet, (struct sheet_column){.name = "id",
                                                  .is_text = true,
                                                  .is_head = true,
                                                  .n_letters = 8});
    sheet_add_head(sheet, "cell", "the trial by what varies in the first");
    sheet_add_column(sheet,
                     (struct sheet_column){
                         .name = "weights",
                         .doc = "whether the networks' digests are the same",
                         .is_text = true});
    sheet_add_column(sheet, (struct sheet_column){
                                .name = "results",
                                .doc = "whether all results are the same",
                                .is_text = true});
    for (size_t f = 0; f < comparison->figures->n; f++) {
        struct sheet_column column =
            column_of_sheet(comparison->first.results,
                            &comparison->figures->at[f], arena);
        for (size_t k = 0; k < 3; k++)
            sheet_add_column(sheet, beside(&column, parts[k], k == 2, arena));
    }
}

static void put_figures(const struct comparison *comparison, size_t row,
                        size_t a, size_t b)
{
    for (size_t f = 0; f < comparison->figures->n; f++) {
        double x = figure_value(comparison->first.results,
                                &comparison->figures->at[f], a);
        double y = comparison->has_other[f]
                       ? figure_value(comparison->second.results,
                                      &comparison->others[f], b)
                       : (double)NAN;
        sheet_put_number(comparison->sheet, row, 4 + 3 * f, x);
        sheet_put_number(comparison->sheet, row, 5 + 3 * f, y);
        sheet_put_number(comparison->sheet, row, 6 + 3 * f, y - x);
    }
}

/* Files of earlier versions have no digests. */
static const char *compare_weights(const struct comparison *comparison,
                                   size_t a, size_t b)
{
    const char *x = comparison->first.models[a];
    const char *y = comparison->second.models[b];
    if (!*x || !*y)
        return "unknown";
    return strcmp(x, y) ? "differ" : "same";
}

static void compare_trials(struct comparison *comparison, const size_t *twins,
                           bool all, struct compared *compared)
{
    const struct results *first = comparison->first.results;
    for (size_t a = 0; a < first->n_trials; a++) {
        size_t b = twins[a];
        if (b == SIZE_MAX) {
            compared->n_first++;
            continue;
        }
        const char *weights = compare_weights(comparison, a, b);
        bool same = are_equal(comparison, a, b);
        bool equal = same && strcmp(weights, "differ") != 0;
        compared->n_both++;
        compared->n_equal += equal;
        comparison->n_same += same;
        comparison->n_weights += !strcmp(weights, "same");
        if (equal && !all)
            continue;
        size_t row = sheet_add_row(comparison->sheet);
        sheet_put_text(comparison->sheet, row, 0, first->trials[a].id);
        sheet_put_text(comparison->sheet, row, 1, first->trials[a].cell);
        sheet_put_text(comparison->sheet, row, 2, weights);
        sheet_put_text(comparison->sheet, row, 3, same ? "same" : "differ");
        put_figures(comparison, row, a, b);
    }
    compared->n_second =
        comparison->second.results->n_trials - compared->n_both;
}

/* notes --------------------------------------------------------------- */

static const char *in_one_line(const char *builds, struct arena *arena)
{
    char *line = arena_copy_text(arena, *builds ? builds : "unknown");
    size_t n = strlen(line);
    while (n && line[n - 1] == '\n')
        line[--n] = '\0';
    for (char *at = line; *at; at++)
        if (*at == '\n')
            *at = ';';
    return line;
}

static void note_attacks(const struct comparison *comparison,
                         struct arena *arena)
{
    const struct results *first = comparison->first.results;
    const struct results *second = comparison->second.results;
    size_t n_both = 0;
    for (size_t i = 0; i < first->n_attacks; i++)
        n_both += comparison->attacks[i] != SIZE_MAX;
    if (n_both < first->n_attacks || n_both < second->n_attacks)
        sheet_add_note(comparison->sheet,
                       arena_print(arena,
                                   "Attacks in the first only: %zu; in the "
                                   "second only: %zu; these are not compared.",
                                   first->n_attacks - n_both,
                                   second->n_attacks - n_both));
}

static void add_notes(const struct comparison *comparison,
                      const struct compared *compared, struct arena *arena)
{
    const struct results *first = comparison->first.results;
    const struct results *second = comparison->second.results;
    sheet_add_note(
        comparison->sheet,
        arena_print(arena,
                    "%zu trials in the first only, %zu in the second only, "
                    "%zu in both; of these %zu have the same results bit for "
                    "bit, %zu the same weights.",
                    compared->n_first, compared->n_second, compared->n_both,
                    comparison->n_same, comparison->n_weights));
    note_attacks(comparison, arena);
    sheet_add_note(comparison->sheet,
                   arena_print(arena, "First: %s. Second: %s.", first->path,
                               second->path));
    if (strcmp(first->builds, second->builds) != 0)
        sheet_add_note(
            comparison->sheet,
            arena_print(arena,
                        "Different builds computed them: the first %s; the "
                        "second %s.",
                        in_one_line(first->builds, arena),
                        in_one_line(second->builds, arena)));
}

enum status compare_make(const struct results *first,
                         const struct results *second,
                         const struct figures *figures, bool all,
                         struct arena *arena, struct sheet *sheet,
                         struct compared *compared)
{
    struct sheet made = sheet_open("comparison", arena);
    struct figures usual = figures_usual(first, arena);
    struct comparison comparison = {
        .first = {first, NULL},
        .second = {second, NULL},
        .figures = figures->n ? figures : &usual,
        .sheet = &made,
    };
    struct compared counts = {0};
    TRY(results_texts(first, "trials/model_digest", arena,
                      &comparison.first.models));
    TRY(results_texts(second, "trials/model_digest", arena,
                      &comparison.second.models));
    find_all(&comparison, arena);
    add_columns(&comparison, arena);
    compare_trials(&comparison, match(first, second, arena), all, &counts);
    add_notes(&comparison, &counts, arena);
    *sheet = made;
    *compared = counts;
    return STATUS_OK;
}
