/*
 * A segment: magic, number of outcomes, number of bytes that follow, checksum
 * of these; then for each outcome its length and the packed outcome.
 */
#include "io/segment.h"
#include "io/durable.h"
#include "io/segment_merge.h"
#include "io/segment_table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* writing ------------------------------------------------------------- */

static enum status read_names(const char *folder,
                              struct segment_writer *writer)
{
    DIR *open = opendir(folder);
    if (!open)
        return status_refuse_errno("%s: cannot read the folder", folder);
    struct dirent *entry;
    uint32_t number = 0, generation = 0;
    while (errno = 0, (entry = readdir(open)) != NULL) {
        bool segment =
            segment_name_is_segment(entry->d_name, &number, &generation);
        if (segment && number >= writer->next_number)
            writer->next_number = number + UINT64_C(1);
        if ((segment || segment_name_is_run(entry->d_name, &generation)) &&
            generation > writer->generation)
            writer->generation = generation;
    }
    int error = errno;
    closedir(open);
    errno = error;
    if (error != 0)
        return status_refuse_errno("%s: cannot read the folder", folder);
    return STATUS_OK;
}

/* Takes the next generation that no other writer has taken meanwhile. */
static enum status take_generation(struct segment_writer *writer)
{
    for (;;) {
        char name[SEGMENT_NAME_SIZE], path[PATH_MAX];
        if (writer->generation == UINT32_MAX)
            return status_refuse(STATUS_INVALID,
                                 "%s: no generations are left",
                                 writer->folder);
        writer->generation++;
        snprintf(name, sizeof name, "%08" PRIx32 ".run", writer->generation);
        segment_path(path, writer->folder, name);
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0) {
            close(file);
            return STATUS_OK;
        }
        if (errno != EEXIST)
            return status_refuse_errno("%s: cannot write", path);
    }
}

enum status segment_open(const char *folder, struct segment_writer *writer)
{
    struct segment_writer opened = {.folder = folder,
                                    .fan = SEGMENT_FAN,
                                    .most_bytes = SEGMENT_MOST_BYTES};
    TRY(durable_make_folder(folder));
    TRY(read_names(folder, &opened));
    TRY(take_generation(&opened));
    *writer = opened;
    return STATUS_OK;
}

void segment_append(struct segment_writer *writer,
                    const struct outcome *outcome)
{
    struct bytes packed = {NULL, 0, 0};
    outcome_pack(outcome, &packed);
    bytes_append_u64(&writer->waiting, packed.n);
    bytes_append(&writer->waiting, packed.at, packed.n);
    bytes_free(&packed);
    writer->n_waiting++;
}

/* The number is used up only when the file is there: were the flush of the
 * folder refused after the renaming, the next try replaces the file by one
 * that holds the same and more. */
enum status segment_flush(struct segment_writer *writer)
{
    if (writer->n_waiting == 0)
        return STATUS_OK;
    MUST(writer->next_number <= UINT32_MAX);
    char name[SEGMENT_NAME_SIZE], path[PATH_MAX];
    segment_print_name((uint32_t)writer->next_number, writer->generation,
                       name);
    segment_path(path, writer->folder, name);
    struct bytes file = {NULL, 0, 0};
    segment_header_write(
        SEGMENT_MAGIC,
        (uint64_t[]){writer->n_waiting, writer->waiting.n}, &file);
    bytes_append(&file, writer->waiting.at, writer->waiting.n);
    enum status status = durable_write(path, file.at, file.n);
    bytes_free(&file);
    TRY(status);
    writer->waiting.n = 0;
    writer->n_waiting = 0;
    writer->next_number++;
    segment_merge_own(writer);
    return STATUS_OK;
}

/* Not while a flush that was refused may have left a file: its next try has to
 * replace that. */
bool segment_merge_reserve(struct segment_writer *writer, uint64_t *number)
{
    if (!writer->due || writer->n_waiting > 0)
        return false;
    writer->due = false;
    *number = writer->next_number;
    writer->next_number += SEGMENT_MERGE_NUMBERS;
    return true;
}

void segment_close(struct segment_writer *writer)
{
    bytes_free(&writer->waiting);
    writer->n_waiting = 0;
}
