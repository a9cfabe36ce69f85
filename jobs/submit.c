#include "jobs/commands.h"
#include "core/kind.h"
#include "io/bytes.h"
#include "io/durable.h"
#include "jobs/submit_script.h"
#include "sweep/cores.h"
#include "sweep/folder.h"
#include "sweep/spawn.h"
#include "sweep/study.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder, *job_time, *partition, *extra;
static size_t n_nodes = 1, n_ranks, n_threads = 1, n_jobs, n_restarts = 100;
static bool only_write;

static const struct option_row options[] = {
    {"nodes", 0, "N", "nodes of the job, or of each job of an array (default 1)", OPTION_COUNT,
     &n_nodes},
    {"ranks", 0, "N", "ranks of a node (default: this machine's cores by --threads)", OPTION_COUNT,
     &n_ranks},
    {"threads", 0, "N", "threads of a trial, and cores of a rank (default 1)", OPTION_COUNT,
     &n_threads},
    {"time", 0, "TIME", "of the job, as Slurm has it: 90 (minutes), 12:00:00, 2-00", OPTION_TEXT,
     &job_time},
    {"partition", 0, "NAME", "of the cluster (default: its own choice)", OPTION_TEXT, &partition},
    {"array", 0, "N", "N jobs, each of a share of the cells, that serve one folder, and one that "
     "makes sweep.h5 of it all", OPTION_COUNT, &n_jobs},
    {"restarts", 0, "N", "how often a job that ran out of time or was cut short goes back into the "
     "queue (default 100)", OPTION_COUNT, &n_restarts},
    {"sbatch", 0, "OPTIONS", "further options of sbatch, as \"--account=me --mem=64G\"",
     OPTION_TEXT, &extra},
    {"output", 'o', "DIR", "folder of the results (default: NAME.sweep for NAME.cfg)", OPTION_TEXT,
     &folder},
    {"write", 0, NULL, "write the script, and leave it at that", OPTION_FLAG, &only_write},
};

/* what is submitted --------------------------------------------------- */

static enum status find_path(const char *path, struct arena *arena,
                             const char **absolute)
{
    char room[PATH_MAX];
    if (!realpath(path, room))
        return status_refuse_errno("%s", path);
    *absolute = arena_copy_text(arena, room);
    return STATUS_OK;
}

/* Only what goes without saying in a line of its own. */
static const char *name_of(const char *path, struct arena *arena)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *slash = strrchr(path, '/');
    char *name = arena_copy_text(arena, slash ? slash + 1 : path);
    for (char *at = name; *at; at++)
        if (!strchr(allowed, *at))
            *at = '_';
    return name;
}

static enum status check_counts(void)
{
    static const struct {
        const char *name;
        const size_t *at;
    } counts[] = {{"nodes", &n_nodes}, {"threads", &n_threads}};
    for (size_t i = 0; i < KIND_COUNT(counts); i++)
        if (*counts[i].at == 0)
            return status_refuse(STATUS_INVALID,
                                 "--%s 0: at least 1 is needed",
                                 counts[i].name);
    if (!job_time)
        return status_refuse(STATUS_INVALID,
                             "--time is needed: how long the job may take");
    return STATUS_OK;
}

/* The experiment is read now, not when the job has waited for its turn. */
static enum status describe(const char *path, struct arena *arena,
                            struct submission *submission)
{
    struct study study;
    TRY(check_counts());
    TRY(study_open(path, arena, &study));
    TRY(study_check_shares(&study, n_jobs));
    const char *output = folder ? folder : folder_default(path, arena);
    *submission = (struct submission){
        .program = spawn_own_program(),
        .folder = output,
        .name = name_of(output, arena),
        .n_nodes = n_nodes,
        .n_ranks = n_ranks ? n_ranks : cores_available() / n_threads,
        .n_threads = n_threads,
        .n_jobs = n_jobs,
        .n_restarts = n_restarts,
        .time = job_time,
        .partition = partition,
        .extra = extra,
    };
    if (submission->n_ranks == 0)
        submission->n_ranks = 1;
    TRY(find_path(path, arena, &submission->experiment));
    TRY(submit_check(submission));
    TRY(durable_make_folder(output));
    return find_path(output, arena, &submission->folder);
}

/* handing it over ----------------------------------------------------- */

