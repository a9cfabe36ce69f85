/* The report's sections of pictures. */
#include "analysis/html.h"
#include "analysis/pictures.h"
#include "analysis/report_parts.h"

static enum status write_figure(const struct report *report,
                                const struct plot *plot, const char *title)
{
    const char *svg = NULL;
    struct arena arena = arena_open(); /* an svg may be large */
    enum status status = plot_draw(plot, report->folder, &arena, &svg);
    if (status == STATUS_OK) {
        fprintf(report->out, "<figure>\n%s<figcaption>", svg);
        html_text(report->out, title);
        fprintf(report->out, " (%s.svg, .png; drawn from %s.gp)</figcaption>\n"
                             "</figure>\n",
                plot->name, plot->name);
    }
    arena_close(&arena);
    return status;
}

static void write_left_out(const struct report *report,
                           const struct slices *slices)
{
    if (slices->n_left_out > 0)
        fprintf(report->out,
                "<p class=\"note\">%zu more pictures of this sort are left "
                "out; their numbers are in sweep.h5.</p>\n",
                slices->n_left_out);
}

enum status report_write_curves(const struct report *report)
{
    struct slices slices = pictures_slice(report->groups, report->arena);
    if (report->results->n_attacks == 0)
        return STATUS_OK;
    fprintf(report->out,
            "<h2>Robustness curves</h2>\n<p class=\"note\">Accuracy over "
            "epsilon, the largest change of a pixel in [0, 1], or the "
            "deviation of the noise, both in units of 1/255.%s</p>\n",
            report->groups->seed_varies
                ? " Lines are means over seeds, bands reach from the lowest "
                  "to the highest."
                : "");
    for (size_t i = 0; i < slices.n; i++) {
        struct plot plot = pictures_curves(report->results, &slices.at[i],
                                           i + 1, report->arena);
        TRY(write_figure(report, &plot, slices.at[i].title));
    }
    write_left_out(report, &slices);
    return STATUS_OK;
}

static enum status write_membrane(const struct report *report,
                                  const struct slice *slice, size_t number)
{
    struct plot plot;
    struct arena arena = arena_open();
    enum status status = pictures_membrane(report->results, slice, number,
                                           &arena, &plot);
    if (status == STATUS_OK && plot.script)
        status = write_figure(report, &plot, slice->title);
    arena_close(&arena);
    return status;
}

enum status report_write_membranes(const struct report *report)
{
    struct slices slices = pictures_slice(report->groups, report->arena);
    if (report->results->n_layers == 0)
        return STATUS_OK;
    fprintf(report->out,
            "<h2>Membrane potential</h2>\n<p class=\"note\">Distribution of "
            "the potential less the threshold, before reset, on clean test "
            "data, over all time steps; to the right of 0 a neuron spikes. "
            "Shaded: the surrogate's range (-gamma, gamma), within which "
            "gradients pass. The scale is logarithmic: what is rare looks "
            "larger than its share.</p>\n");
    for (size_t i = 0; i < slices.n; i++)
        TRY(write_membrane(report, &slices.at[i], i + 1));
    write_left_out(report, &slices);
    return STATUS_OK;
}
