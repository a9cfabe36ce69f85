/* What became of an experiment since the last run. */
#include "sweep/changes.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

#define BASE                                                                   \
    "dataset = { kind = \"synthetic\"; };\n"                                   \
    "encoding = [ \"direct\", \"poisson\" ];\n"                                \
    "training = { n_epochs = 2; seed = [1, 2]; };\n"                           \
    "attacks = ( { kind = \"fgsm\"; }, { kind = \"pgd\"; n_steps = 7; } );\n"

struct scene {
    struct scratch scratch;
    struct arena arena;
    struct experiment experiment;
};

static struct scene open_scene(void)
{
    return (struct scene){scratch_make(), arena_open(), {0}};
}

static void close_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

/* What is told of a change from one text, which the folder keeps, to
 * another. */
static const char *change(struct scene *scene, const char *old, const char *new)
{
    const char *kept = scratch_path(&scene->scratch, "experiment.cfg");
    const char *given = scratch_path(&scene->scratch, "given.cfg");
    if (old)
        scratch_write(kept, old, strlen(old));
    scratch_write(given, new, strlen(new));
    assert_int_equal(experiment_read(given, &scene->arena, &scene->experiment),
                     STATUS_OK);
    return changes_since(scene->scratch.folder, &scene->experiment,
                         &scene->arena);
}

static void nothing_is_told_where_nothing_changed(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    assert_null(change(&scene, NULL, BASE)); /* there was no run yet */
    assert_null(change(&scene, BASE, BASE));
    assert_null(change(&scene, BASE, "# a comment\n" BASE));
    assert_null(change(
        &scene, BASE,
        "attacks = ( { kind = \"pgd\"; n_steps = 7; samples_per_task = 5; }, "
        "{ kind = \"fgsm\"; } );\n"
        "seeds = [2, 1]; training = { n_epochs = 2; };\n"
        "encoding = [ \"poisson\", \"direct\" ];\n"
        "dataset = { kind = \"synthetic\"; };\n"));
    close_scene(&scene);
}

static void assert_told(const char *old, const char *new, const char *counts,
                        const char *line)
{
    struct scene scene = open_scene();
    const char *text = change(&scene, old, new);
    assert_non_null(text);
    if (!strstr(text, counts))
        fail_msg("no \"%s\" in:\n%s", counts, text);
    if (line && !strstr(text, line))
        fail_msg("no \"%s\" in:\n%s", line, text);
    if (!line && strstr(text, "became"))
        fail_msg("became:\n%s", text);
    close_scene(&scene);
}

#define WITH(encoding, training, attacks)                                      \
    "dataset = { kind = \"synthetic\"; };\n" encoding training attacks
#define ENCODING "encoding = [ \"direct\", \"poisson\" ];\n"
#define TRAINING "training = { n_epochs = 2; seed = [1, 2]; };\n"
#define ATTACKS                                                                \
    "attacks = ( { kind = \"fgsm\"; }, { kind = \"pgd\"; n_steps = 7; } );\n"

static void new_cells_are_told(void **state)
{
    (void)state;
    assert_told(BASE,
                WITH(ENCODING,
                     "training = { n_epochs = 2; seed = [1, 2, 3]; };",
                     ATTACKS),
                "cells: 4 as before, 2 new, 0 no longer there",
                "training.seed: 3 (2 cells) is new");
}

static void cells_that_are_gone_are_told(void **state)
{
    (void)state;
    assert_told(BASE, WITH("encoding = \"direct\";", TRAINING, ATTACKS),
                "cells: 2 as before, 0 new, 2 no longer there",
                "encoding: poisson (2 cells) is no longer there");
    assert_told(BASE,
                BASE "exclude = ( { encoding = \"poisson\"; training = { "
                     "kind = \"bptt\"; seed = 1; }; } );",
                "cells: 3 as before, 0 new, 1 no longer there", NULL);
}

