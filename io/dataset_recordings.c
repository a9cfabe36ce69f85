/* Which recordings a set of events has: as a list names them, or as they lie in
 * a folder a class. */
#include "io/dataset_parts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { N_CLASSES = 10, LIST_MOST = 1 << 26 };

/* lists ---------------------------------------------------------------- */

/* "60001\t7": two numbers and nothing else. */
static bool read_entry(const char *line, struct arena *arena,
                       struct dataset_recording *recording)
{
    size_t n = strspn(line, "0123456789");
    const char *end = line + n + strspn(line + n, " \t");
    if (n == 0 || n > 9 || end == line + n || !isdigit((unsigned char)*end) ||
        end[1 + strspn(end + 1, " \t\r")] != '\0')
        return false;
    *recording = (struct dataset_recording){
        .name = arena_print(arena, "%.*s.bs2", (int)n, line),
        .label = (unsigned char)(*end - '0')};
    return true;
}

/* Lines that begin with a '#' are headings. */
static enum status take_lines(char *text, const char *path,
                              struct arena *arena,
                              struct dataset_recordings *recordings)
{
    size_t n_lines = 0, n = 0;
    for (const char *at = text; *at; at++)
        n_lines += *at == '\n';
    struct dataset_recording *taken =
        ARENA_ARRAY(arena, struct dataset_recording, n_lines + 1);
    char *line;
    for (size_t i = 1; (line = strsep(&text, "\n")); i++) {
        if (*line == '#' || *line == '\0')
            continue;
        if (!read_entry(line, arena, &taken[n++]))
            return status_refuse(STATUS_INVALID,
                                 "%s:%zu: is not a recording's number and its "
                                 "class from 0 to 9",
                                 path, i);
    }
    if (n == 0)
        return status_refuse(STATUS_DAMAGED, "%s: lists no recording", path);
    *recordings = (struct dataset_recordings){.n = n, .at = taken};
    return STATUS_OK;
}

static enum status read_list(const struct dataset_source *source,
                             struct arena *arena,
                             struct dataset_recordings *recordings)
{
    struct bytes bytes = {NULL, 0, 0};
    enum status status = dataset_source_read(source, LIST_MOST, &bytes);
    if (status == STATUS_OK && bytes.n > 0 &&
        (bytes.n == LIST_MOST || memchr(bytes.at, '\0', bytes.n)))
        status = status_refuse(STATUS_INVALID,
                               "%s: is no list: longer than %d bytes, or not "
                               "a text",
                               source->path, LIST_MOST - 1);
    bytes_append(&bytes, "", 1);
    if (status == STATUS_OK)
        status = take_lines((char *)bytes.at, source->path, arena, recordings);
    bytes_free(&bytes);
    return status;
}

/* folders -------------------------------------------------------------- */

static int is_recording(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && !strcmp(entry->d_name + n - 4, ".bin");
}

/* By bytes: the order must not depend on the user's language. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* One class' files, appended; the array grows by copying. */
static enum status add_class(const char *folder, const char *part,
                             unsigned char label, struct arena *arena,
                             struct dataset_recordings *recordings)
{
    struct dirent **entries;
    const char *path = arena_print(arena, "%s/%s/%d", folder, part, label);
    int n = scandir(path, &entries, is_recording, by_name);
    if (n < 0)
        return status_refuse_errno("%s: the folder must hold a class' .bin "
                                   "files (or set train_list and test_list)",
                                   path);
    size_t n_before = recordings->n, n_all = n_before + (size_t)n;
    struct dataset_recording *taken =
        ARENA_ARRAY(arena, struct dataset_recording, n_all + 1);
    if (n_before > 0)
        memcpy(taken, recordings->at, n_before * sizeof *taken);
    for (size_t i = 0; i < (size_t)n; i++) {
        taken[n_before + i] = (struct dataset_recording){
            .name = arena_print(arena, "%s/%d/%s", part, label,
                                entries[i]->d_name),
            .label = label};
        free(entries[i]);
    }
    free(entries);
    *recordings = (struct dataset_recordings){.n = n_all, .at = taken};
    return STATUS_OK;
}

static enum status read_folders(const char *folder, const char *part,
                                struct arena *arena,
                                struct dataset_recordings *recordings)
{
    struct dataset_recordings taken = {.n = 0};
    for (unsigned char label = 0; label < N_CLASSES; label++)
        TRY(add_class(folder, part, label, arena, &taken));
    if (taken.n == 0)
        return status_refuse(STATUS_DAMAGED,
                             "%s/%s: there is no recording in its folders",
                             folder, part);
    *recordings = taken;
    return STATUS_OK;
}

/* files of recordings -------------------------------------------------- */

static enum status name_all(const char *path,
                            struct dataset_recordings *recordings)
{
    for (size_t i = 0; i < recordings->n; i++) {
        const struct events_recording *from = &recordings->set.at[i];
        if (from->label >= N_CLASSES)
            return status_refuse(STATUS_INVALID,
                                 "%s: recording %s is of class %d, allowed "
                                 "are 0 to %d",
                                 path, from->name, from->label, N_CLASSES - 1);
        recordings->at[i] =
            (struct dataset_recording){from->name, from->label};
    }
    return STATUS_OK;
}

static enum status open_set(const char *path, struct arena *arena,
                            struct dataset_recordings *recordings)
{
    struct dataset_recordings taken = {.n = 0};
    TRY(events_file_open(path, arena, &taken.set));
    taken.n = taken.set.n;
    taken.at = ARENA_ARRAY(arena, struct dataset_recording, taken.n);
    enum status status = name_all(path, &taken);
    if (status == STATUS_OK)
        *recordings = taken;
    else
        dataset_recordings_close(&taken);
    return status;
}

void dataset_recordings_close(struct dataset_recordings *recordings)
{
    events_set_close(&recordings->set);
}

enum status dataset_list_recordings(const char *folder, const char *list,
                                    const char *part, struct arena *arena,
                                    struct dataset_recordings *recordings)
{
    struct dataset_sources one = {0};
    if (*list == '\0')
        return read_folders(folder, part, arena, recordings);
    TRY(dataset_source_find(
        folder, list, "the folder must hold the recordings and their lists",
        arena, &one));
    if (events_file_is_named(one.at[0].path))
        return open_set(one.at[0].path, arena, recordings);
    return read_list(&one.at[0], arena, recordings);
}
