/* Whether rows are what they say they are, and in order. */
#include "io/verify_parts.h"

#include <math.h>
#include <string.h>

/* identities ---------------------------------------------------------- */

/* Specs of kinds that this program does not know tell it nothing, unless it has
 * written them itself. */
static size_t check_ids(const struct verifier *verifier, struct faults *faults)
{
    size_t n_unknown = 0;
    for (size_t i = 0; i < verifier->results.n_trials; i++) {
        const struct result_trial *trial = &verifier->results.trials[i];
        struct digest digest;
        char id[DIGEST_TEXT_SIZE];
        faults->n_looked++;
        if (spec_memo_digest(verifier->specs, trial->spec, "", &digest) !=
            STATUS_OK) {
            n_unknown++;
            if (verify_is_own(verifier))
                faults_note(faults, "trial %zu: %s", i, status_reason());
            status_forget();
        } else if (strcmp(digest_print(digest, id), trial->id)) {
            faults_note(faults, "trial %zu is called %s, but is %s", i,
                        trial->id, id);
        }
    }
    return n_unknown;
}

static struct results_variable over_first(const struct verifier *verifier,
                                          const struct store_variable *row,
                                          const char *name)
{
    return (struct results_variable){
        .name = name,
        .rank = 1,
        .extent = {verify_extent(verifier, row->dimension[0])}};
}

/* One of these, by the row's type; all NULL: not to be read. */
struct column {
    size_t n;
    const char *const *texts;
    const double *numbers;
    const uint64_t *counts;
};

static struct column read_column(const struct verifier *verifier,
                                 const struct store_variable *row,
                                 const char *group, struct arena *arena)
{
    struct results_file file = {verifier->path, verifier->id, arena};
    struct results_variable variable = over_first(
        verifier, row, arena_print(arena, "%s/%s", group, row->name));
    struct column column = {.n = variable.extent[0]};
    enum status status =
        row->type == STORE_TEXT
            ? results_read_texts(&file, &variable, &column.texts)
        : row->type == STORE_U64
            ? results_read_u64(&file, &variable, &column.counts)
            : results_read_f64(&file, &variable, &column.numbers);
    if (status != STATUS_OK)
        status_forget();
    return column;
}

/* A parameter's column against the specs. What is aside of the identity is not
 * in a spec. */
static void check_parameter(const struct verifier *verifier,
                            const struct store_variable *row,
                            struct faults *faults)
{
    struct arena arena = arena_open();
    const char *group = store_group_rows[row->group].name;
    struct column column = read_column(verifier, row, group, &arena);
    size_t near = 0;
    for (size_t i = 0; i < column.n; i++) {
        struct store_place place = {&verifier->index, row, &i, &near};
        const struct settings *settings =
            row->dimension[0] == STORE_ATTACK
                ? &verifier->index.attacks[i].settings
                : &verifier->index.trials[i].settings;
        if (!settings_get_near(settings, row->key, &near))
            continue;
        faults->n_looked++;
        bool same = true;
        if (column.texts)
            same = !strcmp(column.texts[i], row->text(&place));
        else if (column.numbers)
            same = column.numbers[i] == row->number(&place);
        if (!same)
            faults_note(faults, "%s/%s of row %zu is not what its spec says",
                        group, row->name, i);
    }
    arena_close(&arena);
}

/* The same trials, by their names and seeds, in every group. */
static void check_trials(const struct verifier *verifier,
                         const struct store_variable *row, const char *group,
                         struct faults *faults)
{
    struct arena arena = arena_open();
    struct column first = read_column(verifier, row, "trials", &arena);
    struct column here = read_column(verifier, row, group, &arena);
    for (size_t i = 0; i < first.n; i++) {
        bool same = here.texts && first.texts
                        ? !strcmp(here.texts[i], first.texts[i])
                        : here.counts && first.counts &&
                              here.counts[i] == first.counts[i];
        faults->n_looked++;
        if (!same)
            faults_note(faults, "%s/%s of row %zu is not that of trials", group,
                        row->name, i);
    }
    arena_close(&arena);
}

static const struct store_variable *seed_row(void)
{
    for (size_t i = 0; i < store_n_everywhere; i++)
        if (!strcmp(store_everywhere[i].name, "seed"))
            return &store_everywhere[i];
    return NULL;
}

static void check_seeds(const struct verifier *verifier, struct faults *faults)
{
    const struct store_variable *row = seed_row();
    size_t near = 0;
    for (size_t i = 0; row && i < verifier->results.n_trials; i++) {
        struct store_place place = {&verifier->index, row, &i, &near};
        double wanted = row->number(&place);
        if (verifier->results.trials[i].seed != wanted)
            faults_note(faults, "trials/seed of row %zu is not its spec's", i);
    }
}

void verify_identity(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    const struct store_schema *schema = &verifier->file.schema;
    size_t n_unknown = check_ids(verifier, &faults);
    check_seeds(verifier, &faults);
    for (size_t i = 0; i < schema->n; i++)
        if (schema->variables[i].key && verifier->file.datasets[i] >= 0)
            check_parameter(verifier, &schema->variables[i], &faults);
    for (int g = 1; g < STORE_N_GROUPS; g++) {
        const char *group = store_group_rows[g].name;
        check_trials(verifier, &store_coordinates[STORE_TRIAL], group, &faults);
        for (size_t i = 0; i < store_n_everywhere; i++)
            check_trials(verifier, &store_everywhere[i], group, &faults);
    }
    const char *unknown =
        n_unknown ? arena_print(verifier->verify->arena,
                                "; %zu trials are of kinds that this program "
                                "does not know", n_unknown)
                  : "";
    faults_tell(verifier, &faults, "identity",
                "%zu ids, parameters and names are those of the specs%s",
                faults.n_looked, unknown);
}

/* order --------------------------------------------------------------- */

void verify_order(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    const struct results *results = &verifier->results;
    for (size_t e = 0; e < results->n_epsilons; e++)
        if (!(results->epsilons[e] >= 0) || isinf(results->epsilons[e]) ||
            (e > 0 && results->epsilons[e] <= results->epsilons[e - 1]))
            faults_note(&faults, "epsilon %zu is %g", e, results->epsilons[e]);
    for (size_t i = 1; i < results->n_trials; i++)
        if (settings_compare(&results->trials[i - 1].settings,
                             &results->trials[i].settings) > 0 ||
            !strcmp(results->trials[i - 1].spec, results->trials[i].spec))
            faults_note(&faults, "trial %zu is not after the one before", i);
    for (size_t i = 0; i < results->n_attacks; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(results->attacks[i].name, results->attacks[k].name) ||
                !strcmp(results->attacks[i].spec, results->attacks[k].spec))
                faults_note(&faults, "attacks %zu and %zu are the same", k, i);
    faults_tell(verifier, &faults, "order",
                "%zu epsilons ascend; trials and attacks are there once",
                results->n_epsilons);
}
