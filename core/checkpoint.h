/*
 * Checkpoints: what a stage of a trial needs to go on from where it is, regions
 * of its memory in a fixed order. core/ knows when they fit together; what
 * becomes of them is up to whom the stage is computed for.
 */
#ifndef CORE_CHECKPOINT_H
#define CORE_CHECKPOINT_H

#include "core/arena.h"
#include "core/record.h"

enum { CHECKPOINT_REGIONS_MAX = RECORD_N_FIELDS + 16 };

struct region {
    void *at;
    size_t n_bytes;
};

struct checkpoint {
    size_t n;
    struct region at[CHECKPOINT_REGIONS_MAX];
};

struct checkpoint_keeper {
    void *self;
    /* Fills the regions from what an earlier attempt kept; false: there is
     * nothing that fits, and they are as they were. */
    bool (*restore)(void *self, const struct checkpoint *checkpoint);
    /* Asked often: whether it is time to keep them; that done. The latter need
     * not return, if the stage is to be left. */
    bool (*is_due)(void *self);
    void (*keep)(void *self, const struct checkpoint *checkpoint);
    /* NULL, or called when a training ends before its last epoch: what it has
     * come to, for one that is to go on. */
    void (*milestone)(void *self, const struct checkpoint *checkpoint);
};

/* One region more, or none if it has no bytes; all fields of a record. Over a
 * counting arena places may be NULL. */
void checkpoint_add(struct checkpoint *checkpoint, void *at, size_t n_bytes);
void checkpoint_add_record(struct checkpoint *checkpoint,
                           const struct record *record);

/* As many regions of the same sizes, in `arena`; what is in one to another. */
struct checkpoint checkpoint_lay_out_copy(const struct checkpoint *checkpoint,
                                          struct arena *arena);
void checkpoint_copy(const struct checkpoint *from,
                     const struct checkpoint *to);

/* The regions fit together at this moment. No keeper: nothing happens. */
void checkpoint_offer(const struct checkpoint_keeper *keeper,
                      const struct checkpoint *checkpoint);
bool checkpoint_restore(const struct checkpoint_keeper *keeper,
                        const struct checkpoint *checkpoint);

#endif
