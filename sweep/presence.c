#include "sweep/presence.h"
#include "io/durable.h"
#include "io/segment_list.h"
#include "sweep/clock.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A run on another machine that has not written for so long is taken to have
 * died: several times what lies between two writings. */
static const double SILENT_S = 120;

static void print_path(char path[PATH_MAX], const char *segments,
                       uint32_t generation)
{
    char name[32];
    snprintf(name, sizeof name, "%08" PRIx32 ".run", generation);
    segment_path(path, segments, name);
}

/* processes ----------------------------------------------------------- */

/* When a process began, in ticks since its machine did: a later one that got
 * the same number is another one. 0 if that cannot be known. */
static uint64_t read_ticks(long process)
{
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *at = strrchr(text, ')'); /* behind the name, the second field */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

static bool is_alive(const struct presence *presence)
{
    if (kill((pid_t)presence->process, 0) != 0 && errno != EPERM)
        return false;
    uint64_t ticks = read_ticks(presence->process);
    return ticks == 0 || presence->ticks == 0 || ticks == presence->ticks;
}

static void read_host(char host[64])
{
    memset(host, 0, 64);
    if (gethostname(host, 63) != 0 || strpbrk(host, " \n"))
        snprintf(host, 64, "unknown");
}

/* writing ------------------------------------------------------------- */

struct presence presence_begin(uint32_t generation, size_t n_ranks)
{
    struct presence presence = {.generation = generation,
                                .process = (long)getpid(),
                                .ticks = read_ticks((long)getpid()),
                                .began_s = clock_date_s(),
                                .n_ranks = n_ranks};
    read_host(presence.host);
    return presence;
}

void presence_stop(struct presence *presence)
{
    presence->told_s = clock_date_s();
}

void presence_end(struct presence *presence)
{
    presence->ended_s = clock_date_s();
}

void presence_write(const char *segments, const struct presence *presence)
{
    char path[PATH_MAX], text[256], digest[DIGEST_TEXT_SIZE];
    struct bytes bytes = {NULL, 0, 0};
    int n = snprintf(text, sizeof text,
                     "host %s\nprocess %ld\nticks %" PRIu64
                     "\nbegan %.0f\nended %.0f\nranks %zu\n",
                     presence->host, presence->process, presence->ticks,
                     presence->began_s, presence->ended_s, presence->n_ranks);
    bytes_append(&bytes, text, (size_t)n);
    if (presence->n_shares > 1) {
        n = snprintf(text, sizeof text, "share %zu %zu\n", presence->share,
                     presence->n_shares);
        bytes_append(&bytes, text, (size_t)n);
    }
    for (size_t i = 0; i < presence->n_running; i++) {
        n = snprintf(text, sizeof text, "running %s\n",
                     digest_print(presence->running[i], digest));
        bytes_append(&bytes, text, (size_t)n);
    }
    n = snprintf(text, sizeof text, "told %.0f\ndue %.0f\ncounted %d\n",
                 presence->told_s, presence->due_s, presence->counted);
    bytes_append(&bytes, text, (size_t)n);
    print_path(path, segments, presence->generation);
    if (durable_write(path, bytes.at, bytes.n) != STATUS_OK)
        status_forget();
    bytes_free(&bytes);
}

/* reading ------------------------------------------------------------- */

/* Lines behind the head; returns what follows them. */
static const char *read_running(const char *text, struct arena *arena,
                         struct presence *presence)
{
    struct digest *running =
        ARENA_ARRAY(arena, struct digest, strlen(text) / DIGEST_TEXT_SIZE + 1);
    char digest[DIGEST_TEXT_SIZE];
    int n = 0;
    while (sscanf(text, "running %32s %n", digest, &n) == 1 &&
           digest_parse(digest, &running[presence->n_running])) {
        presence->n_running++;
        text += n;
    }
    presence->running = running;
    return text;
}

/* Last what the first versions did not write. */
static void read_rest(const char *text, struct presence *presence)
{
    int counted = 0;
    if (sscanf(text, "told %lf due %lf counted %d", &presence->told_s,
               &presence->due_s, &counted) == 3)
        presence->counted = counted != 0;
    else
        presence->counted = true; /* who knows whether it was told to stop */
}

static bool read_text(const char *text, struct arena *arena,
                      struct presence *presence)
{
    int n = 0;
    if (sscanf(text,
               "host %63s process %ld ticks %" SCNu64
               " began %lf ended %lf ranks %zu %n",
               presence->host, &presence->process, &presence->ticks,
               &presence->began_s, &presence->ended_s, &presence->n_ranks,
               &n) != 6 ||
        presence->process <= 0 || presence->process > INT_MAX)
        return false;
    text += n;
    n = 0;
    if (sscanf(text, "share %zu %zu %n", &presence->share,
               &presence->n_shares, &n) == 2)
        text += n;
    read_rest(read_running(text, arena, presence), presence);
    return true;
}

static bool read_file(const char *path, struct arena *arena,
                      struct presence *presence)
{
    struct bytes bytes = {NULL, 0, 0};
    bool read = durable_read(path, &bytes) == STATUS_OK;
    status_forget();
    bytes_append(&bytes, "", 1);
    read = read && read_text((const char *)bytes.at, arena, presence);
    bytes_free(&bytes);
    return read;
}

/* The time of a folder's file system, whose clock may be another one. */
static double time_of(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return 0;
    return (double)about.st_mtim.tv_sec + 1e-9 * (double)about.st_mtim.tv_nsec;
}

static bool goes_on(const struct presence *presence, double now_s)
{
    char host[64];
    read_host(host);
    if (presence->ended_s > 0)
        return false;
    return strcmp(host, presence->host) == 0
               ? is_alive(presence)
               : now_s - presence->wrote_s < SILENT_S;
}

static void add(struct presences *presences, const struct presence *one,
                struct arena *arena)
{
    struct presence *all =
        ARENA_ARRAY(arena, struct presence, presences->n + 1);
    if (presences->n)
        memcpy(all, presences->at, presences->n * sizeof *all);
    all[presences->n++] = *one;
    presences->at = all;
}

static bool has_died(const struct presence *presence, double now_s)
{
    return presence->ended_s == 0 && !goes_on(presence, now_s);
}

static enum status list(const char *segments, uint32_t own,
                        bool (*is_wanted)(const struct presence *, double),
                        struct arena *arena, struct presences *presences)
{
    char path[PATH_MAX];
    print_path(path, segments, own);
    double now_s = own ? time_of(path) : clock_date_s();
    DIR *open = opendir(segments);
    if (!open)
        return status_refuse_errno("%s: cannot read the folder", segments);
    struct presences found = {0};
    struct dirent *entry;
    while ((entry = readdir(open)) != NULL) {
        struct presence one = {0};
        if (!segment_name_is_run(entry->d_name, &one.generation) ||
            one.generation == own)
            continue;
        segment_path(path, segments, entry->d_name);
        one.wrote_s = time_of(path);
        if (read_file(path, arena, &one) && is_wanted(&one, now_s))
            add(&found, &one, arena);
    }
    closedir(open);
    *presences = found;
    return STATUS_OK;
}

enum status presence_list(const char *segments, uint32_t own,
                          struct arena *arena, struct presences *presences)
{
    return list(segments, own, goes_on, arena, presences);
}

enum status presence_list_dead(const char *segments, uint32_t own,
                               struct arena *arena,
                               struct presences *presences)
{
    return list(segments, own, has_died, arena, presences);
}

bool presence_overlaps(const struct presence *a, const struct presence *b)
{
    return a->n_shares != b->n_shares || a->n_shares < 2 ||
           a->share == b->share;
}

const char *presence_describe(const struct presence *presence,
                              struct arena *arena)
{
    char text[32];
    struct tm parts;
    time_t began = (time_t)presence->began_s;
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&began, &parts));
    return arena_print(arena, "%s, process %ld, since %s UTC", presence->host,
                       presence->process, text);
}
