/*
 * Settings: a cell's canonical text taken apart into keys and values, as text.
 * Needs no registry, so it reads what another version of the program wrote.
 * And what varies between cells, which is what tables and labels are made of.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct setting {
    const char *key, *value; /* "regularizer", "mpd_sgr";
                                "regularizer.weight", "0.1" */
};

/* In the order of the canonical text. */
struct settings {
    size_t n;
    const struct setting *at;
};

/* Lines "key = value"; others are passed over. Copies into the arena. */
struct settings settings_parse(const char *text, struct arena *arena);

/* The value of a key, or NULL. */
const char *settings_get(const struct settings *settings, const char *key);

/* Likewise, looked for at `place` first: of many cells a key is mostly where it
 * was in the one before. Sets `place`. */
const char *settings_get_near(const struct settings *settings, const char *key,
                              size_t *place);

/* Orders cells for people: axis by axis, kinds as in the registry, numbers by
 * value. <0, 0, >0. */
int settings_compare(const struct settings *a, const struct settings *b);
int settings_compare_values(const char *key, const char *a, const char *b);

/* The keys that vary between cells, in canonical order. A kind varies if two
 * cells differ in it, a parameter if two cells of the same kind do. */
struct variation {
    size_t n;
    const char **keys;
};

struct variation settings_vary(size_t n, const struct settings *cells,
                               struct arena *arena);
bool variation_has(const struct variation *variation, const char *key);

/* The variation without a key, in the arena. */
struct variation variation_without(const struct variation *variation,
                                   const char *key, struct arena *arena);

/* Without an axis: its kind, and all rows. */
struct variation variation_without_axis(const struct variation *variation,
                                        const char *axis, struct arena *arena);

/* A cell by what varies: "poisson, mpd_sgr weight=0.1, seed=2"; "" if nothing
 * does. Parameters follow their kind where that varies, too. */
const char *variation_label(const struct variation *variation,
                            const struct settings *cell, struct arena *arena);

/* True if two cells agree in all keys of the variation. */
bool variation_same(const struct variation *variation,
                    const struct settings *a, const struct settings *b);

#endif
