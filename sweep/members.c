#include "sweep/members.h"

#include <string.h>

struct member_sets member_sets_open(size_t n_members, struct arena *arena)
{
    struct member_sets sets;
    MUST(n_members <= UINT32_MAX);
    for (size_t k = 0; k < WORKER_LINE_MAX; k++)
        sets.with[k] = (struct member_set){
            .at = ARENA_ARRAY(arena, uint32_t, n_members)};
    return sets;
}

/* The last one takes its place. */
static void leave(struct member_sets *sets, struct member *members, size_t i)
{
    struct member_set *set = &sets->with[members[i].set];
    uint32_t last = set->at[--set->n];
    set->at[members[i].place] = last;
    members[last].place = members[i].place;
    members[i].set = SIZE_MAX;
}

void member_sets_sort(struct member_sets *sets, struct member *members,
                      size_t i)
{
    struct member *member = &members[i];
    bool open = member->there && !member->lost &&
                member->n_tasks < WORKER_LINE_MAX;
    size_t wanted = open ? member->n_tasks : SIZE_MAX;
    if (member->set == wanted)
        return;
    if (member->set != SIZE_MAX)
        leave(sets, members, i);
    if (!open)
        return;
    struct member_set *set = &sets->with[wanted];
    member->set = wanted;
    member->place = set->n;
    set->at[set->n++] = (uint32_t)i;
}

void member_forget_task(struct member *member, uint64_t task, double now_s)
{
    for (size_t i = 0; i < member->n_tasks; i++)
        if (member->tasks[i] == task) {
            member->n_tasks--;
            member->n_returned -= i < member->n_returned;
            memmove(&member->tasks[i], &member->tasks[i + 1],
                    (member->n_tasks - i) * sizeof *member->tasks);
            member->began_s = now_s;
            member->progress = (struct progress){0};
            return;
        }
}
