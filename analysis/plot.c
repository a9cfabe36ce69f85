#include "analysis/plot.h"
#include "io/bytes.h"
#include "io/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 400 };

extern char **environ;

/* words --------------------------------------------------------------- */

const char *plot_quote(const char *text, struct arena *arena)
{
    char *quoted = arena_take(arena, 2 * strlen(text) + 3), *to = quoted;
    *to++ = '\'';
    for (; *text; text++) {
        if (*text == '\'')
            *to++ = '\'';
        *to++ = (unsigned char)*text < ' ' ? ' ' : *text;
    }
    *to++ = '\'';
    return quoted;
}

/* Okabe and Ito's colours. */
static const char *const colors[PLOT_LINES_MAX] = {
    "#000000", "#0072b2", "#d55e00", "#009e73",
    "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"};

const char *plot_color(size_t i)
{
    return colors[i % PLOT_LINES_MAX];
}

static const char *const dashes[PLOT_LINES_MAX] = {
    "1", "(16,6)", "(4,4)", "(16,5,4,5)",
    "(8,4)", "(2,4)", "(20,4,2,4,2,4)", "(12,10)"};

const char *plot_line(size_t i, struct arena *arena)
{
    static const int points[PLOT_LINES_MAX] = {7, 5, 9, 13, 11, 6, 4, 8};
    return arena_print(arena, "lw 2 lc rgb '%s' dt %s pt %d ps 0.6",
                       plot_color(i), dashes[i % PLOT_LINES_MAX],
                       points[i % PLOT_LINES_MAX]);
}

/* The shapes of gnuplot's points 7, 5, 9, 13, 11, 6, 4, 8 about the middle. */
static const char *const shapes[PLOT_LINES_MAX] = {
    "<circle cx='22' cy='7' r='4'/>",
    "<rect x='18.5' y='3.5' width='7' height='7'/>",
    "<path d='M22 2L26.5 10H17.5Z'/>",
    "<path d='M22 2L27 7L22 12L17 7Z'/>",
    "<path d='M22 12L26.5 4H17.5Z'/>",
    "<circle cx='22' cy='7' r='4' fill='#fff'/>",
    "<rect x='18.5' y='3.5' width='7' height='7' fill='#fff'/>",
    "<path d='M22 2L26.5 10H17.5Z' fill='#fff'/>",
};

const char *plot_sample(size_t i, struct arena *arena)
{
    const char *dash = dashes[i % PLOT_LINES_MAX];
    const char *in = *dash == '(' ? dash + 1 : "none";
    return arena_print(arena,
                       "<svg class=\"sample\" aria-hidden=\"true\" "
                       "width=\"44\" height=\"14\" stroke=\"%s\" "
                       "fill=\"%s\" stroke-width=\"2\"><path d='M0 7H44' "
                       "stroke-dasharray='%.*s'/>%s</svg>",
                       plot_color(i), plot_color(i), (int)strcspn(in, ")"), in,
                       shapes[i % PLOT_LINES_MAX]);
}

/* the process --------------------------------------------------------- */

/* All that a process writes into a pipe, as far as it fits; the rest is read
 * and forgotten, so that the process never waits. */
static void read_all(int file, char said[SAID_MAX])
{
    size_t n = 0;
    char buffer[512];
    for (;;) {
        ssize_t n_read = read(file, buffer, sizeof buffer);
        if (n_read < 0 && errno == EINTR)
            continue;
        if (n_read <= 0)
            break;
        size_t room = SAID_MAX - 1 - n;
        size_t n_kept = (size_t)n_read < room ? (size_t)n_read : room;
        memcpy(said + n, buffer, n_kept);
        n += n_kept;
    }
    said[n] = '\0';
}

static enum status refuse_spawn(int error)
{
    if (error == ENOENT)
        return status_refuse(STATUS_NOT_FOUND,
                             "gnuplot is not installed, and the pictures need "
                             "it: install the package gnuplot-nox, or load "
                             "the module gnuplot");
    errno = error;
    return status_refuse_errno("cannot start gnuplot");
}

/* Its standard error goes to `errors`; it reads and prints nothing else. */
static enum status start(char *const arguments[], int errors, pid_t *process)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    int error = posix_spawnp(process, arguments[0], &actions, NULL, arguments,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    return error ? refuse_spawn(error) : STATUS_OK;
}

