#include "io/checkpoint_file.h"
#include "tests/scratch.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <string.h>
#include <unistd.h>

enum { N_LARGE = 300000 }; /* more than a piece */

struct stage {
    unsigned char small[5];
    float large[N_LARGE];
    struct checkpoint checkpoint;
};

static void open_stage(struct stage *stage, unsigned seed)
{
    memset(stage, 0, sizeof *stage);
    for (size_t i = 0; i < sizeof stage->small; i++)
        stage->small[i] = (unsigned char)(seed + i);
    for (size_t i = 0; i < N_LARGE; i++)
        stage->large[i] = (float)(seed * i);
    checkpoint_add(&stage->checkpoint, stage->small, sizeof stage->small);
    checkpoint_add(&stage->checkpoint, stage->large, sizeof stage->large);
}

static const struct digest key = {1, 2};

static bool same(const struct stage *a, const struct stage *b)
{
    return !memcmp(a->small, b->small, sizeof a->small) &&
           !memcmp(a->large, b->large, sizeof a->large);
}

static struct stage kept, found, untouched;
static struct scratch scratch;
static const char *path;

static void write_kept(void)
{
    open_stage(&kept, 3);
    open_stage(&found, 7);
    open_stage(&untouched, 7);
    path = scratch_path(&scratch, "stage.checkpoint");
    assert_int_equal(checkpoint_file_write(path, key, &kept.checkpoint),
                     STATUS_OK);
}

static void expect_refusal(struct digest wanted, enum status status)
{
    assert_int_equal(checkpoint_file_read(path, wanted, &found.checkpoint),
                     status);
    assert_true(same(&found, &untouched));
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    write_kept();
    assert_int_equal(checkpoint_file_read(path, key, &found.checkpoint),
                     STATUS_OK);
    assert_true(same(&found, &kept));
}

static void another_stage_is_refused(void **state)
{
    (void)state;
    write_kept();
    expect_refusal((struct digest){1, 3}, STATUS_INVALID);
    found.checkpoint.at[0].n_bytes--;
    expect_refusal(key, STATUS_INVALID);
    open_stage(&found, 7);
    found.checkpoint.n--;
    expect_refusal(key, STATUS_INVALID);
    open_stage(&found, 7);
    unlink(path);
    expect_refusal(key, STATUS_NOT_FOUND);
}

/* Everywhere: in the header, in the sizes, at the edges of pieces. */
static void damage_is_found_and_changes_nothing(void **state)
{
    (void)state;
    static const size_t places[] = {0,  9,  30, 41,     50,
                                    64, 70, 80, 262200, 1200060};
    write_kept();
    struct bytes whole = scratch_read(path);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        whole.at[places[i]] ^= 16;
        scratch_write(path, whole.at, whole.n);
        whole.at[places[i]] ^= 16;
        assert_int_not_equal(
            checkpoint_file_read(path, key, &found.checkpoint), STATUS_OK);
        assert_true(same(&found, &untouched));
    }
    bytes_free(&whole);
}

static void no_damage_by_chance_gets_through(void **state)
{
    (void)state;
    write_kept();
    struct bytes whole = scratch_read(path);
    for (uint64_t seed = 0; seed < scratch_n_seeds(50); seed++) {
        struct bytes bytes = {0};
        bytes_append(&bytes, whole.at, whole.n);
        scratch_damage(&bytes, seed);
        bool changed = bytes.n != whole.n ||
                       memcmp(bytes.at, whole.at, whole.n) != 0;
        scratch_write(path, bytes.at, bytes.n);
        bytes_free(&bytes);
        if (!changed)
            continue;
        assert_int_not_equal(
            checkpoint_file_read(path, key, &found.checkpoint), STATUS_OK);
        assert_true(same(&found, &untouched));
    }
    bytes_free(&whole);
}

static void a_file_of_any_other_length_is_refused(void **state)
{
    (void)state;
    static const long lengths[] = {0, 8, 47, 60, 64, 1000, 1200063, 1200072};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_kept();
        assert_int_equal(truncate(path, lengths[i]), 0);
        expect_refusal(key, STATUS_DAMAGED);
    }
}

static void a_key_tells_stages_apart(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec one = small_spec("network = mlp\n", &arena);
    struct spec other = small_spec("network = csnn\n", &arena);
    struct span whole = {0}, part = {0, 5, 10};
    assert_true(digest_equal(checkpoint_file_key(&one, whole),
                             checkpoint_file_key(&one, whole)));
    assert_false(digest_equal(checkpoint_file_key(&one, whole),
                              checkpoint_file_key(&other, whole)));
    assert_false(digest_equal(checkpoint_file_key(&one, whole),
                              checkpoint_file_key(&one, part)));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(another_stage_is_refused),
        cmocka_unit_test(damage_is_found_and_changes_nothing),
        cmocka_unit_test(no_damage_by_chance_gets_through),
        cmocka_unit_test(a_file_of_any_other_length_is_refused),
        cmocka_unit_test(a_key_tells_stages_apart),
    };
    scratch = scratch_make();
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_remove(&scratch);
    return n_failed;
}
