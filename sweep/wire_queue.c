#include "sweep/wire_queue.h"

#include <stdlib.h>
#include <string.h>

struct wire_message {
    struct wire_message *next;
    size_t n;
    unsigned char at[];
};

void wire_queue_put(struct wire_queue *queue, const void *bytes, size_t n)
{
    struct wire_message *message = malloc(sizeof *message + n);
    MUST(message);
    *message = (struct wire_message){.n = n};
    if (n)
        memcpy(message->at, bytes, n);
    if (queue->last)
        queue->last->next = message;
    else
        queue->first = message;
    queue->last = message;
}

bool wire_queue_take(struct wire_queue *queue, struct bytes *bytes)
{
    struct wire_message *message = queue->first;
    if (!message)
        return false;
    queue->first = message->next;
    if (!queue->first)
        queue->last = NULL;
    bytes->n = 0;
    bytes_append(bytes, message->at, message->n);
    free(message);
    return true;
}

void wire_queue_clear(struct wire_queue *queue)
{
    struct bytes bytes = {0};
    while (wire_queue_take(queue, &bytes))
        continue;
    bytes_free(&bytes);
}
