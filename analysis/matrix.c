#include "analysis/matrix.h"
#include "analysis/columns.h"
#include "core/backward_rule.h"

#include <math.h>
#include <string.h>

enum {
    WIDTH = 120,
    LABEL = 30,        /* of a row, at least */
    LABEL_MAX = 60,    /* longer ones push their row to the right */
    NARROW = 8,        /* of a column: "100.0" */
    WIDE = 15          /* "100.0 (12.3)" */
};

static const char *const ways[] = {"attack_surrogate", "attack_rule"};

/* Attacks that differ in their way back alone, and the page they come on. */
struct page {
    const struct results *results;
    const struct groups *groups;
    const struct variation *variation; /* of all attacks */
    struct indices attacks, epsilons;
    int label_width, width;
    struct arena *arena;
    FILE *out;            /* of text */
    struct sheet *sheet; /* else */
};

/* labels -------------------------------------------------------------- */

static bool is_of(const char *axis, const char *key)
{
    size_t n = strlen(axis);
    return !strncmp(key, axis, n) && (key[n] == '\0' || key[n] == '.');
}

/* The attack without its way back: "pgd n_steps=7". */
static const char *name_attack(const struct page *page, size_t attack)
{
    const struct settings *settings =
        &page->results->attacks[attack].settings;
    struct variation others = *page->variation;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        others = variation_without_axis(&others, ways[i], page->arena);
    const char *kind = settings_get(settings, "attack");
    const char *label = variation_label(&others, settings, page->arena);
    if (variation_has(&others, "attack") || !kind)
        return label;
    return *label ? arena_print(page->arena, "%s %s", kind, label) : kind;
}

/* "own scale=2": the kind on an axis, and its rows that vary. */
static const char *name_kind(const struct page *page, size_t attack,
                             const char *axis)
{
    const struct settings *settings =
        &page->results->attacks[attack].settings;
    const char *label = settings_get(settings, axis);
    for (size_t i = 0; label && i < page->variation->n; i++) {
        const char *key = page->variation->keys[i], *dot = strchr(key, '.');
        const char *value = settings_get(settings, key);
        if (is_of(axis, key) && dot && value)
            label = arena_print(page->arena, "%s %s=%s", label, dot + 1,
                                value);
    }
    return label;
}

/* "own scale=2", or the rule where it is not the usual one. A file that does
 * not say so knows no other than its own. */
static const char *name_way(const struct page *page, size_t attack)
{
    const char *surrogate = name_kind(page, attack, ways[0]);
    const char *rule = name_kind(page, attack, ways[1]);
    surrogate = surrogate ? surrogate : "own";
    if (!rule || !strcmp(rule, backward_rule_axis.fallback))
        return surrogate;
    return strncmp(surrogate, "own", 3) != 0
               ? arena_print(page->arena, "%s, %s", surrogate, rule)
               : rule;
}

/* rows ---------------------------------------------------------------- */

static void print_label(const struct page *page, const char *label)
{
    fprintf(page->out, "  %-*s", page->label_width - 2, label);
}

/* "71.2", or "71.2 (1.3)" of several seeds. */
static const char *print_spread(const struct page *page,
                                const struct figure *column,
                                const struct group *group)
{
    struct spread spread = column_spread(page->results, column, group);
    const char *mean = column_print(column, spread.mean, false, page->arena);
    if (isnan(spread.deviation))
        return mean;
    return arena_print(
        page->arena, "%s (%s)", mean,
        column_print(column, spread.deviation, false, page->arena));
}

static void print_row(const struct page *page, const struct group *group,
                      const char *label, enum quantity quantity, size_t attack)
{
    print_label(page, label);
    for (size_t i = 0; i < page->epsilons.n; i++) {
        struct figure column = {quantity, attack, page->epsilons.at[i]};
        fprintf(page->out, "%*s", page->width,
                print_spread(page, &column, group));
    }
    fprintf(page->out, "\n");
}

/* An attack of the page that was run on some of the group's cells, or the
 * first; over how many surrogates, at least and at most, those cells have. */
struct extent {
    size_t attack, least, most;
};

static struct extent find_extent(const struct page *page,
                                 const struct group *group)
{
    struct extent extent = {page->attacks.at[0], SIZE_MAX, 0};
    for (size_t k = page->attacks.n; k-- > 0;)
        for (size_t i = 0; i < group->n; i++)
            for (size_t e = 0; e < page->epsilons.n; e++) {
                size_t attack = page->attacks.at[k];
                size_t n = results_surrogates(page->results, group->trials[i],
                                              attack, page->epsilons.at[e])
                               .n;
                if (n == 0)
                    continue;
                extent.attack = attack;
                extent.least = n < extent.least ? n : extent.least;
                extent.most = n > extent.most ? n : extent.most;
            }
    return extent;
}

