#include "jobs/output.h"

enum status output_format(const struct output *output,
                          enum sheet_format *format)
{
    if (output->csv + output->json + output->latex > 1)
        return status_refuse(STATUS_INVALID,
                             "only one of --csv, --json and --latex is "
                             "allowed");
    *format = output->csv     ? SHEET_CSV
              : output->json  ? SHEET_JSON
              : output->latex ? SHEET_LATEX
                              : SHEET_TEXT;
    return STATUS_OK;
}

enum status output_sheet(const struct output *output,
                         const struct sheet *sheet)
{
    enum sheet_format format = SHEET_TEXT;
    TRY(output_format(output, &format));
    return sheet_write(sheet, format, stdout);
}

bool output_wants_picture(const struct output_picture *picture)
{
    for (size_t i = 0; i < PLOT_N_FORMATS; i++)
        if (picture->files[i])
            return true;
    return false;
}

enum status output_draw(const struct output_picture *picture,
                        const struct plot *plot)
{
    for (size_t i = 0; i < PLOT_N_FORMATS; i++) {
        const char *file = picture->files[i];
        if (!file)
            continue;
        TRY(plot_draw_file(plot, (enum plot_format)i, file, picture->data));
        fprintf(stderr, picture->data ? "%s and %s.gp\n" : "%s\n", file, file);
    }
    return STATUS_OK;
}
