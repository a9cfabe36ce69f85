/*
 * Segments that were put together into one file, so that a folder never has
 * many: the file's name is a segment's, its beginning is a table of those that
 * it holds, then follow their outcomes, byte for byte. For readers they are
 * what they were, under their own names; the file itself is nothing to them.
 * Where a segment lies in several files, the one with the greatest name counts.
 */
#ifndef IO_SEGMENT_TABLE_H
#define IO_SEGMENT_TABLE_H

#include "io/bytes.h"
#include "io/segment_list.h"

enum {
    SEGMENT_HEADER_SIZE = 5 * sizeof(uint64_t), /* of any segment's file */
    SEGMENT_MAGIC_SIZE = 8
};

#define SEGMENT_MAGIC "SPKSEG01"
#define SEGMENT_TABLE_MAGIC "SPKSEG02"

/* Header: magic, two numbers, the checksum of these. Of a segment these are
 * the number of outcomes and that of the bytes that follow; of a file of
 * several the number of segments and that of the bytes behind the table. */
void segment_header_write(const char *magic, const uint64_t numbers[2],
                          struct bytes *bytes);
CHECKED enum status segment_header_read(struct bytes_reader *reader,
                                        const char *magic,
                                        uint64_t numbers[2]);

/* The table of these segments, which have their names, lengths, ends, numbers
 * of outcomes, and n_inside bytes of them. */
void segment_table_write(const struct segment_list *held, struct bytes *bytes);

/* Adds to `held` what the file holds, with where it lies; nothing if it is a
 * usual segment's, or too damaged to tell. Refuses what may not be read. */
CHECKED enum status segment_table_read(const char *folder, const char *name,
                                       struct arena *arena,
                                       struct segment_list *held);

/* Of files by name makes the segments in them, by name, each once. */
CHECKED enum status segment_table_expand(const char *folder,
                                         struct arena *arena,
                                         struct segment_list *list);

#endif
