/* How a trial ended, by what it said and by what the system says of it. */
#include "sweep/supervisor_parts.h"
#include "core/spec.h"
#include "sweep/clock.h"
#include "sweep/memory.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { CAUSE_SIZE = 96 };

/* The record that the child sent, or false: none, or not a whole one of the
 * samples that it was to attack. */
static bool find_record(const struct supervisor *supervisor,
                        struct frame *frame, bool *diverged)
{
    size_t place = 0;
    if (!frame_find(&supervisor->frames, &place, frame) ||
        frame->kind != FRAME_RECORD)
        return false;
    struct arena arena = arena_open();
    struct record record;
    bool whole = record_unpack(frame->at, frame->n, &arena, &record) ==
                     STATUS_OK &&
                 span_equal(record.span, supervisor->assignment.span);
    if (whole)
        *diverged = record.diverged;
    else
        status_forget();
    arena_close(&arena);
    return whole;
}

static void name_signal(const struct supervisor *supervisor, int number,
                        char cause[CAUSE_SIZE])
{
    const char *memory = "";
    if (number == SIGKILL)
        memory = memory_count_kills(supervisor->root) > supervisor->n_kills
                     ? ", out of memory as the system says"
                     : ", perhaps out of memory";
    snprintf(cause, CAUSE_SIZE, "signal %d (%s)%s", number, strsignal(number),
             memory);
}

static bool exits_with(int status, int code)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

/* Told to by the job itself, sooner than by the supervisor; perhaps before it
 * could heed the signal. */
static bool has_left(int status)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (WIFSIGNALED(status) && WTERMSIG(status) == signals[i])
            return true;
    return exits_with(status, SUPERVISOR_LEFT) ||
           exits_with(status, SUPERVISOR_GONE);
}

/* A whole record counts, even if it was to be killed a moment later. */
static void judge_end(const struct supervisor *supervisor, int status,
                      struct outcome *outcome, char cause[CAUSE_SIZE])
{
    struct frame frame;
    bool diverged = false;
    outcome->state = OUTCOME_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
        find_record(supervisor, &frame, &diverged)) {
        outcome->state = diverged ? OUTCOME_DIVERGED : OUTCOME_DONE;
        outcome->record = frame.at;
        outcome->n_record_bytes = frame.n;
    } else if (supervisor->verdict == OUTCOME_INTERRUPTED ||
               has_left(status)) {
        outcome->state = OUTCOME_INTERRUPTED;
        snprintf(cause, CAUSE_SIZE, "the job ended first%s",
                 exits_with(status, SUPERVISOR_LEFT)
                     ? "; there is a checkpoint to go on from"
                     : "");
    } else if (supervisor->verdict == OUTCOME_TIMED_OUT) {
        outcome->state = OUTCOME_TIMED_OUT;
        snprintf(cause, CAUSE_SIZE, "killed after %g s, its limit",
                 supervisor->assignment.limit_s);
    } else if (WIFSIGNALED(status)) {
        name_signal(supervisor, WTERMSIG(status), cause);
    } else if (WEXITSTATUS(status) == STATUS_EXIT_MEMORY) {
        snprintf(cause, CAUSE_SIZE, "out of memory");
    } else if (WEXITSTATUS(status) != 0) {
        snprintf(cause, CAUSE_SIZE, "exit status %d", WEXITSTATUS(status));
    } else {
        snprintf(cause, CAUSE_SIZE, "exit status 0 without a whole record");
    }
}

/* The words as a text. */
static const char *end_words(struct bytes *words)
{
    for (size_t i = 0; i < words->n; i++)
        if (words->at[i] == 0)
            words->at[i] = '?';
    bytes_append(words, "", 1);
    return (const char *)words->at;
}

static void name_task(const char *text, struct outcome *outcome)
{
    struct arena arena = arena_open();
    struct spec spec;
    MUST(spec_parse(text, &spec, &arena) == STATUS_OK);
    struct spec cell = spec_without_attack(spec);
    outcome->task = spec_digest(&spec);
    outcome->cell = spec_digest(&cell);
    arena_close(&arena);
}

static struct outcome begin_outcome(const struct supervisor *supervisor,
                                    const struct assignment *assignment)
{
    struct outcome outcome = {.spec = assignment->spec,
                              .span = assignment->span,
                              .attempt = assignment->attempt,
                              .host = supervisor->host,
                              .build = provenance_of_build()};
    name_task(assignment->spec, &outcome);
    return outcome;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

void supervisor_pack_end(struct supervisor *supervisor, int status,
                         const struct rusage *usage, struct bytes *packed)
{
    char cause[CAUSE_SIZE] = "";
    struct outcome outcome =
        begin_outcome(supervisor, &supervisor->assignment);
    judge_end(supervisor, status, &outcome, cause);
    char means[TRIAL_MEANS_SIZE];
    outcome.means = trial_command_describe(supervisor->child_means,
                                           supervisor->restored, means);
    outcome.cause = cause;
    outcome.message = end_words(&supervisor->words);
    outcome.started_s = supervisor->started_s;
    outcome.wall_s = clock_now_s() - supervisor->began_s;
    outcome.cpu_s = seconds_of(usage->ru_utime) + seconds_of(usage->ru_stime);
    outcome.peak_bytes = (uint64_t)usage->ru_maxrss * 1024;
    outcome_pack(&outcome, packed);
}

void supervisor_refuse(const struct supervisor *supervisor,
                       const struct assignment *assignment,
                       const char *reason, struct bytes *packed)
{
    struct outcome outcome = begin_outcome(supervisor, assignment);
    outcome.state = OUTCOME_FAILED;
    outcome.cause = "not started";
    if (!supervisor_fits(supervisor, assignment->n_least)) {
        outcome.cause = "does not fit in memory";
        outcome.attempt = 0;
    }
    outcome.message = reason;
    outcome.started_s = clock_date_s();
    outcome_pack(&outcome, packed);
}
