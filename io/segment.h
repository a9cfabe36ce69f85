/*
 * Segments: immutable files, each holding the packed outcomes of some tasks,
 *
 *     DIR/segments/NNNNNNNN-GGGGGGGG.seg    number, generation (hex)
 *     DIR/segments/GGGGGGGG.run             this generation is taken; who takes
 *                                           it may write into this
 *
 * written once by durable_write and never touched again, until it is put
 * together with others (io/segment_merge.h). Every outcome in it
 * carries its length and checksum, so a file that was cut short or damaged
 * gives up its whole outcomes and names the loss.
 */
#ifndef IO_SEGMENT_H
#define IO_SEGMENT_H

#include "io/bytes.h"
#include "io/outcome.h"
#include "io/segment_list.h"

/* Writer of one run's segments; `generation` tells runs on one folder apart,
 * even if they write at the same time: it is in every name they write. */
struct segment_writer {
    const char *folder; /* DIR/segments, borrowed */
    uint32_t generation;
    uint64_t next_number;
    struct bytes waiting; /* packed outcomes, not yet on disk */
    size_t n_waiting;
    size_t fan, n_loose; /* see io/segment_merge.h; flushed since the last */
    uint64_t most_bytes;
    bool apart, due; /* it is left to another process to put files together;
                        there are enough of them */
    uint64_t below;  /* only numbers below this are its own; 0: all */
};

/* Opens on a folder, made if it is not there, that may hold earlier segments:
 * numbers go on after theirs, the generation is one above the highest and
 * taken by making its ".run" file, which of several writers only one can. */
CHECKED enum status segment_open(const char *folder,
                                 struct segment_writer *writer);

/* Adds an outcome to what waits; nothing is durable before segment_flush. */
void segment_append(struct segment_writer *writer,
                    const struct outcome *outcome);

/* Writes what waits as one new segment. On refusal (disk full) it goes on
 * waiting and can be tried again. No-op when nothing waits. */
CHECKED enum status segment_flush(struct segment_writer *writer);

/* Forgets what still waits. */
void segment_close(struct segment_writer *writer);

/* Where a packed outcome lies, or lay while its segment was a file. */
struct segment_place {
    char name[SEGMENT_NAME_SIZE];
    uint64_t offset, n_bytes;
};

/* Reads it once more; refuses what is not as it was any longer. */
CHECKED enum status segment_read_place(const char *folder,
                                       const struct segment_place *place,
                                       struct arena *arena,
                                       struct outcome *outcome);

/* Calls `visit` for every outcome of all segments of a folder, ordered by name,
 * once, whatever files they are in meanwhile. `arena` is the visit's own,
 * emptied after each call. Damage is not a refusal: it is told to `damage`
 * (file and reason, once a segment) and reading goes on; a task whose outcome
 * was lost is simply not done. A folder that is not there holds no segments. A
 * visit's refusal ends the reading and is handed on. */
struct segment_visitor {
    void *self;
    CHECKED enum status (*visit)(void *self, const struct outcome *outcome,
                                 struct arena *arena);
    void (*damage)(void *self, const char *path, const char *reason);
    /* NULL, or called after each segment, with what it was. */
    void (*segment)(void *self, const struct segment *segment);
    /* NULL, or called before each visit, with where the outcome lies. */
    void (*place)(void *self, const struct segment_place *place);
};

CHECKED enum status segment_read_all(const char *folder,
                                     const struct segment_visitor *visitor);

/* Only those of that list, in the same order: what others have written since
 * it was read is passed over. */
CHECKED enum status segment_read_known(const char *folder,
                                       const struct segment_list *known,
                                       const struct segment_visitor *visitor);

#endif
