/*
 * What has to hold of a sweep's folder at every instant, whatever happens to
 * the processes that write it: looked at again and again by one who only
 * reads.
 */
#ifndef TESTS_CHAOS_WATCH_H
#define TESTS_CHAOS_WATCH_H

#include "core/arena.h"
#include "core/digest.h"

#include <stdbool.h>
#include <sys/types.h>

enum { WATCH_WRITERS_MAX = 64, WATCH_CUTS_MAX = 64, WATCH_PATH_SIZE = 512 };

/* A result as its task and its samples. */
struct watch_result {
    struct digest task;
    uint64_t first, n;
};

struct watch {
    const char *folder; /* borrowed */
    struct watch_result *known; /* sorted; those that were there last time */
    size_t n_known;
    int checkpoints; /* inotify's: of checkpoints as they become whole */
    int of_folder;   /* its watch, or -1: the folder was not there yet */
    struct watch_writer {
        pid_t process;
        double cpu_s; /* when its latest checkpoint was whole */
    } writers[WATCH_WRITERS_MAX];
    size_t next_writer;
    char cut[WATCH_CUTS_MAX][WATCH_PATH_SIZE]; /* segments that were damaged
                                                  on purpose */
    size_t n_cut;
    struct digest retrained[WATCH_CUTS_MAX]; /* whose networks were: these may
                                                have to be trained again */
    size_t n_retrained;
    ino_t cut_file; /* of a sweep.h5 that was, or 0 */
    size_t n_looks, n_unreadable, n_lost, n_twice;
};

struct watch watch_begin(const char *folder);
void watch_end(struct watch *watch);

/* sweep.h5 opens and can be read; all results that were there are there, each
 * once; no segment is damaged. What does not hold is counted and said on
 * standard error. */
void watch_look(struct watch *watch);

/* Notes checkpoints that have become whole; cheap. */
void watch_listen(struct watch *watch);

/* CPU seconds that a trial's process has spent since its latest checkpoint;
 * negative if there is no such process. */
double watch_unsaved_s(const struct watch *watch, pid_t process);

/* A file was cut on purpose: a segment's results may be gone, a network's
 * training may be there twice, sweep.h5 need not be readable before there is a
 * new one. */
void watch_forgive(struct watch *watch, const char *path);

/* The folder begins anew. */
void watch_forget(struct watch *watch);

#endif
