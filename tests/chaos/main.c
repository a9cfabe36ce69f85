/*
 * The program:
 *
 *     chaos PROGRAM EXPERIMENT FOLDER N_EVENTS SEED REFUSER.so REFERENCE
 *
 * REFERENCE is the digest of an undisturbed sweep's results. The folder is
 * made, used, and made again when a sweep comes to its end before there have
 * been enough events. Prints what happened and then a line for each thing that
 * has to hold, as tests/lib.sh does.
 */
#include "tests/chaos/chaos.h"
#include "core/rng.h"
#include "core/status.h"
#include "io/results.h"
#include "sweep/clock.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

uint32_t chaos_draw(struct chaos *chaos, uint32_t n)
{
    struct rng_stream stream = {chaos->seed, RNG_SHAKE, 0};
    return rng_word(stream, chaos->n_drawn++) % n;
}

static void sleep_s(double s)
{
    usleep((useconds_t)(1e6 * s));
}

bool chaos_look_for(struct chaos *chaos, double s,
                    bool (*over)(struct chaos *chaos))
{
    double end_s = clock_now_s() + s;
    do {
        if (over(chaos))
            return true;
        watch_listen(&chaos->watch);
        watch_look(&chaos->watch);
        watch_listen(&chaos->watch);
        sleep_s(0.01);
    } while (clock_now_s() < end_s);
    return over(chaos);
}

/* the folder ---------------------------------------------------------- */

static void read_digest(const char *folder, char digest[DIGEST_TEXT_SIZE])
{
    struct arena arena = arena_open();
    struct results results;
    const char *text = "";
    enum status status = results_open(folder, &arena, &results);
    if (status == STATUS_OK) {
        status = results_attribute(&results, "results_digest", &arena, &text);
        results_close(&results);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "chaos: %s\n", status_reason());
        status_forget();
    }
    snprintf(digest, DIGEST_TEXT_SIZE, "%s", text);
    arena_close(&arena);
}

static int remove_entry(const char *path, const struct stat *stat, int kind,
                        struct FTW *place)
{
    (void)stat;
    (void)kind;
    (void)place;
    return remove(path);
}

static void begin_anew(struct chaos *chaos)
{
    nftw(chaos->prey.folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    watch_forget(&chaos->watch);
}

/* the job ------------------------------------------------------------- */

bool chaos_job_is_over(struct chaos *chaos)
{
    if (chaos->job &&
        waitpid(chaos->job, &chaos->job_status, WNOHANG) == chaos->job)
        chaos->job = 0;
    return chaos->job == 0;
}

static bool nothing_lives(struct chaos *chaos)
{
    pid_t found[PREY_MAX];
    return chaos_job_is_over(chaos) &&
           prey_find(&chaos->prey, PREY_ANY, found) == 0;
}

static bool work_has_begun(struct chaos *chaos)
{
    pid_t found[PREY_MAX];
    return chaos_job_is_over(chaos) ||
           prey_find(&chaos->prey, PREY_RANK, found) > 0;
}

static void start_job(struct chaos *chaos)
{
    chaos->job = prey_start(&chaos->prey);
    chaos_look_for(chaos, 30, work_has_begun);
}

static void show_log(const struct chaos *chaos)
{
    char line[1024];
    FILE *log = fopen(chaos->prey.log, "r");
    while (log && fgets(line, sizeof line, log))
        fputs(line, stderr);
    if (log)
        fclose(log);
}

void chaos_await_end(struct chaos *chaos)
{
    if (chaos_look_for(chaos, 60, nothing_lives))
        return;
    chaos->n_left++;
    fprintf(stderr, "chaos: a minute after the death of %s\n", chaos->victim);
    prey_show_all(&chaos->prey);
    show_log(chaos);
    prey_kill_all(&chaos->prey);
    chaos_look_for(chaos, 10, nothing_lives);
}

static bool job_was_good(const struct chaos *chaos)
{
    return WIFEXITED(chaos->job_status) && WEXITSTATUS(chaos->job_status) == 0;
}

/* A sweep that has come to its end. */
static void judge(struct chaos *chaos)
{
    char digest[DIGEST_TEXT_SIZE];
    read_digest(chaos->prey.folder, digest);
    chaos->n_sweeps++;
    if (strcmp(digest, chaos->reference) == 0)
        return;
    chaos->n_wrong++;
    fprintf(stderr, "chaos: results %s instead of %s\n", digest,
            chaos->reference);
    show_log(chaos);
}

/* Blow after blow, until the job is over or there have been enough. */
static void torment(struct chaos *chaos)
{
    while (chaos->n_events < chaos->n_wanted) {
        enum event event = chaos_take_turn(chaos);
        double nap_s = 0.02 + chaos_draw(chaos, 1000) / 1e3;
        if (chaos_look_for(chaos, nap_s, chaos_job_is_over))
            return;
        if (chaos_strike(chaos, event)) {
            chaos->count[event]++;
            chaos->n_events++;
        }
    }
}

/* Goes on where the last job was ended, without a blow; false: it can't. */
static bool leave_in_peace(struct chaos *chaos)
{
    for (int i = 0; i < 3; i++) {
        if (!chaos->job)
            start_job(chaos);
        if (!chaos_look_for(chaos, 300, chaos_job_is_over)) {
            chaos_await_end(chaos);
            return false;
        }
        if (job_was_good(chaos))
            return true;
    }
    show_log(chaos);
    return false;
}

int main(int n_arguments, char **arguments)
{
    struct chaos chaos = {0};
    char log[PATH_MAX];
    if (n_arguments != 8) {
        fprintf(stderr, "usage: chaos PROGRAM EXPERIMENT FOLDER N_EVENTS SEED "
                        "REFUSER.so REFERENCE\n");
        return 2;
    }
    snprintf(log, sizeof log, "%s.log", arguments[3]);
    snprintf(chaos.refuse, sizeof chaos.refuse, "%s.refuse", arguments[3]);
    snprintf(chaos.reference, sizeof chaos.reference, "%s", arguments[7]);
    setenv("CHAOS_FOLDER", arguments[3], 1);
    setenv("CHAOS_REFUSE", chaos.refuse, 1);
    chaos.prey = (struct prey){arguments[1], arguments[2], arguments[3], log,
                               arguments[6], 3, 0.2};
    chaos.watch = watch_begin(arguments[3]);
    chaos.n_wanted = strtoul(arguments[4], NULL, 10);
    chaos.seed = strtoull(arguments[5], NULL, 10);
    chaos.unsaved_s = calloc(chaos.n_wanted + 1, sizeof *chaos.unsaved_s);
    MUST(chaos.unsaved_s);
    while (chaos.n_events < chaos.n_wanted) {
        start_job(&chaos);
        torment(&chaos);
        if (chaos.n_events < chaos.n_wanted && job_was_good(&chaos) &&
            !chaos.job) {
            judge(&chaos);
            begin_anew(&chaos);
        }
    }
    bool completed = leave_in_peace(&chaos);
    if (completed)
        judge(&chaos);
    int status = chaos_sum_up(&chaos, completed);
    watch_end(&chaos.watch);
    free(chaos.unsaved_s);
    return status;
}
