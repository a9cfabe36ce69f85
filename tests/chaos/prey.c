#include "tests/chaos/prey.h"
#include "core/status.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void run(const struct prey *prey)
{
    char n_ranks[16], checkpoint[32];
    snprintf(n_ranks, sizeof n_ranks, "%d", prey->n_ranks);
    snprintf(checkpoint, sizeof checkpoint, "%g", prey->checkpoint_s);
    setsid();
    int log = open(prey->log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(127);
    setenv("LD_PRELOAD", prey->refuser, 1);
    execlp("mpirun", "mpirun", "--oversubscribe", "-n", n_ranks, prey->program,
           "run", prey->experiment, "-o", prey->folder, "--progress", "none",
           "--refresh", "0.2", "--checkpoint", checkpoint, "--attempts",
           "100000", "--set-aside", "0", (char *)NULL);
    _exit(127);
}

pid_t prey_start(const struct prey *prey)
{
    pid_t job = fork();
    MUST(job >= 0);
    if (job == 0)
        run(prey);
    return job;
}

/* The arguments, with spaces between them; empty if there is no such process
 * any more. */
static void read_command(pid_t process, char *command, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)process);
    int file = open(path, O_RDONLY);
    ssize_t n = file < 0 ? 0 : read(file, command, size - 1);
    if (file >= 0)
        close(file);
    command[n > 0 ? n : 0] = '\0';
    for (ssize_t i = 0; i + 1 < n; i++)
        if (command[i] == '\0')
            command[i] = ' ';
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* This program is none of them, though it names the folder. */
static bool is_prey(const struct prey *prey, enum prey_kind kind,
                    pid_t process)
{
    char command[4 * PATH_MAX], start[2 * PATH_MAX];
    read_command(process, command, sizeof command);
    if (process == getpid() || !strstr(command, prey->folder))
        return false;
    snprintf(start, sizeof start, "%s %s", prey->program,
             kind == PREY_CHILD ? "trial " : "run ");
    return kind == PREY_ANY || begins(command, start);
}

size_t prey_find(const struct prey *prey, enum prey_kind kind,
                 pid_t found[PREY_MAX])
{
    size_t n = 0;
    DIR *processes = opendir("/proc");
    MUST(processes);
    for (struct dirent *entry; n < PREY_MAX && (entry = readdir(processes));) {
        pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
        if (process > 1 && is_prey(prey, kind, process))
            found[n++] = process;
    }
    closedir(processes);
    return n;
}

void prey_describe(pid_t process, char text[PREY_TEXT_SIZE])
{
    char path[64], command[4 * PATH_MAX], state = '?';
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)process);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%*d %*s %c %ld", &state, &parent) != 2)
        state = '?';
    if (file)
        fclose(file);
    read_command(process, command, sizeof command);
    snprintf(text, PREY_TEXT_SIZE, "%ld (%c, of %ld) %.200s", (long)process,
             state, parent, command);
}

void prey_show_all(const struct prey *prey)
{
    pid_t found[PREY_MAX];
    size_t n = prey_find(prey, PREY_ANY, found);
    for (size_t i = 0; i < n; i++) {
        char text[PREY_TEXT_SIZE];
        prey_describe(found[i], text);
        fprintf(stderr, "chaos: lives: %s\n", text);
    }
}

void prey_kill_all(const struct prey *prey)
{
    pid_t found[PREY_MAX];
    size_t n = prey_find(prey, PREY_ANY, found);
    for (size_t i = 0; i < n; i++)
        kill(found[i], SIGKILL);
}

double prey_cpu_s(pid_t process)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)process);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = '\0';
    /* The name, which may hold anything, ends at the last parenthesis; fields
     * 14 and 15 are the 12th and 13th after it. */
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 1,
                        " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                        &user, &system) != 2)
        return -1;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
