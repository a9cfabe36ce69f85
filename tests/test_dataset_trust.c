/* Cache files that one process has checked and the next does not again. */
#include "io/dataset.h"
#include "io/dataset_parts.h"
#include "tests/idx_scene.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *cache_file(struct idx_scene *scene)
{
    char line[512] = "";
    FILE *pipe =
        popen(arena_print(&scene->arena, "echo %s/*.data", scene->cache), "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    line[strcspn(line, "\n")] = '\0';
    return arena_copy_text(&scene->arena, line);
}

static struct stat look_at(const char *path)
{
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    return found;
}

static void open_in_child(struct idx_scene *scene)
{
    int result;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(idx_scene_open(scene).train.n == 30 ? 0 : 1);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

/* Before anybody has said that there is trust. */
static void without_a_word_nothing_is_known(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    idx_scene_open(&scene);
    struct stat file = look_at(cache_file(&scene));
    assert_false(dataset_trust_knows(&file));
    dataset_trust_note(&file);
    assert_false(dataset_trust_knows(&file));
    idx_scene_remove(&scene);
}

static void what_a_child_has_checked_is_known(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    idx_scene_open(&scene);
    struct stat file = look_at(cache_file(&scene));
    dataset_trust_together();
    assert_false(dataset_trust_knows(&file));
    open_in_child(&scene);
    assert_true(dataset_trust_knows(&file));
    open_in_child(&scene);
    idx_scene_remove(&scene);
}

static void another_file_or_a_changed_one_is_not(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    dataset_trust_together();
    idx_scene_open(&scene);
    struct stat file = look_at(cache_file(&scene)), other;
    assert_true(dataset_trust_knows(&file));
    other = file, other.st_ino++;
    assert_false(dataset_trust_knows(&other));
    other = file, other.st_dev++;
    assert_false(dataset_trust_knows(&other));
    other = file, other.st_size++;
    assert_false(dataset_trust_knows(&other));
    other = file, other.st_mtim.tv_nsec ^= 1;
    assert_false(dataset_trust_knows(&other));
    other = file, other.st_ctim.tv_sec++;
    assert_false(dataset_trust_knows(&other));
    idx_scene_remove(&scene);
}

/* Written over in place, and its time of modification set back. */
static void damage_is_found_though_the_file_was_whole(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    dataset_trust_together();
    idx_scene_open(&scene);
    const char *path = cache_file(&scene);
    struct stat file = look_at(path);
    struct bytes whole = scratch_read(path);
    FILE *open = fopen(path, "r+b");
    assert_non_null(open);
    assert_int_equal(fseek(open, -1, SEEK_END), 0);
    assert_int_equal(fputc(whole.at[whole.n - 1] ^ 1, open),
                     whole.at[whole.n - 1] ^ 1);
    assert_int_equal(fclose(open), 0);
    struct timespec times[2] = {file.st_atim, file.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    idx_scene_open(&scene);
    struct bytes again = scratch_read(path);
    assert_int_equal(again.n, whole.n);
    assert_memory_equal(again.at, whole.at, whole.n);
    bytes_free(&again);
    bytes_free(&whole);
    idx_scene_remove(&scene);
}

static void of_many_the_latest_are_known(void **state)
{
    (void)state;
    struct stat file;
    memset(&file, 0, sizeof file);
    dataset_trust_together();
    for (file.st_ino = 1; file.st_ino <= 100; file.st_ino++)
        dataset_trust_note(&file);
    file.st_ino = 100;
    assert_true(dataset_trust_knows(&file));
    file.st_ino = 1;
    assert_false(dataset_trust_knows(&file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_nothing_is_known),
        cmocka_unit_test(what_a_child_has_checked_is_known),
        cmocka_unit_test(another_file_or_a_changed_one_is_not),
        cmocka_unit_test(damage_is_found_though_the_file_was_whole),
        cmocka_unit_test(of_many_the_latest_are_known),
    };
    return cmocka_run_group_tests_name("dataset_trust", tests, NULL, NULL);
}
