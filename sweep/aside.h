/* Tasks that were set aside: what is kept of the last death of each, in a file
 * of the sweep's folder, for people. */
#ifndef SWEEP_ASIDE_H
#define SWEEP_ASIDE_H

#include "io/outcome.h"

/* DIR/aside/TASK.log, in the arena. */
const char *aside_path(const char *folder, struct digest task, struct span span,
                       struct arena *arena);

/* Of an outcome that is set aside, after so many deaths: what it is of, how it
 * died, the last that it said, how to compute it by hand. */
CHECKED enum status aside_write(const char *folder,
                                const struct outcome *outcome);

#endif
