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

static struct results_stage raised;

int results_stage_raise(const struct fake_sweep *sweep, struct arena **arena,
                        const struct results **results)
{
    raised = results_stage_open(sweep);
    *arena = &raised.arena;
    *results = &raised.results;
    return 0;
}

int results_stage_strike(void **state)
{
    (void)state;
    results_stage_close(&raised);
    return 0;
}

hid_t results_stage_change(const struct results_stage *stage)
{
    hid_t file = H5Fopen(stage->path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

size_t results_stage_find_chunk(const struct results_stage *stage,
                                const char *variable)
{
    hsize_t offset[4] = {0}, n = 0;
    haddr_t place = 0;
    unsigned filters = 0;
    hid_t file = results_stage_change(stage);
    hid_t dataset = H5Dopen2(file, variable, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    assert_true(H5Dget_chunk_info(dataset, space, 0, offset, &filters, &place,
                                  &n) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    return (size_t)place;
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
