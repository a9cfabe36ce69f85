/*
 * What each rank of a run does at this moment, for people who watch:
 *
 *     DIR/segments/GGGGGGGG.now
 *
 * written anew about once a second, taken away when the run ends; one that a
 * killed run left is taken away by the next. Nothing depends on it.
 */
#ifndef SWEEP_ACTIVITY_H
#define SWEEP_ACTIVITY_H

#include "sweep/display.h"
#include "sweep/presence.h"

enum { ACTIVITY_RANKS = 256 }; /* the first so many are told of one by one */

enum activity_state { ACTIVITY_IDLE, ACTIVITY_BUSY, ACTIVITY_LOST };

struct activity_rank {
    size_t rank;
    char host[64];
    enum activity_state state;
    double busy_s; /* since its task began */
    struct progress progress;
    struct digest cell;
    char task[96]; /* "training", "pgd, samples 0 to 99" */
};

struct activity {
    double now_s; /* date of the writing */
    double gone_s, left_s; /* of the run; left: NaN if nobody knows */
    struct display_counts counts;
    size_t n_ranks, n; /* all; of those told of */
    const struct activity_rank *ranks;
};

/* Of a coordinator that began `gone_s` ago; in `arena`. */
struct activity activity_take(const struct coordinator *coordinator,
                              double now_s, double gone_s,
                              struct arena *arena);

/* A disk that refuses is let have its way. */
void activity_write(const char *segments, uint32_t generation,
                    const struct activity *activity);
void activity_remove(const char *segments, uint32_t generation);

/* Takes away those of runs that are neither `own` nor among the presences. */
void activity_clean(const char *segments, uint32_t own,
                    const struct presences *others);

/* False if there is none that can be read. */
bool activity_read(const char *segments, uint32_t generation,
                   struct arena *arena, struct activity *activity);

#endif
