/* Cores of this node that this process may run on: what the launcher bound it
 * to, at least 1. */
#ifndef SWEEP_CORES_H
#define SWEEP_CORES_H

#include <stddef.h>

size_t cores_available(void);

#endif
