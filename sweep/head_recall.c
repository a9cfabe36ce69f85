/* What rank 0 knows of earlier runs before it begins. */
#include "sweep/head_parts.h"
#include "io/segment_merge.h"
#include "io/store.h"
#include "io/store_old.h"
#include "sweep/deaths.h"
#include "sweep/folder.h"
#include "sweep/reuse.h"

static enum status recall(void *self, const struct outcome *outcome,
                          struct arena *arena)
{
    (void)arena;
    struct head *head = self;
    ledger_recall(&head->ledger, outcome);
    return STATUS_OK;
}

static void tell_damage(void *self, const char *path, const char *reason)
{
    struct head *head = self;
    head_tell(self, arena_print(&head->arena,
                                "%s: %s; what was lost in it is computed again",
                                path, reason));
}

/* A network that some attack needs may be gone. */
static void reopen_trainings(struct head *head)
{
    for (size_t c = 0; c < head->study.cells.n; c++) {
        struct task *task = &head->ledger.tasks[head->ledger.first[c]];
        if (task->state != TASK_DONE || !ledger_needs_network(&head->ledger, c))
            continue;
        if (!head_has_network(head, c)) {
            ledger_reopen(&head->ledger, task);
            head->n_retraining++;
        }
    }
}

static void note_segment(void *self, const struct segment *segment)
{
    struct head *head = self;
    segment_list_add(&head->segments, segment, &head->arena);
}

/* Now, so that it is said before it is replaced. */
static enum status keep_old_results(struct head *head)
{
    enum store_standing standing;
    const char *note = "";
    TRY(store_compare(head->folder, &head->segments, &standing));
    TRY(store_keep(head->folder, standing, &head->arena, &note));
    if (*note)
        head_tell(head, note);
    return STATUS_OK;
}

/* Files of earlier runs, not of those that go on. */
static void put_together(struct head *head, const char *segments)
{
    struct presences others;
    struct arena arena = arena_open();
    if (presence_list(segments, head->writer.generation, &arena, &others) ==
        STATUS_OK) {
        uint32_t *live = ARENA_ARRAY(&arena, uint32_t, others.n);
        for (size_t i = 0; i < others.n; i++)
            live[i] = others.at[i].generation;
        segment_merge_all(&head->writer, others.n, live);
    }
    status_forget();
    arena_close(&arena);
}

static enum status reuse_all(struct head *head)
{
    for (size_t i = 0; i < head->options->n_reused; i++) {
        size_t n = 0;
        const char *other = head->options->reused[i];
        TRY(reuse_take(other, head->folder, &head->ledger, &head->writer, &n));
        head_tell(head,
                  arena_print(&head->arena, "%zu result%s taken over from %s",
                              n, n == 1 ? " is" : "s are", other));
    }
    return STATUS_OK;
}

/* While it is not known whether a task kills its rank, it has to be known what
 * each rank is at. */
static enum status count_deaths(struct head *head)
{
    struct deaths deaths = {head->folder,
                            folder_segments(head->folder, &head->arena),
                            &head->ledger,
                            &head->writer,
                            head_tell,
                            head};
    return deaths_count(&deaths, &head->n_died);
}

enum status head_recall(struct head *head)
{
    struct segment_visitor visitor = {head, recall, tell_damage, note_segment,
                                      NULL};
    const char *segments = folder_segments(head->folder, &head->arena);
    put_together(head, segments);
    TRY(segment_read_all(segments, &visitor));
    TRY(keep_old_results(head));
    ledger_cut(&head->ledger);
    TRY(reuse_all(head));
    TRY(count_deaths(head));
    const size_t *count = head->ledger.count;
    head->n_recalled = count[TASK_DONE] + count[TASK_DIVERGED];
    if (head->only.is_given)
        head->n_left = only_apply(&head->only, &head->ledger);
    head->n_aside = count[TASK_ASIDE];
    reopen_trainings(head);
    ledger_start(&head->ledger);
    return STATUS_OK;
}
