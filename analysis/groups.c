#include "analysis/groups.h"
#include "io/twins.h"

#include <stdlib.h>
#include <string.h>

/* A trial on its way into a group. */
struct member {
    size_t trial, family_rank, group_rank; /* ranks: the first trial's */
    const char *family, *defence;
    bool defended;
    size_t twin;
};

/* labels -------------------------------------------------------------- */

/* What varies, taken apart. */
struct aspects {
    struct variation family, defence;
};

static struct aspects take_apart(const struct variation *variation,
                                 struct arena *arena)
{
    const char **keys = ARENA_ARRAY(arena, const char *, variation->n + 1);
    struct aspects aspects = {
        .family = variation_without(variation, "training.seed", arena),
        .defence = {0, keys},
    };
    for (size_t i = 0; i < variation->n; i++) {
        const char *key = variation->keys[i];
        if (!twins_is_of_defence(key))
            continue;
        keys[aspects.defence.n++] = key;
        aspects.family = variation_without(&aspects.family, key, arena);
    }
    return aspects;
}

static struct member *list_members(const struct results *results,
                                   const struct aspects *aspects,
                                   const struct variation *variation,
                                   const size_t *twins,
                                   struct arena *arena)
{
    size_t n = results->n_trials;
    struct member *members = ARENA_ARRAY(arena, struct member, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct settings *settings = &results->trials[i].settings;
        members[i] = (struct member){
            .trial = i,
            .family = variation_label(&aspects->family, settings, arena),
            .defence = variation_label(&aspects->defence, settings, arena),
            .defended = twins_is_defended_by(variation, settings),
            .twin = twins[i],
        };
    }
    return members;
}

/* order --------------------------------------------------------------- */

static int compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_family(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = strcmp(x->family, y->family);
    return order ? order : compare(x->trial, y->trial);
}

static int by_defence(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = compare(x->family_rank, y->family_rank);
    order = order ? order : strcmp(x->defence, y->defence);
    return order ? order : compare(x->trial, y->trial);
}

/* Trials of a group are in the order of their seeds as they are. */
static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = compare(x->family_rank, y->family_rank);
    order = order ? order : compare(x->defended, y->defended);
    order = order ? order : compare(x->group_rank, y->group_rank);
    return order ? order : compare(x->trial, y->trial);
}

static void sort_members(struct member *members, size_t n)
{
    qsort(members, n, sizeof *members, by_family);
    for (size_t i = 0; i < n; i++)
        members[i].family_rank =
            i > 0 && !strcmp(members[i].family, members[i - 1].family)
                ? members[i - 1].family_rank
                : members[i].trial;
    qsort(members, n, sizeof *members, by_defence);
    for (size_t i = 0; i < n; i++)
        members[i].group_rank =
            i > 0 && members[i].family_rank == members[i - 1].family_rank &&
                    !strcmp(members[i].defence, members[i - 1].defence)
                ? members[i - 1].group_rank
                : members[i].trial;
    qsort(members, n, sizeof *members, by_group);
}

/* groups -------------------------------------------------------------- */

static const char *join(const char *family, const char *defence,
                        const char *otherwise, struct arena *arena)
{
    if (!*family && !*defence)
        return otherwise;
    return arena_print(arena, "%s%s%s", family,
                       *family && *defence ? ", " : "", defence);
}

static struct group make_group(const struct results *results,
                               const struct member *first, size_t n,
                               struct arena *arena)
{
    size_t *trials = ARENA_ARRAY(arena, size_t, n);
    int64_t *twins = ARENA_ARRAY(arena, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        trials[i] = first[i].trial;
        twins[i] = first[i].twin == TWINS_NONE ? GROUPS_NO_TRIAL
                                               : (int64_t)first[i].twin;
    }
    return (struct group){
        .family = first->family,
        .defence = first->defence,
        .label = join(first->family, first->defence,
                      n == 1 ? results->trials[first->trial].cell
                             : "all cells",
                      arena),
        .undefended = !first->defended,
        .n = n,
        .trials = trials,
        .twins = twins,
    };
}

static size_t count_alike(const struct member *members, size_t n)
{
    size_t alike = 1;
    while (alike < n && members[alike].group_rank == members->group_rank)
        alike++;
    return alike;
}

static void fill_groups(const struct results *results,
                        const struct member *members, struct group *at,
                        struct groups *groups, struct arena *arena)
{
    const struct member *family = members;
    for (size_t i = 0; i < results->n_trials;) {
        size_t n = count_alike(members + i, results->n_trials - i);
        if (i == 0 || members[i].family_rank != family->family_rank) {
            family = &members[i];
            groups->n_families++;
        }
        at[groups->n] = make_group(results, &members[i], n, arena);
        at[groups->n++].i_family = groups->n_families - 1;
        i += n;
    }
}

struct groups groups_make(const struct results *results, struct arena *arena)
{
    size_t n = results->n_trials;
    struct settings *settings = ARENA_ARRAY(arena, struct settings, n + 1);
    for (size_t i = 0; i < n; i++)
        settings[i] = results->trials[i].settings;
    struct variation variation = settings_vary(n, settings, arena);
    struct aspects aspects = take_apart(&variation, arena);
    struct member *members = list_members(
        results, &aspects, &variation, twins_find(n, settings, arena), arena);
    struct group *at = ARENA_ARRAY(arena, struct group, n + 1);
    struct groups groups = {
        .at = at,
        .defence_varies = aspects.defence.n > 0,
        .seed_varies = variation_has(&variation, "training.seed"),
    };
    sort_members(members, n);
    fill_groups(results, members, at, &groups, arena);
    return groups;
}
