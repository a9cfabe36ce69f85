/* A folder's result file against the segments that it was made from. */
#include "io/durable.h"
#include "io/store.h"
#include "io/store_old.h"
#include "io/verify_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* segments ------------------------------------------------------------ */

struct reading {
    struct faults faults;
    struct segment_list segments;
    size_t n_outcomes;
    struct arena *arena;
};

static void note_damage(void *self, const char *path, const char *reason)
{
    struct reading *reading = self;
    const char *name = strrchr(path, '/');
    faults_note(&reading->faults, "%s: %s", name ? name + 1 : path, reason);
}

static enum status count_outcome(void *self, const struct outcome *outcome,
                                 struct arena *arena)
{
    (void)outcome;
    (void)arena;
    ((struct reading *)self)->n_outcomes++;
    return STATUS_OK;
}

static void note_segment(void *self, const struct segment *segment)
{
    struct reading *reading = self;
    segment_list_add(&reading->segments, segment, reading->arena);
}

/* Adds the line; true if there are segments at all, and all are whole. */
static bool check_segments(const char *folder, struct verifier *verifier)
{
    struct arena *arena = verifier->verify->arena;
    struct reading reading = {.faults = faults_open(verifier), .arena = arena};
    struct segment_visitor visitor = {&reading, count_outcome, note_damage,
                                      note_segment, NULL};
    const char *segments = arena_print(arena, "%s/segments", folder);
    if (segment_read_all(segments, &visitor) != STATUS_OK ||
        reading.segments.n == 0) {
        verify_add(verifier->verify, "segments", VERIFY_OPEN,
                   reading.segments.n ? status_reason() : "there are none");
        status_forget();
        return false;
    }
    faults_tell(verifier, &reading.faults, "segments",
                "%zu, with %zu outcomes, match their checksums",
                reading.segments.n, reading.n_outcomes);
    return true;
}

/* agreement ----------------------------------------------------------- */

static bool is_text(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    bool yes = H5Tis_variable_str(type) > 0;
    H5Tclose(type);
    return yes;
}

/* All of a text variable as one text, a zero byte after each. */
static bool read_texts(hid_t dataset, size_t n, struct bytes *bytes)
{
    struct arena arena = arena_open();
    char **texts = ARENA_ARRAY(&arena, char *, n + 1);
    hid_t type = hdf5_text_type();
    bool whole = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                         texts) >= 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = texts[i] ? texts[i] : "";
        bytes_append(bytes, text, strlen(text) + 1);
        H5free_memory(texts[i]);
    }
    H5Tclose(type);
    arena_close(&arena);
    return whole;
}

static size_t count(const struct verifier *verifier,
                    const struct store_variable *variable, size_t from)
{
    size_t n = 1;
    for (size_t i = from; i < variable->rank; i++)
        n *= verify_extent(verifier, variable->dimension[i]);
    return n;
}

static bool same_texts(const struct verifier *here, hid_t a, hid_t b,
                       const struct store_variable *variable)
{
    struct bytes x = {0}, y = {0};
    size_t n = count(here, variable, 0);
    bool same = is_text(a) && is_text(b) && read_texts(a, n, &x) &&
                read_texts(b, n, &y) && x.n == y.n && !memcmp(x.at, y.at, x.n);
    bytes_free(&x);
    bytes_free(&y);
    return same;
}

/* A row of the first dimension at a time. NaN are of the same bits. */
static bool same_numbers(const struct verifier *here,
                         const struct verifier *there,
                         const struct store_variable *variable,
                         const struct store_variable *other)
{
    size_t n_rows = verify_extent(here, variable->dimension[0]);
    size_t n = count(here, variable, 1) * store_type_size(variable->type);
    bool same = true;
    for (size_t i = 0; same && i < n_rows; i++) {
        struct arena arena = arena_open();
        size_t start[STORE_RANK_MAX] = {i}, extent[STORE_RANK_MAX] = {1};
        void *x = arena_take(&arena, n), *y = arena_take(&arena, n);
        for (size_t d = 1; d < variable->rank; d++)
            extent[d] = verify_extent(here, variable->dimension[d]);
        same = store_file_read(&here->file, variable, start, extent, x) ==
                   STATUS_OK &&
               store_file_read(&there->file, other, start, extent, y) ==
                   STATUS_OK &&
               !memcmp(x, y, n);
        arena_close(&arena);
    }
    status_forget();
    return same;
}

static bool same_extents(const struct verifier *here,
                         const struct verifier *there,
                         const struct store_variable *variable)
{
    for (size_t i = 0; i < variable->rank; i++)
        if (verify_extent(here, variable->dimension[i]) !=
            verify_extent(there, variable->dimension[i]))
            return false;
    return true;
}

/* Of files by other programs: texts and figures that this one would write
 * otherwise, as it knows more parameters and judges by other rules. */
static bool is_words(const struct store_variable *variable)
{
    static const char *const names[] = {"spec", "attack_spec", "cell"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(variable->name, names[i]))
            return true;
    for (size_t i = 0; i < variable->rank; i++)
        if (variable->dimension[i] == STORE_CHECK)
            return true;
    return variable->key || variable->source == FROM_PREDICTIONS;
}

