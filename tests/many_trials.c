#include "tests/many_trials.h"
#include "core/checks.h"
#include "core/kind.h"
#include "tests/fake_sweep.h"
#include "tests/scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_SEEDS = 5, N_SAMPLES = 4, N_LAYERS = 2, N_STEPS = 2, N_BINS = 6 };

static const double epsilons[MANY_EPSILONS] = {0, 2.0 / 255, 4.0 / 255,
                                               8.0 / 255, 16.0 / 255};

static const char attack_epsilons[] =
    "attack.epsilons = [0, 0.00784313725490196, 0.0156862745098039, "
    "0.0313725490196078, 0.0627450980392157]";

static const char *const attacks[MANY_ATTACKS] = {
    "attack = fgsm", "attack = pgd; attack.n_steps = 10"};

/* A level and what it does to clean accuracy and to the margin. */
struct level {
    const char *changes, *value;
    double clean, margin;
};

static const struct level regularizers[] = {
    {"regularizer = none", "none", 0, 0},
    {"regularizer = mpd_sgr; regularizer.weight = 0.1", "0.1", -0.005, 0.3},
    {"regularizer = mpd_sgr; regularizer.weight = 0.5", "0.5", -0.01, 0.6},
    {"regularizer = mpd_sgr; regularizer.weight = 1", "1", -0.02, 0.8},
};

static const struct level surrogates[] = {
    {"surrogate = triangular", "triangular", 0, 0},
    {"surrogate = rectangular", "rectangular", -0.01, 0.1},
    {"surrogate = sigmoid", "sigmoid", 0.005, -0.05},
    {"surrogate = atan", "atan", 0.01, 0},
    {"surrogate = fast_sigmoid", "fast_sigmoid", -0.02, 0.2},
};

static const struct level encodings[] = {
    {"encoding = direct", "direct", 0, 0},
    {"encoding = poisson", "poisson", -0.03, 0.4},
    {"encoding = ttfs", "ttfs", -0.05, 0.2},
    {"encoding = phase", "phase", -0.02, 0.1},
};

/* numbers ------------------------------------------------------------- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    return hash;
}

/* A number in (-1, 1) of a trial, each use its own. */
static double noise_of(const struct settings *trial, const char *use)
{
    static const char *const keys[] = {
        "encoding",           "neuron.leak",    "surrogate",
        "regularizer.weight", "optimizer.learning_rate", "training.seed"};
    uint64_t hash = hash_text(0xcbf29ce484222325, use);
    for (size_t i = 0; i < KIND_COUNT(keys); i++) {
        const char *value = settings_get(trial, keys[i]);
        hash = hash_text(hash, value ? value : "-");
        hash = hash_text(hash, ";");
    }
    hash ^= hash >> 31;
    hash *= 0x9e3779b97f4a7c15;
    return (double)(hash >> 11) * 0x1p-52 - 1;
}

static const struct level *find(const struct level *levels, size_t n,
                                const char *value)
{
    for (size_t i = 0; i < n; i++)
        if (value && !strcmp(levels[i].value, value))
            return &levels[i];
    return levels;
}

struct levels {
    const struct level *regularizer, *surrogate, *encoding;
    double leak, log_rate;
};

static double number_of(const struct settings *trial, const char *key)
{
    return strtod(settings_get(trial, key), NULL);
}

static struct levels levels_of(const struct settings *trial)
{
    return (struct levels){
        find(regularizers, KIND_COUNT(regularizers),
             settings_get(trial, "regularizer.weight")),
        find(surrogates, KIND_COUNT(surrogates),
             settings_get(trial, "surrogate")),
        find(encodings, KIND_COUNT(encodings), settings_get(trial, "encoding")),
        number_of(trial, "neuron.leak"),
        log10(number_of(trial, "optimizer.learning_rate") / 0.1)};
}

double many_clean(const struct settings *trial)
{
    struct levels at = levels_of(trial);
    return 0.88 + at.regularizer->clean + at.surrogate->clean +
           at.encoding->clean - 0.1 * (at.leak - 0.9) * (at.leak - 0.9) -
           0.02 * at.log_rate * at.log_rate +
           0.01 * noise_of(trial, "clean");
}

/* The regularizer helps twice as much with the triangular surrogate. */
static double margin_of(const struct settings *trial)
{
    struct levels at = levels_of(trial);
    double helps = at.surrogate == surrogates ? 2 : 1;
    return 1 + helps * at.regularizer->margin + at.surrogate->margin +
           at.encoding->margin + 0.2 * noise_of(trial, "margin");
}

double many_robust(const struct settings *trial, size_t attack, double epsilon)
{
    double strength = attack ? 40 : 25;
    return many_clean(trial) *
           exp(-strength * epsilon / margin_of(trial));
}

/* the index ----------------------------------------------------------- */

