#include "tests/fake_play.h"
#include "tests/read_experiment.h"

#include <string.h>

static void read_play(struct play *play, size_t n_cells, size_t n_attacks)
{
    struct arena *arena = &play->arena;
    const char *text = arena_print(arena, "seeds = %zu;\n", n_cells);
    if (n_attacks)
        text = arena_print(arena, "%sattacks = (", text);
    for (size_t k = 0; k < n_attacks; k++)
        text = arena_print(
            arena, "%s { kind = \"pgd\"; n_steps = %zu; }%s", text, k + 1,
            k + 1 < n_attacks ? "," : ");");
    play->experiment = read_experiment_text(arena, text);
    play->cells = space_enumerate(&play->experiment, arena);
}

void play_open(struct play *play, size_t n_cells, size_t n_attacks)
{
    *play = (struct play){.arena = arena_open()};
    struct arena *arena = &play->arena;
    struct ledger ledger;
    read_play(play, n_cells, n_attacks);
    ledger_open(&play->experiment, &play->cells, 1, arena, &ledger);
    play->n_tasks = ledger.n_tasks;
    MUST(play->n_tasks == n_cells * (n_attacks + 1));
    play->digests = ARENA_ARRAY(arena, struct digest, play->n_tasks);
    play->specs = ARENA_ARRAY(arena, const char *, play->n_tasks);
    for (size_t i = 0; i < play->n_tasks; i++) {
        struct spec spec = ledger_spec(&ledger, &ledger.tasks[i], arena);
        play->digests[i] = ledger.tasks[i].digest;
        play->specs[i] = spec_print(&spec, true, arena);
    }
}

void play_close(struct play *play)
{
    arena_close(&play->arena);
}

size_t play_find(const struct play *play, const char *spec)
{
    size_t i = 0;
    while (i < play->n_tasks && strcmp(play->specs[i], spec) != 0)
        i++;
    MUST(i < play->n_tasks);
    return i;
}

struct outcome play_outcome(const struct play *play, size_t task,
                            enum outcome_state state, uint64_t attempt)
{
    return (struct outcome){.task = play->digests[task],
                            .cell = play->digests[task],
                            .spec = play->specs[task],
                            .state = state,
                            .attempt = attempt,
                            .cause = "fate",
                            .message = "as told\nand more",
                            .host = "host"};
}

/* fates --------------------------------------------------------------- */

struct fate fate_draw(struct chance *chance, double most_s)
{
    struct fate fate = {.least_s = chance_between(chance, 0, most_s),
                        .diverges = chance_is(chance, 0.1),
                        .times_out = chance_is(chance, 0.3)};
    fate.most_s = fate.least_s * 1.5;
    if (chance_is(chance, 0.2))
        fate.n_failing = 1 + chance_below(chance, 4);
    if (chance_is(chance, 0.05))
        fate.n_failing = UINT64_MAX;
    return fate;
}

enum outcome_state fate_end(const struct fate *fate, uint64_t attempt)
{
    if (attempt <= fate->n_failing)
        return fate->times_out ? OUTCOME_TIMED_OUT : OUTCOME_FAILED;
    return fate->diverges ? OUTCOME_DIVERGED : OUTCOME_DONE;
}
