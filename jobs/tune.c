#include "jobs/commands.h"
#include "core/engine.h"
#include "core/kind.h"
#include "io/durable.h"
#include "io/tuning_file.h"
#include "jobs/tune_measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *output;

static const struct option_row options[] = {
    {"output", 'o', "FILE", "where to keep what was measured (default: this user's own place, see "
     "below)", OPTION_TEXT, &output},
};

static const char *const kinds[TUNING_OPERATIONS] = {
    [BLOCK_LINEAR] = "linear layers", [BLOCK_CONVOLUTION] = "3x3 convolutions"};
static const char *const uses[TUNING_USES] = {
    [TUNING_FORWARD] = "forward",
    [TUNING_WEIGHTS] = "gradient of the weights",
    [TUNING_INPUT] = "gradient by the input (attacks)"};

/* measuring ----------------------------------------------------------- */

static void show_progress(size_t n_done, size_t n_all)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\rmeasuring: %zu of %zu   ", n_done, n_all);
    if (n_done == n_all)
        fprintf(stderr, "\n");
}

/* In hundredths: more is noise. */
static double rounded(double density)
{
    return fmax(round(100 * density) / 100, TUNING_LEAST);
}

static struct tuning measure(void)
{
    struct tuning tuning;
    size_t n = TUNING_USES * TUNING_WIDTHS, n_all = TUNING_OPERATIONS * n;
    for (size_t i = 0; i < n_all; i++) {
        size_t kind = i / n, use = i % n / TUNING_WIDTHS;
        size_t width = i % TUNING_WIDTHS;
        show_progress(i, n_all);
        struct break_even found = tune_measure(
            (enum block_operation)kind, (enum tuning_use)use, width);
        tuning.densest[kind][use][width] = rounded(found.density);
    }
    show_progress(n_all, n_all);
    return tuning;
}

static const char *origin_of(struct arena *arena)
{
    char host[64] = "", date[16];
    time_t now = time(NULL);
    struct tm parts;
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "an unknown machine");
    strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &parts));
    return arena_print(arena, "measured on %s, %s, engine %s", host, date,
                       engine_name());
}

/* telling and keeping ------------------------------------------------- */

static void print_tuning(const struct tuning *tuning)
{
    printf("Densities up to which products go by lists of what is not zero, "
           "in %%:\n\n%-18s%-33s", "", "outputs of a layer, or channels:");
    for (size_t w = 0; w < TUNING_WIDTHS; w++)
        printf("%5zu%s", tuning_outputs(w),
               w + 1 < TUNING_WIDTHS ? "" : " and more\n");
    for (size_t k = 0; k < TUNING_OPERATIONS; k++)
        for (size_t u = 0; u < TUNING_USES; u++) {
            printf("%-18s%-33s", u ? "" : kinds[k], uses[u]);
            for (size_t w = 0; w < TUNING_WIDTHS; w++)
                printf("%5.0f", 100 * tuning->densest[k][u][w]);
            printf("\n");
        }
}

/* The folders above, as far as they are not there. */
static enum status make_folders(const char *path, struct arena *arena)
{
    for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/'))
        TRY(durable_make_folder(
            arena_print(arena, "%.*s", (int)(at - path), path)));
    return STATUS_OK;
}

static enum status tune(struct arena *arena)
{
    const char *path = output ? output : tuning_file_path(arena);
    if (!path)
        return status_refuse(STATUS_INVALID,
                             "neither XDG_CACHE_HOME nor HOME is set: say "
                             "where to keep it with --output FILE");
    if (!output)
        TRY(make_folders(path, arena));
    struct tuning_file file = {origin_of(arena), measure()};
    const char *text = tuning_file_print(&file, arena);
    print_tuning(&file.tuning);
    TRY(durable_write(path, text, strlen(text)));
    printf(output ? "\nKept in %s; `spikesweep run --tuning %s FILE` goes by "
                    "it.\n"
                  : "\nKept in %s: new sweeps of this user go by it.\n",
           path, path);
    return STATUS_OK;
}

static enum status run(char *const *arguments, int *exit_status)
{
    (void)arguments;
    struct arena arena = arena_open();
    enum status status = tune(&arena);
    arena_close(&arena);
    *exit_status = EXIT_DONE;
    return status;
}

const struct command command_tune = {
    .name = "tune",
    .arguments = "",
    .doc = "measure once what is faster on this machine; new sweeps go by it",
    .more = "Products of spikes, and of gradients in attacks, go by lists of "
            "what is not zero where that\nis little; up to which density "
            "depends on the machine. Takes a few seconds; best on a machine\n"
            "that does nothing else. It is kept in "
            "$XDG_CACHE_HOME/spikesweep/tuning.txt (without the\nvariable in "
            "~/.cache/spikesweep/). A sweep goes by the file that was there "
            "when its folder was\nmade, to its end and on all machines, and "
            "keeps a copy, DIR/tuning.txt: another way may give\nother last "
            "bits. Without a file it goes by what is built in.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .run = run,
};