/* One line of what gnuplot said: the last, which has the reason. */
static const char *last_line(char said[SAID_MAX])
{
    size_t n = strlen(said);
    while (n > 0 && (said[n - 1] == '\n' || said[n - 1] == ' '))
        said[--n] = '\0';
    char *newline = strrchr(said, '\n');
    return newline ? newline + 1 : said;
}

static enum status finish(pid_t process, const char *path,
                          char said[SAID_MAX])
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return status_refuse_errno("cannot wait for gnuplot");
    if (WIFSIGNALED(status))
        return status_refuse(STATUS_SYSTEM, "%s: gnuplot died of signal %d",
                             path, WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return status_refuse(STATUS_SYSTEM, "%s: gnuplot failed: %s", path,
                             last_line(said));
    return STATUS_OK;
}

static enum status run(char *const arguments[], const char *path)
{
    int ends[2];
    pid_t process = 0;
    char said[SAID_MAX];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return status_refuse_errno("cannot start gnuplot");
    enum status status = start(arguments, ends[1], &process);
    close(ends[1]);
    if (status == STATUS_OK) {
        read_all(ends[0], said);
        status = finish(process, path, said);
    }
    close(ends[0]);
    return status;
}

/* files --------------------------------------------------------------- */

/* Of the same size in all formats: a PDF has inches of 96 pixels. */
static const char *print_terminal(const struct plot *plot,
                                  enum plot_format format, struct arena *arena)
{
    static const char *const terminals[PLOT_N_FORMATS] = {
        [PLOT_SVG] = "svg font 'sans,13' background '#ffffff'",
        [PLOT_PNG] = "pngcairo font 'sans,10' background '#ffffff'",
        [PLOT_PDF] = "pdfcairo font 'sans,10' background '#ffffff'",
    };
    if (format == PLOT_PDF)
        return arena_print(arena, "%s noenhanced size %.3fin,%.3fin",
                           terminals[format], (double)plot->width / 96,
                           (double)plot->height / 96);
    return arena_print(arena, "%s noenhanced size %zu,%zu", terminals[format],
                       plot->width, plot->height);
}

/* `path` is what messages name. */
static enum status run_gnuplot(const char *set, const char *script,
                               const char *path, struct arena *arena)
{
    char *const arguments[] = {arena_copy_text(arena, "gnuplot"),
                               arena_copy_text(arena, "-d"),
                               arena_copy_text(arena, "-e"),
                               arena_copy_text(arena, set),
                               arena_copy_text(arena, script),
                               NULL};
    return run(arguments, path);
}

static enum status draw_file(const struct plot *plot, const char *script,
                             enum plot_format format, const char *path,
                             struct arena *arena)
{
    char temporary[PATH_MAX];
    durable_temporary(path, temporary, sizeof temporary);
    const char *set = arena_print(arena, "set terminal %s; set output %s",
                                  print_terminal(plot, format, arena),
                                  plot_quote(temporary, arena));
    enum status status = run_gnuplot(set, script, path, arena);
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return durable_commit(temporary, path);
}

static enum status read_text(const char *path, struct arena *arena,
                             const char **text)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return status_refuse_errno("%s", path);
    fseek(file, 0, SEEK_END);
    long n = ftell(file);
    char *read = arena_take(arena, (size_t)(n > 0 ? n : 0) + 1);
    rewind(file);
    bool whole = n >= 0 && fread(read, 1, (size_t)n, file) == (size_t)n;
    fclose(file);
    if (!whole)
        return status_refuse_errno("%s: cannot read", path);
    *text = read;
    return STATUS_OK;
}

/* Where in a tag an id begins that is defined or meant: behind id=" and
 * href="# and url(#, with either quote. 0 if none does here. */
static size_t id_length(const char *at)
{
    static const char *const openings[] = {" id=\"", " id='", "href=\"#",
                                           "href='#", "url(#"};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        size_t n = strlen(openings[i]);
        if (!strncmp(at, openings[i], n))
            return n;
    }
    return 0;
}

/* Several pictures in one page must not share ids; each gets its prefix. */
static const char *with_prefix(const char *svg, const char *prefix,
                               struct arena *arena)
{
    struct bytes text = {NULL, 0, 0};
    bool in_tag = false;
    while (*svg) {
        size_t n = in_tag ? id_length(svg) : 0;
        in_tag = *svg == '<' || (in_tag && *svg != '>');
        bytes_append(&text, svg, n ? n : 1);
        if (n) {
            bytes_append(&text, prefix, strlen(prefix));
            bytes_append(&text, "-", 1);
        }
        svg += n ? n : 1;
    }
    char *copy = arena_take(arena, text.n + 1);
    memcpy(copy, text.at, text.n);
    bytes_free(&text);
    return copy;
}

