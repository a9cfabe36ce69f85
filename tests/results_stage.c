#include "tests/results_stage.h"
#include "io/store.h"
#include "tests/fake_record.h"
#include "tests/test.h"

#include <string.h>

void results_stage_read(struct results_stage *stage)
{
    enum status status =
        results_open(stage->scratch.folder, &stage->arena, &stage->results);
    if (status != STATUS_OK)
        fail_msg("%s", status_reason());
}

const char *results_stage_rebuild(struct results_stage *stage)
{
    const char *note = "";
    if (store_rebuild(stage->scratch.folder, "MPI 4.1\n", &stage->arena,
                      &note) != STATUS_OK)
        fail_msg("%s", status_reason());
    assert_int_equal(scratch_count(stage->scratch.folder, ".tmp"), 0);
    return note;
}

struct results_stage results_stage_open(const struct fake_sweep *sweep)
{
    struct results_stage stage = {.scratch = scratch_make(),
                                  .arena = arena_open()};
    stage.path = scratch_path(&stage.scratch, "sweep.h5");
    fake_sweep_write(stage.scratch.folder, sweep);
    results_stage_rebuild(&stage);
    results_stage_read(&stage);
    return stage;
}

void results_stage_close(struct results_stage *stage)
{
    results_close(&stage->results);
    arena_close(&stage->arena);
    scratch_remove(&stage->scratch);
}

const char *results_stage_attribute(struct results_stage *stage,
                                    const char *name)
{
    const char *text = NULL;
    assert_int_equal(
        results_attribute(&stage->results, name, &stage->arena, &text),
        STATUS_OK);
    return text;
}

size_t results_stage_find_trial(const struct results *results,
                         const struct spec *spec)
{
    char id[DIGEST_TEXT_SIZE];
    struct spec cell = spec_without_attack(*spec);
    digest_print(spec_digest(&cell), id);
    for (size_t i = 0; i < results->n_trials; i++)
        if (!strcmp(results->trials[i].id, id))
            return i;
    fail_msg("no trial %s", id);
    return 0;
}

/* The place in the results of attack k of a fake sweep. */
size_t results_stage_find_attack(const struct results *results, size_t k)
{
    for (size_t i = 0; i < results->n_attacks; i++) {
        const struct settings *settings = &results->attacks[i].settings;
        const char *steps = settings_get(settings, "attack.n_steps");
        const struct fake_attack *fake = &fake_attacks[k];
        if (!strcmp(settings_get(settings, "attack"), fake->kind) &&
            (!fake->steps || !strcmp(steps, fake->steps)))
            return i;
    }
    fail_msg("no attack %zu", k);
    return 0;
}
