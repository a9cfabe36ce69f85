#include "io/outcome.h"

#include <stddef.h>
#include <string.h>

enum { MAGIC_SIZE = sizeof OUTCOME_MAGIC - 1 };

/* The first with origins, the first with a span, and that of a state that older
 * programs do not know. */
enum { VERSION_ORIGINS = 2, VERSION_SPAN = 3, VERSION_ASIDE = 4, VERSION = 4 };

const char *const outcome_state_names[OUTCOME_N_STATES] = {
    [OUTCOME_DONE] = "done",
    [OUTCOME_DIVERGED] = "diverged",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_TIMED_OUT] = "timed out",
    [OUTCOME_SET_ASIDE] = "set aside",
    [OUTCOME_INTERRUPTED] = "interrupted",
};

/* What has a name in the file: programs read what they know, and leave the
 * rest. The last one, which few outcomes have, is not written if empty. */
static const struct {
    const char *name;
    size_t offset;
} origins[] = {
    {"version", offsetof(struct outcome, build.version)},
    {"revision", offsetof(struct outcome, build.revision)},
    {"compiler", offsetof(struct outcome, build.compiler)},
    {"flags", offsetof(struct outcome, build.flags)},
    {"engine", offsetof(struct outcome, build.engine)},
    {"means", offsetof(struct outcome, means)},
    {"origin", offsetof(struct outcome, origin)},
};

static const size_t n_origins = sizeof origins / sizeof *origins;

static void append_digest(struct bytes *bytes, struct digest digest)
{
    bytes_append_u64(bytes, digest.high);
    bytes_append_u64(bytes, digest.low);
}

static void append_origins(struct bytes *bytes, const struct outcome *outcome)
{
    size_t n = n_origins - !(outcome->origin && *outcome->origin);
    bytes_append_u64(bytes, n);
    for (size_t i = 0; i < n; i++) {
        const char *text;
        memcpy(&text, (const char *)outcome + origins[i].offset, sizeof text);
        bytes_append_text(bytes, origins[i].name);
        bytes_append_text(bytes, text ? text : "");
    }
}

static void append_span(struct bytes *bytes, struct span span)
{
    bytes_append_u64(bytes, span.first);
    bytes_append_u64(bytes, span.n);
    bytes_append_u64(bytes, span.total);
}

static int version_of(const struct outcome *outcome)
{
    if (outcome->state == OUTCOME_SET_ASIDE)
        return VERSION_ASIDE;
    return span_is_whole(outcome->span) ? VERSION_ORIGINS : VERSION_SPAN;
}

void outcome_pack(const struct outcome *outcome, struct bytes *bytes)
{
    MUST(outcome->state < OUTCOME_N_STATES && span_is_sound(outcome->span));
    char version = (char)('0' + version_of(outcome));
    size_t start = bytes->n;
    bytes_append(bytes, OUTCOME_MAGIC, MAGIC_SIZE);
    bytes_append(bytes, &version, 1);
    append_digest(bytes, outcome->task);
    append_digest(bytes, outcome->cell);
    bytes_append_text(bytes, outcome->spec);
    bytes_append_text(bytes, outcome_state_names[outcome->state]);
    bytes_append_text(bytes, outcome->cause);
    bytes_append_text(bytes, outcome->message);
    bytes_append_text(bytes, outcome->host);
    bytes_append_u64(bytes, outcome->attempt);
    bytes_append_f64(bytes, outcome->started_s);
    bytes_append_f64(bytes, outcome->wall_s);
    bytes_append_f64(bytes, outcome->cpu_s);
    bytes_append_u64(bytes, outcome->peak_bytes);
    size_t n_record = outcome->record ? outcome->n_record_bytes : 0;
    bytes_append_u64(bytes, n_record);
    bytes_append(bytes, outcome->record, n_record);
    append_origins(bytes, outcome);
    if (version_of(outcome) >= VERSION_SPAN)
        append_span(bytes, outcome->span);
    bytes_seal(bytes, start);
}

static enum status take_digest(struct bytes_reader *reader,
                               struct digest *digest)
{
    TRY(bytes_take_u64(reader, &digest->high));
    return bytes_take_u64(reader, &digest->low);
}

static enum status take_version(struct bytes_reader *reader, int *version)
{
    const unsigned char *magic = NULL;
    TRY(bytes_take(reader, MAGIC_SIZE + 1, &magic));
    if (memcmp(magic, OUTCOME_MAGIC, MAGIC_SIZE) != 0)
        return status_refuse(STATUS_DAMAGED, "not an outcome");
    int number = magic[MAGIC_SIZE] - '0';
    if (number < 1 || number > VERSION)
        return status_refuse(STATUS_DAMAGED,
                             "an outcome of format %c, this program reads 1 "
                             "to %d",
                             magic[MAGIC_SIZE], VERSION);
    *version = number;
    return STATUS_OK;
}

