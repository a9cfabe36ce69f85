#include "sweep/activity.h"
#include "io/durable.h"
#include "io/segment_list.h"
#include "sweep/clock.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const state_names[] = {"idle", "busy", "lost"};

static void print_path(char path[PATH_MAX], const char *segments,
                       uint32_t generation)
{
    char name[32];
    snprintf(name, sizeof name, "%08" PRIx32 ".now", generation);
    segment_path(path, segments, name);
}

/* taking -------------------------------------------------------------- */

/* With a task of its own: what went to others meanwhile is theirs. */
static enum activity_state state_of(const struct member *member)
{
    if (member->lost)
        return ACTIVITY_LOST;
    return member->n_tasks > 0 && member->n_returned == 0 ? ACTIVITY_BUSY
                                                          : ACTIVITY_IDLE;
}

static void take_task(const struct coordinator *coordinator,
                      const struct member *member, double now_s,
                      struct activity_rank *rank)
{
    struct arena arena = arena_open();
    const struct ledger *ledger = coordinator->ledger;
    const struct task *task = &ledger->tasks[member->tasks[0]];
    struct spec spec = ledger_spec(ledger, task);
    const struct kind *attack = spec.at[SPEC_ATTACK].kind;
    rank->busy_s = now_s - member->began_s;
    rank->progress = member->progress;
    rank->cell = ledger->cells->at[task->cell].digest;
    snprintf(rank->task, sizeof rank->task, "%s%s",
             task->attack != LEDGER_TRAIN && attack ? attack->name : "training",
             span_print(task->span, &arena));
    arena_close(&arena);
}

struct activity activity_take(const struct coordinator *coordinator,
                              double now_s, double gone_s,
                              struct arena *arena)
{
    size_t n_ranks = coordinator->wire->size;
    size_t n = n_ranks < ACTIVITY_RANKS ? n_ranks : ACTIVITY_RANKS;
    struct activity_rank *ranks = ARENA_ARRAY(arena, struct activity_rank, n);
    for (size_t r = 0; r < n; r++) {
        const struct member *member = &coordinator->members[r];
        ranks[r].rank = r;
        ranks[r].state = state_of(member);
        snprintf(ranks[r].host, sizeof ranks[r].host, "%s",
                 *member->host ? member->host : "-");
        if (ranks[r].state == ACTIVITY_BUSY)
            take_task(coordinator, member, now_s, &ranks[r]);
    }
    return (struct activity){.now_s = clock_date_s(),
                             .gone_s = gone_s,
                             .left_s = display_estimate(coordinator, now_s),
                             .counts = display_count(coordinator),
                             .n_ranks = n_ranks,
                             .n = n,
                             .ranks = ranks};
}

/* writing ------------------------------------------------------------- */

static void print_rank(const struct activity_rank *rank, FILE *out)
{
    char cell[DIGEST_TEXT_SIZE];
    fprintf(out, "rank %zu %s %s", rank->rank, rank->host,
            state_names[rank->state]);
    if (rank->state == ACTIVITY_BUSY)
        fprintf(out, " %.1f %" PRIu64 " %" PRIu64 " %.9g %s %s", rank->busy_s,
                rank->progress.done, rank->progress.total, rank->progress.loss,
                digest_print(rank->cell, cell), rank->task);
    fprintf(out, "\n");
}

static void print(const struct activity *activity, FILE *out)
{
    const struct display_counts *counts = &activity->counts;
    fprintf(out,
            "now %.3f gone %.1f left %.1f\ncells %zu %zu\ntasks %zu %zu\n"
            "failed %zu busy %zu ranks %zu told %zu\n",
            activity->now_s, activity->gone_s, activity->left_s,
            counts->n_cells_finished, counts->n_cells, counts->n_finished,
            counts->n_wanted, counts->n_failed, counts->n_busy,
            activity->n_ranks, activity->n);
    for (size_t i = 0; i < activity->n; i++)
        print_rank(&activity->ranks[i], out);
}

/* Renamed into place, so that nobody reads half of it, but not forced to the
 * disk: a second later it is out of date. */
