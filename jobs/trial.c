#include "jobs/commands.h"
#include "core/kind.h"
#include "io/model_given.h"
#include "io/tuning_file.h"
#include "jobs/means.h"
#include "jobs/trial_parts.h"
#include "sweep/clock.h"
#include "sweep/display.h"
#include "sweep/memory.h"
#include "sweep/study.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t supervisor, most_bytes;
static struct trial_care care;
static size_t n_threads = 1;
static bool recompute;
static const char *tuning_path, *samples;

static const struct option_row options[] = {
    MEANS_OPTIONS(&n_threads, &recompute),
    {"tuning", 0, "FILE", "compute by this file of spikesweep tune (default: this user's, else "
     "what is built in)", OPTION_TEXT, &tuning_path},
    {"samples", 0, "FIRST:N", "attack only N samples, from this one on, counted from 0",
     OPTION_TEXT, &samples},
    {"supervisor", 0, "PID", "for the program's own use: compute the task on standard input",
     OPTION_COUNT, &supervisor},
    {"patience", 0, "TIME", "likewise: how long to wait for room on a full disk", OPTION_TIME,
     &care.patience_s},
    {"memory", 0, "BYTES", "likewise: how much of its own it may take at most; 0: any amount",
     OPTION_COUNT, &most_bytes},
    {"checkpoint", 0, "TIME", "likewise: how often to write down how far it is", OPTION_TIME,
     &care.checkpoint_s},
};

/* progress ------------------------------------------------------------ */

struct speaker {
    const char *what;
    double began_s, said_s;
    bool live;
};

static void speak(void *self, size_t done, size_t total, double loss)
{
    struct speaker *speaker = self;
    double time = clock_now_s();
    if (!speaker->live || (time - speaker->said_s < 0.2 && done < total))
        return;
    char left[24], loss_text[32] = "";
    speaker->said_s = time;
    double gone = time - speaker->began_s;
    display_print_time(done ? gone * (double)(total - done) / (double)done
                            : (double)NAN,
                       left);
    if (!isnan(loss))
        snprintf(loss_text, sizeof loss_text, ", loss %.4f", loss);
    fprintf(stderr, "\r%s: %3.0f %%%s, ETA %s   ", speaker->what,
            100 * (double)done / (double)total, loss_text, left);
    if (done == total)
        fprintf(stderr, "\n");
}

/* samples ------------------------------------------------------------- */

/* "1024:512"; its total comes with the data. */
static enum status read_span(const char *text, struct span *span)
{
    char *colon = NULL, *end = NULL;
    *span = (struct span){0};
    if (!text)
        return STATUS_OK;
    errno = 0;
    unsigned long long first = strtoull(text, &colon, 10);
    unsigned long long n =
        *colon == ':' ? strtoull(colon + 1, &end, 10) : 0;
    bool is_sound = strspn(text, "0123456789:") == strlen(text) && n > 0 &&
                    errno == 0 && colon > text && *end == '\0';
    *span = (struct span){(size_t)first, (size_t)n, 0};
    return is_sound ? STATUS_OK
                    : status_refuse(STATUS_INVALID,
                                    "--samples %s: allowed is FIRST:N, two "
                                    "numbers, N at least 1",
                                    text);
}

/* one cell ------------------------------------------------------------ */

static void print_digest(const struct record *record)
{
    char text[DIGEST_TEXT_SIZE];
    printf("  digest of the result %s\n",
           digest_print(record_digest(record), text));
}

