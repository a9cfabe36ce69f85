/* Evaluations in parts: which parts count, and their whole. Parts are read
 * again where they lie, so that no more than one evaluation is in memory. */
#include "core/record_join.h"
#include "io/store_index.h"

#include <math.h>
#include <string.h>

/* The outcomes of one task, one of each span, in the order of spans. */
struct group {
    const struct store_task *at;
    size_t n;
    const struct store_task **chosen; /* of those, results side by side */
    size_t n_chosen, n_covered;       /* samples */
    size_t total;
};

static bool is_result(const struct store_task *task)
{
    return task->has_record && task->state == OUTCOME_DONE;
}

/* choosing ------------------------------------------------------------ */

static const struct store_task *find_whole(const struct group *group)
{
    const struct store_task *first = &group->at[0];
    return span_is_whole(first->span) &&
                   (first->state == OUTCOME_DONE ||
                    first->state == OUTCOME_DIVERGED)
               ? first
               : NULL;
}

/* Of different totals (the data were others) the latest counts. */
static size_t find_total(const struct group *group)
{
    const struct store_task *latest = NULL;
    for (size_t i = 0; i < group->n; i++)
        if (!span_is_whole(group->at[i].span) &&
            (!latest || group->at[i].ordinal > latest->ordinal))
            latest = &group->at[i];
    return latest ? latest->span.total : 0;
}

static void choose(struct group *group, struct arena *scratch)
{
    struct span *spans = ARENA_ARRAY(scratch, struct span, group->n);
    bool *chosen = ARENA_ARRAY(scratch, bool, group->n);
    group->chosen =
        ARENA_ARRAY(scratch, const struct store_task *, group->n);
    group->total = find_total(group);
    size_t n = 0;
    for (size_t i = 0; i < group->n; i++)
        if (is_result(&group->at[i]) &&
            group->at[i].span.total == group->total) {
            spans[n] = group->at[i].span;
            group->chosen[n++] = &group->at[i];
        }
    group->n_covered = spans_choose(n, spans, chosen);
    for (size_t i = 0; i < n; i++)
        if (chosen[i])
            group->chosen[group->n_chosen++] = group->chosen[i];
}

/* joining ------------------------------------------------------------- */

static enum status read_part(const char *segments,
                             const struct segment_place *place,
                             struct digest task, struct span span,
                             struct arena *arena, struct record *record)
{
    struct outcome outcome;
    TRY(segment_read_place(segments, place, arena, &outcome));
    TRY(record_unpack(outcome.record, outcome.n_record_bytes, arena, record));
    if (digest_equal(outcome.task, task) && span_equal(record->span, span))
        return STATUS_OK;
    return status_refuse(STATUS_DAMAGED, "%s/%s: it holds other outcomes now",
                         segments, place->name);
}

enum status store_parts_read(const char *segments,
                             const struct store_task *task,
                             struct arena *arena, struct record *record)
{
    struct arena own = arena_open();
    struct record *parts = ARENA_ARRAY(&own, struct record, task->n_parts);
    enum status status = STATUS_OK;
    for (size_t k = 0; k < task->n_parts && status == STATUS_OK; k++)
        status = read_part(segments, &task->parts[k].place, task->task,
                           task->parts[k].span, &own, &parts[k]);
    if (status == STATUS_OK)
        status = record_join(task->n_parts, parts, arena, record);
    arena_close(&own);
    return status;
}

/* "a; b": all texts that differ. */
static const char *add_text(const char *texts, const char *text,
                            struct arena *arena)
{
    size_t n = strlen(text);
    for (const char *at = texts; at; at = strstr(at, "; ")) {
        at += at == texts ? 0 : 2;
        if (strncmp(at, text, n) == 0 &&
            (at[n] == '\0' || strncmp(at + n, "; ", 2) == 0))
            return texts;
    }
    return *texts ? arena_print(arena, "%s; %s", texts, text) : text;
}

static void add_part(struct store_task *whole, const struct store_task *part,
                     struct arena *arena)
{
    whole->host = add_text(whole->host, part->host, arena);
    whole->version = add_text(whole->version, part->version, arena);
    whole->revision = add_text(whole->revision, part->revision, arena);
    whole->engine = add_text(whole->engine, part->engine, arena);
    whole->means = add_text(whole->means, part->means, arena);
    whole->origin = add_text(whole->origin, part->origin, arena);
    whole->message = add_text(whole->message, part->message, arena);
    if (part->attempt > whole->attempt)
        whole->attempt = part->attempt;
    if (part->peak_bytes > whole->peak_bytes)
        whole->peak_bytes = part->peak_bytes;
    whole->started_s = fmin(whole->started_s, part->started_s);
    whole->wall_s += part->wall_s;
    whole->cpu_s += part->cpu_s;
}

