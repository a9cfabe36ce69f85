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
};

enum { EXPERIMENT_ZIPS = EXPERIMENT_LINKS };

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

/* Reads the section `zip`, if there is one; then makes of each list in it as
 * many alternatives, which are linked. */
CHECKED enum status experiment_zips_read(struct experiment_reader *reader,
                                         const config_setting_t *section);
void experiment_zips_link(struct experiment_reader *reader);

bool experiment_zip_has(const struct experiment_zip *zip,
                        const struct experiment_name *name);

/* When all alternatives are known: numbers their combinations. Refuses too
 * many. */
CHECKED enum status experiment_points_find(struct experiment_reader *reader);

#endif