static struct spec spec_of(size_t i, struct arena *arena)
{
    struct spec spec = spec_defaults(arena);
    size_t seed = i % N_SEEDS, k = i / N_SEEDS;
    const char *changes = arena_print(
        arena,
        "dataset = fashion_mnist; training.n_epochs = 1; training.seed = %zu; "
        "%s; %s; %s; neuron.leak = %.2f; optimizer.learning_rate = %.6g",
        seed + 1, regularizers[k % 4].changes, surrogates[k / 4 % 5].changes,
        encodings[k / 20 % 4].changes, 0.5 + 0.05 * (double)(k / 80 % 10),
        0.01 * (double)(k / 800 + 1));
    MUST(spec_change(&spec, changes, arena) == STATUS_OK);
    return spec;
}

static struct store_task task_of(const struct spec *spec, size_t i,
                                 struct arena *arena)
{
    struct spec cell = spec_without_attack(*spec);
    return (struct store_task){
        .task = spec_digest(spec),
        .cell = spec_digest(&cell),
        .ordinal = i,
        .state = OUTCOME_DONE,
        .cause = "", .message = "", .host = "node1", .version = "0.0.1",
        .revision = "1234567", .engine = "avx9", .means = "1 thread",
        .origin = "", .build = "0.0.1 1234567, gcc 12, -O2, avx9",
        .model = "0123456789abcdef0123456789abcdef",
        .data = "fedcba9876543210fedcba9876543210",
        .attempt = 1 + (i % 50 == 0),
        .peak_bytes = (100 + i % 7) << 20,
        .started_s = 1.7e9 + (double)i,
        .wall_s = 10 + (double)(i % 13),
        .cpu_s = 9 + (double)(i % 13),
        .has_record = true,
        .extent = {[DIM_SAMPLE] = N_SAMPLES, [DIM_LAYER] = N_LAYERS,
                   [DIM_STEP] = N_STEPS, [DIM_BIN] = N_BINS, [DIM_EPOCH] = 1},
        .spec = spec_print(&cell, false, arena),
        .full_spec = spec_print(&cell, true, arena),
    };
}

/* Failed and diverged trainings have no attacks. */
static size_t add_trial(struct store_task *tasks, size_t i,
                        struct arena *arena)
{
    struct arena scratch = arena_open();
    struct spec spec = spec_of(i, &scratch);
    size_t n = 0;
    tasks[n++] = task_of(&spec, i, arena);
    if (i % 97 == 96) {
        tasks->state = OUTCOME_FAILED;
        tasks->cause = "signal 9 (Killed)";
        tasks->has_record = false;
    } else if (i % 89 == 88) {
        tasks->state = OUTCOME_DIVERGED;
    }
    for (size_t k = 0; k < MANY_ATTACKS && tasks->state == OUTCOME_DONE; k++) {
        struct spec attack = spec, alone = {0};
        const char *changes = arena_print(&scratch, "%s; %s", attacks[k],
                                          attack_epsilons);
        MUST(spec_change(&attack, changes, &scratch) == STATUS_OK);
        for (size_t a = SPEC_ATTACK; a < SPEC_N_AXES; a++)
            alone.at[a] = attack.at[a];
        tasks[n] = task_of(&attack, i, &scratch);
        tasks[n].spec = tasks[0].spec;
        tasks[n].full_spec = tasks[0].full_spec;
        tasks[n].attack_spec = spec_print(&alone, false, arena);
        n++;
    }
    arena_close(&scratch);
    return n;
}

static struct store_index make_index(size_t n, struct arena *arena)
{
    struct store_task *tasks =
        ARENA_ARRAY(arena, struct store_task, n * (1 + MANY_ATTACKS) + 1);
    double *all = ARENA_ARRAY(arena, double, MANY_EPSILONS);
    struct store_index index = {.n_epsilons = MANY_EPSILONS,
                                .hosts = "node1\n",
                                .damage = ""};
    memcpy(all, epsilons, sizeof epsilons);
    for (size_t i = 0; i < n; i++)
        index.n_tasks += add_trial(tasks + index.n_tasks, i, arena);
    index.n_outcomes = index.n_tasks;
    store_index_settle(&index, tasks);
    store_index_order(&index, tasks, all, arena);
    return index;
}

/* values -------------------------------------------------------------- */

/* What most variables of a trial come from. */
struct figures {
    bool has_record, has_attacks;
    double clean, margin, robust[MANY_ATTACKS][MANY_EPSILONS];
};

static const struct figures *make_figures(const struct store_index *index,
                                          struct arena *arena)
{
    struct figures *all =
        ARENA_ARRAY(arena, struct figures, index->n_trials + 1);
    for (size_t i = 0; i < index->n_trials; i++) {
        const struct store_trial *trial = &index->trials[i];
        struct figures *own = &all[i];
        own->has_record = trial->train->has_record;
        own->has_attacks = trial->train->state == OUTCOME_DONE;
        own->clean = many_clean(&trial->settings);
        own->margin = margin_of(&trial->settings);
        for (size_t k = 0; k < MANY_ATTACKS; k++)
            for (size_t e = 0; e < MANY_EPSILONS; e++)
                own->robust[k][e] =
                    many_robust(&trial->settings, k, index->epsilons[e]);
    }
    return all;
}

