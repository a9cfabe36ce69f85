/* The trials of a result file: columns into structs. */
#include "io/results_read.h"

#include <math.h>
#include <string.h>

/* Columns over trials, as they are in the file. */
struct columns {
    const char *const *id, *const *cell, *const *spec, *const *state;
    const char *const *cause, *const *message, *const *host;
    const uint64_t *seed, *attempts, *peak, *n_parameters;
    const uint64_t *in_experiment; /* NULL: the file does not say */
    const double *started, *wall, *cpu, *accuracy, *loss, *gamma;
    const double *omega, *inside, *rate; /* [trial][layer][step] */
};

static struct results_variable over_trials(const struct results *results,
                                           const char *name)
{
    return (struct results_variable){
        .name = name, .rank = 1, .extent = {results->n_trials}};
}

static struct results_variable over_steps(const struct results *results,
                                          const char *name)
{
    return (struct results_variable){
        .name = name,
        .rank = 3,
        .extent = {results->n_trials, results->n_layers, results->n_steps}};
}

static enum status read_text_columns(const struct results *results,
                                     const struct results_file *file,
                                     struct columns *columns)
{
    struct {
        const char *name;
        const char *const **at;
    } wanted[] = {
        {"trials/trial", &columns->id},       {"trials/cell", &columns->cell},
        {"trials/spec", &columns->spec},      {"trials/state", &columns->state},
        {"trials/cause", &columns->cause},    {"trials/host", &columns->host},
        {"trials/message", &columns->message},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct results_variable variable =
            over_trials(results, wanted[i].name);
        TRY(results_read_texts(file, &variable, wanted[i].at));
    }
    return STATUS_OK;
}

static enum status read_count_columns(const struct results *results,
                                      const struct results_file *file,
                                      struct columns *columns)
{
    struct {
        const char *name;
        const uint64_t **at;
    } wanted[] = {
        {"trials/seed", &columns->seed},
        {"trials/attempts", &columns->attempts},
        {"trials/peak_memory", &columns->peak},
        {"trials/n_parameters", &columns->n_parameters},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct results_variable variable =
            over_trials(results, wanted[i].name);
        TRY(results_read_u64(file, &variable, wanted[i].at));
    }
    struct results_variable there =
        over_trials(results, "trials/in_experiment");
    return results_has(file, there.name)
               ? results_read_u64(file, &there, &columns->in_experiment)
               : STATUS_OK;
}

static enum status read_real_columns(const struct results *results,
                                     const struct results_file *file,
                                     struct columns *columns)
{
    struct {
        const char *name;
        const double **at;
    } wanted[] = {
        {"trials/started", &columns->started},
        {"trials/wall_time", &columns->wall},
        {"trials/cpu_time", &columns->cpu},
        {"trials/clean_accuracy", &columns->accuracy},
        {"trials/clean_loss", &columns->loss},
        {"membrane/membrane_gamma", &columns->gamma},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct results_variable variable =
            over_trials(results, wanted[i].name);
        TRY(results_read_f64(file, &variable, wanted[i].at));
    }
    return STATUS_OK;
}

static enum status read_membrane_columns(const struct results *results,
                                         const struct results_file *file,
                                         struct columns *columns)
{
    struct results_variable omega =
        over_steps(results, "membrane/membrane_omega");
    struct results_variable inside =
        over_steps(results, "membrane/membrane_inside");
    struct results_variable rate = over_steps(results, "membrane/firing_rate");
    TRY(results_read_f64(file, &omega, &columns->omega));
    TRY(results_read_f64(file, &inside, &columns->inside));
    return results_read_f64(file, &rate, &columns->rate);
}

static double number(uint64_t count)
{
    return count == UINT64_MAX ? (double)NAN : (double)count;
}

/* Over layers and steps that the trial has; NaN if there are none. */
static double mean_of_row(const struct results *results, const double *values,
                          size_t trial)
{
    size_t n = results->n_layers * results->n_steps, n_known = 0;
    double sum = 0;
    for (size_t i = trial * n; i < (trial + 1) * n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            n_known++;
        }
    return n_known ? sum / (double)n_known : (double)NAN;
}

static const char *print_in_experiment(const struct columns *columns, size_t i)
{
    uint64_t there =
        columns->in_experiment ? columns->in_experiment[i] : UINT64_MAX;
    return there == UINT64_MAX ? NULL : there ? "yes" : "no";
}

static struct result_trial trial_at(const struct results *results,
                                    const struct columns *columns, size_t i,
                                    struct arena *arena)
{
    return (struct result_trial){
        .id = columns->id[i],
        .cell = columns->cell[i],
        .spec = columns->spec[i],
        .settings = settings_parse(columns->spec[i], arena),
        .state = columns->state[i],
        .cause = columns->cause[i],
        .message = columns->message[i],
        .host = columns->host[i],
        .in_experiment = print_in_experiment(columns, i),
        .file = results->path,
        .seed = number(columns->seed[i]),
        .attempts = number(columns->attempts[i]),
        .started_s = columns->started[i],
        .wall_s = columns->wall[i],
        .cpu_s = columns->cpu[i],
        .peak_bytes = number(columns->peak[i]),
        .clean_accuracy = columns->accuracy[i],
        .clean_loss = columns->loss[i],
        .n_parameters = number(columns->n_parameters[i]),
        .omega = mean_of_row(results, columns->omega, i),
        .inside = mean_of_row(results, columns->inside, i),
        .firing_rate = mean_of_row(results, columns->rate, i),
        .gamma = columns->gamma[i],
    };
}

size_t results_count_removed(const struct results *results)
{
    size_t n = 0;
    for (size_t i = 0; i < results->n_trials; i++) {
        const char *there = results->trials[i].in_experiment;
        n += there && !strcmp(there, "no");
    }
    return n;
}

enum status results_read_trials(struct results *results,
                                const struct results_file *file)
{
    struct columns columns = {0};
    size_t n = results->n_trials;
    TRY(read_text_columns(results, file, &columns));
    TRY(read_count_columns(results, file, &columns));
    TRY(read_real_columns(results, file, &columns));
    TRY(read_membrane_columns(results, file, &columns));
    struct result_trial *trials =
        ARENA_ARRAY(file->arena, struct result_trial, n);
    for (size_t i = 0; i < n; i++)
        trials[i] = trial_at(results, &columns, i, file->arena);
    results->trials = trials;
    return STATUS_OK;
}
