/*
 * How fast the engine is on one thread, and what it needs: the program behind
 * `make bench`, `make bench-peers` and `make bench-growth`.
 *
 * Times are CPU seconds of this process: on one thread the same as wall seconds
 * on an idle machine, and not disturbed by others on a busy one.
 */
#include "tests/bench_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: bench_engine                      a table, in a minute\n"
    "       bench_engine serve                answers requests, see "
    "tests/bench_commands.h\n"
    "       bench_engine step NET N [AXIS.ROW=VALUE ...]\n"
    "                                         N steps of training: images, CPU "
    "seconds a step,\n"
    "                                         peak memory in MB, what of it is of files\n"
    "       bench_engine watch FILE COMMAND   appends what the command needed to "
    "the file:\n"
    "                                         CPU seconds, peak memory in MB\n"
    "Nets: a, b, sgr, c, d (tests/bench_net.h). CIFAR10=FOLDER gives c and d "
    "real images,\nTHREADS=N more than one thread, RECOMPUTE=1 currents that are made\n"
    "again.\n";

int main(int n_arguments, char **arguments)
{
    const char *what = n_arguments > 1 ? arguments[1] : "";
    if (n_arguments == 1)
        bench_table_print();
    else if (n_arguments == 2 && strcmp(what, "serve") == 0)
        bench_serve();
    else if (n_arguments >= 4 && strcmp(what, "step") == 0)
        bench_step(arguments[2], strtoul(arguments[3], NULL, 10),
                   arguments + 4);
    else if (n_arguments >= 4 && strcmp(what, "watch") == 0)
        return bench_watch(arguments[2], arguments + 3);
    else {
        fputs(usage, stderr);
        return 2;
    }
    return 0;
}
