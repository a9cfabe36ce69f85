/*
 * The segments of a folder by name, and by what tells one content from
 * another's without reading it: its length and its last bytes, which are the
 * checksum of its last outcome.
 */
#ifndef IO_SEGMENT_LIST_H
#define IO_SEGMENT_LIST_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/status.h"

#include <limits.h>

enum { SEGMENT_NAME_SIZE = sizeof "NNNNNNNN-GGGGGGGG.seg" };

struct segment {
    char name[SEGMENT_NAME_SIZE];
    uint64_t n_bytes;
    struct digest end;   /* of the last bytes */
    uint64_t n_outcomes; /* whole ones; UINT64_MAX: not counted */
    char holder[SEGMENT_NAME_SIZE]; /* the file that it is a piece of; "": it is
                                       a file of its own */
    uint64_t offset, n_inside; /* of its outcomes there */
};

struct segment_list {
    size_t n, capacity;
    struct segment *at; /* by name, if segment_list_read made it */
};

/* NNNNNNNN-GGGGGGGG.seg and GGGGGGGG.run; false for any other name. */
bool segment_name_is_segment(const char *name, uint32_t *number,
                             uint32_t *generation);
bool segment_name_is_run(const char *name, uint32_t *generation);

void segment_print_name(uint32_t number, uint32_t generation,
                        char name[SEGMENT_NAME_SIZE]);

/* FOLDER/NAME, which must fit. */
void segment_path(char path[PATH_MAX], const char *folder, const char *name);

void segment_list_add(struct segment_list *list, const struct segment *segment,
                      struct arena *arena);

/* All segments' files of a folder as they were at an instant, by name, in
 * `arena`; and all segments in them (io/segment_table.h): their names alone, of
 * those that lie together also length and end, which the third adds to all. A
 * folder that is not there holds none; a segment that cannot be read has the
 * length UINT64_MAX. */
CHECKED enum status segment_list_files(const char *folder, struct arena *arena,
                                       struct segment_list *list);
CHECKED enum status segment_list_read(const char *folder, struct arena *arena,
                                      struct segment_list *list);
void segment_list_measure(const char *folder, struct segment_list *list);

/* The mark of a whole file in memory. */
void segment_measure(const unsigned char *at, size_t n,
                     struct segment *segment);

/* NULL if the list, sorted by name, has none of that name. */
const struct segment *segment_list_find(const struct segment_list *list,
                                        const char *name);

/* The same bytes, as far as length and end tell. */
bool segment_is_same(const struct segment *a, const struct segment *b);

/* A line "NAME LENGTH END OUTCOMES" each; and back again, false if the text is
 * anything else. */
const char *segment_list_print(const struct segment_list *list,
                               struct arena *arena);
bool segment_list_parse(const char *text, struct arena *arena,
                        struct segment_list *list);

#endif
