#include "analysis/table.h"
#include "analysis/columns.h"
#include "analysis/notes.h"

#include <math.h>
#include <string.h>

enum {
    WIDTH = 120,      /* of the whole table */
    CELL = 7,         /* of a column, gap included */
    LABEL_MAX = 44,   /* longer labels push their row to the right */
    N_MEMBRANE = 3,   /* columns */
    EPSILONS_MIN = 3  /* of an attack, if it has as many */
};

/* One table of columns under each other. */
struct block {
    const struct results *results;
    const struct groups *groups;
    size_t n, label_width;
    struct figure *columns;
    struct arena *arena;
    FILE *out;
};

/* columns ------------------------------------------------------------- */

/* With at most k epsilons an attack. */
static size_t width_of(const struct results *results, size_t first,
                       size_t n_attacks, size_t k, struct arena *arena)
{
    size_t n = 1 + (first == 0 ? N_MEMBRANE : 0);
    for (size_t i = first; i < first + n_attacks; i++) {
        size_t n_all = columns_epsilons(results, i, arena).n;
        n += n_all < k ? n_all : k;
    }
    return n * CELL;
}

/* The most epsilons an attack with which all attacks fit, at least the
 * minimum. */
static size_t choose_epsilons(const struct results *results, size_t room,
                              struct arena *arena)
{
    size_t k = results->n_epsilons > EPSILONS_MIN ? results->n_epsilons
                                                  : EPSILONS_MIN;
    while (k > EPSILONS_MIN &&
           width_of(results, 0, results->n_attacks, k, arena) > room)
        k--;
    return k;
}

/* How many attacks, from this one on, fit side by side; at least one. */
static size_t choose_attacks(const struct results *results, size_t first,
                             size_t k, size_t room, struct arena *arena)
{
    size_t n = 1;
    while (first + n < results->n_attacks &&
           width_of(results, first, n + 1, k, arena) <= room)
        n++;
    return n;
}

static void add_column(struct block *block, enum quantity quantity,
                       size_t attack, size_t epsilon)
{
    block->columns[block->n++] = (struct figure){quantity, attack, epsilon};
}

static void fill_columns(struct block *block, size_t first, size_t n_attacks,
                         size_t k)
{
    const struct results *results = block->results;
    block->columns =
        ARENA_ARRAY(block->arena, struct figure,
                    1 + N_MEMBRANE + (n_attacks + 1) * results->n_epsilons);
    block->n = 0;
    add_column(block, QUANTITY_CLEAN, 0, 0);
    for (size_t i = first; i < first + n_attacks; i++) {
        struct indices all = columns_epsilons(results, i, block->arena);
        struct indices some = columns_spread_out(all, k, block->arena);
        for (size_t e = 0; e < some.n; e++)
            add_column(block, QUANTITY_ATTACK, i, some.at[e]);
    }
    if (first > 0)
        return;
    add_column(block, QUANTITY_OMEGA, 0, 0);
    add_column(block, QUANTITY_INSIDE, 0, 0);
    add_column(block, QUANTITY_RATE, 0, 0);
}

/* heads --------------------------------------------------------------- */

/* Columns from i on that are of the same attack. */
static size_t count_same(const struct block *block, size_t i)
{
    size_t n = 1;
    if (block->columns[i].quantity != QUANTITY_ATTACK &&
        block->columns[i].quantity != QUANTITY_WORST)
        return 1;
    while (i + n < block->n &&
           block->columns[i + n].quantity == block->columns[i].quantity &&
           block->columns[i + n].attack == block->columns[i].attack)
        n++;
    return n;
}

/* The attack's name, or its number where that does not fit. */
static const char *name_columns(const struct block *block,
                                const struct figure *column, size_t width)
{
    const char *name = block->results->attacks[column->attack].name;
    if (column->quantity == QUANTITY_WORST)
        return "worst case";
    if (column->quantity != QUANTITY_ATTACK)
        return "";
    return strlen(name) <= width
               ? name
               : arena_print(block->arena, "[%zu]", column->attack + 1);
}