static void print_training(const struct record *record, double seconds)
{
    size_t n = *record_u64(record, FIELD_EPOCHS_RUN);
    printf("trained in %.1f s, %llu parameters\n", seconds,
           (unsigned long long)record_u64(record, FIELD_N_PARAMETERS)[0]);
    for (size_t e = 0; e < n; e++)
        printf("  epoch %zu: loss %.4f, accuracy %.4f, regularizer %.4f\n",
               e + 1, record_f64(record, FIELD_TRAIN_LOSS)[e],
               record_f64(record, FIELD_TRAIN_ACCURACY)[e],
               record_f64(record, FIELD_REGULARIZER)[e]);
    if (n < record->extent[DIM_EPOCH] && !record->diverged)
        printf("  ended early: no new least loss\n");
    if (record->diverged)
        printf("  diverged: the loss is no longer finite\n");
    else
        printf("  clean accuracy %.4f\n",
               record_f64(record, FIELD_CLEAN_ACCURACY)[0]);
    print_digest(record);
}

static void print_attack(const struct spec *spec, const struct record *record,
                         double seconds)
{
    struct span span = record->span;
    printf("attacked by %s in %.1f s", spec->at[SPEC_ATTACK].kind->name,
           seconds);
    if (!span_is_whole(span))
        printf(", %zu samples of %zu, from %zu on", span.n, span.total,
               span.first);
    printf("\n");
    for (size_t e = 0; e < record->extent[DIM_EPSILON]; e++)
        printf("  epsilon %-8.5g accuracy %.4f\n",
               record_f64(record, FIELD_EPSILON)[e],
               record_f64(record, FIELD_ROBUST_ACCURACY)[e]);
    print_digest(record);
}

static enum status train(const struct spec *spec, const struct data_set *data,
                         const struct trial_hooks *hooks, struct arena *arena,
                         struct weights *weights, struct record *record)
{
    struct weights given;
    struct trial_hooks own = *hooks;
    TRY(model_given_read(spec, data, arena, &given));
    own.given = &given;
    trial_train(spec, data, &own, arena, weights, record);
    return STATUS_OK;
}

/* The network that an attack is made on, if not on the cell's own: nothing is
 * stored here, so that it is trained once for each attack. */
static enum status train_source(const struct spec *spec,
                                const struct data_set *data,
                                const struct trial_hooks *hooks,
                                struct arena *arena, struct weights *weights)
{
    struct spec source;
    struct record record;
    struct speaker *speaker = hooks->self;
    if (!trial_has_source(spec))
        return STATUS_OK;
    TRY(trial_find_source(spec, data, arena, &source));
    speaker->what = "training of the source";
    speaker->began_s = clock_now_s();
    TRY(train(&source, data, hooks, arena, weights, &record));
    return record.diverged
               ? status_refuse(STATUS_INVALID,
                               "the training of the network that %s is made "
                               "on diverged",
                               spec->at[SPEC_ATTACK].kind->name)
               : STATUS_OK;
}

static enum status attack(const struct spec *spec, const struct data_set *data,
                          struct span span, const struct weights *weights,
                          const struct trial_hooks *hooks)
{
    struct arena arena = arena_open();
    struct record record;
    struct speaker *speaker = hooks->self;
    struct trial_networks networks = {*weights, {0, NULL}};
    enum status status =
        train_source(spec, data, hooks, &arena, &networks.source);
    speaker->what = spec->at[SPEC_ATTACK].kind->name;
    speaker->began_s = clock_now_s();
    if (status == STATUS_OK)
        status = trial_transfer_part(spec, data,
                                     trial_complete_span(span, spec, data),
                                     &networks, hooks, &arena, &record);
    if (status == STATUS_OK)
        print_attack(spec, &record, clock_now_s() - speaker->began_s);
    arena_close(&arena);
    return status;
}

static enum status attack_all(const struct study *study,
                              const struct cell *cell,
                              const struct data_set *data,
                              const struct weights *weights,
                              const struct trial_hooks *hooks,
                              struct arena *arena)
{
    struct span span;
    TRY(read_span(samples, &span));
    for (size_t k = 0; k < space_count_attacks(&study->experiment); k++) {
        struct evaluation evaluation =
            study_evaluation(study, cell, k, arena);
        if (!evaluation.pruned)
            TRY(attack(&evaluation.spec, data, span, weights, hooks));
    }
    return STATUS_OK;
}

