/* The clocks of a sweep. */
#ifndef SWEEP_CLOCK_H
#define SWEEP_CLOCK_H

double clock_now_s(void);  /* only goes forward; for durations */
double clock_cpu_s(void);  /* that this process had, without its children */
double clock_date_s(void); /* since 1970, UTC; for dates */

/* clock_now_s as a trial's hooks want it; `self` is not used. */
double clock_for_trial(void *self);

#endif