static enum status read_answer(int fd, struct bytes *answer)
{
    char piece[256];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
        bytes_append(answer, piece, n > 0 ? (size_t)n : 0);
    bytes_append(answer, "", 1);
    return n < 0 ? status_refuse_errno("sbatch") : STATUS_OK;
}

static enum status start_sbatch(char *const *arguments, int answer, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    MUST(!posix_spawn_file_actions_init(&actions));
    MUST(!posix_spawn_file_actions_adddup2(&actions, answer, STDOUT_FILENO));
    errno = posix_spawnp(pid, "sbatch", &actions, NULL, arguments, environ);
    int error = errno;
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return errno ? status_refuse_errno("sbatch cannot be started; the script "
                                       "is written, and --write leaves it at "
                                       "that")
                 : STATUS_OK;
}

/* The number of the job, in `arena`; what sbatch has to say goes to standard
 * error. */
static enum status run_sbatch(char *const *arguments, struct arena *arena,
                              const char **job)
{
    int pipe_ends[2], ended = 0;
    pid_t pid;
    struct bytes answer = {0};
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return status_refuse_errno("cannot make a pipe");
    enum status status = start_sbatch(arguments, pipe_ends[1], &pid);
    close(pipe_ends[1]);
    if (status == STATUS_OK)
        status = read_answer(pipe_ends[0], &answer);
    close(pipe_ends[0]);
    if (status == STATUS_OK && waitpid(pid, &ended, 0) == pid &&
        !(WIFEXITED(ended) && WEXITSTATUS(ended) == 0))
        status = status_refuse(STATUS_SYSTEM, "sbatch refused the job");
    if (status == STATUS_OK) {
        char *text = arena_copy_text(arena, (const char *)answer.at);
        text[strcspn(text, ";\n")] = '\0';
        *job = text;
    }
    bytes_free(&answer);
    return status;
}

/* After all jobs of the array, however they end. */
static enum status submit_merge(const struct submission *submission,
                                const char *array, struct arena *arena)
{
    const char *job;
    char *arguments[] = {
        "sbatch", "--parsable",
        arena_print(arena, "--dependency=afterany:%s", array),
        arena_print(arena, "--job-name=%s-merge", submission->name),
        "--open-mode=append",
        arena_print(arena, "--output=%s/slurm-merge.log", submission->folder),
        partition ? arena_print(arena, "--partition=%s", partition)
                  : "--ntasks=1",
        "--wrap",
        arena_print(arena, "%s pack %s",
                    submit_quote(submission->program, arena),
                    submit_quote(submission->folder, arena)),
        NULL};
    TRY(run_sbatch(arguments, arena, &job));
    printf("job %s makes sweep.h5 when they have ended\n", job);
    return STATUS_OK;
}

static enum status submit(const struct submission *submission,
                          const char *script, struct arena *arena)
{
    const char *job;
    char *arguments[] = {"sbatch", "--parsable", (char *)script, NULL};
    TRY(run_sbatch(arguments, arena, &job));
    printf("job %s%s\n", job, n_jobs ? ", an array" : "");
    return n_jobs ? submit_merge(submission, job, arena) : STATUS_OK;
}

static enum status run_in(char *const *arguments, struct arena *arena)
{
    struct submission submission;
    TRY(describe(arguments[0], arena, &submission));
    const char *text = submit_write(&submission, arena);
    const char *script =
        arena_print(arena, "%s/submit.sbatch", submission.folder);
    TRY(durable_write(script, text, strlen(text)));
    if (chmod(script, 0755) != 0)
        return status_refuse_errno("%s", script);
    printf("%s\n", script);
    fflush(stdout);
    return only_write ? STATUS_OK : submit(&submission, script, arena);
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    enum status status = run_in(arguments, &arena);
    arena_close(&arena);
    *exit_status = EXIT_DONE;
    return status;
}

const struct command command_submit = {
    .name = "submit",
    .arguments = "FILE",
    .doc = "give the sweep to Slurm: writes DIR/submit.sbatch, which may be "
           "read and changed, and submits it",
    .more = "A job that runs out of time leaves every task with a checkpoint, "
            "goes back into the queue,\nand goes on from there. So does one that "
            "could not be launched on a node, or of which a\nrank died: ten "
            "times on end. Nothing is lost if a job is cancelled or ends: "
            "submit again.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};
