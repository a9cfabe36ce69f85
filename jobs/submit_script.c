#include "jobs/submit_script.h"

#include <ctype.h>
#include <string.h>

/* Made by make of jobs/submit.sbatch. */
static const char template[] =
#include "submit_template.inc"
    ;

const char *submit_quote(const char *text, struct arena *arena)
{
    const char *quoted = "'";
    for (size_t n; *text; text += n) {
        n = strcspn(text, "'");
        quoted = arena_print(arena, "%s%.*s", quoted, (int)n, text);
        if (text[n] == '\'') {
            quoted = arena_print(arena, "%s'\\''", quoted);
            n++;
        }
    }
    return arena_print(arena, "%s'", quoted);
}

/* checks -------------------------------------------------------------- */

static enum status check_word(const char *option, const char *text,
                              const char *others, const char *allowed)
{
    for (const char *at = text; at && *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(others, *at))
            return status_refuse(STATUS_INVALID, "--%s %s: %s", option, text,
                                 allowed);
    return STATUS_OK;
}

static enum status check_line(const char *what, const char *text)
{
    for (const char *at = text; at && *at; at++)
        if (iscntrl((unsigned char)*at))
            return status_refuse(STATUS_INVALID,
                                 "%s: a control character is not allowed",
                                 what);
    return STATUS_OK;
}

enum status submit_check(const struct submission *submission)
{
    TRY(check_word("time", submission->time, ":-",
                   "minutes, hours:minutes:seconds or days-hours are allowed"));
    TRY(check_word("partition", submission->partition, "_-.,",
                   "letters, digits, _, -, . and commas are allowed"));
    TRY(check_line("--sbatch", submission->extra));
    TRY(check_line("the path of the experiment", submission->experiment));
    TRY(check_line("the path of the folder", submission->folder));
    if (submission->extra && strncmp(submission->extra, "-", 1) != 0)
        return status_refuse(STATUS_INVALID,
                             "--sbatch %s: options of sbatch are allowed, "
                             "which begin with -",
                             submission->extra);
    return STATUS_OK;
}

/* filling in ---------------------------------------------------------- */

/* %A and %a are Slurm's for the array and the job in it, %j for a job. A % of
 * the path's own is doubled. */
static const char *log_of(const struct submission *submission,
                          struct arena *arena)
{
    const char *path = "";
    for (const char *at = submission->folder; *at; at++)
        path = arena_print(arena, "%s%s%c", path, *at == '%' ? "%" : "", *at);
    return arena_print(arena, "\"%s/%s\"", path,
                       submission->n_jobs ? "slurm-%A_%a.log" : "slurm-%j.log");
}

static const char *more_of(const struct submission *submission,
                           struct arena *arena)
{
    const char *more = "";
    if (submission->partition)
        more = arena_print(arena, "#SBATCH --partition=%s\n",
                           submission->partition);
    if (submission->n_jobs)
        more = arena_print(arena, "%s#SBATCH --array=1-%zu\n", more,
                           submission->n_jobs);
    if (submission->extra)
        more = arena_print(arena, "%s#SBATCH %s\n", more, submission->extra);
    return more;
}

static const char *value_of(const struct submission *submission,
                            const char *name, size_t n, struct arena *arena)
{
    const struct {
        const char *name, *value;
    } values[] = {
        {"NAME", submission->name},
        {"NODES", arena_print(arena, "%zu", submission->n_nodes)},
        {"RANKS", arena_print(arena, "%zu", submission->n_ranks)},
        {"THREADS", arena_print(arena, "%zu", submission->n_threads)},
        {"RESTARTS", arena_print(arena, "%zu", submission->n_restarts)},
        {"TIME", submission->time},
        {"LOG", log_of(submission, arena)},
        {"MORE", more_of(submission, arena)},
        {"PROGRAM", submit_quote(submission->program, arena)},
        {"EXPERIMENT", submit_quote(submission->experiment, arena)},
        {"FOLDER", submit_quote(submission->folder, arena)},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strlen(values[i].name) == n && !strncmp(values[i].name, name, n))
            return values[i].value;
    return NULL;
}

/* Places look like @NAME@; any other @ stays. */
const char *submit_write(const struct submission *submission,
                         struct arena *arena)
{
    const char *script = "", *at = template;
    while (*at) {
        size_t n = strcspn(at, "@"), n_name = 0;
        const char *value = NULL;
        script = arena_print(arena, "%s%.*s", script, (int)n, at);
        at += n;
        if (*at == '@')
            n_name = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (n_name && at[1 + n_name] == '@')
            value = value_of(submission, at + 1, n_name, arena);
        if (value) {
            script = arena_print(arena, "%s%s", script, value);
            at += n_name + 2;
        } else if (*at) {
            script = arena_print(arena, "%s@", script);
            at++;
        }
    }
    return script;
}
