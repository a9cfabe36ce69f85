#include "io/experiment.h"
#include "tests/read_experiment.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* helpers ------------------------------------------------------------- */

static const struct values *values_at(const struct experiment *experiment,
                                      enum spec_axis axis, size_t i_variant,
                                      const char *row)
{
    const struct alternatives *alternatives =
        experiment_alternatives(experiment, axis);
    assert_true(i_variant < alternatives->n);
    const struct variant *variant = &alternatives->variants[i_variant];
    const struct row *found = kind_find_row(variant->kind, row);
    assert_non_null(found);
    return &variant->rows[found - variant->kind->rows];
}

/* Values as one text: "0.1 | 1". */
static const char *join(const struct values *values, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < values->n; i++)
        text = arena_print(arena, "%s%s%s", text, i ? " | " : "",
                           values->texts[i]);
    return text;
}

/* What `row` of an axis is read as when its section is `section`. */
static void assert_reads(enum spec_axis axis, const char *row,
                         const char *section, const char *expected)
{
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, arena_print(&arena, "%s%s = %s;\n", spec_axes[axis]->name,
                            axis == SPEC_ATTACK ? "s" : "", section));
    assert_string_equal(join(values_at(&experiment, axis, 0, row), &arena),
                        expected);
    arena_close(&arena);
}

/* values -------------------------------------------------------------- */

static void an_empty_file_is_all_defaults(void **state)
{
    (void)state;
    static const char *const files[] = {"", "\n\n", "# a comment", "/* */\r\n"};
    struct arena arena = arena_open();
    struct spec defaults = spec_defaults(&arena);
    for (size_t f = 0; f < KIND_COUNT(files); f++) {
        struct experiment experiment = read_experiment_text(&arena, files[f]);
        for (size_t i = 0; i < SPEC_ATTACK; i++) {
            const struct alternatives *axis = &experiment.axes[i];
            assert_int_equal(axis->n, 1);
            assert_ptr_equal(axis->variants->kind, defaults.at[i].kind);
            for (size_t r = 0; r < defaults.at[i].kind->n_rows; r++)
                assert_string_equal(
                    join(&axis->variants->rows[r], &arena),
                    row_print(&defaults.at[i].kind->rows[r],
                              defaults.at[i].params, &arena));
        }
        assert_int_equal(experiment.attacks.n, 0);
        assert_int_equal(experiment.exclude.n, 0);
        assert_string_equal(experiment.keys_set, "");
        assert_string_equal(experiment.text, files[f]);
    }
    arena_close(&arena);
}

static void numbers_are_read_however_they_are_written(void **state)
{
    (void)state;
    assert_reads(SPEC_NEURON, "leak", "{ leak = 0.10; }", "0.1");
    assert_reads(SPEC_NEURON, "leak", "{ leak = 1e-1; }", "0.1");
    assert_reads(SPEC_NEURON, "leak", "{ leak = +.5; }", "0.5");
    assert_reads(SPEC_NEURON, "leak", "{ leak = 1; }", "1");
    assert_reads(SPEC_NEURON, "leak", "{ leak = 1/4; }", "0.25");
    assert_reads(SPEC_NEURON, "leak", "{ leak = [0, 0.5, 1]; }", "0 | 0.5 | 1");
    assert_reads(SPEC_NEURON, "leak", "{ leak = (0, 0.5, 1); }", "0 | 0.5 | 1");
    assert_reads(SPEC_TRAINING, "n_epochs", "{ n_epochs = 3.0; }", "3");
    assert_reads(SPEC_TRAINING, "n_epochs", "{ n_epochs = 1e2; }", "100");
    assert_reads(SPEC_TRAINING, "n_epochs", "{ n_epochs = 0x10; }", "16");
    assert_reads(SPEC_TRAINING, "n_epochs", "{ n_epochs = 5L; }", "5");
    assert_reads(SPEC_TRAINING, "n_epochs", "{ n_epochs = [1, 2.0]; }",
                 "1 | 2");
}

/* libconfig alone would read 3000000000 as -1294967296. */
static void large_numbers_do_not_wrap(void **state)
{
    (void)state;
    assert_reads(SPEC_TRAINING, "seed", "{ seed = 3000000000; }", "3000000000");
    assert_reads(SPEC_TRAINING, "seed", "{ seed = [1, 9007199254740992]; }",
                 "1 | 9007199254740992");
}

