/* The rows of attacks; private to core/attack*.c. */
#ifndef CORE_ATTACK_PARTS_H
#define CORE_ATTACK_PARTS_H

#include "core/assault.h"

#define ATTACK_EPSILON_ROW(words, largest)                                     \
    {.name = "epsilons", .unit = "1", .doc = words "; in any order",           \
     .type = ROW_REALS, .is_set = true,                                        \
     .fallback = "[0, 0.00784313725490196, 0.01568627450980392, "              \
                 "0.03137254901960784, 0.06274509803921569]",                  \
     .minimum = 0, .maximum = largest,                                         \
     .offset = offsetof(struct attack_common, epsilons)}

#define ATTACK_L2_EPSILON_ROW                                                  \
    {.name = "epsilons", .unit = "1",                                          \
     .doc = "L2 lengths of the perturbation over all pixels, each from 0 to "  \
            "1; in any order",                                                 \
     .type = ROW_REALS, .is_set = true, .fallback = "[0, 0.25, 0.5, 1, 2]",    \
     .minimum = 0, .maximum = 1000,                                            \
     .offset = offsetof(struct attack_common, epsilons)}

#define ATTACK_BATCH_ROWS                                                      \
    {.name = "n_samples", .unit = "1",                                         \
     .doc = "of the test split, from its first; 0: all", .type = ROW_COUNT,    \
     .fallback = "0", .minimum = 0, .maximum = 0x1p32,                         \
     .offset = offsetof(struct attack_common, n_samples)},                     \
    {.name = "batch_size", .unit = "1",                                        \
     .doc = "samples attacked side by side; no result depends on it",          \
     .type = ROW_COUNT, .fallback = "64", .minimum = 1, .maximum = 65536,      \
     .aside = true, .offset = offsetof(struct attack_common, batch_size)},     \
    {.name = "samples_per_task", .unit = "1",                                  \
     .doc = "an attack on more samples is several tasks of so many, which "    \
            "ranks compute side by side; no result depends on it; 0: one "     \
            "task",                                                            \
     .type = ROW_COUNT, .fallback = "1024", .minimum = 0, .maximum = 0x1p32,   \
     .aside = true,                                                            \
     .offset = offsetof(struct attack_common, samples_per_task)}

/* Of attacks that ask the victim anything. */
#define ATTACK_SAMPLE_ROWS                                                     \
    ATTACK_BATCH_ROWS,                                                         \
    {.name = "n_draws", .unit = "1",                                           \
     .doc = "expectation over transformation: draws of a random encoding or "  \
            "of random gates that a query averages; without such, 1",          \
     .type = ROW_COUNT, .fallback = "10", .minimum = 1, .maximum = 10000,      \
     .offset = offsetof(struct attack_common, n_draws)},                       \
    {.name = "fixed_draw", .unit = "1",                                        \
     .doc = "the attacker knows the random numbers of the verdict's encoding " \
            "and gates: every query is one draw, that one",                    \
     .type = ROW_FLAG, .fallback = "false", .later = true,                     \
     .offset = offsetof(struct attack_common, fixed_draw)}

/* Of attacks that ask the victim more than once. Nested: those whose ball of a
 * larger epsilon holds that of a smaller one. */
#define ATTACK_NESTED_ROWS                                                     \
    {.name = "keep_going", .unit = "1",                                        \
     .doc = "go on with a sample that is misclassified, for an iterate of a "  \
            "larger objective; else it leaves with the first, which costs less", \
     .type = ROW_FLAG, .fallback = "false", .later = true,                     \
     .offset = offsetof(struct attack_common, keep_going)},                    \
    {.name = "warm_start", .unit = "1",                                        \
     .doc = "a sample that is misclassified at one epsilon counts as so at "   \
            "every larger one, and is not attacked again; only where answers " \
            "are not drawn",                                                   \
     .type = ROW_FLAG, .fallback = "false", .later = true,                     \
     .offset = offsetof(struct attack_common, warm_start)},                    \
    {.name = "n_doublings", .unit = "1",                                       \
     .doc = "further epsilons, each twice the one before it, up to 1 in the "  \
            "L-infinity norm: until accuracy is chance; a sample that is "     \
            "misclassified is not attacked again there, unless answers are "   \
            "drawn",                                                           \
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 24,          \
     .later = true, .offset = offsetof(struct attack_common, n_doublings)},    \
    {.name = "n_bisections", .unit = "1",                                      \
     .doc = "halvings of the gap between the largest epsilon that a sample "   \
            "withstands and the smallest that it does not: its distance; 0: "  \
            "as the epsilons tell",                                            \
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 40,          \
     .later = true, .offset = offsetof(struct attack_common, n_bisections)}

#define ATTACK_PIXEL_ROWS                                                      \
    ATTACK_EPSILON_ROW("sizes of the perturbation, in pixels from 0 to 1", 1), \
        ATTACK_SAMPLE_ROWS

/* Parameters that attacks begin with that follow a gradient. */
struct attack_guided {
    struct attack_common common;
    int objective; /* enum objective_name, untargeted */
    size_t n_targets;
};

#define ATTACK_GUIDED_ROWS                                                     \
    ATTACK_NESTED_ROWS,                                                        \
    {.name = "objective", .unit = "1",                                         \
     .doc = "what is made large: cross-entropy, the margin of the logits, or " \
            "the difference of logits ratio",                                  \
     .type = ROW_CHOICE, .choices = objective_choices, .fallback = "ce",       \
     .later = true, .offset = offsetof(struct attack_guided, objective)},      \
    {.name = "n_targets", .unit = "1",                                         \
     .doc = "0: away from the label; else once towards each of so many "       \
            "classes, those that the clean image's logits rank next",          \
     .type = ROW_COUNT, .fallback = "0", .minimum = 0, .maximum = 255,         \
     .later = true, .offset = offsetof(struct attack_guided, n_targets)}

/* Of every attack: there must be a trained network. Of nested ones: what is
 * warm must not be drawn. */
const char *attack_applies(const struct spec *spec);
const char *attack_nested_applies(const struct spec *spec);

extern const struct attack attack_fgsm, attack_rfgsm, attack_bim, attack_pgd;
extern const struct attack attack_mim, attack_pgd_l2, attack_apgd;
extern const struct attack attack_sa_pgd;
extern const struct attack attack_square, attack_sda;
extern const struct attack attack_deepfool, attack_cw_l2, attack_fab;
extern const struct attack attack_autoattack;
extern const struct attack attack_gaussian, attack_uniform, attack_salt_pepper;
extern const struct attack attack_blur, attack_contrast, attack_brightness;

#endif
