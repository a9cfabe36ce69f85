#include "jobs/doctor.h"
#include "io/folder_probe.h"
#include "sweep/memory.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Less than this is trouble before long. */
static const double FREE_BYTES_WARN = 2e9, FREE_BYTES_BAD = 5e7;
static const uint64_t FREE_FILES_WARN = 10000;
/* Each task's end waits for a flush. */
static const double FLUSH_WARN_S = 0.2;
/* A run counts as ended for others two minutes after its last word. */
static const double CLOCK_WARN_S = 30;

/* One that is in memory or a container's own is gone with it. */
static void check_type(struct doctor *doctor, const char *folder,
                       const char *type)
{
    char path[PATH_MAX];
    const char *whole = realpath(folder, path);
    const char *found = arena_print(doctor->arena, "%s is on %s",
                                    whole ? whole : folder, type);
    if (!strcmp(type, "tmpfs") || !strcmp(type, "ramfs"))
        doctor_say(doctor, VERDICT_WARN, "file system", found,
                   "it is memory and empty after a restart: keep sweeps "
                   "elsewhere");
    else if (!strcmp(type, "overlay"))
        doctor_say(doctor, VERDICT_WARN, "file system", found,
                   "it is a container's own and gone with it: bind a folder "
                   "of the host");
    else
        doctor_say(doctor, VERDICT_OK, "file system", found, NULL);
}

static void check_room(struct doctor *doctor, const struct folder_probe *probe)
{
    char bytes[MEMORY_TEXT_SIZE];
    double n = (double)probe->n_free_bytes;
    const char *files =
        probe->n_free_files == UINT64_MAX
            ? "any number of files"
            : arena_print(doctor->arena, "%llu files",
                          (unsigned long long)probe->n_free_files);
    const char *found =
        arena_print(doctor->arena, "room for %s and %s",
                    memory_print(probe->n_free_bytes, bytes), files);
    enum verdict verdict =
        n < FREE_BYTES_BAD ? VERDICT_BAD
        : n < FREE_BYTES_WARN || probe->n_free_files < FREE_FILES_WARN
            ? VERDICT_WARN
            : VERDICT_OK;
    doctor_say(doctor, verdict, "room", found,
               verdict == VERDICT_OK ? NULL
                                     : "make room, or choose another folder "
                                       "by run --output");
}

/* A line of what has to work, or would be good to have. */
static void check_one(struct doctor *doctor, enum verdict if_not,
                      const char *what, const char *works, const char *reason,
                      const char *advice)
{
    if (reason)
        doctor_say(doctor, if_not, what, reason, advice);
    else
        doctor_say(doctor, VERDICT_OK, what, works, NULL);
}

static void check_flush(struct doctor *doctor, const struct folder_probe *probe)
{
    const char *works = arena_print(doctor->arena,
                                    "a file is safe on disk after %.1f ms",
                                    1e3 * probe->flush_s);
    if (!probe->flush && probe->flush_s > FLUSH_WARN_S)
        doctor_say(doctor, VERDICT_WARN, "flush", works,
                   "slow: choose a faster folder for sweeps of short trials");
    else
        check_one(doctor, VERDICT_BAD, "flush", works, probe->flush,
                  "results would not be safe: choose another folder, and tell "
                  "the administrator");
}

static void check_dates(struct doctor *doctor, const struct folder_probe *probe)
{
    const char *works = arena_print(
        doctor->arena, "files are dated in order, %+.1f s from this clock",
        probe->clock_s);
    if (!probe->dates && fabs(probe->clock_s) > CLOCK_WARN_S)
        doctor_say(doctor, VERDICT_WARN, "dates", works,
                   "runs of other machines may seem to have ended: set the "
                   "clocks by NTP");
    else
        check_one(doctor, VERDICT_WARN, "dates", works, probe->dates,
                  "runs of other machines may seem to have ended");
}

static void check_files(struct doctor *doctor, const struct folder_probe *probe)
{
    check_one(doctor, VERDICT_BAD, "rename",
              "a file is replaced while it is read", probe->replace,
              "sweep.h5 would be unreadable at times: choose another folder");
    check_flush(doctor, probe);
    check_one(doctor, VERDICT_BAD, "exclusive",
              "only one of several makes a file", probe->exclusive,
              "runs that serve one folder would overwrite each other: choose "
              "another folder");
    check_one(doctor, VERDICT_WARN, "second name", "a file can have two names",
              probe->link,
              "an older sweep.h5 is kept by renaming it: there is an instant "
              "without one");
    check_dates(doctor, probe);
    doctor_say(doctor, VERDICT_OK, "locks",
               arena_print(doctor->arena, "%s (not needed)",
                           probe->locks ? probe->locks : "work"),
               NULL);
}

void doctor_check_folder(struct doctor *doctor, const char *folder)
{
    struct folder_probe probe = folder_probe(folder, doctor->arena);
    if (probe.write) {
        doctor_say(doctor, VERDICT_BAD, "folder",
                   arena_print(doctor->arena, "%s: cannot write: %s", folder,
                               probe.write),
                   "name a folder in which you may make files");
        return;
    }
    check_type(doctor, folder, probe.type);
    check_room(doctor, &probe);
    check_files(doctor, &probe);
}