static void flags_choices_and_texts_are_read(void **state)
{
    (void)state;
    assert_reads(SPEC_NEURON, "detach_reset",
                 "{ detach_reset = [true, FALSE]; }", "true | false");
    assert_reads(SPEC_NEURON, "reset", "{ reset = [\"soft\", \"hard\"]; }",
                 "soft | hard");
    assert_reads(SPEC_DATASET, "folder", "{ folder = \"/a b/# no comment\"; }",
                 "\"/a b/# no comment\"");
    assert_reads(SPEC_DATASET, "folder", "{ folder = [\"a\", \"3/4 @\"]; }",
                 "\"a\" | \"3/4 @\"");
}

static void a_list_is_one_value_of_a_row_that_is_a_list(void **state)
{
    (void)state;
    assert_reads(SPEC_NETWORK, "channels",
                 "{ kind = \"csnn\"; channels = [16, 32]; }", "[16, 32]");
    assert_reads(SPEC_NETWORK, "channels",
                 "{ kind = \"csnn\"; channels = ([16, 32], [8]); }",
                 "[16, 32] | [8]");
    assert_reads(SPEC_ATTACK, "epsilons", "{ epsilons = [0, 0.10, 1]; }",
                 "[0, 0.1, 1]");
    assert_reads(SPEC_ATTACK, "epsilons", "{ epsilons = (0, 0.10); }",
                 "[0, 0.1]");
    assert_reads(SPEC_ATTACK, "epsilons", "{ epsilons = [2/255, 8/255]; }",
                 "[0.00784313725490196, 0.03137254901960784]");
}

static void ranges_hit_the_numbers_that_are_meant(void **state)
{
    (void)state;
    assert_reads(SPEC_NEURON, "leak",
                 "{ leak = { from = 0; to = 1; count = 11; }; }",
                 "0 | 0.1 | 0.2 | 0.3 | 0.4 | 0.5 | 0.6 | 0.7 | 0.8 | 0.9 | 1");
    assert_reads(SPEC_OPTIMIZER, "learning_rate",
                 "{ learning_rate = { from = 0.001; to = 1; count = 4;"
                 "                    scale = \"log\"; }; }",
                 "0.001 | 0.01 | 0.1 | 1");
    assert_reads(SPEC_TRAINING, "batch_size",
                 "{ batch_size = { from = 8; to = 64; count = 4;"
                 "                 scale = \"log\"; }; }",
                 "8 | 16 | 32 | 64");
    assert_reads(SPEC_NEURON, "leak",
                 "{ leak = { from = 1; to = 0; count = 3; }; }", "1 | 0.5 | 0");
    assert_reads(SPEC_NEURON, "leak",
                 "{ leak = { from = 0.2; to = 0.2; count = 1; }; }", "0.2");
    assert_reads(SPEC_NEURON, "leak",
                 "{ leak = { from = 1/3; to = 2/3; count = 3;"
                 "           scale = \"linear\"; }; }",
                 "0.3333333333333333 | 0.5 | 0.6666666666666666");
}

static void seeds_are_short_for_the_seeds_of_training(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"seeds = 3;", "1 | 2 | 3"},
        {"seeds = [7, 5];", "7 | 5"},
        {"seeds = { from = 1; to = 9; count = 3; };", "1 | 5 | 9"},
        {"training = { n_epochs = 1; }; seeds = 1;", "1"},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < KIND_COUNT(files); i++) {
        struct experiment experiment =
            read_experiment_text(&arena, files[i][0]);
        assert_string_equal(
            join(values_at(&experiment, SPEC_TRAINING, 0, "seed"), &arena),
            files[i][1]);
        assert_non_null(strstr(experiment.keys_set, "training.seed\n"));
        assert_null(strstr(experiment.keys_defaulted, "training.seed\n"));
    }
    arena_close(&arena);
}

/* alternatives -------------------------------------------------------- */

static void assert_kinds(const char *text, const char *expected)
{
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(&arena, text);
    const struct alternatives *axis = &experiment.axes[SPEC_SURROGATE];
    const char *kinds = "";
    for (size_t i = 0; i < axis->n; i++)
        kinds = arena_print(&arena, "%s %s", kinds,
                            axis->variants[i].kind->name);
    assert_string_equal(kinds, expected);
    arena_close(&arena);
}

