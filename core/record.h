/*
 * A record: what one task found out. Which quantities there are, with their
 * dimensions, units and meaning, is the table record_rows; the pipe from the
 * trial, the segment files, sweep.h5, its documentation and the digest of
 * results all read that table.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/arena.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_stage { STAGE_TRAIN, STAGE_EVALUATE };

enum record_type { RECORD_F64, RECORD_U8, RECORD_U64, RECORD_U32 };

enum record_dimension {
    DIM_EPOCH,
    DIM_LAYER,   /* spiking layers, from the input's side */
    DIM_STEP,    /* t */
    DIM_BIN,     /* of the membrane histogram, with under- and overflow */
    DIM_EPSILON, /* of one attack */
    DIM_SAMPLE,  /* of the test split */
    RECORD_N_DIMENSIONS
};

enum { RECORD_RANK_MAX = 3, RECORD_EXTENT_MAX = 1 << 24 };

/* Raised when rows are added, which then name it as their `since`. */
enum { RECORD_VERSION = 5 };

enum record_field {
    /* train: over epochs */
    FIELD_TRAIN_LOSS,
    FIELD_TRAIN_ACCURACY,
    FIELD_REGULARIZER,
    FIELD_LEARNING_RATE,
    FIELD_EPOCH_TIME,
    FIELD_GRADIENT_NORM,
    FIELD_WEIGHT_PENALTY,
    FIELD_DEFLATION_RESIDUAL,
    FIELD_EPOCHS_RUN,
    FIELD_TEST_ACCURACY,
    FIELD_TEST_LOSS,
    FIELD_GENERALIZATION_GAP,
    FIELD_INSIDE_SHARE,
    FIELD_HESSIAN_EIGENVALUE,
    /* train: on clean test data */
    FIELD_CLEAN_ACCURACY,
    FIELD_CLEAN_LOSS,
    FIELD_ANALOG_ACCURACY,
    FIELD_CLEAN_PREDICTION,
    FIELD_LABEL,
    FIELD_N_PARAMETERS,
    FIELD_MODEL_DIGEST_HIGH,
    FIELD_MODEL_DIGEST_LOW,
    FIELD_DATA_DIGEST_HIGH,
    FIELD_DATA_DIGEST_LOW,
    /* train: membrane potential x = U - V_th on clean test data */
    FIELD_MEMBRANE_EDGE,
    FIELD_MEMBRANE_COUNT,
    FIELD_MEMBRANE_MEAN,
    FIELD_MEMBRANE_DEVIATION,
    FIELD_MEMBRANE_OMEGA,
    FIELD_MEMBRANE_INSIDE,
    FIELD_MEMBRANE_GAMMA,
    FIELD_FIRING_RATE,
    /* evaluate: over the epsilons of one attack */
    FIELD_EPSILON,
    FIELD_ROBUST_ACCURACY,
    FIELD_ROBUST_LOSS,
    FIELD_ROBUST_PREDICTION,
    FIELD_N_ZERO_GRADIENT,
    FIELD_ZERO_GRADIENT_SHARE,
    FIELD_DISTANCE_MAX,
    FIELD_PIXEL_MIN,
    FIELD_PIXEL_MAX,
    FIELD_N_FORWARD,
    FIELD_N_BACKWARD,
    FIELD_SAMPLE_DISTANCE,
    FIELD_SAMPLE_FORWARD,
    FIELD_SAMPLE_BACKWARD,
    FIELD_BISECTION_FORWARD,
    FIELD_BISECTION_BACKWARD,
    FIELD_ROBUST_AREA,
    FIELD_N_BETWEEN,
    FIELD_LOSS_CHANGE,
    /* evaluate: of a part alone, so that parts can be joined */
    FIELD_PART_LOSS,
    FIELD_PART_CORRECT,
    FIELD_PART_ZERO_PIXELS,
    FIELD_PART_PIXELS,
    RECORD_N_FIELDS
};

/* How the whole of an evaluation comes of its parts (core/record_join.h). */
enum record_join {
    JOIN_NEVER,   /* stage train */
    JOIN_SAME,    /* equal in all parts */
    JOIN_SAMPLES, /* side by side along the samples, the last dimension */
    JOIN_SUM, JOIN_MAX, JOIN_MIN, /* of counts; of reals */
    JOIN_DERIVED  /* by record_derive, of the other fields */
};

struct record_row {
    const char *name, *unit, *doc;
    enum record_stage stage;
    enum record_type type;
    size_t rank;
    enum record_dimension dimension[RECORD_RANK_MAX];
    bool measured; /* of this machine and hour: not part of the digest */
    unsigned since; /* the RECORD_VERSION that added it; 0: the first */
    enum record_join join;
    bool part; /* parts of an evaluation have it, wholes not */
};

extern const struct record_row record_rows[RECORD_N_FIELDS];
extern const char *const record_dimension_names[RECORD_N_DIMENSIONS];

struct record {
    enum record_stage stage;
    bool diverged; /* the loss stopped being finite; what is here is what was
                      found until then */
    struct span span; /* of an evaluation's samples: extent[DIM_SAMPLE] */
    size_t extent[RECORD_N_DIMENSIONS];
    void *at[RECORD_N_FIELDS]; /* NULL: not of this stage, or newer */
};

/* By its stage and span; and takes the fields that it has, zeroed. */
bool record_has(const struct record *record, enum record_field field);
void record_lay_out(struct record *record, struct arena *arena);

/* Number of values of a field, and bytes of one. */
size_t record_count(const struct record *record, enum record_field field);
size_t record_type_size(enum record_type type);

/* The fields as what they are; MUST be there and of that type. */
double *record_f64(const struct record *record, enum record_field field);
uint64_t *record_u64(const struct record *record, enum record_field field);
uint32_t *record_u32(const struct record *record, enum record_field field);
uint8_t *record_u8(const struct record *record, enum record_field field);

/* Over all fields that are not merely measured. */
struct digest record_digest(const struct record *record);

#endif
