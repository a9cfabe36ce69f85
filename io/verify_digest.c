/* The sweep's digest, of rows: each task's record is put together again from
 * the variables and digested as its computer did (core/record.h). */
#include "io/verify_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One row: a training or an evaluation. */
struct row_place {
    const struct verifier *verifier;
    size_t trial, attack;
    struct arena *arena;
    const char *const *models, *const *data; /* [n_trials] digests, or NULL */
    size_t n_epsilons;
    size_t *epsilons; /* that the attack has, of the file's */
};

/* Values of a field in the file, of the whole row. */
static const unsigned char *read_field(const struct row_place *place,
                                       enum record_field field,
                                       const struct store_variable **variable)
{
    const struct store_file *file = &place->verifier->file;
    for (size_t i = 0; i < file->schema.n; i++) {
        const struct store_variable *one = &file->schema.variables[i];
        if (one->source != FROM_RECORD || one->field != field ||
            file->datasets[i] < 0)
            continue;
        const unsigned char *row =
            verify_row(place->verifier, one, place->trial);
        size_t n = store_type_size(one->type);
        for (size_t d = 2; d < one->rank; d++)
            n *= verify_extent(place->verifier, one->dimension[d]);
        bool attacked = record_rows[field].stage == STAGE_EVALUATE;
        *variable = one;
        return row && attacked ? row + place->attack * n : row;
    }
    return NULL;
}

static bool is_none(const unsigned char *value, enum store_type type)
{
    uint64_t none;
    double number;
    store_fill_none(type, 1, &none);
    memcpy(&number, value, type == STORE_F64 ? sizeof number : 0);
    return type == STORE_F64 ? isnan(number)
                             : !memcmp(value, &none, store_type_size(type));
}

/* Where element i of a record's field lies in the file's row. */
static size_t place_of(const struct row_place *place,
                       const struct record *record,
                       const struct record_row *row, size_t i)
{
    const struct store_index *index = &place->verifier->index;
    size_t at[RECORD_RANK_MAX], to = 0;
    for (size_t d = row->rank; d-- > 0;) {
        at[d] = i % record->extent[row->dimension[d]];
        i /= record->extent[row->dimension[d]];
        if (row->dimension[d] == DIM_EPSILON)
            at[d] = place->epsilons[at[d]];
    }
    for (size_t d = 0; d < row->rank; d++)
        to = to * index->extent[row->dimension[d]] + at[d];
    return to;
}

static void take_field(const struct row_place *place, struct record *record,
                       enum record_field field)
{
    const struct record_row *row = &record_rows[field];
    const struct store_variable *variable;
    size_t size = record_type_size(row->type), n = record_count(record, field);
    unsigned char *to = arena_take(place->arena, n * size + 1);
    const unsigned char *values =
        n ? read_field(place, field, &variable) : to;
    bool known = n == 0;
    if (!values)
        return;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *from =
            values + place_of(place, record, row, i) * size;
        memcpy(to + i * size, from, size);
        known = known || !is_none(from, variable->type);
    }
    /* A row that came with a later version may be without a value for its
     * record being older; counts never are otherwise. */
    if (known || row->since == 0 || row->type == RECORD_F64)
        record->at[field] = to;
}

/* Records of one version have all of its fields: a count that is not there
 * tells that reals are not either. */
static void forget_later(struct record *record, enum record_field count,
                         unsigned since)
{
    if (record->at[count])
        return;
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record_rows[i].since >= since)
            record->at[i] = NULL;
}

/* digests and epsilons, which lie elsewhere ----------------------------- */

/* Of all trials; NULL if the file does not have them. */
static const char *const *read_digests(const struct verifier *verifier,
                                       const char *name, struct arena *arena)
{
    struct results_file file = {verifier->path, verifier->id, arena};
    struct results_variable variable = {
        .name = name, .rank = 1, .extent = {verifier->results.n_trials}};
    const char *const *texts = NULL;
    if (results_read_texts(&file, &variable, &texts) != STATUS_OK)
        status_forget();
    return texts;
}

