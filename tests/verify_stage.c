#include "tests/verify_stage.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct fake_sweep verify_rough = {.n_seeds = 1,
                                        .n_test = 60,
                                        .n_attacked = 40,
                                        .n_epochs = 2,
                                        .n_hidden = 2,
                                        .fails = true,
                                        .unsound = true};

const struct fake_sweep verify_sound = {.n_seeds = 1,
                                        .n_test = 60,
                                        .n_epochs = 2,
                                        .n_hidden = 2};

/* The lines of a stage's file, in its arena; and of its folder. */
struct verify verify_stage_look_at_file(struct results_stage *stage)
{
    struct verify verify = {.arena = &stage->arena};
    assert_int_equal(verify_file(stage->path, &verify), STATUS_OK);
    return verify;
}

struct verify verify_stage_look(struct results_stage *stage)
{
    struct verify verify = verify_stage_look_at_file(stage);
    assert_int_equal(verify_folder(stage->scratch.folder, &verify),
                     STATUS_OK);
    return verify;
}

/* Only the folder's lines need the segments. */
struct verify verify_stage_look_for(struct results_stage *stage,
                                    const char *line)
{
    return strcmp(line, "agreement") ? verify_stage_look_at_file(stage)
                                     : verify_stage_look(stage);
}

const struct verify_line *verify_stage_find(const struct verify *verify,
                                      const char *name)
{
    for (size_t i = 0; i < verify->n; i++)
        if (!strcmp(verify->lines[i].name, name))
            return &verify->lines[i];
    return NULL;
}

static void print(const struct verify *verify)
{
    static const char *const words[] = {"ok", "FAILED", "open"};
    for (size_t i = 0; i < verify->n; i++)
        print_message("%s %s %s\n", verify->lines[i].name,
                      words[verify->lines[i].verdict],
                      verify->lines[i].figure);
}

void verify_stage_fails(const struct verify *verify, const char *name,
                         const char *part)
{
    const struct verify_line *line = verify_stage_find(verify, name);
    if (line && line->verdict == VERIFY_FAILS && strstr(line->figure, part))
        return;
    print(verify);
    fail_msg("line '%s' does not fail with '%s'", name, part);
}

void verify_stage_holds(struct results_stage *stage, size_t n_lines)
{
    struct verify verify = verify_stage_look(stage);
    if (verify.n_failed || verify.n_open || verify.n != n_lines)
        print(&verify);
    assert_int_equal(verify.n_failed, 0);
    assert_int_equal(verify.n_open, 0);
    assert_int_equal(verify.n, n_lines);
}

struct results_stage verify_stage_open(const struct fake_sweep *sweep)
{
    struct results_stage stage = results_stage_open(sweep);
    results_close(&stage.results);
    return stage;
}

void verify_stage_close(struct results_stage *stage)
{
    results_stage_rebuild(stage);
    results_stage_read(stage);
    results_stage_close(stage);
}

/* The file as it was, after the bytes were read of it. */
void verify_stage_restore(struct results_stage *stage,
                          const struct bytes *bytes)
{
    scratch_write(stage->path, bytes->at, bytes->n);
}

void verify_stage_set(const struct results_stage *stage,
                           const struct change *change)
{
    hid_t file = results_stage_change(stage);
    hid_t set = H5Dopen2(file, change->variable, H5P_DEFAULT);
    assert_true(set >= 0);
    hid_t space = H5Dget_space(set);
    size_t n = (size_t)H5Sget_simple_extent_npoints(space), other = change->at;
    double *values = calloc(n, sizeof *values);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                        values) >= 0);
    double old = values[change->at];
    values[change->at] = change->value;
    while (isnan(change->value) &&
           (values[other] == old || other == change->at))
        assert_true(++other < n);
    if (isnan(change->value)) {
        values[change->at] = values[other];
        values[other] = old;
    }
    if (values[change->at] == old)
        fail_msg("%s is %g anyway", change->variable, old);
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                         H5P_DEFAULT, values) >= 0);
    free(values);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
}
