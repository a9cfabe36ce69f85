#include "tests/fake_play.h"
#include "tests/read_experiment.h"

#include <string.h>

static struct experiment read_play(struct play *play, size_t n_cells,
                                   size_t n_attacks, size_t part_size)
{
    struct arena *arena = &play->arena;
    const char *text = arena_print(arena, "seeds = %zu;\n", n_cells);
    if (n_attacks)
        text = arena_print(arena, "%sattacks = (", text);
    for (size_t k = 0; k < n_attacks; k++)
        text = arena_print(
            arena,
            "%s { kind = \"pgd\"; n_steps = %zu; samples_per_task = %zu; }%s",
            text, k + 1, part_size, k + 1 < n_attacks ? "," : ");");
    return read_experiment_text(arena, text);
}

static const char **print_specs(struct play *play, const struct ledger *whole,
                                const struct experiment *experiment)
{
    const char **specs =
        ARENA_ARRAY(&play->arena, const char *, play->n_tasks);
    for (size_t i = 0; i < play->n_tasks; i++) {
        const struct task *task = &whole->tasks[i];
        const struct cell *cell = &whole->cells->at[task->cell];
        struct spec spec = task->attack == LEDGER_TRAIN
                               ? cell->spec
                               : space_evaluation(experiment, cell,
                                                  task->attack, &play->arena)
                                     .spec;
        specs[i] = spec_print(&spec, true, &play->arena);
    }
    return specs;
}

void play_open(struct play *play, size_t n_cells, size_t n_attacks)
{
    static const size_t sizes[PLAY_CUTS] = {0, 5, 3};
    *play = (struct play){.arena = arena_open()};
    struct arena *arena = &play->arena;
    struct ledger ledger;
    for (size_t i = 0; i < PLAY_CUTS; i++)
        play->cut[i] = read_play(play, n_cells, n_attacks, sizes[i]);
    play->experiment = play->cut[0];
    play->cells = space_enumerate(&play->experiment, arena);
    for (size_t i = 0; i < play->cells.n; i++)
        play->cells.at[i].n_test = PLAY_SAMPLES;
    ledger_open(&play->experiment, &play->cells, 1, arena, &ledger);
    play->n_tasks = ledger.n_tasks;
    MUST(play->n_tasks == n_cells * (n_attacks + 1));
    play->digests = ARENA_ARRAY(arena, struct digest, play->n_tasks);
    for (size_t i = 0; i < play->n_tasks; i++)
        play->digests[i] = ledger.tasks[i].digest;
    for (size_t k = 0; k < PLAY_CUTS; k++)
        play->cut_specs[k] = print_specs(play, &ledger, &play->cut[k]);
    play->specs = play->cut_specs[0];
}

void play_close(struct play *play)
{
    arena_close(&play->arena);
}

size_t play_find_digest(const struct play *play, struct digest digest)
{
    size_t i = 0;
    while (i < play->n_tasks && !digest_equal(play->digests[i], digest))
        i++;
    MUST(i < play->n_tasks);
    return i;
}

size_t play_find(const struct play *play, const char *spec)
{
    for (size_t i = 0; i < play->n_tasks; i++)
        for (size_t k = 0; k < PLAY_CUTS; k++)
            if (strcmp(play->cut_specs[k][i], spec) == 0)
                return i;
    MUST(!"the play has a task with this spec");
    return 0;
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
