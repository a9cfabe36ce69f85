#include "jobs/doctor.h"

#include "core/engine.h"
#include "core/kind.h"
#include "core/linalg.h"
#include "sweep/clock.h"
#include "sweep/cores.h"
#include "sweep/memory.h"
#include "sweep/spawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* the engine ---------------------------------------------------------- */

enum { SIDE = 256 }; /* of the product that is timed */
static const double ASK_S = 20;

/* Of the fastest of some products: the machine may do other things, too. */
static double measure_gflops(struct arena *arena)
{
    float *at = ARENA_ARRAY(arena, float, 3 * SIDE * SIDE);
    for (size_t i = 0; i < 3 * SIDE * SIDE; i++)
        at[i] = 1;
    struct matrix a = {at, SIDE}, b = {at + SIDE * SIDE, SIDE};
    double best_s = 1e9;
    for (size_t i = 0; i < 12; i++) {
        double began_s = clock_now_s();
        linalg_product_by_blis(SIDE, SIDE, SIDE, a, b, 0,
                               at + 2 * SIDE * SIDE, SIDE);
        double time_s = clock_now_s() - began_s;
        best_s = time_s < best_s ? time_s : best_s;
    }
    return 2e-9 * SIDE * SIDE * SIDE / best_s;
}

void doctor_say_blis(void)
{
    struct arena arena = arena_open();
    printf("%s; %.0f GFLOP/s on one thread\n", linalg_version(),
           measure_gflops(&arena));
    arena_close(&arena);
}

static void check_blis(struct doctor *doctor)
{
    char *said;
    char *const ask[] = {arena_copy_text(doctor->arena, spawn_own_program()),
                         "doctor", "--part=blis", NULL};
    int status = doctor_ask(ask, ASK_S, doctor->arena, &said);
    said[strcspn(said, "\n")] = '\0';
    if (status != 0)
        said = arena_print(doctor->arena, "a product dies (status %d)", status);
    if (getenv("BLIS_ARCH_TYPE"))
        doctor_say(doctor, status ? VERDICT_BAD : VERDICT_WARN, "BLIS",
                   arena_print(doctor->arena, "%s, with BLIS_ARCH_TYPE=%s",
                               said, getenv("BLIS_ARCH_TYPE")),
                   "unset it: BLIS finds the machine's kernel by itself");
    else if (status != 0)
        doctor_say(doctor, VERDICT_BAD, "BLIS", said,
                   "build BLIS for this processor (configure auto, or a "
                   "family such as x86_64)");
    else if (strstr(said, " generic;"))
        doctor_say(doctor, VERDICT_WARN, "BLIS", said,
                   "it has no kernel for this processor: build BLIS for it "
                   "(configure auto, or a family such as x86_64)");
    else
        doctor_say(doctor, VERDICT_OK, "BLIS", said, NULL);
}

void doctor_check_engine(struct doctor *doctor)
{
    const char *name = getenv("SPIKESWEEP_ENGINE");
    const char *unit = linalg_bf16_unit();
    const char *found =
        arena_print(doctor->arena, "%s%s%s", engine_name(),
                    unit ? ", with " : "", unit ? unit : "");
    if (name && *name)
        doctor_say(doctor, VERDICT_WARN, "engine", found,
                   "chosen by SPIKESWEEP_ENGINE: unset it for the best of "
                   "this machine");
    else
        doctor_say(doctor, VERDICT_OK, "engine", found, NULL);
    check_blis(doctor);
}

/* threads and cores --------------------------------------------------- */

/* Cores by the quota of the machine's or container's own control group, version
 * 2 or 1; 0: none is set. Batch systems set cores apart, they give no quota. */
static double quota(void)
{
    double used = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file) {
        bool both = fscanf(file, "%lf %lf", &used, &period) == 2;
        fclose(file);
        return both && period > 0 ? used / period : 0;
    }
    FILE *quotas = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re");
    FILE *periods = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
    bool both = quotas && periods && fscanf(quotas, "%lf", &used) == 1 &&
                fscanf(periods, "%lf", &period) == 1;
    if (quotas)
        fclose(quotas);
    if (periods)
        fclose(periods);
    return both && used > 0 && period > 0 ? used / period : 0;
}

static void check_cores(struct doctor *doctor)
{
    size_t n = cores_available();
    long n_online = sysconf(_SC_NPROCESSORS_ONLN);
    double allowed = quota();
    const char *found = arena_print(doctor->arena, "%zu of this machine's %ld",
                                    n, n_online);
    if (allowed > 0 && allowed < (double)n)
        doctor_say(doctor, VERDICT_WARN, "cores",
                   arena_print(doctor->arena, "%s, time of %.3g by control "
                                              "group", found, allowed),
                   "start no more ranks times threads than that");
    else if (n_online > 0 && n < (size_t)n_online && !getenv("SLURM_JOB_ID"))
        doctor_say(doctor, VERDICT_WARN, "cores", found,
                   "this process is bound to some: start no more ranks times "
                   "threads, or unbind it (taskset)");
    else
        doctor_say(doctor, VERDICT_OK, "cores", found, NULL);
}

