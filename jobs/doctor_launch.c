#include "jobs/doctor.h"

#include "core/kind.h"
#include "sweep/spawn.h"
#include "sweep/wire.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A launcher that has not started two ranks by then will not. */
static const double LAUNCH_S = 60, ASK_S = 20;

/* MPI's families: what the library and mpirun --version call themselves. */
static const struct family {
    const char *name, *library, *launcher;
    const char *more; /* argument that two ranks on one core may need */
} families[] = {
    {"Open MPI", "Open MPI", "Open MPI", "--oversubscribe"},
    {"Open MPI", "Open MPI", "OpenRTE", "--oversubscribe"},
    {"Open MPI", "Open MPI", "PRRTE", "--oversubscribe"},
    {"Intel MPI", "Intel", "Intel", NULL},
    {"MPICH", "MPICH", "HYDRA", NULL},
    {"MPICH", "MVAPICH", "HYDRA", NULL},
    {"MPICH", "CRAY", "HYDRA", NULL},
};

static const struct family *family_of_launcher(const char *said)
{
    for (size_t i = 0; i < KIND_COUNT(families); i++)
        if (strstr(said, families[i].launcher))
            return &families[i];
    return NULL;
}

static bool is_of(const struct family *family, const char *library)
{
    for (size_t i = 0; i < KIND_COUNT(families); i++)
        if (strcmp(families[i].name, family->name) == 0 &&
            strstr(library, families[i].library))
            return true;
    return false;
}

/* The first number with a dot in it, "4.1.4"; "" if there is none. */
static const char *version_in(const char *text, struct arena *arena)
{
    for (; *text; text++) {
        size_t n = strspn(text, "0123456789.");
        if (n > 2 && isdigit((unsigned char)*text) &&
            memchr(text, '.', n - 1)) {
            char *version = arena_copy_text(arena, text);
            version[n] = '\0';
            return version;
        }
        text += n && text[n] ? n - 1 : 0;
    }
    return "";
}

/* The first line that says something: launchers begin with the reason, between
 * lines of dashes. */
