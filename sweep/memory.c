#include "sweep/memory.h"
#include "core/arena.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* files ---------------------------------------------------------------- */

/* The number behind `key` at the start of a line, or of the whole file if the
 * key is "": false if there is no such file, line or number ("max"). */
static bool read_number(const char *path, const char *key, uint64_t *number)
{
    char line[512];
    size_t n = strlen(key);
    bool found = false;
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, key, n) == 0 &&
                sscanf(line + n, " %" SCNu64, number) == 1;
    if (file)
        fclose(file);
    return found;
}

/* control groups ------------------------------------------------------- */

/* Where a version of control groups keeps what it knows of memory. */
struct hierarchy {
    const char *folder, *limit, *usage, *cache;
};

static const struct hierarchy version_1 = {
    "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
    "total_inactive_file"};
static const struct hierarchy version_2 = {
    "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What one group leaves: pages of files that nobody has used for a while count
 * as used, but are given up first. */
static uint64_t left_by_group(const struct hierarchy *hierarchy,
                              const char *folder, struct arena *arena)
{
    uint64_t limit = 0, used = 0, cached = 0;
    if (!read_number(arena_print(arena, "%s/%s", folder, hierarchy->limit), "",
                     &limit) ||
        !read_number(arena_print(arena, "%s/%s", folder, hierarchy->usage), "",
                     &used))
        return UINT64_MAX;
    if (read_number(arena_print(arena, "%s/memory.stat", folder),
                    arena_print(arena, "%s ", hierarchy->cache), &cached))
        used -= least(cached, used);
    return limit > used ? limit - used : 0;
}

/* What a group and all above it leave. In a container the path may be the
 * host's and not be there: then only those above it count. */
static uint64_t left_by_groups(const struct hierarchy *hierarchy,
                               const char *root, const char *path,
                               struct arena *arena)
{
    uint64_t left = UINT64_MAX;
    char *group = arena_copy_text(arena, strcmp(path, "/") ? path : "");
    while (true) {
        left = least(left,
                     left_by_group(hierarchy,
                                   arena_print(arena, "%s%s%s", root,
                                               hierarchy->folder, group),
                                   arena));
        char *slash = strrchr(group, '/');
        if (!slash)
            return left;
        *slash = '\0';
    }
}

/* "7:memory:/path" of version 1 (any of several controllers), "0::/path" of
 * version 2; NULL of other lines. Cuts the line. */
static const struct hierarchy *hierarchy_of(char *line, const char **path)
{
    char *controllers = strchr(line, ':');
    char *end = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    *path = end + 1;
    if (end == controllers + 1)
        return &version_2;
    for (char *name = strtok(controllers + 1, ","); name;
         name = strtok(NULL, ","))
        if (strcmp(name, "memory") == 0)
            return &version_1;
    return NULL;
}

static uint64_t left_by_all_groups(const char *root, struct arena *arena)
{
    char line[4096];
    const char *path = NULL;
    uint64_t left = UINT64_MAX;
    FILE *file = fopen(arena_print(arena, "%s/proc/self/cgroup", root), "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const struct hierarchy *hierarchy = hierarchy_of(line, &path);
        if (hierarchy)
            left = least(left, left_by_groups(hierarchy, root, path, arena));
    }
    if (file)
        fclose(file);
    return left;
}

/* ----------------------------------------------------------------------- */

uint64_t memory_available(const char *root)
{
    struct arena arena = arena_open();
    uint64_t n_kilobytes = 0, left = left_by_all_groups(root, &arena);
    if (read_number(arena_print(&arena, "%s/proc/meminfo", root),
                    "MemAvailable:", &n_kilobytes))
        left = least(left, n_kilobytes * 1024);
    arena_close(&arena);
    if (left == UINT64_MAX)
        return 0;
    return left > 0 ? left : 1;
}

uint64_t memory_count_kills(const char *root)
{
    struct arena arena = arena_open();
    uint64_t n = 0;
    read_number(arena_print(&arena, "%s/proc/vmstat", root), "oom_kill ", &n);
    arena_close(&arena);
    return n;
}

const char *memory_print(uint64_t n_bytes, char text[MEMORY_TEXT_SIZE])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    size_t i = 0;
    double n = (double)n_bytes / 1e3;
    for (; n >= 999.5; n /= 1e3)
        i++;
    snprintf(text, MEMORY_TEXT_SIZE, "%.*f %s", i > 0 && n < 99.95, n,
             units[i]);
    return text;
}
