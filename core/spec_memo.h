/*
 * Digests of very many specs by their texts. Specs of a sweep are alike axis by
 * axis, so that an axis' lines are parsed once, however many specs have them.
 */
#ifndef CORE_SPEC_MEMO_H
#define CORE_SPEC_MEMO_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/spec.h"

/* What lines that begin with "axis = kind" come to. */
struct spec_memo_part {
    const char *lines; /* NULL: a free slot */
    size_t n;          /* bytes */
    enum spec_axis axis;
    const char *identity; /* NULL: a spec that has them is parsed as a whole */
};

struct spec_memo {
    struct arena arena;
    size_t n, n_slots; /* a power of two */
    struct spec_memo_part *slots;
    const char *fallback[SPEC_N_AXES]; /* of an axis that is not there */
    size_t size;
    char *text;
};

struct spec_memo spec_memo_open(void);
void spec_memo_close(struct spec_memo *memo);

/* The digest of the spec that spec_parse makes of both texts, the second after
 * the first; refuses as that does. */
CHECKED enum status spec_memo_digest(struct spec_memo *memo, const char *cell,
                                     const char *attack,
                                     struct digest *digest);

#endif
