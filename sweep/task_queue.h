/* Ready tasks, by their indices; first in, first out. */
#ifndef SWEEP_TASK_QUEUE_H
#define SWEEP_TASK_QUEUE_H

#include "core/arena.h"

#include <stddef.h>
#include <stdint.h>

struct task_queue {
    uint32_t *at;
    size_t first, n, capacity;
};

/* An empty one, for no more than so many at a time. */
struct task_queue task_queue_open(size_t capacity, struct arena *arena);

/* The first of them, of at least one. */
uint32_t task_queue_take(struct task_queue *queue);

/* At the end; out of it, wherever it stands. */
void task_queue_add(struct task_queue *queue, size_t task);
void task_queue_remove(struct task_queue *queue, size_t task);

#endif
