/* What a node's files say of its memory; and that this node's can be read. */
#include "sweep/memory.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A root of a made-up node. */
struct node {
    struct scratch scratch;
};

static struct node make_node(void)
{
    return (struct node){scratch_make()};
}

/* Writes FILE, with all folders above it. */
static void say(struct node *node, const char *file, const char *text)
{
    char *path = arena_copy_text(&node->scratch.arena,
                                 scratch_path(&node->scratch, file + 1));
    size_t n_root = strlen(node->scratch.folder);
    for (char *slash = strchr(path + n_root + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    scratch_write(path, text, strlen(text));
}

static uint64_t available(const struct node *node)
{
    return memory_available(node->scratch.folder);
}

static void a_node_that_tells_nothing_has_no_figure(void **state)
{
    (void)state;
    struct node node = make_node();
    assert_int_equal(available(&node), 0);
    assert_int_equal(memory_count_kills(node.scratch.folder), 0);
    say(&node, "/proc/meminfo", "MemTotal:  2000 kB\n");
    say(&node, "/proc/self/cgroup", "junk\n1:cpu:/\n0::/nowhere\n:\n");
    assert_int_equal(available(&node), 0);
    scratch_remove(&node.scratch);
}

static void without_limits_it_is_what_the_kernel_holds_available(void **state)
{
    (void)state;
    struct node node = make_node();
    say(&node, "/proc/meminfo",
        "MemTotal:  2000 kB\nMemAvailable:     1500 kB\n");
    assert_int_equal(available(&node), 1500 * 1024);
    say(&node, "/proc/self/cgroup", "0::/\n");
    say(&node, "/sys/fs/cgroup/memory.max", "max\n");
    say(&node, "/sys/fs/cgroup/memory.current", "12345\n");
    assert_int_equal(available(&node), 1500 * 1024);
    scratch_remove(&node.scratch);
}

static void the_tightest_group_above_counts(void **state)
{
    (void)state;
    struct node node = make_node();
    say(&node, "/proc/meminfo", "MemAvailable: 1500 kB\n");
    say(&node, "/proc/self/cgroup", "0::/slurm/job_7/step_0\n");
    say(&node, "/sys/fs/cgroup/slurm/job_7/step_0/memory.max", "max\n");
    say(&node, "/sys/fs/cgroup/slurm/job_7/step_0/memory.current", "5\n");
    say(&node, "/sys/fs/cgroup/slurm/job_7/memory.max", "1000000\n");
    say(&node, "/sys/fs/cgroup/slurm/job_7/memory.current", "400000\n");
    say(&node, "/sys/fs/cgroup/slurm/memory.max", "1200000\n");
    say(&node, "/sys/fs/cgroup/slurm/memory.current", "500000\n");
    assert_int_equal(available(&node), 600000);
    say(&node, "/sys/fs/cgroup/slurm/job_7/memory.stat",
        "anon 1\nactive_file 7\ninactive_file 90000\nfile 8\n");
    assert_int_equal(available(&node), 690000);
    say(&node, "/sys/fs/cgroup/slurm/memory.current", "1300000\n");
    assert_int_equal(available(&node), 1);
    scratch_remove(&node.scratch);
}

/* A container of version 1 sees the host's path, and itself at the top. */
static void older_groups_are_read_too(void **state)
{
    (void)state;
    struct node node = make_node();
    say(&node, "/proc/meminfo", "MemAvailable: 1500 kB\n");
    say(&node, "/proc/self/cgroup",
        "9:cpuset:/\n4:hugetlb,memory:/docker/12ab\n0::/\n");
    say(&node, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "900000\n");
    say(&node, "/sys/fs/cgroup/memory/memory.usage_in_bytes", "200000\n");
    say(&node, "/sys/fs/cgroup/memory/memory.stat",
        "inactive_file 3\ntotal_inactive_file 50000\n");
    assert_int_equal(available(&node), 750000);
    say(&node, "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "9223372036854771712\n");
    assert_int_equal(available(&node), 1500 * 1024);
    scratch_remove(&node.scratch);
}

static void kills_are_counted_by_the_kernel(void **state)
{
    (void)state;
    struct node node = make_node();
    say(&node, "/proc/vmstat", "nr_free_pages 12\noom_kill 3\ndrop_slab 0\n");
    assert_int_equal(memory_count_kills(node.scratch.folder), 3);
    scratch_remove(&node.scratch);
}

static void this_node_has_memory(void **state)
{
    (void)state;
    assert_true(memory_available("") > 1000000);
}

static void bytes_are_printed_with_some_three_digits(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } cases[] = {
        {0, "0 kB"},           {499, "0 kB"},        {512, "1 kB"},
        {94321, "94 kB"},      {999499, "999 kB"},   {999500, "1.0 MB"},
        {12345678, "12.3 MB"}, {99949999, "99.9 MB"}, {99951000, "100 MB"},
        {34964160640, "35.0 GB"}, {UINT64_MAX, "18.4 EB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[MEMORY_TEXT_SIZE];
        assert_string_equal(memory_print(cases[i].n, text), cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_that_tells_nothing_has_no_figure),
        cmocka_unit_test(without_limits_it_is_what_the_kernel_holds_available),
        cmocka_unit_test(the_tightest_group_above_counts),
        cmocka_unit_test(older_groups_are_read_too),
        cmocka_unit_test(kills_are_counted_by_the_kernel),
        cmocka_unit_test(this_node_has_memory),
        cmocka_unit_test(bytes_are_printed_with_some_three_digits),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
