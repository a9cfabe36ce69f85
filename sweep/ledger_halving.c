/* The ledger of a sweep in which not all cells go on (sweep/halving.h). A cell
 * above the lowest rung is held until one below is good enough; at the end
 * those that are still held are spared. */
#include "io/experiment_halving.h"
#include "sweep/halving.h"
#include "sweep/ledger_parts.h"
#include "sweep/milestones.h"

#include <math.h>
#include <stdlib.h>

/* An attack of a cell: samples known so far, and correct ones among them, mean
 * over the epsilons. */
struct tally {
    double n, n_correct;
};

struct ledger_halving {
    struct halving halving;
    enum halving_figure figure;
    size_t n_attacks;
    struct tally *tallies; /* [n_cells][n_attacks], or NULL */
};

/* opening ------------------------------------------------------------- */

/* A cell with what it has in common with others of its lineage. */
struct runner {
    struct digest lineage;
    size_t cell, end;
};

static struct runner make_runner(const struct cell *cell, size_t i)
{
    struct training_bptt room;
    struct spec longest;
    size_t end = milestones_find_end(&cell->spec, &room, &longest);
    return (struct runner){end ? spec_digest(&longest) : cell->digest, i, end};
}

static int compare(const void *a, const void *b)
{
    const struct runner *x = a, *y = b;
    int order = digest_compare(x->lineage, y->lineage);
    if (order != 0)
        return order;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

static const struct halving_place *find_places(const struct cells *cells,
                                               struct arena *arena)
{
    struct arena scratch = arena_open();
    struct runner *runners = ARENA_ARRAY(&scratch, struct runner, cells->n);
    struct halving_place *places =
        ARENA_ARRAY(arena, struct halving_place, cells->n);
    struct halving_place place = {0, 0};
    for (size_t i = 0; i < cells->n; i++)
        runners[i] = make_runner(&cells->at[i], i);
    qsort(runners, cells->n, sizeof *runners, compare);
    for (size_t i = 0; i < cells->n; i++) {
        bool same = i > 0 && digest_equal(runners[i].lineage,
                                          runners[i - 1].lineage);
        if (i > 0)
            place = same ? (struct halving_place){place.lineage,
                                                  place.rung + 1}
                         : (struct halving_place){place.lineage + 1, 0};
        places[runners[i].cell] = place;
    }
    arena_close(&scratch);
    return places;
}

void ledger_halving_open(struct ledger *ledger)
{
    const struct experiment_halving *wanted = ledger->experiment->halving;
    size_t n_cells = ledger->cells->n;
    if (!wanted || n_cells == 0)
        return;
    struct ledger_halving *halving =
        ARENA_ARRAY(ledger->arena, struct ledger_halving, 1);
    halving->figure = (enum halving_figure)wanted->figure;
    halving->n_attacks = space_count_attacks(ledger->experiment);
    bool falls = halving->figure == HALVING_CLEAN_LOSS ||
                 halving->figure == HALVING_OMEGA;
    halving_open(n_cells, find_places(ledger->cells, ledger->arena),
                 wanted->factor, falls, ledger->arena, &halving->halving);
    if (halving->figure == HALVING_ROBUST_ACCURACY)
        halving->tallies = ARENA_ARRAY(ledger->arena, struct tally,
                                       n_cells * halving->n_attacks);
    ledger->halving = halving;
}

/* figures ------------------------------------------------------------- */

static double mean_of(const double *at, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += at[i];
    return sum / (double)n;
}

/* Of a training; NaN if it has none. */
static double find_figure(const struct record *record,
                          enum halving_figure figure)
{
    if (record->diverged)
        return NAN;
    if (figure == HALVING_CLEAN_ACCURACY)
        return *record_f64(record, FIELD_CLEAN_ACCURACY);
    if (figure == HALVING_CLEAN_LOSS)
        return *record_f64(record, FIELD_CLEAN_LOSS);
    return mean_of(record_f64(record, FIELD_MEMBRANE_OMEGA),
                   record_count(record, FIELD_MEMBRANE_OMEGA));
}

static struct tally find_tally(const struct record *record)
{
    size_t n_epsilons = record->extent[DIM_EPSILON];
    double n = (double)record->extent[DIM_SAMPLE], n_correct = 0;
    for (size_t e = 0; e < n_epsilons; e++)
        n_correct += span_is_whole(record->span)
                         ? n * record_f64(record, FIELD_ROBUST_ACCURACY)[e]
                         : (double)record_u64(record, FIELD_PART_CORRECT)[e];
    return (struct tally){n, n_correct / (double)n_epsilons};
}

static void note(struct ledger_halving *halving, size_t cell, double figure)
{
    if (!halving->halving.known[cell])
        halving_note(&halving->halving, cell, figure);
}

/* Every attack of the cell that there is has come to its end: the figure is
 * that of the attack that did most. */
static void note_attacked(const struct ledger *ledger, size_t cell)
{
    struct ledger_halving *halving = ledger->halving;
    double worst = NAN;
    for (size_t i = ledger->first[cell] + 1; i < ledger->first[cell + 1]; i++)
        if (ledger->tasks[i].state < TASK_DONE)
            return;
    for (size_t k = 0; k < halving->n_attacks; k++) {
        const struct tally *tally =
            &halving->tallies[cell * halving->n_attacks + k];
        if (tally->n > 0)
            worst = fmin(worst, tally->n_correct / tally->n);
    }
    note(halving, cell, worst);
}

void ledger_halving_take(struct ledger *ledger, const struct task *task,
                         const struct outcome *outcome)
{
    struct ledger_halving *halving = ledger->halving;
    bool trains = task->attack == LEDGER_TRAIN;
    struct record record;
    if (!halving || !outcome->record ||
        trains != (halving->figure != HALVING_ROBUST_ACCURACY))
        return;
    struct arena arena = arena_open();
    if (record_unpack(outcome->record, outcome->n_record_bytes, &arena,
                      &record) == STATUS_OK) {
        if (trains) {
            note(halving, task->cell, find_figure(&record, halving->figure));
        } else {
            struct tally *tally =
                &halving->tallies[task->cell * halving->n_attacks +
                                  task->attack];
            struct tally more = find_tally(&record);
            tally->n += more.n;
            tally->n_correct += more.n_correct;
        }
    }
    status_forget();
    arena_close(&arena);
}

void ledger_halving_settle(struct ledger *ledger, const struct task *task)
{
    struct ledger_halving *halving = ledger->halving;
    bool is_over = task->state >= TASK_DONE;
    if (!halving || !is_over)
        return;
    if (task->attack == LEDGER_TRAIN && task->state != TASK_DONE)
        note(halving, task->cell, NAN);
    else if (halving->figure == HALVING_ROBUST_ACCURACY)
        note_attacked(ledger, task->cell);
}

/* running ------------------------------------------------------------- */

/* What had begun in an earlier run goes on. */
void ledger_halving_start(struct ledger *ledger)
{
    struct ledger_halving *halving = ledger->halving;
    for (size_t c = 0; halving && c < ledger->cells->n; c++) {
        struct task *task = &ledger->tasks[ledger->first[c]];
        bool has_begun = task->attempts > 0 || task->state >= TASK_DONE;
        if (halving->halving.places[c].rung == 0 || has_begun)
            halving_begin(&halving->halving, c);
        else if (task->state == TASK_READY)
            ledger_move(ledger, task, TASK_HELD);
        for (size_t i = ledger->first[c]; i < ledger->first[c + 1]; i++)
            ledger_halving_settle(ledger, &ledger->tasks[i]);
    }
}

struct task *ledger_halving_next(struct ledger *ledger)
{
    struct ledger_halving *halving = ledger->halving;
    uint32_t cell;
    while (halving &&
           (cell = halving_next(&halving->halving)) != HALVING_NONE) {
        struct task *task = &ledger->tasks[ledger->first[cell]];
        if (task->state == TASK_HELD)
            return task;
    }
    return NULL;
}

/* With nothing under way no figure will come any more. */
void ledger_halving_end(struct ledger *ledger)
{
    const size_t *count = ledger->count;
    if (!ledger->halving || count[TASK_HELD] == 0 ||
        count[TASK_READY] + count[TASK_RUNNING] + count[TASK_ARRIVED] > 0)
        return;
    for (size_t c = 0; c < ledger->cells->n; c++) {
        if (ledger->tasks[ledger->first[c]].state != TASK_HELD)
            continue;
        ledger_move(ledger, &ledger->tasks[ledger->first[c]], TASK_SPARED);
        for (size_t i = 0; i < ledger_count_users(ledger, c); i++)
            if (ledger_user(ledger, c, i)->state == TASK_WAITING)
                ledger_move(ledger, ledger_user(ledger, c, i), TASK_SPARED);
    }
}

void ledger_spare(struct ledger *ledger)
{
    struct task *task;
    ledger_halving_start(ledger);
    while ((task = ledger_halving_next(ledger)))
        ledger_move(ledger, task, TASK_READY);
    ledger_halving_end(ledger);
}
