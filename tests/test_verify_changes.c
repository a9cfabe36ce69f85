/* Every value of a result file that is changed is noticed, though its checksum
 * fits. */
#include "tests/verify_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static const struct change changes[] = {
    {"trials/clean_accuracy", 0, 1.5, "ranges"},
    {"trials/clean_accuracy", 0, NAN, "accuracies"},
    {"trials/clean_loss", 0, 0.25, "digest"},
    {"trials/wall_time", 0, 99, "agreement"},
    {"trials/cpu_time", 0, -1, "ranges"},
    {"trials/seed", 1, 7, "identity"},
    {"membrane/seed", 1, 7, "identity"},
    {"trials/regularizer_weight", 2, NAN, "identity"},
    {"training/train_loss", 0, NAN, "digest"},
    {"training/epoch_time", 3, 9, "agreement"},
    {"membrane/membrane_count", 40, 12345, "histograms"},
    {"membrane/membrane_count", 40, NAN, "digest"},
    {"membrane/membrane_omega", 2, 1.1, "ranges"},
    {"robustness/epsilon", 1, NAN, "order"},
    {"robustness/epsilon", 2, 0.02, "digest"},
    {"robustness/robust_accuracy", 1, NAN, "accuracies"},
    {"robustness/robust_accuracy", 1, NAN, "digest"},
    {"robustness/robust_prediction", 30, NAN, "digest"},
    {"robustness/robust_prediction", 30, NAN, "agreement"},
    {"robustness/robust_correct", 200, NAN, "flags"},
    {"robustness/clean_correct", 0, NAN, "flags"},
    {"robustness/worst_case", 5, 0.99, "worst case"},
    {"robustness/worst_case", 4, NAN, "agreement"},
    {"robustness/check_verdict", 2, NAN, "verdicts"},
    {"robustness/check_figure", 2, 0.5, "verdicts"},
    {"robustness/n_forward", 0, 9, "digest"},
    {"robustness/evaluation_started", 0, 5, "agreement"},
    {"robustness/attack_n_steps", 1, 8, "identity"},
};

static void every_changed_number_is_noticed(void **state)
{
    (void)state;
    struct results_stage stage = verify_stage_open(&verify_rough);
    struct bytes bytes = scratch_read(stage.path);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        verify_stage_restore(&stage, &bytes);
        verify_stage_set(&stage, &changes[i]);
        struct verify verify = verify_stage_look_for(&stage, changes[i].line);
        verify_stage_fails(&verify, changes[i].line, "");
        assert_int_equal(verify_stage_find(&verify, "checksums")->verdict,
                         VERIFY_HOLDS);
    }
    bytes_free(&bytes);
    verify_stage_close(&stage);
}

static void write_text(const struct results_stage *stage, const char *name,
                       size_t at, const char *text)
{
    hid_t file = results_stage_change(stage), type = hdf5_text_type();
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    hsize_t start = at, one = 1;
    hid_t space = H5Dget_space(set), memory = H5Screate_simple(1, &one, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &one, NULL);
    assert_true(H5Dwrite(set, type, memory, space, H5P_DEFAULT, &text) >= 0);
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(set);
    H5Tclose(type);
    H5Fclose(file);
}

static void every_changed_text_is_noticed(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *line;
    } texts[] = {
        {"trials/host", "elsewhere", "agreement"},
        {"trials/trial", "0123456789abcdef0123456789abcdef", "identity"},
        {"robustness/trial", "0123456789abcdef0123456789abcdef", "identity"},
        {"trials/regularizer", "weight_decay", "identity"},
        {"trials/model_digest", "0123456789abcdef0123456789abcdef", "digest"},
        {"trials/state", "diverged", "digest"},
        {"robustness/attack", "gaussian", "order"},
    };
    struct results_stage stage = verify_stage_open(&verify_sound);
    struct bytes bytes = scratch_read(stage.path);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        verify_stage_restore(&stage, &bytes);
        write_text(&stage, texts[i].name, 0, texts[i].text);
        struct verify verify = verify_stage_look_for(&stage, texts[i].line);
        verify_stage_fails(&verify, texts[i].line, "");
    }
    bytes_free(&bytes);
    verify_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_changed_number_is_noticed),
        cmocka_unit_test(every_changed_text_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
