#include "jobs/commands.h"
#include "core/kind.h"
#include "io/durable.h"
#include "jobs/means.h"
#include "jobs/run_options.h"
#include "sweep/clock.h"
#include "sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder, *tuning, *share, *only, *exit_file, *retry = "all";
static const char *progress = "auto";
static struct option_list reused;
static size_t attempts = 3, deaths = 5, n_threads = 1;
static bool timing, recompute, stop_at_failure;
static double limit_s, time_s, refresh_s = 60;
static struct trial_care care = {.patience_s = 600, .checkpoint_s = 300};

const struct option_row run_options[] = {
    {"output", 'o', "DIR", "folder of the results (default: NAME.sweep for NAME.cfg)", OPTION_TEXT,
     &folder},
    {"attempts", 0, "N", "times that a failing task is tried in this run (default 3)", OPTION_COUNT,
     &attempts},
    {"retry", 0, "CAUSES", "what is tried again in this run: all (default), none, or some of died, "
     "refused, memory, limit, start with commas between", OPTION_TEXT, &retry},
    {"set-aside", 0, "N", "a task that has died N times in all runs, or its whole run with it, "
     "nobody knows why, is left alone from then on; 0: never (default 5)", OPTION_COUNT, &deaths},
    {"limit", 0, "TIME", "a task that takes longer is killed: 90, 15m, 2h (default: none)",
     OPTION_TIME, &limit_s},
    {"time", 0, "TIME", "what this job has: shortly before, every task is left with a checkpoint "
     "(default: until $SLURM_JOB_END_TIME, else no end)", OPTION_TIME, &time_s},
    {"only", 0, "CELLS", "only these cells, by number or digest, with commas between; or failed: "
     "those of which a task failed, also if it was set aside", OPTION_TEXT, &only},
    {"reuse", 0, "DIR", "take over what the sweep in this folder has of the same results; may be "
     "given several times", OPTION_LIST, &reused},
    {"stop-at-first-failure", 0, NULL, "once a task has failed, leave all others as when told to "
     "stop, with exit status 1; none is tried again", OPTION_FLAG, &stop_at_failure},
    {"share", 0, "K/N", "only the K-th of N shares of the cells, by their digests: so several jobs "
     "can serve one folder", OPTION_TEXT, &share},
    {"refresh", 0, "TIME", "sweep.h5 is made anew so often while running; 0: at the end only "
     "(default 60)", OPTION_TIME, &refresh_s},
    {"patience", 0, "TIME", "how long to wait for room on a full disk (default 10m)", OPTION_TIME,
     &care.patience_s},
    {"checkpoint", 0, "TIME", "a task writes down how far it is so often, to go on from there; 0: "
     "only when the run is told to stop (default 5m)", OPTION_TIME, &care.checkpoint_s},
    {"progress", 0, "MODE", "auto, live (a line written over), plain (a line now and then), none",
     OPTION_TEXT, &progress},
    {"tuning", 0, "FILE", "a new sweep goes by this file of spikesweep tune (default: this user's, "
     "else what is built in)", OPTION_TEXT, &tuning},
    MEANS_OPTIONS(&n_threads, &recompute),
    {"exit-file", 0, "FILE", "write the exit status there at the end: without it a script knows "
     "that the run was cut short or did not even start", OPTION_TEXT, &exit_file},
    {"timing", 0, NULL, "say at the end what coordinating cost rank 0", OPTION_FLAG, &timing},
};

_Static_assert(KIND_COUNT(run_options) == RUN_N_OPTIONS,
               "evaluate takes as many options");

const char *run_folder(void)
{
    return folder;
}

static enum status read_share(struct share *wanted)
{
    int length = 0;
    size_t k = 0, n = 0;
    if (!share)
        return STATUS_OK;
    if (sscanf(share, "%zu/%zu%n", &k, &n, &length) != 2 || share[length] ||
        k < 1 || k > n)
        return status_refuse(STATUS_INVALID,
                             "--share %s: K/N is allowed, with K from 1 to N",
                             share);
    *wanted = (struct share){k - 1, n};
    return STATUS_OK;
}

