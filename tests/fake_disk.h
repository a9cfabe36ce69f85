/*
 * A disk for tests of the coordinator: a keeper that remembers which outcomes
 * are permanent, refuses to write for a while when told to, and aborts when
 * something is kept that must not be.
 */
#ifndef TESTS_FAKE_DISK_H
#define TESTS_FAKE_DISK_H

#include "sweep/coordinator.h"

struct fake_entry {
    size_t task; /* index in the ledger */
    enum outcome_state state;
    uint64_t attempt;
};

struct fake_disk {
    struct ledger *ledger; /* of the present life */
    double now_s;          /* set by the test */
    double refuses_from_s, refuses_to_s;
    size_t n_kept, n_all, capacity; /* all: those not yet permanent, too */
    struct fake_entry *entries;
    enum task_state *final; /* [n_tasks]: TASK_WAITING, or how it ended */
    uint64_t *failures;     /* [n_tasks], of this life */
    size_t n_refused, n_told;
};

struct fake_disk fake_disk_open(size_t n_tasks);
void fake_disk_close(struct fake_disk *disk);

struct keeper fake_disk_keeper(struct fake_disk *disk);

/* A new run begins: what was not permanent is lost, the rest is recalled. */
void fake_disk_begin(struct fake_disk *disk, struct ledger *ledger);

/* Aborts unless the ended run's ledger says what is on the disk. */
void fake_disk_audit(const struct fake_disk *disk);

#endif