static const char *first_line(const char *said, struct arena *arena)
{
    said += strspn(said, "-= \t\n");
    char *line = arena_copy_text(arena, said);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* starting two ranks -------------------------------------------------- */

static size_t count_of(const char *said, const char *text)
{
    size_t n = 0;
    while ((said = strstr(said, text))) {
        said += strlen(text);
        n++;
    }
    return n;
}

static const char *advice_of(int status, const char *said)
{
    if (status == DOCTOR_TOO_LONG)
        return "it hangs: look for a firewall between nodes, or for another "
               "MPI's settings in the environment";
    if (strstr(said, "as root"))
        return "as root Open MPI wants OMPI_ALLOW_RUN_AS_ROOT=1 and "
               "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 in the environment";
    if (count_of(said, "rank 0 of 1") == 2)
        return "it starts programs that do not find each other: take the "
               "launcher of the MPI that this program was linked to, or srun "
               "--mpi=pmix";
    return "load the module of the MPI that this program was linked to, in "
           "the job as well";
}

static void check_ranks(struct doctor *doctor, const char *how,
                        char *const *arguments)
{
    char *said;
    int status = doctor_ask(arguments, LAUNCH_S, doctor->arena, &said);
    if (status == 0 && strstr(said, "rank 0 of 2") &&
        strstr(said, "rank 1 of 2")) {
        doctor_say(doctor, VERDICT_OK, "ranks",
                   arena_print(doctor->arena, "%s starts two that find each "
                                              "other", how),
                   NULL);
        return;
    }
    const char *advice = advice_of(status, said);
    doctor_say(doctor, VERDICT_BAD, "ranks",
               status == DOCTOR_TOO_LONG
                   ? arena_print(doctor->arena, "%s does not end in %.0f s",
                                 how, LAUNCH_S)
                   : arena_print(doctor->arena, "%s fails (status %d): %s",
                                 how, status, first_line(said, doctor->arena)),
               advice);
}

static char *own_program(const struct doctor *doctor)
{
    return arena_copy_text(doctor->arena, spawn_own_program());
}

/* launchers ----------------------------------------------------------- */

static void say_launcher(struct doctor *doctor, const struct family *family,
                         const char *version, const char *library)
{
    struct arena *arena = doctor->arena;
    const char *linked = version_in(library, arena);
    const char *found =
        arena_print(arena, "mpirun is %s %s, this program is linked to %s",
                    family ? family->name : "of an unknown MPI", version,
                    library);
    if (family && !is_of(family, library))
        doctor_say(doctor, VERDICT_BAD, "launcher", found,
                   "they do not understand each other: load one MPI, or build "
                   "with the other's compiler (make MPICC=...)");
    else if (!family || strcmp(version, linked) != 0)
        doctor_say(doctor, VERDICT_WARN, "launcher", found,
                   "if ranks do not start, load the same version of both");
    else
        doctor_say(doctor, VERDICT_OK, "launcher", found, NULL);
}

static bool check_mpirun(struct doctor *doctor, const char *library)
{
    char *said;
    char *const ask[] = {"mpirun", "--version", NULL};
    int status = doctor_ask(ask, ASK_S, doctor->arena, &said);
    if (status == DOCTOR_NO_PROGRAM)
        return false;
    const struct family *family = family_of_launcher(said);
    say_launcher(doctor, family, version_in(said, doctor->arena), library);
    const char *more = family ? family->more : NULL;
    char *arguments[8] = {"mpirun", "-n", "2"};
    size_t n = 3;
    if (more)
        arguments[n++] = arena_copy_text(doctor->arena, more);
    arguments[n++] = own_program(doctor);
    arguments[n++] = "doctor";
    arguments[n++] = "--part=rank";
    check_ranks(doctor, "mpirun -n 2", arguments);
    return true;
}

/* srun can start ranks in a job only; elsewhere it tells what it could do. */
static bool check_srun(struct doctor *doctor)
{
    char *said;
    char *const ask[] = {"srun", "--mpi=list", NULL};
    int status = doctor_ask(ask, ASK_S, doctor->arena, &said);
    if (status == DOCTOR_NO_PROGRAM) {
        doctor_say(doctor, VERDICT_OK, "Slurm", "is not here (not needed)",
                   NULL);
        return false;
    }
    if (status != 0) {
        doctor_say(doctor, VERDICT_WARN, "Slurm",
                   arena_print(doctor->arena, "srun fails: %s",
                               first_line(said, doctor->arena)),
                   "no matter, unless this machine belongs to a cluster");
        return false;
    }
    bool by_pmix = strstr(said, "pmix") != NULL;
    doctor_say(doctor, by_pmix ? VERDICT_OK : VERDICT_WARN, "Slurm",
               by_pmix ? "srun has pmix" : "srun has no pmix",
               by_pmix ? NULL
                       : "scripts of submit take mpirun instead, which has to "
                         "be in PATH in the job");
    char *const start[] = {"srun", "--mpi=pmix", "--overlap",
                           "-n",   "2",          own_program(doctor),
                           "doctor", "--part=rank", NULL};
    if (by_pmix && getenv("SLURM_JOB_ID"))
        check_ranks(doctor, "srun --mpi=pmix -n 2", start);
    return by_pmix;
}

void doctor_check_launch(struct doctor *doctor)
{
    char library[256];
    wire_describe_library(library, sizeof library);
    bool by_srun = check_srun(doctor);
    bool by_mpirun = check_mpirun(doctor, library);
    const char *found = arena_print(
        doctor->arena, "there is no mpirun in PATH, this program is linked to "
                       "%s", library);
    if (!by_mpirun && by_srun)
        doctor_say(doctor, VERDICT_OK, "launcher",
                   arena_print(doctor->arena, "%s; srun starts ranks", found),
                   NULL);
    else if (!by_mpirun)
        doctor_say(doctor, VERDICT_BAD, "launcher", found,
                   "install it or load its module: without it a run has one "
                   "rank");
}

/* tools --------------------------------------------------------------- */

static bool draws(struct doctor *doctor, const char *terminal, char **said)
{
    char *arguments[] = {
        "gnuplot", "-d", "-e",
        arena_print(doctor->arena,
                    "set terminal %s; set output '/dev/null'; plot x",
                    terminal),
        NULL};
    return doctor_ask(arguments, ASK_S, doctor->arena, said) == 0;
}

void doctor_check_tools(struct doctor *doctor)
{
    static const char *const terminals[] = {"svg", "pngcairo", "pdfcairo"};
    char *said;
    char *const ask[] = {"gnuplot", "--version", NULL};
    int status = doctor_ask(ask, ASK_S, doctor->arena, &said);
    if (status != 0) {
        doctor_say(doctor, VERDICT_WARN, "gnuplot",
                   status == DOCTOR_NO_PROGRAM ? "is not in PATH"
                                               : first_line(said,
                                                            doctor->arena),
                   "pictures and reports need it: install gnuplot-nox, or "
                   "load the module gnuplot");
        return;
    }
    const char *version = first_line(said, doctor->arena);
    for (size_t i = 0; i < KIND_COUNT(terminals); i++)
        if (!draws(doctor, terminals[i], &said)) {
            doctor_say(doctor, VERDICT_WARN, "gnuplot",
                       arena_print(doctor->arena, "%s cannot draw by %s",
                                   version, terminals[i]),
                       "install one with cairo (gnuplot-nox)");
            return;
        }
    doctor_say(doctor, VERDICT_OK, "gnuplot", version, NULL);
}