/* Where the element's trial, attack, epsilon... are; 0 where it has none. */
static size_t at_dimension(const struct store_variable *variable,
                           const size_t *at, enum store_dimension dimension)
{
    for (size_t i = 0; i < variable->rank; i++)
        if (variable->dimension[i] == dimension)
            return at[i];
    return 0;
}

static double computed_value(const struct figures *own,
                             const struct store_variable *variable,
                             const size_t *at)
{
    size_t e = at_dimension(variable, at, STORE_EPSILON);
    if (variable->name == store_name_worst)
        return own->robust[1][e] - 0.004;
    if (variable->name == store_name_figure)
        return 0.001;
    if (variable->name == store_name_n_surrogates)
        return 1;
    if (variable->name == store_name_surrogate_worst)
        return own->robust[at[1]][e];
    return 0; /* verdicts, spread, samples */
}

static double recorded_value(const struct figures *own,
                             const struct store_variable *variable,
                             const size_t *at)
{
    size_t bin = at_dimension(variable, at, STORE_BIN);
    switch (variable->field) {
    case FIELD_CLEAN_ACCURACY:
        return own->clean;
    case FIELD_ROBUST_ACCURACY:
        return own->robust[at[1]][at_dimension(variable, at, STORE_EPSILON)];
    case FIELD_MEMBRANE_EDGE:
        return bin ? -4 + 2 * (double)(bin - 1) : -(double)INFINITY;
    case FIELD_MEMBRANE_COUNT:
        return 100 * (double)(1 + bin);
    case FIELD_MEMBRANE_OMEGA:
        return 0.6 / own->margin;
    case FIELD_MEMBRANE_INSIDE:
        return 0.58 / own->margin;
    case FIELD_FIRING_RATE:
        return 0.2 / own->margin;
    case FIELD_N_PARAMETERS:
        return 421642;
    default:
        return 0.5;
    }
}

/* False where nothing would have been written. */
static bool has_value(const struct figures *own,
                      const struct store_variable *variable)
{
    bool of_attack =
        variable->rank > 1 && variable->dimension[1] == STORE_ATTACK;
    return of_attack ? own->has_attacks : own->has_record;
}

static void put(enum store_type type, void *values, size_t i, double value)
{
    if (type == STORE_F64)
        ((double *)values)[i] = value;
    else if (type == STORE_U64)
        ((uint64_t *)values)[i] = (uint64_t)value;
    else if (type == STORE_U32)
        ((uint32_t *)values)[i] = (uint32_t)value;
    else
        ((uint8_t *)values)[i] = (uint8_t)value;
}

static void fill_trial(const struct figures *own,
                       const struct store_variable *variable,
                       const size_t *count, size_t trial, size_t n,
                       void *values)
{
    size_t at[STORE_RANK_MAX] = {trial};
    for (size_t i = 0; i < n; i++) {
        size_t rest = i;
        for (size_t d = variable->rank; d-- > 1;) {
            at[d] = rest % count[d];
            rest /= count[d];
        }
        put(variable->type, values, i,
            variable->source == FROM_RECORD
                ? recorded_value(own, variable, at)
                : computed_value(own, variable, at));
    }
}

/* A variable of all trials at once. */
static enum status fill_variable(const struct store_file *file,
                                 const struct figures *figures,
                                 const struct store_variable *variable)
{
    size_t start[STORE_RANK_MAX] = {0}, count[STORE_RANK_MAX], n = 1;
    size_t size = store_type_size(variable->type);
    for (size_t i = 0; i < variable->rank; i++) {
        count[i] = store_extent(file->index, variable->dimension[i]);
        n *= i ? count[i] : 1;
    }
    unsigned char *values = malloc(file->index->n_trials * n * size + 1);
    MUST(values);
    store_fill_none(variable->type, file->index->n_trials * n, values);
    for (size_t i = 0; i < file->index->n_trials; i++)
        if (has_value(&figures[i], variable))
            fill_trial(&figures[i], variable, count, i, n,
                       values + i * n * size);
    enum status status =
        store_file_write(file, variable, start, count, values);
    free(values);
    return status;
}

static enum status fill(const struct store_file *file, struct arena *arena)
{
    const struct figures *figures = make_figures(file->index, arena);
    for (size_t i = 0; i < file->schema.n; i++) {
        const struct store_variable *variable = &file->schema.variables[i];
        if (variable->source != FROM_INDEX && file->datasets[i] >= 0)
            TRY(fill_variable(file, figures, variable));
    }
    struct scratch scratch = scratch_make();
    fake_sweep_write_experiment(scratch.folder, &fake_sweep_small);
    enum status status = store_file_annotate(file, scratch.folder, NULL);
    scratch_remove(&scratch);
    return status;
}

enum status many_trials_write(const char *path, size_t n)
{
    struct arena arena = arena_open();
    struct store_index index = make_index(n, &arena);
    struct store_file file;
    enum status status = store_file_make(path, &index, &arena, &file);
    if (status == STATUS_OK) {
        status = fill(&file, &arena);
        enum status closed = hdf5_close(file.id, path);
        status = status == STATUS_OK ? closed : status;
    }
    arena_close(&arena);
    return status;
}