static void compare_variable(const struct verifier *here,
                             const struct verifier *there, size_t i,
                             struct faults *faults)
{
    const struct store_variable *variable = &here->file.schema.variables[i];
    const struct store_variable *other =
        store_file_find(&there->file, variable->group, variable->name);
    hid_t a = here->file.datasets[i];
    if (a < 0 || !other || (!verify_is_own(here) && is_words(variable)))
        return;
    hid_t b = there->file.datasets[other - there->file.schema.variables];
    faults->n_looked++;
    bool same = variable->type == other->type &&
                same_extents(here, there, variable) &&
                (variable->type == STORE_TEXT
                     ? same_texts(here, a, b, variable)
                     : same_numbers(here, there, variable, other));
    if (!same)
        faults_note(faults, "%s/%s differs",
                    store_group_rows[variable->group].name, variable->name);
}

static void compare_attributes(const struct verifier *here,
                               const struct verifier *there,
                               struct faults *faults)
{
    /* The first so many are of the results, the others also of the program. */
    enum { N_OF_RESULTS = 4 };
    static const char *const names[] = {
        "results_digest", "experiment", "hosts",    "builds",
        "title",          "segments",   "damage",   "keys_set",
        "keys_defaulted", "tuning",     "compiler", "compiler_flags",
        "program_version"};
    size_t n = verify_is_own(here) ? sizeof names / sizeof *names
                                   : N_OF_RESULTS;
    struct arena *arena = here->verify->arena;
    for (size_t i = 0; i < n; i++) {
        const char *x = "", *y = "";
        if (H5Aexists(here->id, names[i]) <= 0)
            continue;
        enum status status =
            hdf5_get_text(here->id, names[i], here->path, arena, &x);
        if (status == STATUS_OK)
            status =
                hdf5_get_text(there->id, names[i], there->path, arena, &y);
        faults->n_looked++;
        if (status != STATUS_OK || strcmp(x, y) != 0)
            faults_note(faults, "attribute %s differs", names[i]);
        status_forget();
    }
}

/* Other programs may have put rows in another order. */
static bool same_rows(const struct verifier *here, const struct verifier *there)
{
    const struct results *x = &here->results, *y = &there->results;
    bool same = x->n_trials == y->n_trials && x->n_attacks == y->n_attacks &&
                x->n_epsilons == y->n_epsilons;
    for (size_t i = 0; same && i < x->n_trials; i++)
        same = !strcmp(x->trials[i].id, y->trials[i].id);
    return same;
}

static void compare(struct verifier *here, struct verifier *there)
{
    struct faults faults = faults_open(here);
    bool own = verify_is_own(here);
    if (!own && !same_rows(here, there)) {
        verify_add(here->verify, "agreement", VERIFY_OPEN,
                   "another program has put the rows in another order");
        return;
    }
    for (size_t i = 0; i < here->file.schema.n; i++)
        compare_variable(here, there, i, &faults);
    compare_attributes(here, there, &faults);
    faults_tell(here, &faults, "agreement",
                "%zu variables and attributes equal those made anew of the "
                "segments%s",
                faults.n_looked,
                own ? "" : " (what programs word differently left out)");
}

/* Makes the other file, opens both, compares. */
static enum status make_and_compare(const char *folder, const char *made,
                                    struct verifier *here)
{
    struct verifier there = {.verify = here->verify, .path = made};
    TRY(store_write(made, folder, NULL));
    TRY(verify_open(&there));
    enum status status = verify_open(here);
    if (status == STATUS_OK) {
        compare(here, &there);
        verify_close(here);
    }
    verify_close(&there);
    return status;
}

static const char *choose_path(struct arena *arena)
{
    char temporary[PATH_MAX];
    const char *place = getenv("TMPDIR");
    durable_temporary(arena_print(arena, "%s/spikesweep-verify",
                                  place && *place ? place : "/tmp"),
                      temporary, sizeof temporary);
    return arena_copy_text(arena, temporary);
}

/* A file that knows less or more than the segments cannot equal theirs. */
static const char *explain(enum store_standing standing)
{
    switch (standing) {
    case STORE_CURRENT:
        return NULL;
    case STORE_BEHIND:
    case STORE_NEWER:
        return "segments have come since, any reading command renews the file";
    case STORE_AHEAD:
    case STORE_UNKNOWN:
        return store_standing_text(standing);
    default:
        return "there is no whole file";
    }
}

enum status verify_folder(const char *folder, struct verify *verify)
{
    struct arena *arena = verify->arena;
    struct verifier here = {
        .verify = verify, .path = arena_print(arena, "%s/sweep.h5", folder)};
    enum store_standing standing;
    size_t n_failed = verify->n_failed;
    if (!check_segments(folder, &here))
        return STATUS_OK;
    TRY(store_compare_now(folder, &standing));
    const char *why = explain(standing);
    if (!why && verify->n_failed > n_failed)
        why = "segments are damaged";
    if (why) {
        verify_add(verify, "agreement", VERIFY_OPEN, why);
        return STATUS_OK;
    }
    const char *made = choose_path(arena);
    enum status status = make_and_compare(folder, made, &here);
    unlink(made);
    if (status == STATUS_OK)
        return STATUS_OK;
    verify_add(verify, "agreement", VERIFY_FAILS, status_reason());
    status_forget();
    return STATUS_OK;
}