static struct store_task make_whole(const struct group *group,
                                    struct arena *arena)
{
    struct store_task whole = *group->chosen[0];
    struct store_part *parts =
        ARENA_ARRAY(arena, struct store_part, group->n_chosen);
    whole.span = (struct span){0};
    whole.ordinal = SIZE_MAX;
    for (size_t k = 0; k < group->n_chosen; k++) {
        const struct store_task *part = group->chosen[k];
        parts[k] =
            (struct store_part){part->span, part->place, part->build};
        if (k > 0)
            add_part(&whole, part, arena);
    }
    whole.n_parts = group->n_chosen;
    whole.parts = parts;
    return whole;
}

/* False, and why in index->damage, if the parts cannot be joined. */
static bool join(const char *segments, const struct group *group,
                 struct store_index *index, struct arena *arena,
                 struct store_task *whole)
{
    struct arena own = arena_open();
    struct record record;
    *whole = make_whole(group, arena);
    bool joined =
        store_parts_read(segments, whole, &own, &record) == STATUS_OK;
    if (joined) {
        struct digest digest = record_digest(&record);
        whole->result = digest_fold(whole->task, &digest, sizeof digest);
        memcpy(whole->extent, record.extent, sizeof whole->extent);
    } else {
        char text[DIGEST_TEXT_SIZE];
        index->damage =
            arena_print(arena, "%s%s: %s\n", index->damage,
                        digest_print(whole->task, text), status_reason());
        status_forget();
    }
    arena_close(&own);
    return joined;
}

/* what is missing ----------------------------------------------------- */

/* What failed may have been computed since, in parts of another size. */
static bool is_covered(const struct group *group, struct span span)
{
    size_t n = 0;
    for (size_t k = 0; k < group->n_chosen; k++) {
        struct span one = group->chosen[k]->span;
        size_t first = one.first > span.first ? one.first : span.first;
        size_t end_one = one.first + one.n, end = span.first + span.n;
        end = end_one < end ? end_one : end;
        n += end > first ? end - first : 0;
    }
    return !span_is_whole(span) && n == span.n;
}

static bool is_failure(enum outcome_state state)
{
    return state == OUTCOME_FAILED || state == OUTCOME_TIMED_OUT;
}

/* The latest failure, else the latest interruption; NULL: all that was begun
 * was done. */
static const struct store_task *find_failure(const struct group *group)
{
    const struct store_task *found = NULL;
    for (size_t i = 0; i < group->n; i++) {
        const struct store_task *one = &group->at[i];
        if (one->has_record || is_covered(group, one->span))
            continue;
        bool is_worse = found && is_failure(one->state) &&
                        !is_failure(found->state);
        bool is_better = found && !is_failure(one->state) &&
                         is_failure(found->state);
        if (!found || is_worse ||
            (!is_better && one->ordinal > found->ordinal))
            found = one;
    }
    return found;
}

static struct store_task tell_failure(const struct store_task *failure,
                                      struct arena *arena)
{
    struct store_task task = *failure;
    task.cause = arena_print(arena, "%s%s", failure->cause,
                             span_print(failure->span, arena));
    task.span = (struct span){0};
    return task;
}

/* What is there is kept by the segments, and shown when all is. */
static struct store_task tell_incomplete(const struct group *group,
                                         struct arena *arena)
{
    const struct store_task *first =
        group->n_chosen ? group->chosen[0] : &group->at[0];
    struct store_task task = *first;
    for (size_t k = 1; k < group->n_chosen; k++)
        add_part(&task, group->chosen[k], arena);
    task.span = (struct span){0};
    task.incomplete = true;
    task.has_record = false;
    task.cause = arena_print(arena, "%zu of %zu samples have a result",
                             group->n_covered, group->total);
    memset(task.extent, 0, sizeof task.extent);
    return task;
}

/* all of it ----------------------------------------------------------- */

/* The one that counts of a group; false if its parts cannot be joined. */
static bool settle(const char *segments, struct group *group,
                   struct store_index *index, struct arena *arena,
                   struct arena *scratch, struct store_task *task)
{
    const struct store_task *whole = find_whole(group);
    if (whole || (group->n == 1 && span_is_whole(group->at[0].span))) {
        *task = group->at[0];
        return true;
    }
    choose(group, scratch);
    if (group->n_covered == group->total && group->total > 0)
        return join(segments, group, index, arena, task);
    const struct store_task *failure = find_failure(group);
    *task = failure ? tell_failure(failure, arena)
                    : tell_incomplete(group, arena);
    return true;
}

void store_parts_join(const char *segments, struct store_index *index,
                      struct store_task *tasks, struct arena *arena)
{
    size_t n = 0;
    for (size_t i = 0, end; i < index->n_tasks; i = end) {
        struct arena scratch = arena_open();
        struct store_task task;
        for (end = i + 1; end < index->n_tasks &&
                          digest_equal(tasks[end].task, tasks[i].task);)
            end++;
        struct group group = {.at = &tasks[i], .n = end - i};
        if (settle(segments, &group, index, arena, &scratch, &task))
            tasks[n++] = task;
        arena_close(&scratch);
    }
    index->n_tasks = n;
}
