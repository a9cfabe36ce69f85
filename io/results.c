#include "io/results.h"
#include "io/results_read.h"
#include "io/store.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static struct results_file file_of(const struct results *results,
                                   struct arena *arena)
{
    return (struct results_file){results->path, results->file, arena};
}

/* attacks and checks -------------------------------------------------- */

static struct results_variable over(const char *name, size_t n)
{
    return (struct results_variable){
        .name = name, .rank = 1, .extent = {n}};
}

static struct results_variable over_evaluations(const struct results *results,
                                                const char *name)
{
    return (struct results_variable){
        .name = name,
        .rank = 2,
        .extent = {results->n_trials, results->n_attacks}};
}

/* One value for each evaluation and `n` more. */
static struct results_variable under_attack(const struct results *results,
                                            const char *name, size_t n)
{
    return (struct results_variable){
        .name = name,
        .rank = 3,
        .extent = {results->n_trials, results->n_attacks, n}};
}

static enum status read_attacks(struct results *results,
                                const struct results_file *file)
{
    size_t n = results->n_attacks;
    const char *const *names = NULL, *const *specs = NULL;
    struct results_variable name = over("robustness/attack", n);
    struct results_variable spec = over("robustness/attack_spec", n);
    TRY(results_read_texts(file, &name, &names));
    TRY(results_read_texts(file, &spec, &specs));
    struct result_attack *attacks =
        ARENA_ARRAY(file->arena, struct result_attack, n);
    for (size_t i = 0; i < n; i++)
        attacks[i] = (struct result_attack){
            names[i], specs[i], settings_parse(specs[i], file->arena)};
    results->attacks = attacks;
    return STATUS_OK;
}

struct check_columns {
    const char *const *name, *const *rule, *const *meaning, *const *unit;
    const double *warn, *fail;
};

static enum status read_check_columns(const struct results_file *file,
                                      size_t n, struct check_columns *columns)
{
    struct results_variable name = over("robustness/check", n);
    struct results_variable rule = over("robustness/check_rule", n);
    struct results_variable meaning = over("robustness/check_meaning", n);
    struct results_variable unit = over("robustness/check_unit", n);
    struct results_variable warn = over("robustness/check_warn_above", n);
    struct results_variable fail = over("robustness/check_fail_above", n);
    TRY(results_read_texts(file, &name, &columns->name));
    TRY(results_read_texts(file, &rule, &columns->rule));
    TRY(results_read_texts(file, &meaning, &columns->meaning));
    TRY(results_read_texts(file, &unit, &columns->unit));
    TRY(results_read_f64(file, &warn, &columns->warn));
    return results_read_f64(file, &fail, &columns->fail);
}

static enum status read_checks(struct results *results,
                               const struct results_file *file)
{
    size_t n = results->n_checks;
    struct check_columns columns = {0};
    TRY(read_check_columns(file, n, &columns));
    struct result_check *checks =
        ARENA_ARRAY(file->arena, struct result_check, n);
    for (size_t i = 0; i < n; i++)
        checks[i] = (struct result_check){
            columns.name[i], columns.rule[i], columns.meaning[i],
            columns.unit[i], columns.warn[i], columns.fail[i]};
    results->checks = checks;
    return STATUS_OK;
}

/* evaluations --------------------------------------------------------- */

struct evaluation_columns {
    const char *const *state, *const *cause, *const *message;
    const uint64_t *n_samples;
    const double *wall, *cpu;
};

static enum status read_evaluation_columns(const struct results *results,
                                           const struct results_file *file,
                                           struct evaluation_columns *columns)
{
    struct results_variable state =
        over_evaluations(results, "robustness/evaluation_state");
    struct results_variable cause =
        over_evaluations(results, "robustness/evaluation_cause");
    struct results_variable message =
        over_evaluations(results, "robustness/evaluation_message");
    struct results_variable samples =
        over_evaluations(results, "robustness/n_samples");
    struct results_variable wall =
        over_evaluations(results, "robustness/evaluation_wall_time");
    struct results_variable cpu =
        over_evaluations(results, "robustness/evaluation_cpu_time");
    TRY(results_read_texts(file, &state, &columns->state));
    TRY(results_read_texts(file, &cause, &columns->cause));
    TRY(results_read_texts(file, &message, &columns->message));
    TRY(results_read_u64(file, &samples, &columns->n_samples));
    TRY(results_read_f64(file, &wall, &columns->wall));
    return results_read_f64(file, &cpu, &columns->cpu);
}