static void a_changed_parameter_makes_other_cells(void **state)
{
    (void)state;
    assert_told(
        BASE,
        WITH(ENCODING, "training = { n_epochs = 3; seed = [1, 2]; };", ATTACKS),
        "cells: 0 as before, 4 new, 4 no longer there",
        "training.n_epochs: 2 (4 cells) became 3 (4 cells)");
    assert_told(
        BASE,
        "dataset = { kind = \"synthetic\"; height = 9; };" ENCODING TRAINING
            ATTACKS,
        "cells: 0 as before, 4 new, 4 no longer there",
        "dataset.height: 8 (4 cells) became 9 (4 cells)");
}

/* Without the parameters that only one of them has. */
static void a_changed_kind_is_told_as_such(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    const char *text = change(
        &scene, BASE "optimizer = { kind = \"sgd\"; learning_rate = 0.5; };",
        BASE "optimizer = { kind = \"adam\"; };");
    assert_non_null(strstr(text, "optimizer: sgd (4 cells) became adam"));
    assert_null(strstr(text, "optimizer."));
    close_scene(&scene);
}

static void attacks_are_told(void **state)
{
    (void)state;
    assert_told(BASE,
                WITH(ENCODING, TRAINING,
                     "attacks = ( { kind = \"fgsm\"; }, { kind = \"pgd\"; "
                     "n_steps = 9; } );"),
                "attacks: 1 as before, 1 new, 1 no longer there",
                "attack pgd.n_steps: 7 (1 attack) became 9 (1 attack)");
    assert_told(BASE, WITH(ENCODING, TRAINING, ""),
                "attacks: 0 as before, 0 new, 2 no longer there",
                "attack: fgsm, pgd (2 attacks) is no longer there");
    assert_told(WITH(ENCODING, TRAINING, ""), BASE,
                "cells: 4 as before, 0 new, 0 no longer there; attacks: 0 as "
                "before, 2 new",
                "attack: fgsm, pgd (2 attacks) is new");
}

/* Every count against the cells themselves, one by one. */
static void counts_are_those_of_the_cells(void **state)
{
    (void)state;
    static const char *const texts[] = {
        BASE, WITH("encoding = \"direct\";", TRAINING, ATTACKS),
        WITH(ENCODING, "seeds = 9;", ATTACKS),
        WITH(ENCODING, "training = { n_epochs = [2, 3]; seed = [2, 5]; };",
             ATTACKS)};
    for (size_t i = 0; i < KIND_COUNT(texts) * KIND_COUNT(texts); i++) {
        struct scene scene = open_scene();
        struct experiment read[2];
        struct cells cells[2];
        for (size_t k = 0; k < 2; k++) {
            const char *path = scratch_path(&scene.scratch, "one.cfg");
            const char *text =
                texts[k ? i % KIND_COUNT(texts) : i / KIND_COUNT(texts)];
            scratch_write(path, text, strlen(text));
            assert_int_equal(experiment_read(path, &scene.arena, &read[k]),
                             STATUS_OK);
            cells[k] = space_enumerate(&read[k], &scene.arena);
        }
        size_t n_common = 0;
        for (size_t a = 0; a < cells[0].n; a++)
            for (size_t b = 0; b < cells[1].n; b++)
                n_common +=
                    digest_equal(cells[0].at[a].digest, cells[1].at[b].digest);
        struct changes changes = changes_find(&read[0], &cells[0], &read[1],
                                              &cells[1], &scene.arena);
        assert_int_equal(changes.n_kept, n_common);
        assert_int_equal(changes.n_removed, cells[0].n - n_common);
        assert_int_equal(changes.n_added, cells[1].n - n_common);
        close_scene(&scene);
    }
}

static void an_experiment_that_cannot_be_read_is_said_to_be_so(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    const char *text = change(&scene, "neuron = \"of_the_future\";", BASE);
    assert_non_null(strstr(text, "experiment.cfg"));
    assert_non_null(strstr(text, "cannot be told"));
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_told_where_nothing_changed),
        cmocka_unit_test(new_cells_are_told),
        cmocka_unit_test(cells_that_are_gone_are_told),
        cmocka_unit_test(a_changed_parameter_makes_other_cells),
        cmocka_unit_test(a_changed_kind_is_told_as_such),
        cmocka_unit_test(attacks_are_told),
        cmocka_unit_test(counts_are_those_of_the_cells),
        cmocka_unit_test(an_experiment_that_cannot_be_read_is_said_to_be_so),
    };
    return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
