/*
 * Writes a sweep.h5 of very many made-up trials, for what has to bear them
 * (tests/many_trials.h):
 *
 *     make_many_trials N FILE
 */
#include "tests/many_trials.h"

#include <stdio.h>
#include <stdlib.h>

int main(int n_arguments, char **arguments)
{
    size_t n = n_arguments == 3 ? strtoul(arguments[1], NULL, 10) : 0;
    if (n == 0) {
        fprintf(stderr, "usage: make_many_trials N FILE\n");
        return 2;
    }
    if (many_trials_write(arguments[2], n) == STATUS_OK)
        return 0;
    fprintf(stderr, "make_many_trials: %s\n", status_reason());
    return 1;
}
