/*
 * An outcome: how one task ended. The supervisor of the trial fills it; the
 * record inside is what the trial itself sent, opaque on the way.
 */
#ifndef IO_OUTCOME_H
#define IO_OUTCOME_H

#include "core/digest.h"
#include "core/record.h"
#include "io/bytes.h"
#include "io/provenance.h"

enum outcome_state {
    OUTCOME_DONE,       /* a complete record */
    OUTCOME_DIVERGED,   /* a record whose loss is not finite: final as well */
    OUTCOME_FAILED,     /* the trial died or spoke nonsense: see cause */
    OUTCOME_TIMED_OUT,  /* killed for taking too long */
    OUTCOME_SET_ASIDE,  /* failed once too often for no known cause */
    OUTCOME_INTERRUPTED, /* the job ended first; not the trial's fault */
    OUTCOME_N_STATES
};

/* "done", "diverged", ... */
extern const char *const outcome_state_names[OUTCOME_N_STATES];

struct outcome {
    struct digest task, cell; /* spec_digest with and without the attack */
    struct span span;         /* of an evaluation's samples */
    const char *spec;         /* canonical text, with asides */
    enum outcome_state state;
    const char *cause;   /* "" | "signal 9 (Killed)" | "exit status 3" | ... */
    const char *message; /* the last of what the trial said on stderr */
    const char *host;
    struct provenance build; /* of the program that computed; texts are "" or
                                (to be packed) NULL if not known */
    const char *means; /* threads and such, in words; "" or NULL likewise */
    const char *origin; /* the folder that it was taken over from; likewise */
    uint64_t attempt;  /* counts from 1; 0: none was made, it does not fit */
    double started_s;  /* seconds since 1970, UTC */
    double wall_s, cpu_s;
    uint64_t peak_bytes; /* largest resident set of the trial */
    const unsigned char *record; /* packed, or NULL */
    size_t n_record_bytes;
};

/* A record as bytes (fields by name, so that older files stay readable), with
 * a checksum. Unpacking refuses anything that is not one, whole. */
void record_pack(const struct record *record, struct bytes *bytes);
CHECKED enum status record_unpack(const unsigned char *at, size_t n,
                                  struct arena *arena, struct record *record);

/* The bytes that every packed outcome begins with, then a digit: the version
 * of the format. Version 1 has no build; it can still be read. Outcomes of
 * parts are version 3, of wholes 2, which older programs read as well; those of
 * tasks set aside are version 4. */
#define OUTCOME_MAGIC "SPKOUT0"

/* Texts and record of an unpacked outcome are copies in the arena. */
void outcome_pack(const struct outcome *outcome, struct bytes *bytes);
CHECKED enum status outcome_unpack(const unsigned char *at, size_t n,
                                   struct arena *arena,
                                   struct outcome *outcome);

#endif
