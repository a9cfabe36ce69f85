#include "sweep/aside.h"
#include "io/durable.h"

#include <string.h>
#include <time.h>

static const char *folder_of(const char *folder, struct arena *arena)
{
    return arena_print(arena, "%s/aside", folder);
}

const char *aside_path(const char *folder, struct digest task, struct span span,
                       struct arena *arena)
{
    char text[DIGEST_TEXT_SIZE];
    const char *part = span_is_whole(span)
                           ? ""
                           : arena_print(arena, "-%zu-%zu", span.first, span.n);
    return arena_print(arena, "%s/%s%s.log", folder_of(folder, arena),
                       digest_print(task, text), part);
}

static const char *print_date(double date_s, struct arena *arena)
{
    char text[32] = "?";
    time_t seconds = (time_t)date_s;
    struct tm parts;
    if (gmtime_r(&seconds, &parts))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    return arena_copy_text(arena, text);
}

enum status aside_write(const char *folder, const struct outcome *outcome)
{
    struct arena arena = arena_open();
    char task[DIGEST_TEXT_SIZE], cell[DIGEST_TEXT_SIZE];
    const char *text = arena_print(
        &arena,
        "task %s%s of cell %s\nset aside at attempt %llu: %s\non %s, begun "
        "%s, after %.3g s, with at most %.0f kB of memory\nby hand: spikesweep "
        "trial %s/experiment.cfg %.8s\ntried again by: spikesweep run FILE "
        "--only %.8s\n\n%s\nThe last that it said:\n%s\n",
        digest_print(outcome->task, task), span_print(outcome->span, &arena),
        digest_print(outcome->cell, cell), (unsigned long long)outcome->attempt,
        outcome->cause, outcome->host, print_date(outcome->started_s, &arena),
        outcome->wall_s, (double)outcome->peak_bytes / 1024, folder, cell, cell,
        outcome->spec, outcome->message);
    enum status status = durable_make_folder(folder_of(folder, &arena));
    if (status == STATUS_OK)
        status = durable_write(
            aside_path(folder, outcome->task, outcome->span, &arena), text,
            strlen(text));
    arena_close(&arena);
    return status;
}
