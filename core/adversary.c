#include "core/adversary.h"
#include "core/attack_parts.h"
#include "core/rng.h"
#include "core/spec.h"
#include "core/training.h"

static const char *adversary_applies(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy learns from no images"
               : NULL;
}

/* none ---------------------------------------------------------------- */

static const struct adversary none = {
    .kind = {.name = "none", .doc = "the images are learned as they are",
             .cite = "standard", .later = true},
};

/* gaussian ------------------------------------------------------------ */

struct gaussian {
    double deviation, clean_share;
};

static struct adversary_mix mix_of_gaussian(const void *params)
{
    double clean = ((const struct gaussian *)params)->clean_share;
    return (struct adversary_mix){.clean = clean, .adversarial = 1 - clean};
}

static void add_noise(size_t n, float deviation, const float *restrict clean,
                      float *restrict images)
{
    for (size_t i = 0; i < n; i++) {
        float noisy = clean[i] + deviation * images[i];
        noisy = noisy > 0.0f ? noisy : 0.0f;
        images[i] = noisy < 1.0f ? noisy : 1.0f;
    }
}

static void gaussian_perturb(const struct adversary *adversary,
                             const void *params, struct adversary_batch *batch)
{
    (void)adversary;
    float deviation = (float)((const struct gaussian *)params)->deviation;
    size_t n = batch->n_pixels;
    for (size_t i = 0; i < batch->n; i++) {
        struct rng_stream stream = {batch->seed, RNG_ADVERSARY,
                                    rng_lane(batch->ids[i], 0)};
        rng_fill_normal(stream, 0, n, batch->images + i * n);
        add_noise(n, deviation, batch->clean + i * n, batch->images + i * n);
    }
}

static const struct row gaussian_rows[] = {
    {.name = "deviation", .unit = "1",
     .doc = "of the noise of every pixel, which is clipped to [0, 1]; other numbers in each epoch",
     .type = ROW_REAL, .fallback = "0.0313725490196078", .minimum = 0,
     .maximum = 1, .offset = offsetof(struct gaussian, deviation)},
    {.name = "clean_share", .unit = "1",
     .doc = "weight of the clean images' loss; the perturbed ones' has the rest",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,
     .later = true, .offset = offsetof(struct gaussian, clean_share)},
};

static const struct adversary gaussian = {
    .kind = {.name = "gaussian",
             .doc = "Gaussian augmentation: x + noise is learned",
             .cite = "noise of training in Ding et al., ICML 2024 (DLIF); "
                     "default 8/255",
             .rows = gaussian_rows,
             .n_rows = KIND_COUNT(gaussian_rows),
             .params_size = sizeof(struct gaussian),
             .applies = adversary_applies},
    .mix = mix_of_gaussian,
    .perturb = gaussian_perturb,
};

/* what adversarial training has in common ----------------------------- */

struct common {
    double epsilon, clean_share;
    size_t n_draws;
};

#define EPSILON_ROWS                                                           \
    {.name = "epsilon", .unit = "1",                                           \
     .doc = "size of the perturbation, in pixels from 0 to 1",                 \
     .type = ROW_REAL, .fallback = "0.00784313725490196", .minimum = 0,        \
     .maximum = 1, .offset = offsetof(struct common, epsilon)},                \
    {.name = "n_draws", .unit = "1",                                           \
     .doc = "draws of a random encoding or of random gates that a step averages", \
     .type = ROW_COUNT, .fallback = "1", .minimum = 1, .maximum = 10000,       \
     .offset = offsetof(struct common, n_draws)}

#define SHARE_ROW                                                              \
    {.name = "clean_share", .unit = "1",                                       \
     .doc = "weight of the clean images' loss; the perturbed ones' has the rest", \
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,            \
     .offset = offsetof(struct common, clean_share)}

static struct adversary_mix mix_of_common(const void *params)
{
    double clean = ((const struct common *)params)->clean_share;
    return (struct adversary_mix){.clean = clean, .adversarial = 1 - clean};
}

/* The attack's own parameters: those that it shares with the adversary by
 * name, else its defaults. */
static void *attack_params(const struct adversary *adversary,
                           const void *params, struct arena *arena)
{
    const struct kind *attack = &adversary->attack->kind;
    void *own = kind_defaults(attack, arena);
    for (size_t i = 0; i < adversary->kind.n_rows; i++) {
        const struct row *row = &adversary->kind.rows[i];
        const struct row *same = kind_find_row(attack, row->name);
        if (same)
            MUST(row_set(same, row_print(row, params, arena), own, arena) ==
                 STATUS_OK);
    }
    return own;
}

static void attack_perturb(const struct adversary *adversary,
                           const void *params, struct adversary_batch *batch)
{
    struct arena arena = arena_open(), scratch = arena_open();
    float *epsilon = ARENA_ARRAY(&scratch, float, batch->n);
    for (size_t i = 0; i < batch->n; i++)
        epsilon[i] = (float)((const struct common *)params)->epsilon;
    struct attack_batch attacked = {
        .n = batch->n,
        .n_pixels = batch->n_pixels,
        .clean = batch->clean,
        .labels = batch->labels,
        .ids = batch->ids,
        .seed = batch->seed,
        .epsilon = epsilon,
        .adversarial = batch->images,
        .only_last = true,
        .all_stay = true,
        .scratch = &scratch,
    };
    adversary->attack->run(attack_params(adversary, params, &arena),
                           batch->victim, &attacked);
    arena_close(&scratch);
    arena_close(&arena);
}

