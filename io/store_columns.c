/* The variables of sweep.h5 that do not come from records or kinds. */
#include "core/checks.h"
#include "core/kind.h"
#include "io/store_schema.h"

#include <math.h>
#include <stdlib.h>

const struct store_group_row store_group_rows[STORE_N_GROUPS] = {
    [STORE_TRIALS] = {"trials",
        "one row a trial: its parameters, how it ended, what it cost", 1, {STORE_TRIAL}},
    [STORE_TRAINING] = {"training", "the course of training, over epochs", 3,
        {STORE_TRIAL, STORE_EPOCH, STORE_LAYER}},
    [STORE_MEMBRANE] = {"membrane",
        "distribution of the membrane potential U - V_th before reset, on clean test data", 4,
        {STORE_TRIAL, STORE_LAYER, STORE_STEP, STORE_BIN}},
    [STORE_ROBUSTNESS] = {"robustness", "attacks on the trained networks", 5,
        {STORE_TRIAL, STORE_ATTACK, STORE_EPSILON, STORE_SAMPLE, STORE_CHECK}},
};

/* coordinates --------------------------------------------------------- */

static double position(const struct store_place *place)
{
    return (double)place->at[0];
}

static double position_from_one(const struct store_place *place)
{
    return (double)place->at[0] + 1.0;
}

static double epsilon(const struct store_place *place)
{
    return place->index->epsilons[place->at[0]];
}

static const char *trial_id(const struct store_place *place)
{
    return place->index->trials[place->at[0]].id;
}

static const char *attack_name(const struct store_place *place)
{
    return place->index->attacks[place->at[0]].name;
}

static const char *check_name(const struct store_place *place)
{
    return check_rows[place->at[0]].name;
}

const struct store_variable store_coordinates[STORE_N_DIMENSIONS] = {
    [STORE_TRIAL] = {"trial", "1",
        "identity of the trial: the digest of its parameters, see `spec`",
        .type = STORE_TEXT, .rank = 1, .dimension = {STORE_TRIAL}, .text = trial_id},
    [STORE_ATTACK] = {"attack", "1", "the attack; with the parameters that tell it from others",
        .type = STORE_TEXT, .rank = 1, .dimension = {STORE_ATTACK}, .text = attack_name},
    [STORE_EPOCH] = {"epoch", "1", "epoch, counted from 1",
        .type = STORE_U64, .whole = true, .rank = 1, .dimension = {STORE_EPOCH},
        .number = position_from_one},
    [STORE_LAYER] = {"layer", "1", "spiking layer, from the input's side, counted from 0",
        .type = STORE_U64, .whole = true, .rank = 1, .dimension = {STORE_LAYER},
        .number = position},
    [STORE_STEP] = {"step", "1", "time step, counted from 0",
        .type = STORE_U64, .whole = true, .rank = 1, .dimension = {STORE_STEP}, .number = position},
    [STORE_BIN] = {"bin", "1",
        "bin of the histogram: 0 is the underflow, a trial's last one the overflow",
        .type = STORE_U64, .whole = true, .rank = 1, .dimension = {STORE_BIN}, .number = position},
    [STORE_EPSILON] = {"epsilon", "1",
        "size of the perturbation, pixels in [0, 1]; for noise its deviation, for corruptions "
        "their severity, for flips their number; all values that occur, so an attack has none at "
        "some of them",
        .type = STORE_F64, .whole = true, .rank = 1, .dimension = {STORE_EPSILON},
        .number = epsilon},
    [STORE_SAMPLE] = {"sample", "1", "sample of the test split, counted from 0",
        .type = STORE_U64, .whole = true, .rank = 1, .dimension = {STORE_SAMPLE},
        .number = position},
    [STORE_CHECK] = {"check", "1", "check of an attack's result",
        .type = STORE_TEXT, .rank = 1, .dimension = {STORE_CHECK}, .text = check_name},
};

/* trials and evaluations ---------------------------------------------- */

/* Over trials: of the training; over trials and attacks: of the attack. */
static const struct store_task *task_at(const struct store_place *place)
{
    const struct store_trial *trial = &place->index->trials[place->at[0]];
    return place->variable->rank == 1 ? trial->train
                                      : trial->evaluations[place->at[1]];
}

