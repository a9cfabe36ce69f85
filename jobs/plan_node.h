/* How to share out this node: so many ranks with so many threads each. */
#ifndef JOBS_PLAN_NODE_H
#define JOBS_PLAN_NODE_H

#include "sweep/study.h"

struct plan_node {
    const struct study *study;
    const struct spec *spec; /* the cell that takes longest, measured */
    size_t n_cores, room_bytes;
    double budget_s; /* time for measurements */
};

/* Measures training by 1, 2, 4 .. threads, and recomputing where memory is what
 * limits the ranks; prints the best way, and the command. */
void plan_node_print(const struct plan_node *node, const char *path);

#endif
