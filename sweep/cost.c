#include "sweep/cost.h"
#include "core/trial.h"

#include <stdlib.h>
#include <string.h>

static const char *print_row(const struct choice *choice, const char *name,
                             struct arena *arena)
{
    const struct row *row = kind_find_row(choice->kind, name);
    return row ? row_print(row, choice->params, arena) : NULL;
}

/* A number that the kind has under this name. */
static double number_of(const struct choice *choice, const char *name,
                        double without)
{
    struct arena arena = arena_open();
    const char *text = print_row(choice, name, &arena);
    double number = text ? strtod(text, NULL) : without;
    arena_close(&arena);
    return number;
}

/* The number of values of a list, 1 if there is none. */
static double count_values(const struct choice *choice, const char *name)
{
    struct arena arena = arena_open();
    const char *text = print_row(choice, name, &arena);
    double n = 1;
    for (; text && *text; text++)
        n += *text == ',';
    arena_close(&arena);
    return n;
}

/* 0 draws, restarts or targets are one, or the kind's own number. */
static double at_least_one(double number)
{
    return number < 1 ? 1 : number;
}

double cost_count_passes(const struct choice *attack)
{
    static const char *const steps[] = {"n_steps", "n_iterations", "n_queries"};
    static const char *const times[] = {"n_draws", "n_restarts", "n_targets"};
    double n = 0;
    for (size_t i = 0; i < KIND_COUNT(steps); i++)
        n += number_of(attack, steps[i], 0);
    n = at_least_one(n);
    for (size_t i = 0; i < KIND_COUNT(times); i++)
        n *= at_least_one(number_of(attack, times[i], 1));
    return n * count_values(attack, "epsilons");
}

double cost_guess(const struct spec *spec, struct span span, size_t n_bytes,
                  size_t n_train, size_t n_test)
{
    const struct choice *training = &spec->at[SPEC_TRAINING];
    const struct choice *attack = &spec->at[SPEC_ATTACK];
    const struct choice *owner = attack->kind ? attack : training;
    double batch = at_least_one(number_of(owner, "batch_size", 1));
    double one = (double)n_bytes / batch;
    if (!attack->kind)
        return one * (double)n_train * number_of(training, "n_epochs", 1);
    size_t n =
        span_is_whole(span) ? trial_attack_samples(spec, n_test) : span.n;
    return one * (double)n * cost_count_passes(attack);
}