size_t adversary_memory(const struct adversary *adversary, const void *params,
                        const struct victim *victim)
{
    if (!adversary->attack)
        return 0;
    struct arena arena = arena_open();
    size_t n_bytes = attack_memory(
        adversary->attack, attack_params(adversary, params, &arena), victim);
    arena_close(&arena);
    return n_bytes + victim->n_max * sizeof(float);
}

/* fgsm ---------------------------------------------------------------- */

static const struct row fgsm_rows[] = {EPSILON_ROWS, SHARE_ROW};

static const struct adversary fgsm = {
    .kind = {.name = "fgsm",
             .doc = "adversarial training with FGSM",
             .cite = "Goodfellow et al., ICLR 2015 (arXiv 1412.6572), sec. 6, there with "
                     "clean_share 0.5",
             .rows = fgsm_rows,
             .n_rows = KIND_COUNT(fgsm_rows),
             .params_size = sizeof(struct common),
             .applies = adversary_applies},
    .attack = &attack_fgsm,
    .mix = mix_of_common,
    .perturb = attack_perturb,
};

/* bim, pgd ------------------------------------------------------------ */

struct iterative {
    struct common common;
    size_t n_steps;
    double step, divergence;
    bool random_start;
};

#define STEP_ROWS(count, size)                                                 \
    {.name = "n_steps", .unit = "1", .doc = "gradient steps",                  \
     .type = ROW_COUNT, .fallback = count, .minimum = 1, .maximum = 100000,    \
     .offset = offsetof(struct iterative, n_steps)},                           \
    {.name = "step", .unit = "1",                                              \
     .doc = "size of a step, in pixels from 0 to 1; 0: 2.5 epsilon / n_steps", \
     .type = ROW_REAL, .fallback = size, .minimum = 0, .maximum = 1,           \
     .offset = offsetof(struct iterative, step)}

static const struct row bim_rows[] = {
    EPSILON_ROWS, SHARE_ROW, STEP_ROWS("2", "0.00392156862745098")};

static const struct adversary bim = {
    .kind = {.name = "bim",
             .doc = "adversarial training with BIM",
             .cite = "Kurakin et al., ICLR 2017 (arXiv 1611.01236)",
             .rows = bim_rows,
             .n_rows = KIND_COUNT(bim_rows),
             .params_size = sizeof(struct iterative),
             .applies = adversary_applies},
    .attack = &attack_bim,
    .mix = mix_of_common,
    .perturb = attack_perturb,
};

#define START_ROW                                                              \
    {.name = "random_start", .unit = "1",                                      \
     .doc = "start anywhere in the ball instead of at the clean image",        \
     .type = ROW_FLAG, .fallback = "true",                                     \
     .offset = offsetof(struct iterative, random_start)}

static const struct row pgd_rows[] = {
    EPSILON_ROWS, SHARE_ROW, STEP_ROWS("2", "0.00392156862745098"), START_ROW};

static const struct adversary pgd = {
    .kind = {.name = "pgd",
             .doc = "adversarial training with PGD",
             .cite = "Madry et al., ICLR 2018 (arXiv 1706.06083), eq. 2.1; "
                     "defaults: Xu et al., NeurIPS 2024 (FEEL), epsilon "
                     "2/255, 2 steps of 1/255",
             .rows = pgd_rows,
             .n_rows = KIND_COUNT(pgd_rows),
             .params_size = sizeof(struct iterative),
             .applies = adversary_applies},
    .attack = &attack_pgd,
    .mix = mix_of_common,
    .perturb = attack_perturb,
};

/* trades -------------------------------------------------------------- */

static struct adversary_mix mix_of_trades(const void *params)
{
    return (struct adversary_mix){
        .clean = 1,
        .divergence = ((const struct iterative *)params)->divergence};
}

static const struct row trades_rows[] = {
    EPSILON_ROWS,
    STEP_ROWS("10", "0"),
    {.name = "divergence", .unit = "1",
     .doc = "beta, weight of KL(p(x) || p(x')) beside the clean images' loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "6", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct iterative, divergence)},
};

static const struct adversary trades = {
    .kind = {.name = "trades",
             .doc = "the clean images' loss plus beta times the largest divergence of predictions "
                    "that PGD finds in the ball, from a uniform start (the authors' is normal, "
                    "deviation 0.001)",
             .cite = "Zhang et al., ICML 2019 (TRADES, arXiv 1901.08573), "
                     "eq. 5 with KL, algorithm 1; beta 6",
             .rows = trades_rows,
             .n_rows = KIND_COUNT(trades_rows),
             .params_size = sizeof(struct iterative),
             .applies = adversary_applies},
    .attack = &attack_pgd,
    .mix = mix_of_trades,
    .perturb = attack_perturb,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &none.kind, &gaussian.kind, &fgsm.kind, &bim.kind, &pgd.kind,
    &trades.kind};

const struct axis adversary_axis = {
    "adversary", "what training does to the images that it learns from", kinds,
    KIND_COUNT(kinds), "none"};

const struct adversary *adversary_of(const struct kind *kind)
{
    return (const struct adversary *)kind;
}
