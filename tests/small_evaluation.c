#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/test.h"

enum status evaluate(const struct small_trial *trial, const char *text,
                     const char *attack, struct evaluation *evaluation)
{
    *evaluation = (struct evaluation){.arena = arena_open()};
    struct arena *arena = &evaluation->arena;
    struct trial_hooks hooks = small_hooks(&evaluation->watch);
    evaluation->spec =
        small_spec(arena_print(arena, "%sattack = %s", text, attack), arena);
    size_t before = arena->n_bytes;
    enum status status =
        trial_evaluate(&evaluation->spec, &trial->data, &trial->weights,
                       &hooks, arena, &evaluation->record);
    evaluation->n_bytes = arena->n_bytes - before;
    return status;
}

void evaluate_well(const struct small_trial *trial, const char *text,
                   const char *attack, struct evaluation *evaluation)
{
    assert_int_equal(evaluate(trial, text, attack, evaluation), STATUS_OK);
}