static void print_group(const struct page *page, const struct group *group)
{
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct extent extent = find_extent(page, group);
    fprintf(page->out, "%s: clean %s\n", group->label,
            print_spread(page, &clean, group));
    for (size_t k = 0; k < page->attacks.n; k++)
        print_row(page, group, name_way(page, page->attacks.at[k]),
                  QUANTITY_ATTACK, page->attacks.at[k]);
    if (extent.most == 0)
        return;
    const char *range =
        extent.least == extent.most
            ? arena_print(page->arena, "%zu", extent.most)
            : arena_print(page->arena, "%zu to %zu", extent.least,
                          extent.most);
    print_row(page, group, arena_print(page->arena, "worst case of %s", range),
              QUANTITY_SURROGATE_WORST, extent.attack);
    print_row(page, group, "spread", QUANTITY_SURROGATE_SPREAD,
              extent.attack);
}

/* pages --------------------------------------------------------------- */

static int choose_label_width(const struct page *page)
{
    size_t width = LABEL;
    for (size_t k = 0; k < page->attacks.n; k++) {
        size_t n = strlen(name_way(page, page->attacks.at[k])) + 3;
        width = n > width ? n : width;
    }
    return (int)(width < LABEL_MAX ? width : LABEL_MAX);
}

static void print_page(struct page *page)
{
    page->label_width = choose_label_width(page);
    page->width = page->groups->seed_varies ? WIDE : NARROW;
    size_t room = (size_t)((WIDTH - page->label_width) / page->width);
    page->epsilons = columns_spread_out(
        columns_epsilons(page->results, page->attacks.at[0], page->arena),
        room, page->arena);
    fprintf(page->out, "\n%s\n%-*s", name_attack(page, page->attacks.at[0]),
            page->label_width, "");
    for (size_t i = 0; i < page->epsilons.n; i++)
        fprintf(page->out, "%*s", page->width,
                column_print_epsilon(
                    page->results->epsilons[page->epsilons.at[i]],
                    page->arena));
    fprintf(page->out, "\n");
    for (size_t i = 0; i < page->groups->n; i++)
        print_group(page, &page->groups->at[i]);
}

/* The attacks that are the i-th but for their way back; none if one before it
 * is. */
static struct indices find_family(const struct page *page, size_t i)
{
    const struct result_attack *attacks = page->results->attacks;
    size_t *at = ARENA_ARRAY(page->arena, size_t, page->results->n_attacks);
    size_t n = 0;
    for (size_t k = 0; k < page->results->n_attacks; k++)
        if (check_is_but_for_surrogate(&attacks[i].settings,
                                       &attacks[k].settings)) {
            if (k < i)
                return (struct indices){0, at};
            at[n++] = k;
        }
    return (struct indices){n, at};
}

static size_t print_pages(struct page *page, void (*print)(struct page *page))
{
    size_t n_pages = 0;
    for (size_t i = 0; i < page->results->n_attacks; i++) {
        page->attacks = find_family(page, i);
        if (page->attacks.n < 2)
            continue;
        print(page);
        n_pages++;
    }
    return n_pages;
}

static struct variation vary(const struct results *results,
                             struct arena *arena)
{
    struct settings *settings =
        ARENA_ARRAY(arena, struct settings, results->n_attacks + 1);
    for (size_t i = 0; i < results->n_attacks; i++)
        settings[i] = results->attacks[i].settings;
    return settings_vary(results->n_attacks, settings, arena);
}

static void print_all(const struct results *results, FILE *out)
{
    struct arena arena = arena_open();
    struct groups groups = groups_make(results, &arena);
    struct variation variation = vary(results, &arena);
    struct page page = {.results = results,
                        .groups = &groups,
                        .variation = &variation,
                        .arena = &arena,
                        .out = out};
    if (print_pages(&page, print_page) > 0)
        fprintf(out,
                "\nAccuracy in percent under an attack that goes back through "
                "each surrogate or by each rule, by epsilon%s.\n"
                "The worst case counts a sample only where it withstands the "
                "attack by all of these ways; the spread is the\nlargest "
                "minus the smallest accuracy. Cells that diverged are left "
                "out.\n",
                groups.seed_varies ? ":\nmean over seeds (deviation)" : "");
    else
        fprintf(out, "No attack was run through more than one surrogate; "
                     "surrogate = \"matrix\" in its group asks for that.\n");
    arena_close(&arena);
}

