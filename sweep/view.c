/* One moment of a sweep, as text. */
#include "sweep/view.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_MAX_BYTES = 1024, FAILURES_SHOWN = 4, LINE_RANKS = 8, BAR = 10 };

/* Lines as they find room. */
struct screen {
    FILE *out;
    size_t width, height, n;
};

__attribute__((format(printf, 2, 3))) static void
add_line(struct screen *screen, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list arguments;
    if (screen->n == screen->height)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    fprintf(screen->out, "%.*s\n", (int)screen->width, line);
    screen->n++;
}

static const char *print_bar(double share, size_t width, char bar[128])
{
    width = width > 120 ? 120 : width;
    size_t n = share > 0 ? (size_t)(share * (double)width) : 0;
    n = n > width ? width : n;
    bar[0] = '[';
    memset(bar + 1, '#', n);
    memset(bar + 1 + n, '.', width - n);
    memcpy(bar + 1 + width, "]", 2);
    return bar;
}

static double share_of(const struct view *view)
{
    const struct display_counts *counts = &view->counts;
    return (double)counts->n_finished /
           (double)(counts->n_wanted ? counts->n_wanted : 1);
}

/* "cells 4/12, " or nothing. */
static const char *print_cells(const struct view *view, char text[64])
{
    text[0] = '\0';
    if (view->counts.n_cells_finished != SIZE_MAX)
        snprintf(text, 64, "%zu/%zu cells, ", view->counts.n_cells_finished,
                 view->counts.n_cells);
    return text;
}

/* head ---------------------------------------------------------------- */

static void add_progress(struct screen *screen, const struct view *view)
{
    char bar[128], cells[64];
    size_t width = screen->width > 100 ? 40 : screen->width > 70 ? 20 : 8;
    add_line(screen, "%s %3.0f %%  %s%zu/%zu tasks, %zu failed",
             print_bar(share_of(view), width, bar), 100 * share_of(view),
             print_cells(view, cells), view->counts.n_finished,
             view->counts.n_wanted, view->counts.n_failed);
}

static void add_times(struct screen *screen, const struct view *view)
{
    char gone[24], left[24], done[32] = "";
    display_print_time(view->gone_s, gone);
    display_print_time(view->left_s, left);
    if (view->left_s > 0 && view->left_s < 1e7) {
        time_t end = (time_t)(view->now_s + view->left_s);
        struct tm parts;
        strftime(done, sizeof done, " (at %H:%M)", localtime_r(&end, &parts));
    }
    if (view->n_runs == 0)
        add_line(screen, view->counts.n_finished < view->counts.n_wanted
                            ? "no run goes on: spikesweep run goes on with it"
                            : "all is done");
    else
        add_line(screen, "%s gone, ETA %s%s; %zu of %zu rank%s at work%s", gone,
                 left, done, view->counts.n_busy, view->n_ranks,
                 view->n_ranks == 1 ? "" : "s",
                 view->n_runs > 1 ? ", several runs" : "");
}

static void add_title(struct screen *screen, const struct view *view)
{
    char date[32];
    struct tm parts;
    time_t now = (time_t)view->now_s;
    strftime(date, sizeof date, "%H:%M:%S", localtime_r(&now, &parts));
    add_line(screen, "%s  %s%s", date, view->folder,
             view->can_quit ? "  (q quits, the sweep goes on)" : "");
}

/* ranks --------------------------------------------------------------- */

/* Of their columns, as wide as they need. */
struct widths {
    int host, task;
};

static int larger(int a, size_t b, int most)
{
    int n = b < (size_t)most ? (int)b : most;
    return n > a ? n : a;
}

static struct widths measure(const struct view *view, size_t n)
{
    struct widths widths = {4, 4};
    for (size_t i = 0; i < n; i++) {
        const struct view_rank *rank = &view->ranks[i];
        widths.host = larger(widths.host, strlen(rank->at.host), 16);
        widths.task = larger(widths.task,
                             strlen(rank->cell) + 1 + strlen(rank->at.task),
                             40);
    }
    return widths;
}

/* Bars where there is room. */
static const char *print_far(const struct progress *progress, bool is_wide,
                             char far[128])
{
    char bar[128] = "", loss[32] = "";
    if (progress->total == 0)
        return "";
    if (is_wide)
        print_bar((double)progress->done / (double)progress->total, BAR, bar);
    if (isfinite(progress->loss))
        snprintf(loss, sizeof loss, "loss %.3g", progress->loss);
    snprintf(far, 128, "%.12s%*" PRIu64 "/%-6" PRIu64 " %-10.10s", bar,
             is_wide ? 7 : 0, progress->done, progress->total, loss);
    return far;
}

