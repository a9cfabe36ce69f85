#include "jobs/verify_coverage.h"
#include "io/durable.h"
#include "io/results.h"
#include "sweep/study.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMED = 3 };

struct coverer {
    struct arena *arena;
    struct results results;
    struct study study;
    const size_t *by_id; /* indices of the results' trials, by identity */
    const char **attacks; /* texts of the results' attacks, as this program
                             writes them */
    size_t n_cells, n_tasks, n_open;
    const char *names;
};

/* the experiment ------------------------------------------------------ */

static enum status read_study(const char *path, struct coverer *at)
{
    if (study_open(path, at->arena, &at->study) == STATUS_OK)
        return STATUS_OK;
    status_forget();
    TRY(experiment_read(path, at->arena, &at->study.experiment));
    at->study.cells = space_enumerate(&at->study.experiment, at->arena);
    return STATUS_OK;
}

/* Its text is in the file; it is read as a file of its own. */
static enum status open_study(struct coverer *at)
{
    char temporary[PATH_MAX];
    const char *text, *place = getenv("TMPDIR");
    TRY(results_attribute(&at->results, "experiment", at->arena, &text));
    durable_temporary(arena_print(at->arena, "%s/spikesweep-experiment.cfg",
                                  place && *place ? place : "/tmp"),
                      temporary, sizeof temporary);
    TRY(durable_write(temporary, text, strlen(text)));
    enum status status = read_study(temporary, at);
    unlink(temporary);
    return status;
}

/* rows ---------------------------------------------------------------- */

static int by_id(const void *a, const void *b, void *results)
{
    const struct result_trial *trials = ((struct results *)results)->trials;
    return strcmp(trials[*(const size_t *)a].id,
                  trials[*(const size_t *)b].id);
}

static void sort_trials(struct coverer *at)
{
    size_t n = at->results.n_trials;
    size_t *order = ARENA_ARRAY(at->arena, size_t, n + 1);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_id, &at->results);
    at->by_id = order;
}

/* The row of a cell; SIZE_MAX if there is none. */
static size_t find_trial(const struct coverer *at, struct digest digest)
{
    char id[DIGEST_TEXT_SIZE];
    size_t low = 0, high = at->results.n_trials;
    digest_print(digest, id);
    while (low < high) {
        size_t middle = low + (high - low) / 2, trial = at->by_id[middle];
        int order = strcmp(at->results.trials[trial].id, id);
        if (order == 0)
            return trial;
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return SIZE_MAX;
}

static const char *print_attack(const struct spec *spec, struct arena *arena)
{
    struct spec alone = {0};
    for (size_t i = SPEC_ATTACK; i < SPEC_N_AXES; i++)
        alone.at[i] = spec->at[i];
    return spec_print(&alone, false, arena);
}

/* An older program wrote fewer parameters, or others. */
static void print_attacks(struct coverer *at)
{
    size_t n = at->results.n_attacks;
    at->attacks = ARENA_ARRAY(at->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct spec spec;
        at->attacks[i] = at->results.attacks[i].spec;
        if (spec_parse(at->attacks[i], &spec, at->arena) == STATUS_OK)
            at->attacks[i] = print_attack(&spec, at->arena);
        status_forget();
    }
}

static size_t find_attack(const struct coverer *at, const struct spec *spec)
{
    struct arena arena = arena_open();
    const char *text = print_attack(spec, &arena);
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < at->results.n_attacks && found == SIZE_MAX; i++)
        if (!strcmp(at->attacks[i], text))
            found = i;
    arena_close(&arena);
    return found;
}

/* coverage ------------------------------------------------------------ */

static bool is_result(const char *state)
{
    return !strcmp(state, "done") || !strcmp(state, "diverged");
}

static void note_open(struct coverer *at, size_t i_cell, const char *task,
                      const char *state)
{
    if (at->n_open++ >= NAMED)
        return;
    char id[DIGEST_TEXT_SIZE];
    digest_print(at->study.cells.at[i_cell].digest, id);
    at->names = arena_print(at->arena, "%s%scell %zu (%.8s), %s: %s",
                            at->names, *at->names ? "; " : "", i_cell, id, task,
                            state);
}

static void take_evaluations(struct coverer *at, size_t i_cell, size_t trial)
{
    const struct cell *cell = &at->study.cells.at[i_cell];
    size_t n = space_count_attacks(&at->study.experiment);
    for (size_t k = 0; k < n && !cell->only_source; k++) {
        struct arena arena = arena_open();
        struct evaluation evaluation =
            study_evaluation(&at->study, cell, k, &arena);
        size_t attack = evaluation.pruned || trial == SIZE_MAX
                            ? SIZE_MAX
                            : find_attack(at, &evaluation.spec);
        const char *state =
            attack == SIZE_MAX
                ? "pending"
                : results_evaluation(&at->results, trial, attack)->state;
        at->n_tasks += !evaluation.pruned;
        if (!evaluation.pruned && !is_result(state))
            note_open(at, i_cell, evaluation.spec.at[SPEC_ATTACK].kind->name,
                      state);
        arena_close(&arena);
    }
}

static void take_cell(struct coverer *at, size_t i)
{
    size_t trial = find_trial(at, at->study.cells.at[i].digest);
    const char *state =
        trial == SIZE_MAX ? "pending" : at->results.trials[trial].state;
    at->n_cells++;
    at->n_tasks++;
    if (!is_result(state))
        note_open(at, i, "training", state);
    if (strcmp(state, "diverged") != 0)
        take_evaluations(at, i, trial);
}

static void tell(const struct coverer *at, struct verify *verify)
{
    const char *halving =
        at->study.experiment.halving ? " (halving spares some)" : "";
    if (at->n_open == 0)
        verify_add(verify, "coverage", VERIFY_HOLDS,
                   arena_print(at->arena,
                               "%zu cells, %zu trainings and evaluations, all "
                               "with a result",
                               at->n_cells, at->n_tasks));
    else
        verify_add(verify, "coverage", VERIFY_OPEN,
                   arena_print(at->arena,
                               "%zu of %zu trainings and evaluations have no "
                               "result%s: %s%s",
                               at->n_open, at->n_tasks, halving, at->names,
                               at->n_open > NAMED ? "; ..." : ""));
}

static void cover(struct coverer *at, struct verify *verify)
{
    if (open_study(at) != STATUS_OK) {
        verify_add(verify, "coverage", VERIFY_OPEN, status_reason());
        status_forget();
        return;
    }
    sort_trials(at);
    print_attacks(at);
    for (size_t i = 0; i < at->study.cells.n; i++)
        take_cell(at, i);
    tell(at, verify);
}

enum status verify_coverage(const char *path, struct verify *verify)
{
    struct coverer at = {.arena = verify->arena, .names = ""};
    TRY(results_open(path, verify->arena, &at.results));
    cover(&at, verify);
    results_close(&at.results);
    return STATUS_OK;
}
