/* A result file is whole or is said not to be, by the line that must notice. */
#include "tests/verify_stage.h"
#include "tests/store_stage.h"
#include "tests/test.h"

#include <string.h>
#include <unistd.h>

static void whole_sweeps_hold(void **state)
{
    (void)state;
    const struct fake_sweep *sweeps[] = {&verify_sound, &verify_rough};
    for (size_t i = 0; i < 2; i++) {
        struct results_stage stage = verify_stage_open(sweeps[i]);
        verify_stage_holds(&stage, VERIFY_STAGE_LINES);
        verify_stage_close(&stage);
    }
}

/* damage -------------------------------------------------------------- */

static void a_cut_file_is_no_file(void **state)
{
    (void)state;
    struct results_stage stage = verify_stage_open(&verify_sound);
    struct bytes bytes = scratch_read(stage.path);
    for (size_t i = 0; i < 40; i++) {
        size_t n = i < 20 ? i * bytes.n / 20 : bytes.n - (i - 19);
        scratch_write(stage.path, bytes.at, n);
        struct verify verify = verify_stage_look_at_file(&stage);
        verify_stage_fails(&verify, "file", "cannot read it as an HDF5 file");
    }
    bytes_free(&bytes);
    unlink(stage.path);
    verify_stage_close(&stage);
}

static void every_changed_bit_of_a_chunk_fails_its_checksum(void **state)
{
    (void)state;
    static const char *const names[] = {
        "trials/clean_accuracy", "training/train_loss",
        "robustness/robust_prediction", "membrane/membrane_count",
        "robustness/sample_forward"};
    struct results_stage stage = verify_stage_open(&verify_sound);
    struct bytes bytes = scratch_read(stage.path);
    for (size_t i = 0; i < 5; i++) {
        size_t at = results_stage_find_chunk(&stage, names[i]) + 3;
        bytes.at[at] ^= (unsigned char)(1u << i);
        verify_stage_restore(&stage, &bytes);
        bytes.at[at] ^= (unsigned char)(1u << i);
        struct verify verify = verify_stage_look_at_file(&stage);
        verify_stage_fails(&verify, "checksums", names[i]);
        verify_stage_restore(&stage, &bytes);
    }
    bytes_free(&bytes);
    verify_stage_close(&stage);
}

/* structure ----------------------------------------------------------- */

