#include "sweep/herald.h"
#include "sweep/activity.h"

#include <math.h>

/* How often the presence is written while tasks come to an end, and while none
 * does; how often others are looked for. */
static const double WRITE_MIN_S = 1, WRITE_MAX_S = 5, LOOK_S = 30;

/* Generations only grow: who is told of once is not told of again. */
static void tell_of(struct herald *herald, const struct presences *others,
                    struct arena *arena)
{
    uint32_t latest = herald->latest;
    for (size_t i = 0; i < others->n; i++) {
        const struct presence *other = &others->at[i];
        if (other->generation <= herald->latest)
            continue;
        latest = other->generation > latest ? other->generation : latest;
        if (!presence_overlaps(other, &herald->presence))
            continue;
        herald->tell(herald->self,
                     arena_print(arena,
                                 "WARNING: another run serves this folder: %s; "
                                 "what both do is computed twice, nothing is "
                                 "lost",
                                 presence_describe(other, arena)));
    }
    herald->latest = latest;
}

/* And takes away what dead runs have left. */
static void look(struct herald *herald)
{
    struct arena arena = arena_open();
    struct presences others;
    if (presence_list(herald->segments, herald->presence.generation, &arena,
                      &others) == STATUS_OK) {
        tell_of(herald, &others, &arena);
        activity_clean(herald->segments, herald->presence.generation, &others);
    } else {
        status_forget();
    }
    arena_close(&arena);
}

void herald_begin(struct herald *herald, const char *segments,
                  struct presence presence,
                  void (*tell)(void *self, const char *line), void *self)
{
    *herald = (struct herald){.segments = segments,
                              .presence = presence,
                              .tell = tell,
                              .self = self};
    presence_write(segments, &herald->presence);
    look(herald);
}

/* A rank's first task: those that it was given in advance only wait. */
static void write_running(struct herald *herald,
                          const struct coordinator *coordinator)
{
    struct arena arena = arena_open();
    struct presence *presence = &herald->presence;
    struct digest *running =
        ARENA_ARRAY(&arena, struct digest, coordinator->wire->size);
    for (size_t r = 0; r < coordinator->wire->size; r++) {
        const struct member *member = &coordinator->members[r];
        if (member->lost || member->n_tasks == 0)
            continue;
        const struct task *task =
            &coordinator->ledger->tasks[member->tasks[0]];
        running[presence->n_running++] =
            span_digest(task->span, task->digest);
    }
    presence->running = running;
    presence_write(herald->segments, presence);
    presence->n_running = 0;
    presence->running = NULL;
    arena_close(&arena);
}

/* Of thousands of ranks not every second. */
static void tell_activity(struct herald *herald,
                          const struct coordinator *coordinator, double now_s)
{
    double every_s = fmax(1.0, (double)coordinator->wire->size / 1000);
    if (herald->began_s == 0)
        herald->began_s = now_s;
    if (herald->told_s > 0 && now_s - herald->told_s < every_s)
        return;
    struct arena arena = arena_open();
    struct activity activity = activity_take(
        coordinator, now_s, now_s - herald->began_s, &arena);
    activity_write(herald->segments, herald->presence.generation, &activity);
    herald->told_s = now_s;
    arena_close(&arena);
}

void herald_go_on(struct herald *herald,
                  const struct coordinator *coordinator, double now_s)
{
    bool changed = coordinator->n_kept != herald->n_kept;
    if (coordinator_stops_together(coordinator))
        herald_stop(herald);
    double pause_s = changed ? WRITE_MIN_S : WRITE_MAX_S;
    if (herald->written_s == 0) /* the first tasks are handed out soon */
        herald->written_s = now_s - WRITE_MAX_S + WRITE_MIN_S;
    if (now_s - herald->written_s >= pause_s) {
        herald->written_s = now_s;
        herald->n_kept = coordinator->n_kept;
        write_running(herald, coordinator);
    }
    tell_activity(herald, coordinator, now_s);
    if (herald->looked_s == 0)
        herald->looked_s = now_s;
    if (now_s - herald->looked_s >= LOOK_S) {
        herald->looked_s = now_s;
        look(herald);
    }
}

void herald_stop(struct herald *herald)
{
    if (herald->presence.told_s > 0)
        return;
    presence_stop(&herald->presence);
    herald->written_s -= WRITE_MAX_S;
}

void herald_end(struct herald *herald)
{
    if (!herald->segments)
        return;
    activity_remove(herald->segments, herald->presence.generation);
    presence_end(&herald->presence);
    presence_write(herald->segments, &herald->presence);
}
