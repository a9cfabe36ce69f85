#include "sweep/study.h"
#include "core/attack_source.h"
#include "core/training.h"
#include "core/trial.h"
#include "io/dataset.h"
#include "io/model_given.h"

#include <string.h>

static const char *key_of(const struct choice *choice, struct arena *arena)
{
    const struct kind *kind = choice->kind;
    const char *key = kind->name;
    for (size_t i = 0; i < kind->n_rows; i++)
        key = arena_print(arena, "%s %s=%s", key, kind->rows[i].name,
                          row_print(&kind->rows[i], choice->params, arena));
    return key;
}

bool study_needs_data(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind != training_kind_dummy;
}

const struct data_set *study_find_data(const struct study *study,
                                       const struct spec *spec)
{
    for (size_t i = 0; i < study->n_data; i++)
        if (study->data[i].params == spec->at[SPEC_DATASET].params)
            return &study->data[i].data;
    struct arena arena = arena_open();
    const char *key = key_of(&spec->at[SPEC_DATASET], &arena);
    const struct data_set *found = NULL;
    for (size_t i = 0; i < study->n_data && !found; i++)
        if (strcmp(study->data[i].key, key) == 0)
            found = &study->data[i].data;
    arena_close(&arena);
    return found;
}

struct span study_first_part(const struct cell *cell, const struct spec *spec)
{
    struct span span = {0};
    if (cell->n_test == 0)
        return span;
    size_t total = trial_attack_samples(spec, cell->n_test);
    size_t n = trial_part_size(spec, cell->n_test);
    return n < total ? (struct span){0, n, total} : span;
}

/* Room for one more of n things, where there is room for powers of two. */
static void *make_room(void *at, size_t n, size_t size, struct arena *arena)
{
    if (n & (n - 1))
        return at;
    void *more = arena_take(arena, size * (n ? 2 * n : 1));
    if (n)
        memcpy(more, at, n * size);
    return more;
}

static enum status open_data(struct study *study, const struct spec *spec,
                             struct arena *arena)
{
    const struct choice *choice = &spec->at[SPEC_DATASET];
    if (!study_needs_data(spec) || study_find_data(study, spec))
        return STATUS_OK;
    study->data =
        make_room(study->data, study->n_data, sizeof *study->data, arena);
    struct study_data *data = &study->data[study->n_data];
    enum status status = dataset_open(choice, arena, &data->data);
    if (status != STATUS_OK)
        return status_refuse(status, "%s",
                             experiment_place_reason(
                                 &study->experiment, SPEC_DATASET, choice,
                                 arena_copy_text(arena, status_reason()),
                                 arena));
    data->params = choice->params;
    data->key = key_of(choice, arena);
    study->n_data++;
    return STATUS_OK;
}

static size_t count_test(const struct study *study, const struct spec *spec)
{
    const struct data_set *data = study_find_data(study, spec);
    return data ? data->test.n : 0;
}

/* Weights that are given have to fit, too. */
static enum status check(const struct spec *spec, const struct data_set *data)
{
    struct weights given;
    struct arena arena = arena_open();
    enum status status = trial_check(spec, data);
    if (status == STATUS_OK)
        status = model_given_read(spec, data, &arena, &given);
    arena_close(&arena);
    return status;
}

/* Moves a cell that does not fit its data to the misfits. */
static bool is_misfit(struct study *study, const struct cell *cell,
                      struct arena *arena)
{
    if (!study_needs_data(&cell->spec) ||
        check(&cell->spec, study_find_data(study, &cell->spec)) == STATUS_OK)
        return false;
    study->misfits = make_room(study->misfits, study->n_misfits,
                               sizeof *study->misfits, arena);
    struct study_misfit *misfit = &study->misfits[study->n_misfits++];
    misfit->cell = *cell;
    misfit->cell.pruned = arena_copy_text(arena, status_reason());
    status_forget();
    return true;
}

/* Why a cell is not run begins with the axis that is to blame, as do the
 * objections of kinds, or names the rule that excludes it. */
