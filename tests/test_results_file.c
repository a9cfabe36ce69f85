#include "io/hdf5_util.h"
#include "io/store.h"
#include "tests/results_stage.h"
#include "tests/test.h"

#include <string.h>
#include <unistd.h>

static void the_root_tells_where_results_come_from(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    static const struct {
        const char *name, *part;
    } wanted[] = {
        {"experiment", "# Made up for tests."}, {"libraries", "\nMPI 4.1\n"},
        {"libraries", "HDF5 1."},               {"hosts", "node1\n"},
        {"compiler", "gcc"},                    {"compiler_flags", "-O"},
        {"date", "Z"},                          {"keys_set", "\n"},
        {"keys_defaulted", "\n"},               {"program_version", "."},
        {"libraries", "\nRandom123 "},          {"compiler_flags", "-fno-math"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *text = NULL;
        assert_int_equal(results_attribute(&stage.results, wanted[i].name,
                                           &stage.arena, &text),
                         STATUS_OK);
        if (!strstr(text, wanted[i].part))
            fail_msg("%s: '%s'", wanted[i].name, text);
    }
    const char *text = NULL;
    assert_int_equal(
        results_attribute(&stage.results, "colour", &stage.arena, &text),
        STATUS_DAMAGED);
    assert_null(text);
    results_stage_close(&stage);
}

/* Asserts a refusal whose reason names the file and has this part. */
static void assert_refused(const char *path, enum status wanted,
                           const char *part)
{
    struct arena arena = arena_open();
    struct results results;
    enum status status = results_open(path, &arena, &results);
    if (status != wanted || !strstr(status_reason(), path) ||
        !strstr(status_reason(), part))
        fail_msg("status %d, '%s' instead of '%s'", status, status_reason(),
                 part);
    arena_close(&arena);
}

static void a_truncated_file_is_refused_wherever_it_ends(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    struct bytes bytes = scratch_read(stage.path);
    const char *cut = scratch_path(&stage.scratch, "cut.h5");
    for (size_t i = 0; i < 200; i++) {
        scratch_write(cut, bytes.at, i < 100 ? i * bytes.n / 100
                                             : bytes.n - (i - 99));
        assert_refused(cut, STATUS_DAMAGED, "cannot read it as an HDF5 file");
    }
    bytes_free(&bytes);
    results_stage_close(&stage);
}

static void a_changed_bit_fails_the_checksum(void **state)
{
    (void)state;
    static const char *const names[] = {
        "trials/clean_accuracy", "robustness/robust_accuracy",
        "robustness/check_verdict", "membrane/membrane_omega"};
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    results_close(&stage.results);
    for (size_t i = 0; i < 4; i++) {
        results_stage_rebuild(&stage);
        size_t at = results_stage_find_chunk(&stage, names[i]);
        struct bytes bytes = scratch_read(stage.path);
        bytes.at[at + 5] ^= 1;
        scratch_write(stage.path, bytes.at, bytes.n);
        bytes_free(&bytes);
        assert_refused(stage.path, STATUS_DAMAGED, names[i]);
    }
    results_stage_rebuild(&stage);
    results_stage_read(&stage);
    results_stage_close(&stage);
}

static void what_is_no_result_file_is_refused(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *path = scratch_path(&scratch, "sweep.h5");
    assert_refused(scratch_path(&scratch, "nowhere.h5"), STATUS_NOT_FOUND,
                   "No such file");
    assert_refused(path, STATUS_NOT_FOUND, "No such file");
    scratch_write(path, "accuracy,0.9\n", 13);
    assert_refused(path, STATUS_DAMAGED, "HDF5");
    hid_t file;
    unlink(path);
    assert_int_equal(hdf5_create(path, path, &file), STATUS_OK);
    assert_int_equal(hdf5_close(file, path), STATUS_OK);
    assert_refused(path, STATUS_INVALID, "not a result file of spikesweep");
    scratch_remove(&scratch);
}

static void another_schema_is_refused(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    results_close(&stage.results);
    hid_t file = results_stage_change(&stage);
    uint64_t version = STORE_SCHEMA_VERSION + 6;
    H5Adelete(file, "schema_version");
    hdf5_put_number(file, "schema_version", H5T_NATIVE_UINT64, &version);
    H5Fclose(file);
    assert_refused(stage.path, STATUS_INVALID,
                   "has schema version 7, this program reads version 1");
    results_stage_rebuild(&stage);
    results_stage_read(&stage);
    results_stage_close(&stage);
}

static void a_missing_variable_is_named(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    results_close(&stage.results);
    hid_t file = results_stage_change(&stage);
    assert_true(H5Ldelete(file, "robustness/robust_accuracy", H5P_DEFAULT) >=
                0);
    H5Fclose(file);
    assert_refused(stage.path, STATUS_DAMAGED,
                   "variable robustness/robust_accuracy is not there");
    results_stage_rebuild(&stage);
    results_stage_read(&stage);
    results_stage_close(&stage);
}

/* The variable of another one in its place. */
static void replace(const struct results_stage *stage, const char *name,
                    const char *by)
{
    hid_t file = results_stage_change(stage);
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    assert_true(H5Lmove(file, by, file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
}

static void a_variable_of_another_form_is_named(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    results_close(&stage.results);
    replace(&stage, "trials/clean_loss", "training/train_loss");
    assert_refused(stage.path, STATUS_DAMAGED,
                   "variable trials/clean_loss has another shape");
    results_stage_rebuild(&stage);
    replace(&stage, "trials/clean_loss", "trials/peak_memory");
    assert_refused(stage.path, STATUS_DAMAGED,
                   "variable trials/peak_memory is not there");
    results_stage_rebuild(&stage);
    replace(&stage, "trials/clean_loss", "trials/training_seed");
    replace(&stage, "trials/state", "trials/training_batch_size");
    assert_refused(stage.path, STATUS_DAMAGED,
                   "variable trials/state has another type");
    results_stage_rebuild(&stage);
    results_stage_read(&stage);
    results_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_tells_where_results_come_from),
        cmocka_unit_test(a_truncated_file_is_refused_wherever_it_ends),
        cmocka_unit_test(a_changed_bit_fails_the_checksum),
        cmocka_unit_test(what_is_no_result_file_is_refused),
        cmocka_unit_test(another_schema_is_refused),
        cmocka_unit_test(a_missing_variable_is_named),
        cmocka_unit_test(a_variable_of_another_form_is_named),
    };
    return cmocka_run_group_tests_name("results_file", tests, NULL, NULL);
}
