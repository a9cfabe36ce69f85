#include "tests/supervised.h"
#include "core/spec.h"
#include "sweep/clock.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void supervised_open(struct supervised *supervised, const char *program,
                     const char *folder, const char *settings)
{
    struct spec spec;
    *supervised = (struct supervised){
        .arena = arena_open(),
        .supervisor = supervisor_open(program, folder, "node-17")};
    MUST(spec_parse(settings, &spec, &supervised->arena) == STATUS_OK);
    supervised->spec = spec_print(&spec, true, &supervised->arena);
}

void supervised_close(struct supervised *supervised)
{
    supervisor_close(&supervised->supervisor);
    bytes_free(&supervised->packed);
    arena_close(&supervised->arena);
}

void supervised_start(struct supervised *supervised, double limit_s)
{
    struct assignment assignment = {
        .attempt = 2, .limit_s = limit_s, .spec = supervised->spec};
    MUST(supervisor_start(&supervised->supervisor, &assignment) == STATUS_OK);
}

void supervised_wait(struct supervised *supervised)
{
    double end_s = clock_now_s() + 60;
    supervised->packed.n = 0;
    while (!supervisor_poll(&supervised->supervisor, &supervised->packed)) {
        supervisor_sleep(&supervised->supervisor, 0.01);
        MUST(clock_now_s() < end_s);
    }
    MUST(supervisor_is_idle(&supervised->supervisor));
    MUST(outcome_unpack(supervised->packed.at, supervised->packed.n,
                        &supervised->arena,
                        &supervised->outcome) == STATUS_OK);
}

/* Beside this test, where the Makefile puts both. */
static void find_beside(char program[PATH_MAX])
{
    char own[PATH_MAX - sizeof "/spikesweep"] = "";
    MUST(readlink("/proc/self/exe", own, sizeof own - 1) > 0);
    snprintf(program, PATH_MAX, "%s/spikesweep", dirname(own));
}

const char *supervised_program(void)
{
    static char beside[PATH_MAX];
    const char *program = getenv("SPIKESWEEP");
    if (!program) {
        find_beside(beside);
        program = beside;
    }
    if (access(program, X_OK) != 0)
        fprintf(stderr, "%s: no such program; SPIKESWEEP may name another\n",
                program);
    MUST(access(program, X_OK) == 0);
    return program;
}

bool supervised_is_running(long pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool read = fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    fclose(file);
    return read && state != 'Z' && state != 'X';
}

bool supervised_goes_on_running(long pid)
{
    double end_s = clock_now_s() + 10;
    while (supervised_is_running(pid) && clock_now_s() < end_s)
        usleep(10000);
    return supervised_is_running(pid);
}
