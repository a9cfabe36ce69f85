#include "tests/fake_sweep.h"
#include "io/durable.h"
#include "io/segment.h"
#include "tests/fake_record.h"

#include <string.h>

const struct fake_sweep fake_sweep_small = {
    .n_seeds = 1, .n_test = 200, .n_epochs = 3, .n_hidden = 3};

static const char *const encodings[] = {"direct", "poisson"};
static const char *const surrogates[] = {"triangular", "rectangular"};
static const char *const weights[] = {NULL, "0.1", "1"};
static const char epsilons[] =
    "[0, 0.00784313725490196, 0.0156862745098039, 0.0313725490196078, "
    "0.0627450980392157, 0.125]";

static const char experiment_format[] =
    "# Made up for tests.\n"
    "dataset     = { kind = \"fashion_mnist\"; n_test = %zu; };\n"
    "encoding    = [ \"direct\", \"poisson\" ];\n"
    "network     = { kind = \"csnn\"; n_steps = 4; };\n"
    "surrogate   = [ \"triangular\", \"rectangular\" ];\n"
    "regularizer = ( { kind = \"none\"; },\n"
    "                { kind = \"mpd_sgr\"; weight = [0.1, 1.0]; } );\n"
    "training    = { n_epochs = %zu; seed = { from = 1; to = %zu; count = %zu; }; };\n"
    "attacks     = ( { kind = \"fgsm\"; epsilons = %s; n_samples = %zu; },\n"
    "                { kind = \"pgd\"; n_steps = [7, 20]; epsilons = %s; n_samples = %zu; },\n"
    "                { kind = \"gaussian\"; epsilons = %s; n_samples = %zu; } );\n";

/* specs --------------------------------------------------------------- */

size_t fake_sweep_cells(const struct fake_sweep *sweep)
{
    return 12 * sweep->n_seeds;
}

static void choose(struct spec *spec, enum spec_axis axis, const char *name,
                   struct arena *arena)
{
    const struct kind *kind = kind_find(spec_axes[axis], name);
    MUST(kind != NULL);
    spec->at[axis] = (struct choice){kind, kind_defaults(kind, arena)};
}

static void set(struct spec *spec, enum spec_axis axis, const char *name,
                const char *value, struct arena *arena)
{
    const struct row *row = kind_find_row(spec->at[axis].kind, name);
    MUST(row != NULL);
    void *params = (void *)(uintptr_t)spec->at[axis].params;
    MUST(row_set(row, value, params, arena) == STATUS_OK);
}

struct spec fake_sweep_spec(const struct fake_sweep *sweep, size_t i,
                            struct arena *arena)
{
    struct spec spec = spec_defaults(arena);
    size_t seed = i % sweep->n_seeds, rest = i / sweep->n_seeds;
    const char *weight = weights[rest % 3];
    choose(&spec, SPEC_DATASET, "fashion_mnist", arena);
    set(&spec, SPEC_DATASET, "n_test", arena_print(arena, "%zu", sweep->n_test),
        arena);
    choose(&spec, SPEC_NETWORK, "csnn", arena);
    set(&spec, SPEC_NETWORK, "n_steps", "4", arena);
    choose(&spec, SPEC_ENCODING, encodings[rest / 6], arena);
    choose(&spec, SPEC_SURROGATE, surrogates[rest / 3 % 2], arena);
    choose(&spec, SPEC_REGULARIZER, weight ? "mpd_sgr" : "none", arena);
    if (weight)
        set(&spec, SPEC_REGULARIZER, "weight", weight, arena);
    set(&spec, SPEC_TRAINING, "n_epochs",
        arena_print(arena, "%zu", sweep->n_epochs), arena);
    set(&spec, SPEC_TRAINING, "seed", arena_print(arena, "%zu", seed + 1),
        arena);
    return spec;
}

struct spec fake_sweep_attack(const struct fake_sweep *sweep, size_t i,
                              size_t k, struct arena *arena)
{
    struct spec spec = fake_sweep_spec(sweep, i, arena);
    choose(&spec, SPEC_ATTACK, fake_attacks[k].kind, arena);
    set(&spec, SPEC_ATTACK, "epsilons", epsilons, arena);
    set(&spec, SPEC_ATTACK, "n_samples",
        arena_print(arena, "%zu", sweep->n_attacked), arena);
    if (fake_attacks[k].steps)
        set(&spec, SPEC_ATTACK, "n_steps", fake_attacks[k].steps, arena);
    return spec;
}

/* outcomes ------------------------------------------------------------ */

