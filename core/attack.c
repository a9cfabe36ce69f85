#include "core/attack.h"
#include "core/attack_parts.h"
#include "core/spec.h"
#include "core/training.h"

#include <math.h>
#include <string.h>

const char *attack_applies(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy leaves no network to attack"
               : NULL;
}

static size_t count_entries(const struct assault *assault)
{
    return assault->batch->n * assault->batch->n_pixels;
}

struct assault assault_open(const struct attack_common *common,
                            const struct victim *victim,
                            struct attack_batch *batch, bool gradient)
{
    MUST(batch->n <= victim->n_max && batch->n_pixels == victim->n_pixels);
    size_t n = batch->n * batch->n_pixels;
    struct arena *arena = batch->scratch;
    struct assault assault = {
        .victim = victim,
        .batch = batch,
        .n_draws = victim->random ? common->n_draws : 1,
        .images = ARENA_ARRAY(arena, float, n),
        .score = ARENA_ARRAY(arena, struct attack_score, batch->n),
        .best = ARENA_ARRAY(arena, struct attack_score, batch->n),
        .loss = ARENA_ARRAY(arena, float, batch->n),
        .predicted = ARENA_ARRAY(arena, uint8_t, batch->n),
    };
    if (gradient)
        assault.gradient = ARENA_ARRAY(arena, float, n);
    if (gradient && assault.n_draws > 1)
        assault.one_gradient = ARENA_ARRAY(arena, float, n);
    if (!arena->counting)
        memcpy(assault.images, batch->clean, n * sizeof *batch->clean);
    return assault;
}

size_t attack_memory(const struct attack *attack, const void *params,
                     const struct victim *victim)
{
    struct arena arena = arena_open_counting();
    struct attack_batch batch = {.n = victim->n_max,
                                 .n_pixels = victim->n_pixels,
                                 .scratch = &arena};
    assault_open(params, victim, &batch, attack->gradient);
    return arena.n_bytes;
}

/* queries ------------------------------------------------------------- */

static void begin_query(struct assault *assault)
{
    size_t n = assault->batch->n;
    memset(assault->score, 0, n * sizeof *assault->score);
    assault->batch->n_forward += n * assault->n_draws;
}

/* A loss that is not a number is the attacker's last choice. */
static void add_draw(struct assault *assault)
{
    for (size_t i = 0; i < assault->batch->n; i++) {
        struct attack_score *score = &assault->score[i];
        double loss = (double)assault->loss[i];
        score->n_wrong += assault->predicted[i] != assault->batch->labels[i];
        score->loss += isnan(loss) ? -(double)INFINITY
                                   : loss / (double)assault->n_draws;
    }
}

void assault_query(struct assault *assault)
{
    const struct victim *victim = assault->victim;
    const struct attack_batch *batch = assault->batch;
    begin_query(assault);
    for (size_t i = 0; i < assault->n_draws; i++) {
        victim->predict(victim->self, batch->n, assault->images, batch->labels,
                        batch->ids, assault->next_draw++, assault->loss,
                        assault->predicted);
        add_draw(assault);
    }
}

static void ask_gradient(struct assault *assault, float *gradient)
{
    const struct victim *victim = assault->victim;
    const struct attack_batch *batch = assault->batch;
    victim->gradient(victim->self, batch->n, assault->images, batch->labels,
                     batch->ids, assault->next_draw++, assault->loss,
                     assault->predicted, gradient);
    add_draw(assault);
}

static void add_gradient(size_t n, float share, const float *restrict one,
                         float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += share * one[i];
}

void assault_query_gradient(struct assault *assault)
{
    size_t n = count_entries(assault);
    begin_query(assault);
    assault->batch->n_backward += assault->batch->n * assault->n_draws;
    if (assault->n_draws == 1) {
        ask_gradient(assault, assault->gradient);
        return;
    }
    float share = 1.0f / (float)assault->n_draws;
    memset(assault->gradient, 0, n * sizeof *assault->gradient);
    for (size_t i = 0; i < assault->n_draws; i++) {
        ask_gradient(assault, assault->one_gradient);
        add_gradient(n, share, assault->one_gradient, assault->gradient);
    }
}

/* the best iterate ---------------------------------------------------- */

static void keep(struct assault *assault, size_t i)
{
    const struct attack_batch *batch = assault->batch;
    size_t n = batch->n_pixels;
    assault->best[i] = assault->score[i];
    memcpy(batch->adversarial + i * n, assault->images + i * n,
           n * sizeof *batch->adversarial);
}

static bool is_better(struct attack_score a, struct attack_score b)
{
    if (a.n_wrong != b.n_wrong)
        return a.n_wrong > b.n_wrong;
    return a.loss > b.loss;
}

void assault_keep_all(struct assault *assault)
{
    for (size_t i = 0; i < assault->batch->n; i++)
        keep(assault, i);
}

void assault_keep_better(struct assault *assault)
{
    for (size_t i = 0; i < assault->batch->n; i++)
        if (is_better(assault->score[i], assault->best[i]))
            keep(assault, i);
}

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&attack_fgsm.kind, &attack_bim.kind,
                                           &attack_pgd.kind,
                                           &attack_gaussian.kind};

const struct axis attack_axis = {
    "attack", "from clean images to adversarial ones", kinds,
    KIND_COUNT(kinds), "pgd"};

const struct attack *attack_of(const struct kind *kind)
{
    return (const struct attack *)kind;
}
