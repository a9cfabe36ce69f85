#include "io/store_index.h"
#include "core/spec.h"
#include "core/text_pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The index under construction. */
struct indexer {
    struct arena *arena;
    struct text_pool texts;
    struct store_task *tasks;
    size_t n, capacity, n_outcomes;
    double *epsilons; /* unsorted, each once */
    size_t n_epsilons, epsilon_capacity;
    const char *hosts, *damage;
    struct segment_list segments;
    struct segment_place place; /* of the outcome that is visited */
};

/* reading ------------------------------------------------------------- */

static void note_damage(void *self, const char *path, const char *reason)
{
    struct indexer *indexer = self;
    const char *name = strrchr(path, '/');
    indexer->damage = arena_print(indexer->arena, "%s%s: %s\n",
                                  indexer->damage, name ? name + 1 : path,
                                  reason);
}

const char *store_index_add_line(const char *lines, const char *line,
                                 struct arena *arena)
{
    size_t n = strlen(line);
    for (const char *at = lines; *at; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") == n && !strncmp(at, line, n))
            return lines;
    return arena_print(arena, "%s%s\n", lines, line);
}

static void note_epsilon(struct indexer *indexer, double epsilon)
{
    for (size_t i = 0; i < indexer->n_epsilons; i++)
        if (indexer->epsilons[i] == epsilon)
            return;
    if (indexer->n_epsilons == indexer->epsilon_capacity) {
        double *old = indexer->epsilons;
        indexer->epsilon_capacity = 2 * indexer->epsilon_capacity + 32;
        indexer->epsilons = ARENA_ARRAY(indexer->arena, double,
                                        indexer->epsilon_capacity);
        if (indexer->n_epsilons)
            memcpy(indexer->epsilons, old, indexer->n_epsilons * sizeof *old);
    }
    indexer->epsilons[indexer->n_epsilons++] = epsilon;
}

/* Outside of the arena while it grows: there each size would stay. */
static struct store_task *add_task(struct indexer *indexer)
{
    if (indexer->n == indexer->capacity) {
        indexer->capacity = 2 * indexer->capacity + 64;
        indexer->tasks = realloc(indexer->tasks,
                                 indexer->capacity * sizeof *indexer->tasks);
        MUST(indexer->tasks);
    }
    return &indexer->tasks[indexer->n++];
}

static void move_tasks(struct indexer *indexer)
{
    struct store_task *grown = indexer->tasks;
    indexer->tasks =
        ARENA_ARRAY(indexer->arena, struct store_task, indexer->n);
    if (indexer->n)
        memcpy(indexer->tasks, grown, indexer->n * sizeof *grown);
    free(grown);
}

/* The text of the attack alone, of what it goes back through and by, and of
 * whose network it is made on. */
static const char *print_attack(const struct spec *spec, struct arena *arena)
{
    struct spec alone = {0};
    for (size_t i = SPEC_ATTACK; i < SPEC_N_AXES; i++)
        alone.at[i] = spec->at[i];
    return spec_print(&alone, false, arena);
}

static enum status read_spec(struct indexer *indexer,
                             const struct outcome *outcome,
                             struct store_task *task, struct arena *scratch)
{
    struct spec spec;
    TRY(spec_parse(outcome->spec, &spec, scratch));
    struct spec cell = spec_without_attack(spec);
    task->spec = text_pool_keep(&indexer->texts,
                                spec_print(&cell, false, scratch));
    task->full_spec =
        text_pool_keep(&indexer->texts, spec_print(&cell, true, scratch));
    if (spec.at[SPEC_ATTACK].kind)
        task->attack_spec =
            text_pool_keep(&indexer->texts, print_attack(&spec, scratch));
    return STATUS_OK;
}

static enum status note_epsilons(struct indexer *indexer,
                                 const struct record *record)
{
    const double *epsilon = record_f64(record, FIELD_EPSILON);
    for (size_t e = 0; e < record->extent[DIM_EPSILON]; e++)
        if (!isfinite(epsilon[e]))
            return status_refuse(STATUS_DAMAGED, "an epsilon is not finite");
    for (size_t e = 0; e < record->extent[DIM_EPSILON]; e++)
        note_epsilon(indexer, epsilon[e]);
    return STATUS_OK;
}

static const char *read_digest(const struct record *record,
                               enum record_field high, enum record_field low,
                               struct text_pool *texts)
{
    struct digest digest = {*record_u64(record, high),
                            *record_u64(record, low)};
    char text[DIGEST_TEXT_SIZE];
    return text_pool_keep(texts, digest_print(digest, text));
}

static void note_digests(struct indexer *indexer, const struct record *record,
                         struct store_task *task)
{
    task->model = read_digest(record, FIELD_MODEL_DIGEST_HIGH,
                              FIELD_MODEL_DIGEST_LOW, &indexer->texts);
    task->data = read_digest(record, FIELD_DATA_DIGEST_HIGH,
                             FIELD_DATA_DIGEST_LOW, &indexer->texts);
}

static enum status read_record(struct indexer *indexer,
                               const struct outcome *outcome,
                               struct store_task *task, struct arena *scratch)
{
    struct record record;
    TRY(record_unpack(outcome->record, outcome->n_record_bytes, scratch,
                      &record));
    enum record_stage stage = task->attack_spec ? STAGE_EVALUATE : STAGE_TRAIN;
    if (record.stage != stage || !span_equal(record.span, outcome->span))
        return status_refuse(STATUS_DAMAGED,
                             "a record of another stage or part than its "
                             "task");
    if (stage == STAGE_EVALUATE)
        TRY(note_epsilons(indexer, &record));
    else
        note_digests(indexer, &record, task);
    struct digest digest = record_digest(&record);
    task->result = digest_fold(task->task, &digest, sizeof digest);
    task->has_record = true;
    memcpy(task->extent, record.extent, sizeof task->extent);
    return STATUS_OK;
}

/* Outcomes of the first versions do not say what computed them. */
static const char *describe_build(const struct provenance *build,
                                  struct arena *arena)
{
    return *build->version
               ? arena_print(arena, "%s %s, %s, %s%s%s", build->version,
                             build->revision, build->compiler, build->flags,
                             *build->engine ? ", " : "", build->engine)
               : "unknown";
}

static enum status read_task(struct indexer *indexer,
                             const struct outcome *outcome,
                             struct store_task *task, struct arena *scratch)
{
    *task = (struct store_task){
        .task = outcome->task,
        .cell = outcome->cell,
        .span = outcome->span,
        .place = indexer->place,
        .ordinal = indexer->n_outcomes,
        .state = outcome->state,
        .cause = text_pool_keep(&indexer->texts, outcome->cause),
        .message = text_pool_keep(&indexer->texts, outcome->message),
        .host = text_pool_keep(&indexer->texts, outcome->host),
        .version = text_pool_keep(&indexer->texts, outcome->build.version),
        .revision = text_pool_keep(&indexer->texts, outcome->build.revision),
        .engine = text_pool_keep(&indexer->texts, outcome->build.engine),
        .means = text_pool_keep(&indexer->texts, outcome->means),
        .origin = text_pool_keep(&indexer->texts, outcome->origin),
        .build = text_pool_keep(&indexer->texts,
                                describe_build(&outcome->build, scratch)),
        .model = "",
        .data = "",
        .attempt = outcome->attempt,
        .peak_bytes = outcome->peak_bytes,
        .started_s = outcome->started_s,
        .wall_s = outcome->wall_s,
        .cpu_s = outcome->cpu_s,
    };
    TRY(read_spec(indexer, outcome, task, scratch));
    if (outcome->record)
        TRY(read_record(indexer, outcome, task, scratch));
    return STATUS_OK;
}

/* An outcome that makes no sense to this version is told, not counted. */
static enum status visit(void *self, const struct outcome *outcome,
                         struct arena *scratch)
{
    struct indexer *indexer = self;
    struct store_task task;
    char text[DIGEST_TEXT_SIZE];
    if (read_task(indexer, outcome, &task, scratch) == STATUS_OK) {
        *add_task(indexer) = task;
        indexer->hosts = store_index_add_line(indexer->hosts, task.host,
                                              indexer->arena);
    } else {
        note_damage(indexer, digest_print(outcome->task, text),
                    status_reason());
        status_forget();
    }
    indexer->n_outcomes++;
    return STATUS_OK;
}

static void note_segment(void *self, const struct segment *segment)
{
    struct indexer *indexer = self;
    segment_list_add(&indexer->segments, segment, indexer->arena);
}

static void note_place(void *self, const struct segment_place *place)
{
    struct indexer *indexer = self;
    indexer->place = *place;
}

enum status store_index_read(const char *segments, struct arena *arena,
                             struct store_index *index)
{
    struct indexer indexer = {
        .arena = arena, .texts = {.arena = arena}, .hosts = "", .damage = ""};
    struct segment_visitor visitor = {&indexer, visit, note_damage,
                                      note_segment, note_place};
    enum status status = segment_read_all(segments, &visitor);
    text_pool_close(&indexer.texts);
    move_tasks(&indexer);
    TRY(status);
    *index = (struct store_index){
        .n_tasks = indexer.n,
        .n_outcomes = indexer.n_outcomes,
        .n_epsilons = indexer.n_epsilons,
        .epsilons = indexer.epsilons,
        .hosts = indexer.hosts,
        .damage = indexer.damage,
        .segments = indexer.segments,
    };
    store_index_settle(index, indexer.tasks);
    store_parts_join(segments, index, indexer.tasks, arena);
    store_index_order(index, indexer.tasks, indexer.epsilons, arena);
    return STATUS_OK;
}
