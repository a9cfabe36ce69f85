/* Messages of a rank to itself, in order; private to sweep/wire*.c. */
#ifndef SWEEP_WIRE_QUEUE_H
#define SWEEP_WIRE_QUEUE_H

#include "io/bytes.h"

#include <stdbool.h>

struct wire_queue {
    struct wire_message *first, *last;
};

void wire_queue_put(struct wire_queue *queue, const void *bytes, size_t n);
bool wire_queue_take(struct wire_queue *queue, struct bytes *bytes);
void wire_queue_clear(struct wire_queue *queue);

#endif
