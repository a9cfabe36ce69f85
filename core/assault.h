/*
 * An attack on one batch under way: its iterates and scores, the queries about
 * them, and which samples are still under attack. Private to core/attack*.c.
 *
 * The attacker knows what the victim answers to his queries and nothing else;
 * each query takes draws that no other has taken.
 */
#ifndef CORE_ASSAULT_H
#define CORE_ASSAULT_H

#include "core/attack.h"

/* How far an image has come: over the draws of its query, how often it was
 * misclassified and its mean objective, without a target. */
struct attack_score {
    size_t n_wrong;
    double loss;
    double aimed; /* mean objective as asked for, towards its target */
};

bool attack_score_is_better(struct attack_score a, struct attack_score b);

enum { ASSAULT_COLUMNS_MAX = 24, ASSAULT_IMAGES_MAX = 8 };

/* What there is of each sample: the first n entries are of those that are under
 * attack. */
struct assault {
    const struct victim *victim;
    struct attack_batch *batch;
    /* What is asked for, and the same without a target. */
    const struct objective *objective, *untargeted;
    size_t n, n_pixels;
    bool all_stay;  /* to the end, misclassified or not */
    size_t n_draws; /* of a query */
    uint32_t next_draw;
    bool repeats;   /* the attack's: queries are about the images of the last */
    float *clean;        /* [n][n_pixels] */
    float *images;       /* [n][n_pixels] the iterate */
    float *gradient;     /* [n][n_pixels] mean of the last query's draws */
    float *one_gradient; /* [n][n_pixels] of one draw */
    float *own[ASSAULT_IMAGES_MAX]; /* [n][n_pixels], as the attack's state */
    void *state;         /* [n][state.n_bytes], likewise */
    float *epsilon;      /* [n] */
    uint8_t *labels;     /* [n] */
    uint8_t *targets;    /* [n] */
    uint32_t *ids;       /* [n] */
    uint32_t *origin;    /* [n] places in the batch */
    float *logits;       /* [n][n_classes] of the last draw */
    uint8_t *ranked;     /* [n][n_classes] by the clean image's logits */
    struct attack_score *score, *best; /* [n] of images, of adversarial */
    float *loss;         /* [n] of one draw */
    uint8_t *predicted;  /* [n] of the last draw */
    uint32_t *kept;      /* [n] scratch */
    struct assault_column {
        void *at;
        size_t n_bytes; /* of a sample */
    } columns[ASSAULT_COLUMNS_MAX];
    size_t n_columns;
};

/* Arrays come from the batch's scratch; images are the clean ones, of all
 * samples that are not to be skipped. */
struct assault assault_open(const struct attack *attack,
                            const struct attack_common *common,
                            const struct victim *victim,
                            struct attack_batch *batch);

/* From now on the objective is this one, untargeted; or towards the i-th class
 * after the label by the logits of the clean image, which have been ranked
 * after a query about it. */
void assault_pursue(struct assault *assault, enum objective_name name);
void assault_rank_classes(struct assault *assault);
void assault_aim(struct assault *assault, enum objective_name name, size_t i);

/* Asks the victim about `images`: fills score, and gradient. */
void assault_query(struct assault *assault);
void assault_query_gradient(struct assault *assault);

/* Makes the iterate the best one, of one sample, of all, or where it is
 * better. */
void assault_keep(struct assault *assault, size_t i);
void assault_keep_all(struct assault *assault);
void assault_keep_better(struct assault *assault);

/* Lets samples go that `goes` says of. */
void assault_release(struct assault *assault,
                     bool (*goes)(const struct assault *assault, size_t i));

/* Lets samples go whose best iterate is misclassified (none of a victim that
 * is random, or in training); and those of epsilon 0. */
void assault_release_beaten(struct assault *assault);
void assault_release_still(struct assault *assault);

/* Samples first to first + n begin anew: what they were asked about before is
 * forgotten. */
void assault_forget(const struct assault *assault, size_t first, size_t n);

/* Counts zeros in the gradient, which is that at the clean images. */
void assault_count_zeros(const struct assault *assault);
/* There are none, of attacks without a gradient. */
void assault_count_no_zeros(const struct assault *assault);

/* Whether the sample is misclassified in its best iterate, in every draw that
 * was asked for. */
bool assault_is_beaten(const struct assault *assault, size_t i);

#endif