static void a_section_names_one_kind_or_several(void **state)
{
    (void)state;
    assert_kinds("surrogate = \"atan\";", " atan");
    assert_kinds("surrogate = [ \"atan\", \"sigmoid\" ];", " atan sigmoid");
    assert_kinds("surrogate = ( \"atan\", { kind = \"sigmoid\"; } );",
                 " atan sigmoid");
    assert_kinds("surrogate = { kind = \"atan\"; slope = 3; };", " atan");
    assert_kinds("surrogate = { kind = [\"atan\", \"sigmoid\"]; slope = 3; };",
                 " atan sigmoid");
    assert_kinds("surrogate = { width = 2; };", " triangular");
    assert_kinds("surrogate = { };", " triangular");
    assert_kinds("surrogate : ( { width = 2 }, { width = 3 } )",
                 " triangular triangular");
}

static void each_alternative_has_parameters_of_its_own(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "surrogate = ( { kind = \"triangular\"; width = [1, 2]; },\n"
                "  { kind = [\"atan\", \"sigmoid\"]; slope = 3; }, \"atan\" );");
    static const char *const rows[] = {"width", "slope", "slope", "slope"};
    static const char *const expected[] = {"1 | 2", "3", "3", "2"};
    assert_int_equal(experiment.axes[SPEC_SURROGATE].n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(
            join(values_at(&experiment, SPEC_SURROGATE, i, rows[i]), &arena),
            expected[i]);
    arena_close(&arena);
}

/* One source has one text, in the order of axes and rows. */
static void a_source_is_the_text_of_its_changes(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"{ seed = 2; }", "\"training.seed = 2\""},
        {"{ surrogate = \"atan\"; seed = 3; }",
         "\"surrogate = atan; training.seed = 3\""},
        {"{ seed = 3; surrogate = { kind = \"atan\"; slope = 1/2; }; }",
         "\"surrogate = atan; surrogate.slope = 0.5; training.seed = 3\""},
        {"{ training = { seed = 4; n_epochs = 2; }; neuron = { leak = 0.9; }; }",
         "\"neuron.leak = 0.9; training.seed = 4; training.n_epochs = 2\""},
        {"{ training = { n_epochs = 2; }; neuron = { leak = 0.9; }; seed = 4; }",
         "\"neuron.leak = 0.9; training.seed = 4; training.n_epochs = 2\""},
        {"{ network = { kind = \"mlp\"; hidden = [8, 4]; }; }",
         "\"network = mlp; network.hidden = [8, 4]\""},
        {"{ analog = true; }", "\"\""},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < KIND_COUNT(files); i++) {
        struct experiment experiment = read_experiment_text(
            &arena, arena_print(&arena,
                                "attacks = { source = ( \"own\", %s ); };",
                                files[i][0]));
        assert_int_equal(experiment.attacks.n, 2);
        const struct alternatives *sources =
            experiment_alternatives(&experiment, SPEC_ATTACK_SOURCE);
        assert_string_equal(sources->variants[0].kind->name, "own");
        assert_string_equal(sources->variants[1].kind->name, "cell");
        assert_string_equal(
            join(values_at(&experiment, SPEC_ATTACK_SOURCE, 1, "changes"),
                 &arena),
            files[i][1]);
        assert_string_equal(
            join(values_at(&experiment, SPEC_ATTACK_SOURCE, 1, "analog"),
                 &arena),
            strstr(files[i][0], "analog") ? "true" : "false");
        assert_non_null(
            strstr(experiment.keys_set, "attack_source.changes\n"));
    }
    arena_close(&arena);
}

static void provenance_tells_what_was_set_and_what_defaulted(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "training = { n_epochs = 2; };\n"
                "regularizer = ( \"none\", { kind = \"mpd_sgr\"; weight = 1; },"
                " \"mpd_sgr\" );\nschedule = \"constant\";");
    assert_string_equal(experiment.keys_set,
                        "regularizer.kind\nregularizer.weight\n"
                        "schedule.kind\ntraining.n_epochs\n");
    static const char *const defaulted[] = {
        "\nregularizer.range\n", "\nregularizer.weight\n", "\ntraining.kind\n",
        "\ntraining.seed\n", "\nencoding.kind\n", "\nneuron.leak\n"};
    for (size_t i = 0; i < KIND_COUNT(defaulted); i++)
        assert_non_null(strstr(experiment.keys_defaulted, defaulted[i]));
    assert_null(strstr(experiment.keys_defaulted, "training.n_epochs"));
    assert_null(strstr(experiment.keys_defaulted, "schedule.kind"));
    assert_null(strstr(experiment.keys_defaulted, "attack"));
    arena_close(&arena);
}

/* includes ------------------------------------------------------------ */

