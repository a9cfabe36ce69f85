#include "jobs/doctor.h"
#include "jobs/commands.h"

#include "core/kind.h"
#include "sweep/wire.h"

#include <stdio.h>
#include <string.h>

static const char *part;

static const struct option_row options[] = {
    {"part", 0, "NAME", "for the program's own use: what it starts to see how that goes",
     OPTION_TEXT, &part},
};

void doctor_say(struct doctor *doctor, enum verdict verdict, const char *what,
                const char *found, const char *advice)
{
    static const char *const names[N_VERDICTS] = {"ok", "warn", "bad"};
    doctor->n[verdict]++;
    printf("%-4s  %-12s %s", names[verdict], what, found);
    printf(advice ? "; %s\n" : "\n", advice);
    fflush(stdout);
}

/* What the launcher starts to see whether ranks find each other. */
static enum status say_rank(void)
{
    struct wire wire;
    TRY(wire_open(&wire));
    printf("rank %zu of %zu\n", wire.rank, wire.size);
    wire_close(&wire);
    return STATUS_OK;
}

static enum status run_part(void)
{
    if (strcmp(part, "rank") == 0)
        return say_rank();
    if (strcmp(part, "blis") == 0) {
        doctor_say_blis();
        return STATUS_OK;
    }
    return status_refuse(STATUS_INVALID, "--part %s: rank or blis is allowed",
                         part);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    if (part)
        return run_part();
    struct arena arena = arena_open();
    struct doctor doctor = {.arena = &arena};
    doctor_check_engine(&doctor);
    doctor_check_threads(&doctor);
    doctor_check_memory(&doctor);
    doctor_check_folder(&doctor, arguments[0] ? arguments[0] : ".");
    doctor_check_launch(&doctor);
    doctor_check_tools(&doctor);
    printf("%zu ok, %zu to look at, %zu bad\n", doctor.n[VERDICT_OK],
           doctor.n[VERDICT_WARN], doctor.n[VERDICT_BAD]);
    *exit_status = doctor.n[VERDICT_BAD] ? EXIT_CELLS_FAILED : EXIT_DONE;
    arena_close(&arena);
    return STATUS_OK;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "[DIR]",
    .doc = "whether this machine and the folder DIR are fit for sweeps, and "
           "what to change",
    .more = "A line for each check: ok, warn (it works, but slower or with a "
            "risk) or bad, what was found,\nand what to change. Looked at are "
            "the engine and BLIS' kernel, threads and cores, limits of "
            "memory,\nthe file system of DIR (by default of this folder; files "
            "are made in it and deleted), whether\nmpirun or srun starts two "
            "ranks that find each other, Slurm, and gnuplot. Run it where "
            "sweeps are\nto run: in a job, not on the node where one logs in. "
            "Exit status 1 if anything is bad.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_max = 1,
    .run = run,
};
