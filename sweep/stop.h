/* Signals that ask a sweep to stop: INT, TERM, HUP, USR1, USR2. */
#ifndef SWEEP_STOP_H
#define SWEEP_STOP_H

/* Begins to watch for them; a broken pipe is no longer a signal. */
void stop_watch(void);

/* The number of the first signal that came, 0 if none did. */
int stop_asked(void);

#endif
