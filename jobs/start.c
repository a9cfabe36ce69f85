/*
 * Where every program begins: chooses the engine (core/engine.h).
 *
 * A program is linked from a copy of itself for each engine, in which its main
 * has the engine's name (see LINK in the Makefile). This file is compiled for
 * every machine of the kind and calls the main of the first engine that this
 * one can run, or of the one that SPIKESWEEP_ENGINE names.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct engine {
    const char *name;
    bool (*runs_here)(void);
    int (*main)(int argc, char **argv);
};

static bool runs_anywhere(void)
{
    return true;
}

#ifdef __x86_64__

/* Asks for all that the Makefile's flags -march=x86-64-v4 and -v3 allow the
 * compiler to use, and for an operating system that saves such registers. */
static bool runs_avx512(void)
{
    return __builtin_cpu_supports("x86-64-v4") != 0;
}

static bool runs_avx2(void)
{
    return __builtin_cpu_supports("x86-64-v3") != 0;
}

int main_avx512(int argc, char **argv);
int main_avx2(int argc, char **argv);
int main_plain(int argc, char **argv);

static const struct engine engines[] = { /* the best first */
    {"avx512", runs_avx512, main_avx512},
    {"avx2", runs_avx2, main_avx2},
    {"plain", runs_anywhere, main_plain},
};

#elif defined __aarch64__

int main_neon(int argc, char **argv);

static const struct engine engines[] = {{"neon", runs_anywhere, main_neon}};

#else

int main_plain(int argc, char **argv);

static const struct engine engines[] = {{"plain", runs_anywhere, main_plain}};

#endif

enum { N_ENGINES = sizeof engines / sizeof *engines };

static const struct engine *find(const char *name)
{
    for (size_t i = 0; i < N_ENGINES; i++)
        if (name ? strcmp(engines[i].name, name) == 0 : engines[i].runs_here())
            return &engines[i];
    return NULL;
}

static int refuse(const char *name, const char *reason)
{
    fprintf(stderr, "spikesweep: SPIKESWEEP_ENGINE = %s: %s; allowed here:",
            name, reason);
    for (size_t i = 0; i < N_ENGINES; i++)
        if (engines[i].runs_here())
            fprintf(stderr, " %s", engines[i].name);
    fprintf(stderr, "\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *name = getenv("SPIKESWEEP_ENGINE");
    const struct engine *engine = find(name && *name ? name : NULL);
    if (!engine)
        return refuse(name, "no such engine");
    if (!engine->runs_here())
        return refuse(name, "this machine cannot run it");
    return engine->main(argc, argv);
}
