/*
 * sweep.h5 of very many trials: made-up ones, each a training and four attacks
 * of six epsilons on 200 samples, in segments of a hundred trials.
 */
#include "tests/bench_scale.h"
#include "io/segment.h"
#include "io/store.h"
#include "tests/bench_clock.h"
#include "tests/fake_sweep.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <sys/stat.h>

enum { CELLS_A_SEGMENT = 100 };

static void append(const struct fake_sweep *sweep, const struct spec *spec,
                   struct segment_writer *writer, struct arena *arena)
{
    struct bytes bytes = {NULL, 0, 0};
    struct outcome outcome = fake_sweep_outcome(sweep, spec, &bytes, arena);
    segment_append(writer, &outcome);
    bytes_free(&bytes);
}

static void append_cell(const struct fake_sweep *sweep, size_t i,
                        struct segment_writer *writer)
{
    struct arena arena = arena_open();
    struct spec spec = fake_sweep_spec(sweep, i, &arena);
    append(sweep, &spec, writer, &arena);
    for (size_t k = 0; k < FAKE_ATTACKS; k++) {
        spec = fake_sweep_attack(sweep, i, k, &arena);
        append(sweep, &spec, writer, &arena);
    }
    arena_close(&arena);
}

static void write_all(const char *folder, const struct fake_sweep *sweep)
{
    struct arena arena = arena_open();
    struct segment_writer writer;
    fake_sweep_write_experiment(folder, sweep);
    MUST(segment_open(arena_print(&arena, "%s/segments", folder), &writer) ==
         STATUS_OK);
    for (size_t i = 0; i < fake_sweep_cells(sweep); i++) {
        append_cell(sweep, i, &writer);
        if ((i + 1) % CELLS_A_SEGMENT == 0)
            MUST(segment_flush(&writer) == STATUS_OK);
    }
    MUST(segment_flush(&writer) == STATUS_OK);
    segment_close(&writer);
    arena_close(&arena);
}

static double file_mb(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? 1e-6 * (double)about.st_size : 0;
}

int bench_scale_pack(size_t n_trials)
{
    const struct fake_sweep sweep = {.n_seeds = (n_trials + 11) / 12,
                                     .n_test = 200,
                                     .n_epochs = 3,
                                     .n_hidden = 3};
    struct scratch scratch = scratch_make();
    const char *folder = scratch_path(&scratch, "sweep"), *note = "";
    struct bench_times start = bench_now();
    write_all(folder, &sweep);
    double write_s = bench_since(start).wall_s, before_mb = bench_peak_mb();
    start = bench_now();
    MUST(store_rebuild(folder, NULL, &scratch.arena, &note) == STATUS_OK);
    struct bench_times took = bench_since(start);
    double n = (double)fake_sweep_cells(&sweep);
    printf("%.0f trials of a training and %d attacks, in %zu files (written in "
           "%.0f s)\n  making sweep.h5 of them        %7.1f s of CPU, %.1f s "
           "on the clock, %.2f ms a trial; %.0f MB of memory (%.0f before), a "
           "file of %.0f MB\n",
           n, FAKE_ATTACKS,
           scratch_count(scratch_path(&scratch, "sweep/segments"), ".seg"),
           write_s, took.cpu_s, took.wall_s, 1e3 * took.cpu_s / n,
           bench_peak_mb(), before_mb,
           file_mb(scratch_path(&scratch, "sweep/sweep.h5")));
    scratch_remove(&scratch);
    return 0;
}