/* a sheet ------------------------------------------------------------- */

enum {
    COLUMN_CELL,
    COLUMN_TRIAL,
    COLUMN_SEED,
    COLUMN_CLEAN,
    COLUMN_ATTACK,
    COLUMN_SURROGATE,
    COLUMN_EPSILON,
    COLUMN_ROBUST,
    COLUMN_N_SURROGATES,
    COLUMN_WORST,
    COLUMN_SPREAD,
    COLUMN_N
};

static const struct sheet_column columns[COLUMN_N] = {
    [COLUMN_CELL] = {"cell", .is_text = true, .is_head = true},
    [COLUMN_TRIAL] = {"trial", .is_text = true, .for_programs = true},
    [COLUMN_SEED] = {"seed", .for_programs = true},
    [COLUMN_CLEAN] = {"clean_accuracy", "clean", .scale = 100,
                      .n_decimals = 1},
    [COLUMN_ATTACK] = {"attack", .is_text = true},
    [COLUMN_SURROGATE] = {"surrogate", .is_text = true},
    [COLUMN_EPSILON] = {"epsilon", .n_decimals = -3},
    [COLUMN_ROBUST] = {"robust_accuracy", "robust", .scale = 100,
                       .n_decimals = 1},
    [COLUMN_N_SURROGATES] = {"n_surrogates", .over = "of"},
    [COLUMN_WORST] = {"surrogate_worst_case", "worst", .scale = 100,
                      .n_decimals = 1},
    [COLUMN_SPREAD] = {"surrogate_spread", "spread", .scale = 100,
                       .n_decimals = 1},
};

static void put_entry(const struct page *page, size_t trial, size_t attack,
                      size_t epsilon)
{
    const struct results *results = page->results;
    const struct result_trial *from = &results->trials[trial];
    struct result_surrogates surrogates =
        results_surrogates(results, trial, attack, epsilon);
    struct sheet *sheet = page->sheet;
    size_t row = sheet_add_row(sheet);
    sheet_put_text(sheet, row, COLUMN_CELL, from->cell);
    sheet_put_text(sheet, row, COLUMN_TRIAL, from->id);
    sheet_put_number(sheet, row, COLUMN_SEED, from->seed);
    sheet_put_number(sheet, row, COLUMN_CLEAN, from->clean_accuracy);
    sheet_put_text(sheet, row, COLUMN_ATTACK, name_attack(page, attack));
    sheet_put_text(sheet, row, COLUMN_SURROGATE, name_way(page, attack));
    sheet_put_number(sheet, row, COLUMN_EPSILON, results->epsilons[epsilon]);
    sheet_put_number(sheet, row, COLUMN_ROBUST,
                     results_accuracy(results, trial, attack, epsilon));
    sheet_put_number(sheet, row, COLUMN_N_SURROGATES, (double)surrogates.n);
    sheet_put_number(sheet, row, COLUMN_WORST, surrogates.worst);
    sheet_put_number(sheet, row, COLUMN_SPREAD, surrogates.spread);
}

static void put_page(struct page *page)
{
    const struct results *results = page->results;
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < page->attacks.n; k++)
            for (size_t e = 0; e < results->n_epsilons; e++)
                if (!isnan(results_accuracy(results, i, page->attacks.at[k],
                                            e)))
                    put_entry(page, i, page->attacks.at[k], e);
}

struct sheet matrix_make_sheet(const struct results *results,
                               struct arena *arena)
{
    struct sheet sheet = sheet_open("matrix", arena);
    struct variation variation = vary(results, arena);
    struct page page = {.results = results,
                        .variation = &variation,
                        .arena = arena,
                        .sheet = &sheet};
    for (size_t i = 0; i < COLUMN_N; i++)
        sheet_add_column(&sheet, columns[i]);
    print_pages(&page, put_page);
    return sheet;
}

enum status matrix_print(const struct results *results, FILE *out)
{
    if (results->n_trials == 0)
        fprintf(out, "No cell has come to an end yet.\n");
    else
        print_all(results, out);
    if (fflush(out) != 0 || ferror(out))
        return status_refuse_errno("cannot write the matrix");
    return STATUS_OK;
}
