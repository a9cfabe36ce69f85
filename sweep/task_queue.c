#include "sweep/task_queue.h"
#include "core/status.h"

struct task_queue task_queue_open(size_t capacity, struct arena *arena)
{
    return (struct task_queue){.at = ARENA_ARRAY(arena, uint32_t, capacity),
                               .capacity = capacity};
}

uint32_t task_queue_take(struct task_queue *queue)
{
    MUST(queue->n > 0);
    uint32_t task = queue->at[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->n--;
    return task;
}

void task_queue_add(struct task_queue *queue, size_t task)
{
    MUST(queue->n < queue->capacity);
    queue->at[(queue->first + queue->n++) % queue->capacity] = (uint32_t)task;
}

void task_queue_remove(struct task_queue *queue, size_t task)
{
    size_t kept = 0;
    for (size_t k = 0; k < queue->n; k++) {
        uint32_t one = queue->at[(queue->first + k) % queue->capacity];
        if (one != task)
            queue->at[(queue->first + kept++) % queue->capacity] = one;
    }
    queue->n = kept;
}
