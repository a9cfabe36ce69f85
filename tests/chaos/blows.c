#include "core/rng.h"
#include "core/status.h"
#include "tests/chaos/chaos.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* One file of a folder of the sweep's, or none. */
static bool choose_file(struct chaos *chaos, const char *folder,
                        char path[PATH_MAX])
{
    uint32_t n = 0;
    char whole[PATH_MAX / 2];
    snprintf(whole, sizeof whole, "%s/%s", chaos->prey.folder, folder);
    DIR *entries = opendir(whole);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (entry->d_type == DT_REG && chaos_draw(chaos, ++n) == 0)
            snprintf(path, PATH_MAX, "%s/%s", whole, entry->d_name);
    if (entries)
        closedir(entries);
    return n > 0;
}

static bool cut_file(struct chaos *chaos)
{
    static const char *const folders[] = {"segments", "checkpoints", "models"};
    char path[PATH_MAX];
    struct stat stat_of;
    uint32_t i = chaos_draw(chaos, 5);
    if (i >= 3)
        snprintf(path, sizeof path, "%s/sweep.h5", chaos->prey.folder);
    else if (!choose_file(chaos, folders[i], path))
        return false;
    if (stat(path, &stat_of) != 0 || stat_of.st_size == 0)
        return false;
    uint32_t n = chaos_draw(chaos, (uint32_t)stat_of.st_size);
    MUST(truncate(path, (off_t)n) == 0);
    watch_forgive(&chaos->watch, path);
    return true;
}

static bool kill_one(struct chaos *chaos, enum prey_kind kind)
{
    pid_t found[PREY_MAX];
    size_t n = prey_find(&chaos->prey, kind, found);
    pid_t victim = n > 0 ? found[chaos_draw(chaos, (uint32_t)n)] : 0;
    if (n == 0)
        return false;
    prey_describe(victim, chaos->victim);
    watch_listen(&chaos->watch);
    double unsaved_s = watch_unsaved_s(&chaos->watch, victim);
    if (unsaved_s < 0 || kill(victim, SIGKILL) != 0)
        return false;
    if (kind == PREY_CHILD)
        chaos->unsaved_s[chaos->n_unsaved++] = unsaved_s;
    return true;
}

static bool refuse_for_a_while(struct chaos *chaos, const char *order)
{
    FILE *file = fopen(chaos->refuse, "w");
    MUST(file && fputs(order, file) >= 0 && fclose(file) == 0);
    double while_s = 0.05 + chaos_draw(chaos, 500) / 1e3;
    chaos_look_for(chaos, while_s, chaos_job_is_over);
    MUST(unlink(chaos->refuse) == 0);
    return true;
}

/* Whether it has happened. */
bool chaos_strike(struct chaos *chaos, enum event event)
{
    switch (event) {
    case EVENT_CHILD:
        return kill_one(chaos, PREY_CHILD);
    case EVENT_RANK:
        if (!kill_one(chaos, PREY_RANK))
            return false;
        break;
    case EVENT_LAUNCHER:
        prey_describe(chaos->job, chaos->victim);
        kill(chaos->job, SIGKILL);
        break;
    case EVENT_FULL:
        return refuse_for_a_while(chaos, "full");
    case EVENT_FLUSH:
        return refuse_for_a_while(chaos, "s");
    default:
        prey_describe(chaos->job, chaos->victim);
        prey_kill_all(&chaos->prey);
    }
    chaos_await_end(chaos);
    return event != EVENT_CUT || cut_file(chaos);
}

/* Every event has a turn in each round, in another order. */
enum event chaos_take_turn(const struct chaos *chaos)
{
    size_t turn = chaos->n_events % EVENT_N;
    uint32_t order[EVENT_N];
    struct rng_stream stream = {chaos->seed, RNG_SHAKE,
                                1 + chaos->n_events / EVENT_N};
    rng_permute(stream, EVENT_N, order);
    return (enum event)order[turn];
}

