#include "jobs/watch.h"
#include "analysis/columns.h"
#include "analysis/findings.h"
#include "io/store_old.h"
#include "jobs/folder_state.h"
#include "jobs/results_folder.h"
#include "jobs/terminal.h"
#include "sweep/view.h"
#include "sweep/clock.h"
#include "sweep/folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BEST_ATTACKS = 4 };

/* What takes a while to find out, and is found out the less often for that. */
struct news {
    struct arena arena;
    struct folder_state state;
    struct settings *settings; /* [cells.n] */
    struct variation variation;
    size_t n_best, n_failures;
    const char **best, **failures;
    double taken_s, cost_s;
};

struct watch {
    const char *folder, *segments;
    bool is_live, has_news;
    double period_s;
    struct news news;
    size_t n_told; /* failures, of those without a terminal */
    const char *best_told;
    struct arena arena; /* of what lasts */
};

/* news ---------------------------------------------------------------- */

static const char *print_best(const struct results *results,
                              const struct figure *figure, const char *name,
                              struct arena *arena)
{
    double most = -INFINITY;
    size_t best = 0;
    for (size_t i = 0; i < results->n_trials; i++) {
        double value = figure_value(results, figure, i);
        if (!isnan(value) && value > most) {
            most = value;
            best = i;
        }
    }
    if (!isfinite(most))
        return NULL;
    return arena_print(arena, "%-10s %5.1f %%  %s", name, 100 * most,
                       results->trials[best].cell);
}

static void find_best(struct news *news, const struct results *results)
{
    struct figure figure = {QUANTITY_CLEAN, 0, 0};
    news->best = ARENA_ARRAY(&news->arena, const char *, BEST_ATTACKS + 1);
    const char *line = print_best(results, &figure, "clean", &news->arena);
    if (line)
        news->best[news->n_best++] = line;
    for (size_t i = 0; i < results->n_attacks && i < BEST_ATTACKS; i++) {
        figure = (struct figure){QUANTITY_MEAN, i, 0};
        line = print_best(results, &figure, results->attacks[i].name,
                          &news->arena);
        if (line)
            news->best[news->n_best++] = line;
    }
}

static void find_failures(struct news *news, const struct results *results)
{
    struct failures failures = findings_failures(results, &news->arena);
    news->failures =
        ARENA_ARRAY(&news->arena, const char *, failures.n + 1);
    for (size_t i = 0; i < failures.n; i++) {
        const struct failure *failure = &failures.at[i];
        news->failures[news->n_failures++] = arena_print(
            &news->arena, "%s: %s of %s%s%s", failure->state, failure->task,
            failure->cell, *failure->cause ? ": " : "", failure->cause);
    }
}

/* A file that would have to be talked about is read as it is. */
static enum status open_results(struct watch *watch, struct results *results)
{
    enum store_standing standing;
    struct arena *arena = &watch->news.arena;
    TRY(store_compare_now(watch->folder, &standing));
    bool can_write = access(watch->folder, W_OK) == 0;
    if (standing <= STORE_NEWER && can_write)
        return results_folder_open(watch->folder, arena, results);
    return results_open(watch->folder, arena, results);
}

static void read_results(struct watch *watch)
{
    struct results results;
    if (open_results(watch, &results) != STATUS_OK) {
        status_forget(); /* nothing was found yet */
        return;
    }
    find_best(&watch->news, &results);
    find_failures(&watch->news, &results);
    results_close(&results);
}

static void name_cells(struct news *news)
{
    const struct cells *cells = &news->state.study.cells;
    news->settings =
        ARENA_ARRAY(&news->arena, struct settings, cells->n + 1);
    for (size_t i = 0; i < cells->n; i++)
        news->settings[i] = settings_parse(
            spec_print(&cells->at[i].spec, false, &news->arena), &news->arena);
    news->variation = settings_vary(cells->n, news->settings, &news->arena);
}

