/*
 * The herald of a run: tells those who look at the folder that it goes on and
 * what it computes, and tells its own people if another run does so, too.
 */
#ifndef SWEEP_HERALD_H
#define SWEEP_HERALD_H

#include "sweep/coordinator.h"
#include "sweep/presence.h"

struct herald {
    const char *segments; /* borrowed */
    struct presence presence;
    uint32_t latest; /* generation of the latest run that was told of */
    size_t n_kept;   /* outcomes, when it was last written */
    double written_s, looked_s;
    double began_s, told_s; /* by the caller's clock; what ranks do was told */
    void (*tell)(void *self, const char *line);
    void *self;
};

/* `presence`: as presence_begin makes it, with the run's share. */
void herald_begin(struct herald *herald, const char *segments,
                  struct presence presence,
                  void (*tell)(void *self, const char *line), void *self);

/* To be called all the time: writes every few seconds what runs. */
void herald_go_on(struct herald *herald,
                  const struct coordinator *coordinator, double now_s);

/* From now on its death would be no riddle: it was told to stop. To be called
 * for other reasons than a signal; that is known from the coordinator. */
void herald_stop(struct herald *herald);

/* The run has ended; no-op if it has not begun. */
void herald_end(struct herald *herald);

#endif
