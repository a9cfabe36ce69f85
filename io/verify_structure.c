/* Whether a file has what the schema's rows say. */
#include "io/verify_parts.h"
#include "io/provenance.h"
#include "io/store.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <string.h>

/* root ---------------------------------------------------------------- */

/* The attributes of the first version; later ones may be missing. */
static bool is_later(const char *name)
{
    static const char *const later[] = {"builds", "segments", "tuning"};
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (!strcmp(name, later[i]))
            return true;
    return false;
}

static bool reads(const struct verifier *verifier,
                  const struct store_root_row *row)
{
    struct arena *arena = verifier->verify->arena;
    const char *text = NULL;
    uint64_t number = 0;
    enum status status =
        row->text ? hdf5_get_text(verifier->id, row->name, verifier->path,
                                  arena, &text)
                  : hdf5_get_count(verifier->id, row->name, verifier->path,
                                   &number);
    status_forget();
    return status == STATUS_OK;
}

void verify_root(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    size_t n = 0;
    uint64_t version = 0;
    for (size_t i = 0; i < store_n_root_rows; i++) {
        const struct store_root_row *row = &store_root_rows[i];
        bool there = H5Aexists(verifier->id, row->name) > 0;
        if (there && reads(verifier, row))
            n++;
        else if (there || !is_later(row->name))
            faults_note(&faults, "attribute %s is %s", row->name,
                        there ? "damaged" : "missing");
    }
    if (faults.n == 0 &&
        hdf5_get_count(verifier->id, "schema_version", verifier->path,
                       &version) == STATUS_OK &&
        version != STORE_SCHEMA_VERSION)
        faults_note(&faults, "schema version %llu, this program reads %d",
                    (unsigned long long)version, STORE_SCHEMA_VERSION);
    faults_tell(verifier, &faults, "root",
                "schema version %d, %zu of %zu attributes",
                STORE_SCHEMA_VERSION, n, store_n_root_rows);
}

bool verify_is_own(const struct verifier *verifier)
{
    struct arena *arena = verifier->verify->arena;
    const char *revision = "";
    if (hdf5_get_text(verifier->id, "git_revision", verifier->path, arena,
                      &revision) != STATUS_OK)
        status_forget();
    return !strcmp(revision, provenance_of_build().revision);
}

/* variables ----------------------------------------------------------- */

static bool has_type(hid_t dataset, enum store_type wanted)
{
    static const size_t sizes[] = {[STORE_F64] = 8, [STORE_U64] = 8,
                                   [STORE_U32] = 4, [STORE_U8] = 1,
                                   [STORE_TEXT] = 0};
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = H5Tget_class(type);
    bool fits = wanted == STORE_TEXT ? H5Tis_variable_str(type) > 0
                : wanted == STORE_F64
                    ? class == H5T_FLOAT
                    : class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE;
    fits = fits && (wanted == STORE_TEXT || H5Tget_size(type) == sizes[wanted]);
    H5Tclose(type);
    return fits;
}

static bool has_extents(const struct verifier *verifier, hid_t dataset,
                        const struct store_variable *variable)
{
    hsize_t extent[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    bool fits =
        H5Sget_simple_extent_ndims(space) == (int)variable->rank &&
        H5Sget_simple_extent_dims(space, extent, NULL) >= 0;
    for (size_t i = 0; fits && i < variable->rank; i++)
        fits = extent[i] == verify_extent(verifier, variable->dimension[i]);
    H5Sclose(space);
    return fits;
}

static bool says(const struct verifier *verifier, hid_t dataset,
                 const char *name, const char *wanted)
{
    struct arena arena = arena_open();
    const char *text = "";
    enum status status =
        hdf5_get_text(dataset, name, verifier->path, &arena, &text);
    bool same = status == STATUS_OK && !strcmp(text, wanted);
    status_forget();
    arena_close(&arena);
    return same;
}

/* What a file by this very program says is what its rows say. */
static bool has_words(const struct verifier *verifier, hid_t dataset,
                      const struct store_variable *variable)
{
    return says(verifier, dataset, "long_name", variable->doc) &&
           (variable->type == STORE_TEXT ||
            says(verifier, dataset, "units", variable->unit)) &&
           (!variable->flags ||
            says(verifier, dataset, "flag_meanings", variable->flags));
}

static bool has_attributes(const struct verifier *verifier, hid_t dataset,
                           const struct store_variable *variable)
{
    bool is_number = variable->type != STORE_TEXT;
    if (verify_is_own(verifier) && !has_words(verifier, dataset, variable))
        return false;
    return H5Aexists(dataset, "long_name") > 0 &&
           (!is_number || H5Aexists(dataset, "units") > 0) &&
           (!is_number || variable->whole ||
            H5Aexists(dataset, "_FillValue") > 0) &&
           (!variable->flags || H5Aexists(dataset, "flag_meanings") > 0);
}

static bool has_scales(const struct verifier *verifier, hid_t dataset,
                       const struct store_variable *variable)
{
    const char *group = store_group_rows[variable->group].name;
    bool all = true;
    for (size_t i = 0; all && i < variable->rank; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s/%s", group,
                 store_coordinates[variable->dimension[i]].name);
        hid_t scale = H5Dopen2(verifier->id, name, H5P_DEFAULT);
        all = scale >= 0 && H5DSis_attached(dataset, scale, (unsigned)i) > 0;
        if (scale >= 0)
            H5Dclose(scale);
    }
    return all;
}