static void print_attack_heads(const struct block *block)
{
    size_t gap = block->label_width;
    for (size_t i = 0, n; i < block->n; i += n) {
        n = count_same(block, i);
        size_t width = n * CELL - 2;
        const char *name = name_columns(block, &block->columns[i], width);
        if (*name) {
            fprintf(block->out, "%*s  %s", (int)gap, "", name);
            gap = 0;
        } else {
            gap += 2;
        }
        gap += width - strlen(name);
    }
    fprintf(block->out, "\n");
}

static void print_heads(const struct block *block)
{
    fprintf(block->out, "\n");
    print_attack_heads(block);
    fprintf(block->out, "%-*s", (int)block->label_width, "");
    for (size_t i = 0; i < block->n; i++)
        fprintf(block->out, "%*s", CELL,
                column_heading(block->results, &block->columns[i],
                               block->arena));
    fprintf(block->out, "\n");
}

static void print_long_names(const struct block *block)
{
    for (size_t i = 0, n; i < block->n; i += n) {
        const struct figure *column = &block->columns[i];
        n = count_same(block, i);
        if (*name_columns(block, column, n * CELL - 2) == '[')
            fprintf(block->out, "[%zu] %s\n", column->attack + 1,
                    block->results->attacks[column->attack].name);
    }
}

/* rows ---------------------------------------------------------------- */

static void print_label(const struct block *block, const char *indent,
                        const char *label)
{
    int width = (int)(block->label_width - strlen(indent));
    fprintf(block->out, "%s%-*s", indent, width, label);
}

static void print_value(const struct block *block, size_t i, double value,
                        bool is_difference)
{
    fprintf(block->out, "%*s", CELL,
            column_print(&block->columns[i], value, is_difference,
                         block->arena));
}

/* A row of means over the seeds, or of the deviations beside them; with
 * `twins` of the differences to them. */
static void print_spreads(const struct block *block, const struct group *group,
                          bool twins, bool deviations)
{
    for (size_t i = 0; i < block->n; i++) {
        const struct figure *column = &block->columns[i];
        struct spread spread =
            twins ? column_difference(block->results, column, group)
                  : column_spread(block->results, column, group);
        print_value(block, i, deviations ? spread.deviation : spread.mean,
                    twins && !deviations);
    }
    fprintf(block->out, "\n");
}

/* The most values that a column has: seeds, or pairs of twins. */
static size_t count_values(const struct block *block,
                           const struct group *group, bool twins)
{
    size_t most = 0;
    for (size_t i = 0; i < block->n; i++) {
        const struct figure *column = &block->columns[i];
        size_t n = twins
                       ? column_difference(block->results, column, group).n
                       : column_spread(block->results, column, group).n;
        most = n > most ? n : most;
    }
    return most;
}

static void print_deviations(const struct block *block,
                             const struct group *group, bool twins)
{
    size_t n = count_values(block, group, twins);
    if (group->n > 1)
        print_label(block, "      ",
                    n < group->n ? arena_print(block->arena,
                                               "deviation, %zu of %zu seeds",
                                               n, group->n)
                                 : arena_print(block->arena,
                                               "deviation, %zu seeds", n));
    if (group->n > 1)
        print_spreads(block, group, twins, true);
}

static void print_group(const struct block *block, const struct group *group)
{
    bool has_family = block->groups->defence_varies && *group->family;
    print_label(block, has_family ? "  " : "",
                has_family ? group->defence : group->label);
    print_spreads(block, group, false, false);
    print_deviations(block, group, false);
    if (count_values(block, group, true) == 0)
        return;
    print_label(block, "    ", "against its twin");
    print_spreads(block, group, true, false);
    print_deviations(block, group, true);
}

