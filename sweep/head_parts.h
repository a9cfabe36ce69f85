/* What the files of rank 0 share; private to sweep/head*.c. */
#ifndef SWEEP_HEAD_PARTS_H
#define SWEEP_HEAD_PARTS_H

#include "sweep/head.h"

/* A line for people. `self` is a head. */
void head_tell(void *self, const char *line);

/* False if the network of this cell is not there. `self` is a head. */
bool head_has_network(void *self, size_t cell);

/* Reads what earlier runs did, counts what died with them, finds what is to be
 * done. */
CHECKED enum status head_recall(struct head *head);

/* Makes permanent what arrived; as a keeper's, `self` is a head. */
CHECKED enum status head_flush(void *self);

#endif
