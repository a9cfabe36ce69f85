#include "tests/small_trial.h"
#include "tests/small_net.h"

static double look(void *self)
{
    struct small_watch *watch = self;
    return watch->now++;
}

static void note(void *self, size_t done, size_t total, double loss)
{
    struct small_watch *watch = self;
    if (watch->n_calls < SMALL_LOSSES_MAX)
        watch->loss[watch->n_calls] = loss;
    watch->n_calls++;
    watch->done = done;
    watch->total = total;
}

struct trial_hooks small_hooks(struct small_watch *watch)
{
    return (struct trial_hooks){watch, look, note, {0}, NULL, NULL};
}

struct data_set small_trial_data(struct arena *arena)
{
    return small_data((struct image_shape){6, 6, 1}, 3, 96, 50, 0.4, arena);
}

void small_trial_open(struct small_trial *trial, const char *text)
{
    *trial = (struct small_trial){.arena = arena_open(), .run = arena_open()};
    trial->spec = small_spec(text, &trial->arena);
    trial->data = small_trial_data(&trial->arena);
}

void small_trial_train(struct small_trial *trial, const char *text)
{
    small_trial_open(trial, text);
    struct trial_hooks hooks = small_hooks(&trial->watch);
    trial_train(&trial->spec, &trial->data, &hooks, &trial->run,
                &trial->weights, &trial->record);
}

void small_trial_close(struct small_trial *trial)
{
    arena_close(&trial->run);
    arena_close(&trial->arena);
}