static enum status run_cell(const struct study *study, const struct cell *cell,
                            struct arena *arena)
{
    struct speaker speaker = {.what = "training",
                              .began_s = clock_now_s(),
                              .live = isatty(STDERR_FILENO)};
    struct tuning_file tuning;
    TRY(tuning_file_choose(tuning_path, arena, &tuning));
    struct trial_hooks hooks = {&speaker, clock_for_trial, speak,
                                {&tuning.tuning, n_threads, recompute}, NULL, NULL};
    struct weights weights;
    struct record record;
    if (cell->spec.at[SPEC_TRAINING].kind == training_kind_dummy) {
        trial_pretend(cell->spec.at[SPEC_TRAINING].params, arena, &record);
        print_digest(&record);
        return STATUS_OK;
    }
    const struct data_set *data = study_find_data(study, &cell->spec);
    TRY(train(&cell->spec, data, &hooks, arena, &weights, &record));
    print_training(&record, clock_now_s() - speaker.began_s);
    if (record.diverged)
        return STATUS_OK;
    return attack_all(study, cell, data, &weights, &hooks, arena);
}

/* All its tasks, before the first one is begun. */
static enum status check_memory(const struct study *study,
                                const struct cell *cell, struct arena *arena)
{
    char need[MEMORY_TEXT_SIZE], room[MEMORY_TEXT_SIZE];
    size_t n_bytes = study_memory(study, &cell->spec, (struct span){0});
    for (size_t k = 0; k < space_count_attacks(&study->experiment); k++) {
        struct evaluation evaluation =
            study_evaluation(study, cell, k, arena);
        size_t n = evaluation.pruned ? 0
                                     : study_memory(study, &evaluation.spec,
                                                    (struct span){0});
        n_bytes = n > n_bytes ? n : n_bytes;
    }
    uint64_t available = memory_available("");
    if (available == 0 || n_bytes <= available)
        return STATUS_OK;
    return status_refuse(STATUS_FULL,
                         "the cell needs %s of memory, and this machine has "
                         "%s left%s",
                         memory_print(n_bytes, need),
                         memory_print(available, room),
                         recompute ? "" : "; with --recompute it needs less");
}

static enum status run_named(const char *path, const char *name,
                             struct arena *arena)
{
    struct study study;
    size_t i = 0;
    TRY(study_open(path, arena, &study));
    TRY(space_find(&study.cells, name, &i));
    study.means.n_threads = n_threads;
    study.means.recompute = recompute;
    const struct cell *cell = &study.cells.at[i];
    char digest[DIGEST_TEXT_SIZE];
    printf("cell %zu, %s\n%s\n", i, digest_print(cell->digest, digest),
           spec_print(&cell->spec, true, arena));
    TRY(check_memory(&study, cell, arena));
    return run_cell(&study, cell, arena);
}

static enum status run(char *const *arguments, int *exit_status)
{
    TRY(means_check(n_threads));
    struct trial_means means = {NULL, n_threads, recompute};
    struct trial_place place = {arguments[0], care, means, {0}};
    TRY(read_span(samples, &place.span)); /* now, not after the training */
    place.care.most_bytes = most_bytes;
    if (supervisor)
        return trial_serve((long)supervisor, &place, exit_status);
    if (!arguments[1])
        return status_refuse(STATUS_INVALID,
                             "no cell is named; spikesweep plan %s lists them",
                             arguments[0]);
    struct arena arena = arena_open();
    enum status status = run_named(arguments[0], arguments[1], &arena);
    arena_close(&arena);
    return status;
}

const struct command command_trial = {
    .name = "trial",
    .arguments = "FILE CELL",
    .doc = "compute one cell alone, in the foreground; prints its results, "
           "stores nothing",
    .more = "CELL is a number as `spikesweep plan FILE` prints it, or the "
            "first digits of the cell's digest.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 2,
    .has_threads = true,
    .run = run,
};