static enum status take_news(struct watch *watch)
{
    struct news *news = &watch->news;
    if (watch->has_news)
        arena_close(&news->arena);
    *news = (struct news){.arena = arena_open(), .taken_s = clock_now_s()};
    watch->has_news = true;
    TRY(folder_state_read(watch->folder, NULL, &news->arena, &news->state));
    name_cells(news);
    read_results(watch);
    news->cost_s = clock_now_s() - news->taken_s;
    return STATUS_OK;
}

/* A twentieth of the time at most. */
static bool is_out_of_date(const struct watch *watch)
{
    double pause_s = fmax(2, 20 * watch->news.cost_s);
    return !watch->has_news ||
           clock_now_s() - watch->news.taken_s >= pause_s;
}

/* the view ------------------------------------------------------------ */

static void name_rank(const struct news *news, struct view_rank *rank,
                      struct arena *arena)
{
    const struct cells *cells = &news->state.study.cells;
    char digest[DIGEST_TEXT_SIZE];
    rank->cell = rank->label = "";
    if (rank->at.state != ACTIVITY_BUSY)
        return;
    rank->cell = arena_print(arena, "cell %.8s",
                             digest_print(rank->at.cell, digest));
    for (size_t i = 0; i < cells->n; i++)
        if (digest_equal(cells->at[i].digest, rank->at.cell)) {
            rank->cell = arena_print(arena, "cell %zu", i);
            rank->label = variation_label(&news->variation,
                                          &news->settings[i], arena);
            return;
        }
}

static void add_ranks(const struct news *news, const struct activity *activity,
                      struct arena *arena, struct view *view)
{
    struct view_rank *ranks =
        ARENA_ARRAY(arena, struct view_rank, view->n + activity->n + 1);
    if (view->n)
        memcpy(ranks, view->ranks, view->n * sizeof *ranks);
    for (size_t i = 0; i < activity->n; i++) {
        struct view_rank *rank = &ranks[view->n++];
        rank->at = activity->ranks[i];
        name_rank(news, rank, arena);
    }
    view->ranks = ranks;
    view->n_ranks += activity->n_ranks;
    view->counts.n_busy += activity->counts.n_busy;
}

/* What the folder holds, where no run tells. */
static void count_coverage(const struct coverage *coverage,
                           struct view *view)
{
    struct display_counts *counts = &view->counts;
    static const int ends[] = {OUTCOME_DONE, OUTCOME_DIVERGED, OUTCOME_FAILED,
                               OUTCOME_TIMED_OUT, OUTCOME_SET_ASIDE,
                               COVERAGE_NO_NETWORK};
    size_t n_busy = counts->n_busy;
    *counts = (struct display_counts){
        .n_cells = coverage->n_cells,
        .n_cells_finished = SIZE_MAX,
        .n_wanted = coverage->n_tasks - coverage->trainings[COVERAGE_SPARED] -
                    coverage->attacks[COVERAGE_SPARED],
        .n_busy = n_busy,
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = coverage->trainings[ends[i]] + coverage->attacks[ends[i]];
        counts->n_finished += n;
        if (i >= 2 && ends[i] != COVERAGE_NO_NETWORK)
            counts->n_failed += n;
    }
}

/* Of one run its own word counts, which is the latest; several know each only
 * of what it did. */
static void add_runs(const struct watch *watch,
                     const struct presences *presences, struct arena *arena,
                     struct view *view)
{
    struct activity activity = {0};
    size_t n_told = 0;
    for (size_t i = 0; i < presences->n; i++) {
        if (!activity_read(watch->segments, presences->at[i].generation, arena,
                           &activity))
            continue;
        add_ranks(&watch->news, &activity, arena, view);
        double late_s = fmax(0, view->now_s - activity.now_s);
        view->gone_s = activity.gone_s + late_s;
        view->left_s = activity.left_s - late_s;
        if (view->left_s < 0)
            view->left_s = 0;
        n_told++;
    }
    if (presences->n == 1 && n_told == 1)
        view->counts = activity.counts;
    else
        count_coverage(&watch->news.state.coverage, view);
    if (n_told != 1)
        view->gone_s = view->left_s = NAN;
}