static const char *cell(const struct store_place *place)
{
    return place->index->trials[place->at[0]].label;
}

static const char *spec(const struct store_place *place)
{
    return place->index->trials[place->at[0]].spec;
}

static double seed(const struct store_place *place)
{
    const struct settings *settings =
        &place->index->trials[place->at[0]].settings;
    size_t none = 0, *near = place->near ? place->near : &none;
    const char *text = settings_get_near(settings, "training.seed", near);
    return text ? strtod(text, NULL) : (double)NAN;
}

static const char *state(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    if (task && task->incomplete)
        return "incomplete";
    return task ? outcome_state_names[task->state] : "pending";
}

static const char *cause(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->cause : "";
}

static const char *message(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->message : "";
}

static const char *host(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->host : "";
}

static const char *version(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->version : "";
}

static const char *revision(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->revision : "";
}

static const char *engine(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->engine : "";
}

static const char *means(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->means : "";
}

static const char *origin(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->origin : "";
}

static double attempts(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? (double)task->attempt : (double)NAN;
}

static double started(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->started_s : (double)NAN;
}

static double wall_time(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->wall_s : (double)NAN;
}

static double cpu_time(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->cpu_s : (double)NAN;
}

static double peak_memory(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? (double)task->peak_bytes : (double)NAN;
}

static double n_samples(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task && task->has_record ? (double)task->extent[DIM_SAMPLE]
                                    : (double)NAN;
}

static double n_parts(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    if (!task || task->incomplete)
        return NAN;
    return task->n_parts ? (double)task->n_parts : 1;
}

static const char *model(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->model : "";
}

static const char *data(const struct store_place *place)
{
    const struct store_task *task = task_at(place);
    return task ? task->data : "";
}

/* attacks and checks -------------------------------------------------- */

static const char *attack_spec(const struct store_place *place)
{
    return place->index->attacks[place->at[0]].spec;
}

static const char *check_rule(const struct store_place *place)
{
    return check_rows[place->at[0]].rule;
}

static const char *check_figure(const struct store_place *place)
{
    return check_rows[place->at[0]].figure;
}

static const char *check_unit(const struct store_place *place)
{
    return check_rows[place->at[0]].unit;
}

static double check_warn_above(const struct store_place *place)
{
    return check_rows[place->at[0]].warn_above;
}

static double check_fail_above(const struct store_place *place)
{
    return check_rows[place->at[0]].fail_above;
}

/* the rows ------------------------------------------------------------ */

const char store_name_correct[] = "robust_correct";
const char store_name_clean_correct[] = "clean_correct";
const char store_name_verdict[] = "check_verdict";
const char store_name_figure[] = "check_figure";
const char store_name_worst[] = "worst_case";
const char store_name_n_surrogates[] = "n_surrogates";
const char store_name_surrogate_worst[] = "surrogate_worst_case";
const char store_name_surrogate_spread[] = "surrogate_spread";

#define OVER_TRIAL .rank = 1, .dimension = {STORE_TRIAL}
#define OVER_ATTACK .rank = 1, .dimension = {STORE_ATTACK}
#define OVER_CURVE .rank = 3, .dimension = {STORE_TRIAL, STORE_ATTACK, STORE_EPSILON}
#define OVER_CHECK .rank = 1, .dimension = {STORE_CHECK}
#define OVER_TRIAL_ATTACK .rank = 2, .dimension = {STORE_TRIAL, STORE_ATTACK}
#define TRIALS .group = STORE_TRIALS, OVER_TRIAL
#define ATTACKS .group = STORE_ROBUSTNESS, OVER_ATTACK
#define EVALUATIONS .group = STORE_ROBUSTNESS, OVER_TRIAL_ATTACK
#define CHECKS .group = STORE_ROBUSTNESS, OVER_CHECK
#define COMPUTED .group = STORE_ROBUSTNESS, .source = FROM_PREDICTIONS

const struct store_variable store_everywhere[] = {
    {"cell", "1", "the trial by what varies in the sweep", OVER_TRIAL,
        .type = STORE_TEXT, .text = cell},
    {"seed", "1", "seed of the trial; trials of one seed are paired", OVER_TRIAL,
        .type = STORE_U64, .number = seed, .whole = true},
};