static bool take_digest(const struct row_place *place,
                        const char *const *texts, struct record *record,
                        enum record_field high, enum record_field low)
{
    struct digest digest;
    if (!texts || !digest_parse(texts[place->trial], &digest))
        return false;
    uint64_t *halves = ARENA_ARRAY(place->arena, uint64_t, 2);
    halves[0] = digest.high;
    halves[1] = digest.low;
    record->at[high] = &halves[0];
    record->at[low] = &halves[1];
    return true;
}

static void find_epsilons(struct row_place *place)
{
    const struct store_variable *variable;
    const uint64_t *passes =
        (const void *)read_field(place, FIELD_N_FORWARD, &variable);
    size_t n = place->verifier->results.n_epsilons;
    place->epsilons = ARENA_ARRAY(place->arena, size_t, n + 1);
    for (size_t e = 0; passes && e < n; e++)
        if (passes[e] != UINT64_MAX)
            place->epsilons[place->n_epsilons++] = e;
}

static void take_epsilons(const struct row_place *place, struct record *record)
{
    double *epsilon = ARENA_ARRAY(place->arena, double, place->n_epsilons + 1);
    for (size_t e = 0; e < place->n_epsilons; e++)
        epsilon[e] = place->verifier->results.epsilons[place->epsilons[e]];
    record->at[FIELD_EPSILON] = epsilon;
}

/* extents ------------------------------------------------------------- */

/* The last place along the dimension at which the row has a value, plus 1. The
 * field is a count, which has one wherever there is a record. */
static size_t measure(const struct row_place *place, enum record_field field,
                      size_t dimension)
{
    const struct record_row *row = &record_rows[field];
    const struct store_variable *variable;
    const unsigned char *values = read_field(place, field, &variable);
    const struct store_index *index = &place->verifier->index;
    size_t n = 1, step = 1, most = 0, size = record_type_size(row->type);
    for (size_t d = 0; d < row->rank; d++)
        n *= index->extent[row->dimension[d]];
    for (size_t d = dimension + 1; d < row->rank; d++)
        step *= index->extent[row->dimension[d]];
    size_t extent = index->extent[row->dimension[dimension]];
    for (size_t i = 0; values && i < n; i++) {
        size_t at = i / step % extent;
        if (at >= most && !is_none(values + i * size, variable->type))
            most = at + 1;
    }
    return most;
}

/* Trainings that are none (training.kind = "dummy") have no epochs. */
static size_t count_epochs(const struct row_place *place)
{
    const struct settings *settings =
        &place->verifier->results.trials[place->trial].settings;
    const char *text = settings_get(settings, "training.n_epochs");
    size_t n = text ? (size_t)strtoull(text, NULL, 10) : 0;
    size_t most = place->verifier->results.n_epochs;
    return n < most ? n : most;
}

/* the rows' digests --------------------------------------------------- */

static bool digest_spec(const struct row_place *place, bool attacked,
                        struct digest *digest)
{
    const struct results *results = &place->verifier->results;
    const char *attack = attacked ? results->attacks[place->attack].spec : "";
    if (spec_memo_digest(place->verifier->specs,
                         results->trials[place->trial].spec, attack,
                         digest) == STATUS_OK)
        return true;
    status_forget();
    return false;
}

static bool digest_row(struct row_place *place, struct record *record,
                       struct digest *digest)
{
    struct digest spec;
    bool attacked = record->stage == STAGE_EVALUATE;
    if (!digest_spec(place, attacked, &spec))
        return false;
    for (int i = 0; i < RECORD_N_FIELDS; i++)
        if (record_has(record, (enum record_field)i) && !record->at[i] &&
            !record_rows[i].measured)
            take_field(place, record, (enum record_field)i);
    if (attacked)
        forget_later(record, FIELD_SAMPLE_FORWARD, 4);
    else
        forget_later(record, FIELD_EPOCHS_RUN, 2);
    struct digest found = record_digest(record);
    *digest = digest_fold(spec, &found, sizeof found);
    return true;
}

static bool is_final(const char *state)
{
    return !strcmp(state, "done") || !strcmp(state, "diverged");
}

