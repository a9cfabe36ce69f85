/*
 * A disk for tests of the coordinator: a keeper that remembers which outcomes
 * are permanent, refuses to write for a while when told to, and aborts when
 * something is kept that must not be.
 */
#ifndef TESTS_FAKE_DISK_H
#define TESTS_FAKE_DISK_H

#include "sweep/coordinator.h"
#include "tests/fake_play.h"

struct fake_entry {
    struct digest task;
    struct span span;
    enum outcome_state state;
    uint64_t attempt;
};

struct fake_disk {
    struct ledger *ledger; /* of the present life */
    double now_s;          /* set by the test */
    double refuses_from_s, refuses_to_s;
    size_t n_kept, n_all, capacity; /* all: those not yet permanent, too */
    struct fake_entry *entries;
    const struct play *play;
    enum task_state *final; /* [play->n_tasks]: TASK_WAITING, or how it ended:
                               of attacks when all samples are done */
    bool (*done)[PLAY_SAMPLES]; /* [play->n_tasks] samples with a result */
    uint64_t *failures; /* of the ledger's tasks, of this life */
    size_t n_refused, n_told;
};

struct fake_disk fake_disk_open(const struct play *play);
void fake_disk_close(struct fake_disk *disk);

struct keeper fake_disk_keeper(struct fake_disk *disk);

/* A new run begins: what was not permanent is lost, the rest is recalled. */
void fake_disk_begin(struct fake_disk *disk, struct ledger *ledger);

/* How many of the task's samples have a result; a training has one. */
size_t fake_disk_count(const struct fake_disk *disk, const struct task *task);

/* Aborts unless the ended run's ledger says what is on the disk. */
void fake_disk_audit(const struct fake_disk *disk);

#endif
