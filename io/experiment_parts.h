/*
 * What the files of io/experiment*.c share; private to them. An experiment
 * file is read in three steps: its text with what it includes
 * (experiment_text.c), libconfig's tree of it, and the tree's sections, by the
 * tables of core/ (experiment.c, _axis.c, _source.c, _values.c, _rules.c).
 */
#ifndef IO_EXPERIMENT_PARTS_H
#define IO_EXPERIMENT_PARTS_H

#include "io/experiment_space.h"

enum { EXPERIMENT_FILES_MAX = 64 }; /* with all that are included */

/* From line `start` (counted from 1) of the text on, the lines are those of
 * `file` from `line` on. */
struct experiment_origin {
    int start;
    const char *file;
    int line;
};

/* Both texts have the same lines. `plain` is what libconfig gets: without
 * comments and includes, and with every whole number and fraction (8/255) as a
 * real: libconfig's integers wrap at 32 bits without a word, and its arrays
 * cannot mix the two. */
struct experiment_text {
    const char *whole, *plain;
    size_t n_origins;
    struct experiment_origin origins[2 * EXPERIMENT_FILES_MAX];
};

CHECKED enum status experiment_text_read(const char *path, struct arena *arena,
                                         struct experiment_text *text);

/* Where a line of the text comes from. */
struct experiment_origin
experiment_text_origin(const struct experiment_text *text, int line);

/* A file being read, and the experiment as far as it is known. */
struct experiment_reader {
    struct arena *arena;
    struct experiment_text text;
    struct experiment experiment;
    const struct experiment_when *whens; /* the last first */
    struct experiment_sampler sampler;
    bool draws; /* what is being read may be drawn */
    size_t n_dimensions; /* of the sampler, as far as they are known; */
    const char *dimensions; /* what they are, in words */
    size_t n_zips;
    struct experiment_zip zips[EXPERIMENT_ZIPS]; /* a link each */
};

/* Makes '?' of the bytes in a text that cannot be printed; returns `text`. */
char *experiment_clean(char *text);

/* Refuses with "FILE:LINE: " and the sentence, cleaned. */
CHECKED enum status experiment_refuse(const struct experiment_reader *reader,
                                      const config_setting_t *setting,
                                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A value as words, cut off where it gets long: 0.1, "pgd", [1, 2]. */
const char *experiment_show(const config_setting_t *setting,
                            struct arena *arena);

/* "; did you mean NAME?", or "" if there is no name near. */
const char *experiment_hint(const char *nearest, struct arena *arena);

/* The shortest digits that read back to the same number. */
const char *experiment_print_number(double number, struct arena *arena);

/* The elements of a list or an array, or the setting itself if it is neither:
 * most things in the file may be one or several. */
size_t experiment_n_elements(const config_setting_t *setting);
const config_setting_t *experiment_element(const config_setting_t *setting,
                                           size_t i);

/* Reads what a parameter of `kind` is set to, one value or an axis of them,
 * as canonical texts in the order of the file. `key` is what messages call it:
 * "training.seed" or "seeds". */
CHECKED enum status experiment_values_read(struct experiment_reader *reader,
                                           const config_setting_t *setting,
                                           const char *key,
                                           const struct kind *kind,
                                           const struct row *row,
                                           struct values *values);

/* Reads one axis' section, NULL if the file has none: then the axis' default
 * kind. Notes in the experiment which keys are set and which defaulted. */
CHECKED enum status experiment_axis_read(struct experiment_reader *reader,
                                         const config_setting_t *section,
                                         const struct axis *axis,
                                         struct alternatives *alternatives);

/* Reads an attack's `source`, NULL if its group has none: then its own network.
 * A variant each, of the axis attack_source; axes are read before. */
CHECKED enum status experiment_sources_read(struct experiment_reader *reader,
                                            const config_setting_t *setting,
                                            struct alternatives *alternatives);

/* Adds "axis.row" to a text of one key a line, unless it is there already. */
void experiment_note_key(const char **keys, const char *axis, const char *row,
                         struct arena *arena);

/* The kind of an axis that a setting names; refuses other settings. */
CHECKED enum status experiment_kind_read(const struct experiment_reader *reader,
                                         const config_setting_t *setting,
                                         const struct axis *axis,
                                         const struct kind **kind);

/* Refuses a key that no row has, and that is no way back either. */
CHECKED enum status
experiment_refuse_key(const struct experiment_reader *reader,
                      const config_setting_t *setting, const char *axis,
                      const struct kind *kind, bool has_ways);

/* Reads the section `exclude`, when all axes are read. */
CHECKED enum status experiment_rules_read(struct experiment_reader *reader,
                                          const config_setting_t *section);

/* A rule of cells in some section, that has one key more, which is not read. */
CHECKED enum status experiment_rule_read(struct experiment_reader *reader,
                                         const config_setting_t *setting,
                                         const char *section,
                                         const char *other, struct rule *rule);

/* Reads the sections `priority` and `budget`, when all axes are read. */
CHECKED enum status experiment_order_read(struct experiment_reader *reader,
                                          const config_setting_t *priority,
                                          const config_setting_t *budget);

/* Reads the section `halving`, when all axes are read. */
CHECKED enum status experiment_halving_read(struct experiment_reader *reader,
                                            const config_setting_t *section);

#endif
