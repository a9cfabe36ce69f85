/*
 * The axis "attack": from clean images to adversarial ones, within a ball of
 * size epsilon and the box [0, 1] of pixels.
 *
 * Kinds: fgsm, rfgsm, bim, pgd, mim, apgd, sa_pgd; in L2 pgd_l2; without a
 * gradient square; minimal: sda, deepfool, cw_l2, fab; several of these one
 * after the other: autoattack; noise: gaussian, uniform, salt_pepper;
 * corruptions: blur, contrast, brightness.
 */
#ifndef CORE_ATTACK_H
#define CORE_ATTACK_H

#include "core/arena.h"
#include "core/kind.h"
#include "core/victim.h"

/* Parameters that all attacks begin with. */
struct attack_common {
    struct reals epsilons; /* in the attack's norm, pixels from 0 to 1; of L0 a
                              number of entries */
    size_t n_samples;      /* of the test split, from its first; 0: all */
    size_t batch_size;     /* aside: results do not depend on it */
    size_t n_draws;        /* EOT: gradients averaged over so many draws of a
                              random encoding or gates; without such, 1 */
    bool fixed_draw;       /* one draw, that by which the attack is judged: to
                              the attacker nothing is random */
    bool warm_start;       /* what a smaller epsilon has won stays won */
    size_t n_bisections;   /* to each sample's smallest epsilon */
    size_t n_doublings;    /* of the largest epsilon, beyond the list */
    bool keep_going;       /* no sample leaves when it is misclassified */
    size_t samples_per_task; /* aside likewise; 0: all */
};

/* How a perturbation is measured. */
enum norm {
    NORM_NONE, /* noise: epsilon is its deviation or severity, and no bound */
    NORM_LINF,
    NORM_L2,
    NORM_L0,
    NORM_N
};

/* The norm of b - a, n pixels each, as far as float images tell; of NORM_NONE
 * the L-infinity. */
double norm_distance(enum norm norm, size_t n, const float *a, const float *b);

/* One batch under attack. The caller owns all arrays. */
struct attack_batch {
    size_t n, n_pixels;
    const float *clean;    /* [n][n_pixels] in [0, 1] */
    const uint8_t *labels; /* [n] */
    const uint32_t *ids;   /* [n] index of the sample in the test split: its
                              random start depends on (seed, id) alone */
    uint64_t seed;
    const float *epsilon;  /* [n] */
    const bool *skip;      /* [n], samples that are left as they are, in all
                              that is put out; NULL: none */
    float *adversarial;    /* [n][n_pixels], out */
    uint32_t *n_zero_pixels; /* [n], out: exact zeros, and what is no number,
                                in the gradient at the clean image; 0 for
                                attacks without one; NULL if only_last */
    uint32_t *n_forward, *n_backward; /* [n], passes are added to them; NULL if
                                         only_last */
    /* In training, where a query less counts more: an attack that follows the
     * gradient gives its last iterate, best or not, and lets no sample go. */
    bool only_last;
    bool all_stay; /* no sample leaves: the longest that it can take */
    double share;  /* with all_stay, in and out: 1; an attack of very many
                      like queries makes some of them, and says which share */
    struct arena *scratch;
};

/* What an attack keeps of a sample besides its iterate. */
struct attack_state {
    size_t n_images; /* arrays of n_pixels floats */
    size_t n_bytes;  /* anything else, zero at first */
};

struct attack {
    struct kind kind;
    enum norm norm;
    bool gradient;    /* needs the victim's gradient */
    bool blind;       /* noise: does not choose by the victim's answers, unless
                         told to take the worst of several */
    bool deterministic; /* takes no random numbers of its own */
    bool single_step; /* takes one gradient step: an iterative attack in the
                         same ball should be at least as strong */
    bool minimal;     /* looks for the smallest perturbation: epsilon does not
                         guide it, but bounds what counts */
    struct attack_state state;
    /* Optional: bytes that `run` takes from its scratch for a batch of
     * victim->n_max, if not those of one assault. */
    size_t (*memory)(const void *params, const struct victim *victim);
    /* At epsilon 0 the output equals the input bit for bit. A sample that is
     * misclassified leaves with the iterate that was first to be so, unless the
     * victim is random; of the others the best iterate is kept: misclassified
     * in more draws before in fewer, then the larger objective. So a result
     * does not depend on what else is in the batch. Where the victim is not
     * random, an attack in a ball that follows the gradient is at least as
     * strong on every sample as one step along it from the clean image (but
     * for other single_step ones). */
    void (*run)(const void *params, const struct victim *victim,
                struct attack_batch *batch);
};

/* The epsilons and what they are extended by, rising: each twice the one before
 * it, up to 1 where that reaches every image. */
struct reals attack_sizes(const struct attack *attack, const void *params);

/* Bytes that `run` takes from its scratch for a batch of victim->n_max. */
size_t attack_memory(const struct attack *attack, const void *params,
                     const struct victim *victim);

/* What is made large at first: parameters called "objective" choose, else it
 * is the cross-entropy. */
extern const struct axis attack_axis;
const struct attack *attack_of(const struct kind *kind);

#endif
