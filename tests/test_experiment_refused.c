/* Experiment files that are wrong, by hand and by chance. */
#include "core/rng.h"
#include "io/experiment.h"
#include "sweep/space.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True if `text` has what is expected in it; "..." stands for anything, so
 * that a list of kinds may grow. */
static bool says(const char *text, const char *expected)
{
    while (*expected && text) {
        const char *gap = strstr(expected, "...");
        size_t length = gap ? (size_t)(gap - expected) : strlen(expected);
        const char *found = memmem(text, strlen(text), expected, length);
        text = found ? found + length : NULL;
        expected += length + (gap ? 3 : 0);
    }
    return text != NULL;
}

static void assert_refused(const char *path, enum status expected,
                           const char *reason)
{
    struct arena arena = arena_open();
    struct experiment experiment = {.path = "as it was"};
    enum status status = experiment_read(path, &arena, &experiment);
    if (status != expected || !says(status_reason(), reason))
        print_error("%s: %d, \"%s\", not \"%s\"\n", path, status,
                    status == STATUS_OK ? "read" : status_reason(), reason);
    assert_int_equal(status, expected);
    assert_true(says(status_reason(), reason));
    assert_string_equal(experiment.path, "as it was");
    arena_close(&arena);
}

/* The first line says it: "# refused: FILE:LINE: ...". */
static void assert_refused_as_it_says(const char *path)
{
    static const char mark[] = "# refused: ";
    struct bytes bytes = scratch_read(path);
    bytes_append(&bytes, "", 1);
    char *text = (char *)bytes.at;
    assert_memory_equal(text, mark, strlen(mark));
    text[strcspn(text, "\n")] = '\0';
    const char *expected = text + strlen(mark), *colon = strchr(expected, ':');
    assert_non_null(colon);
    assert_true(isdigit((unsigned char)colon[1]) ||
                strstr(expected, "combinations") || strstr(expected, "itself"));
    assert_refused(path, strstr(path, "include_missing") ? STATUS_NOT_FOUND
                         : strstr(path, "include_folder") ? STATUS_SYSTEM
                                                          : STATUS_INVALID,
                   expected);
    bytes_free(&bytes);
}

static void each_mistake_is_refused_with_place_and_reason(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    size_t n = 0;
    DIR *folder = opendir("tests/refused");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (!strstr(entry->d_name, ".cfg"))
            continue;
        assert_refused_as_it_says(
            arena_print(&arena, "tests/refused/%s", entry->d_name));
        n++;
    }
    closedir(folder);
    assert_true(n >= 100);
    arena_close(&arena);
}

static void what_is_no_file_of_text_is_refused(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *path = scratch_path(&scratch, "x.cfg");
    assert_refused(path, STATUS_NOT_FOUND, "x.cfg: cannot read: No such file");
    assert_refused(scratch.folder, STATUS_SYSTEM,
                   ": cannot read: Is a directory");
    scratch_write(path, "seeds = 1;\nseeds\0", 17);
    assert_refused(path, STATUS_INVALID,
                   "x.cfg:2: a zero byte; an experiment file is text");
    scratch_write(path, "\x89HDF\r\n\x1a\n", 8);
    assert_refused(path, STATUS_INVALID, "x.cfg:1: syntax error at or before");
    assert_refused("/dev/zero", STATUS_INVALID, "at most 4 MiB");
    scratch_write(path, "seeds = 1;", 10);
    if (geteuid() != 0) { /* root may read all */
        chmod(path, 0);
        assert_refused(path, STATUS_DENIED, "x.cfg: cannot read: Permission");
    }
    scratch_remove(&scratch);
}

/* fuzz ---------------------------------------------------------------- */

/* The k-th choice of a seed, below n. */
static size_t choose(uint64_t seed, uint64_t k, size_t n)
{
    struct rng_stream stream = {seed, RNG_NOISE, 78};
    return rng_word(stream, k) % n;
}

