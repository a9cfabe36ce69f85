/* What the files of the supervisor share: sweep/supervisor.c (its child),
 * sweep/supervisor_end.c (what came of it). */
#ifndef SWEEP_SUPERVISOR_PARTS_H
#define SWEEP_SUPERVISOR_PARTS_H

#include "sweep/supervisor.h"

#include <sys/resource.h>

bool supervisor_fits(const struct supervisor *supervisor, uint64_t n_bytes);

/* Packs the outcome of the child that has ended, all of which was heard. */
void supervisor_pack_end(struct supervisor *supervisor, int status,
                         const struct rusage *usage, struct bytes *packed);

#endif
