/* The second pass over the segments: records into sweep.h5. */
#include "io/store_file.h"

#include <stdlib.h>
#include <string.h>

struct filler {
    struct store_file *file;
    size_t ordinal, n_written;
};

static int by_digest(const void *digest, const void *task)
{
    return digest_compare(*(const struct digest *)digest,
                          ((const struct store_task *)task)->task);
}

/* The task that this outcome counts for, or NULL if another one does. */
static const struct store_task *find_task(const struct filler *filler,
                                          const struct outcome *outcome)
{
    const struct store_index *index = filler->file->index;
    const struct store_task *task =
        bsearch(&outcome->task, index->tasks, index->n_tasks,
                sizeof *index->tasks, by_digest);
    return task && task->ordinal == filler->ordinal ? task : NULL;
}

/* Spreads the rows of an attack's own epsilons over those of the file; the
 * others stay without a value. */
static const void *spread(const struct store_file *file,
                          const struct record *record,
                          const struct store_variable *variable,
                          struct arena *arena)
{
    const double *epsilon = record_f64(record, FIELD_EPSILON);
    size_t n = record->extent[DIM_EPSILON], n_all = file->index->n_epsilons;
    size_t n_row = n ? record_count(record, variable->field) / n : 0;
    size_t size = store_type_size(variable->type) * n_row;
    unsigned char *all = arena_take(arena, n_all * size);
    store_fill_none(variable->type, n_all * n_row, all);
    for (size_t e = 0; e < n; e++) {
        size_t at = store_index_epsilon(file->index, epsilon[e]);
        memcpy(all + at * size,
               (const unsigned char *)record->at[variable->field] + e * size,
               size);
    }
    return all;
}

static enum status write_field(const struct store_file *file,
                               const struct store_task *task,
                               const struct record *record,
                               const struct store_variable *variable,
                               struct arena *arena)
{
    const struct record_row *row = &record_rows[variable->field];
    const void *values = record->at[variable->field];
    size_t start[STORE_RANK_MAX] = {task->trial, 0};
    size_t count[STORE_RANK_MAX] = {1, 1};
    size_t n = variable->rank - row->rank; /* trial, and perhaps attack */
    if (n > 1)
        start[1] = task->attack;
    for (size_t i = 0; i < row->rank; i++)
        count[n + i] = record->extent[row->dimension[i]];
    if (row->rank > 0 && row->dimension[0] == DIM_EPSILON) {
        values = spread(file, record, variable, arena);
        count[n] = file->index->n_epsilons;
    }
    for (size_t i = 0; i < variable->rank; i++)
        if (count[i] == 0)
            return STATUS_OK;
    return store_file_write(file, variable, start, count, values);
}

static enum status write_record(const struct store_file *file,
                                const struct store_task *task,
                                const struct record *record,
                                struct arena *arena)
{
    for (size_t i = 0; i < file->schema.n; i++) {
        const struct store_variable *variable = &file->schema.variables[i];
        if (variable->source == FROM_RECORD && file->datasets[i] >= 0 &&
            record->at[variable->field])
            TRY(write_field(file, task, record, variable, arena));
    }
    return STATUS_OK;
}

static enum status visit(void *self, const struct outcome *outcome,
                         struct arena *arena)
{
    struct filler *filler = self;
    const struct store_task *task = find_task(filler, outcome);
    filler->ordinal++;
    if (!task || !task->has_record)
        return STATUS_OK;
    struct record record;
    TRY(record_unpack(outcome->record, outcome->n_record_bytes, arena,
                      &record));
    TRY(write_record(filler->file, task, &record, arena));
    filler->n_written++;
    return STATUS_OK;
}

/* Evaluations in parts, one at a time. */
static enum status fill_joined(struct filler *filler, const char *segments)
{
    const struct store_index *index = filler->file->index;
    for (size_t i = 0; i < index->n_tasks; i++) {
        const struct store_task *task = &index->tasks[i];
        if (task->n_parts == 0)
            continue;
        struct arena arena = arena_open();
        struct record record;
        enum status status =
            store_parts_read(segments, task, &arena, &record);
        if (status == STATUS_OK)
            status = write_record(filler->file, task, &record, &arena);
        arena_close(&arena);
        TRY(status);
        filler->n_written++;
    }
    return STATUS_OK;
}

/* The first pass has noted it. */
static void pass_over_damage(void *self, const char *path, const char *reason)
{
    (void)self;
    (void)path;
    (void)reason;
}

enum status store_file_fill(struct store_file *file, const char *segments)
{
    struct filler filler = {.file = file};
    struct segment_visitor visitor = {.self = &filler,
                                      .visit = visit,
                                      .damage = pass_over_damage};
    TRY(segment_read_known(segments, &file->index->segments, &visitor));
    TRY(fill_joined(&filler, segments));
    size_t n_expected = 0;
    for (size_t i = 0; i < file->index->n_tasks; i++)
        n_expected += file->index->tasks[i].has_record;
    if (filler.n_written != n_expected)
        return status_refuse(STATUS_DAMAGED,
                             "%s: %zu of %zu results were gone when they "
                             "were read again",
                             segments, n_expected - filler.n_written,
                             n_expected);
    return STATUS_OK;
}
