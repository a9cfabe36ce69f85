/* What tests of the supervisor share: one task, supervised to its end. */
#ifndef TESTS_SUPERVISED_H
#define TESTS_SUPERVISED_H

#include "sweep/supervisor.h"

struct supervised {
    struct arena arena;
    struct supervisor supervisor;
    const char *spec;
    struct bytes packed;
    struct outcome outcome; /* once it has ended; in the arena */
};

/* `settings`: lines of a spec ("training = dummy\ntraining.end = exit\n"). */
void supervised_open(struct supervised *supervised, const char *program,
                     const char *folder, const char *settings);
void supervised_close(struct supervised *supervised);

/* Starts its second attempt. */
void supervised_start(struct supervised *supervised, double limit_s);

/* Waits until it has ended, and reads the outcome. Aborts after a minute. */
void supervised_wait(struct supervised *supervised);

/* The program under test, which must be there: $SPIKESWEEP or, where that is
 * not set, "spikesweep" beside the test. */
const char *supervised_program(void);

/* False if there is no such process, or only what is left of an ended one. */
bool supervised_is_running(long pid);
/* The same, but waits up to ten seconds for its end. */
bool supervised_goes_on_running(long pid);

#endif
