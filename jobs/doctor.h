/*
 * spikesweep doctor: what each check says goes through here, one line a check:
 * ok, warn or bad, what was looked at, what was found, what to change.
 */
#ifndef JOBS_DOCTOR_H
#define JOBS_DOCTOR_H

#include "core/arena.h"

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_BAD, N_VERDICTS };

struct doctor {
    struct arena *arena;
    size_t n[N_VERDICTS]; /* said so far */
};

/* `advice` is NULL where nothing is to be changed. */
void doctor_say(struct doctor *doctor, enum verdict verdict, const char *what,
                const char *found, const char *advice);

/* Exit status of a program that was found in PATH, and what it said on both
 * outputs, in the arena; DOCTOR_NO_PROGRAM if there is none, DOCTOR_TOO_LONG
 * if it did not end in time (and was killed), 128 + the signal that killed
 * it. */
enum { DOCTOR_NO_PROGRAM = 1000, DOCTOR_TOO_LONG };
int doctor_ask(char *const *arguments, double limit_s, struct arena *arena,
               char **said);

/* Prints BLIS' version and kernel, and how fast it is: by a process of its own,
 * which a kernel that this processor lacks kills. */
void doctor_say_blis(void);

/* The checks, by subject. */
void doctor_check_folder(struct doctor *doctor, const char *folder);
void doctor_check_engine(struct doctor *doctor);
void doctor_check_threads(struct doctor *doctor);
void doctor_check_memory(struct doctor *doctor);
void doctor_check_launch(struct doctor *doctor);
void doctor_check_tools(struct doctor *doctor);

#endif
