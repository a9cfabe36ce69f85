/* The memory that a trial may take: its rank's share, whatever the machine
 * has. */
#include "tests/supervised.h"
#include "tests/test.h"

#include <string.h>

static void hoard(struct supervised *supervised, uint64_t room_bytes)
{
    supervised_open(supervised, supervised_program(), "no-folder",
                    "training = dummy\ntraining.end = hoard\n");
    supervised->supervisor.room_bytes = room_bytes;
    supervised_start(supervised, 60);
    supervised_wait(supervised);
    assert_int_equal(supervised->outcome.state, OUTCOME_FAILED);
}

static void who_takes_more_than_its_share_is_refused_it(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    struct supervised supervised;
    hoard(&supervised, UINT64_C(100) << 20);
    assert_string_equal(supervised.outcome.cause, "out of memory");
    assert_non_null(strstr(supervised.outcome.message, "out of memory: "));
    supervised_close(&supervised);
}

/* Where nobody knows how much there is. */
static void without_a_share_there_is_no_limit(void **state)
{
    (void)state;
    struct supervised supervised;
    hoard(&supervised, 0);
    assert_string_equal(supervised.outcome.cause, "exit status 4");
    supervised_close(&supervised);
}

/* The share is of what tasks lay out; the process itself has more. */
static void a_task_that_fits_exactly_is_computed(void **state)
{
    (void)state;
    struct supervised supervised;
    supervised_open(&supervised, supervised_program(), "no-folder",
                    "training = dummy\n");
    supervised.supervisor.room_bytes = 1;
    supervised_start(&supervised, 60);
    supervised_wait(&supervised);
    assert_int_equal(supervised.outcome.state, OUTCOME_DONE);
    supervised_close(&supervised);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_more_than_its_share_is_refused_it),
        cmocka_unit_test(without_a_share_there_is_no_limit),
        cmocka_unit_test(a_task_that_fits_exactly_is_computed),
    };
    return cmocka_run_group_tests_name("supervisor_limit", tests, NULL, NULL);
}