/* Titles of svg come up over the picture where the mouse is, and gnuplot's
 * say no more than "gnuplot_plot_2a". */
static const char *without_titles(const char *svg, struct arena *arena)
{
    static const char opening[] = "<title>", closing[] = "</title>";
    char *copy = arena_copy_text(arena, svg), *from = copy, *to;
    while ((from = strstr(from, opening)) && (to = strstr(from, closing))) {
        to += strlen(closing);
        memmove(from, to, strlen(to) + 1);
    }
    return copy;
}

static enum status inline_svg(const char *path, const char *name,
                              struct arena *arena, const char **svg)
{
    const char *text = NULL;
    TRY(read_text(path, arena, &text));
    const char *element = strstr(text, "<svg");
    if (!element)
        return status_refuse(STATUS_DAMAGED,
                             "%s: gnuplot has written no svg element", path);
    *svg = with_prefix(without_titles(element, arena), name, arena);
    return STATUS_OK;
}

enum status plot_draw(const struct plot *plot, const char *folder,
                      struct arena *arena, const char **svg)
{
    const char *base = arena_print(arena, "%s/%s", folder, plot->name);
    const char *script = arena_print(arena, "%s.gp", base);
    const char *vector = arena_print(arena, "%s.svg", base);
    const char *raster = arena_print(arena, "%s.png", base);
    TRY(durable_write(script, plot->script, strlen(plot->script)));
    TRY(draw_file(plot, script, PLOT_SVG, vector, arena));
    TRY(draw_file(plot, script, PLOT_PNG, raster, arena));
    return svg ? inline_svg(vector, plot->name, arena, svg) : STATUS_OK;
}

/* apart --------------------------------------------------------------- */

/* `file`: a temporary name without a folder. */
static const char *path_apart(const char *folder, size_t i, const char *file,
                              struct arena *arena)
{
    return arena_print(arena, "%s/%zu-%s", folder, i, file);
}

static enum status run_apart(const struct plot *plot, const char *folder,
                             const char *file, struct arena *arena)
{
    const char *script = arena_print(arena, "%s/%s.gp", folder, plot->name);
    const char *set = arena_print(
        arena,
        "set terminal svg noenhanced font 'sans,13' background '#ffffff' "
        "size %zu,%zu; apart_folder = %s; apart_file = %s",
        plot->panel_width, plot->panel_height, plot_quote(folder, arena),
        plot_quote(file, arena));
    return run_gnuplot(set, script, script, arena);
}

static enum status take_apart(const struct plot *plot, const char *folder,
                              const char *file, struct arena *arena,
                              const char **svg)
{
    for (size_t i = 0; i < plot->n_panels; i++)
        TRY(inline_svg(path_apart(folder, i, file, arena),
                       arena_print(arena, "%s-%zu", plot->name, i), arena,
                       &svg[i]));
    return STATUS_OK;
}

enum status plot_draw_apart(const struct plot *plot, const char *folder,
                            struct arena *arena, const char *const **svg)
{
    char file[PATH_MAX];
    const char **elements =
        ARENA_ARRAY(arena, const char *, plot->n_panels + 1);
    durable_temporary(plot->name, file, sizeof file);
    enum status status = run_apart(plot, folder, file, arena);
    if (status == STATUS_OK)
        status = take_apart(plot, folder, file, arena, elements);
    for (size_t i = 0; i < plot->n_panels; i++)
        unlink(path_apart(folder, i, file, arena));
    *svg = elements;
    return status;
}

static enum status draw_by_script(const struct plot *plot,
                                  enum plot_format format, const char *file,
                                  bool keeps, struct arena *arena)
{
    char temporary[PATH_MAX];
    const char *script = arena_print(arena, "%s.gp", file);
    if (!keeps) {
        durable_temporary(script, temporary, sizeof temporary);
        script = temporary;
    }
    TRY(durable_write(script, plot->script, strlen(plot->script)));
    enum status status = draw_file(plot, script, format, file, arena);
    if (!keeps)
        unlink(script);
    return status;
}

enum status plot_draw_file(const struct plot *plot, enum plot_format format,
                           const char *file, bool keeps)
{
    struct arena arena = arena_open();
    enum status status = draw_by_script(plot, format, file, keeps, &arena);
    arena_close(&arena);
    return status;
}