/* What has no label has no record, as an outcome that only says it was done. */
static bool digest_training(struct row_place *place, struct digest *sum)
{
    const struct result_trial *trial =
        &place->verifier->results.trials[place->trial];
    struct record record = {.stage = STAGE_TRAIN,
                            .diverged = !strcmp(trial->state, "diverged")};
    struct digest digest;
    record.extent[DIM_SAMPLE] = measure(place, FIELD_LABEL, 0);
    if (!is_final(trial->state) || isnan(trial->n_parameters))
        return true;
    record.extent[DIM_LAYER] = measure(place, FIELD_MEMBRANE_COUNT, 0);
    record.extent[DIM_STEP] = measure(place, FIELD_MEMBRANE_COUNT, 1);
    record.extent[DIM_BIN] = measure(place, FIELD_MEMBRANE_COUNT, 2);
    record.extent[DIM_EPOCH] = count_epochs(place);
    if (!take_digest(place, place->models, &record,
                     FIELD_MODEL_DIGEST_HIGH, FIELD_MODEL_DIGEST_LOW) ||
        !take_digest(place, place->data, &record,
                     FIELD_DATA_DIGEST_HIGH, FIELD_DATA_DIGEST_LOW) ||
        !digest_row(place, &record, &digest))
        return false;
    *sum = digest_add(*sum, digest);
    return true;
}

static bool digest_evaluation(struct row_place *place, struct digest *sum)
{
    const struct result_evaluation *evaluation = results_evaluation(
        &place->verifier->results, place->trial, place->attack);
    struct record record = {.stage = STAGE_EVALUATE,
                            .diverged =
                                !strcmp(evaluation->state, "diverged")};
    struct digest digest;
    if (!is_final(evaluation->state) || isnan(evaluation->n_samples))
        return true;
    find_epsilons(place);
    record.extent[DIM_EPSILON] = place->n_epsilons;
    record.extent[DIM_SAMPLE] = (size_t)evaluation->n_samples;
    take_epsilons(place, &record);
    if (!digest_row(place, &record, &digest))
        return false;
    *sum = digest_add(*sum, digest);
    return true;
}

/* The sum; `n_unknown` counts rows that this program does not understand. */
static struct digest digest_all(const struct verifier *verifier, size_t *n,
                                size_t *n_unknown)
{
    const struct results *results = &verifier->results;
    struct digest sum = {0, 0};
    struct arena columns = arena_open();
    struct row_place place = {
        .verifier = verifier,
        .models = read_digests(verifier, "trials/model_digest", &columns),
        .data = read_digests(verifier, "trials/data_digest", &columns)};
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k <= results->n_attacks; k++) {
            struct arena arena = arena_open();
            place.trial = i;
            place.attack = k;
            place.arena = &arena;
            place.n_epsilons = 0;
            bool known = k == results->n_attacks
                             ? digest_training(&place, &sum)
                             : digest_evaluation(&place, &sum);
            *n += known;
            *n_unknown += !known;
            arena_close(&arena);
        }
    arena_close(&columns);
    return sum;
}

void verify_digest(struct verifier *verifier)
{
    struct arena *arena = verifier->verify->arena;
    struct faults faults = faults_open(verifier);
    const char *said = "";
    char text[DIGEST_TEXT_SIZE];
    size_t n = 0, n_unknown = 0;
    if (results_attribute(&verifier->results, "results_digest", arena,
                          &said) != STATUS_OK)
        status_forget();
    struct digest sum = digest_all(verifier, &n, &n_unknown);
    if (n_unknown > 0) {
        verify_add(verifier->verify, "digest", VERIFY_OPEN,
                   arena_print(arena,
                               "%zu of %zu tasks are of kinds that this "
                               "program does not know",
                               n_unknown, n + n_unknown));
        return;
    }
    if (strcmp(said, digest_print(sum, text)) != 0)
        faults_note(&faults, "results_digest is %s, that of the rows %s", said,
                    text);
    faults_tell(verifier, &faults, "digest", "%s, of the rows of %zu tasks",
                text, n);
}
