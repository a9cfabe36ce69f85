#include "sweep/display.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const double LIVE_EVERY_S = 0.25, PLAIN_EVERY_S = 10;

struct display display_open(FILE *out, enum display_mode mode, double now_s)
{
    if (mode == DISPLAY_AUTO)
        mode = isatty(fileno(out)) ? DISPLAY_LIVE : DISPLAY_PLAIN;
    return (struct display){.out = out, .mode = mode, .began_s = now_s};
}

static void wipe(struct display *display)
{
    if (display->width)
        fprintf(display->out, "\r%*s\r", (int)display->width, "");
    display->width = 0;
}

void display_note(struct display *display, const char *line)
{
    wipe(display);
    fprintf(display->out, "%s\n", line);
    fflush(display->out);
}

void display_print_time(double seconds, char text[24])
{
    if (!(seconds >= 0) || seconds > 1e9) {
        snprintf(text, 24, "?");
        return;
    }
    unsigned long s = (unsigned long)(seconds + 0.5);
    snprintf(text, 24, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

/* estimates ----------------------------------------------------------- */

static size_t class_of(const struct task *task)
{
    return task->attack == LEDGER_TRAIN ? 0 : task->attack + 1;
}

static bool is_unfinished(const struct task *task)
{
    return task->state == TASK_WAITING || task->state == TASK_READY ||
           task->state == TASK_RUNNING;
}

/* With a task of its own: what went to others meanwhile is theirs. */
static bool is_busy(const struct member *member)
{
    return member->n_tasks > 0 && !member->lost && member->n_returned == 0;
}

/* Seconds of a whole task of this class: of finished ones, else of the running
 * ones by how far they are; NaN if neither is there. Of evaluations parts are
 * taken for their share. */
static double pace_of(const struct coordinator *coordinator, size_t class,
                      double now_s)
{
    const struct pace *pace = &coordinator->pace[class];
    if (pace->n)
        return pace->wall_s / pace->share;
    double sum = 0, share = 0;
    for (size_t r = 0; r < coordinator->wire->size; r++) {
        const struct member *member = &coordinator->members[r];
        const struct progress *progress = &member->progress;
        if (!is_busy(member) || !progress->done || !progress->total)
            continue;
        const struct task *task =
            &coordinator->ledger->tasks[member->tasks[0]];
        if (class_of(task) != class)
            continue;
        sum += (now_s - member->began_s) * (double)progress->total /
               (double)progress->done;
        share += ledger_share(task);
    }
    return share > 0 ? sum / share : (double)NAN;
}

static size_t count_workers(const struct coordinator *coordinator)
{
    size_t n = 0;
    for (size_t r = 0; r < coordinator->wire->size; r++)
        n += coordinator->members[r].there && !coordinator->members[r].lost;
    return n;
}

static size_t count_busy(const struct coordinator *coordinator)
{
    size_t n = 0;
    for (size_t r = 0; r < coordinator->wire->size; r++)
        n += is_busy(&coordinator->members[r]);
    return n;
}

/* What the task that a worker runs will still take, by its own word. */
static double rest_of(const struct coordinator *coordinator,
                      const struct member *member, double now_s)
{
    const struct task *task = &coordinator->ledger->tasks[member->tasks[0]];
    const struct progress *progress = &member->progress;
    double gone = now_s - member->began_s;
    if (progress->done && progress->total)
        return gone * (double)(progress->total - progress->done) /
               (double)progress->done;
    double pace = pace_of(coordinator, class_of(task), now_s);
    return fmax(0, pace * ledger_share(task) - gone);
}

/* Of this class, of tasks that nobody has begun; those in a worker's line count
 * as not begun. */
static double share_waiting(const struct coordinator *coordinator,
                            size_t class)
{
    const struct ledger *ledger = coordinator->ledger;
    double share = 0;
    size_t n = 0;
    for (size_t i = 0; i < ledger->n_tasks; i++) {
        const struct task *task = &ledger->tasks[i];
        if (class_of(task) != class || !is_unfinished(task))
            continue;
        share += ledger_share(task);
        n++;
    }
    for (size_t r = 0; r < coordinator->wire->size; r++) {
        const struct member *member = &coordinator->members[r];
        if (!is_busy(member))
            continue;
        const struct task *task = &ledger->tasks[member->tasks[0]];
        if (class_of(task) != class || !is_unfinished(task))
            continue;
        share -= ledger_share(task);
        n--;
    }
    return n ? share : 0; /* and not what rounding left */
}

static double sum_waiting(const struct coordinator *coordinator, double now_s)
{
    const struct ledger *ledger = coordinator->ledger;
    size_t n_classes = space_count_attacks(ledger->experiment) + 1;
    double sum = 0;
    for (size_t class = 0; class < n_classes; class++) {
        double share = share_waiting(coordinator, class);
        if (share > 0)
            sum += share * pace_of(coordinator, class, now_s);
    }
    return sum;
}

double display_estimate(const struct coordinator *coordinator, double now_s)
{
    if (ledger_is_complete(coordinator->ledger))
        return 0;
    size_t n_workers = count_workers(coordinator);
    double sum = sum_waiting(coordinator, now_s), longest = 0;
    for (size_t r = 0; r < coordinator->wire->size; r++) {
        const struct member *member = &coordinator->members[r];
        if (!is_busy(member))
            continue;
        double rest = rest_of(coordinator, member, now_s);
        sum += rest;
        longest = rest > longest ? rest : longest;
    }
    if (isnan(sum) || n_workers == 0)
        return (double)NAN;
    return fmax(longest, sum / (double)n_workers);
}

/* the line ------------------------------------------------------------ */

static size_t count_finished_cells(const struct ledger *ledger)
{
    size_t n = 0;
    for (size_t c = 0; c < ledger->cells->n; c++) {
        bool finished = true;
        for (size_t i = ledger->first[c]; i < ledger->first[c + 1]; i++)
            finished &= ledger->tasks[i].state >= TASK_DONE &&
                        ledger->tasks[i].state != TASK_LEFT_OUT &&
                        ledger->tasks[i].state != TASK_SPARED;
        n += finished;
    }
    return n;
}

static void print_bar(double share, char text[24])
{
    enum { WIDTH = 20 };
    size_t n = (size_t)(share * WIDTH);
    for (size_t i = 0; i < WIDTH; i++)
        text[i + 1] = i < n ? '#' : '.';
    text[0] = '[';
    text[WIDTH + 1] = ']';
    text[WIDTH + 2] = 0;
}

struct display_counts display_count(const struct coordinator *coordinator)
{
    const struct ledger *ledger = coordinator->ledger;
    const size_t *count = ledger->count;
    size_t n_failed = count[TASK_FAILED] + count[TASK_ASIDE];
    return (struct display_counts){
        .n_cells = ledger->cells->n,
        .n_cells_finished = count_finished_cells(ledger),
        .n_wanted =
            ledger->n_tasks - count[TASK_LEFT_OUT] - count[TASK_SPARED],
        .n_finished = count[TASK_DONE] + count[TASK_DIVERGED] + n_failed +
                      count[TASK_VOID],
        .n_failed = n_failed,
        .n_busy = count_busy(coordinator),
    };
}

static int print_line(const struct display *display,
                      const struct coordinator *coordinator, double now_s,
                      char *line, size_t size)
{
    struct display_counts counts = display_count(coordinator);
    char bar[24], gone[24], left[24];
    print_bar((double)counts.n_finished /
                  (double)(counts.n_wanted ? counts.n_wanted : 1), bar);
    display_print_time(now_s - display->began_s, gone);
    display_print_time(display_estimate(coordinator, now_s), left);
    return snprintf(line, size,
                    "%s %zu/%zu cells, %zu/%zu tasks, %zu running, %zu "
                    "failed; %s gone, ETA %s",
                    bar, counts.n_cells_finished, counts.n_cells,
                    counts.n_finished, counts.n_wanted, counts.n_busy,
                    counts.n_failed, gone, left);
}

static void show(struct display *display,
                 const struct coordinator *coordinator, double now_s)
{
    char line[256];
    int width = print_line(display, coordinator, now_s, line, sizeof line);
    display->shown_s = now_s;
    if (display->mode != DISPLAY_LIVE) {
        fprintf(display->out, "%s\n", line);
    } else {
        int old = (int)display->width;
        fprintf(display->out, "\r%s%*s", line, old > width ? old - width : 0,
                "");
        display->width = (size_t)width;
    }
    fflush(display->out);
}

void display_show(struct display *display,
                  const struct coordinator *coordinator, double now_s)
{
    double every =
        display->mode == DISPLAY_LIVE ? LIVE_EVERY_S : PLAIN_EVERY_S;
    if (display->mode != DISPLAY_NONE && now_s - display->shown_s >= every)
        show(display, coordinator, now_s);
}

void display_close(struct display *display,
                   const struct coordinator *coordinator, double now_s)
{
    if (display->mode == DISPLAY_NONE)
        return;
    show(display, coordinator, now_s);
    if (display->width)
        fprintf(display->out, "\n");
    display->width = 0;
}