static void print_block(const struct block *block)
{
    const struct groups *groups = block->groups;
    print_heads(block);
    for (size_t i = 0; i < groups->n; i++) {
        const struct group *group = &groups->at[i];
        bool opens =
            i == 0 || group->i_family != groups->at[i - 1].i_family;
        if (opens && groups->defence_varies && *group->family)
            fprintf(block->out, "%s\n", group->family);
        print_group(block, group);
    }
}

static size_t choose_label_width(const struct groups *groups)
{
    size_t width = groups->seed_varies ? 30 : 24; /* "    against its twin" */
    for (size_t i = 0; i < groups->n; i++) {
        const struct group *group = &groups->at[i];
        size_t n = groups->defence_varies && *group->family
                       ? strlen(group->defence) + 2
                       : strlen(group->label);
        width = n > width ? n : width;
    }
    return width < LABEL_MAX ? width : LABEL_MAX;
}

/* the worst case ------------------------------------------------------ */

/* Of several attacks in the L-infinity ball, that with the most epsilons; the
 * number of attacks if there are not two. */
static size_t find_leader(const struct block *block)
{
    const struct results *results = block->results;
    size_t leader = results->n_attacks, most = 0, n_in_ball = 0;
    for (size_t i = 0; i < results->n_attacks; i++) {
        size_t n = columns_epsilons(results, i, block->arena).n;
        if (!columns_is_in_ball(results, i))
            continue;
        n_in_ball++;
        if (n > most) {
            most = n;
            leader = i;
        }
    }
    return n_in_ball > 1 && results->worst ? leader : results->n_attacks;
}

static void print_worst_case(struct block *block)
{
    size_t leader = find_leader(block);
    if (leader == block->results->n_attacks)
        return;
    struct indices epsilons =
        columns_epsilons(block->results, leader, block->arena);
    size_t room = (WIDTH - block->label_width) / CELL - 1;
    epsilons = columns_spread_out(epsilons, room, block->arena);
    block->n = 0;
    add_column(block, QUANTITY_CLEAN, 0, 0);
    for (size_t e = 0; e < epsilons.n; e++)
        add_column(block, QUANTITY_WORST, leader, epsilons.at[e]);
    fprintf(block->out, "\nThe worst case: a sample counts only where it "
                        "withstands all attacks in the L-infinity ball.\n");
    print_block(block);
}

static void print_blocks(struct block *block)
{
    const struct results *results = block->results;
    size_t room = WIDTH - block->label_width, first = 0;
    size_t k = choose_epsilons(results, room, block->arena);
    do {
        size_t n = results->n_attacks == 0
                       ? 0
                       : choose_attacks(results, first, k, room, block->arena);
        fill_columns(block, first, n, k);
        print_block(block);
        print_long_names(block);
        first += n;
    } while (first < results->n_attacks);
    print_worst_case(block);
    fprintf(block->out,
            "\nAccuracy in percent, clean and under each attack by epsilon "
            "(at most %zu epsilons above 0 of each; the file\nhas all). "
            "Omega: share of U - V_th within the surrogate's range if it were "
            "normal; inside: that share as\nmeasured; rate: spikes per neuron "
            "and step; these three are means over layers and steps.\n"
            "Against its twin: difference to the cell of the same seed "
            "without its defences.\nCells that diverged are left out.\n",
            k);
}

/* all of it ----------------------------------------------------------- */

static void print_all(const struct results *results, FILE *out)
{
    struct arena arena = arena_open();
    struct groups groups = groups_make(results, &arena);
    struct block block = {.results = results,
                          .groups = &groups,
                          .label_width = choose_label_width(&groups),
                          .arena = &arena,
                          .out = out};
    print_blocks(&block);
    notes_print(results, &groups, out);
    arena_close(&arena);
}

enum status table_print(const struct results *results, FILE *out)
{
    if (results->n_trials == 0)
        fprintf(out, "No cell has come to an end yet.\n");
    else
        print_all(results, out);
    if (fflush(out) != 0 || ferror(out))
        return status_refuse_errno("cannot write the table");
    return STATUS_OK;
}
