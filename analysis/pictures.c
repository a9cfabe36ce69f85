/* Slices of groups, and how panels lie in a picture. */
#include "analysis/pictures.h"

#include <string.h>

enum {
    PANEL_WIDTH = 330,
    PANEL_HEIGHT = 290,
    TITLE_HEIGHT = 34,
    LEGEND_HEIGHT = 26, /* of a row */
    LEFT = 90,          /* margins within a panel */
    RIGHT = 14,
    ABOVE = 28,
    BELOW = 62 /* numbers and a label: SVG takes more than PNG */
};

/* slices -------------------------------------------------------------- */

static void add_group(struct slice *slice, const struct group *group,
                      bool by_defence)
{
    slice->groups[slice->n] = group;
    slice->names[slice->n++] =
        by_defence ? group->defence : group->label;
}

/* A new slice of the groups from `first` on, as many as it can take; returns
 * how many they were. `lead`, if there is one, begins it. */
static size_t cut_slice(struct slice *slice, const struct group *lead,
                        const struct group *first, size_t n,
                        bool by_defence)
{
    size_t n_taken = 0;
    *slice = (struct slice){.title = by_defence && *first->family
                                         ? first->family
                                         : "all cells"};
    if (lead)
        add_group(slice, lead, by_defence);
    while (n_taken < n && slice->n < PLOT_LINES_MAX)
        add_group(slice, &first[n_taken++], by_defence);
    return n_taken;
}

/* Groups from i on that go into one picture if they are few enough. */
static size_t count_together(const struct groups *groups, size_t i)
{
    size_t n = 1;
    if (!groups->defence_varies)
        return groups->n - i;
    while (i + n < groups->n &&
           groups->at[i + n].i_family == groups->at[i].i_family)
        n++;
    return n;
}

struct slices pictures_slice(const struct groups *groups,
                             struct arena *arena)
{
    bool by_defence = groups->defence_varies;
    struct slice *at = ARENA_ARRAY(arena, struct slice, groups->n + 1);
    struct slices slices = {.at = at};
    for (size_t i = 0; i < groups->n;) {
        const struct group *first = &groups->at[i];
        size_t n = count_together(groups, i), n_taken = 0;
        bool leads = by_defence && first->undefended && n > 1;
        for (n_taken = leads; n_taken < n;)
            n_taken +=
                cut_slice(&at[slices.n++], leads ? first : NULL,
                          first + n_taken, n - n_taken, by_defence);
        i += n;
    }
    if (slices.n > PICTURES_MAX) {
        slices.n_left_out = slices.n - PICTURES_MAX;
        slices.n = PICTURES_MAX;
    }
    return slices;
}

/* panels -------------------------------------------------------------- */

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

/* Entries of the legend beside each other: by the longest of them, a letter
 * being about 8 pixels wide and the sample 70. */
static size_t count_legend_columns(const struct panels *panels)
{
    size_t longest = 1;
    for (size_t i = 0; i < panels->slice->n; i++) {
        size_t n = strlen(panels->slice->names[i]);
        longest = n > longest ? n : longest;
    }
    size_t n = panels->width / (8 * longest + 70);
    return n ? n : 1;
}

static size_t legend_height(const struct panels *panels)
{
    return LEGEND_HEIGHT *
           divide_up(panels->slice->n, count_legend_columns(panels));
}

static double panel_width(const struct panels *panels)
{
    return (double)(panels->width / panels->n_across);
}

/* A place on the picture, from the left and from above, as gnuplot's share of
 * the whole. */
static double across(const struct panels *panels, size_t x)
{
    return (double)x / (double)panels->width;
}

static double up(const struct panels *panels, size_t y)
{
    return 1 - (double)y / (double)panels->height;
}

static void place(const struct panels *panels, size_t left, size_t top,
                  size_t right, size_t bottom)
{
    fprintf(panels->out,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
            across(panels, left), across(panels, right), up(panels, top),
            up(panels, bottom));
}

/* Where a panel is all there is. */
static void place_apart(const struct panels *panels, size_t i)
{
    double width = panel_width(panels);
    fprintf(panels->out,
            "if (apart) {\n  set output apart_folder.'/%zu-'.apart_file\n"
            "  set lmargin at screen %.5f\n  set rmargin at screen %.5f\n"
            "  set tmargin at screen %.5f\n  set bmargin at screen %.5f\n"
            "  set ylabel %s noenhanced offset 0.8,0\n}\n",
            i, LEFT / width, 1 - RIGHT / width,
            1 - (double)ABOVE / PANEL_HEIGHT, (double)BELOW / PANEL_HEIGHT,
            plot_quote(panels->y_label, panels->arena));
}