/* Settings of OpenMP and BLIS in the environment that do harm. */
static const struct {
    const char *name;
    const char *harmless; /* a value that does none, or NULL */
    const char *advice;
} settings[] = {
    {"OMP_WAIT_POLICY", "passive",
     "threads that wait take the cores of other trials: unset it"},
    {"GOMP_SPINCOUNT", "0",
     "threads that wait take the cores of other trials: unset it"},
    {"OMP_PROC_BIND", "false",
     "trials of ranks that the launcher does not bind all sit on the same core: unset it"},
    {"OMP_PLACES", NULL,
     "trials of ranks that the launcher does not bind all sit on the same core: unset it"},
    {"GOMP_CPU_AFFINITY", NULL,
     "trials of ranks that the launcher does not bind all sit on the same core: unset it"},
    {"OMP_THREAD_LIMIT", NULL, "run --threads would not get more than that: unset it"},
    {"OMP_DYNAMIC", "false",
     "the system may give fewer than run --threads asks for: unset it"},
};

static void check_settings(struct doctor *doctor)
{
    size_t n_harmful = 0;
    for (size_t i = 0; i < KIND_COUNT(settings); i++) {
        const char *value = getenv(settings[i].name);
        if (!value || !*value ||
            (settings[i].harmless && !strcasecmp(value, settings[i].harmless)))
            continue;
        n_harmful++;
        doctor_say(doctor, VERDICT_WARN, "threads",
                   arena_print(doctor->arena, "%s=%s", settings[i].name,
                               value),
                   settings[i].advice);
    }
    if (n_harmful == 0)
        doctor_say(doctor, VERDICT_OK, "threads",
                   "nothing in the environment is in their way (run --threads "
                   "tells how many; OMP_NUM_THREADS and BLIS_NUM_THREADS "
                   "change nothing)",
                   NULL);
}

void doctor_check_threads(struct doctor *doctor)
{
    check_cores(doctor);
    check_settings(doctor);
}

/* memory -------------------------------------------------------------- */

static const uint64_t LEAST_BYTES = 500000000;
static const uint64_t LEAST_SHARED_BYTES = 100000000;

/* A limit that shells and batch systems set, if it is below `room`. */
static void check_limit(struct doctor *doctor, int resource, const char *flag,
                        uint64_t room)
{
    char text[MEMORY_TEXT_SIZE];
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 ||
        limit.rlim_cur == RLIM_INFINITY || (room && limit.rlim_cur >= room))
        return;
    doctor_say(doctor,
               limit.rlim_cur < LEAST_BYTES ? VERDICT_BAD : VERDICT_WARN,
               "memory",
               arena_print(doctor->arena, "a process may take %s of address "
                                          "space (ulimit %s)",
                           memory_print(limit.rlim_cur, text), flag),
               arena_print(doctor->arena, "trials fail above it, though there "
                                          "is more memory: ulimit %s "
                                          "unlimited, before the run",
                           flag));
}

/* Other limits, if they are below what a run may well need. */
static const struct {
    int resource;
    uint64_t least;
    enum verdict verdict;
    const char *what, *unit, *flag, *advice;
} limits[] = {
    {RLIMIT_NOFILE, 256, VERDICT_BAD, "open files", "at a time", "-n",
     "ulimit -n 1024, before the run"},
    {RLIMIT_CPU, RLIM_INFINITY, VERDICT_WARN, "CPU time", "seconds a process", "-t",
     "trials that take longer are killed, and rank 0 may be: run in a job, not where one logs in"},
    {RLIMIT_FSIZE, 4000000000, VERDICT_WARN, "file size", "bytes", "-f",
     "sweep.h5 may become larger: ulimit -f unlimited, before the run"},
    {RLIMIT_NPROC, 256, VERDICT_WARN, "processes", "of this user", "-u",
     "each rank has three, and each of its threads counts: ulimit -u 4096, before the run"},
};

static void check_limits(struct doctor *doctor)
{
    struct rlimit limit;
    for (size_t i = 0; i < KIND_COUNT(limits); i++)
        if (getrlimit(limits[i].resource, &limit) == 0 &&
            limit.rlim_cur < limits[i].least)
            doctor_say(doctor, limits[i].verdict, limits[i].what,
                       arena_print(doctor->arena, "%llu %s (ulimit %s)",
                                   (unsigned long long)limit.rlim_cur,
                                   limits[i].unit, limits[i].flag),
                       limits[i].advice);
}

/* Ranks of a node exchange messages through it. */
static void check_shared(struct doctor *doctor)
{
    char text[MEMORY_TEXT_SIZE];
    struct statvfs found;
    if (statvfs("/dev/shm", &found) != 0) {
        doctor_say(doctor, VERDICT_WARN, "shared", "there is no /dev/shm",
                   "ranks of a node may not find each other: mount a tmpfs "
                   "there");
        return;
    }
    uint64_t n = (uint64_t)found.f_bavail * found.f_frsize;
    bool little = n < LEAST_SHARED_BYTES;
    doctor_say(doctor, little ? VERDICT_WARN : VERDICT_OK, "shared",
               arena_print(doctor->arena, "%s are free in /dev/shm",
                           memory_print(n, text)),
               little ? "ranks of a node talk through it: make it larger "
                        "(docker run --shm-size=1g)"
                      : NULL);
}

void doctor_check_memory(struct doctor *doctor)
{
    char text[MEMORY_TEXT_SIZE];
    uint64_t room = memory_available("");
    bool little = room && room < LEAST_BYTES;
    doctor_say(doctor, little ? VERDICT_BAD : VERDICT_OK, "memory",
               room ? arena_print(doctor->arena,
                                  "%s are left, by the kernel and control "
                                  "groups",
                                  memory_print(room, text))
                    : "the system does not tell how much is left",
               little ? "too little for anything but tiny networks: ask for "
                        "more (sbatch --mem)"
                      : NULL);
    check_limit(doctor, RLIMIT_AS, "-v", room);
    check_limit(doctor, RLIMIT_DATA, "-d", room);
    check_limits(doctor);
    check_shared(doctor);
}
