/* Evaluations in parts: what follows from the samples, and the whole of its
 * parts. Sums of counts are exact in any order; losses are added one after the
 * other in the order of the samples, whatever the parts. */
#include "core/record_join.h"

#include <math.h>
#include <string.h>

/* derived fields ------------------------------------------------------ */

/* Of passes, rounded up. */
static uint64_t mean_passes(const struct record *record,
                            enum record_field field, size_t e)
{
    size_t n = record->extent[DIM_SAMPLE];
    const uint32_t *passes = record_u32(record, field) + e * n;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += passes[i];
    return (sum + n - 1) / n;
}

static double sum_losses(const struct record *record, size_t e)
{
    size_t n = record->extent[DIM_SAMPLE];
    const double *loss = record_f64(record, FIELD_PART_LOSS) + e * n;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += loss[i];
    return sum;
}

static void derive_at(const struct record *record, size_t e)
{
    size_t n = record->extent[DIM_SAMPLE];
    uint64_t n_pixels = n * *record_u64(record, FIELD_PART_PIXELS);
    record_f64(record, FIELD_ROBUST_ACCURACY)[e] =
        (double)record_u64(record, FIELD_PART_CORRECT)[e] / (double)n;
    record_f64(record, FIELD_ROBUST_LOSS)[e] =
        sum_losses(record, e) / (double)n;
    record_f64(record, FIELD_ZERO_GRADIENT_SHARE)[e] =
        (double)record_u64(record, FIELD_PART_ZERO_PIXELS)[e] /
        (double)n_pixels;
    record_u64(record, FIELD_N_FORWARD)[e] =
        mean_passes(record, FIELD_SAMPLE_FORWARD, e);
    record_u64(record, FIELD_N_BACKWARD)[e] =
        mean_passes(record, FIELD_SAMPLE_BACKWARD, e);
}

static void derive_area(const struct record *record)
{
    size_t n = record->extent[DIM_EPSILON];
    const double *x = record_f64(record, FIELD_EPSILON);
    const double *y = record_f64(record, FIELD_ROBUST_ACCURACY);
    double area = 0;
    for (size_t e = 1; e < n; e++)
        area += (x[e] - x[e - 1]) * (y[e] + y[e - 1]) / 2;
    *record_f64(record, FIELD_ROBUST_AREA) =
        n > 1 ? area / (x[n - 1] - x[0]) : (double)NAN;
}

void record_derive(const struct record *record)
{
    for (size_t e = 0; e < record->extent[DIM_EPSILON]; e++)
        derive_at(record, e);
    derive_area(record);
}

/* joining ------------------------------------------------------------- */

/* Behind the samples that came before; the epsilons' rows grow longer. */
static void join_samples(const struct record *part, enum record_field field,
                         const struct record *whole)
{
    size_t size = record_type_size(record_rows[field].type);
    size_t n = part->extent[DIM_SAMPLE] * size;
    size_t n_whole = whole->extent[DIM_SAMPLE] * size;
    size_t n_rows = record_count(part, field) / part->extent[DIM_SAMPLE];
    const unsigned char *from = part->at[field];
    unsigned char *to = whole->at[field];
    for (size_t i = 0; i < n_rows; i++)
        memcpy(to + i * n_whole + part->span.first * size, from + i * n, n);
}

static void join_sum(size_t n, const uint64_t *from, uint64_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* Of equal values the first stays, as in siege.c: zeros have signs. */
static void join_extreme(size_t n, bool largest, const double *from, double *to)
{
    for (size_t i = 0; i < n; i++)
        if (largest ? from[i] > to[i] : from[i] < to[i])
            to[i] = from[i];
}

static enum status join_same(const struct record *part,
                             enum record_field field,
                             const struct record *whole)
{
    const struct record_row *row = &record_rows[field];
    size_t n = record_count(part, field) * record_type_size(row->type);
    if (n == 0 || memcmp(part->at[field], whole->at[field], n) == 0)
        return STATUS_OK;
    return status_refuse(STATUS_DAMAGED,
                         "parts of an evaluation differ in field %s",
                         row->name);
}

/* One more part, not the first: all but samples has that one's values. */
static enum status join_field(const struct record *part,
                              enum record_field field,
                              const struct record *whole)
{
    size_t n = record_count(part, field);
    switch (record_rows[field].join) {
    case JOIN_SAME:
        return join_same(part, field, whole);
    case JOIN_SUM:
        join_sum(n, part->at[field], whole->at[field]);
        break;
    case JOIN_MAX:
    case JOIN_MIN:
        join_extreme(n, record_rows[field].join == JOIN_MAX, part->at[field],
                     whole->at[field]);
        break;
    default:
        break;
    }
    return STATUS_OK;
}

static enum status join_part(const struct record *part, bool first,
                             const struct record *whole)
{
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        enum record_field field = (enum record_field)i;
        const struct record_row *row = &record_rows[field];
        if (!whole->at[i] || row->join == JOIN_DERIVED)
            continue;
        if (row->join == JOIN_SAMPLES)
            join_samples(part, field, whole);
        else if (!first)
            TRY(join_field(part, field, whole));
        else if (record_count(part, field) > 0)
            memcpy(whole->at[i], part->at[i],
                   record_count(part, field) * record_type_size(row->type));
    }
    return STATUS_OK;
}

/* Each begins where the one before ends, and all have the same fields: those
 * that another version computed may have others. */
static enum status check_parts(size_t n, const struct record *parts)
{
    size_t next = 0;
    for (size_t k = 0; k < n; k++) {
        const struct record *part = &parts[k];
        MUST(part->span.first == next && part->span.n > 0);
        MUST(part->span.total == parts[0].span.total);
        MUST(part->span.n == part->extent[DIM_SAMPLE]);
        next += part->span.n;
        bool alike = part->stage == STAGE_EVALUATE && !part->diverged &&
                     part->extent[DIM_EPSILON] == parts[0].extent[DIM_EPSILON];
        for (int i = 0; i < RECORD_N_FIELDS; i++)
            alike &= (part->at[i] == NULL) == (parts[0].at[i] == NULL);
        if (!alike)
            return status_refuse(STATUS_DAMAGED,
                                 "the part of an evaluation that begins at "
                                 "sample %zu is not like its first",
                                 part->span.first);
    }
    MUST(n > 0 && next == parts[0].span.total);
    return STATUS_OK;
}

enum status record_join(size_t n, const struct record *parts,
                        struct arena *arena, struct record *whole)
{
    TRY(check_parts(n, parts));
    size_t total = parts[0].span.total;
    struct record joined = {.stage = STAGE_EVALUATE,
                            .span = {0, total, total}};
    memcpy(joined.extent, parts[0].extent, sizeof joined.extent);
    joined.extent[DIM_SAMPLE] = total;
    record_lay_out(&joined, arena);
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (!parts[0].at[i])
            joined.at[i] = NULL;
    for (size_t k = 0; k < n; k++)
        TRY(join_part(&parts[k], k == 0, &joined));
    record_derive(&joined);
    record_make_whole(&joined);
    *whole = joined;
    return STATUS_OK;
}

void record_make_whole(struct record *record)
{
    MUST(record->span.n == record->span.total);
    record->span = (struct span){0};
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record_rows[i].part)
            record->at[i] = NULL;
}
