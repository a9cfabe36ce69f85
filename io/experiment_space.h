/*
 * How the parts of an experiment file that say which combinations there are
 * become alternatives: private to io/experiment*.c, a part of
 * experiment_parts.h. Alternatives of different axes that belong together have
 * the same step of a link (io/experiment.h).
 */
#ifndef IO_EXPERIMENT_SPACE_H
#define IO_EXPERIMENT_SPACE_H

#include "io/experiment.h"

#include <libconfig.h>

struct experiment_reader;

/* What "AXIS" or "AXIS.PARAMETER" names. */
struct experiment_name {
    size_t axis;
    const char *row; /* NULL: the axis' alternatives */
};

/* Lists that advance together. */
struct experiment_zip {
    const config_setting_t *setting;
    size_t n, n_steps;
    struct experiment_name *names;
    bool drawn;        /* by the sampler, as one list */
    uint32_t *numbers; /* then: of its points */
};

/* The link of the sampler; zips have those from 1 on. */
enum { EXPERIMENT_SAMPLER = 0, EXPERIMENT_ZIPS = EXPERIMENT_LINKS - 1 };

/* A range without a count, to draw from; from <= to. */
struct experiment_range {
    double from, to;
    bool log, whole; /* on a logarithmic scale; whole numbers only */
};

/* The section `sampler`. */
struct experiment_sampler {
    const config_setting_t *setting; /* NULL: there is none */
    const struct kind *kind;
    const void *params;
    size_t n_over; /* names of what is drawn; */
    struct experiment_name *over; /* NULL: all but the seeds */
};

/* `when` in the group of an alternative, to be read when all axes are. */
struct experiment_when {
    const struct axis *axis;
    const config_setting_t *setting;
    struct rules *rules;
    const struct experiment_when *next;
};

/* What its rules will be once all are read. */
const struct rules *experiment_when_note(struct experiment_reader *reader,
                                         const struct axis *axis,
                                         const config_setting_t *setting);
CHECKED enum status experiment_whens_read(struct experiment_reader *reader);

/* A name of what there is in the file; `section` is where messages say that it
 * stands. Axes are read before, seeds too. */
CHECKED enum status experiment_name_read(const struct experiment_reader *reader,
                                         const config_setting_t *setting,
                                         const char *section,
                                         struct experiment_name *name);

/* Reads the section `zip`, if there is one. Then, behind one another: links
 * alternatives that are zipped themselves, and makes of each list in a zip as
 * many alternatives, which are linked; what is drawn is left out. */
CHECKED enum status experiment_zips_read(struct experiment_reader *reader,
                                         const config_setting_t *section);
void experiment_zips_link(struct experiment_reader *reader);
void experiment_zips_split(struct experiment_reader *reader);

/* Reads the section `sampler`: its kind before the axes, which may have ranges
 * to draw from if it draws; what it draws after them. Then makes of each axis
 * that is drawn an alternative for each point; before that, zips are linked. */
CHECKED enum status experiment_sampler_read(struct experiment_reader *reader,
                                            const config_setting_t *section);
CHECKED enum status experiment_sampler_choose(struct experiment_reader *reader);
CHECKED enum status experiment_sampler_draw(struct experiment_reader *reader);

/* The text of what a number, as a share of 2^32, means in a range of a kind's
 * row; the same on every machine. */
const char *experiment_draw(const struct experiment_range *range,
                            const struct kind *kind, size_t row,
                            uint32_t number, struct arena *arena);

/* A growing list of alternatives. */
struct experiment_list {
    struct arena *arena;
    struct variant *variants;
    size_t n, capacity;
};

void experiment_list_add(struct experiment_list *list, struct variant variant);

bool experiment_zip_has(const struct experiment_zip *zip,
                        const struct experiment_name *name);

/* When all alternatives are known: numbers their combinations. Refuses too
 * many. */
CHECKED enum status experiment_points_find(struct experiment_reader *reader);

#endif