static enum status look(struct watch *watch, struct arena *arena,
                        struct view *view)
{
    struct presences presences;
    TRY(presence_list(watch->segments, 0, arena, &presences));
    if (is_out_of_date(watch) || presences.n == 0)
        TRY(take_news(watch));
    *view = (struct view){.folder = watch->folder,
                                .now_s = clock_date_s(),
                                .can_quit = watch->is_live,
                                .n_runs = presences.n,
                                .gone_s = NAN,
                                .left_s = NAN,
                                .n_best = watch->news.n_best,
                                .best = watch->news.best,
                                .n_failures = watch->news.n_failures,
                                .failures = watch->news.failures};
    add_runs(watch, &presences, arena, view);
    return STATUS_OK;
}

/* showing ------------------------------------------------------------- */

static void draw(const struct view *view)
{
    char *text = NULL;
    size_t size = 0, width, height;
    terminal_measure(&width, &height);
    FILE *out = open_memstream(&text, &size);
    MUST(out != NULL);
    view_print_frame(view, width, height, out);
    MUST(fclose(out) == 0);
    terminal_draw(text);
    free(text);
}

/* A line, and what is new. */
static void print_plain(struct watch *watch, const struct view *view)
{
    view_print_line(view, stdout);
    for (; watch->n_told < view->n_failures; watch->n_told++)
        printf("%s\n", view->failures[watch->n_told]);
    const char *best = "";
    for (size_t i = 0; i < view->n_best; i++)
        best = arena_print(&watch->news.arena, "%sbest so far: %s\n", best,
                           view->best[i]);
    if (strcmp(best, watch->best_told) != 0)
        printf("%s", best);
    watch->best_told = arena_copy_text(&watch->arena, best);
    fflush(stdout);
}

static void show(struct watch *watch, const struct view *view)
{
    if (watch->is_live)
        draw(view);
    else
        print_plain(watch, view);
}

/* True if somebody does not want to see more. */
static bool wait_for_next(const struct watch *watch)
{
    if (!watch->is_live) {
        usleep((useconds_t)(1e6 * watch->period_s));
        return false;
    }
    return terminal_wait(watch->period_s) == TERMINAL_QUIT;
}

/* What was seen last stays on the user's own screen. */
static void leave(const struct watch *watch, struct view *view)
{
    size_t width, height;
    if (!watch->is_live)
        return;
    terminal_leave();
    terminal_measure(&width, &height);
    view->can_quit = false;
    view_print_frame(view, width, SIZE_MAX, stdout);
}

static enum status go_on(struct watch *watch)
{
    for (;;) {
        struct view view;
        struct arena arena = arena_open();
        enum status status = look(watch, &arena, &view);
        bool ends = status != STATUS_OK || view.n_runs == 0;
        if (status == STATUS_OK)
            show(watch, &view);
        ends = ends || wait_for_next(watch);
        if (ends && status == STATUS_OK)
            leave(watch, &view);
        arena_close(&arena);
        if (ends)
            return status;
    }
}

enum status watch_sweep(const char *folder, double period_s)
{
    TRY(folder_check(folder));
    struct watch watch = {.folder = folder,
                          .is_live = isatty(STDOUT_FILENO) == 1,
                          .best_told = "",
                          .arena = arena_open()};
    watch.segments = folder_segments(folder, &watch.arena);
    watch.period_s = period_s > 0 ? period_s : watch.is_live ? 1 : 10;
    if (watch.is_live)
        terminal_enter();
    enum status status = go_on(&watch);
    terminal_leave();
    if (watch.has_news)
        arena_close(&watch.news.arena);
    arena_close(&watch.arena);
    return status;
}