static void write_text(struct scratch *scratch, const char *name,
                       const char *text)
{
    scratch_write(scratch_path(scratch, name), text, strlen(text));
}

static void included_files_are_put_in_place(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    struct experiment experiment, again;
    mkdir(scratch_path(&scratch, "parts"), 0777);
    write_text(&scratch, "main.cfg",
               "  @include \"parts/a.cfg\"  # first\nseeds = 2;\n"
               "training = {\n@include \"parts/c.cfg\"");
    write_text(&scratch, "parts/a.cfg",
               "@include \"b.cfg\"\n\nneuron = \"if\"");
    write_text(&scratch, "parts/b.cfg", "encoding = \"poisson\";\n");
    write_text(&scratch, "parts/c.cfg", "n_epochs = 7; };");
    const char *path = scratch_path(&scratch, "main.cfg");
    assert_int_equal(experiment_read(path, &arena, &experiment), STATUS_OK);
    assert_string_equal(experiment.axes[SPEC_ENCODING].variants->kind->name,
                        "poisson");
    assert_string_equal(experiment.axes[SPEC_NEURON].variants->kind->name,
                        "if");
    assert_string_equal(
        join(values_at(&experiment, SPEC_TRAINING, 0, "n_epochs"), &arena),
        "7");
    assert_string_equal(experiment.text,
                        "  # @include \"parts/a.cfg\"  # first\n"
                        "# @include \"b.cfg\"\nencoding = \"poisson\";\n"
                        "\nneuron = \"if\"\nseeds = 2;\ntraining = {\n"
                        "# @include \"parts/c.cfg\"\nn_epochs = 7; };\n");
    write_text(&scratch, "main.cfg", experiment.text); /* stands by itself */
    assert_int_equal(experiment_read(path, &arena, &again), STATUS_OK);
    assert_string_equal(again.text, experiment.text);
    assert_string_equal(again.keys_set, experiment.keys_set);
    arena_close(&arena);
    scratch_remove(&scratch);
}

static void paths_of_includes_may_be_absolute_or_without_a_folder(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    struct experiment experiment;
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *absolute = scratch_path(&scratch, "b.cfg");
    const char *main =
        arena_print(&arena, "@include \"a.cfg\"\n@include \"%s\"", absolute);
    write_text(&scratch, "main.cfg", main);
    write_text(&scratch, "a.cfg", "seeds = 2;");
    write_text(&scratch, "b.cfg", "neuron = \"if\";");
    assert_int_equal(chdir(scratch.folder), 0);
    enum status status = experiment_read("main.cfg", &arena, &experiment);
    assert_int_equal(fchdir(here), 0);
    close(here);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(experiment_read(scratch_path(&scratch, "main.cfg"), &arena,
                                     &experiment),
                     STATUS_OK);
    assert_string_equal(experiment.keys_set, "neuron.kind\ntraining.seed\n");
    arena_close(&arena);
    scratch_remove(&scratch);
}

static void comments_and_texts_may_hold_anything(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "# @include \"x\" \" /*\n// \" ( @\n"
                "/* @include \"y\"\n\" # \n*/ "
                "dataset = { kind = \"idx\"; # \"\n folder = \"/*@#//\"; };");
    assert_string_equal(
        join(values_at(&experiment, SPEC_DATASET, 0, "folder"), &arena),
        "\"/*@#//\"");
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_all_defaults),
        cmocka_unit_test(numbers_are_read_however_they_are_written),
        cmocka_unit_test(large_numbers_do_not_wrap),
        cmocka_unit_test(flags_choices_and_texts_are_read),
        cmocka_unit_test(a_list_is_one_value_of_a_row_that_is_a_list),
        cmocka_unit_test(ranges_hit_the_numbers_that_are_meant),
        cmocka_unit_test(seeds_are_short_for_the_seeds_of_training),
        cmocka_unit_test(a_section_names_one_kind_or_several),
        cmocka_unit_test(each_alternative_has_parameters_of_its_own),
        cmocka_unit_test(a_source_is_the_text_of_its_changes),
        cmocka_unit_test(provenance_tells_what_was_set_and_what_defaulted),
        cmocka_unit_test(included_files_are_put_in_place),
        cmocka_unit_test(paths_of_includes_may_be_absolute_or_without_a_folder),
        cmocka_unit_test(comments_and_texts_may_hold_anything),
    };
    return cmocka_run_group_tests_name("experiment", tests, NULL, NULL);
}