struct outcome fake_sweep_outcome(const struct fake_sweep *sweep,
                                  const struct spec *spec, struct bytes *bytes,
                                  struct arena *arena)
{
    struct spec cell = spec_without_attack(*spec);
    struct record record = spec->at[SPEC_ATTACK].kind
                               ? fake_record_attack(sweep, spec, arena)
                               : fake_record_train(sweep, spec, arena);
    record_pack(&record, bytes);
    return (struct outcome){
        .task = spec_digest(spec),
        .cell = spec_digest(&cell),
        .spec = spec_print(spec, true, arena),
        .state = OUTCOME_DONE,
        .cause = "",
        .message = "",
        .host = "node1",
        .build = {"0.0.1", "1234567", "gcc 12", "-O2", "avx9"},
        .means = "2 threads",
        .attempt = 1,
        .started_s = 1.7e9,
        .wall_s = 12.5,
        .cpu_s = 12.25,
        .peak_bytes = 100 << 20,
        .record = bytes->at,
        .n_record_bytes = bytes->n,
    };
}

/* Without a result, for a reason. */
static void fail(struct outcome *outcome, enum outcome_state state,
                 const char *cause, const char *message)
{
    outcome->state = state;
    outcome->cause = cause;
    outcome->message = message;
    outcome->record = NULL;
    outcome->n_record_bytes = 0;
}

static void diverge(struct outcome *outcome, struct bytes *bytes,
                    struct arena *arena)
{
    struct record record;
    MUST(record_unpack(outcome->record, outcome->n_record_bytes, arena,
                       &record) == STATUS_OK);
    record.diverged = true;
    bytes->n = 0;
    record_pack(&record, bytes);
    outcome->state = OUTCOME_DIVERGED;
    outcome->record = bytes->at;
    outcome->n_record_bytes = bytes->n;
}

static void spoil(const struct fake_sweep *sweep, size_t i, size_t k,
                  struct outcome *outcome, struct bytes *bytes,
                  struct arena *arena)
{
    if (!sweep->fails)
        return;
    if (i == 1 && k == FAKE_ATTACKS)
        fail(outcome, OUTCOME_FAILED, "signal 11 (Segmentation fault)",
             "core/model.c:12: broken promise: n < <b>max</b>");
    if (i == 2 && k == 1)
        fail(outcome, OUTCOME_TIMED_OUT, "more than 3600 s", "");
    if (i == 3 && k == FAKE_ATTACKS)
        diverge(outcome, bytes, arena);
}

/* The training (k = FAKE_ATTACKS) or an attack of a cell. */
static void write_task(const struct fake_sweep *sweep, size_t i, size_t k,
                       struct segment_writer *writer)
{
    struct arena arena = arena_open();
    struct bytes bytes = {0};
    struct spec spec = k == FAKE_ATTACKS
                           ? fake_sweep_spec(sweep, i, &arena)
                           : fake_sweep_attack(sweep, i, k, &arena);
    struct outcome outcome = fake_sweep_outcome(sweep, &spec, &bytes, &arena);
    spoil(sweep, i, k, &outcome, &bytes, &arena);
    segment_append(writer, &outcome);
    bytes_free(&bytes);
    arena_close(&arena);
}

/* No attack follows a training that failed or diverged. */
static void write_cell(const struct fake_sweep *sweep, size_t i,
                       struct segment_writer *writer)
{
    write_task(sweep, i, FAKE_ATTACKS, writer);
    for (size_t k = 0; k < FAKE_ATTACKS; k++)
        if (!sweep->fails || (i != 1 && i != 3))
            write_task(sweep, i, k, writer);
    MUST(segment_flush(writer) == STATUS_OK);
}

void fake_sweep_write_experiment(const char *folder,
                                 const struct fake_sweep *sweep)
{
    struct arena arena = arena_open();
    MUST(durable_make_folder(folder) == STATUS_OK);
    const char *path = arena_print(&arena, "%s/experiment.cfg", folder);
    size_t n = sweep->n_attacked;
    const char *text =
        arena_print(&arena, experiment_format, sweep->n_test, sweep->n_epochs,
                    sweep->n_seeds, sweep->n_seeds, epsilons, n, epsilons, n,
                    epsilons, n);
    MUST(durable_write(path, text, strlen(text)) == STATUS_OK);
    arena_close(&arena);
}

void fake_sweep_write(const char *folder, const struct fake_sweep *sweep)
{
    struct arena arena = arena_open();
    struct segment_writer writer;
    fake_sweep_write_experiment(folder, sweep);
    MUST(segment_open(arena_print(&arena, "%s/segments", folder), &writer) ==
         STATUS_OK);
    for (size_t i = fake_sweep_cells(sweep); i-- > 0;)
        write_cell(sweep, i, &writer);
    segment_close(&writer);
    arena_close(&arena);
}