static enum status read_evaluations(struct results *results,
                                    const struct results_file *file)
{
    size_t n = results->n_trials * results->n_attacks;
    struct evaluation_columns columns = {0};
    TRY(read_evaluation_columns(results, file, &columns));
    struct result_evaluation *evaluations =
        ARENA_ARRAY(file->arena, struct result_evaluation, n);
    for (size_t i = 0; i < n; i++)
        evaluations[i] = (struct result_evaluation){
            .state = columns.state[i],
            .cause = columns.cause[i],
            .message = columns.message[i],
            .n_samples = columns.n_samples[i] == UINT64_MAX
                             ? (double)NAN
                             : (double)columns.n_samples[i],
            .wall_s = columns.wall[i],
            .cpu_s = columns.cpu[i],
        };
    results->evaluations = evaluations;
    return STATUS_OK;
}

static enum status read_surrogates(struct results *results,
                                   const struct results_file *file)
{
    size_t n = results->n_epsilons;
    struct results_variable count =
        under_attack(results, "robustness/n_surrogates", n);
    struct results_variable worst =
        under_attack(results, "robustness/surrogate_worst_case", n);
    struct results_variable spread =
        under_attack(results, "robustness/surrogate_spread", n);
    if (!results_has(file, count.name))
        return STATUS_OK;
    TRY(results_read_u64(file, &count, &results->n_surrogates));
    TRY(results_read_f64(file, &worst, &results->surrogate_worst));
    return results_read_f64(file, &spread, &results->surrogate_spread);
}

static enum status read_robustness(struct results *results,
                                   const struct results_file *file)
{
    struct results_variable epsilon =
        over("robustness/epsilon", results->n_epsilons);
    struct results_variable accuracy = under_attack(
        results, "robustness/robust_accuracy", results->n_epsilons);
    struct results_variable worst = under_attack(
        results, "robustness/worst_case", results->n_epsilons);
    struct results_variable verdict =
        under_attack(results, "robustness/check_verdict", results->n_checks);
    struct results_variable figure =
        under_attack(results, "robustness/check_figure", results->n_checks);
    TRY(read_attacks(results, file));
    TRY(read_checks(results, file));
    TRY(read_evaluations(results, file));
    TRY(results_read_f64(file, &epsilon, &results->epsilons));
    TRY(results_read_f64(file, &accuracy, &results->accuracy));
    if (results_has(file, worst.name))
        TRY(results_read_f64(file, &worst, &results->worst));
    TRY(read_surrogates(results, file));
    TRY(results_read_u8(file, &verdict, &results->verdicts));
    return results_read_f64(file, &figure, &results->figures);
}

/* the file ------------------------------------------------------------ */

static enum status read_schema(struct results *results,
                               const struct results_file *file)
{
    if (hdf5_get_count(file->id, "schema_version", file->path,
                       &results->schema_version) != STATUS_OK) {
        status_forget();
        return status_refuse(STATUS_INVALID,
                             "%s: not a result file of spikesweep: it has no "
                             "attribute schema_version",
                             file->path);
    }
    if (results->schema_version != STORE_SCHEMA_VERSION)
        return status_refuse(STATUS_INVALID,
                             "%s: has schema version %llu, this program reads "
                             "version %d",
                             file->path,
                             (unsigned long long)results->schema_version,
                             STORE_SCHEMA_VERSION);
    return STATUS_OK;
}

/* Files of the first versions do not have it. */
static enum status read_builds(struct results *results,
                               const struct results_file *file)
{
    results->builds = "";
    if (H5Aexists(file->id, "builds") <= 0)
        return STATUS_OK;
    return hdf5_get_text(file->id, "builds", file->path, file->arena,
                         &results->builds);
}

static enum status read_extents(struct results *results,
                                const struct results_file *file)
{
    TRY(results_extent(file, "trials/trial", &results->n_trials));
    TRY(results_extent(file, "training/epoch", &results->n_epochs));
    TRY(results_extent(file, "membrane/layer", &results->n_layers));
    TRY(results_extent(file, "membrane/step", &results->n_steps));
    TRY(results_extent(file, "membrane/bin", &results->n_bins));
    TRY(results_extent(file, "robustness/attack", &results->n_attacks));
    TRY(results_extent(file, "robustness/epsilon", &results->n_epsilons));
    TRY(results_extent(file, "robustness/sample", &results->n_samples));
    return results_extent(file, "robustness/check", &results->n_checks);
}

