/* The report's sections of pictures. */
#include "analysis/columns.h"
#include "analysis/html.h"
#include "analysis/pictures.h"
#include "analysis/report_parts.h"

#include <math.h>
#include <string.h>

/* Panels lie beside each other as they find room, under names that are text:
 * a picture in one piece could not be read on a phone. */
static void write_panels(const struct report *report, const struct plot *plot,
                         const char *const *svg)
{
    fprintf(report->out, "<div class=\"panels\">\n");
    for (size_t i = 0; i < plot->n_panels; i++) {
        fprintf(report->out, "<svg role=\"img\" aria-label=\"");
        html_text(report->out, plot->words[i]);
        fprintf(report->out, "\"%s\n", svg[i] + strlen("<svg"));
    }
    fprintf(report->out, "</div>\n");
}

static void write_legend(const struct report *report,
                         const struct slice *slice)
{
    fprintf(report->out, "<p class=\"legend\">");
    for (size_t i = 0; i < slice->n; i++) {
        fprintf(report->out, "<span>%s", plot_sample(i, report->arena));
        html_text(report->out, slice->names[i]);
        fprintf(report->out, "</span>\n");
    }
    fprintf(report->out, "</p>\n");
}

static enum status write_figure(const struct report *report,
                                const struct plot *plot,
                                const struct slice *slice)
{
    const char *const *svg = NULL;
    struct arena arena = arena_open(); /* an svg may be large */
    enum status status = plot_draw_apart(plot, report->folder, &arena, &svg);
    if (status == STATUS_OK) {
        fprintf(report->out, "<figure>\n<figcaption>");
        html_text(report->out, slice->title);
        fprintf(report->out, " <small>%s</small></figcaption>\n", plot->name);
        write_panels(report, plot, svg);
        write_legend(report, slice);
        fprintf(report->out, "</figure>\n");
    }
    arena_close(&arena);
    return status;
}

static enum status write_plot(const struct report *report,
                              const struct plot *plot,
                              const struct slice *slice, size_t number)
{
    TRY(plot_draw(plot, report->folder, report->arena, NULL));
    if (number == REPORT_OPEN_PICTURES + 1)
        report_open_fold(report, true, "more pictures of this sort");
    return number <= REPORT_PICTURES ? write_figure(report, plot, slice)
                                     : STATUS_OK;
}

/* `n`: drawn. */
static void write_left_out(const struct report *report,
                           const struct slices *slices, size_t n,
                           const char *name)
{
    if (n > REPORT_OPEN_PICTURES)
        report_close_fold(report);
    if (n > REPORT_PICTURES)
        fprintf(report->out,
                "<p class=\"note\">%zu more pictures of this sort are left out "
                "of the page: they are %s-%02d.png to %s-%02zu.png in the "
                "folder that it was made in.</p>\n",
                n - REPORT_PICTURES, name, REPORT_PICTURES + 1, name, n);
    if (slices->n_left_out > 0)
        fprintf(report->out,
                "<p class=\"note\">%zu more settings' pictures were not "
                "drawn; their numbers are in sweep.h5.</p>\n",
                slices->n_left_out);
    fprintf(report->out,
            "<p class=\"note\">Each picture is also a file of its name beside "
            "the page as it was made, .svg and .png, with what gnuplot drew it "
            "from, .gp.</p>\n");
}

/* curves -------------------------------------------------------------- */

static bool has_accuracy(const struct report *report,
                         const struct slice *slice)
{
    for (size_t i = 0; i < slice->n; i++)
        for (size_t k = 0; k < report->results->n_attacks; k++) {
            struct figure column = {QUANTITY_MEAN, k, 0};
            if (column_spread(report->results, &column, slice->groups[i]).n)
                return true;
        }
    return false;
}

enum status report_write_curves(const struct report *report)
{
    size_t n = 0;
    struct slices slices = pictures_slice(report->groups, report->arena);
    if (report->results->n_attacks == 0)
        return STATUS_OK;
    fprintf(report->out,
            "<h2 id=\"curves\">Robustness curves</h2>\n<p class=\"note\">"
            "Accuracy over "
            "epsilon, the largest change of a pixel in [0, 1], or the "
            "deviation of the noise, both in units of 1/255.%s</p>\n",
            report->groups->seed_varies
                ? " Lines are means over seeds, bands reach from the lowest "
                  "to the highest."
                : "");
    for (size_t i = 0; i < slices.n; i++) {
        if (!has_accuracy(report, &slices.at[i]))
            continue;
        struct plot plot = pictures_curves(report->results, &slices.at[i],
                                           ++n, report->arena);
        TRY(write_plot(report, &plot, &slices.at[i], n));
    }
    write_left_out(report, &slices, n, "curves");
    return STATUS_OK;
}

/* membranes ----------------------------------------------------------- */

static enum status write_membrane(const struct report *report,
                                  const struct slice *slice, size_t *n)
{
    struct plot plot;
    struct arena arena = arena_open();
    enum status status = pictures_membrane(report->results, slice, *n + 1,
                                           &arena, &plot);
    if (status == STATUS_OK && plot.script) {
        *n += 1;
        status = write_plot(report, &plot, slice, *n);
    }
    arena_close(&arena);
    return status;
}

enum status report_write_membranes(const struct report *report)
{
    size_t n = 0;
    struct slices slices = pictures_slice(report->groups, report->arena);
    if (report->results->n_layers == 0)
        return STATUS_OK;
    fprintf(report->out,
            "<h2 id=\"membrane\">Membrane potential</h2>\n<p class=\"note\">"
            "Distribution of "
            "the potential less the threshold, before reset, on clean test "
            "data, over all time steps; to the right of 0 a neuron spikes. "
            "Shaded: the surrogate's range (-gamma, gamma), within which "
            "gradients pass. The scale is logarithmic: what is rare looks "
            "larger than its share.</p>\n");
    for (size_t i = 0; i < slices.n; i++)
        TRY(write_membrane(report, &slices.at[i], &n));
    write_left_out(report, &slices, n, "membrane");
    return STATUS_OK;
}
