#include "io/verify.h"
#include "core/kind.h"
#include "jobs/commands.h"
#include "jobs/verify_coverage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool complete;

static const struct option_row options[] = {
    {"complete", 'c', NULL, "exit with 1, too, if a cell of the experiment has no result yet, or "
     "something could not be told", OPTION_FLAG, &complete},
};

static void print_lines(const struct verify *verify)
{
    static const char *const words[] = {[VERIFY_HOLDS] = "ok",
                                        [VERIFY_FAILS] = "FAILED",
                                        [VERIFY_OPEN] = "open"};
    for (size_t i = 0; i < verify->n; i++)
        printf("%-11s %-7s %s\n", verify->lines[i].name,
               words[verify->lines[i].verdict], verify->lines[i].figure);
}

static enum status find(const char *path, struct arena *arena, bool *is_folder,
                        const char **file)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return status_refuse_errno("%s", path);
    *is_folder = S_ISDIR(about.st_mode);
    *file = *is_folder ? arena_print(arena, "%s/sweep.h5", path) : path;
    return STATUS_OK;
}

static enum status verify_all(const char *path, struct verify *verify)
{
    bool is_folder = false;
    const char *file = path;
    TRY(find(path, verify->arena, &is_folder, &file));
    TRY(verify_file(file, verify));
    bool readable = verify->n_failed == 0;
    if (is_folder)
        TRY(verify_folder(path, verify));
    if (readable)
        TRY(verify_coverage(file, verify));
    return STATUS_OK;
}

static int verify_and_print(const char *path)
{
    struct arena arena = arena_open();
    struct verify verify = {.arena = &arena};
    if (verify_all(path, &verify) != STATUS_OK) {
        fprintf(stderr, "spikesweep verify: %s\n", status_reason());
        return EXIT_REFUSED;
    }
    print_lines(&verify);
    bool bad = verify.n_failed > 0 || (complete && verify.n_open > 0);
    arena_close(&arena);
    return bad ? EXIT_CELLS_FAILED : EXIT_DONE;
}

/* A healthy file of 100,000 trials takes a tenth of this. */
static void limit_time(const char *path)
{
    static const rlim_t LEAST_S = 120, BYTES_A_SECOND = 1000000;
    struct arena arena = arena_open();
    struct stat about;
    bool is_folder = false;
    const char *file = path;
    if (find(path, &arena, &is_folder, &file) == STATUS_OK &&
        stat(file, &about) == 0) {
        rlim_t limit_s = LEAST_S + (rlim_t)about.st_size / BYTES_A_SECOND;
        setrlimit(RLIMIT_CPU, &(struct rlimit){limit_s, limit_s});
    }
    status_forget();
    arena_close(&arena);
}

/* HDF5 does not survive every damage of its own structures, and may go in
 * circles: a child reads, and not for ever. */
static enum status run(char *const *arguments, int *exit_status)
{
    int ended;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        return status_refuse_errno("a process to read the file in");
    if (child == 0) {
        limit_time(arguments[0]);
        int status = verify_and_print(arguments[0]);
        _exit(fflush(stdout) == 0 ? status : EXIT_REFUSED);
    }
    while (waitpid(child, &ended, 0) < 0)
        if (errno != EINTR)
            return status_refuse_errno("the process that reads the file");
    *exit_status =
        WIFEXITED(ended) ? WEXITSTATUS(ended) : (int)EXIT_CELLS_FAILED;
    if (WIFSIGNALED(ended))
        printf("%-11s %-7s reading it ended by signal %d (%s): HDF5 stumbles "
               "over its structures\n",
               "file", "FAILED", WTERMSIG(ended), strsignal(WTERMSIG(ended)));
    return STATUS_OK;
}

const struct command command_verify = {
    .name = "verify",
    .arguments = "FILE|DIR",
    .doc = "whether a result file is whole: structure, checksums, digest, "
           "ranges, coverage",
    .more =
        "FILE is a sweep.h5, DIR a sweep's folder. A line for each thing that "
        "must hold,\nwith its figure: the attributes and variables of the "
        "schema (docs/format.md);\nthe checksum of every chunk; every id as "
        "the digest of its cell; the sweep's\ndigest, computed again from the "
        "rows; ranges; accuracies as means of the\nsamples' flags; verdicts by "
        "their figures; histograms by their sums; and which\ncells of the "
        "experiment have no result (open, which is no failure).\n\nOf a DIR "
        "the segments are read and checked as well, and every variable is\n"
        "compared with one made anew of them: nothing that differs from what "
        "was\ncomputed passes. Of a FILE alone, texts (causes, messages, "
        "hosts), durations and\nwhat is computed from predictions of other "
        "attacks can be changed unseen by\nwho makes the checksums fit.\n\n"
        "Nothing is changed. Exit status: 0 all holds, 1 something failed.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
