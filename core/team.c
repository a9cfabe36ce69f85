/* The only file that knows how workers are made: by OpenMP. */
#include "core/team.h"

#include <omp.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void team_run(const struct team *team, size_t n_units, void *self,
              void (*work)(void *self, size_t worker, size_t unit))
{
    int n_threads = (int)smaller(team->n_workers, n_units);
    if (n_threads <= 1) {
        for (size_t i = 0; i < n_units; i++)
            work(self, 0, i);
        return;
    }
#pragma omp parallel for num_threads(n_threads) schedule(dynamic, 1)
    for (size_t i = 0; i < n_units; i++)
        work(self, (size_t)omp_get_thread_num(), i);
}

void team_run_in_order(const struct team *team, size_t n_units, void *self,
                       void (*work)(void *self, size_t worker, size_t unit),
                       void (*settle)(void *self, size_t worker, size_t unit))
{
    int n_threads = (int)smaller(team->n_workers, n_units);
    if (n_threads <= 1) {
        for (size_t i = 0; i < n_units; i++) {
            work(self, 0, i);
            settle(self, 0, i);
        }
        return;
    }
#pragma omp parallel for ordered num_threads(n_threads) schedule(dynamic, 1)
    for (size_t i = 0; i < n_units; i++) {
        size_t worker = (size_t)omp_get_thread_num();
        work(self, worker, i);
#pragma omp ordered
        settle(self, worker, i);
    }
}

struct team_share team_share_of(size_t n, size_t n_units, size_t unit)
{
    size_t first = n * unit / n_units;
    return (struct team_share){first, n * (unit + 1) / n_units - first};
}

size_t team_count_shares(const struct team *team, size_t n)
{
    enum { SHARES_OF_EACH = 4 };
    return team->n_workers == 1 ? smaller(n, 1)
                                : smaller(n, team->n_workers * SHARES_OF_EACH);
}
