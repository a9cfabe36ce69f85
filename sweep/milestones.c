#include "sweep/milestones.h"
#include "sweep/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t milestones_find_end(const struct spec *spec, struct training_bptt *room,
                           struct spec *longest)
{
    const struct choice *training = &spec->at[SPEC_TRAINING];
    if (spec->at[SPEC_ATTACK].kind || training->kind != training_kind_bptt)
        return 0;
    *room = *(const struct training_bptt *)training->params;
    size_t end = training_count_epochs(room);
    room->until_epoch = 0;
    *longest = *spec;
    longest->at[SPEC_TRAINING].params = room;
    return end;
}

const char *milestones_path(const char *folder, struct digest lineage,
                            size_t epoch, struct arena *arena)
{
    char text[DIGEST_TEXT_SIZE];
    return arena_print(arena, "%s/%s-e%zu.milestone",
                       folder_checkpoints(folder, arena),
                       digest_print(lineage, text), epoch);
}

/* The name of exactly such a file, or false. */
static bool parse_name(const char *name, struct digest *lineage, size_t *epoch)
{
    char text[DIGEST_TEXT_SIZE] = "";
    int end = 0;
    if (strlen(name) < sizeof text)
        return false;
    memcpy(text, name, sizeof text - 1);
    name += sizeof text - 1;
    return digest_parse(text, lineage) &&
           sscanf(name, "-e%zu.milestone%n", epoch, &end) == 1 && end > 0 &&
           name[end] == '\0';
}

/* Calls `visit` for each milestone of the folder. */
static void visit_all(const char *folder, void *self,
                      void (*visit)(void *self, DIR *open, const char *name,
                                    struct digest lineage, size_t epoch))
{
    struct arena arena = arena_open();
    DIR *open = opendir(folder_checkpoints(folder, &arena));
    struct dirent *entry;
    struct digest lineage;
    size_t epoch;
    while (open && (entry = readdir(open)) != NULL)
        if (parse_name(entry->d_name, &lineage, &epoch))
            visit(self, open, entry->d_name, lineage, epoch);
    if (open)
        closedir(open);
    arena_close(&arena);
}

struct wanted {
    struct digest lineage;
    size_t epoch; /* the last that is asked for; to be dropped before it */
    size_t found;
};

static void note_latest(void *self, DIR *open, const char *name,
                        struct digest lineage, size_t epoch)
{
    struct wanted *wanted = self;
    (void)open;
    (void)name;
    if (digest_equal(lineage, wanted->lineage) && epoch <= wanted->epoch &&
        epoch > wanted->found)
        wanted->found = epoch;
}

size_t milestones_find(const char *folder, struct digest lineage, size_t last)
{
    struct wanted wanted = {lineage, last, 0};
    visit_all(folder, &wanted, note_latest);
    return wanted.found;
}

/* One that cannot be deleted does no harm. */
static void drop_earlier(void *self, DIR *open, const char *name,
                         struct digest lineage, size_t epoch)
{
    const struct wanted *wanted = self;
    if (digest_equal(lineage, wanted->lineage) && epoch < wanted->epoch)
        unlinkat(dirfd(open), name, 0);
}

void milestones_drop(const char *folder, struct digest lineage, size_t epoch)
{
    struct wanted wanted = {lineage, epoch, 0};
    visit_all(folder, &wanted, drop_earlier);
}

static void drop_any(void *self, DIR *open, const char *name,
                     struct digest lineage, size_t epoch)
{
    (void)self;
    (void)lineage;
    (void)epoch;
    unlinkat(dirfd(open), name, 0);
}

void milestones_drop_all(const char *folder)
{
    visit_all(folder, NULL, drop_any);
}
