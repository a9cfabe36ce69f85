/*
 * A wire for tests: messages take their time, longer now and then, but those
 * from one rank to another stay in order. Time is what the test says it is.
 */
#ifndef TESTS_FAKE_WIRE_H
#define TESTS_FAKE_WIRE_H

#include "sweep/wire.h"

enum { FAKE_RANKS_MAX = 8 };

/* Random numbers of a schedule, one after the other. */
struct chance {
    uint64_t seed, n_drawn;
};

size_t chance_below(struct chance *chance, size_t n);
/* Uniform from `least` to `most`. */
double chance_between(struct chance *chance, double least, double most);
bool chance_is(struct chance *chance, double probability);

struct fake_line { /* of messages from one rank to another */
    struct fake_letter *first, *last;
    double due_s; /* of the last */
};

struct fake_end { /* what a rank holds of the wire */
    struct fake_wire *wire;
    size_t rank;
};

struct fake_wire {
    struct chance *chance;
    double now_s; /* set by the test */
    double delay_s, delay_rare_s; /* at most; one in twenty is rare */
    size_t size;
    struct fake_line lines[FAKE_RANKS_MAX][FAKE_RANKS_MAX];
    struct fake_end ends[FAKE_RANKS_MAX];
    struct wire at[FAKE_RANKS_MAX]; /* the wire as each rank sees it */
    /* Sees all that is sent, or NULL. */
    void (*spy)(void *self, size_t from, size_t to, const void *bytes,
                size_t n);
    void *spy_self;
};

/* Must not move afterwards. */
void fake_wire_open(struct fake_wire *wire, size_t size,
                    struct chance *chance);
/* Forgets what is on its way. */
void fake_wire_close(struct fake_wire *wire);

#endif
