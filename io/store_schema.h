/*
 * What sweep.h5 consists of, as rows: groups, dimensions, variables. The
 * fixed rows are in store_columns.c; those of records come from record_rows,
 * those of parameters from the kinds that occur. Writer, documentation and
 * tests all read the list that store_schema_list makes.
 */
#ifndef IO_STORE_SCHEMA_H
#define IO_STORE_SCHEMA_H

#include "io/experiment.h"
#include "io/provenance.h"
#include "io/tuning_file.h"
#include "io/store_index.h"

enum store_group {
    STORE_TRIALS,
    STORE_TRAINING,
    STORE_MEMBRANE,
    STORE_ROBUSTNESS,
    STORE_N_GROUPS
};

enum store_dimension {
    STORE_TRIAL,
    STORE_ATTACK,
    STORE_EPOCH,
    STORE_LAYER,
    STORE_STEP,
    STORE_BIN,
    STORE_EPSILON,
    STORE_SAMPLE,
    STORE_CHECK,
    STORE_N_DIMENSIONS
};

enum store_type { STORE_F64, STORE_U64, STORE_U32, STORE_U8, STORE_TEXT };

/* Where the values of a variable come from. */
enum store_source {
    FROM_INDEX,      /* `number` or `text` */
    FROM_RECORD,     /* `field` of the trial's or evaluation's record */
    FROM_PREDICTIONS /* computed from what was written before */
};

enum { STORE_RANK_MAX = 4, STORE_U8_FILL = 255 };

struct store_variable;

/* An element of a variable, while it is being filled. */
struct store_place {
    const struct store_index *index;
    const struct store_variable *variable;
    const size_t *at; /* [rank] */
    size_t *near; /* its key's place in the settings of the row before, kept by
                     whoever goes through rows; or NULL */
};

struct store_variable {
    const char *name, *unit, *doc;
    enum store_group group;
    enum store_type type;
    size_t rank;
    enum store_dimension dimension[STORE_RANK_MAX];
    enum store_source source;
    enum record_field field;
    const char *key; /* of a parameter, in the cell's settings */
    /* NaN and "" where there is none. */
    double (*number)(const struct store_place *place);
    const char *(*text)(const struct store_place *place);
    bool whole;        /* there is a value everywhere: no fill value */
    const char *flags; /* names of the values 0, 1, 2..., or NULL */
};

struct store_group_row {
    const char *name, *doc;
    size_t n_dimensions;
    enum store_dimension dimension[STORE_N_DIMENSIONS];
};

extern const struct store_group_row store_group_rows[STORE_N_GROUPS];

/* One variable a dimension, its coordinate; their `group` is not used. */
extern const struct store_variable store_coordinates[STORE_N_DIMENSIONS];

/* Rows of every group, whatever their `group`; and rows of one. */
extern const struct store_variable store_everywhere[];
extern const size_t store_n_everywhere;
extern const struct store_variable store_columns[];
extern const size_t store_n_columns;

/* Names of the variables that are computed from predictions. */
extern const char store_name_correct[], store_name_clean_correct[],
    store_name_verdict[], store_name_figure[], store_name_worst[],
    store_name_n_surrogates[], store_name_surrogate_worst[],
    store_name_surrogate_spread[];

/* What the attributes of the root are made of. */
struct store_root {
    const struct store_index *index;
    struct experiment experiment;
    struct provenance provenance;
    const char *libraries; /* more of them */
    struct tuning_file tuning;
    struct arena *arena;
};

struct store_root_row {
    const char *name, *doc;
    const char *(*text)(const struct store_root *root); /* or */
    uint64_t (*number)(const struct store_root *root);
};

extern const struct store_root_row store_root_rows[];
extern const size_t store_n_root_rows;

struct store_schema {
    size_t n;
    struct store_variable *variables;
};

/* 1 if the latest experiment file has the cell, 0 if it was taken out; NaN
 * if nobody knows. */
double store_is_wanted(const struct store_place *place);

/* All variables but the coordinates. Without an index (NULL): those that
 * every file has, that is, no parameters. */
struct store_schema store_schema_list(const struct store_index *index,
                                      struct arena *arena);

size_t store_extent(const struct store_index *index,
                    enum store_dimension dimension);

/* The schema in words, as it stands in docs/format.md (Markdown); in the
 * arena. */
const char *store_describe(struct arena *arena);

#endif
