/* The index in order: of outcomes the one that counts, attacks, trials. */
#include "core/text_pool.h"
#include "io/attack_names.h"
#include "io/store_index.h"

#include <stdlib.h>
#include <string.h>

static bool is_final(enum outcome_state state)
{
    return state == OUTCOME_DONE || state == OUTCOME_DIVERGED;
}

bool store_supersedes(enum outcome_state a, enum outcome_state b)
{
    return is_final(b) || !is_final(a);
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_task(const void *a, const void *b)
{
    const struct store_task *x = a, *y = b;
    int order = digest_compare(x->task, y->task);
    if (order == 0)
        order = span_compare(x->span, y->span);
    if (order == 0)
        order = compare_sizes(x->span.total, y->span.total);
    return order ? order : compare_sizes(x->ordinal, y->ordinal);
}

static bool is_same_task(const struct store_task *a,
                         const struct store_task *b)
{
    return digest_equal(a->task, b->task) && span_equal(a->span, b->span);
}

void store_index_settle(struct store_index *index, struct store_task *tasks)
{
    size_t n = 0, n_tasks = index->n_tasks;
    if (n_tasks)
        qsort(tasks, n_tasks, sizeof *tasks, by_task);
    for (size_t i = 0; i < n_tasks; i++) {
        struct store_task *last = n ? &tasks[n - 1] : NULL;
        if (!last || !is_same_task(last, &tasks[i]))
            tasks[n++] = tasks[i];
        else if (store_supersedes(last->state, tasks[i].state))
            *last = tasks[i];
    }
    index->n_tasks = n;
}

/* attacks ------------------------------------------------------------- */

static int by_attack(const void *a, const void *b)
{
    const struct store_attack *x = a, *y = b;
    return settings_compare(&x->settings, &y->settings);
}

static size_t find_attack(size_t n, const struct store_attack *attacks,
                          const char *spec)
{
    size_t i = 0;
    while (i < n && strcmp(attacks[i].spec, spec) != 0)
        i++;
    return i;
}

static void name_attacks(size_t n, struct store_attack *attacks,
                         struct arena *arena)
{
    struct settings *settings = ARENA_ARRAY(arena, struct settings, n + 1);
    for (size_t i = 0; i < n; i++)
        settings[i] = attacks[i].settings;
    const char **names = attack_names_make(n, settings, arena);
    for (size_t i = 0; i < n; i++)
        attacks[i].name = names[i];
}

struct attack_list {
    size_t n, capacity;
    struct store_attack *at;
};

static void add_attack(struct attack_list *list, const char *spec,
                       struct arena *arena)
{
    if (find_attack(list->n, list->at, spec) < list->n)
        return;
    if (list->n == list->capacity) {
        struct store_attack *old = list->at;
        list->capacity = 2 * list->capacity + 16;
        list->at = ARENA_ARRAY(arena, struct store_attack, list->capacity);
        if (list->n)
            memcpy(list->at, old, list->n * sizeof *old);
    }
    list->at[list->n++] = (struct store_attack){
        .spec = spec, .settings = settings_parse(spec, arena)};
}

static void list_attacks(struct store_index *index, struct store_task *tasks,
                         struct arena *arena)
{
    struct attack_list list = {0};
    for (size_t i = 0; i < index->n_tasks; i++)
        if (tasks[i].attack_spec)
            add_attack(&list, tasks[i].attack_spec, arena);
    if (list.n)
        qsort(list.at, list.n, sizeof *list.at, by_attack);
    name_attacks(list.n, list.at, arena);
    for (size_t i = 0; i < index->n_tasks; i++)
        if (tasks[i].attack_spec)
            tasks[i].attack =
                find_attack(list.n, list.at, tasks[i].attack_spec);
    index->attacks = list.at;
    index->n_attacks = list.n;
}

/* trials -------------------------------------------------------------- */

/* Tasks of one cell side by side, the training first. */
static int by_cell(const void *a, const void *b)
{
    const struct store_task *const *x = a, *const *y = b;
    int order = digest_compare((*x)->cell, (*y)->cell);
    return order ? order
                 : compare_sizes((*x)->attack_spec != NULL,
                                 (*y)->attack_spec != NULL);
}

static int by_settings(const void *a, const void *b)
{
    const struct store_trial *x = a, *y = b;
    int order = settings_compare(&x->settings, &y->settings);
    return order ? order : digest_compare(x->cell, y->cell);
}

/* Those of the trial's parameters that its identity has; both lists are in the
 * order of the canonical text. */
static struct settings identity_of(const struct settings *parameters,
                                   const char *spec, struct arena *arena)
{
    struct arena scratch = arena_open();
    struct settings identity = settings_parse(spec, &scratch);
    struct setting *at = ARENA_ARRAY(arena, struct setting, parameters->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < parameters->n; i++)
        if (n < identity.n &&
            !strcmp(parameters->at[i].key, identity.at[n].key))
            at[n++] = parameters->at[i];
    arena_close(&scratch);
    return (struct settings){n, at};
}

/* Keys and values that trials share are there once. */
static struct settings parse_shared(const char *text, struct text_pool *texts)
{
    struct arena scratch = arena_open();
    struct settings parsed = settings_parse(text, &scratch);
    struct setting *at = ARENA_ARRAY(texts->arena, struct setting, parsed.n);
    for (size_t i = 0; i < parsed.n; i++)
        at[i] = (struct setting){text_pool_keep(texts, parsed.at[i].key),
                                 text_pool_keep(texts, parsed.at[i].value)};
    arena_close(&scratch);
    return (struct settings){parsed.n, at};
}

static struct store_trial open_trial(const struct store_index *index,
                                     const struct store_task *task,
                                     struct text_pool *texts)
{
    char text[DIGEST_TEXT_SIZE];
    struct arena *arena = texts->arena;
    struct settings parameters = parse_shared(task->full_spec, texts);
    return (struct store_trial){
        .cell = task->cell,
        .id = arena_copy_text(arena, digest_print(task->cell, text)),
        .spec = task->spec,
        .settings = identity_of(&parameters, task->spec, arena),
        .parameters = parameters,
        .evaluations = ARENA_ARRAY(arena, const struct store_task *,
                                   index->n_attacks + 1),
    };
}

static const struct store_task **sort_by_cell(const struct store_index *index,
                                              struct arena *arena)
{
    const struct store_task **tasks =
        ARENA_ARRAY(arena, const struct store_task *, index->n_tasks + 1);
    for (size_t i = 0; i < index->n_tasks; i++)
        tasks[i] = &index->tasks[i];
    qsort(tasks, index->n_tasks, sizeof *tasks, by_cell);
    return tasks;
}

static bool is_another(const struct store_task *const *tasks, size_t i)
{
    return i == 0 || !digest_equal(tasks[i]->cell, tasks[i - 1]->cell);
}

static struct store_trial *list_trials(struct store_index *index,
                                       struct arena *arena)
{
    size_t n = 0, n_all = 0;
    struct arena scratch = arena_open();
    struct text_pool texts = {.arena = arena};
    const struct store_task **tasks = sort_by_cell(index, &scratch);
    for (size_t i = 0; i < index->n_tasks; i++)
        n_all += is_another(tasks, i);
    struct store_trial *trials =
        ARENA_ARRAY(arena, struct store_trial, n_all);
    for (size_t i = 0; i < index->n_tasks; i++) {
        if (is_another(tasks, i))
            trials[n++] = open_trial(index, tasks[i], &texts);
        if (tasks[i]->attack_spec)
            trials[n - 1].evaluations[tasks[i]->attack] = tasks[i];
        else
            trials[n - 1].train = tasks[i];
    }
    text_pool_close(&texts);
    arena_close(&scratch);
    qsort(trials, n, sizeof *trials, by_settings);
    index->trials = trials;
    index->n_trials = n;
    return trials;
}

static void label_trials(size_t n, struct store_trial *trials,
                         struct arena *arena)
{
    struct settings *settings = ARENA_ARRAY(arena, struct settings, n + 1);
    for (size_t i = 0; i < n; i++)
        settings[i] = trials[i].settings;
    struct variation variation = settings_vary(n, settings, arena);
    for (size_t i = 0; i < n; i++) {
        const char *label = variation_label(&variation, &settings[i], arena);
        trials[i].label = *label ? label : trials[i].id;
    }
}

/* all of it ----------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

size_t store_index_epsilon(const struct store_index *index, double epsilon)
{
    const double *at = bsearch(&epsilon, index->epsilons, index->n_epsilons,
                               sizeof epsilon, by_value);
    MUST(at != NULL);
    return (size_t)(at - index->epsilons);
}

static void number_trials(const struct store_index *index,
                          struct store_task *tasks)
{
    for (size_t i = 0; i < index->n_trials; i++) {
        const struct store_trial *trial = &index->trials[i];
        if (trial->train)
            tasks[trial->train - tasks].trial = i;
        for (size_t k = 0; k < index->n_attacks; k++)
            if (trial->evaluations[k])
                tasks[trial->evaluations[k] - tasks].trial = i;
    }
}

static void measure(struct store_index *index, struct arena *arena)
{
    index->builds = "";
    for (size_t i = 0; i < index->n_tasks; i++) {
        const struct store_task *task = &index->tasks[i];
        for (size_t d = 0; d < RECORD_N_DIMENSIONS; d++)
            if (task->extent[d] > index->extent[d])
                index->extent[d] = task->extent[d];
        if (!is_final(task->state) || !task->has_record)
            continue;
        index->results = digest_add(index->results, task->result);
        for (size_t k = 0; k < task->n_parts; k++)
            index->builds = store_index_add_line(
                index->builds, task->parts[k].build, arena);
        if (task->n_parts == 0)
            index->builds =
                store_index_add_line(index->builds, task->build, arena);
    }
    index->extent[DIM_EPSILON] = index->n_epsilons;
}

void store_index_order(struct store_index *index, struct store_task *tasks,
                       double *epsilons, struct arena *arena)
{
    index->tasks = tasks;
    if (index->n_epsilons)
        qsort(epsilons, index->n_epsilons, sizeof *epsilons, by_value);
    index->epsilons = epsilons;
    list_attacks(index, tasks, arena);
    struct store_trial *trials = list_trials(index, arena);
    label_trials(index->n_trials, trials, arena);
    number_trials(index, tasks);
    measure(index, arena);
}
