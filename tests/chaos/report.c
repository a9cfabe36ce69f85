#include "tests/chaos/chaos.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *const event_names[EVENT_N] = {
    "child killed",          "rank killed",  "launcher killed",
    "whole job killed",      "disk full",    "fsync refused",
    "job killed, file cut",
};

static int compare(const void *one, const void *other)
{
    const double *a = one, *b = other;
    return (*a > *b) - (*a < *b);
}

static bool expect(const char *what, bool holds)
{
    printf("[ %s ] %s\n", holds ? " ok " : "FAIL", what);
    return holds;
}

static size_t count_refusals(const struct chaos *chaos)
{
    char path[PATH_MAX + 8];
    struct stat stat_of;
    snprintf(path, sizeof path, "%s.count", chaos->refuse);
    return stat(path, &stat_of) == 0 ? (size_t)stat_of.st_size : 0;
}

static void tell(const struct chaos *chaos, size_t n_refusals)
{
    printf("%zu events:", chaos->n_events);
    for (size_t i = 0; i < EVENT_N; i++)
        printf(" %zu %s%s", chaos->count[i], event_names[i],
               i + 1 < EVENT_N ? "," : "");
    printf("\n%zu sweeps came to their end; %zu writes and flushes were "
           "refused; a reader looked %zu times\n",
           chaos->n_sweeps, n_refusals, chaos->watch.n_looks);
    size_t n = chaos->n_unsaved;
    if (n > 0)
        printf("a killed child lost %.2f s of CPU (median), %.2f s at most; "
               "checkpoints are %.2g s apart\n",
               chaos->unsaved_s[n / 2], chaos->unsaved_s[n - 1],
               chaos->prey.checkpoint_s);
}

/* A process has work that is not kept before its first step, and steps are not
 * cut: what that may add to the interval. */
static const double slack_s = 0.3;

int chaos_sum_up(struct chaos *chaos, bool completed)
{
    const struct watch *watch = &chaos->watch;
    size_t n = chaos->n_unsaved, n_refusals = count_refusals(chaos);
    double bound_s = chaos->prey.checkpoint_s + slack_s;
    qsort(chaos->unsaved_s, n, sizeof *chaos->unsaved_s, compare);
    tell(chaos, n_refusals);
    int n_passed = 0, n_expected = 8;
    n_passed += expect("left in peace, the sweep comes to its end", completed);
    n_passed += expect("all ends are that of an undisturbed sweep",
                       chaos->n_sweeps > 0 && chaos->n_wrong == 0);
    n_passed += expect("every file was readable at every instant",
                       watch->n_looks > 0 && watch->n_unreadable == 0);
    n_passed += expect("no result was ever lost", watch->n_lost == 0);
    n_passed += expect("no result was there twice", watch->n_twice == 0);
    n_passed += expect("nothing lived on after its job", chaos->n_left == 0);
    n_passed += expect("the disk did refuse", n_refusals > 0);
    n_passed += expect(
        "a kill costs a task no more than what is between two checkpoints",
        n > 0 && chaos->unsaved_s[n - 1] <= bound_s);
    printf("%d passed, %d failed, 0 skipped\n", n_passed,
           n_expected - n_passed);
    return n_passed == n_expected ? 0 : 1;
}