static enum status read_all(struct results *results,
                            const struct results_file *file)
{
    TRY(read_schema(results, file));
    TRY(read_builds(results, file));
    TRY(read_extents(results, file));
    TRY(results_read_trials(results, file));
    return read_robustness(results, file);
}

static const char *find_file(const char *path, struct arena *arena)
{
    struct stat found;
    bool is_folder = stat(path, &found) == 0 && S_ISDIR(found.st_mode);
    return is_folder ? arena_print(arena, "%s/sweep.h5", path)
                     : arena_copy_text(arena, path);
}

enum status results_open(const char *path, struct arena *arena,
                         struct results *results)
{
    struct results read = {.path = find_file(path, arena), .arena = arena};
    TRY(hdf5_open(read.path, &read.file));
    struct results_file file = file_of(&read, arena);
    enum status status = read_all(&read, &file);
    if (status != STATUS_OK) {
        H5Fclose(read.file);
        return status;
    }
    read.block = ARENA_ARRAY(arena, struct results_block, 1);
    *results = read;
    return STATUS_OK;
}

void results_close(struct results *results)
{
    results_close_block(results->block);
    if (results->n_sources == 0)
        H5Fclose(results->file);
    for (size_t i = 0; i < results->n_sources; i++) {
        results_close_block(results->sources[i].block);
        H5Fclose(results->sources[i].file);
    }
    results->file = -1;
    results->n_sources = 0;
}

void results_rename(struct results *results, const char *path)
{
    struct result_trial *trials = (struct result_trial *)results->trials;
    results->path = arena_copy_text(results->arena, path);
    for (size_t i = 0; i < results->n_trials; i++)
        trials[i].file = results->path;
}

enum status results_attribute(const struct results *results, const char *name,
                              struct arena *arena, const char **text)
{
    if (results->n_sources)
        results = &results->sources[0];
    return hdf5_get_text(results->file, name, results->path, arena, text);
}

/* elements ------------------------------------------------------------ */

const struct result_evaluation *
results_evaluation(const struct results *results, size_t trial, size_t attack)
{
    MUST(trial < results->n_trials && attack < results->n_attacks);
    return &results->evaluations[trial * results->n_attacks + attack];
}

static size_t place_of_epsilon(const struct results *results, size_t trial,
                               size_t attack, size_t epsilon)
{
    MUST(trial < results->n_trials && attack < results->n_attacks &&
         epsilon < results->n_epsilons);
    return (trial * results->n_attacks + attack) * results->n_epsilons +
           epsilon;
}

double results_accuracy(const struct results *results, size_t trial,
                        size_t attack, size_t epsilon)
{
    return results->accuracy[place_of_epsilon(results, trial, attack,
                                              epsilon)];
}

double results_worst_case(const struct results *results, size_t trial,
                          size_t attack, size_t epsilon)
{
    size_t place = place_of_epsilon(results, trial, attack, epsilon);
    return results->worst ? results->worst[place] : (double)NAN;
}

struct result_surrogates results_surrogates(const struct results *results,
                                            size_t trial, size_t attack,
                                            size_t epsilon)
{
    size_t place = place_of_epsilon(results, trial, attack, epsilon);
    if (!results->n_surrogates || results->n_surrogates[place] == UINT64_MAX)
        return (struct result_surrogates){0, NAN, NAN};
    return (struct result_surrogates){(size_t)results->n_surrogates[place],
                                      results->surrogate_worst[place],
                                      results->surrogate_spread[place]};
}

static size_t place_of_check(const struct results *results, size_t trial,
                             size_t attack, size_t check)
{
    MUST(trial < results->n_trials && attack < results->n_attacks &&
         check < results->n_checks);
    return (trial * results->n_attacks + attack) * results->n_checks + check;
}

enum check_verdict results_verdict(const struct results *results, size_t trial,
                                   size_t attack, size_t check)
{
    uint8_t verdict =
        results->verdicts[place_of_check(results, trial, attack, check)];
    return verdict < VERDICT_N ? (enum check_verdict)verdict
                               : VERDICT_NOT_APPLICABLE;
}

double results_figure(const struct results *results, size_t trial,
                      size_t attack, size_t check)
{
    return results->figures[place_of_check(results, trial, attack, check)];
}
