/*
 * Runs that serve a folder at this moment, by the files that they leave in it:
 *
 *     DIR/segments/GGGGGGGG.run     host, process, since when, what it computes
 *
 * (beside it GGGGGGGG.marks, see sweep/marks.h); written anew every few
 * seconds, and a last time when the run ends. This is
 * for people to know, and locks nothing: runs that serve one folder at a time
 * do no harm but compute twice.
 */
#ifndef SWEEP_PRESENCE_H
#define SWEEP_PRESENCE_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/status.h"

#include <stdbool.h>

struct presence {
    uint32_t generation; /* of the segments that it writes */
    char host[64];
    long process;
    uint64_t ticks; /* when the process began, since its machine did; 0: not
                       known */
    double began_s, ended_s; /* dates; 0: it goes on */
    double told_s;  /* when it was told to stop; 0: it was not */
    double due_s;   /* when the job ends; 0: nobody knows */
    double wrote_s; /* when the file was written, by the folder's clock */
    bool counted;   /* that it died: see sweep/deaths.h */
    size_t n_ranks;
    size_t share, n_shares; /* of the cells, from 0; n_shares 0 or 1: all */
    size_t n_running; /* tasks that are being computed */
    const struct digest *running; /* span_digest of each */
};

struct presences {
    size_t n;
    const struct presence *at;
};

/* Of this process, which begins now. */
struct presence presence_begin(uint32_t generation, size_t n_ranks);

/* Everybody was told to stop, it ends soon; it ends now. */
void presence_stop(struct presence *presence);
void presence_end(struct presence *presence);

/* Writes it into DIR/segments. A disk that refuses is let have its way: what
 * is at stake is told elsewhere. */
void presence_write(const char *segments, const struct presence *presence);

/* Those of other generations than `own` (0: all) that go on, in `arena`: on
 * this machine by their process, on others if they have written in the last two
 * minutes. Files of the first versions, which are empty, tell nothing. */
CHECKED enum status presence_list(const char *segments, uint32_t own,
                                  struct arena *arena,
                                  struct presences *presences);

/* Of those of other generations that neither go on nor have ended: died. */
CHECKED enum status presence_list_dead(const char *segments, uint32_t own,
                                       struct arena *arena,
                                       struct presences *presences);

/* Whether two runs on one folder may compute the same: not if they have
 * different shares of as many. */
bool presence_overlaps(const struct presence *a, const struct presence *b);

/* "node1, process 123, since 2026-11-27 16:00:00 UTC" */
const char *presence_describe(const struct presence *presence,
                              struct arena *arena);

#endif
