/*
 * Completion for bash: commands, their options, and behind them files,
 * folders, axes and kinds, by the words in which the commands' rows name
 * arguments and values (FILE, DIR, AXIS, KIND, COMMAND).
 */
#ifndef JOBS_MANUAL_BASH_H
#define JOBS_MANUAL_BASH_H

void manual_print_bash(void);

#endif