/* A word's beginning near a place, and its length. */
static size_t word_at(const struct bytes *bytes, size_t at, size_t *n)
{
    static const char ends[] = " \n,;()[]{}=";
    while (at > 0 && !memchr(ends, bytes->at[at - 1], sizeof ends))
        at--;
    size_t end = at;
    while (end < bytes->n && !memchr(ends, bytes->at[end], sizeof ends))
        end++;
    *n = end > at ? end - at : 1;
    return at;
}

/* Puts one of the file's words in the place of another: mistakes that get past
 * the syntax. */
static void exchange_words(struct bytes *bytes, uint64_t seed)
{
    size_t n_to, n_from;
    size_t to = word_at(bytes, choose(seed, 0, bytes->n), &n_to);
    size_t from = word_at(bytes, choose(seed, 1, bytes->n), &n_from);
    struct bytes changed = {NULL, 0, 0};
    bytes_append(&changed, bytes->at, to);
    bytes_append(&changed, bytes->at + from, n_from);
    bytes_append(&changed, bytes->at + to + n_to, bytes->n - to - n_to);
    bytes_free(bytes);
    *bytes = changed;
}

/* What was read is whole: its text gives the same cells when read again. */
static void assert_usable(struct scratch *scratch,
                          const struct experiment *experiment)
{
    struct arena arena = arena_open();
    struct experiment again;
    const char *path = scratch_path(scratch, "again.cfg");
    size_t n = space_count(experiment);
    assert_in_range(n, 1, EXPERIMENT_COMBINATIONS_MAX);
    scratch_write(path, experiment->text, strlen(experiment->text));
    assert_int_equal(experiment_read(path, &arena, &again), STATUS_OK);
    assert_int_equal(space_count(&again), n);
    assert_string_equal(again.keys_set, experiment->keys_set);
    struct cell cell = space_cell(experiment, n - 1, &arena);
    assert_true(digest_equal(cell.digest,
                             space_cell(&again, n - 1, &arena).digest));
    arena_close(&arena);
}

/* Returns whether the file was refused. */
static bool survive(const struct bytes *whole, uint64_t seed)
{
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    struct bytes bytes = {NULL, 0, 0};
    struct experiment experiment;
    bytes_append(&bytes, whole->at, whole->n);
    for (uint64_t i = 0; i <= seed % 2 && bytes.n > 0; i++)
        if (seed / 2 % 2)
            exchange_words(&bytes, 2 * seed + i);
        else
            scratch_damage(&bytes, 2 * seed + i);
    const char *path = scratch_path(&scratch, "x.cfg");
    scratch_write(path, bytes.at, bytes.n);
    status_forget();
    enum status status = experiment_read(path, &arena, &experiment);
    if (status == STATUS_OK)
        assert_usable(&scratch, &experiment);
    else
        assert_memory_equal(status_reason(), path, strlen(path));
    bytes_free(&bytes);
    arena_close(&arena);
    scratch_remove(&scratch);
    return status != STATUS_OK;
}

static void a_damaged_file_is_read_or_refused(void **state)
{
    (void)state;
    const uint64_t n_seeds = scratch_n_seeds(1500);
    static const char *const files[] = {
        "jobs/paper_study.cfg", "jobs/quick.cfg", "tests/refused/valid.part",
        "tests/refused/spaces.part"};
    size_t n_refused = 0;
    for (size_t i = 0; i < KIND_COUNT(files); i++) {
        struct bytes whole = scratch_read(files[i]);
        for (uint64_t seed = 0; seed < n_seeds; seed++)
            n_refused += survive(&whole, seed);
        bytes_free(&whole);
    }
    /* Many changes hit comments; many do not. */
    assert_in_range(n_refused, n_seeds,
                    KIND_COUNT(files) * n_seeds - n_seeds / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_refused_with_place_and_reason),
        cmocka_unit_test(what_is_no_file_of_text_is_refused),
        cmocka_unit_test(a_damaged_file_is_read_or_refused),
    };
    return cmocka_run_group_tests_name("experiment_refused", tests, NULL, NULL);
}