static void add_rank(struct screen *screen, const struct view_rank *rank,
                     const struct widths *widths)
{
    enum { WIDE = 110 };
    char busy[24], far[128], what[160];
    if (rank->at.state != ACTIVITY_BUSY) {
        add_line(screen, "%4zu %-*.16s          %s", rank->at.rank,
                 widths->host, rank->at.host,
                 rank->at.state == ACTIVITY_LOST ? "silent" : "idle");
        return;
    }
    snprintf(what, sizeof what, "%s %s", rank->cell, rank->at.task);
    display_print_time(rank->at.busy_s, busy);
    add_line(screen, "%4zu %-*.16s %8s  %-*.40s  %s  %s", rank->at.rank,
             widths->host, rank->at.host, busy, widths->task, what,
             print_far(&rank->at.progress, screen->width >= WIDE, far),
             rank->label);
}

/* As many as there is room for, when the rest has what it needs. */
static size_t choose_ranks(const struct screen *screen,
                           const struct view *view)
{
    size_t n_failures = view->n_failures < FAILURES_SHOWN ? view->n_failures
                                                          : FAILURES_SHOWN;
    size_t n_below = (view->n_best ? view->n_best + 2 : 0) +
                     (n_failures ? n_failures + 2 : 0);
    size_t n_taken = screen->n + 2 + n_below;
    size_t room = screen->height > n_taken ? screen->height - n_taken : 0;
    size_t least = 3;
    room = room < least ? least : room;
    if (view->n_ranks <= room && view->n <= room)
        return view->n;
    return view->n < room - 1 ? view->n : room - 1; /* a line for the others */
}

static void add_ranks(struct screen *screen, const struct view *view)
{
    size_t n = choose_ranks(screen, view);
    struct widths widths = measure(view, n);
    if (view->n == 0)
        return;
    add_line(screen, "%s", "");
    add_line(screen, "rank %-*s      for  task", widths.host, "host");
    for (size_t i = 0; i < n; i++)
        add_rank(screen, &view->ranks[i], &widths);
    if (n < view->n_ranks)
        add_line(screen, "     and %zu more ranks", view->n_ranks - n);
}

/* what was found ------------------------------------------------------ */

static void add_best(struct screen *screen, const struct view *view)
{
    if (view->n_best == 0)
        return;
    add_line(screen, "%s", "");
    add_line(screen, "best so far");
    for (size_t i = 0; i < view->n_best; i++)
        add_line(screen, "  %s", view->best[i]);
}

static void add_failures(struct screen *screen, const struct view *view)
{
    size_t n = view->n_failures;
    if (n == 0)
        return;
    add_line(screen, "%s", "");
    add_line(screen, "went wrong: %zu%s", n,
             n > FAILURES_SHOWN ? ", of these the last" : "");
    for (size_t i = n > FAILURES_SHOWN ? n - FAILURES_SHOWN : 0; i < n; i++)
        add_line(screen, "  %s", view->failures[i]);
}

void view_print_frame(const struct view *view, size_t width,
                       size_t height, FILE *out)
{
    struct screen screen = {out, width, height, 0};
    add_title(&screen, view);
    add_progress(&screen, view);
    add_times(&screen, view);
    add_ranks(&screen, view);
    add_best(&screen, view);
    add_failures(&screen, view);
}

/* a line -------------------------------------------------------------- */

static void print_rank(const struct view_rank *rank, FILE *out)
{
    const struct progress *progress = &rank->at.progress;
    if (rank->at.state != ACTIVITY_BUSY) {
        fprintf(out, "%s",
                rank->at.state == ACTIVITY_LOST ? "silent" : "idle");
        return;
    }
    fprintf(out, "%s %s", rank->cell, rank->at.task);
    if (progress->total)
        fprintf(out, " %" PRIu64 "/%" PRIu64, progress->done, progress->total);
}

void view_print_line(const struct view *view, FILE *out)
{
    char cells[64], gone[24], left[24];
    size_t n = view->n < LINE_RANKS ? view->n : LINE_RANKS;
    display_print_time(view->gone_s, gone);
    display_print_time(view->left_s, left);
    fprintf(out, "%3.0f %%, %s%zu/%zu tasks, %zu running, %zu failed",
            100 * share_of(view), print_cells(view, cells),
            view->counts.n_finished, view->counts.n_wanted,
            view->counts.n_busy, view->counts.n_failed);
    if (view->n_runs == 0)
        fprintf(out, view->counts.n_finished < view->counts.n_wanted
                         ? "; no run goes on"
                         : "; all is done");
    else
        fprintf(out, "; %s gone, ETA %s", gone, left);
    for (size_t i = 0; i < n; i++) {
        const struct view_rank *rank = &view->ranks[i];
        fprintf(out, "; rank %zu: ", rank->at.rank);
        print_rank(rank, out);
    }
    if (n < view->n_ranks)
        fprintf(out, "; and %zu more", view->n_ranks - n);
    fprintf(out, "\n");
}
