#include "io/provenance.h"
#include "core/engine.h"
#include "core/linalg.h"

#include <hdf5.h>
#include <libconfig.h>
#include <stdio.h>
#include <xxhash.h>
#include <zlib.h>

/* Given by the Makefile; a build without it says so. */
#ifndef BUILD_REVISION
#define BUILD_REVISION "unknown"
#endif
#ifndef BUILD_COMPILER
#define BUILD_COMPILER "unknown"
#endif
#ifndef BUILD_FLAGS
#define BUILD_FLAGS "unknown"
#endif
#ifndef BUILD_RANDOM123
#define BUILD_RANDOM123 "unknown"
#endif

const char *provenance_version(void)
{
    return "0.1.0";
}

const char *provenance_libraries(struct arena *arena)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    return arena_print(arena,
                       "HDF5 %u.%u.%u\n%s\nlibconfig %d.%d.%d\nzlib %s\n"
                       "xxHash %d.%d.%d\nRandom123 %s\n",
                       major, minor, release, linalg_version(),
                       LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR,
                       LIBCONFIG_VER_REVISION, zlibVersion(),
                       XXH_VERSION_MAJOR, XXH_VERSION_MINOR,
                       XXH_VERSION_RELEASE, BUILD_RANDOM123);
}

static const char *describe_engine(void)
{
    static _Thread_local char text[96];
    snprintf(text, sizeof text, "%s; %s", engine_name(), linalg_version());
    return text;
}

struct provenance provenance_of_build(void)
{
    return (struct provenance){
        .version = provenance_version(),
        .revision = BUILD_REVISION,
        .compiler = BUILD_COMPILER,
        .flags = BUILD_FLAGS,
        .engine = describe_engine(),
    };
}