void activity_write(const char *segments, uint32_t generation,
                    const struct activity *activity)
{
    char path[PATH_MAX], temporary[PATH_MAX];
    print_path(path, segments, generation);
    durable_temporary(path, temporary, sizeof temporary);
    FILE *file = fopen(temporary, "we");
    if (!file)
        return;
    print(activity, file);
    bool whole = !ferror(file);
    whole = fclose(file) == 0 && whole;
    if (!whole || rename(temporary, path) != 0)
        unlink(temporary);
}

void activity_remove(const char *segments, uint32_t generation)
{
    char path[PATH_MAX];
    print_path(path, segments, generation);
    unlink(path);
}

/* "GGGGGGGG.now" */
static bool name_is_now(const char *name, uint32_t *generation)
{
    char run[32];
    size_t n = strlen(name);
    if (n < 4 || n >= sizeof run || strcmp(name + n - 4, ".now") != 0)
        return false;
    snprintf(run, sizeof run, "%.*s.run", (int)(n - 4), name);
    return segment_name_is_run(run, generation);
}

static bool goes_on(uint32_t generation, const struct presences *others)
{
    for (size_t i = 0; i < others->n; i++)
        if (others->at[i].generation == generation)
            return true;
    return false;
}

void activity_clean(const char *segments, uint32_t own,
                    const struct presences *others)
{
    DIR *open = opendir(segments);
    struct dirent *entry;
    uint32_t generation = 0;
    while (open && (entry = readdir(open)) != NULL)
        if (name_is_now(entry->d_name, &generation) && generation != own &&
            !goes_on(generation, others))
            activity_remove(segments, generation);
    if (open)
        closedir(open);
}

/* reading ------------------------------------------------------------- */

static bool read_head(FILE *file, struct activity *activity)
{
    struct display_counts *counts = &activity->counts;
    return fscanf(file,
                  " now %lf gone %lf left %lf cells %zu %zu tasks %zu %zu "
                  "failed %zu busy %zu ranks %zu told %zu",
                  &activity->now_s, &activity->gone_s, &activity->left_s,
                  &counts->n_cells_finished, &counts->n_cells,
                  &counts->n_finished, &counts->n_wanted, &counts->n_failed,
                  &counts->n_busy, &activity->n_ranks, &activity->n) == 11 &&
           activity->n <= ACTIVITY_RANKS;
}

static bool read_rank(FILE *file, struct activity_rank *rank)
{
    char state[8], cell[DIGEST_TEXT_SIZE];
    if (fscanf(file, " rank %zu %63s %7s", &rank->rank, rank->host, state) != 3)
        return false;
    int i = ACTIVITY_IDLE;
    while (i <= ACTIVITY_LOST && strcmp(state, state_names[i]) != 0)
        i++;
    rank->state = (enum activity_state)i;
    if (rank->state != ACTIVITY_BUSY)
        return i <= ACTIVITY_LOST;
    return fscanf(file, "%lf %" SCNu64 " %" SCNu64 " %lf %32s %95[^\n]",
                  &rank->busy_s, &rank->progress.done, &rank->progress.total,
                  &rank->progress.loss, cell, rank->task) == 6 &&
           digest_parse(cell, &rank->cell);
}

static bool read_all(FILE *file, struct arena *arena,
                     struct activity *activity)
{
    if (!read_head(file, activity))
        return false;
    struct activity_rank *ranks =
        ARENA_ARRAY(arena, struct activity_rank, activity->n + 1);
    for (size_t i = 0; i < activity->n; i++)
        if (!read_rank(file, &ranks[i]))
            return false;
    activity->ranks = ranks;
    return true;
}

bool activity_read(const char *segments, uint32_t generation,
                   struct arena *arena, struct activity *activity)
{
    char path[PATH_MAX];
    struct activity read = {0};
    print_path(path, segments, generation);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool is_whole = read_all(file, arena, &read);
    fclose(file);
    if (is_whole)
        *activity = read;
    return is_whole;
}