static const char *find_fault(const struct verifier *verifier, hid_t dataset,
                              const struct store_variable *variable,
                              bool is_scale)
{
    if (!has_type(dataset, variable->type))
        return "has another type";
    if (!has_extents(verifier, dataset, variable))
        return "has another shape";
    if (!has_attributes(verifier, dataset, variable))
        return "lacks attributes, or has others";
    if (is_scale ? H5DSis_scale(dataset) <= 0
                 : !has_scales(verifier, dataset, variable))
        return "lacks its dimensions' scales";
    return NULL;
}

static bool is_empty(const struct verifier *verifier,
                     const struct store_variable *variable)
{
    for (size_t i = 0; i < variable->rank; i++)
        if (verify_extent(verifier, variable->dimension[i]) == 0)
            return true;
    return false;
}

/* What a program of this schema may not have known yet. */
struct missing {
    size_t n;
    const char *names;
};

static void check_variables(struct verifier *verifier, struct faults *faults,
                            struct missing *missing)
{
    const struct store_schema *schema = &verifier->file.schema;
    struct arena *arena = verifier->verify->arena;
    for (size_t i = 0; i < schema->n; i++) {
        const struct store_variable *variable = &schema->variables[i];
        const char *group = store_group_rows[variable->group].name;
        hid_t dataset = verifier->file.datasets[i];
        if (is_empty(verifier, variable))
            continue;
        if (dataset < 0) {
            if (missing->n++ < 5)
                missing->names =
                    arena_print(arena, "%s%s%s/%s", missing->names,
                                *missing->names ? ", " : "", group,
                                variable->name);
            continue;
        }
        faults->n_looked++;
        const char *fault = find_fault(verifier, dataset, variable, false);
        if (fault)
            faults_note(faults, "%s/%s %s", group, variable->name, fault);
    }
}

static void check_coordinates(struct verifier *verifier, struct faults *faults)
{
    for (int g = 0; g < STORE_N_GROUPS; g++) {
        const struct store_group_row *group = &store_group_rows[g];
        for (size_t i = 0; i < group->n_dimensions; i++) {
            struct store_variable row =
                store_coordinates[group->dimension[i]];
            char name[128];
            snprintf(name, sizeof name, "%s/%s", group->name, row.name);
            if (is_empty(verifier, &row))
                continue;
            faults->n_looked++;
            hid_t id = H5Lexists(verifier->id, name, H5P_DEFAULT) > 0
                           ? H5Dopen2(verifier->id, name, H5P_DEFAULT)
                           : H5I_INVALID_HID;
            const char *fault =
                id < 0 ? "is missing" : find_fault(verifier, id, &row, true);
            if (fault)
                faults_note(faults, "%s %s", name, fault);
            if (id >= 0)
                H5Dclose(id);
        }
    }
}

void verify_structure(struct verifier *verifier)
{
    struct faults faults = faults_open(verifier);
    struct missing missing = {.names = ""};
    const char *note = "";
    check_coordinates(verifier, &faults);
    check_variables(verifier, &faults, &missing);
    if (missing.n > 0 && verify_is_own(verifier))
        faults_note(&faults, "%zu variables are missing: %s%s", missing.n,
                    missing.names, missing.n > 5 ? ", ..." : "");
    else if (missing.n > 0)
        note = arena_print(verifier->verify->arena,
                           "; %zu that another program's file has not: %s%s",
                           missing.n, missing.names,
                           missing.n > 5 ? ", ..." : "");
    faults_tell(verifier, &faults, "structure",
                "%zu variables have their types, shapes, scales and "
                "attributes%s",
                faults.n_looked, note);
}
