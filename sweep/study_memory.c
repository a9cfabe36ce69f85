/* How much memory tasks need, laid out once for all that differ in nothing but
 * the seed. */
#include "core/trial.h"
#include "sweep/study.h"

#include <string.h>

enum { N_NOTES = 1024, N_KEY_MAX = 1 << 14 };

struct study_memo {
    struct note {
        struct digest key;
        size_t n_bytes;
    } at[N_NOTES];
};

struct study_memo *study_memo_make(struct arena *arena)
{
    return arena_take(arena, sizeof(struct study_memo));
}

/* keys ---------------------------------------------------------------- */

struct key {
    size_t n;
    bool whole; /* it has room */
    unsigned char at[N_KEY_MAX];
};

static void add(struct key *key, const void *bytes, size_t n)
{
    key->whole = key->whole && n <= N_KEY_MAX - key->n;
    if (key->whole && n)
        memcpy(key->at + key->n, bytes, n);
    key->n += key->whole ? n : 0;
}

/* Parameters as they lie in memory, but for texts, which are elsewhere, and
 * the seed. What lies between them is zero or makes a key of its own. */
static void add_choice(struct key *key, const struct choice *choice)
{
    size_t start = key->n;
    add(key, &choice->kind, sizeof choice->kind);
    if (!choice->kind)
        return;
    size_t params = key->n;
    add(key, choice->params, choice->kind->params_size);
    for (size_t i = 0; i < choice->kind->n_rows && key->whole; i++) {
        const struct row *row = &choice->kind->rows[i];
        unsigned char *field = key->at + params + row->offset;
        if (row->type == ROW_COUNT && strcmp(row->name, "seed") == 0)
            memset(field, 0, sizeof(size_t));
        if (row->type != ROW_TEXT)
            continue;
        const char *text;
        memcpy(&text, field, sizeof text);
        memset(field, 0, sizeof text);
        add(key, text ? text : "", text ? strlen(text) + 1 : 1);
    }
    size_t n = key->n - start;
    add(key, &n, sizeof n);
}

static struct digest key_of(const struct spec *spec,
                            const struct data_set *data, struct span span,
                            struct trial_means means, bool *whole)
{
    struct key key;
    key.n = 0;
    key.whole = true;
    for (size_t axis = 0; axis < SPEC_N_AXES; axis++)
        add_choice(&key, &spec->at[axis]);
    add(&key, &data, sizeof data);
    add(&key, &means.tuning, sizeof means.tuning);
    size_t numbers[] = {span.first, span.n, span.total, means.n_threads,
                        means.recompute};
    add(&key, numbers, sizeof numbers);
    *whole = key.whole;
    return digest_of(key.at, key.n);
}

/* memory -------------------------------------------------------------- */

static size_t lay_out(const struct spec *spec, const struct data_set *data,
                      struct span span, struct trial_means means)
{
    return span_is_whole(span) ? trial_memory(spec, data, means)
                               : trial_part_memory(spec, data, span, means);
}

static size_t memory_by(const struct study *study, const struct spec *spec,
                        struct span span, struct trial_means means)
{
    if (!study_needs_data(spec))
        return 0;
    const struct data_set *data = study_find_data(study, spec);
    bool whole;
    struct digest key = key_of(spec, data, span, means, &whole);
    struct note *note = &study->memo->at[key.low % N_NOTES];
    if (!whole)
        return lay_out(spec, data, span, means);
    if (!digest_equal(note->key, key))
        *note = (struct note){key, lay_out(spec, data, span, means)};
    return note->n_bytes;
}

size_t study_memory(const struct study *study, const struct spec *spec,
                    struct span span)
{
    return memory_by(study, spec, span, study->means);
}

size_t study_least_memory(const struct study *study, const struct spec *spec,
                          struct span span)
{
    struct trial_means means = study->means;
    means.recompute = true;
    return memory_by(study, spec, span, means);
}