/* Three panels, but four as two and two. */
static size_t choose_across(size_t n_panels)
{
    return n_panels <= 3 ? n_panels : n_panels == 4 ? 2 : 3;
}

struct panels pictures_open(const struct slice *slice, size_t n_panels,
                            const char *y_label, struct arena *arena,
                            FILE *out)
{
    struct panels panels = {
        .slice = slice,
        .n = n_panels,
        .n_across = choose_across(n_panels),
        .y_label = y_label,
        .arena = arena,
        .out = out,
    };
    MUST(n_panels <= PICTURES_PANELS_MAX);
    panels.words = ARENA_ARRAY(arena, const char *, n_panels + 1);
    for (size_t i = 0; i < n_panels; i++)
        panels.words[i] = "";
    panels.width = (panels.n_across < 2 ? 2 : panels.n_across) * PANEL_WIDTH;
    panels.height = TITLE_HEIGHT +
                    PANEL_HEIGHT * divide_up(n_panels, panels.n_across) +
                    legend_height(&panels);
    fprintf(out,
            "set encoding utf8\napart = exists('apart_file')\n"
            "if (!apart) set multiplot\nset border 3 lc rgb '#444444'\n"
            "set tics nomirror out textcolor rgb '#222222'\n"
            "set grid lt 1 lw 1 lc rgb '#e4e4e4'\nunset key\n"
            "if (!apart) set label 1 %s at screen 0.5,%.5f center noenhanced font ',15'\n",
            plot_quote(slice->title, arena), up(&panels, TITLE_HEIGHT / 2));
    return panels;
}

void pictures_panel(const struct panels *panels, size_t i, const char *title,
                    const char *x_label)
{
    size_t width = panels->width / panels->n_across;
    size_t left = i % panels->n_across * width;
    size_t top = TITLE_HEIGHT + i / panels->n_across * PANEL_HEIGHT;
    place(panels, left + LEFT, top + ABOVE, left + width - RIGHT,
          top + PANEL_HEIGHT - BELOW);
    fprintf(panels->out,
            "set title %s noenhanced offset 0,-0.5\n"
            "set xlabel %s noenhanced offset 0,0.4\n",
            plot_quote(title, panels->arena),
            plot_quote(x_label, panels->arena));
    if (i % panels->n_across == 0)
        fprintf(panels->out, "set ylabel %s noenhanced offset 0.8,0\n",
                plot_quote(panels->y_label, panels->arena));
    else
        fprintf(panels->out, "unset ylabel\n");
    place_apart(panels, i);
    pictures_tell(panels, i, title);
}

void pictures_tell(const struct panels *panels, size_t i, const char *words)
{
    panels->words[i] =
        arena_print(panels->arena, "%s%s%s", panels->words[i],
                    *panels->words[i] ? "; " : "", words);
}

/* The lines are drawn where nobody sees them: it is their titles that count. */
void pictures_close(const struct panels *panels)
{
    fprintf(panels->out, "if (apart) exit\n");
    place(panels, 0, panels->height - legend_height(panels), panels->width,
          panels->height);
    fprintf(panels->out,
            "unset label\nunset object\nunset arrow\nunset border\n"
            "unset tics\nunset grid\nunset title\nunset xlabel\n"
            "unset ylabel\nunset logscale\nset xrange [0:1]\n"
            "set yrange [0:1]\nset key center center horizontal "
            "maxcols %zu samplen 4 Left reverse noenhanced "
            "textcolor rgb '#000000'\n"
            "plot ",
            count_legend_columns(panels));
    for (size_t i = 0; i < panels->slice->n; i++)
        fprintf(panels->out, "%s2 with linespoints %s title %s",
                i ? ", \\\n    " : "", plot_line(i, panels->arena),
                plot_quote(panels->slice->names[i], panels->arena));
    fprintf(panels->out, "\nunset multiplot\n");
}

struct plot pictures_plot(const struct panels *panels, const char *name,
                          const char *script)
{
    return (struct plot){
        .name = name,
        .script = arena_copy_text(panels->arena, script),
        .width = panels->width,
        .height = panels->height,
        .n_panels = panels->n,
        .panel_width = (size_t)panel_width(panels),
        .panel_height = PANEL_HEIGHT,
        .words = panels->words,
    };
}
