/*
 * Writes a fake sweep and its sweep.h5 into a folder, and what must be in it
 * to standard output, taken from the records: for readers in other languages.
 *
 *     make_fake_sweep FOLDER
 *
 * A line: variable, trial's digest, attack's name or -, index, value. The index
 * runs over all dimensions but trial and attack, the last one fastest.
 */
#include "io/store.h"
#include "tests/fake_record.h"

#include <stdio.h>

static const struct fake_sweep sweep = {.n_seeds = 2,
                                        .n_test = 60,
                                        .n_attacked = 40,
                                        .n_epochs = 3,
                                        .n_hidden = 3,
                                        .unsound = true};

static const char *const attack_names[FAKE_ATTACKS] = {
    "fgsm", "pgd n_steps=7", "pgd n_steps=20", "gaussian"};

static double value_at(const struct record *record, enum record_field field,
                       size_t i)
{
    switch (record_rows[field].type) {
    case RECORD_F64:
        return record_f64(record, field)[i];
    case RECORD_U32:
        return (double)record_u32(record, field)[i];
    case RECORD_U64:
        return (double)record_u64(record, field)[i];
    default:
        return record_u8(record, field)[i];
    }
}

/* Digests are no numbers, and epsilons the same for all: neither is told. */
static bool is_told(enum record_field field)
{
    return field != FIELD_EPSILON &&
           (field < FIELD_MODEL_DIGEST_HIGH || field > FIELD_DATA_DIGEST_LOW);
}

static void tell(const struct record *record, const struct spec *spec,
                 const char *attack)
{
    char id[DIGEST_TEXT_SIZE];
    struct spec cell = spec_without_attack(*spec);
    digest_print(spec_digest(&cell), id);
    for (int i = 0; i < RECORD_N_FIELDS; i++) {
        enum record_field field = (enum record_field)i;
        if (!record_has(record, field) || !is_told(field))
            continue;
        size_t n = record_count(record, field);
        for (size_t k = 0; k < n; k++)
            printf("%s\t%s\t%s\t%zu\t%.17g\n", record_rows[field].name, id,
                   attack, k, value_at(record, field, k));
    }
}

static void tell_cell(size_t i)
{
    struct arena arena = arena_open();
    struct spec spec = fake_sweep_spec(&sweep, i, &arena);
    struct record record = fake_record_train(&sweep, &spec, &arena);
    tell(&record, &spec, "-");
    for (size_t k = 0; k < FAKE_ATTACKS; k++) {
        spec = fake_sweep_attack(&sweep, i, k, &arena);
        record = fake_record_attack(&sweep, &spec, &arena);
        tell(&record, &spec, attack_names[k]);
    }
    arena_close(&arena);
}

int main(int n_arguments, char **arguments)
{
    if (n_arguments != 2) {
        fprintf(stderr, "usage: make_fake_sweep FOLDER\n");
        return 2;
    }
    struct arena arena = arena_open();
    const char *note;
    fake_sweep_write(arguments[1], &sweep);
    if (store_rebuild(arguments[1], NULL, &arena, &note) != STATUS_OK) {
        fprintf(stderr, "make_fake_sweep: %s\n", status_reason());
        return 1;
    }
    for (size_t i = 0; i < fake_sweep_cells(&sweep); i++)
        tell_cell(i);
    arena_close(&arena);
    return 0;
}
