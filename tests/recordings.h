/* A few recordings of events in memory. */
#ifndef TESTS_RECORDINGS_H
#define TESTS_RECORDINGS_H

#include "io/events_file.h"

enum { RECORDINGS_MOST_KEPT = 4 };

struct recordings {
    size_t n;
    struct events_recording at[RECORDINGS_MOST_KEPT];
    const unsigned char *bytes[RECORDINGS_MOST_KEPT];
};

static inline enum status recordings_take(void *self, size_t i,
                                          struct bytes *to)
{
    const struct recordings *recordings = self;
    bytes_append(to, recordings->bytes[i], recordings->at[i].n_bytes);
    return STATUS_OK;
}

static inline void recordings_add(struct recordings *recordings,
                                  const char *name, unsigned char label,
                                  const unsigned char *bytes, size_t n_bytes)
{
    size_t i = recordings->n++;
    MUST(i < RECORDINGS_MOST_KEPT);
    recordings->at[i] = (struct events_recording){name, label, n_bytes};
    recordings->bytes[i] = bytes;
}

/* They are borrowed. */
static inline struct events_set recordings_set(struct recordings *recordings)
{
    return (struct events_set){.n = recordings->n,
                               .at = recordings->at,
                               .take = recordings_take,
                               .self = recordings};
}

#endif
