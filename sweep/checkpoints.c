#include "sweep/checkpoints.h"
#include "sweep/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One that cannot be deleted does no harm: a task that has a result is not
 * computed again. */
static void delete_named(const char *folder, const char *name)
{
    struct arena arena = arena_open();
    unlink(arena_print(&arena, "%s/%s", folder_checkpoints(folder, &arena),
                       name));
    arena_close(&arena);
}

static bool parse_name(const char *name, struct digest *digest,
                       struct span *span)
{
    char text[DIGEST_TEXT_SIZE] = "";
    *span = (struct span){0};
    if (strlen(name) < sizeof text)
        return false;
    memcpy(text, name, sizeof text - 1);
    const char *rest = name + sizeof text - 1;
    if (*rest == '-' &&
        sscanf(rest, "-%zu-%zu.", &span->first, &span->n) != 2)
        return false;
    return digest_parse(text, digest);
}

/* Parts are known by where they begin and end. */
static const struct task *find(struct ledger *ledger, const char *name)
{
    struct digest digest;
    struct span span;
    if (!parse_name(name, &digest, &span))
        return NULL;
    struct task *task = ledger_find(ledger, digest);
    if (!task || span_is_whole(span))
        return task;
    span.total = task->span.total;
    return ledger_find_part(ledger, digest, span);
}

void checkpoints_begin(struct checkpoints *checkpoints, const char *folder,
                       struct ledger *ledger)
{
    struct arena arena = arena_open();
    *checkpoints = (struct checkpoints){.folder = folder};
    DIR *open = opendir(folder_checkpoints(folder, &arena));
    struct dirent *entry;
    while (open && (entry = readdir(open)) != NULL) {
        const struct task *task = find(ledger, entry->d_name);
        if (task && (task->state == TASK_DONE || task->state == TASK_DIVERGED))
            delete_named(folder, entry->d_name);
    }
    if (open)
        closedir(open);
    arena_close(&arena);
}

void checkpoints_note(struct checkpoints *checkpoints,
                      const struct outcome *outcome)
{
    if (outcome->state != OUTCOME_DONE && outcome->state != OUTCOME_DIVERGED)
        return;
    struct arena arena = arena_open();
    const char *path = folder_checkpoint(checkpoints->folder, outcome->task,
                                         outcome->span, &arena);
    const char *name = strrchr(path, '/') + 1;
    bytes_append(&checkpoints->ended, name, strlen(name) + 1);
    arena_close(&arena);
}

void checkpoints_drop(struct checkpoints *checkpoints)
{
    const char *at = (const char *)checkpoints->ended.at;
    for (size_t i = 0; i < checkpoints->ended.n; i += strlen(at + i) + 1)
        delete_named(checkpoints->folder, at + i);
    checkpoints->ended.n = 0;
}

void checkpoints_close(struct checkpoints *checkpoints)
{
    bytes_free(&checkpoints->ended);
}