/* Its scales would dangle if it were deleted outright. */
static void remove_variable(const struct results_stage *stage,
                            const char *name, const char *to)
{
    hid_t file = results_stage_change(stage);
    assert_true(H5Lmove(file, name, file, to, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
}

static void remove_attribute(const struct results_stage *stage,
                             const char *object, const char *name)
{
    hid_t file = results_stage_change(stage);
    assert_true(H5Adelete_by_name(file, object, name, H5P_DEFAULT) >= 0);
    H5Fclose(file);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    struct results_stage stage = verify_stage_open(&verify_sound);
    struct bytes bytes = scratch_read(stage.path);
    remove_variable(&stage, "robustness/loss_change", "gone");
    struct verify verify = verify_stage_look_at_file(&stage);
    verify_stage_fails(&verify, "structure", "robustness/loss_change");
    verify_stage_restore(&stage, &bytes);
    remove_variable(&stage, "trials/clean_accuracy", "gone");
    verify = verify_stage_look_at_file(&stage);
    verify_stage_fails(&verify, "rows", "trials/clean_accuracy");
    verify_stage_restore(&stage, &bytes);
    remove_attribute(&stage, "membrane/membrane_mean", "units");
    verify = verify_stage_look_at_file(&stage);
    verify_stage_fails(&verify, "structure", "membrane_mean lacks attributes");
    verify_stage_restore(&stage, &bytes);
    remove_attribute(&stage, "membrane/membrane_mean", "DIMENSION_LIST");
    verify = verify_stage_look_at_file(&stage);
    verify_stage_fails(&verify, "structure",
                       "membrane_mean lacks its dimensions");
    verify_stage_restore(&stage, &bytes);
    remove_attribute(&stage, ".", "results_digest");
    verify = verify_stage_look_at_file(&stage);
    verify_stage_fails(&verify, "root", "results_digest is missing");
    bytes_free(&bytes);
    verify_stage_close(&stage);
}

static void another_schema_is_named(void **state)
{
    (void)state;
    struct results_stage stage = verify_stage_open(&verify_sound);
    remove_attribute(&stage, ".", "schema_version");
    hid_t file = results_stage_change(&stage);
    uint64_t version = 99;
    assert_true(hdf5_put_number(file, "schema_version", H5T_NATIVE_UINT64,
                                &version) >= 0);
    H5Fclose(file);
    struct verify verify = verify_stage_look_at_file(&stage);
    verify_stage_fails(&verify, "root", "schema version 99");
    verify_stage_close(&stage);
}

/* Files of earlier programs have neither all variables nor all attributes. */
static void an_older_file_holds(void **state)
{
    (void)state;
    static const char *const later[] = {
        "robustness/worst_case", "robustness/n_surrogates",
        "robustness/surrogate_worst_case", "robustness/surrogate_spread",
        "trials/means"};
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct results_stage stage = verify_stage_open(&verify_sound);
    for (size_t i = 0; i < 5; i++)
        remove_variable(&stage, later[i], names[i]);
    remove_attribute(&stage, ".", "builds");
    remove_attribute(&stage, ".", "git_revision");
    hid_t file = results_stage_change(&stage);
    assert_true(hdf5_put_text(file, "git_revision", "0ld") >= 0);
    H5Fclose(file);
    verify_stage_holds(&stage, VERIFY_STAGE_LINES);
    struct verify verify = verify_stage_look(&stage);
    assert_non_null(strstr(verify_stage_find(&verify, "structure")->figure,
                           "5 that another program's file has not"));
    assert_non_null(
        strstr(verify_stage_find(&verify, "root")->figure, "17 of 18"));
    struct change change = {"trials/clean_loss", 0, 0.25, "digest"};
    verify_stage_set(&stage, &change);
    verify = verify_stage_look(&stage);
    verify_stage_fails(&verify, "digest", "");
    verify_stage_fails(&verify, "agreement", "trials/clean_loss");
    verify_stage_close(&stage);
}

/* folders ------------------------------------------------------------- */

static void damaged_segments_are_named(void **state)
{
    (void)state;
    struct results_stage stage = verify_stage_open(&verify_sound);
    const char *path =
        scratch_path(&stage.scratch, "segments/00000000-00000001.seg");
    struct bytes bytes = scratch_read(path);
    bytes.at[bytes.n / 2] ^= 4;
    scratch_write(path, bytes.at, bytes.n);
    struct verify verify = verify_stage_look(&stage);
    verify_stage_fails(&verify, "segments", "00000000-00000001.seg");
    assert_int_equal(verify_stage_find(&verify, "agreement")->verdict,
                     VERIFY_OPEN);
    bytes.at[bytes.n / 2] ^= 4;
    scratch_write(path, bytes.at, bytes.n);
    bytes_free(&bytes);
    verify_stage_close(&stage);
}

static void a_file_behind_its_segments_is_not_compared(void **state)
{
    (void)state;
    struct results_stage stage = verify_stage_open(&verify_sound);
    store_stage_add(&stage, &verify_sound, 0, OUTCOME_DONE, 2);
    struct verify verify = verify_stage_look(&stage);
    assert_int_equal(verify.n_failed, 0);
    assert_int_equal(verify_stage_find(&verify, "agreement")->verdict,
                     VERIFY_OPEN);
    verify_stage_close(&stage);
}

static void what_cannot_be_looked_at_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct verify verify = {.arena = &arena};
    assert_int_equal(verify_file("/nowhere/sweep.h5", &verify),
                     STATUS_NOT_FOUND);
    assert_int_equal(verify.n, 0);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_sweeps_hold),
        cmocka_unit_test(a_cut_file_is_no_file),
        cmocka_unit_test(every_changed_bit_of_a_chunk_fails_its_checksum),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(another_schema_is_named),
        cmocka_unit_test(an_older_file_holds),
        cmocka_unit_test(damaged_segments_are_named),
        cmocka_unit_test(a_file_behind_its_segments_is_not_compared),
        cmocka_unit_test(what_cannot_be_looked_at_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