static enum status take_head(struct bytes_reader *reader, struct arena *arena,
                             struct outcome *outcome)
{
    TRY(take_digest(reader, &outcome->task));
    TRY(take_digest(reader, &outcome->cell));
    return bytes_take_text(reader, arena, &outcome->spec);
}

static enum status take_state(struct bytes_reader *reader, struct arena *arena,
                              enum outcome_state *state)
{
    const char *name = NULL;
    TRY(bytes_take_text(reader, arena, &name));
    for (size_t i = 0; i < OUTCOME_N_STATES; i++)
        if (!strcmp(name, outcome_state_names[i])) {
            *state = (enum outcome_state)i;
            return STATUS_OK;
        }
    return status_refuse(STATUS_DAMAGED, "an outcome of unknown state %s",
                         name);
}

static enum status take_end(struct bytes_reader *reader, struct arena *arena,
                            struct outcome *outcome)
{
    TRY(take_state(reader, arena, &outcome->state));
    TRY(bytes_take_text(reader, arena, &outcome->cause));
    TRY(bytes_take_text(reader, arena, &outcome->message));
    TRY(bytes_take_text(reader, arena, &outcome->host));
    TRY(bytes_take_u64(reader, &outcome->attempt));
    TRY(bytes_take_f64(reader, &outcome->started_s));
    TRY(bytes_take_f64(reader, &outcome->wall_s));
    TRY(bytes_take_f64(reader, &outcome->cpu_s));
    return bytes_take_u64(reader, &outcome->peak_bytes);
}

static enum status take_record(struct bytes_reader *reader,
                               struct arena *arena, struct outcome *outcome)
{
    const unsigned char *at = NULL;
    uint64_t n = 0;
    TRY(bytes_take_u64(reader, &n));
    TRY(bytes_take(reader, n, &at));
    if (n == 0)
        return STATUS_OK;
    outcome->record = memcpy(arena_take(arena, n), at, n);
    outcome->n_record_bytes = n;
    return STATUS_OK;
}

static enum status take_origin(struct bytes_reader *reader,
                               struct arena *arena, struct outcome *outcome)
{
    const char *name = NULL, *text = NULL;
    TRY(bytes_take_text(reader, arena, &name));
    TRY(bytes_take_text(reader, arena, &text));
    for (size_t i = 0; i < n_origins; i++)
        if (!strcmp(name, origins[i].name))
            memcpy((char *)outcome + origins[i].offset, &text, sizeof text);
    return STATUS_OK;
}

static enum status take_origins(struct bytes_reader *reader,
                                struct arena *arena, struct outcome *outcome)
{
    uint64_t n = 0;
    TRY(bytes_take_u64(reader, &n));
    for (uint64_t i = 0; i < n; i++)
        TRY(take_origin(reader, arena, outcome));
    return STATUS_OK;
}

/* A span of zeros is the whole, which has one in some versions only. */
static enum status take_span(struct bytes_reader *reader, int version,
                             struct span *span)
{
    uint64_t first = 0, n = 0, total = 0;
    TRY(bytes_take_u64(reader, &first));
    TRY(bytes_take_u64(reader, &n));
    TRY(bytes_take_u64(reader, &total));
    *span = (struct span){first, n, total};
    bool may_be_whole = version == VERSION_ASIDE;
    if ((may_be_whole || !span_is_whole(*span)) && span_is_sound(*span))
        return STATUS_OK;
    return status_refuse(STATUS_DAMAGED,
                         "an outcome of %zu samples from %zu on, of %zu", span->n,
                         span->first, span->total);
}

enum status outcome_unpack(const unsigned char *at, size_t n,
                           struct arena *arena, struct outcome *outcome)
{
    struct bytes_reader reader = {at, n};
    struct outcome read = {
        .build = {"", "", "", "", ""}, .means = "", .origin = ""};
    int version = 0;
    TRY(bytes_unseal(&reader));
    TRY(take_version(&reader, &version));
    TRY(take_head(&reader, arena, &read));
    TRY(take_end(&reader, arena, &read));
    TRY(take_record(&reader, arena, &read));
    if (version >= VERSION_ORIGINS)
        TRY(take_origins(&reader, arena, &read));
    if (version >= VERSION_SPAN)
        TRY(take_span(&reader, version, &read.span));
    if (reader.left > 0)
        return status_refuse(STATUS_DAMAGED,
                             "%zu bytes too many after an outcome",
                             reader.left);
    *outcome = read;
    return STATUS_OK;
}
