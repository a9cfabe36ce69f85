/*
 * A terminal that a program draws on for a while: another screen than the one
 * with the user's lines, keys as they come, the cursor out of the way; and all
 * of it as before, however the program ends. One at a time.
 */
#ifndef JOBS_TERMINAL_H
#define JOBS_TERMINAL_H

#include <stddef.h>

enum terminal_event {
    TERMINAL_TIME, /* nothing came */
    TERMINAL_RESIZED,
    TERMINAL_QUIT /* q, ctrl-C, or a signal that asks to end */
};

/* Takes over the terminal of standard output and input. ctrl-Z still works. */
void terminal_enter(void);
void terminal_leave(void); /* also at exit; no-op if it was left */

/* In columns and rows; 80 and 24 where the terminal does not say. */
void terminal_measure(size_t *width, size_t *height);

/* Waits so long at most. */
enum terminal_event terminal_wait(double seconds);

/* Draws over what is there, at one stroke: lines that end in '\n', none longer
 * than the terminal is wide, not more than it has rows. */
void terminal_draw(const char *lines);

#endif
