#include "tests/test.h"

#include "core/team.h"

#include <stdatomic.h>
#include <string.h>

enum { N_UNITS = 200, N_WORKERS_MAX = 7 };

/* What the units of a run leave behind. */
struct diary {
    const struct team *team;
    atomic_int n_runs[N_UNITS];
    atomic_int is_busy[N_WORKERS_MAX]; /* some unit runs as that worker */
    size_t worker[N_UNITS];
    size_t n_settled;
    double sum;
};

static void note(void *self, size_t worker, size_t unit)
{
    struct diary *diary = self;
    assert_true(worker < diary->team->n_workers && unit < N_UNITS);
    assert_int_equal(atomic_fetch_add(&diary->is_busy[worker], 1), 0);
    atomic_fetch_add(&diary->n_runs[unit], 1);
    diary->worker[unit] = worker;
    atomic_fetch_sub(&diary->is_busy[worker], 1);
}

/* A sum whose bits tell its order. */
static void settle(void *self, size_t worker, size_t unit)
{
    struct diary *diary = self;
    assert_int_equal(diary->n_settled++, unit);
    assert_int_equal(diary->worker[unit], worker);
    assert_int_equal(diary->n_runs[unit], 1);
    diary->sum += 1.0 / (double)(unit * unit + 3);
}

static void every_unit_runs_once(void **state)
{
    (void)state;
    for (size_t n = 1; n <= N_WORKERS_MAX; n++)
        for (size_t n_units = 0; n_units <= N_UNITS; n_units += 50) {
            static struct diary diary;
            struct team team = {n};
            memset(&diary, 0, sizeof diary);
            diary.team = &team;
            team_run(&team, n_units, &diary, note);
            for (size_t i = 0; i < N_UNITS; i++)
                assert_int_equal(diary.n_runs[i], i < n_units);
        }
}

static void units_settle_in_their_order(void **state)
{
    (void)state;
    double alone = 0;
    for (size_t n = 1; n <= N_WORKERS_MAX; n++) {
        static struct diary diary;
        struct team team = {n};
        memset(&diary, 0, sizeof diary);
        diary.team = &team;
        team_run_in_order(&team, N_UNITS, &diary, note, settle);
        assert_int_equal(diary.n_settled, N_UNITS);
        alone = n == 1 ? diary.sum : alone;
        assert_true(diary.sum == alone);
    }
}

static void shares_cover_everything_once(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (size_t n_units = 1; n_units < 12; n_units++) {
            size_t next = 0;
            for (size_t i = 0; i < n_units; i++) {
                struct team_share share = team_share_of(n, n_units, i);
                assert_int_equal(share.first, next);
                assert_true(share.n >= n / n_units &&
                            share.n <= n / n_units + 1);
                next += share.n;
            }
            assert_int_equal(next, n);
        }
}

static void one_worker_cuts_nothing(void **state)
{
    (void)state;
    assert_int_equal(team_count_shares(&(struct team){1}, 100), 1);
    assert_int_equal(team_count_shares(&(struct team){1}, 0), 0);
    assert_int_equal(team_count_shares(&(struct team){3}, 2), 2);
    assert_true(team_count_shares(&(struct team){3}, 100) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_runs_once),
        cmocka_unit_test(units_settle_in_their_order),
        cmocka_unit_test(shares_cover_everything_once),
        cmocka_unit_test(one_worker_cuts_nothing),
    };
    return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}