static const char *place_pruned(const struct study *study,
                                const struct cell *cell, struct arena *arena)
{
    for (int i = 0; i < SPEC_ATTACK; i++) {
        const char *axis = spec_axes[i]->name;
        size_t n = strlen(axis);
        if (strncmp(cell->pruned, axis, n) == 0 &&
            strchr(" :", cell->pruned[n]))
            return experiment_place_reason(
                &study->experiment, (enum spec_axis)i, &cell->spec.at[i],
                cell->pruned, arena);
    }
    return cell->pruned;
}

static enum status refuse_empty(const struct study *study, struct arena *arena)
{
    const char *path = study->experiment.path;
    if (study->n_misfits)
        return status_refuse(
            STATUS_INVALID, "%s: no cell is left: %s", path,
            place_pruned(study, &study->misfits[0].cell, arena));
    struct cell first = space_cell(&study->experiment, 0, arena);
    return status_refuse(STATUS_INVALID,
                         "%s: no cell is left of %zu combinations; the first "
                         "one: %s",
                         path, space_count(&study->experiment),
                         place_pruned(study, &first, arena));
}

struct evaluation study_evaluation(const struct study *study,
                                   const struct cell *cell, size_t i_attack,
                                   struct arena *arena)
{
    struct evaluation evaluation =
        space_evaluation(&study->experiment, cell, i_attack, arena);
    for (size_t i = 0; i < study->n_misfits && !evaluation.pruned; i++) {
        const struct cell *misfit = &study->misfits[i].cell;
        if (evaluation.has_source &&
            digest_equal(misfit->digest, evaluation.source_digest))
            evaluation.pruned =
                arena_print(arena, "attack_source: its %s", misfit->pruned);
    }
    return evaluation;
}

/* Sources of attacks on nothing are not worth their training. */
static bool has_cells(const struct cells *cells)
{
    return cells->n > 0 && !cells->at[0].only_source;
}

static bool has_sources(const struct experiment *experiment)
{
    const struct alternatives *sources =
        experiment_alternatives(experiment, SPEC_ATTACK_SOURCE);
    for (size_t i = 0; i < sources->n; i++)
        if (strcmp(sources->variants[i].kind->name,
                   attack_source_axis.fallback) != 0)
            return true;
    return false;
}

enum status study_check_shares(const struct study *study, size_t n)
{
    const char *reason =
        has_sources(&study->experiment)
            ? "attacks of it are made on other cells' networks (source), which"
        : study->experiment.halving
            ? "its cells compete (halving), and those that one goes on from"
            : NULL;
    if (n < 2 || !reason)
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "%s: it cannot be divided into %zu shares: %s may be "
                         "of another share; run it as a whole",
                         study->experiment.path, n, reason);
}

enum status study_keep_share(struct study *study, struct share share)
{
    struct cells *cells = &study->cells;
    size_t n = 0;
    TRY(study_check_shares(study, share.n));
    for (size_t i = 0; share.n > 0 && i < cells->n; i++)
        if (cells->at[i].digest.low % share.n == share.i)
            cells->at[n++] = cells->at[i];
    if (share.n > 0)
        cells->n = n;
    return STATUS_OK;
}

static enum status check_whens(const struct cells *cells)
{
    const struct rules *unmet = cells->unmet;
    return unmet ? status_refuse(STATUS_INVALID,
                                 "%s:%d: when: no combination of this file "
                                 "fulfils it, so the alternative would never "
                                 "be there",
                                 unmet->at[0].file, unmet->at[0].line)
                 : STATUS_OK;
}

enum status study_open(const char *path, struct arena *arena,
                       struct study *study)
{
    *study = (struct study){0};
    TRY(experiment_read(path, arena, &study->experiment));
    struct cells cells = space_enumerate(&study->experiment, arena);
    TRY(check_whens(&cells));
    study->memo = study_memo_make(arena);
    size_t n_all = cells.n;
    cells.n = 0;
    for (size_t i = 0; i < n_all; i++) {
        TRY(open_data(study, &cells.at[i].spec, arena));
        cells.at[i].n_test = count_test(study, &cells.at[i].spec);
        if (!is_misfit(study, &cells.at[i], arena))
            cells.at[cells.n++] = cells.at[i];
    }
    study->cells = cells;
    return has_cells(&cells) ? STATUS_OK : refuse_empty(study, arena);
}
