/*
 * The coordinator: hands the ledger's tasks to the workers, takes their
 * outcomes, keeps them (see struct keeper), and knows when all is done. It
 * knows no clock (the caller says what time it is) and no network but a wire,
 * so that tests can run it on a fake one, thousands of times.
 */
#ifndef SWEEP_COORDINATOR_H
#define SWEEP_COORDINATOR_H

#include "sweep/ledger.h"
#include "sweep/members.h"

/* Where outcomes are made permanent. */
struct keeper {
    void *self;
    void (*append)(void *self, const struct outcome *outcome);
    /* Until it succeeds, nothing of what was appended counts. */
    CHECKED enum status (*flush)(void *self);
    /* Something that people should read, one line. */
    void (*tell)(void *self, const char *line);
    /* NULL, or told what a rank is at, from before it hears of it; NULL: of
     * nothing. */
    void (*mark)(void *self, size_t rank, const struct task *task);
    /* False if the network of this cell, which was trained, is gone. */
    bool (*has_network)(void *self, size_t cell);
};

/* What a task will take. */
struct demand {
    void *self;
    /* Bytes of memory, or the least that it can do with; 0: not known. */
    uint64_t (*n_bytes)(void *self, const struct spec *spec, struct span span,
                        bool least);
};

/* Of finished tasks, by their attack; the first is for trainings. */
struct pace {
    size_t n;
    double share; /* of evaluations: parts are less than one */
    double cost;  /* by the ledger's rule; 0: not known */
    double wall_s;
};

struct coordinator {
    struct wire *wire;
    struct ledger *ledger;
    struct keeper keeper;
    struct demand demand; /* none: unknown */
    double limit_s;      /* of a task; 0: none */
    double n_threads;    /* of a task */
    double end_s;        /* when the run will stop, by its clock; 0: never */
    double useful_s;     /* so long a task has to run to be worth leaving */
    size_t n_late;       /* tasks that were not begun for that */
    double lost_after_s; /* silence of a rank that is at work */
    struct member *members; /* [wire->size] */
    struct member_sets sets;
    double looked_s;        /* for the lost among them */
    struct pace *pace;      /* [n_attacks + 1] */
    struct pace all;        /* the sum of these */
    struct arrival {
        struct task *task;
        enum outcome_state state;
    } *arrivals; /* not yet permanent */
    size_t n_arrivals, arrivals_capacity;
    double first_arrival_s;         /* of those */
    double refused_s, tried_s;      /* since when the disk refuses; 0: not */
    bool stopping, ended;
    bool careful; /* ranks get no tasks in advance: it is known to the task
                     what they are at */
    size_t n_kept, n_dropped;       /* outcomes */
    struct bytes message;           /* scratch */
};

void coordinator_open(struct wire *wire, struct ledger *ledger,
                      struct keeper keeper, struct arena *arena,
                      struct coordinator *coordinator);

/* Takes a message that came from a worker. */
void coordinator_take(struct coordinator *coordinator, size_t from,
                      const struct message *message, double now_s);

/* Hands out, makes permanent, gives up the lost; true if something
 * happened. */
bool coordinator_step(struct coordinator *coordinator, double now_s);

/* Begins to stop: all workers are told. */
void coordinator_stop(struct coordinator *coordinator, double now_s);

/* True if it stops, and every rank has said that it was told to, or that it has
 * stopped. A launcher whose one rank has died tells all others to end, as a
 * batch system does when the job's time is up: by who answers the two can be
 * told apart. */
bool coordinator_stops_together(const struct coordinator *coordinator);

/* True if nothing is left to wait for: the ledger is complete, or (stopping)
 * all workers have stopped or are lost; and what arrived is permanent. */
bool coordinator_is_finished(const struct coordinator *coordinator);

/* True if tasks were not begun for want of time, and nothing else is to do. */
bool coordinator_is_too_late(const struct coordinator *coordinator);

/* Tells all workers that nothing more will come. */
void coordinator_end(struct coordinator *coordinator);

void coordinator_close(struct coordinator *coordinator);

#endif