/* Without a word of the user's: what Slurm says, which may be over. */
static enum status find_time(double *wanted_s)
{
    const char *text = getenv("SLURM_JOB_END_TIME");
    *wanted_s = time_s;
    if (time_s > 0 || !text)
        return STATUS_OK;
    char *end;
    double date_s = strtod(text, &end);
    if (end == text || *end || !(date_s > 0))
        return status_refuse(STATUS_INVALID,
                             "SLURM_JOB_END_TIME = %s: seconds since 1970 are "
                             "allowed",
                             text);
    *wanted_s = fmax(date_s - clock_date_s(), 1);
    return STATUS_OK;
}

static enum status find_mode(const char *name, enum display_mode *mode)
{
    static const char *const names[] = {[DISPLAY_AUTO] = "auto",
                                        [DISPLAY_LIVE] = "live",
                                        [DISPLAY_PLAIN] = "plain",
                                        [DISPLAY_NONE] = "none"};
    for (size_t i = 0; i < KIND_COUNT(names); i++)
        if (strcmp(names[i], name) == 0) {
            *mode = (enum display_mode)i;
            return STATUS_OK;
        }
    return status_refuse(STATUS_INVALID,
                         "--progress %s: auto, live, plain or none are "
                         "allowed",
                         name);
}

static enum status run_sweep(char *const *arguments, enum sweep_end *end)
{
    struct sweep_options wanted = {.path = arguments[0],
                                   .folder = folder,
                                   .tuning = tuning,
                                   .retry = {attempts, deaths, {false}},
                                   .only = only,
                                   .n_reused = reused.n,
                                   .reused = reused.at,
                                   .stop_at_failure = stop_at_failure,
                                   .limit_s = limit_s,
                                   .refresh_s = refresh_s,
                                   .care = care,
                                   .timing = timing};
    wanted.means.n_threads = n_threads;
    wanted.means.recompute = recompute;
    if (attempts == 0)
        return status_refuse(STATUS_INVALID,
                             "--attempts 0: at least 1 is needed");
    TRY(means_check(n_threads));
    TRY(retry_read(retry, &wanted.retry));
    if (stop_at_failure)
        wanted.retry.max_attempts = 1;
    TRY(read_share(&wanted.share));
    TRY(find_time(&wanted.time_s));
    TRY(find_mode(progress, &wanted.display));
    return sweep_run(&wanted, end);
}

/* A file that cannot be written is what a script takes for a run cut short. */
static enum status write_exit_status(int exit_status)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%d\n", exit_status);
    return durable_write(exit_file, text, (size_t)n);
}

static enum status run(char *const *arguments, int *exit_status)
{
    static const enum exit_status statuses[] = {
        [SWEEP_COMPLETE] = EXIT_DONE,
        [SWEEP_INCOMPLETE] = EXIT_CELLS_FAILED,
        [SWEEP_INTERRUPTED] = EXIT_INTERRUPTED,
        [SWEEP_SERVED] = EXIT_DONE};
    enum sweep_end end = SWEEP_SERVED;
    enum status refused = run_sweep(arguments, &end);
    *exit_status = refused ? EXIT_REFUSED : (int)statuses[end];
    if (!exit_file || (!refused && end == SWEEP_SERVED))
        return refused;
    enum status unwritten = write_exit_status(*exit_status);
    return refused ? refused : unwritten;
}

const struct command command_run = {
    .name = "run",
    .arguments = "FILE",
    .doc = "run the sweep, alone or under mpirun or srun; goes on where an "
           "earlier run stopped",
    .more = "What is done already is not done again: after a crash, a kill or "
            "a change of the file\ngive the same command. INT, TERM, HUP, USR1 "
            "and USR2 stop the sweep in an orderly way\n(exit status 75), and so does "
            "a file DIR/stop, until you delete it. What that "
            "or a kill of the job cuts short counts as no failure.\nCauses of "
            "failures: died (by a signal, by an exit status that says nothing, "
            "with half a\nrecord), refused (it said why), memory (it got none, "
            "or the system killed it for that),\nlimit (see --limit), start "
            "(the system could not start it).\n",
    .options = run_options,
    .n_options = RUN_N_OPTIONS,
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