const size_t store_n_everywhere = KIND_COUNT(store_everywhere);

const struct store_variable store_columns[] = {
    {"spec", "1", "canonical text: a line `axis = kind`, then a line `axis.row = value` for each "
        "parameter; its digest, but for parameters added to the program later that are at "
        "their defaults, is the trial's identity", TRIALS, .type = STORE_TEXT, .text = spec},
    {"state", "1", "how the training ended: done, diverged, failed, timed out, interrupted; set "
        "aside: failed too often for no known cause; pending: not yet", TRIALS, .type = STORE_TEXT,
        .text = state},
    {"cause", "1", "why it ended so; empty if done", TRIALS, .type = STORE_TEXT, .text = cause},
    {"message", "1", "the last that the trial said on its standard error", TRIALS,
        .type = STORE_TEXT, .text = message},
    {"attempts", "1", "number of the attempt that counts, from 1; 0: none, it "
        "does not fit in memory", TRIALS,
        .type = STORE_U64, .number = attempts},
    {"host", "1", "where it ran", TRIALS, .type = STORE_TEXT, .text = host},
    {"program_version", "1", "version of the spikesweep that trained; empty if not known", TRIALS,
        .type = STORE_TEXT, .text = version},
    {"git_revision", "1", "revision of that program's source", TRIALS,
        .type = STORE_TEXT, .text = revision},
    {"engine", "1", "instruction set that its code ran on, then BLIS and its kernels", TRIALS,
        .type = STORE_TEXT, .text = engine},
    {"means", "1", "threads of its process, and whether it recomputed; no result depends on it",
        TRIALS, .type = STORE_TEXT, .text = means},
    {"origin", "1", "folder of another sweep that the result was taken over from; empty: none",
        TRIALS, .type = STORE_TEXT, .text = origin},
    {"started", "seconds since 1970-01-01 00:00:00", "when it started (UTC)", TRIALS,
        .type = STORE_F64, .number = started},
    {"wall_time", "s", "duration of the training", TRIALS, .type = STORE_F64, .number = wall_time},
    {"cpu_time", "s", "processor time of the training", TRIALS,
        .type = STORE_F64, .number = cpu_time},
    {"peak_memory", "byte", "largest resident set of the training", TRIALS,
        .type = STORE_U64, .number = peak_memory},
    {"model_digest", "1", "digest of the trained weights and statistics", TRIALS,
        .type = STORE_TEXT, .text = model},
    {"data_digest", "1", "digest of the data set", TRIALS, .type = STORE_TEXT, .text = data},
    {"in_experiment", "1", "1 if the latest experiment file has this cell, 0 if it was taken out "
        "of it; none: not known", TRIALS, .type = STORE_U64, .number = store_is_wanted},
    {"attack_spec", "1", "canonical text of the attack", ATTACKS,
        .type = STORE_TEXT, .text = attack_spec},
    {"evaluation_state", "1", "how the evaluation ended, as `state` of trials; incomplete: some "
        "of its parts have no result yet, and none failed", EVALUATIONS,
        .type = STORE_TEXT, .text = state},
    {"evaluation_cause", "1", "why it ended so; empty if done", EVALUATIONS,
        .type = STORE_TEXT, .text = cause},
    {"evaluation_message", "1", "the last that it said on its standard error", EVALUATIONS,
        .type = STORE_TEXT, .text = message},
    {"evaluation_attempts", "1", "number of the attempt that counts, from 1; 0: none, it "
        "does not fit in memory", EVALUATIONS,
        .type = STORE_U64, .number = attempts},
    {"evaluation_host", "1", "where it ran", EVALUATIONS, .type = STORE_TEXT, .text = host},
    {"evaluation_program_version", "1",
        "version of the spikesweep that attacked; empty if not known", EVALUATIONS,
        .type = STORE_TEXT, .text = version},
    {"evaluation_git_revision", "1", "revision of that program's source", EVALUATIONS,
        .type = STORE_TEXT, .text = revision},
    {"evaluation_engine", "1", "instruction set that its code ran on, then BLIS and its kernels",
        EVALUATIONS, .type = STORE_TEXT, .text = engine},
    {"evaluation_means", "1",
        "threads of its process, and whether it recomputed; no result depends on it", EVALUATIONS,
        .type = STORE_TEXT, .text = means},
    {"evaluation_origin", "1",
        "folder of another sweep that the result was taken over from; empty: none", EVALUATIONS,
        .type = STORE_TEXT, .text = origin},
    {"evaluation_started", "seconds since 1970-01-01 00:00:00", "when it started (UTC)",
        EVALUATIONS, .type = STORE_F64, .number = started},
    {"evaluation_wall_time", "s", "duration of the evaluation", EVALUATIONS,
        .type = STORE_F64, .number = wall_time},
    {"evaluation_cpu_time", "s", "processor time of the evaluation", EVALUATIONS,
        .type = STORE_F64, .number = cpu_time},
    {"evaluation_peak_memory", "byte", "largest resident set of the evaluation", EVALUATIONS,
        .type = STORE_U64, .number = peak_memory},
    {"evaluation_parts", "1", "tasks that it was computed in: of several, times are sums, peak "
        "memory and attempts the largest, the start the first, texts all that differ", EVALUATIONS,
        .type = STORE_U64, .number = n_parts},
    {"n_samples", "1", "samples attacked: the first of the test split", EVALUATIONS,
        .type = STORE_U64, .number = n_samples},
    {store_name_clean_correct, "1", "1 if the clean sample is classified correctly, else 0",
        COMPUTED, .type = STORE_U8, .rank = 2,
        .dimension = {STORE_TRIAL, STORE_SAMPLE}},
    {store_name_correct, "1", "1 if the attacked sample is classified correctly, else 0; the "
        "worst case over attacks is the mean over samples of the minimum over attacks",
        COMPUTED, .type = STORE_U8, .rank = 4,
        .dimension = {STORE_TRIAL, STORE_ATTACK, STORE_EPSILON, STORE_SAMPLE}},
    {store_name_worst, "1", "accuracy if a sample counts as correct only where it withstands all "
        "attacks of this one's norm and epsilon on the trial",
        COMPUTED, .type = STORE_F64, OVER_CURVE},
    {store_name_n_surrogates, "1", "attacks on the trial that differ from this one in nothing but "
        "surrogate and rule of the way back, itself included: what the next two are over",
        COMPUTED, .type = STORE_U64, OVER_CURVE},
    {store_name_surrogate_worst, "1", "accuracy if a sample counts as correct only where it "
        "withstands the attack by all of these ways: mean over samples of the minimum",
        COMPUTED, .type = STORE_F64, OVER_CURVE},
    {store_name_surrogate_spread, "1", "largest minus smallest robust_accuracy over these ways",
        COMPUTED, .type = STORE_F64, OVER_CURVE},
    {store_name_verdict, "1", "verdict of each check of the attack's result",
        COMPUTED, .type = STORE_U8, .rank = 3,
        .dimension = {STORE_TRIAL, STORE_ATTACK, STORE_CHECK},
        .flags = "pass warn fail not_applicable"},
    {store_name_figure, "1", "what the check found, see `check_meaning`; 0 is flawless",
        COMPUTED, .type = STORE_F64, .rank = 3,
        .dimension = {STORE_TRIAL, STORE_ATTACK, STORE_CHECK}},
    {"check_rule", "1", "what must hold", CHECKS, .type = STORE_TEXT, .text = check_rule},
    {"check_meaning", "1", "what the check's figure counts", CHECKS,
        .type = STORE_TEXT, .text = check_figure},
    {"check_unit", "1", "unit of the check's figure", CHECKS,
        .type = STORE_TEXT, .text = check_unit},
    {"check_warn_above", "1", "a larger figure is a warning", CHECKS,
        .type = STORE_F64, .number = check_warn_above, .whole = true},
    {"check_fail_above", "1", "a larger figure is a failure", CHECKS,
        .type = STORE_F64, .number = check_fail_above, .whole = true},
};

const size_t store_n_columns = KIND_COUNT(store_columns);
