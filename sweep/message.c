#include "sweep/message.h"

void message_write(const struct message *message, struct bytes *bytes)
{
    bytes->n = 0;
    bytes_append_u64(bytes, message->kind);
    bytes_append_u64(bytes, message->task);
    switch (message->kind) {
    case MESSAGE_HELLO:
        bytes_append_text(bytes, message->text);
        break;
    case MESSAGE_PROGRESS:
        bytes_append_u64(bytes, message->progress.done);
        bytes_append_u64(bytes, message->progress.total);
        bytes_append_f64(bytes, message->progress.loss);
        break;
    case MESSAGE_OUTCOME:
        bytes_append(bytes, message->at, message->n);
        break;
    case MESSAGE_TASK:
        bytes_append_u64(bytes, message->assignment.attempt);
        bytes_append_f64(bytes, message->assignment.limit_s);
        bytes_append_u64(bytes, message->assignment.n_bytes);
        bytes_append_u64(bytes, message->assignment.n_least);
        bytes_append_u64(bytes, message->assignment.span.first);
        bytes_append_u64(bytes, message->assignment.span.n);
        bytes_append_u64(bytes, message->assignment.span.total);
        bytes_append_text(bytes, message->assignment.spec);
        break;
    case MESSAGE_ASKED_STOP:
    case MESSAGE_STOPPED:
    case MESSAGE_STOP:
    case MESSAGE_END:
        break;
    }
}

static enum status read_progress(struct bytes_reader *reader,
                                 struct progress *progress)
{
    TRY(bytes_take_u64(reader, &progress->done));
    TRY(bytes_take_u64(reader, &progress->total));
    return bytes_take_f64(reader, &progress->loss);
}

static enum status read_assignment(struct bytes_reader *reader,
                                   struct arena *arena,
                                   struct assignment *assignment)
{
    uint64_t first = 0, n = 0, total = 0;
    TRY(bytes_take_u64(reader, &assignment->attempt));
    TRY(bytes_take_f64(reader, &assignment->limit_s));
    TRY(bytes_take_u64(reader, &assignment->n_bytes));
    TRY(bytes_take_u64(reader, &assignment->n_least));
    TRY(bytes_take_u64(reader, &first));
    TRY(bytes_take_u64(reader, &n));
    TRY(bytes_take_u64(reader, &total));
    assignment->span = (struct span){first, n, total};
    return bytes_take_text(reader, arena, &assignment->spec);
}

static enum status refuse_kind(uint64_t kind)
{
    return status_refuse(STATUS_DAMAGED, "a message of unknown kind %llu",
                         (unsigned long long)kind);
}

enum status message_read(const struct bytes *bytes, struct arena *arena,
                         struct message *message)
{
    struct bytes_reader reader = {bytes->at, bytes->n};
    uint64_t kind = 0;
    *message = (struct message){0};
    TRY(bytes_take_u64(&reader, &kind));
    TRY(bytes_take_u64(&reader, &message->task));
    if (kind > MESSAGE_END)
        return refuse_kind(kind);
    message->kind = (enum message_kind)kind;
    switch (message->kind) {
    case MESSAGE_HELLO:
        return bytes_take_text(&reader, arena, &message->text);
    case MESSAGE_PROGRESS:
        return read_progress(&reader, &message->progress);
    case MESSAGE_OUTCOME:
        message->at = reader.at;
        message->n = reader.left;
        return STATUS_OK;
    case MESSAGE_TASK:
        return read_assignment(&reader, arena, &message->assignment);
    case MESSAGE_ASKED_STOP:
    case MESSAGE_STOPPED:
    case MESSAGE_STOP:
    case MESSAGE_END:
        return STATUS_OK;
    }
    return refuse_kind(kind);
}
